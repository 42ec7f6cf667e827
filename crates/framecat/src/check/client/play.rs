//! One run of a client: its command is started, its connection taken, what it says first is heard, and
//! then the script is played.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use framecat_core::check::{Finale, Script, Then, Token};
use tokio::time::{Instant, sleep, timeout};

use super::super::conversation::{Conversation, Waited};
use super::super::eyes::Eyes;
use super::super::inbox::Inbox;
use super::super::times::Times;
use super::super::trial::filled;
use super::stand::Stand;
use super::trial::{ClientTrial, Pace};
use crate::endpoint::Stream;
use crate::kernel::Witness;
use crate::kernel::process::Sleepers;
use crate::program::RunningClient;

/// How often it is looked whether the client rests.
const TICK: Duration = Duration::from_millis(1);

/// Who leaves so many pieces unread gets the rest at once: it reads no more.
const UNREAD: u32 = 2;

/// What was seen of a client's connections while it ran.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// When it connected, if it has.
    pub(super) connected: Option<Instant>,
    /// How many bytes it said before it was answered.
    pub(super) opening: u64,
    /// How it failed in a step before the exchange.
    pub(super) setup: Option<String>,
    /// What came behind each piece.
    pub(super) then: Vec<Then>,
    /// How long it took at most until a piece was read.
    pub(super) reading: Duration,
    /// All was said, it rested, and we ended the stream for it.
    pub(super) was_ended: bool,
    /// It was busy without end although it had read everything.
    pub(super) restless: bool,
    /// Keeps the connection open until a client that hangs has been ended: our close would be one more
    /// thing that happens to it.
    pub(super) connection: Option<Arc<Stream>>,
}

/// A script for one client, and all that it is played with.
pub(super) struct Play<'a> {
    pub(super) trial: &'a ClientTrial,
    pub(super) stand: &'a Stand,
    pub(super) client: &'a RunningClient,
    pub(super) script: &'a Script,
    pub(super) pace: Pace,
    pub(super) token: Option<&'a Token>,
    /// How many connections the client made besides.
    pub(super) others: AtomicU32,
}

impl Play<'_> {
    /// Plays the script. It returns when there is no use in waiting for the client to end.
    pub(super) async fn run(&self, seen: &mut Seen) {
        let Ok(stream) = timeout(self.pace.connect, self.stand.accept()).await else { return };
        seen.connected = Some(Instant::now());
        tokio::select! {
            () = self.converse(stream, seen) => {}
            never = self.serve_others() => match never {},
        }
    }

    async fn converse(&self, stream: Stream, seen: &mut Seen) {
        let mut eyes = self.eyes();
        let Pace { patience, unmoved, opening, quiet, .. } = self.pace;
        eyes.be_patient(patience, unmoved);
        let times = Times { silence: opening, surplus: opening, quiet, patience };
        let stream = Arc::new(stream);
        seen.connection = Some(stream.clone());
        let Ok(mut talk) = Conversation::new(stream, &eyes, times, 0) else {
            return self.wait_for_end(&eyes, None).await;
        };
        talk.inbox = Inbox::of_client();
        if let Err(problem) = self.open(&mut talk, seen).await {
            seen.setup = Some(problem);
            return;
        }
        self.write_pieces(&mut talk, seen).await;
        match self.script.finale {
            Finale::Reset => {
                talk.stream.end_with_reset();
                seen.connection = None;
                drop(talk);
                return self.wait_for_end(&eyes, None).await;
            }
            Finale::Finish => drop(talk.stream.finish()),
            Finale::Nothing => {}
        }
        if let (Finale::Nothing, Some(rest)) = (self.script.finale, self.pace.end_after) {
            self.wait_for_rest(&eyes, Some(&mut talk), rest, self.pace.quiet).await;
            let _ = talk.stream.finish();
            seen.was_ended = true;
        }
        self.wait_for_end(&eyes, Some(&mut talk)).await;
    }

    fn eyes(&self) -> Eyes {
        // What cannot be seen is waited for, and the report counts that.
        let sleepers = Sleepers::new(&self.client.pids()).ok();
        let eyes = Eyes::new(Witness::open().ok(), sleepers, self.trial.gap);
        if self.pace.restless {
            eyes.give_up_rest();
        }
        eyes
    }

    /// Hears what the client says first, until it waits.
    async fn open(&self, talk: &mut Conversation<'_>, seen: &mut Seen) -> Result<(), String> {
        let exchange = &self.trial.exchange;
        if let Some(greeting) = &exchange.greeting {
            talk.step(b"", Some(greeting)).await?;
        }
        for step in &exchange.before {
            talk.step(&filled(self.token, &step.send), step.until.as_ref()).await?;
        }
        loop {
            talk.inbox.drain(&talk.stream);
            let heard = talk.inbox.len();
            seen.opening = heard;
            if talk.inbox.end().is_some() || talk.inbox.is_endless() {
                return Ok(());
            }
            match talk.wait(self.pace.silence_after(heard), talk.times.quiet).await {
                Waited::Readable => {}
                Waited::Silent => return Ok(()),
                Waited::Late => {
                    seen.restless = talk.eyes.asleep() == Some(false);
                    return Ok(());
                }
            }
        }
    }

    async fn write_pieces(&self, talk: &mut Conversation<'_>, seen: &mut Seen) {
        let bytes = filled(self.token, &self.script.bytes);
        let mut from = 0;
        let mut unread = 0;
        for to in self.script.cuts.iter().copied().chain([bytes.len()]) {
            // So it stays if the client ends meanwhile.
            seen.then.push(Then::Gone);
            let last = seen.then.len() > self.script.cuts.len();
            if !talk.write(&bytes[from..to], false).await {
                return;
            }
            from = to;
            let start = Instant::now();
            let then = match last {
                false if unread >= UNREAD => Then::NotRead,
                // While it is learned how long a client takes to read, the last piece is waited for too.
                true if !self.pace.is_learning => Then::Nothing,
                _ => talk.cut().await,
            };
            unread += u32::from(then == Then::NotRead);
            seen.reading = seen.reading.max(start.elapsed());
            let then = match (last, then, self.script.finale) {
                (false, then, _) => then,
                (true, Then::Gone, _) => Then::Gone,
                (true, _, Finale::Reset) => Then::Reset,
                (true, _, Finale::Finish) => Then::Finished,
                (true, ..) => Then::Nothing,
            };
            if let Some(last) = seen.then.last_mut() {
                *last = then;
            }
            if then == Then::Gone {
                return;
            }
        }
    }

    /// Waits until the client has rested for so long; where that cannot be seen, for the time `unseen`.
    async fn wait_for_rest(
        &self,
        eyes: &Eyes,
        mut talk: Option<&mut Conversation<'_>>,
        rest: Duration,
        unseen: Duration,
    ) {
        let start = Instant::now();
        let mut resting: Option<Instant> = None;
        while start.elapsed() < self.pace.limit {
            sleep(TICK).await;
            if let Some(talk) = &mut talk {
                talk.inbox.drain(&talk.stream);
            }
            match eyes.asleep() {
                Some(true) => {
                    let since = *resting.get_or_insert_with(Instant::now);
                    if since.elapsed() >= rest {
                        return;
                    }
                }
                Some(false) => resting = None,
                None if start.elapsed() >= unseen => return,
                None => {}
            }
        }
    }

    /// Waits for the end of the client: until the limit is over, or it rests so long that nothing will
    /// come of it.
    async fn wait_for_end(&self, eyes: &Eyes, talk: Option<&mut Conversation<'_>>) {
        self.wait_for_rest(eyes, talk, self.pace.stuck, self.pace.limit).await;
    }

    /// Serves further connections uncut, as well as may be: what the first says is not known to be what
    /// the others do.
    async fn serve_others(&self) -> Infallible {
        let mut served = tokio::task::JoinSet::new();
        loop {
            let stream = self.stand.accept().await;
            self.others.fetch_add(1, Ordering::Relaxed);
            while served.try_join_next().is_some() {}
            if served.len() >= MOST_OTHERS {
                continue;
            }
            let bytes = filled(self.token, &self.script.bytes).into_owned();
            served.spawn(serve_uncut(stream, bytes, self.pace.quiet));
        }
    }
}

/// How many further connections are served at once; more are closed.
const MOST_OTHERS: usize = 64;

/// Serves a connection without cuts, until the client closes it.
async fn serve_uncut(stream: Stream, bytes: Vec<u8>, silence: Duration) {
    let mut inbox = Inbox::of_client();
    loop {
        let heard = inbox.drain(&stream);
        if inbox.end().is_some() || inbox.is_endless() || (!heard && inbox.heard_all()) {
            break;
        }
        if timeout(silence, stream.readable()).await.is_err() {
            break;
        }
    }
    let mut rest = &bytes[..];
    while !rest.is_empty() && !inbox.is_endless() && stream.writable().await.is_ok() {
        match stream.try_write(rest) {
            Ok(taken) => rest = &rest[taken..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
    let _ = stream.finish();
    while inbox.end().is_none() && !inbox.heard_all() && !inbox.is_endless() {
        inbox.drain(&stream);
        if stream.readable().await.is_err() {
            return;
        }
    }
}
