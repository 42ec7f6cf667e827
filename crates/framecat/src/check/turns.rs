//! Several messages in turn on one connection: what several at once must get.

use std::time::Duration;

use framecat_core::check::{End, MOST_REQUESTS, Plan, Token};
use tokio::time::Instant;

use super::inbox::Inbox;
use super::learn::{Learned, silence};
use super::trial::{Trial, filled};

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

/// The replies to messages in turn, and how the connection was then.
struct Turns {
    raw: Vec<Vec<u8>>,
    blanked: Vec<Vec<u8>>,
    end: End,
}

/// Learns the replies to several messages on one connection, each sent when the one before was
/// answered: that is what several messages sent at once must get.
pub(super) async fn learn_turns(trial: &mut Trial, plans: &[Plan], learned: &mut Learned) {
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
