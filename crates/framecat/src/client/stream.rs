//! A session over a stream.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;

use framecat_core::address::Address;
use framecat_core::diagram::ReadSeams;
use framecat_core::framing::Frame;
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep_until};

use super::{Config, Messages, Report};
use crate::endpoint::Stream;
use crate::observe::{Event, Observer, SessionId, Totals, Wants};
use crate::session::{Pumped, ReadError, Reader, Scratch, Sink, Writer};
use crate::{Error, NEVER};

/// A client has one session.
pub(super) const SESSION: SessionId = 1;

struct Session {
    stream: Stream,
    peer: Address,
    config: Config,
    observer: Arc<dyn Observer>,
    wants: Wants,
    reader: Reader,
    writer: Writer,
    /// What is to be said next.
    to_say: Messages,
    saying: Saying,
    /// In lockstep: whether the last message has no reply yet.
    awaits_reply: bool,
    messages_in: u64,
    heard: Instant,
    /// Whether one side has said the message that ends the session.
    ended: bool,
    /// What is wrong on our side, to be told when the replies to the rest are in.
    failed: Option<Error>,
}

/// How far our side is.
///
/// | state    | takes input | sends | then                                    |
/// |----------|-------------|-------|-----------------------------------------|
/// | Open     | yes         | yes   | input ends, or the end is said: Ending  |
/// | Ending   | no          | yes   | all is sent: Ended, the peer sees it    |
/// | Ended    | no          | no    |                                         |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saying {
    Open,
    Ending,
    Ended,
}

pub(super) async fn converse(
    stream: Stream,
    peer: Address,
    config: Config,
    observer: Arc<dyn Observer>,
    mut input: mpsc::Receiver<Messages>,
) -> Result<Report, Error> {
    let wants = observer.wants();
    let mut session = Session {
        wants,
        reader: Reader::new(&config.replies, wants.reads),
        writer: Writer::new(config.requests.clone()),
        to_say: Messages::default(),
        saying: Saying::Open,
        awaits_reply: false,
        messages_in: 0,
        heard: Instant::now(),
        ended: false,
        failed: None,
        stream,
        peer,
        config,
        observer,
    };
    loop {
        match session.turn()? {
            Pumped::End => break,
            Pumped::Blocked if session.wait(&mut input).await.is_break() => break,
            _ => {}
        }
        // A server that never pauses must not keep signals and timers from their turn.
        consume_budget().await;
        poll_fn(|cx| session.observer.poll_ready(cx)).await;
    }
    // What was accepted and is still on its way here was not sent either.
    input.close();
    let mut untaken = 0;
    while let Ok(messages) = input.try_recv() {
        untaken += messages.bytes_left();
    }
    session.finish(untaken)
}

impl Session {
    /// Says what can be said without waiting, and reads once.
    fn turn(&mut self) -> Result<Pumped, Error> {
        self.say();
        let pumped = self.hear()?;
        Ok(if self.ended { Pumped::End } else { pumped })
    }

    fn say(&mut self) {
        loop {
            while self.may_say()
                && let Some(message) = self.to_say.peek()
            {
                if let Err(source) = self.writer.push(message) {
                    let number = self.writer.messages() + 1;
                    self.failed = Some(Error::Carry { peer: self.peer.clone(), number, source });
                    self.to_say = Messages::default();
                    self.saying = Saying::Ending;
                    break;
                }
                if self.config.is_end(message) {
                    self.saying = Saying::Ending;
                }
                self.awaits_reply = true;
                self.to_say.advance();
            }
            let before = self.writer.bytes();
            if let Err(source) = self.writer.flush(&self.stream) {
                // Nothing more can be said. What the server has said is still to be read.
                let address = self.peer.clone();
                self.failed.get_or_insert(Error::Io { doing: "write to", address, source });
                self.writer.give_up();
                self.to_say = Messages::default();
                self.saying = Saying::Ending;
            }
            if self.writer.bytes() == before || !self.may_say() || self.to_say.is_empty() {
                break;
            }
        }
        if self.saying == Saying::Ending && self.writer.is_flushed() {
            self.saying = Saying::Ended;
            // It fails only if the connection is gone, which reading will tell.
            let _ = self.stream.finish();
            self.heard = Instant::now();
        }
    }

    fn may_say(&self) -> bool {
        let in_turn = !(self.config.lockstep && self.awaits_reply);
        self.saying == Saying::Open && in_turn && self.writer.has_room()
    }

    fn hear(&mut self) -> Result<Pumped, Error> {
        Scratch::with(|scratch| {
            let mut hearing = Hearing {
                peer: &self.peer,
                config: &self.config,
                observer: &*self.observer,
                wants: self.wants,
                messages_in: &mut self.messages_in,
                awaits_reply: &mut self.awaits_reply,
                ended: &mut self.ended,
            };
            let before = self.reader.bytes();
            let pumped = self.reader.pump(&self.stream, &mut scratch.input, &mut hearing);
            if self.reader.bytes() > before {
                self.heard = Instant::now();
            }
            pumped.map_err(|error| {
                let peer = self.peer.clone();
                match error {
                    ReadError::Frame(source) => Error::Framing { peer, source },
                    ReadError::Io(source) => self.failed.take().unwrap_or(Error::Io {
                        doing: "read from",
                        address: peer,
                        source,
                    }),
                }
            })
        })
    }

    /// Waits for something to do. `Break` is the end of the time to wait.
    async fn wait(&mut self, input: &mut mpsc::Receiver<Messages>) -> ControlFlow<()> {
        let patience = self.config.wait.unwrap_or(NEVER);
        tokio::select! {
            biased;
            _ = self.stream.readable() => {}
            _ = self.stream.writable(), if !self.writer.is_flushed() => {}
            messages = input.recv(), if self.to_say.is_empty() && self.may_say() => {
                match messages {
                    Some(messages) => self.to_say = messages,
                    None => self.saying = Saying::Ending,
                }
            }
            () = sleep_until(self.heard + patience),
                if self.saying == Saying::Ended && self.config.wait.is_some() =>
            {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// How it went; `untaken` bytes of input were never taken.
    fn finish(mut self, untaken: usize) -> Result<Report, Error> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let unsaid = match self.saying {
            Saying::Open => self.to_say.bytes_left() + untaken,
            Saying::Ending | Saying::Ended => 0,
        };
        let unsent = self.writer.unsent() + unsaid;
        if unsent > 0 && !self.ended {
            return Err(Error::Unsent { peer: self.peer, unsent });
        }
        let totals = Totals {
            messages_in: self.messages_in,
            messages_out: self.writer.messages(),
            bytes_in: self.reader.bytes(),
            bytes_out: self.writer.bytes(),
            dropped: 0,
        };
        Ok(Report { totals, unanswered: 0 })
    }
}

/// Shows the messages of one read.
struct Hearing<'a> {
    peer: &'a Address,
    config: &'a Config,
    observer: &'a dyn Observer,
    wants: Wants,
    messages_in: &'a mut u64,
    awaits_reply: &'a mut bool,
    ended: &'a mut bool,
}

impl Sink for Hearing<'_> {
    fn message(&mut self, frame: Frame<'_>, _at: usize) -> ControlFlow<()> {
        let payload = frame.payload;
        *self.messages_in += 1;
        *self.awaits_reply = false;
        if self.wants.messages {
            let event = Event::Message { session: SESSION, peer: self.peer, message: payload };
            self.observer.on_event(&event);
        }
        *self.ended = self.config.is_end(payload);
        // In lockstep the next message is to be said before the next is heard.
        if *self.ended || self.config.lockstep {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn seams(&mut self, seams: &ReadSeams) {
        self.observer.on_event(&Event::Read { session: SESSION, seams });
    }
}
