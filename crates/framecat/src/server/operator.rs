//! The operator of a `chat`: takes what is typed to whom it is meant for.

use std::sync::Arc;

use bytes::Bytes;
use framecat_core::roster::Nobody;
use tokio::sync::mpsc;

use super::Say;
use super::accept::Shared;
use super::mailbox::Close;
use crate::observe::{Event, NotSent, SessionId};

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
    let mut encoded = Vec::new();
    let replies = &shared.config.replies;
    replies.encode(&say.message, &mut encoded).map_err(|error| (None, error.into()))?;
    let encoded = Bytes::from(encoded);
    loop {
        let changed = shared.members.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let (session, mailbox) = match shared.members.choose(say.to) {
            Ok(chosen) => chosen,
            Err(Nobody::NotYet) => {
                changed.await;
                continue;
            }
            Err(nobody) => return Err((None, nobody.into())),
        };
        use framecat_core::queue::Queued;
        if mailbox.push(encoded.clone()) == Queued::No {
            return Err((Some(session), NotSent::Slow));
        }
        shared.members.answered(session);
        if shared.config.dialogue.is_end(&say.message) {
            mailbox.close(Close::EndMessage);
        } else if shared.config.dialogue.one_shot {
            mailbox.close(Close::OneShot);
        }
        return Ok(());
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
