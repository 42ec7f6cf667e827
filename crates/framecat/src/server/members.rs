//! The sessions that can be spoken to, in `chat` and `room`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use framecat_core::queue::Queued;
use framecat_core::roster::{Nobody, Roster, Target};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::mailbox::Mailbox;
use crate::observe::SessionId;

/// The sessions that can be spoken to.
#[derive(Debug, Default)]
pub(super) struct Members {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    mailboxes: HashMap<SessionId, Arc<Mailbox>>,
    roster: Roster,
    /// No operator will answer any more.
    unattended: bool,
}

impl Members {
    pub(super) fn join(&self, session: SessionId, mailbox: Arc<Mailbox>) {
        let mut state = self.state();
        state.mailboxes.insert(session, mailbox);
        state.roster.on_join(session);
        self.changed.notify_waiters();
    }

    pub(super) fn leave(&self, session: SessionId) {
        let mut state = self.state();
        state.mailboxes.remove(&session);
        state.roster.on_leave(session);
        self.changed.notify_waiters();
    }

    /// A session has said something to the operator.
    pub(super) fn asked(&self, session: SessionId) {
        self.state().roster.on_message(session);
        self.changed.notify_waiters();
    }

    /// Whether an answer to the session is still to come.
    pub(super) fn awaits_answer(&self, session: SessionId) -> bool {
        let state = self.state();
        !state.unattended && state.roster.unanswered(session) > 0
    }

    /// The session that a line for `target` goes to.
    pub(super) fn choose(&self, target: Target) -> Result<(SessionId, Arc<Mailbox>), Nobody> {
        let state = self.state();
        let session = state.roster.choose(target)?;
        let mailbox = state.mailboxes.get(&session).ok_or(Nobody::Gone)?;
        Ok((session, mailbox.clone()))
    }

    pub(super) fn answered(&self, session: SessionId) {
        self.state().roster.on_answer(session);
    }

    /// The operator is gone: nobody waits for an answer any more.
    pub(super) fn unattend(&self) {
        let mut state = self.state();
        state.unattended = true;
        for mailbox in state.mailboxes.values() {
            mailbox.wake();
        }
    }

    /// Puts a message into every mailbox but the sender's. Those that have no room yet come back.
    pub(super) fn deliver(&self, from: SessionId, message: &Bytes) -> Vec<Arc<Mailbox>> {
        let state = self.state();
        let others = state.mailboxes.iter().filter(|(session, _)| **session != from);
        others
            .filter(|(_, mailbox)| mailbox.push(message.clone()) == Queued::Later)
            .map(|(_, mailbox)| mailbox.clone())
            .collect()
    }

    /// Waits for someone to come, leave or speak. To be enabled before the last look.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that panics runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
