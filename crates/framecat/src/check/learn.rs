//! Learning: the uncut exchange, several times, and what the target is like.

use std::time::Duration;

use framecat_core::check::{
    Baseline, CaseId, End, Expect, Note, Oracle, Outcome, Plan, Seen, Severity, Then, Token,
    Verdict, differences, propose_mask,
};
use tokio::time::Instant;

use super::conversation::Conversation;
use super::inbox::Inbox;
use super::manners::learn_manners;
use super::target::Target;
use super::trial::{NoTalk, Trial, filled};
use super::turns::learn_turns;
use super::{CheckError, aftermath};

/// How often the exchange is run uncut. A target that answers in two ways by chance is found out in
/// three of four checks by three runs, and the rest by the plans.
pub(super) const RUNS: u32 = 3;

/// The exchange as it is when nothing is cut.
pub(super) const UNCUT: CaseId = CaseId { plan: Plan::Coalesce(1), at: None };

/// What was learned of a target.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) baseline: Baseline,
    /// Why there is nothing to check.
    pub(super) verdict: Option<Verdict>,
    pub(super) notes: Vec<Note>,
    /// Why several messages cannot be joined.
    pub(super) no_turns: Option<String>,
    /// How many requests fill the target's buffers.
    pub(super) many: Option<u64>,
    /// It serves one connection at a time.
    pub(super) serial: bool,
    /// It takes no connections any more.
    pub(super) gone: bool,
    /// It never rests, even before anybody talked to it.
    pub(super) restless: bool,
}

impl Learned {
    fn stop(mut self, verdict: Verdict) -> Learned {
        self.verdict = Some(verdict);
        self
    }

    pub(super) fn note(&mut self, severity: Severity, text: impl Into<String>) {
        self.notes.push(Note { severity, text: text.into(), stderr: Vec::new() });
    }

    fn failed(mut self, no: NoTalk) -> Learned {
        let (verdict, text) = match no {
            NoTalk::Refused(error) => (Verdict::Unreachable, error.to_string()),
            NoTalk::Setup(problem) => (Verdict::Setup, problem),
        };
        self.note(Severity::Fail, text);
        self.stop(verdict)
    }
}

/// Learns what the exchange comes to uncut, sets the trial's times and fills its oracle.
///
/// # Errors
/// If the target cannot be started again.
pub(super) async fn learn(
    trial: &mut Trial,
    target: &mut Target,
    plans: &[Plan],
    timeout: Option<Duration>,
) -> Result<Learned, CheckError> {
    let rests = aftermath::spinning(&trial.eyes).await.is_none();
    if !rests {
        trial.eyes.give_up_rest();
    }
    let mut learned = Learned { restless: !rests, ..Learned::default() };
    let mut runs: Vec<(Seen, Option<Token>)> = Vec::new();
    let mut timed = 0;
    for run in 0..RUNS {
        let first =
            runs.first().map(|(seen, token)| trial.oracle.blanked(&seen.got, token.as_ref()));
        match uncut(trial, first.as_deref()).await {
            Ok((seen, token, then)) => {
                runs.push((seen, token));
                timed += u32::from(then == Then::Timed);
            }
            Err(no) => return Ok(learned.failed(no)),
        }
        let silent = runs[0].0.got.is_empty() && !trial.oracle.expects_silence();
        if silent {
            let Seen { end, after, .. } = runs[0].0;
            learned.baseline = Baseline { runs: 1, end, slowest: after, ..Baseline::default() };
            return Ok(learned.stop(Verdict::NoReply));
        }
        if let Some((seen, _)) = runs.last().filter(|(seen, _)| seen.endless) {
            let came = seen.got_len;
            let text = format!("never stops sending: {came} B came in answer to the uncut request");
            learned.note(Severity::Fail, text);
            return Ok(learned.stop(Verdict::WrongUncut));
        }
        if run == 0 && rests {
            calm(trial, target, &mut learned).await?;
        }
    }
    // One that was reset at once may look as if it were out of sight.
    if timed == RUNS {
        trial.eyes.close();
    }
    Ok(conclude(trial, plans, timeout, learned, &runs).await)
}

/// Makes sure that a target which spins on every connection that was closed has none.
async fn calm(
    trial: &mut Trial,
    target: &mut Target,
    learned: &mut Learned,
) -> Result<(), CheckError> {
    let Some(share) = aftermath::spinning(&trial.eyes).await else { return Ok(()) };
    learned.note(Severity::Fail, format!("spins after a plain exchange: {share}"));
    // One that cannot be started again would spin on the first connection all the same.
    if target.is_ours() {
        trial.hold();
        target.restart().await?;
        trial.go_to(target.address());
        trial.eyes.watch(target.sleepers().await);
    }
    Ok(())
}

/// What follows from the uncut runs; if they are right and alike, more is learned.
async fn conclude(
    trial: &mut Trial,
    plans: &[Plan],
    timeout: Option<Duration>,
    mut learned: Learned,
    runs: &[(Seen, Option<Token>)],
) -> Learned {
    learned.baseline = baseline(&trial.oracle, runs);
    let alike = learned.baseline.alike == learned.baseline.runs;
    if !trial.oracle.is_expected(&runs[0].0.got, runs[0].1.as_ref()) {
        match &trial.exchange.expect {
            Some(Expect::Bytes(bytes)) => learned.baseline.expected = Some(bytes.clone()),
            Some(Expect::Pattern(pattern)) => {
                learned.baseline.expected_pattern = Some(pattern.as_str().to_owned());
            }
            None => {}
        }
        return learned.stop(Verdict::WrongUncut);
    }
    // A pattern that must be found says what matters; the rest may differ.
    if !alike && !trial.oracle.expects_pattern() {
        return learned.stop(Verdict::NotDeterministic);
    }
    let (first, token) = &runs[0];
    trial.oracle.learn_reply(&first.got, first.end, token.as_ref());
    trial.set_times(learned.baseline.slowest, timeout);
    learn_turns(trial, plans, &mut learned).await;
    learn_manners(trial, &mut learned).await;
    learned
}

/// Runs the exchange uncut; `known` is what came before. Whether the target can be seen at all is found out on the way.
async fn uncut(trial: &Trial, known: Option<&[u8]>) -> Result<(Seen, Option<Token>, Then), NoTalk> {
    let (mut talk, token) = trial.connect(trial.times, Inbox::UNKNOWN, false, true).await?;
    let start = Instant::now();
    talk.write(&filled(token.as_ref(), trial.streams.request()), false).await;
    let then = talk.cut().await;
    Ok((answer(trial, &mut talk, start, known, token.as_ref()).await, token, then))
}

async fn answer(
    trial: &Trial,
    talk: &mut Conversation<'_>,
    start: Instant,
    known: Option<&[u8]>,
    token: Option<&Token>,
) -> Seen {
    if trial.oracle.expects_silence() {
        return silence(talk, start).await;
    }
    let whole = |got: &[u8]| trial.oracle.may_be_whole(got, token);
    let complete =
        |got: &[u8]| known.is_some_and(|known| *trial.oracle.blanked(got, token) == *known);
    talk.answer(start, &whole, &complete, false).await
}

pub(super) async fn silence(talk: &mut Conversation<'_>, start: Instant) -> Seen {
    talk.collect(&|_| false, None, false, false).await;
    talk.answered(start)
}

fn baseline(oracle: &Oracle, runs: &[(Seen, Option<Token>)]) -> Baseline {
    let blanked: Vec<Vec<u8>> =
        runs.iter().map(|(seen, token)| oracle.blanked(&seen.got, token.as_ref()).into()).collect();
    let like_first = |(reply, (seen, _)): (&Vec<u8>, &(Seen, _))| {
        *reply == blanked[0] && closes(seen.end) == closes(runs[0].0.end)
    };
    let alike = blanked.iter().zip(runs).map(like_first).filter(|alike| *alike).count();
    let other = blanked.iter().find(|reply| **reply != blanked[0]);
    Baseline {
        runs: runs.len() as u32,
        alike: alike as u32,
        reply: runs[0].0.got.clone(),
        end: runs[0].0.end,
        slowest: runs.iter().map(|(seen, _)| seen.after).max().unwrap_or_default(),
        differences: other.map_or_else(Vec::new, |other| differences(&blanked[0], other)),
        proposed_mask: propose_mask(&blanked),
        expected: None,
        expected_pattern: None,
    }
}

fn closes(end: End) -> bool {
    end != End::Open
}

/// What the plain exchange comes to now.
pub(super) async fn plain(trial: &Trial) -> Outcome {
    match trial.streams.script(UNCUT, trial.seed) {
        Some(script) => trial.run(UNCUT, &script, trial.times).await.outcome,
        None => Outcome::Same,
    }
}
