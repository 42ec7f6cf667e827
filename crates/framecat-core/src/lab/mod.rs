//! The claims about sockets that are run for real: their names, and what a run of one has found.
//!
//! An [`Experiment`] is run by the crate `framecat`; here is what it reports, in no language: a
//! [`Timeline`] of calls and of what the kernel had in its queues, [`Measured`] values by name, and the
//! [`Verdict`] that was computed from them. The texts around it are the binary's.

mod experiment;
mod timeline;
mod value;

use std::time::Duration;

pub use experiment::{Experiment, ParseExperimentError};
pub use timeline::{Event, Lane, Queue, Timeline, What};
pub use value::{Measured, Value};

/// What was found about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is so.
    Holds,
    /// It is so, and not all of it, or not always.
    HoldsBut,
    /// It is not so.
    DoesNotHold,
    /// The experiment could not be made, or told nothing, on this machine now. It counts for neither.
    CannotTell,
}

/// What a run of an experiment has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Which.
    pub experiment: Experiment,
    /// What follows from what was measured.
    pub verdict: Verdict,
    /// What was measured, in the order in which it is told.
    pub measured: Vec<Measured>,
    /// What happened.
    pub timeline: Timeline,
    /// Why the experiment cannot tell; `None` for the other verdicts.
    pub obstacle: Option<String>,
    /// How long it took.
    pub took: Duration,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 4] =
        [Verdict::Holds, Verdict::HoldsBut, Verdict::DoesNotHold, Verdict::CannotTell];

    /// The word for it that programs read: `holds`, `holds-but`, `does-not-hold`, `cannot-tell`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::HoldsBut => "holds-but",
            Verdict::DoesNotHold => "does-not-hold",
            Verdict::CannotTell => "cannot-tell",
        }
    }
}
