//! That an experiment is still running, in a line on standard error.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the line is drawn at most, a second: enough to be alive, and it costs nothing.
const DRAWN_PER_SECOND: u8 = 10;

/// A line where standard error is a terminal, and nothing where it is none.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A run that takes less needs no line, and what was written before it has reached the terminal.
    pub(crate) const DELAY: Duration = Duration::from_millis(700);

    /// Begins to show that run `number` of `of` is under way.
    pub(crate) fn start(number: u32, of: u32) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress::default();
        }
        Progress::drawn_on(ProgressDrawTarget::stderr_with_hz(DRAWN_PER_SECOND), number, of)
    }

    fn drawn_on(target: ProgressDrawTarget, number: u32, of: u32) -> Progress {
        let bar = ProgressBar::with_draw_target(None, target).with_elapsed(Progress::DELAY);
        let style = ProgressStyle::with_template("{spinner} {prefix}{elapsed}");
        bar.set_style(style.expect("the template is a constant"));
        if of > 1 {
            bar.set_prefix(format!("{number}/{of} · "));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar: Some(bar) }
    }
}

impl Drop for Progress {
    /// Takes the line away: what follows is the report.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_the_run_and_goes_with_it() {
        let progress = Progress::drawn_on(ProgressDrawTarget::hidden(), 3, 20);
        let bar = progress.bar.clone().expect("it was made with one");
        assert_eq!(bar.prefix(), "3/20 · ");
        assert!(!bar.is_finished());
        drop(progress);
        assert!(bar.is_finished());
        let only = Progress::drawn_on(ProgressDrawTarget::hidden(), 1, 1);
        assert_eq!(only.bar.as_ref().expect("it was made with one").prefix(), "");
    }
}
