//! Runs of experiments, each on a thread of its own: an experiment waits in system calls.

use std::io;
use std::thread::Builder;
use std::time::Duration;

use framecat::core::lab::{Experiment, Report, Timeline, Verdict};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Runs an experiment; it takes its time.
type Runner = fn(Experiment) -> Report;

/// How long an experiment may take to end when the program does: those that have made files remove them
/// sooner, and the others leave nothing behind.
const TIDY_UP: Duration = Duration::from_millis(500);

/// Runs of experiments, one after the other.
#[derive(Debug)]
pub(super) struct Runs {
    runner: Runner,
    now: Option<Run>,
}

/// A run that has begun, or could not.
#[derive(Debug)]
struct Run {
    experiment: Experiment,
    /// Where its report comes from.
    begun: io::Result<oneshot::Receiver<Report>>,
}

impl Runs {
    pub(super) fn of(runner: Runner) -> Runs {
        Runs { runner, now: None }
    }

    /// Begins to run an experiment.
    pub(super) fn begin(&mut self, experiment: Experiment) {
        let begun = begin(Builder::new(), experiment, self.runner);
        self.now = Some(Run { experiment, begun });
    }

    /// Waits for the report of what was begun last. Whoever stops waiting may come back.
    ///
    /// # Panics
    ///
    /// If nothing was begun, or its report was taken.
    pub(super) async fn report(&mut self) -> Report {
        let now = self.now.as_mut().expect("a run was begun");
        let report = match &mut now.begun {
            // Who sends no report has panicked.
            Ok(report) => {
                report.await.map_err(|_| "the experiment broke off, by a fault of framecat".into())
            }
            Err(error) => Err(format!("no thread: {}", framecat::reason(error))),
        };
        let report = report.unwrap_or_else(|obstacle| cannot_tell(now.experiment, obstacle));
        self.now = None;
        report
    }

    /// Lets what is under way end, so that it takes away what it has made: for a while.
    pub(super) async fn settle(&mut self) {
        if self.now.is_some() {
            let _ = timeout(TIDY_UP, self.report()).await;
        }
    }
}

fn begin(
    thread: Builder,
    experiment: Experiment,
    runner: Runner,
) -> io::Result<oneshot::Receiver<Report>> {
    let (tell, report) = oneshot::channel();
    thread.spawn(move || {
        // Nobody waits if the program was ended meanwhile.
        let _ = tell.send(runner(experiment));
    })?;
    Ok(report)
}

/// A run that tells nothing of the claim.
fn cannot_tell(experiment: Experiment, obstacle: String) -> Report {
    Report {
        experiment,
        verdict: Verdict::CannotTell,
        measured: Vec::new(),
        timeline: Timeline::default(),
        obstacle: Some(obstacle),
        took: Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn without_a_thread_nothing_is_told_and_why_is_said() {
        let never: Runner = |_| panic!("there is no thread to run it on");
        // No machine has so much memory for a stack.
        let greedy = Builder::new().stack_size(1 << 60);
        let begun = begin(greedy, Experiment::Pairs, never);
        assert!(begun.is_err());
        let mut runs =
            Runs { runner: never, now: Some(Run { experiment: Experiment::Pairs, begun }) };
        let report = runs.report().await;
        assert_eq!(report.verdict, Verdict::CannotTell);
        assert!(report.obstacle.is_some_and(|obstacle| obstacle.starts_with("no thread: ")));
    }

    #[tokio::test]
    async fn what_is_under_way_may_end_when_the_program_does() {
        static ENDED: AtomicBool = AtomicBool::new(false);
        let mut runs = Runs::of(|experiment| {
            std::thread::yield_now();
            ENDED.store(true, Ordering::SeqCst);
            cannot_tell(experiment, String::new())
        });
        runs.settle().await;
        assert!(!ENDED.load(Ordering::SeqCst), "nothing is under way");
        runs.begin(Experiment::Pairs);
        runs.settle().await;
        assert!(ENDED.load(Ordering::SeqCst));
    }
}
