//! What ends the program from outside: Ctrl-C, SIGTERM, SIGHUP, a standard output that takes no more.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};
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
        let ignored = ignored_signals();
        let mut interrupt = catch(SignalKind::interrupt(), ignored)?;
        let mut terminate = catch(SignalKind::terminate(), ignored)?;
        let mut hangup = catch(SignalKind::hangup(), ignored)?;
        let found = stopper.clone();
        tokio::spawn(async move {
            loop {
                found.stop(tokio::select! {
                    () = received(&mut interrupt) => Stop::Interrupt,
                    () = received(&mut terminate) => Stop::Terminate,
                    () = received(&mut hangup) => Stop::Terminate,
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

/// Catches a signal, unless whoever started us wants it ignored: `nohup` for SIGHUP, a shell without
/// job control for the SIGINT of what runs in the background.
pub(super) fn catch(kind: SignalKind, ignored: u64) -> io::Result<Option<Signal>> {
    let bit = 1 << (kind.as_raw_value() - 1);
    if ignored & bit != 0 { Ok(None) } else { signal(kind).map(Some) }
}

pub(super) async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// The signals that are ignored, as a mask (proc_pid_status(5), SigIgn); none where that is not told.
pub(super) fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
