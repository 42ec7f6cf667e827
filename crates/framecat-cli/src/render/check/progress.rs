//! How far a check is, in a line on standard error while it runs.

use std::fmt::Write;
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
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
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    plan: Option<Plan>,
    failed: u64,
}

impl Progress {
    /// Begins to show a run of so many cases.
    pub(crate) fn start(total: u64) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress::default();
        }
        Progress::drawn_on(total, ProgressDrawTarget::stderr_with_hz(DRAWN_PER_SECOND))
    }

    fn drawn_on(total: u64, target: ProgressDrawTarget) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is a constant");
        // Its own figure has four decimals.
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate).progress_chars("━╸ "));
        bar.set_message("0 fail");
        // What hangs is seen to hang: the time goes on.
        bar.enable_steady_tick(Duration::from_millis(500));
        Progress { bar: Some(bar), seen: Mutex::default() }
    }

    /// A case of `plan` is done. Cases that were not foreseen lengthen the bar.
    pub(crate) fn step(&self, plan: Plan, failed: bool) {
        let Some(bar) = &self.bar else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.plan != Some(plan) {
            seen.plan = Some(plan);
            bar.set_prefix(plan.to_string());
        }
        if failed {
            seen.failed += 1;
            bar.set_message(format!("{} fail", seen.failed));
        }
        if bar.length().is_some_and(|length| bar.position() >= length) {
            bar.inc_length(1);
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
    fn the_bar_counts_what_is_done_and_what_fails() {
        let progress = Progress::drawn_on(3, ProgressDrawTarget::hidden());
        for (plan, failed) in
            [(Plan::Split, false), (Plan::Split, true), (Plan::Drip, true), (Plan::Reset, false)]
        {
            progress.step(plan, failed);
        }
        let bar = progress.bar.as_ref().expect("it was made with one");
        assert_eq!((bar.position(), bar.length()), (4, Some(4)));
        assert_eq!((bar.prefix().as_str(), bar.message().as_str()), ("reset", "2 fail"));
        progress.finish();
        assert!(bar.is_finished());
    }
}
