//! Conditions on sockets as a person writes them: `recvq>0 and state=ESTABLISHED`, and with a time
//! behind, `recvq>0 for 5s`, when a watch fails.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Frame, Row};

/// A condition on a socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {}

impl Condition {
    /// Whether it holds for this row. A comparison with what is not known does not hold.
    pub fn holds(&self, _row: &Row, _frame: &Frame) -> bool {
        todo!()
    }
}

impl FromStr for Condition {
    type Err = ParseConditionError;

    fn from_str(_text: &str) -> Result<Self, ParseConditionError> {
        todo!()
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// A condition that has to hold for some time, of one and the same socket: `recvq>0 for 5s`.
#[derive(Debug, Clone)]
pub struct Trigger {}

impl Trigger {
    /// For how long it has to hold.
    pub fn time(&self) -> Duration {
        todo!()
    }

    /// Takes the next frame: the rows for which the condition has held for so long, by their index.
    pub fn on_frame(&mut self, _frame: &Frame) -> Vec<usize> {
        todo!()
    }
}

/// A text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {problem}")]
pub struct ParseConditionError {
    /// The character at which it goes wrong, from 1.
    pub at: usize,
    /// What was found, and what would be right.
    pub problem: String,
}
