//! What is left of a target when its clients are gone: whether it rests, and has closed what they closed.

use std::time::Duration;

use framecat_core::check::{Note, Plan, Severity};
use framecat_core::diagram::count;
use tokio::time::{Instant, sleep};

use super::CheckError;
use super::eyes::{Eyes, locked};
use super::series::Round;
use super::target::Target;

/// How long a target gets to come to rest when its clients have gone.
const REST: Duration = Duration::from_millis(300);

/// Over how long its use of the CPU is measured then: twenty ticks of the kernel's clock.
const MEASURED: Duration = Duration::from_millis(200);

/// A part of a core that nobody who waits needs. A spinning program gets more than this also where
/// others want the cores.
const SPINNING: f64 = 0.2;

/// How long a target gets to close what its clients have closed.
const CLOSING: Duration = Duration::from_secs(1);

/// What the target was like before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    close_waits: Option<usize>,
}

impl Before {
    pub(super) fn look(target: &Target) -> Before {
        Before { close_waits: target.close_waits() }
    }
}

/// How much of a core the target uses, if it spins although nobody talks to it. `None` if it rests, or
/// that cannot be seen.
pub(super) async fn spinning(eyes: &Eyes) -> Option<String> {
    let start = Instant::now();
    while start.elapsed() < REST {
        if eyes.sample() != Some(false) {
            return None;
        }
        sleep(Duration::from_millis(1)).await;
    }
    let used = eyes.cpu_time()?;
    let start = Instant::now();
    sleep(MEASURED).await;
    let used = eyes.cpu_time()?.saturating_sub(used).as_secs_f64();
    let share = used / start.elapsed().as_secs_f64();
    (share >= SPINNING)
        .then(|| format!("{:.0} % of a core, and no client is talking", share * 100.0))
}

/// Sees whether the target spins because of the cases of a plan. If so that is noted, it is started
/// again, and what it spins on is kept open from now on.
pub(super) async fn calm(round: &mut Round<'_>, plan: Plan) -> Result<(), CheckError> {
    let Some(share) = spinning(&round.trial.eyes).await else { return Ok(()) };
    round.left_open = round.left_open.max(left_open(round.target, &round.before).await);
    let text = format!("spins after {plan}");
    if !round.notes.iter().any(|note| note.text.starts_with(&text)) {
        let text = format!("{text}: {share}");
        round.notes.push(Note { severity: Severity::Fail, text, stderr: round.target.said() });
    }
    if round.target.is_ours() {
        round.trial.hold();
        round.restart().await?;
    }
    Ok(())
}

/// What is to be said of the target as a whole.
pub(super) async fn notes(round: &Round<'_>, notes: &mut Vec<Note>) {
    let cuts = *locked(&round.cuts);
    if cuts.not_read > 0 {
        let pieces = count(cuts.not_read as usize, "piece");
        notes.push(property(format!(
            "left {pieces} unread until more came: it peeks, or waits for more"
        )));
    }
    if round.trial.eyes.were_blind() && !round.trial.eyes.is_restless() {
        let text = "its threads could not be seen: it had 2 ms to process a piece that it had read";
        notes.push(Note { severity: Severity::Pass, text: text.into(), stderr: Vec::new() });
    } else if round.trial.eyes.is_restless() {
        notes.push(property(
            "never rests: whether it has processed a piece could not be seen".into(),
        ));
    }
    if round.unsteady > 0 {
        let cases = count(round.unsteady as usize, "case");
        notes.push(property(format!(
            "{cases} failed once among other connections, and were right 8 times alone"
        )));
    }
    let left = round.left_open.max(left_open(round.target, &round.before).await);
    if left > 0 {
        let left = count(left, "connection");
        notes
            .push(property(format!("has not closed {left} that clients have closed (CLOSE-WAIT)")));
    }
}

/// How many connections stay in CLOSE-WAIT.
async fn left_open(target: &Target, before: &Before) -> usize {
    let start = Instant::now();
    loop {
        let (Some(earlier), Some(now)) = (before.close_waits, target.close_waits()) else {
            return 0;
        };
        let left = now.saturating_sub(earlier);
        if left == 0 || start.elapsed() > CLOSING {
            return left;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

fn property(text: String) -> Note {
    Note { severity: Severity::Property, text, stderr: Vec::new() }
}
