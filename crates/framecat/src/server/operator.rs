//! The operator of a `chat`: takes what is typed to whom it is meant for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use framecat_core::roster::{Nobody, Target};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Say;
use super::mailbox::Close;
use super::shared::Shared;
use crate::observe::{Event, NotSent, SessionId};

/// How long a line waits for a peer that does not read, before the operator is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many answers may be given before their questions. Then the operator has to wait.
const EARLY: usize = 1024;

/// Passes on what the operator says until there is no more. An answer to whoever waits longest may
/// come before the question; what is addressed does not wait behind it.
pub(super) async fn run(shared: Arc<Shared>, mut operator: mpsc::Receiver<Say>) {
    let mut early = VecDeque::new();
    let mut open = true;
    loop {
        let changed = shared.members.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        while let Some(say) = early.pop_front() {
            if let Some(say) = say_now(&shared, say).await {
                early.push_front(say);
                break;
            }
        }
        if !open && early.is_empty() {
            break;
        }
        tokio::select! {
            say = operator.recv(), if open && early.len() < EARLY => match say {
                Some(say) if say.to == Target::LongestWaiting => early.push_back(say),
                Some(say) => early.extend(say_now(&shared, say).await),
                None => open = false,
            },
            () = &mut changed, if !early.is_empty() => {}
        }
    }
    shared.members.unattend();
}

/// Passes on a message, or says why not; gives it back if it is too early.
async fn say_now(shared: &Shared, say: Say) -> Option<Say> {
    match pass_on(shared, &say).await {
        Ok(()) => None,
        Err((_, Refusal::NotYet)) => Some(say),
        Err((session, Refusal::NotSent(problem))) => {
            shared.observer.on_event(&Event::NotSent { session, problem: &problem });
            None
        }
    }
}

/// Why a message did not go its way.
enum Refusal {
    NotYet,
    NotSent(NotSent),
}

async fn pass_on(shared: &Shared, say: &Say) -> Result<(), (Option<SessionId>, Refusal)> {
    let (session, mailbox) = shared.members.choose(say.to).map_err(|nobody| match nobody {
        Nobody::NotYet => (None, Refusal::NotYet),
        nobody => (None, Refusal::NotSent(nobody.into())),
    })?;
    let not_sent = |problem| (Some(session), Refusal::NotSent(problem));
    let mut encoded = Vec::new();
    let replies = &shared.config.replies;
    replies.encode(&say.message, &mut encoded).map_err(|error| not_sent(error.into()))?;
    let message = Bytes::from(encoded);
    if timeout(PATIENCE, mailbox.room_for(&message)).await.is_err() {
        return Err(not_sent(NotSent::Slow));
    }
    // There is room, and nobody else puts anything in.
    mailbox.push(message);
    shared.members.answered(session);
    if shared.config.dialogue.is_end(&say.message) {
        mailbox.close(Close::EndMessage);
    } else if shared.config.dialogue.one_shot {
        mailbox.close(Close::OneShot);
    }
    Ok(())
}

impl From<Nobody> for NotSent {
    fn from(nobody: Nobody) -> NotSent {
        match nobody {
            Nobody::Gone => NotSent::Gone,
            Nobody::Empty | Nobody::NotYet => NotSent::Nobody,
            Nobody::Ambiguous(active) => NotSent::Ambiguous { active },
        }
    }
}
