//! What the samples before this one tell of it: since when, and how much a second.

use super::{Frame, Sample};

/// Makes frames of samples. It remembers what it needs of each socket of the sample before, and nothing
/// of those that are gone.
#[derive(Debug, Default)]
pub struct Watch {}

impl Watch {
    /// A watch that has seen nothing.
    pub fn new() -> Watch {
        Watch::default()
    }

    /// Takes the next sample, which is not older than the one before.
    pub fn on_sample(&mut self, sample: Sample) -> Frame {
        Frame { at: sample.at, counters: sample.counters, ..Frame::default() }
    }
}
