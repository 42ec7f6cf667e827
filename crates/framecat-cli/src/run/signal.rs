//! What ends the program from outside: Ctrl-C, SIGTERM, a reader of our output that is gone.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::Exit;
use crate::render::Sheet;

/// What ends the program from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// Whoever read our standard output is gone.
    Unread,
}

impl From<Stop> for Exit {
    fn from(stop: Stop) -> Exit {
        match stop {
            Stop::Interrupt => Exit::Interrupted,
            Stop::Terminate => Exit::Done,
            Stop::Unread => Exit::Unread,
        }
    }
}

/// Where the first reason to end can be waited for.
pub(super) struct Stops {
    /// For those that find a reason elsewhere: a prompt sees Ctrl-C as a key.
    pub(super) sender: mpsc::UnboundedSender<Stop>,
    receiver: mpsc::UnboundedReceiver<Stop>,
}

impl Stops {
    /// Catches the signals from now on. The second one ends the program at once.
    pub(super) fn catch(sheet: Arc<Sheet>) -> Stops {
        let (sender, receiver) = mpsc::unbounded_channel();
        let caught = |kind| signal(kind).expect("these signals can be caught");
        let mut interrupt = caught(SignalKind::interrupt());
        let mut terminate = caught(SignalKind::terminate());
        let found = sender.clone();
        tokio::spawn(async move {
            for first in [true, false] {
                let stop = tokio::select! {
                    _ = interrupt.recv() => Stop::Interrupt,
                    _ = terminate.recv() => Stop::Terminate,
                    () = sheet.stdout_gone(), if first => Stop::Unread,
                };
                if !first {
                    std::process::exit(Exit::Interrupted.into());
                }
                // If nobody waits, the program is ending already.
                let _ = found.send(stop);
            }
        });
        Stops { sender, receiver }
    }

    pub(super) async fn next(&mut self) -> Stop {
        self.receiver.recv().await.expect("a sender is kept here")
    }
}
