//! What the samples before this one tell of it: since when, and how much a second.

use std::time::Duration;

use super::{Frame, Lasting, Row, Sample};

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
        let begun = Lasting { time: Duration::ZERO, seen_to_begin: false };
        let row = |socket| Row {
            socket,
            age: begun,
            in_state: begun,
            unread: None,
            unaccepted: None,
            unacknowledged_for: None,
            full: None,
            filling: None,
            zero_window: None,
            unacknowledged: None,
            unsent: None,
            half_open: None,
            other_unread: None,
            received_rate: None,
            sent_rate: None,
            retransmission_rate: None,
            drop_rate: None,
            findings: Vec::new(),
        };
        Frame {
            at: sample.at,
            rows: sample.sockets.into_iter().map(row).collect(),
            counters: sample.counters,
            missing: sample.missing,
            ..Frame::default()
        }
    }
}
