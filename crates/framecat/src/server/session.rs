//! One session of a stream server.

use std::future::{Future, poll_fn};
use std::io;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use framecat_core::address::Address;
use framecat_core::diagram::ReadSeams;
use framecat_core::framing::{EncodeError, Frame};
use framecat_core::queue::{Queue, Queued};
use framecat_core::service::{Answer, Chargen, Service};
use jiff::Zoned;
use tokio::sync::watch;
use tokio::task::coop::consume_budget;
use tokio::task::yield_now;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::accept::{Lingering, Phase, Seat, Shared};
use super::mailbox::{Close, Mailbox};
use crate::endpoint::Stream;
use crate::observe::{EndReason, Event, NotSent, SessionId, Totals};
use crate::session::{Pumped, ReadError, Reader, Scratch, Sink, Writer};

/// How long to go on reading what a peer still sends after we have ended the session. Closing at once
/// would answer those bytes with a reset, which can overtake the last reply on its way.
const LINGER: Duration = Duration::from_secs(2);

/// The part of a queue that one turn of a session may fill before those who are to read it get theirs.
const SHARE_OF_QUEUE: usize = 4;

/// A session from its first to its last byte. Its state is put together before the task begins: an
/// `async fn` would keep its arguments beside it for as long as the session lives.
pub(super) fn run(
    id: SessionId,
    stream: Stream,
    peer: Address,
    shared: Arc<Shared>,
    seat: Seat,
) -> impl Future<Output = ()> + Send {
    let mut session = Session::new(id, stream, peer, shared, seat);
    session.begin();
    async move {
        let reason = session.converse().await;
        session.end(&reason);
        if session.lingering.is_some() {
            linger(&session.stream).await;
        }
    }
}

struct Session {
    id: SessionId,
    stream: Stream,
    peer: Address,
    shared: Arc<Shared>,
    /// Given up when the session is over, before the last bytes are waited for.
    seat: Option<Seat>,
    lingering: Option<Lingering>,
    reader: Reader,
    writer: Writer,
    mailbox: Option<Arc<Mailbox>>,
    chargen: Option<Chargen>,
    /// A message for the room that has not found its way to everyone yet.
    delivery: Option<Box<Delivery>>,
    messages_in: u64,
    begun: Instant,
    /// When bytes last moved, either way.
    moved: Instant,
    has_spoken_to_others: bool,
    /// Whether the peer has ended its side of the stream.
    heard_all: bool,
    /// Why the session ends as soon as all is sent.
    closing: Option<EndReason>,
}

struct Delivery {
    message: Bytes,
    to: Vec<Arc<Mailbox>>,
}

/// What a session waits for.
struct Wait {
    readable: bool,
    writable: bool,
}

impl Session {
    fn new(
        id: SessionId,
        stream: Stream,
        peer: Address,
        shared: Arc<Shared>,
        seat: Seat,
    ) -> Session {
        let service = &shared.config.dialogue.service;
        let now = Instant::now();
        Session {
            mailbox: service
                .has_mailbox()
                .then(|| Arc::new(Mailbox::new(shared.config.queue, shared.config.slow))),
            chargen: (*service == Service::Chargen).then(Chargen::default),
            reader: Reader::new(&shared.config.requests, shared.wants.reads),
            writer: Writer::new(shared.config.replies.clone()),
            delivery: None,
            messages_in: 0,
            begun: now,
            moved: now,
            has_spoken_to_others: false,
            heard_all: false,
            closing: None,
            id,
            stream,
            peer,
            shared,
            seat: Some(seat),
            lingering: None,
        }
    }

    fn begin(&mut self) {
        if let Some(mailbox) = &self.mailbox {
            self.shared.members.join(self.id, mailbox.clone());
        }
        let active = self.shared.active();
        let event = Event::Connected { session: self.id, peer: &self.peer, active };
        self.shared.observer.on_event(&event);
        if let Some(greet) = &self.shared.config.dialogue.greet
            && let Err(error) = self.writer.push(greet)
        {
            self.closing = Some(EndReason::Unanswerable(error));
        }
    }

    async fn converse(&mut self) -> EndReason {
        let mut phase = self.shared.phase.subscribe();
        let idle = sleep_until(self.idle_deadline());
        tokio::pin!(idle);
        loop {
            self.display_ready(&mut phase).await;
            let now = *phase.borrow_and_update();
            if now == Phase::Over {
                return EndReason::Cut;
            }
            match self.turn(now == Phase::Draining) {
                ControlFlow::Break(reason) => return reason,
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(Some(wait)) => {
                    if let ControlFlow::Break(reason) =
                        self.wait(wait, &mut phase, idle.as_mut()).await
                    {
                        return reason;
                    }
                }
            }
            if std::mem::take(&mut self.has_spoken_to_others) {
                // They must have the chance to pass it on before there is more for them.
                yield_now().await;
            } else {
                // A peer that never pauses must not keep the others from their turn.
                consume_budget().await;
            }
        }
    }

    /// Waits until the display has room; not beyond the server's end.
    async fn display_ready(&self, phase: &mut watch::Receiver<Phase>) {
        let mut ready = poll_fn(|cx| self.shared.observer.poll_ready(cx));
        while *phase.borrow_and_update() != Phase::Over {
            tokio::select! {
                biased;
                () = &mut ready => return,
                _ = phase.changed() => {}
            }
        }
    }

    /// Says what waits to be said, reads once, answers, and sends. `None` asks for another turn.
    fn turn(&mut self, draining: bool) -> ControlFlow<EndReason, Option<Wait>> {
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
                Close::EndMessage => EndReason::EndMessage,
                Close::OneShot => EndReason::OneShot,
                Close::Slow => EndReason::Slow,
            });
        }
    }

    fn retry_delivery(&mut self) {
        if let Some(delivery) = &mut self.delivery {
            let message = &delivery.message;
            delivery.to.retain(|mailbox| mailbox.push(message.clone()) == Queued::Later);
            if delivery.to.is_empty() {
                self.delivery = None;
            }
        }
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

    async fn wait(
        &mut self,
        wait: Wait,
        phase: &mut watch::Receiver<Phase>,
        mut idle: std::pin::Pin<&mut Sleep>,
    ) -> ControlFlow<EndReason> {
        tokio::select! {
            biased;
            _ = phase.changed() => {}
            _ = self.stream.readable(), if wait.readable => {}
            _ = self.stream.writable(), if wait.writable => {}
            () = self.mail(), if self.mailbox.is_some() => {}
            () = self.room(), if self.delivery.is_some() => {}
            () = idle.as_mut(), if self.shared.config.idle_timeout.is_some() => {
                let deadline = self.idle_deadline();
                if deadline <= Instant::now() {
                    let timeout = self.shared.config.idle_timeout.unwrap_or_default();
                    return ControlFlow::Break(EndReason::Idle(timeout));
                }
                idle.reset(deadline);
            }
        }
        ControlFlow::Continue(())
    }

    async fn mail(&self) {
        if let Some(mailbox) = &self.mailbox {
            // Boxed: most services have no mailbox, and their sessions need not have room for this.
            Box::pin(mailbox.arrived()).await;
        }
    }

    async fn room(&self) {
        if let Some(delivery) = &self.delivery {
            Box::pin(delivery.to[0].room_for(&delivery.message)).await;
        }
    }

    fn idle_deadline(&self) -> Instant {
        // A year stands for never: the branch that waits for it is switched off.
        let never = Duration::from_secs(365 * 24 * 3600);
        self.moved + self.shared.config.idle_timeout.unwrap_or(never)
    }

    /// Says that the session is over, and gives its seat to the next.
    fn end(&mut self, reason: &EndReason) {
        let missed = self.mailbox.as_ref().map_or(0, |mailbox| {
            self.shared.members.leave(self.id);
            mailbox.leave()
        });
        let totals = Totals {
            messages_in: self.messages_in,
            messages_out: self.writer.messages(),
            bytes_in: self.reader.bytes(),
            bytes_out: self.writer.bytes(),
            dropped: missed,
        };
        self.shared.add(totals, matches!(reason, EndReason::Cut));
        let active = self.shared.active() - 1;
        self.shared.observer.on_event(&Event::Ended {
            session: self.id,
            peer: &self.peer,
            reason,
            totals,
            after: self.begun.elapsed(),
            active,
        });
        // The end of our side goes out before the next client is let in.
        let _ = self.stream.finish();
        self.seat = None;
        self.lingering = self.shared.linger();
    }
}

/// Reads and forgets what a peer still sends, until it ends its side too.
async fn linger(stream: &Stream) {
    let until_end = async {
        loop {
            let read = Scratch::with(|scratch| {
                scratch.text.resize(scratch.text.capacity().max(4096), 0);
                stream.try_read(&mut scratch.text)
            });
            match read {
                Ok(crate::endpoint::Read::End) => return,
                Ok(_) => consume_budget().await,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if stream.readable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    };
    let _ = timeout(LINGER, until_end).await;
}

fn end_by_io(error: &io::Error) -> EndReason {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => EndReason::Reset,
        _ => EndReason::Io(crate::reason(error)),
    }
}

/// Answers the messages of one read.
struct Answering<'a> {
    id: SessionId,
    peer: &'a Address,
    shared: &'a Shared,
    writer: &'a mut Writer,
    text: &'a mut Vec<u8>,
    echo: Echo,
    messages_in: &'a mut u64,
    delivery: &'a mut Option<Box<Delivery>>,
    /// How much of the other sessions' queues this turn has filled.
    spoken: usize,
    closing: &'a mut Option<EndReason>,
}

/// Frames that are to go back as they came. They stand side by side, so one copy takes them all; a
/// copy for each would be half of what an echo costs.
#[derive(Default)]
struct Echo {
    frames: Range<usize>,
    messages: u64,
}

impl Sink for Answering<'_> {
    #[inline]
    fn message(&mut self, frame: Frame<'_>, at: usize) -> ControlFlow<()> {
        let message = frame.payload;
        if self.shared.wants.messages {
            let event = Event::Message { session: self.id, peer: self.peer, message };
            self.shared.observer.on_event(&event);
        }
        if self.shared.echoes_verbatim {
            self.echo(at, frame.wire.len());
        } else if let Err(error) = self.answer(message) {
            *self.closing = Some(EndReason::Unanswerable(error));
        }
        *self.messages_in += 1;
        if self.shared.config.dialogue.is_end(message) && self.closing.is_none() {
            *self.closing = Some(EndReason::EndMessage);
        }
        let goes_on = self.closing.is_none()
            && self.delivery.is_none()
            && self.writer.has_room()
            && self.spoken <= self.shared.config.queue / SHARE_OF_QUEUE;
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn end_batch(&mut self, batch: &[u8]) {
        let Echo { frames, messages } = std::mem::take(&mut self.echo);
        self.writer.push_encoded(&batch[frames], messages);
    }

    fn seams(&mut self, seams: &ReadSeams) {
        self.shared.observer.on_event(&Event::Read { session: self.id, seams });
    }
}

impl Answering<'_> {
    #[inline]
    fn echo(&mut self, at: usize, len: usize) {
        if self.echo.messages == 0 {
            self.echo.frames.start = at;
        }
        self.echo.frames.end = at + len;
        self.echo.messages += 1;
        if self.shared.config.dialogue.one_shot {
            *self.closing = Some(EndReason::OneShot);
        }
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
