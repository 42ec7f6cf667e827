//! Answering the messages of one read.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use bytes::Bytes;
use framecat_core::address::Address;
use framecat_core::diagram::ReadSeams;
use framecat_core::framing::{EncodeError, Frame};
use framecat_core::queue::{Queue, Queued};
use framecat_core::service::Answer;
use jiff::Zoned;

use crate::observe::{EndReason, Event, NotSent, SessionId};
use crate::server::mailbox::Mailbox;
use crate::server::shared::Shared;
use crate::session::{Sink, Writer};

/// The part of a queue that one turn of a session may fill before those who are to read it get theirs.
const SHARE_OF_QUEUE: usize = 4;

/// A message for the room that has not found its way to everyone yet.
pub(super) struct Delivery {
    message: Bytes,
    to: Vec<Arc<Mailbox>>,
}

impl Delivery {
    /// Offers the message again; whether all have it now.
    pub(super) fn retry(&mut self) -> bool {
        self.to.retain(|mailbox| mailbox.push(self.message.clone()) == Queued::Later);
        self.to.is_empty()
    }

    /// Waits until it is worth while to offer it again.
    pub(super) async fn room(&self) {
        self.to[0].room_for(&self.message).await;
    }
}

/// Answers the messages of one read.
pub(super) struct Answering<'a> {
    pub(super) id: SessionId,
    pub(super) peer: &'a Address,
    pub(super) shared: &'a Shared,
    pub(super) writer: &'a mut Writer,
    pub(super) text: &'a mut Vec<u8>,
    pub(super) echo: Echo,
    pub(super) messages_in: &'a mut u64,
    pub(super) delivery: &'a mut Option<Box<Delivery>>,
    /// How much of the other sessions' queues this turn has filled.
    pub(super) spoken: usize,
    pub(super) closing: &'a mut Option<EndReason>,
}

/// Frames that are to go back as they came. They stand side by side, so one copy takes them all; a
/// copy for each would be half of what an echo costs.
#[derive(Default)]
pub(super) struct Echo {
    frames: Range<usize>,
    messages: u64,
}

impl Sink for Answering<'_> {
    #[inline]
    fn message(&mut self, frame: Frame<'_>, at: usize) -> ControlFlow<()> {
        if self.shared.echoes_plainly {
            self.echo(at, frame.wire.len());
            return ControlFlow::Continue(());
        }
        self.consider(frame, at)
    }

    fn end_batch(&mut self, batch: &[u8]) {
        let Echo { frames, messages } = std::mem::take(&mut self.echo);
        self.writer.push_encoded(&batch[frames], messages);
        *self.messages_in += messages;
    }

    fn seams(&mut self, seams: &ReadSeams) {
        self.shared.observer.on_event(&Event::Read { session: self.id, seams });
    }
}

impl Answering<'_> {
    /// Answers a message by all the rules.
    fn consider(&mut self, frame: Frame<'_>, at: usize) -> ControlFlow<()> {
        let message = frame.payload;
        if self.shared.wants.messages {
            let event = Event::Message { session: self.id, peer: self.peer, message };
            self.shared.observer.on_event(&event);
        }
        if self.shared.echoes_verbatim {
            self.echo(at, frame.wire.len());
            if self.shared.config.dialogue.one_shot {
                *self.closing = Some(EndReason::OneShot);
            }
        } else {
            *self.messages_in += 1;
            if let Err(error) = self.answer(message) {
                *self.closing = Some(EndReason::Unanswerable(error));
            }
        }
        if self.shared.config.dialogue.is_end(message) && self.closing.is_none() {
            *self.closing = Some(EndReason::end_message(&self.shared.config.dialogue));
        }
        let goes_on = self.closing.is_none()
            && self.delivery.is_none()
            && self.writer.has_room()
            && self.spoken <= self.shared.config.queue / SHARE_OF_QUEUE;
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    #[inline]
    fn echo(&mut self, at: usize, len: usize) {
        if self.echo.messages == 0 {
            self.echo.frames.start = at;
        }
        self.echo.frames.end = at + len;
        self.echo.messages += 1;
    }

    fn answer(&mut self, message: &[u8]) -> Result<(), EncodeError> {
        let dialogue = &self.shared.config.dialogue;
        match dialogue.service.answer(message, Zoned::now, self.text) {
            Answer::Same => self.writer.push(message)?,
            Answer::Bytes(reply) => self.writer.push(reply)?,
            Answer::Nothing => return Ok(()),
            Answer::Operator => {
                self.shared.members.asked(self.id);
                return Ok(());
            }
            Answer::EveryoneElse => {
                self.pass_on(message);
                return Ok(());
            }
        }
        if dialogue.one_shot {
            *self.closing = Some(EndReason::OneShot);
        }
        Ok(())
    }

    /// Hands a message to the room. One that the replies' framing cannot carry is reported, and the
    /// session goes on: the others have lost nothing that they were promised.
    fn pass_on(&mut self, payload: &[u8]) {
        let mut encoded = Vec::new();
        if let Err(error) = self.shared.config.replies.encode(payload, &mut encoded) {
            let problem = NotSent::Carry(error);
            let event = Event::NotSent { session: Some(self.id), problem: &problem };
            self.shared.observer.on_event(&event);
            return;
        }
        let message = Bytes::from(encoded);
        self.spoken += Queue::cost(&message);
        let to = self.shared.members.deliver(self.id, &message);
        if !to.is_empty() {
            *self.delivery = Some(Box::new(Delivery { message, to }));
        }
    }
}
