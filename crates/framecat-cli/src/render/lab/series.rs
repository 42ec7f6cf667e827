//! Runs of one experiment: how often each verdict came out, and the first run of each.

use framecat::core::lab::{Experiment, Report, Verdict};

/// Runs of one experiment.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) experiment: Experiment,
    /// By verdict, the one that came out first in front.
    pub(crate) found: Vec<Found>,
}

/// A verdict that came out.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// How often.
    pub(crate) times: u32,
    /// The first run that came to it.
    pub(crate) report: Report,
}

impl Series {
    /// Of no run yet.
    pub(crate) fn new(experiment: Experiment) -> Series {
        Series { experiment, found: Vec::new() }
    }

    /// Takes in a run. Of those that come to a known verdict only their number is kept.
    pub(crate) fn push(&mut self, report: Report) {
        match self.found.iter_mut().find(|found| found.report.verdict == report.verdict) {
            Some(found) => found.times = found.times.saturating_add(1),
            None => self.found.push(Found { times: 1, report }),
        }
    }

    /// How many runs there were.
    pub(crate) fn runs(&self) -> u32 {
        self.found.iter().map(|found| found.times).fold(0, u32::saturating_add)
    }

    /// The verdict that all runs came to; `None` where they differ.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        match &self.found[..] {
            [found] => Some(found.report.verdict),
            _ => None,
        }
    }
}
