//! A trial: one exchange with one client, and what all its runs share.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use framecat_core::check::{
    CaseId, ClientOracle, Conduct, Exchange, Leaving, Outcome, Plan, Sample, Script, Streams, Then,
    Token,
};

use super::super::cells::last_lines;
use super::super::trial::{filled, pieces};
use super::play::{Play, Seen};
use super::stand::Stand;
use crate::program::{Command, Ending, ProgramError, Run, RunningClient};

/// How much of an output is kept and compared.
const OUTPUT: usize = 1 << 20;

/// One exchange with one client.
pub(super) struct ClientTrial {
    pub(super) command: Command,
    pub(super) exchange: Exchange,
    pub(super) streams: Streams,
    pub(super) oracle: ClientOracle,
    pub(super) pace: Pace,
    pub(super) gap: Duration,
    pub(super) seed: u64,
    /// How many runs there were.
    pub(super) runs: AtomicU64,
}

/// How long a client is waited for, and what is known of its ways.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How long it may take to connect.
    pub(super) connect: Duration,
    /// How long it may take to come to rest and to read.
    pub(super) patience: Duration,
    /// How long it may take to end once all was said.
    pub(super) limit: Duration,
    /// A client that rests so long when all was said will not end.
    pub(super) stuck: Duration,
    /// How long it may rest on unread bytes.
    pub(super) unmoved: Duration,
    /// Who has said something and rests so long waits for an answer.
    pub(super) opening: Duration,
    /// The same of one that cannot be seen.
    pub(super) quiet: Duration,
    /// How many bytes it says first.
    pub(super) opens_with: Option<u64>,
    /// The stream is ended for a client that has rested so long: it does not end before.
    pub(super) end_after: Option<Duration>,
    /// It never rests.
    pub(super) restless: bool,
    pub(super) is_learning: bool,
}

/// One run, in full.
pub(super) struct Ran {
    pub(super) conduct: Conduct,
    pub(super) seen: Seen,
    pub(super) others: u32,
    pub(super) run: Run,
    /// How long it took from its connection to its end.
    pub(super) talked: Duration,
    pub(super) token: Option<Token>,
}

/// What one case came to, in full.
pub(super) struct Tried {
    pub(super) case: CaseId,
    pub(super) outcome: Outcome,
    pub(super) ran: Ran,
}

impl Pace {
    /// Before anything is known of the client. It rests for a while before it is taken to wait for the
    /// end of the stream, so that one that only takes a short nap is not.
    pub(super) fn unknown(timeout: Option<Duration>) -> Pace {
        let limit = timeout.unwrap_or(Duration::from_secs(10));
        let patience = Duration::from_secs(2).min(limit);
        Pace {
            connect: limit,
            patience,
            limit,
            stuck: limit,
            unmoved: patience,
            opening: Duration::from_millis(50),
            quiet: Duration::from_millis(300),
            opens_with: None,
            end_after: Some(Duration::from_millis(300)),
            restless: false,
            is_learning: true,
        }
    }

    /// For a client whose whole run takes so long at most, and its conversation in that. A busy machine
    /// makes a program slow; it does not make it rest.
    pub(super) fn learned(
        self,
        slowest: Duration,
        talk: Duration,
        timeout: Option<Duration>,
    ) -> Pace {
        let limit = timeout.unwrap_or((slowest * 20).max(Duration::from_secs(2)));
        Pace {
            connect: limit,
            patience: limit,
            limit,
            stuck: (talk * 5).max(Duration::from_millis(250)).min(limit),
            opening: Duration::from_millis(20),
            is_learning: false,
            ..self
        }
    }

    /// For a case that is run again by itself.
    pub(super) fn patient(self) -> Pace {
        let stuck = (self.stuck * 2).max(Duration::from_secs(2)).min(self.limit);
        Pace { stuck, ..self }
    }

    /// How long a client is to rest when it has said so much, until it is taken to wait for an answer.
    pub(super) fn silence_after(&self, heard: u64) -> Duration {
        match self.opens_with {
            // As much as ever: no more is to come.
            Some(usual) if usual == heard => Duration::ZERO,
            Some(usual) if usual > heard => self.stuck,
            // It may be one that waits to be greeted.
            None if heard == 0 => self.opening * 4,
            _ => self.opening,
        }
    }
}

impl ClientTrial {
    /// Runs the client once.
    ///
    /// # Errors
    /// If the system does not start it.
    pub(super) async fn play(
        &self,
        stand: &Stand,
        script: &Script,
        pace: Pace,
    ) -> Result<Ran, ProgramError> {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let token = self.exchange.token.as_ref().map(|text| Token::new(text, self.seed, number));
        stand.clear();
        let client = RunningClient::start(&self.command, &stand.place, OUTPUT)?;
        let mut seen = Seen::default();
        let (ended, others) = {
            let others = AtomicU32::new(0);
            let (trial, token) = (self, token.as_ref());
            let play = Play { trial, stand, client: &client, script, pace, token, others };
            let ended = tokio::select! {
                ending = client.ended() => Some(ending),
                () = play.run(&mut seen) => None,
            };
            (ended, play.others.into_inner())
        };
        let talked = seen.connected.map(|connected| connected.elapsed()).unwrap_or_default();
        let run = client.finish(ended).await;
        seen.connection = None;
        let leaving = match run.ending {
            _ if run.timed_out => Leaving::Hung,
            Some(Ending::Exited(status)) => Leaving::Exited(Some(status)),
            Some(Ending::Killed(signal)) => Leaving::Killed(signal),
            _ => Leaving::Exited(None),
        };
        let conduct = Conduct { output: run.stdout.clone(), lost: run.lost, leaving };
        Ok(Ran { conduct, seen, others, run, talked, token })
    }

    /// Runs one case.
    pub(super) async fn run(
        &self,
        stand: &Stand,
        case: CaseId,
        script: &Script,
        mut pace: Pace,
    ) -> Result<Tried, ProgramError> {
        // Whatever a client makes of what it must not take, it is to end with the stream.
        if matches!(case.plan, Plan::Empty | Plan::Oversize) {
            pace.end_after = pace.end_after.or(Some(pace.opening));
        }
        let ran = self.play(stand, script, pace).await?;
        let outcome = match (ran.conduct.leaving, ran.seen.connected.is_some(), &ran.seen.setup) {
            (Leaving::Killed(_), ..) => Outcome::Crashed,
            (_, false, _) => Outcome::Refused,
            (_, _, Some(_)) => Outcome::Setup,
            _ => self.oracle.judge(case, &ran.conduct, ran.token.as_ref()),
        };
        Ok(Tried { case, outcome, ran })
    }

    /// A case in full, to be shown.
    pub(super) fn sample(&self, tried: &Tried, script: &Script) -> Sample {
        let Ran { conduct, seen, run, token, .. } = &tried.ran;
        let bytes = filled(token.as_ref(), &script.bytes);
        let wrote = pieces(script, &bytes, &seen.then);
        let mut remarks: Vec<String> = seen.setup.iter().cloned().collect();
        if seen.connected.is_none() {
            remarks.push("it did not connect".into());
        }
        let expected = self.oracle.expected(tried.case);
        remarks.extend(expected.and_then(|expected| left(conduct, expected)));
        remarks.extend(last_lines(&run.stderr));
        let kept = |bytes: &[u8]| bytes[..bytes.len().min(Sample::KEPT)].to_vec();
        Sample {
            case: tried.case,
            wrote,
            expected: expected.map_or_else(Vec::new, |expected| kept(&expected.output)),
            expected_end: None,
            got: kept(&conduct.output),
            got_len: conduct.output.len() as u64 + conduct.lost,
            end: Default::default(),
            after: run.after,
            remarks,
        }
    }
}

impl Tried {
    /// What became of the pieces, as far as cuts are behind them.
    pub(super) fn then(&self) -> &[Then] {
        &self.ran.seen.then
    }
}

/// How a client left, where that is to be said.
fn left(conduct: &Conduct, expected: &Conduct) -> Option<String> {
    let instead = match expected.leaving {
        Leaving::Exited(Some(status)) => format!(" instead of {status}"),
        _ => String::new(),
    };
    match conduct.leaving {
        Leaving::Hung => None,
        Leaving::Killed(signal) => Some(format!("it {}", Ending::Killed(signal))),
        Leaving::Exited(Some(status)) if conduct.leaving != expected.leaving => {
            Some(format!("it ended with status {status}{instead}"))
        }
        Leaving::Exited(status) => status.map(|status| format!("it ended with status {status}")),
    }
}
