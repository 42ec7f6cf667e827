//! A session without a connection: it ends when there are as many replies as messages, or in silence.

use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use framecat_core::address::Address;
use framecat_core::diagram::ReadSeams;
use framecat_core::framing::{FrameError, FrameErrorKind};
use rustix::io::Errno;
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep_until};

use super::stream::SESSION;
use super::{Config, Messages, Report};
use crate::Error;
use crate::endpoint::Datagram;
use crate::observe::{Event, Observer, Totals, Wants};

/// How many messages may be without a reply before a pause: a receiver's buffer holds a few hundred
/// small datagrams (212,992 bytes on Linux, and a small one counts for 768), and then drops them.
const WINDOW: u64 = 128;

/// How many datagrams to hear before looking at anything else.
const BATCH: usize = 64;

/// How long to pause for replies to come. A server that never replies must still get everything.
const PAUSE: Duration = Duration::from_millis(5);

struct Session {
    socket: Datagram,
    peer: Address,
    config: Config,
    observer: Arc<dyn Observer>,
    wants: Wants,
    buffer: Vec<u8>,
    to_say: Messages,
    input_open: bool,
    /// Whether the socket had no room for the next message.
    full: bool,
    totals: Totals,
    /// How many replies the next message no longer waits for.
    given_up: u64,
    /// When something was last said or heard.
    moved: Instant,
    ended: bool,
    failed: Option<Error>,
}

pub(super) async fn converse(
    socket: Datagram,
    peer: Address,
    config: Config,
    observer: Arc<dyn Observer>,
    mut input: mpsc::Receiver<Messages>,
) -> Result<Report, Error> {
    let mut session = Session {
        wants: observer.wants(),
        buffer: vec![0; config.replies.max_message()],
        to_say: Messages::default(),
        input_open: true,
        full: false,
        totals: Totals::default(),
        given_up: 0,
        moved: Instant::now(),
        ended: false,
        failed: None,
        socket,
        peer,
        config,
        observer,
    };
    loop {
        session.hear()?;
        session.say()?;
        if session.is_over() || session.wait(&mut input).await.is_break() {
            break;
        }
        consume_budget().await;
        poll_fn(|cx| session.observer.poll_ready(cx)).await;
    }
    session.finish()
}

impl Session {
    fn say(&mut self) -> Result<(), Error> {
        self.full = false;
        while self.may_say()
            && let Some(message) = self.to_say.peek()
        {
            if let Err(source) = self.config.requests.check(message) {
                let number = self.totals.messages_out + 1;
                self.failed = Some(Error::Carry { peer: self.peer.clone(), number, source });
                self.stop();
                return Ok(());
            }
            match self.socket.try_send(message) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.full = true;
                    return Ok(());
                }
                Err(error) if Errno::from_io_error(&error) == Some(Errno::MSGSIZE) => {
                    let (number, len) = (self.totals.messages_out + 1, message.len());
                    self.failed = Some(Error::TooLong { peer: self.peer.clone(), number, len });
                    self.stop();
                    return Ok(());
                }
                Err(source) => return Err(self.io_error("write to", source)),
            }
            self.totals.messages_out += 1;
            self.totals.bytes_out += message.len() as u64;
            self.moved = Instant::now();
            if self.config.is_end(message) {
                self.stop();
                return Ok(());
            }
            self.to_say.advance();
        }
        Ok(())
    }

    fn stop(&mut self) {
        self.to_say = Messages::default();
        self.input_open = false;
    }

    fn may_say(&self) -> bool {
        let window = if self.config.lockstep { 1 } else { WINDOW };
        let replied = self.totals.messages_in + self.given_up;
        self.totals.messages_out < replied + window
    }

    /// Hears what waits, up to a bound: there are signals and a display to look after.
    fn hear(&mut self) -> Result<(), Error> {
        for _ in 0..BATCH {
            let bytes = match self.socket.try_receive(&mut self.buffer) {
                Ok(received) => received.bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(source) => return Err(self.io_error("read from", source)),
            };
            let Some(message) = self.buffer.get(..bytes) else {
                let kind =
                    FrameErrorKind::TooLarge { len: Some(bytes as u64), max: self.buffer.len() };
                let source = FrameError { offset: self.totals.bytes_in, kind };
                return Err(Error::Framing { peer: self.peer.clone(), source });
            };
            self.totals.messages_in += 1;
            self.totals.bytes_in += bytes as u64;
            self.moved = Instant::now();
            if self.wants.reads {
                let seams = ReadSeams::of_packet(bytes);
                self.observer.on_event(&Event::Read { session: SESSION, seams: &seams });
            }
            if self.wants.messages {
                let event = Event::Message { session: SESSION, peer: &self.peer, message };
                self.observer.on_event(&event);
            }
            if self.config.is_end(message) {
                self.ended = true;
                return Ok(());
            }
            if self.config.lockstep {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A refusal is what a datagram to nobody brings back on this host.
    fn io_error(&self, doing: &'static str, source: io::Error) -> Error {
        let address = self.peer.clone();
        match source.kind() {
            io::ErrorKind::ConnectionRefused => Error::Connect { address, source },
            _ => Error::Io { doing, address, source },
        }
    }

    fn is_over(&self) -> bool {
        let all_said = !self.input_open && self.to_say.is_empty();
        self.ended || (all_said && self.totals.messages_in >= self.totals.messages_out)
    }

    async fn wait(&mut self, input: &mut mpsc::Receiver<Messages>) -> ControlFlow<()> {
        let all_said = !self.input_open && self.to_say.is_empty();
        let stuck = !self.may_say() && !self.to_say.is_empty();
        let wait = self.config.wait.unwrap_or(Config::WAIT);
        let patience = if all_said || self.config.lockstep { wait } else { PAUSE };
        tokio::select! {
            biased;
            _ = self.socket.readable() => {}
            _ = self.socket.writable(), if self.full => {}
            messages = input.recv(), if self.input_open && self.to_say.is_empty() => match messages {
                Some(messages) => self.to_say = messages,
                None => self.input_open = false,
            },
            () = sleep_until(self.moved + patience), if all_said || stuck => {
                if all_said {
                    return ControlFlow::Break(());
                }
                // Replies were lost, or are never given: the next message goes without them.
                self.given_up = self.totals.messages_out.saturating_sub(self.totals.messages_in);
            }
        }
        ControlFlow::Continue(())
    }

    fn finish(self) -> Result<Report, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let unanswered = self.totals.messages_out.saturating_sub(self.totals.messages_in);
        Ok(Report { totals: self.totals, unanswered })
    }
}
