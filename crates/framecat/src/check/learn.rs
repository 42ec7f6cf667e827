//! Learning: the uncut exchange, several times, and what the target is like.

use std::time::Duration;

use framecat_core::check::{
    Baseline, CaseId, End, Expect, MOST_REQUESTS, Note, Oracle, Outcome, Plan, Seen, Severity,
    Then, Token, Verdict, differences, propose_mask,
};
use tokio::time::Instant;

use super::conversation::Conversation;
use super::inbox::Inbox;
use super::target::Target;
use super::trial::{NoTalk, Trial, filled};
use super::{CheckError, aftermath};

/// How often the exchange is run uncut. A target that answers in two ways by chance is found out in
/// three of four checks by three runs, and the rest by the plans.
pub(super) const RUNS: u32 = 3;

/// How often the exchange in turns is run at most, until two runs are alike.
const TURNS_RUNS: u32 = 4;

/// How many messages in turns make sure that replies repeat themselves.
const PERIODS: usize = 2;

/// How many bytes of replies fill the buffers between a target and one that does not read: more than
/// the send buffer that a connection with a small window grows to.
const FILLING: usize = 256 * 1024;

/// How long a target may take to fill them, at the pace of the uncut exchange: it will be quicker.
const FILLED_IN: Duration = Duration::from_secs(20);

/// How long one may take for as many as it can where that fills nothing.
const ASKED_IN: Duration = Duration::from_secs(2);

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

    fn note(&mut self, severity: Severity, text: impl Into<String>) {
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

async fn silence(talk: &mut Conversation<'_>, start: Instant) -> Seen {
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

/// Learns the replies to several messages on one connection, each sent when the one before was
/// answered: that is what several messages sent at once must get.
async fn learn_turns(trial: &mut Trial, plans: &[Plan], learned: &mut Learned) {
    let pair = trial.streams.messages().len();
    let count = plans.iter().filter_map(|plan| match plan {
        Plan::Coalesce(count) | Plan::Straddle(count) => Some(*count as usize),
        Plan::SlowReader => Some(PERIODS * pair),
        _ => None,
    });
    // Two at least: whether a target is in step is seen by the next message.
    let count = count.max().unwrap_or(0).max(2);
    let mut first: Option<Turns> = None;
    // Where a pattern must be found, the rest may differ.
    let pattern = trial.oracle.expects_pattern();
    let alike = |a: &Turns, b: &Turns| (pattern || a.blanked == b.blanked) && a.end == b.end;
    let mut settled = false;
    // Two alike in a row: one may be late on a busy machine.
    for _ in 0..TURNS_RUNS {
        match turns(trial, count).await {
            Ok(run) => {
                settled = first
                    .replace(run)
                    .is_some_and(|last| first.as_ref().is_some_and(|first| alike(first, &last)));
            }
            Err(why) => {
                learned.no_turns = Some(why);
                return;
            }
        }
        if settled {
            break;
        }
    }
    let Some(first) = first.filter(|_| settled) else {
        let runs = "no two runs in turns were answered alike";
        learned.no_turns = Some(runs.into());
        return;
    };
    trial.oracle.learn_turns(&first.raw, first.end);
    let filling =
        |count: &usize| trial.oracle.reply_bytes(*count).is_some_and(|len| len >= FILLING);
    // Asked of a target that takes its time, as many would keep us for hours.
    let slowest = learned.baseline.slowest.max(Duration::from_micros(1));
    let within = |time: Duration| {
        let most = MOST_REQUESTS.min((time.as_nanos() / slowest.as_nanos()) as usize);
        (1..).map(|power| pair << power).take_while(move |count| *count <= most)
    };
    let many = within(FILLED_IN).find(filling).or_else(|| within(ASKED_IN).last());
    learned.many = many.map(|count| count as u64);
}

/// The replies to messages in turn, and how the connection was then.
struct Turns {
    raw: Vec<Vec<u8>>,
    blanked: Vec<Vec<u8>>,
    end: End,
}

/// The replies to `count` messages in turn.
async fn turns(trial: &Trial, count: usize) -> Result<Turns, String> {
    let talk = trial.connect(trial.times, Inbox::UNKNOWN, false, true).await;
    let (mut talk, token) = talk.map_err(|no| no.to_string())?;
    let mut raw = Vec::new();
    let mut replies: Vec<Vec<u8>> = Vec::new();
    let mut end = End::Open;
    for (number, message) in trial.streams.sequence(count).enumerate() {
        let gone = || match number {
            1 => "the target closes after one reply".to_owned(),
            _ => format!("the target closes after {number} replies"),
        };
        let start = Instant::now();
        if end != End::Open || !talk.write(&filled(token.as_ref(), message), false).await {
            return Err(gone());
        }
        let known = replies.get(number.wrapping_sub(trial.streams.messages().len()));
        let known = known.or(trial.oracle.reply().filter(|_| number == 0)).cloned();
        let complete = |got: &[u8]| {
            known
                .as_ref()
                .is_some_and(|known| *trial.oracle.blanked(got, token.as_ref()) == **known)
        };
        let whole = |got: &[u8]| match &known {
            Some(_) => complete(got) || trial.oracle.may_be_whole(got, token.as_ref()),
            None => trial.oracle.may_be_whole(got, token.as_ref()),
        };
        let hasty = number + 1 < count;
        let seen = match trial.oracle.expects_silence() {
            true => silence(&mut talk, start).await,
            false => talk.answer(start, &whole, &complete, hasty).await,
        };
        end = seen.end;
        if seen.got.is_empty() && !trial.oracle.expects_silence() {
            return Err(if end != End::Open {
                gone()
            } else {
                format!("the target does not answer message {} on one connection", number + 1)
            });
        }
        let out = |token: &Token| token.taken_out(&seen.got);
        raw.push(token.as_ref().map_or_else(|| seen.got.clone(), out));
        replies.push(trial.oracle.blanked(&seen.got, token.as_ref()).into_owned());
    }
    Ok(Turns { raw, blanked: replies, end })
}

/// Learns whether one connection keeps another waiting.
async fn learn_manners(trial: &Trial, learned: &mut Learned) {
    if trial.oracle.expects_silence() {
        return;
    }
    if let Ok((idle, _)) = trial.connect(trial.times, 0, false, true).await {
        learned.serial = !answers(trial).await;
        drop(idle);
    }
    if learned.serial {
        let text = "serves one connection at a time: the others wait for their turn";
        learned.note(Severity::Property, text);
        return;
    }
    let request = trial.streams.request();
    if request.len() < 2 {
        return;
    }
    let Ok((mut talk, token)) = trial.connect(trial.times, 0, false, true).await else { return };
    let half = filled(token.as_ref(), &request[..request.len() / 2]).into_owned();
    if !talk.write(&half, false).await || talk.cut().await != Then::Read {
        return;
    }
    match plain(trial).await {
        Outcome::Same => {}
        Outcome::Refused => {
            let len = half.len();
            let text = format!("takes no connections any more after half a message ({len} B)");
            learned.note(Severity::Fail, text);
            learned.gone = true;
        }
        _ => {
            let text = "a client that has sent half a message keeps all others waiting";
            learned.note(Severity::Fail, text);
            learned.serial = true;
        }
    }
}

/// Whether the plain exchange is answered now.
async fn answers(trial: &Trial) -> bool {
    plain(trial).await == Outcome::Same
}

/// What the plain exchange comes to now.
pub(super) async fn plain(trial: &Trial) -> Outcome {
    match trial.streams.script(UNCUT, trial.seed) {
        Some(script) => trial.run(UNCUT, &script, trial.times).await.outcome,
        None => Outcome::Same,
    }
}
