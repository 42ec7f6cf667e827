//! The operator of a `chat`: takes what is typed to whom it is meant for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use framecat_core::roster::{Nobody, Target};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Say;
use super::accept::Shared;
use super::mailbox::{Close, Mailbox};
use crate::observe::{Event, NotSent, SessionId};

/// How long a line waits for a peer that does not read, before the operator is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// Passes on what the operator says until there is no more.
pub(super) async fn run(shared: Arc<Shared>, mut operator: mpsc::Receiver<Say>) {
    while let Some(say) = operator.recv().await {
        if let Err((session, problem)) = pass_on(&shared, &say).await {
            shared.observer.on_event(&Event::NotSent { session, problem: &problem });
        }
    }
    shared.members.unattend();
}

async fn pass_on(shared: &Shared, say: &Say) -> Result<(), (Option<SessionId>, NotSent)> {
    let (session, mailbox) = chosen(shared, say.to).await.map_err(|error| (None, error.into()))?;
    let not_sent = |problem| (Some(session), problem);
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

/// The session that is meant, as soon as it can be told.
async fn chosen(shared: &Shared, to: Target) -> Result<(SessionId, Arc<Mailbox>), Nobody> {
    loop {
        let changed = shared.members.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        match shared.members.choose(to) {
            Err(Nobody::NotYet) => changed.await,
            other => return other,
        }
    }
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
