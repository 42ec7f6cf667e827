//! A turn of a session: what waits is said, one read is answered, what can be sent is sent.

use std::io;
use std::ops::ControlFlow;

use tokio::time::Instant;

use super::answering::{Answering, Echo};
use super::{Session, Wait};
use crate::observe::{EndReason, Event};
use crate::server::mailbox::Close;
use crate::session::{Pumped, ReadError, Scratch};

impl Session {
    /// Says what waits to be said, reads once, answers, and sends. `None` asks for another turn.
    pub(super) fn turn(&mut self, draining: bool) -> ControlFlow<EndReason, Option<Wait>> {
        Scratch::with(|scratch| {
            self.writer.borrow(&mut scratch.output);
            let flow = self.turn_with(draining, &mut scratch.input, &mut scratch.text);
            self.writer.give_back(&mut scratch.output);
            flow
        })
    }

    fn turn_with(
        &mut self,
        draining: bool,
        input: &mut Vec<u8>,
        text: &mut Vec<u8>,
    ) -> ControlFlow<EndReason, Option<Wait>> {
        let before = (self.reader.bytes(), self.writer.bytes());
        self.empty_mailbox();
        if matches!(self.closing, Some(EndReason::Slow)) {
            // What it has not read so far, it will not read now.
            return ControlFlow::Break(EndReason::Slow);
        }
        self.retry_delivery();
        if !draining {
            self.generate();
        }
        let pumped = if self.may_read() { Some(self.read(input, text)) } else { None };
        if let Err(error) = self.writer.flush(&self.stream) {
            return ControlFlow::Break(end_by_io(&error));
        }
        if before != (self.reader.bytes(), self.writer.bytes()) {
            self.moved = Instant::now();
        }
        if self.writer.is_flushed() {
            if let Some(reason) = self.closing.take() {
                return ControlFlow::Break(reason);
            }
            if (pumped == Some(Pumped::Blocked) || self.heard_all)
                && let Some(reason) = self.has_nothing_left(draining)
            {
                return ControlFlow::Break(reason);
            }
        }
        // Room that the flush has made is for what had to wait for it: nothing else will wake us.
        let reads_on = self.may_read() && pumped != Some(Pumped::Blocked);
        let has_mail = self.mailbox.as_ref().is_some_and(|mailbox| !mailbox.is_empty());
        let goes_on = reads_on || (has_mail && self.writer.has_room());
        ControlFlow::Continue((!goes_on).then(|| Wait {
            readable: self.may_read(),
            writable: !self.writer.is_flushed() || (self.chargen.is_some() && !draining),
        }))
    }

    /// A peer that does not read what it is sent is not read from either.
    fn may_read(&self) -> bool {
        !self.heard_all
            && self.closing.is_none()
            && self.delivery.is_none()
            && self.writer.has_room()
    }

    fn read(&mut self, input: &mut Vec<u8>, text: &mut Vec<u8>) -> Pumped {
        let mut answering = Answering {
            id: self.id,
            peer: &self.peer,
            shared: &self.shared,
            writer: &mut self.writer,
            text,
            echo: Echo::default(),
            messages_in: &mut self.messages_in,
            delivery: &mut self.delivery,
            spoken: 0,
            closing: &mut self.closing,
        };
        let pumped = self.reader.pump(&self.stream, input, &mut answering);
        self.has_spoken_to_others |= answering.spoken > 0;
        match pumped {
            Ok(Pumped::End) => {
                self.heard_all = true;
                if self.awaits_answer() {
                    let event = Event::AwaitsAnswer { session: self.id };
                    self.shared.observer.on_event(&event);
                }
                Pumped::Blocked
            }
            Ok(pumped) => pumped,
            Err(error) => {
                // What came before the error is still answered.
                self.closing = Some(match error {
                    ReadError::Frame(error) => EndReason::Framing(error),
                    ReadError::Io(error) => end_by_io(&error),
                });
                Pumped::Blocked
            }
        }
    }

    fn awaits_answer(&self) -> bool {
        self.mailbox.is_some() && self.shared.members.awaits_answer(self.id)
    }

    /// Why the session is over, now that all is sent and nothing can be read.
    fn has_nothing_left(&self, draining: bool) -> Option<EndReason> {
        let nothing_to_say = self.delivery.is_none()
            && self.mailbox.as_ref().is_none_or(|mailbox| mailbox.is_empty());
        if !nothing_to_say {
            return None;
        }
        if draining && (self.heard_all || !self.is_being_told_something()) {
            return Some(EndReason::Drained);
        }
        // A pattern without end goes on for a peer that only listens.
        let says_more = self.chargen.is_some() || self.awaits_answer();
        (self.heard_all && !says_more).then_some(EndReason::EndOfStream)
    }

    /// Whether part of a message is here, or something is in the kernel that will be read next.
    fn is_being_told_something(&self) -> bool {
        self.reader.is_inside_message() || self.stream.has_unread()
    }

    fn empty_mailbox(&mut self) {
        let Some(mailbox) = &self.mailbox else { return };
        while self.writer.has_room()
            && let Some(message) = mailbox.pop()
        {
            self.writer.push_encoded(&message, 1);
        }
        if self.closing.is_none()
            && let Some(close) = mailbox.closing()
        {
            self.closing = Some(match close {
                Close::EndMessage => EndReason::end_message(&self.shared.config.dialogue),
                Close::OneShot => EndReason::OneShot,
                Close::Slow => EndReason::Slow,
            });
        }
    }

    fn retry_delivery(&mut self) {
        self.delivery.take_if(|delivery| delivery.retry());
    }

    fn generate(&mut self) {
        let Some(chargen) = &mut self.chargen else { return };
        while self.closing.is_none() && self.writer.has_room() {
            let line = chargen.next_line();
            let pushed = if self.writer.wire().is_raw() {
                self.writer.push(&[&line[..], b"\r\n"].concat())
            } else {
                self.writer.push(&line)
            };
            if let Err(error) = pushed {
                self.closing = Some(EndReason::Unanswerable(error));
            }
        }
    }
}

fn end_by_io(error: &io::Error) -> EndReason {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => EndReason::Reset,
        _ => EndReason::Io(crate::reason(error)),
    }
}
