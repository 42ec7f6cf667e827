//! Learning: the uncut exchange, several times, and what the client is like.

use std::time::Duration;

use framecat_core::check::{
    Baseline, Conduct, Expect, Leaving, Note, Plan, Severity, Verdict, differences, propose_mask,
};
use framecat_core::diagram::count;

use super::super::learn::RUNS;
use super::stand::Stand;
use super::trial::{ClientTrial, Pace, Ran};
use crate::program::ProgramError;

/// How often the exchange with more messages is run.
const TURNS_RUNS: u32 = 2;

/// How long a client rests on unread bytes at least until that is taken for its way: a nap "until
/// everything has come" is longer than any scheduler's delay.
const UNMOVED: Duration = Duration::from_millis(500);

/// A client that ends with the stream gets its end when it has rested so long.
const END_AFTER: Duration = Duration::from_millis(20);

/// What was learned of a client.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) baseline: Baseline,
    /// Why there is nothing to check.
    pub(super) verdict: Option<Verdict>,
    pub(super) notes: Vec<Note>,
    /// Why so many messages cannot be joined.
    pub(super) no_turns: Vec<(usize, String)>,
}

impl Learned {
    fn note(&mut self, severity: Severity, text: impl Into<String>, stderr: &[u8]) {
        self.notes.push(Note { severity, text: text.into(), stderr: stderr.to_vec() });
    }

    fn failed(mut self, verdict: Verdict, text: impl Into<String>, ran: &Ran) -> Learned {
        self.note(Severity::Fail, text, &ran.run.stderr);
        self.verdict = Some(verdict);
        self
    }
}

/// Learns what the client does when nothing is cut, and how long it takes.
///
/// # Errors
/// If the system does not start it.
pub(super) async fn learn(
    trial: &mut ClientTrial,
    stand: &Stand,
    plans: &[Plan],
    timeout: Option<Duration>,
) -> Result<Learned, ProgramError> {
    let mut learned = Learned::default();
    let messages = trial.streams.messages().len();
    let script = trial.streams.in_turn(messages);
    let mut runs: Vec<Ran> = Vec::new();
    for number in 0..RUNS {
        let ran = trial.play(stand, &script, trial.pace).await?;
        if let Some((verdict, text)) = useless(&ran, stand) {
            learned.baseline.runs = number + u32::from(ran.seen.connected.is_some());
            learned.baseline.reply = ran.conduct.output.clone();
            learned.baseline.slowest = ran.run.after;
            return Ok(learned.failed(verdict, text, &ran));
        }
        runs.push(ran);
        observe(&mut trial.pace, &runs);
    }
    learned.baseline = baseline(trial, &runs);
    if let Some(verdict) = unfit(trial, &runs, &mut learned) {
        learned.verdict = Some(verdict);
        return Ok(learned);
    }
    let first = &runs[0];
    trial.oracle.learn(messages, &first.conduct, first.token.as_ref());
    if trial.pace.end_after.is_some() {
        trial.oracle.learn_end();
    }
    let talk = runs.iter().skip(1).map(|ran| ran.talked).max().unwrap_or_default();
    trial.pace = trial.pace.learned(learned.baseline.slowest, talk, timeout);
    describe(&runs, &mut learned);
    for plan in plans {
        if let Plan::Coalesce(count) | Plan::Straddle(count) = plan {
            learn_turns(trial, stand, *count as usize, &mut learned).await?;
        }
    }
    Ok(learned)
}

/// Why nothing can be learned from a run.
fn useless(ran: &Ran, stand: &Stand) -> Option<(Verdict, String)> {
    let ending = match (ran.run.timed_out, ran.run.ending) {
        (true, _) => "did not end".to_owned(),
        (false, Some(ending)) => ending.to_string(),
        (false, None) => "ended".to_owned(),
    };
    if ran.seen.connected.is_none() {
        let address = stand.listener.address();
        let text = format!("the client did not connect to {address} and {ending}");
        return Some((Verdict::Unreachable, text));
    }
    if let Some(problem) = &ran.seen.setup {
        return Some((Verdict::Setup, problem.clone()));
    }
    match ran.conduct.leaving {
        Leaving::Hung => {
            let text = "the client does not end even uncut, and when the stream has ended";
            Some((Verdict::WrongUncut, text.into()))
        }
        Leaving::Killed(_) => {
            Some((Verdict::WrongUncut, format!("the client {ending} even uncut")))
        }
        Leaving::Exited(_) => None,
    }
}

/// Learns the client's ways from the runs so far.
fn observe(pace: &mut Pace, runs: &[Ran]) {
    let says = runs[0].seen.opening;
    let alike = runs.iter().all(|ran| ran.seen.opening == says);
    pace.opens_with = alike.then_some(says);
    pace.end_after = runs.iter().any(|ran| ran.seen.was_ended).then_some(END_AFTER);
    let reading = runs.iter().map(|ran| ran.seen.reading).max().unwrap_or_default();
    pace.unmoved = (reading * 2).max(UNMOVED);
    pace.restless |= runs.iter().any(|ran| ran.seen.restless);
}

fn baseline(trial: &ClientTrial, runs: &[Ran]) -> Baseline {
    let blanked: Vec<Vec<u8>> = runs.iter().map(|ran| blanked(trial, ran).output).collect();
    let other = blanked.iter().find(|output| **output != blanked[0]);
    let first = blanked_conducts(trial, runs);
    let alike = first.iter().filter(|conduct| trial.oracle.alike(&first[0], conduct)).count();
    Baseline {
        runs: runs.len() as u32,
        alike: alike as u32,
        reply: runs[0].conduct.output.clone(),
        // The first run has our own waits in it, while nothing was known of the client.
        slowest: runs.iter().skip(1).map(|ran| ran.run.after).max().unwrap_or_default(),
        differences: other.map_or_else(Vec::new, |other| differences(&blanked[0], other)),
        proposed_mask: propose_mask(&blanked),
        ..Baseline::default()
    }
}

fn blanked_conducts(trial: &ClientTrial, runs: &[Ran]) -> Vec<Conduct> {
    runs.iter().map(|ran| blanked(trial, ran)).collect()
}

fn blanked(trial: &ClientTrial, ran: &Ran) -> Conduct {
    let output = trial.oracle.blanked(&ran.conduct.output, ran.token.as_ref()).into_owned();
    Conduct { output, ..ran.conduct.clone() }
}

/// Whether the uncut runs are no measure for others.
fn unfit(trial: &ClientTrial, runs: &[Ran], learned: &mut Learned) -> Option<Verdict> {
    let first = &runs[0];
    if !trial.oracle.is_expected(&first.conduct.output, first.token.as_ref()) {
        match &trial.exchange.expect {
            Some(Expect::Bytes(bytes)) => learned.baseline.expected = Some(bytes.clone()),
            Some(Expect::Pattern(pattern)) => {
                learned.baseline.expected_pattern = Some(pattern.as_str().to_owned());
            }
            None => {}
        }
        return Some(Verdict::WrongUncut);
    }
    if learned.baseline.alike == learned.baseline.runs {
        return None;
    }
    let other = runs.iter().find(|ran| ran.conduct.leaving != first.conduct.leaving);
    if let (Some(one), Some(other)) = (first.run.ending, other.and_then(|other| other.run.ending)) {
        let text = format!("the client {one} in one uncut run, and {other} in another");
        learned.note(Severity::Fail, text, &[]);
    }
    Some(Verdict::NotDeterministic)
}

/// Says what is worth knowing of the client as a whole.
fn describe(runs: &[Ran], learned: &mut Learned) {
    let first = &runs[0];
    if let Some(ending) = first.run.ending.filter(|ending| !ending.is_success()) {
        learned.note(Severity::Property, format!("{ending} even uncut"), &first.run.stderr);
    }
    let others = runs.iter().map(|ran| ran.others).max().unwrap_or(0);
    if others > 0 {
        let connections = count(others as usize + 1, "connection");
        let text =
            format!("makes {connections}: only the first is cut, the others are served uncut");
        learned.note(Severity::Property, text, &[]);
    }
    if runs.iter().any(|ran| ran.seen.restless) {
        let text = "never rests: whether it has processed a piece could not be seen";
        learned.note(Severity::Property, text, &[]);
    }
}

/// Learns what the client does with so many messages, each sent when the one before was read: that is
/// what it must do with as many at once.
async fn learn_turns(
    trial: &mut ClientTrial,
    stand: &Stand,
    messages: usize,
    learned: &mut Learned,
) -> Result<(), ProgramError> {
    let known = trial.oracle.has_learned(messages);
    if known || learned.no_turns.iter().any(|(count, _)| *count == messages) {
        return Ok(());
    }
    let script = trial.streams.in_turn(messages);
    let mut first: Option<Ran> = None;
    for _ in 0..TURNS_RUNS {
        let ran = trial.play(stand, &script, trial.pace).await?;
        let alike = first
            .as_ref()
            .is_none_or(|first| trial.oracle.alike(&blanked(trial, first), &blanked(trial, &ran)));
        if let Some(why) = no_turns(&ran, messages, alike) {
            learned.no_turns.push((messages, why));
            return Ok(());
        }
        first.get_or_insert(ran);
    }
    if let Some(first) = first {
        trial.oracle.learn(messages, &first.conduct, first.token.as_ref());
    }
    Ok(())
}

/// Why a client takes no such number of messages.
fn no_turns(ran: &Ran, messages: usize, alike: bool) -> Option<String> {
    use framecat_core::check::Then;
    let taken = ran.seen.then.iter().take_while(|then| **then != Then::Gone).count();
    if taken < messages {
        // The last that was written was read by nobody, or by one that left with it.
        let read = ran.seen.then.len().max(1);
        return Some(format!("the client ends after {}", count(read, "message")));
    }
    if ran.conduct.leaving == Leaving::Hung {
        return Some(format!("the client does not end after {}", count(messages, "message")));
    }
    (!alike).then(|| "two runs in turns came to different ends".to_owned())
}
