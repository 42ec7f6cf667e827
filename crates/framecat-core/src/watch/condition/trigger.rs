//! Conditions that have to hold for some time.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::super::{Frame, Lasting, Row};
use super::fields::What;
use super::value::Value;
use super::{Condition, ParseConditionError, parse, value};
use crate::sock_diag::State;

/// A condition that has to hold for some time, of one and the same socket: `recvq>0 for 5s`.
///
/// One that names only what is of the frame, `overflows>0 for 3s`, has to hold of the frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    condition: Condition,
    time: Duration,
    /// The sockets for which it held in the frame before, and since when.
    since: BTreeMap<u64, Duration>,
    /// Since when it has held of the frame.
    frame_since: Option<Duration>,
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
    /// it held to this one, and in all between. It fires again in each frame while that goes on. A
    /// socket that is not in a frame begins anew when it is back.
    pub fn on_frame(&mut self, frame: &Frame) -> Vec<Fired> {
        if self.condition.is_of_frame() {
            let holds = self.condition.holds_of_frame(frame);
            self.frame_since = holds.then(|| self.frame_since.unwrap_or(frame.at));
            let fired = self.frame_since.is_some_and(|since| self.is_long(since, frame));
            return if fired { vec![Fired::Frame] } else { Vec::new() };
        }
        let before = std::mem::take(&mut self.since);
        let mut fired = Vec::new();
        for (at, row) in frame.rows.iter().enumerate() {
            if !self.condition.holds(row, frame) {
                continue;
            }
            let since = before.get(&row.socket.cookie).copied().unwrap_or(frame.at);
            if self.is_long(since, frame) {
                fired.push(Fired::Row(at));
            }
            // A cookie of 0 is none.
            if row.socket.cookie != 0 {
                self.since.insert(row.socket.cookie, since);
            }
        }
        fired
    }

    /// What is to be said to whoever reads that it has fired for this row: a queue that was never empty may
    /// well have been read all the time, and who asks for a program that does not read wants the time of
    /// that. `None` where nothing is to be said.
    pub fn remark(&self, row: &Row) -> Option<String> {
        // Where the beginning was not seen, or nobody looked for long, it may have lasted as long.
        let is_short =
            |it: Option<Lasting>| it.is_some_and(|it| it.seen_to_begin && it.time < self.time);
        let time = Value::Time(self.time);
        let asks = |what, lasting| self.condition.names(what) && is_short(lasting);
        if row.socket.state == State::Listen {
            return asks(What::AcceptQueue, row.unaccepted).then(|| {
                format!(
                    "connections were being accepted meanwhile: unaccepted>{time} asks for a program that does \
                     not accept"
                )
            });
        }
        if asks(What::ReceiveQueue, row.unread) {
            return Some(format!(
                "it was being read meanwhile: unread>{time} asks for a program that does not read"
            ));
        }
        asks(What::PeerUnread, row.other_unread_for).then(|| {
            format!(
                "the other end was reading meanwhile: peer_unread_for>{time} asks for one that does not read"
            )
        })
    }

    fn is_long(&self, since: Duration, frame: &Frame) -> bool {
        frame.at.saturating_sub(since) >= self.time
    }
}

impl FromStr for Trigger {
    type Err = ParseConditionError;

    fn from_str(text: &str) -> Result<Self, ParseConditionError> {
        let (node, time) = parse::read(text)?;
        let time = time.map_or(Duration::ZERO, |(time, _)| time);
        let condition = Condition { node };
        Ok(Trigger { condition, time, since: BTreeMap::new(), frame_since: None })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)?;
        if self.time.is_zero() {
            return Ok(());
        }
        f.write_str(" for ")?;
        value::write_time(f, self.time)
    }
}
