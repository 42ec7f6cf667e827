//! Conditions on sockets as a person writes them: `recvq>0 and state=ESTABLISHED`, and with a time
//! behind, `recvq>0 for 5s`, when a watch fails.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Frame, Row};

/// A condition on a socket, or on a frame.
///
/// A comparison with what a row does not have, or the kernel does not tell, is neither true nor false,
/// and neither is its `not`: only what is known to hold selects a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {}

impl Condition {
    /// Whether it holds for this row of the frame.
    pub fn holds(&self, _row: &Row, _frame: &Frame) -> bool {
        false
    }

    /// Whether all that it names is of the frame and not of a row: `count>100 or overflows>0`.
    pub fn is_of_frame(&self) -> bool {
        false
    }

    /// Whether it holds for the frame as a whole; what it names of a row is not known here.
    pub fn holds_of_frame(&self, _frame: &Frame) -> bool {
        false
    }
}

impl FromStr for Condition {
    type Err = ParseConditionError;

    fn from_str(_text: &str) -> Result<Self, ParseConditionError> {
        Ok(Condition {})
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// A condition that has to hold for some time, of one and the same socket: `recvq>0 for 5s`.
///
/// One that names only what is of the frame, `overflows>0 for 3s`, has to hold of the frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    condition: Condition,
    time: Duration,
}

/// For what a trigger has fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fired {
    /// The row with this index.
    Row(usize),
    /// The frame.
    Frame,
}

impl Trigger {
    /// What has to hold.
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// For how long it has to hold; 0 where one frame is enough.
    pub fn time(&self) -> Duration {
        self.time
    }

    /// Takes the next frame: for what the condition has held for so long, from the first frame in which
    /// it held to this one, and in all between. It fires again in each frame while that goes on.
    pub fn on_frame(&mut self, _frame: &Frame) -> Vec<Fired> {
        Vec::new()
    }
}

impl FromStr for Trigger {
    type Err = ParseConditionError;

    fn from_str(_text: &str) -> Result<Self, ParseConditionError> {
        Ok(Trigger { condition: Condition {}, time: Duration::ZERO })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)
    }
}

/// Something that a condition can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// In what it is measured.
    pub unit: Unit,
    /// Whether it is of the frame and not of a row.
    pub of_frame: bool,
    /// What it is, in a line.
    pub meaning: &'static str,
}

/// In what a field is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes: `512`, `5k`, `64KiB`, `1.5M`.
    Bytes,
    /// A number.
    Count,
    /// A time: `5`, `5s`, `200ms`, `2m`.
    Time,
    /// Bytes a second.
    BytesPerSecond,
    /// So many a second.
    PerSecond,
    /// The name of a state.
    State,
    /// How bad: `none`, `note`, `warning`, `error`.
    Severity,
    /// A text.
    Text,
}

/// All that a condition can name, in the order of the help text.
pub const FIELDS: &[Field] = &[];

/// A text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {problem}")]
pub struct ParseConditionError {
    /// The character at which it goes wrong, from 1.
    pub at: usize,
    /// What was found, and what would be right.
    pub problem: String,
}
