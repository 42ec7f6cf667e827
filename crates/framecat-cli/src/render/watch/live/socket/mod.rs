//! One socket, all of it: what is wrong with it, its other end, its values in words, and graphs of what
//! they were.

mod draw;
mod values;

use std::sync::Arc;

use framecat::core::watch::{Frame, Row};

/// The socket that is looked at.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) cookie: u64,
    /// Its last row, and the frame in which that was.
    row: Row,
    frame: Arc<Frame>,
    clock: String,
    /// The time of the first frame that was without it.
    gone: Option<String>,
    /// The first line that is visible, where not all of them are.
    pub(super) top: usize,
}

impl Opened {
    pub(super) fn new(row: &Row, frame: &Arc<Frame>, clock: &str) -> Opened {
        Opened {
            cookie: row.socket.cookie,
            row: row.clone(),
            frame: frame.clone(),
            clock: clock.to_owned(),
            gone: None,
            top: 0,
        }
    }

    /// Another frame is shown. What is gone keeps its last values.
    pub(super) fn on_frame(&mut self, frame: &Arc<Frame>, clock: &str) {
        match frame.rows.iter().find(|row| row.socket.cookie == self.cookie) {
            Some(row) => {
                self.row = row.clone();
                self.frame = frame.clone();
                self.clock = clock.to_owned();
                self.gone = None;
            }
            None => {
                self.gone.get_or_insert_with(|| clock.to_owned());
            }
        }
    }

    /// The row of the socket at its other end, if that is in the same sample.
    pub(super) fn other(&self) -> Option<&Row> {
        let other = self.row.socket.other?;
        self.frame.rows.iter().find(|row| row.socket.cookie == other)
    }
}
