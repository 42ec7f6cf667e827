//! A trial: one exchange with one server, and everything that its cases share.

use std::borrow::Cow;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framecat_core::address::Address;
use framecat_core::check::{
    CaseId, Exchange, Finale, Oracle, Outcome, Piece, Plan, Sample, Script, Seen, Streams, Then,
    Token,
};
use rustix::io::Errno;
use tokio::time::{Instant, sleep};

use super::conversation::{Conversation, Hope, Ran};
use super::eyes::{Eyes, locked};
use super::times::Times;
use crate::endpoint::{ConnectOptions, Stream};
use crate::{Blame, Error};

/// The receive buffer of a slow reader: the kernel doubles it, and half of that is its window.
const SMALL_WINDOW: usize = 4096;

/// How long to wait for a port when all are in TIME_WAIT; Linux takes one again after a second
/// (tcp_tw_reuse, for loopback).
const PORTS: Duration = Duration::from_secs(20);

/// One exchange with one server.
pub(super) struct Trial {
    /// Changes when the target is started again.
    pub(super) address: Mutex<Address>,
    pub(super) options: ConnectOptions,
    pub(super) exchange: Exchange,
    pub(super) streams: Streams,
    pub(super) oracle: Oracle,
    pub(super) eyes: Eyes,
    pub(super) times: Times,
    pub(super) seed: u64,
    /// How many connections there were.
    pub(super) connections: AtomicU64,
    /// Whether connections are kept open, because the target spins on those that are closed.
    pub(super) holds: AtomicBool,
    pub(super) held: Mutex<Vec<Arc<Stream>>>,
    /// What kept us from going on, which is none of the target's.
    pub(super) fault: Mutex<Option<Error>>,
    /// The longest pause within a reply.
    pub(super) pause: Duration,
    /// When the next connection may begin, and how long after that the one behind it.
    pub(super) pace: Option<(Duration, Mutex<Instant>)>,
}

/// What one case came to, in full.
pub(super) struct Tried {
    pub(super) case: CaseId,
    pub(super) outcome: Outcome,
    pub(super) seen: Seen,
    pub(super) then: Vec<Then>,
    token: Option<Token>,
    remark: Option<String>,
}

/// Why there is no conversation.
pub(super) enum NoTalk {
    Refused(Error),
    Setup(String),
}

impl Trial {
    /// Sets how long is waited for what may come, by how long the uncut exchange takes: a slow target is
    /// not a wrong one.
    pub(super) fn set_times(&mut self, slowest: Duration, timeout: Option<Duration>) {
        self.times = Times::of(slowest, timeout, self.holds());
        self.eyes.be_patient(self.times.patience, self.times.silence);
    }

    /// A connection behind its greeting and its steps.
    pub(super) async fn connect(
        &self,
        times: Times,
        expected: usize,
        slow: bool,
        hold: bool,
    ) -> Result<(Conversation<'_>, Option<Token>), NoTalk> {
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        let token = self.exchange.token.as_ref().map(|text| Token::new(text, self.seed, number));
        let mut options = self.options.clone();
        if slow {
            options.socket.recv_buffer = Some(SMALL_WINDOW);
        }
        let stream = Arc::new(self.open(&options).await.map_err(NoTalk::Refused)?);
        stream.acknowledge();
        if hold && self.holds() {
            locked(&self.held).push(stream.clone());
        }
        let failed = |source| {
            NoTalk::Refused(Error::Io { doing: "look at", address: self.address(), source })
        };
        let mut talk = Conversation::new(stream, &self.eyes, times, expected).map_err(failed)?;
        if let Some(greeting) = &self.exchange.greeting {
            talk.step(b"", Some(greeting)).await.map_err(NoTalk::Setup)?;
        }
        for step in &self.exchange.before {
            let send = filled(token.as_ref(), &step.send);
            talk.step(&send, step.until.as_ref()).await.map_err(NoTalk::Setup)?;
        }
        Ok((talk, token))
    }

    fn address(&self) -> Address {
        locked(&self.address).clone()
    }

    /// Goes to another address from now on.
    pub(super) fn go_to(&self, address: &Address) {
        locked(&self.address).clone_from(address);
        self.let_go();
    }

    /// Keeps connections open from now on: the target spins on those that are closed.
    pub(super) fn hold(&self) {
        self.holds.store(true, Ordering::Relaxed);
    }

    /// Whether connections are kept open.
    pub(super) fn holds(&self) -> bool {
        self.holds.load(Ordering::Relaxed)
    }

    /// Closes the connections that were kept open.
    pub(super) fn let_go(&self) {
        locked(&self.held).clear();
    }

    /// Waits until a connection may begin.
    async fn keep_pace(&self) {
        let Some((pace, next)) = &self.pace else { return };
        let begins = {
            let mut next = locked(next);
            let begins = (*next).max(Instant::now());
            *next = begins + *pace;
            begins
        };
        tokio::time::sleep_until(begins).await;
    }

    async fn open(&self, options: &ConnectOptions) -> Result<Stream, Error> {
        self.keep_pace().await;
        let start = Instant::now();
        loop {
            match Stream::connect(&self.address(), options).await {
                Err(error) if no_port(&error) && start.elapsed() < PORTS => {
                    sleep(Duration::from_millis(50)).await;
                }
                other => return other,
            }
        }
    }

    /// Runs one case, with so much patience.
    pub(super) async fn run(&self, case: CaseId, script: &Script, times: Times) -> Tried {
        let expected = self.oracle.expected(case);
        let awaited = expected.as_ref().is_some_and(|expected| !expected.is_empty())
            || case.plan == Plan::Empty;
        let len = expected.map_or(0, |expected| expected.len());
        let (talk, token) =
            match self.connect(times, len, script.slow, script.finale != Finale::Reset).await {
                Ok(talk) => talk,
                Err(NoTalk::Refused(error)) if error.blame() == Blame::Local => {
                    let remark = error.to_string();
                    locked(&self.fault).get_or_insert(error);
                    return Tried::without_talk(case, NoTalk::Setup(remark));
                }
                Err(no) => return Tried::without_talk(case, no),
            };
        let bytes = filled(token.as_ref(), &script.bytes);
        let next = self.next(case).map(|next| filled(token.as_ref(), next));
        let hope = Hope {
            complete: &|got: &[u8]| self.oracle.is_complete(case, got, token.as_ref()),
            end: self.oracle.expected_end(case),
            awaited,
            next: next.as_deref(),
            in_step: &|got: &[u8]| self.oracle.is_in_step(got, token.as_ref()),
        };
        let Ran { mut seen, then } = talk.run(script, &bytes, hope).await;
        seen.due = script.cuts.last().map_or(0, |&cut| self.streams.whole_within(cut));
        let outcome = match seen.endless {
            true => Outcome::Endless,
            false => self.oracle.judge(case, &seen, token.as_ref()),
        };
        Tried { case, outcome, seen, then, token, remark: None }
    }

    /// The message that follows a case, if one does.
    fn next(&self, case: CaseId) -> Option<&[u8]> {
        self.oracle.follows(case).then(|| self.streams.sequence(2).nth(1)).flatten()
    }

    /// A case in full, to be shown.
    pub(super) fn sample(&self, tried: &Tried, script: &Script) -> Sample {
        let bytes = filled(tried.token.as_ref(), &script.bytes);
        let mut wrote = pieces(script, &bytes, &tried.then);
        if tried.seen.followed {
            let bytes = self.next(tried.case).unwrap_or_default();
            let bytes = filled(tried.token.as_ref(), bytes).into_owned();
            wrote.push(Piece { bytes, then: tried.then.last().copied().unwrap_or(Then::Nothing) });
        }
        let mut got = tried.seen.got.clone();
        got.truncate(Sample::KEPT);
        let expected = match tried.seen.followed {
            true => self.oracle.in_step().into(),
            false => self.oracle.expected(tried.case).unwrap_or_default(),
        };
        let expected = expected[..expected.len().min(Sample::KEPT)].to_vec();
        Sample {
            case: tried.case,
            wrote,
            expected,
            expected_end: self.oracle.expected_end(tried.case),
            got,
            got_len: tried.seen.got_len,
            end: tried.seen.end,
            after: tried.seen.after,
            remarks: tried.remark.iter().cloned().collect(),
        }
    }
}

impl std::fmt::Display for NoTalk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoTalk::Refused(error) => error.fmt(f),
            NoTalk::Setup(problem) => f.write_str(problem),
        }
    }
}

impl Tried {
    /// A case of which only the outcome is known.
    pub(super) fn unseen(case: CaseId, outcome: Outcome, script: &Script) -> Tried {
        let mut then = vec![Then::Nothing; script.cuts.len()];
        then.push(match script.finale {
            Finale::Nothing => Then::Nothing,
            Finale::Finish => Then::Finished,
            Finale::Reset => Then::Reset,
        });
        Tried { case, outcome, seen: Seen::default(), then, token: None, remark: None }
    }

    fn without_talk(case: CaseId, no: NoTalk) -> Tried {
        let (outcome, remark) = match no {
            NoTalk::Refused(error) => (Outcome::Refused, error.to_string()),
            NoTalk::Setup(problem) => (Outcome::Setup, problem),
        };
        let remark = Some(remark);
        Tried { case, outcome, seen: Seen::default(), then: Vec::new(), token: None, remark }
    }
}

/// What a script wrote of `bytes`, cut where it says, with what came behind each piece.
pub(super) fn pieces(script: &Script, bytes: &[u8], then: &[Then]) -> Vec<Piece> {
    let mut from = 0;
    let ends = script.cuts.iter().copied().chain([bytes.len()]);
    let cut = |(to, &then): (usize, &Then)| {
        let piece = bytes[from..to].to_vec();
        from = to;
        Piece { bytes: piece, then }
    };
    ends.zip(then).map(cut).collect()
}

/// `bytes` with the connection's own token in them.
pub(super) fn filled<'a>(token: Option<&Token>, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    token.map_or(Cow::Borrowed(bytes), |token| Cow::Owned(token.put_in(bytes)))
}

fn no_port(error: &Error) -> bool {
    let none = |source: &io::Error| Errno::from_io_error(source) == Some(Errno::ADDRNOTAVAIL);
    matches!(error, Error::Connect { source, .. } if none(source))
}
