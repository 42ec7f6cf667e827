//! What ends the program from outside: Ctrl-C, SIGTERM, SIGHUP, a standard output that takes no more.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::Exit;
use super::terminal::Terminal;
use crate::render::Sheet;

/// What ends the program from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM, or SIGHUP: the terminal is gone.
    Terminate,
    /// Standard output takes no more.
    Unwritable,
}

impl From<Stop> for Exit {
    fn from(stop: Stop) -> Exit {
        match stop {
            Stop::Interrupt => Exit::Interrupted,
            Stop::Terminate => Exit::Done,
            Stop::Unwritable => Exit::Unread,
        }
    }
}

/// Asks the program to end. A prompt sees Ctrl-C as a key, so there is more than one who may ask.
#[derive(Clone)]
pub(super) struct Stopper {
    asked: Arc<AtomicBool>,
    sender: mpsc::UnboundedSender<Stop>,
    terminal: Terminal,
}

impl Stopper {
    /// Asks; who asks a second time is in earnest, and the program ends at once.
    pub(super) fn stop(&self, stop: Stop) {
        if self.asked.swap(true, Ordering::Relaxed) {
            self.terminal.restore();
            std::process::exit(Exit::Interrupted.into());
        }
        // If nobody waits, the program is ending already.
        let _ = self.sender.send(stop);
    }

    /// Makes the terminal what it was before a prompt changed it.
    pub(super) fn restore_terminal(&self) {
        self.terminal.restore();
    }
}

/// Where the first reason to end can be waited for.
pub(super) struct Stops {
    pub(super) stopper: Stopper,
    receiver: mpsc::UnboundedReceiver<Stop>,
}

impl Stops {
    /// Catches the signals from now on.
    pub(super) fn catch(sheet: Arc<Sheet>) -> io::Result<Stops> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let terminal = Terminal::remember();
        let stopper = Stopper { asked: Arc::default(), sender: sender.clone(), terminal };
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let found = stopper.clone();
        tokio::spawn(async move {
            loop {
                found.stop(tokio::select! {
                    _ = interrupt.recv() => Stop::Interrupt,
                    _ = terminate.recv() => Stop::Terminate,
                    _ = hangup.recv() => Stop::Terminate,
                });
            }
        });
        tokio::spawn(async move {
            sheet.stdout_failed().await;
            let _ = sender.send(Stop::Unwritable);
        });
        Ok(Stops { stopper, receiver })
    }

    pub(super) async fn next(&mut self) -> Stop {
        self.receiver.recv().await.expect("a sender is kept here")
    }
}
