//! How far a check is, in a line on standard error while it runs.

use std::fmt::Write;
use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use framecat::core::check::Plan;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

const TEMPLATE: &str = "{prefix:<12}{bar:28} {pos} of {len} · {rate} · {msg}";

/// How often the line is drawn at most, a second: enough to be alive, and it costs nothing.
const DRAWN_PER_SECOND: u8 = 10;

/// A bar where standard error is a terminal, and nothing where it is none.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    failed: AtomicU64,
}

impl Progress {
    /// Begins to show a run of which no plan is known yet.
    pub(crate) fn start() -> Progress {
        if !io::stderr().is_terminal() {
            return Progress::default();
        }
        Progress::drawn_on(ProgressDrawTarget::stderr_with_hz(DRAWN_PER_SECOND))
    }

    fn drawn_on(target: ProgressDrawTarget) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is a constant");
        // Its own figure has four decimals.
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate).progress_chars("━╸ "));
        bar.set_prefix("uncut");
        bar.set_message("0 fail");
        // What hangs is seen to hang: the time goes on.
        bar.enable_steady_tick(Duration::from_millis(500));
        Progress { bar: Some(bar), failed: AtomicU64::new(0) }
    }

    /// A plan begins, with so many cases.
    pub(crate) fn plan(&self, plan: Plan, cases: usize) {
        let Some(bar) = &self.bar else { return };
        bar.set_prefix(plan.to_string());
        bar.set_length(cases as u64);
        bar.set_position(0);
    }

    /// A case of the plan is done.
    pub(crate) fn step(&self, failed: bool) {
        let Some(bar) = &self.bar else { return };
        if failed {
            let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
            bar.set_message(format!("{failed} fail"));
        }
        bar.inc(1);
    }

    /// Takes the bar away: what follows is the report.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_counts_the_cases_of_a_plan_and_what_fails_in_all() {
        let progress = Progress::drawn_on(ProgressDrawTarget::hidden());
        progress.plan(Plan::Split, 3);
        progress.step(false);
        progress.step(true);
        progress.plan(Plan::Reset, 8);
        progress.step(true);
        let bar = progress.bar.as_ref().expect("it was made with one");
        assert_eq!((bar.position(), bar.length()), (1, Some(8)));
        assert_eq!((bar.prefix().as_str(), bar.message().as_str()), ("reset", "2 fail"));
        progress.finish();
        assert!(bar.is_finished());
    }
}
