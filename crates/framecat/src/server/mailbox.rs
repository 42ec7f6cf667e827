//! What waits to be said in one session: put there by the operator or by other sessions.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use framecat_core::queue::{Queue, Queued, SlowPolicy};
use tokio::sync::Notify;

/// What waits to be said in one session. The messages are encoded already.
#[derive(Debug)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    arrived: Notify,
    space: Notify,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    close: Option<Close>,
    /// The session has ended: nothing will be taken out any more.
    gone: bool,
}

/// Why the session is to end when the mailbox is empty, or at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// The operator said the message that ends a session.
    EndMessage,
    /// It was the one reply.
    OneShot,
    /// The peer does not read.
    Slow,
}

impl Mailbox {
    pub(super) fn new(capacity: usize, policy: SlowPolicy) -> Mailbox {
        let queue = Queue::new(capacity, policy);
        Mailbox {
            state: Mutex::new(State { queue, close: None, gone: false }),
            arrived: Notify::new(),
            space: Notify::new(),
        }
    }

    /// Puts a message in, as the policy allows. A session that has ended takes everything.
    pub(super) fn push(&self, message: Bytes) -> Queued {
        let mut state = self.state();
        if state.gone || state.close.is_some() {
            return Queued::Yes;
        }
        let queued = state.queue.push(message);
        if queued == Queued::Disconnect {
            state.close = Some(Close::Slow);
        }
        drop(state);
        self.arrived.notify_one();
        queued
    }

    /// Takes a message out.
    pub(super) fn pop(&self) -> Option<Bytes> {
        let message = self.state().queue.pop()?;
        self.space.notify_waiters();
        Some(message)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().queue.is_empty()
    }

    /// Asks the session to end.
    pub(super) fn close(&self, close: Close) {
        self.state().close.get_or_insert(close);
        self.arrived.notify_one();
        self.space.notify_waiters();
    }

    /// Whether the session is to end: at once if it is slow, else when nothing waits.
    pub(super) fn closing(&self) -> Option<Close> {
        let state = self.state();
        state.close.filter(|close| *close == Close::Slow || state.queue.is_empty())
    }

    /// Makes the session look.
    pub(super) fn wake(&self) {
        self.arrived.notify_one();
    }

    /// The session has ended. How many messages its peer missed: dropped, or not taken in time.
    pub(super) fn leave(&self) -> u64 {
        let mut state = self.state();
        state.gone = true;
        let mut missed = state.queue.dropped();
        while state.queue.pop().is_some() {
            missed += 1;
        }
        drop(state);
        self.space.notify_waiters();
        missed
    }

    /// Waits for a message, or for another reason to look.
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Waits until there is room for `message`, or nobody is there to want it.
    pub(super) async fn room_for(&self, message: &Bytes) {
        loop {
            // To be told of what changes after the look, be on the list before it.
            let space = self.space.notified();
            tokio::pin!(space);
            space.as_mut().enable();
            {
                let state = self.state();
                if state.gone || state.close.is_some() || state.queue.has_room_for(message) {
                    return;
                }
            }
            space.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that panics runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
