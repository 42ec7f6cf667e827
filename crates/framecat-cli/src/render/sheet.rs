//! What is to be written, in order: one thread writes it, so that a slow terminal or a full pipe stops
//! no session in the middle of its work.

use std::io::{self, Write as _};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;

/// Once this much waits to be written, sessions read no further.
const HIGH_WATER: usize = 256 * 1024;

/// Where a piece of output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    Stdout,
    Stderr,
}

/// Prints above the line that a person is typing.
pub(crate) type AbovePrompt = Box<dyn FnMut(String) + Send>;

/// What is to be written, in order.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    state: Mutex<State>,
    filled: Condvar,
    stdout_failed: Notify,
}

#[derive(Debug, Default)]
struct State {
    pieces: Pieces,
    waiting: Vec<Waker>,
    finished: bool,
    stdout_error: Option<io::Error>,
}

#[derive(Debug, Default)]
struct Pieces {
    bytes: Vec<u8>,
    /// Where each piece ends, and where it goes.
    ends: Vec<(To, usize)>,
}

impl Sheet {
    /// Adds what `fill` appends.
    pub(crate) fn write(&self, to: To, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let pieces = &mut state.pieces;
        fill(&mut pieces.bytes);
        let end = pieces.bytes.len();
        match pieces.ends.last_mut() {
            Some((last, last_end)) if *last == to => *last_end = end,
            _ => pieces.ends.push((to, end)),
        }
        self.filled.notify_one();
    }

    /// Whether there is room for more.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.pieces.bytes.len() < HIGH_WATER {
            return Poll::Ready(());
        }
        // One that asks twice before it is woken is woken twice: that costs less than a search among
        // ten thousand each time one asks.
        state.waiting.push(cx.waker().clone());
        Poll::Pending
    }

    /// Whether there is room for more, for one who does not wait.
    pub(crate) fn has_room(&self) -> bool {
        self.state().pieces.bytes.len() < HIGH_WATER
    }

    /// Waits until standard output takes no more.
    pub(crate) async fn stdout_failed(&self) {
        self.stdout_failed.notified().await;
    }

    /// Why standard output takes no more.
    pub(crate) fn take_stdout_error(&self) -> Option<io::Error> {
        self.state().stdout_error.take()
    }

    /// No more will come: [`Sheet::write_out`] returns when all is written.
    pub(crate) fn finish(&self) {
        self.state().finished = true;
        self.filled.notify_one();
    }

    /// Writes what comes until all is written. With a prompt, what goes to a terminal is printed
    /// above it.
    pub(crate) fn write_out(&self, mut prompt: Option<AbovePrompt>) {
        let stderr_is_terminal = io::IsTerminal::is_terminal(&io::stderr());
        while let Some(pieces) = self.take() {
            let mut start = 0;
            for (to, end) in pieces.ends {
                let bytes = &pieces.bytes[start..end];
                start = end;
                match (&mut prompt, to) {
                    (Some(print), To::Stdout) => print(String::from_utf8_lossy(bytes).into()),
                    (Some(print), To::Stderr) if stderr_is_terminal => {
                        print(String::from_utf8_lossy(bytes).into());
                    }
                    (_, To::Stdout) => {
                        if let Err(error) = write_now(&mut io::stdout().lock(), bytes) {
                            self.state().stdout_error.get_or_insert(error);
                            self.stdout_failed.notify_one();
                        }
                    }
                    // Nobody is left to be told that standard error is gone.
                    (_, To::Stderr) => drop(io::stderr().lock().write_all(bytes)),
                }
            }
        }
        // The editor takes one piece at a time from a queue of one: once it has taken a second empty
        // one, it has printed what came before the first.
        if let Some(print) = &mut prompt {
            print(String::new());
            print(String::new());
        }
    }

    /// Takes what waits, as soon as there is something; `None` is the end.
    fn take(&self) -> Option<Pieces> {
        let mut state = self.state();
        loop {
            for waker in state.waiting.drain(..) {
                waker.wake();
            }
            if !state.pieces.bytes.is_empty() {
                return Some(std::mem::take(&mut state.pieces));
            }
            if state.finished {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_now(out: &mut impl io::Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(bytes)?;
    out.flush()
}
