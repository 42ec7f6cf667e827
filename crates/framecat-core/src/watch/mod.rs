//! What is to be seen in the kernel's tables over time: whose accept queue is full and since when, who
//! does not read, what was sent a second.
//!
//! A [`Sample`] is what the kernel said at one instant. [`Watch::on_sample`] compares it with those
//! before and makes a [`Frame`]: a [`Row`] a socket, with rates, times and [`Finding`]s, which say in a
//! sentence what is wrong. A [`Condition`] selects rows (`--filter`) or says when a watch fails
//! (`--fail-if`).
//!
//! Times of a sample are counted from when the watch began. What cannot be known is `None` and never 0.

mod condition;
mod counters;
mod finding;
mod frame;
mod history;
mod human;
mod listening;
mod queues;
mod sample;
#[cfg(test)]
mod testing;

pub use condition::{Condition, FIELDS, Field, Fired, ParseConditionError, Trigger, Unit};
pub use counters::CounterFiles;
pub use finding::{Accepts, Finding, PROBLEMS, Problem, Severity};
pub use frame::{Frame, Lasting, Rates, Row};
pub use history::Watch;
pub use human::{Bytes, Count, Rate, Span};
pub use listening::listening_places;
pub use sample::{Counters, End, Hidden, Kind, Missing, Owner, Sample, Socket};
