//! `framecat lab`.

mod runs;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use framecat::core::lab::Experiment;
use tokio::time::timeout;

use super::signal::{Stop, Stops};
use super::{Exit, Writing, cannot_start, fail, in_runtime};
use crate::args::{LabArgs, LabPlan, LabShow};
use crate::render::lab::{Look, Progress, Series, html, json, text};
use crate::render::{Sheet, To};
use runs::Runs;

/// Runs experiments, and says what was found.
pub(crate) fn lab(args: LabArgs) -> Exit {
    match LabPlan::try_from(args) {
        Ok(plan) => in_runtime(run(plan)),
        Err(error) => fail(&error, Exit::Local),
    }
}

async fn run(plan: LabPlan) -> Exit {
    let sheet = Arc::new(Sheet::default());
    let mut stops = match Stops::catch(sheet.clone()) {
        Ok(stops) => stops,
        Err(error) => return cannot_start(&error),
    };
    let writing = Writing::start(&sheet, None);
    let mut runs = Runs::of(framecat::lab::run);
    let (exit, stopped) = tokio::select! {
        exit = go_through(&plan, &sheet, &mut runs) => (exit, false),
        // What was not gone through is not told.
        stop = stops.next() => match stop {
            Stop::Terminate => (Exit::Interrupted, true),
            stop => (Exit::from(stop), true),
        },
    };
    if stopped {
        runs.settle().await;
    }
    writing.finish(exit, &mut stops, stopped).await
}

/// Goes through all experiments, and shows each when it is done.
async fn go_through(plan: &LabPlan, sheet: &Sheet, runs: &mut Runs) -> Exit {
    let look = Look::for_stdout(plan.language);
    if plan.experiments.is_empty() {
        say(sheet, &text::list(&look));
        return Exit::Done;
    }
    // Before anything is run: a page that cannot be written is not told at the end.
    if let Some(problem) = plan.html.as_deref().and_then(|path| open(path).err()) {
        return fail(&problem, Exit::Local);
    }
    let began = Instant::now();
    let mut all = Vec::new();
    for experiment in &plan.experiments {
        if plan.show == LabShow::Whole {
            say(sheet, &text::heading(*experiment, &look));
        }
        let series = repeat(*experiment, plan.repeat.get(), runs).await;
        say(sheet, &shown(plan, &series, &look));
        all.push(series);
    }
    if all.len() > 1 && plan.show == LabShow::Whole {
        say(sheet, &text::summary(&all, began.elapsed(), &look));
    }
    if let Some(path) = &plan.html
        && let Err(problem) =
            write(path, &html::page(&all, kernel().as_deref(), began.elapsed(), plan.language))
    {
        return fail(&problem, Exit::Local);
    }
    exit_of(&all)
}

/// Runs an experiment so many times.
async fn repeat(experiment: Experiment, times: u32, runs: &mut Runs) -> Series {
    let mut series = Series::new(experiment);
    for number in 1..=times {
        runs.begin(experiment);
        let report = match timeout(Progress::DELAY, runs.report()).await {
            Ok(report) => report,
            Err(_) => {
                let _progress = Progress::start(number, times);
                runs.report().await
            }
        };
        series.push(report);
    }
    series
}

fn shown(plan: &LabPlan, series: &Series, look: &Look) -> String {
    match plan.show {
        LabShow::Whole => text::findings(series, look),
        LabShow::Verdict => text::verdict_only(series, look),
        LabShow::Json => json::line(series, kernel().as_deref(), plan.language) + "\n",
    }
}

fn say(sheet: &Sheet, text: &str) {
    sheet.write(To::Stdout, |out| out.extend_from_slice(text.as_bytes()));
}

/// The version of the kernel that was measured, where it says so (proc_sys_kernel(5)).
fn kernel() -> Option<String> {
    let version = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    Some(version.trim().to_owned()).filter(|version| !version.is_empty())
}

/// Makes sure that the page can be written; what is in the file is left alone until it is.
fn open(path: &Path) -> Result<(), String> {
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(path);
    opened.map(drop).map_err(|error| cannot_write(path, &error))
}

fn write(path: &Path, page: &str) -> Result<(), String> {
    std::fs::write(path, page).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {}", path.display(), framecat::reason(error))
}

/// That a claim does not hold is no failure of whoever asks; verdicts that differ are one of ours.
fn exit_of(all: &[Series]) -> Exit {
    match all.iter().all(|series| series.verdict().is_some()) {
        true => Exit::Done,
        false => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use framecat::core::lab::{Report, Timeline, Verdict};

    use super::*;

    fn report(experiment: Experiment, verdict: Verdict) -> Report {
        let (measured, timeline) = (Vec::new(), Timeline::default());
        let took = Duration::ZERO;
        Report { experiment, verdict, measured, timeline, obstacle: None, took }
    }

    /// Every seventh run comes to another verdict.
    fn unsteady(experiment: Experiment) -> Report {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let number = RUNS.fetch_add(1, Ordering::Relaxed);
        let verdict = if number % 7 == 6 { Verdict::DoesNotHold } else { Verdict::Holds };
        Report { took: Duration::from_millis(number.into()), ..report(experiment, verdict) }
    }

    #[tokio::test]
    async fn of_each_verdict_the_first_run_is_kept_and_the_others_are_counted() {
        let series = repeat(Experiment::Pairs, 20, &mut Runs::of(unsteady)).await;
        assert_eq!((series.runs(), series.verdict()), (20, None));
        let found: Vec<_> = series
            .found
            .iter()
            .map(|found| (found.report.verdict, found.times, found.report.took.as_millis()))
            .collect();
        assert_eq!(found, [(Verdict::Holds, 18, 0), (Verdict::DoesNotHold, 2, 6)]);
        assert_eq!(exit_of(&[series]), Exit::Failed);
    }

    #[tokio::test]
    async fn whatever_the_verdict_an_experiment_that_ran_is_done() {
        let always = |experiment| report(experiment, Verdict::DoesNotHold);
        let series = repeat(Experiment::Pairs, 3, &mut Runs::of(always)).await;
        assert_eq!((series.runs(), series.verdict()), (3, Some(Verdict::DoesNotHold)));
        let cannot = |experiment| report(experiment, Verdict::CannotTell);
        let cannot = repeat(Experiment::Split, 1, &mut Runs::of(cannot)).await;
        assert_eq!(exit_of(&[series, cannot]), Exit::Done);
    }

    #[tokio::test]
    async fn a_run_that_breaks_off_tells_nothing() {
        let mut runs = Runs::of(|_| panic!("a fault, on purpose"));
        let series = repeat(Experiment::Pairs, 1, &mut runs).await;
        assert_eq!(series.verdict(), Some(Verdict::CannotTell));
        let obstacle = series.found[0].report.obstacle.as_deref();
        assert!(obstacle.is_some_and(|obstacle| obstacle.contains("fault of framecat")));
    }
}
