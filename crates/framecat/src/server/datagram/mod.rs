//! A server without connections: one task receives, answers, and keeps a session a peer.

mod sessions;

use std::collections::{BTreeSet, HashMap};
use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use framecat_core::address::Address;
use framecat_core::diagram::ReadSeams;
use framecat_core::roster::{Nobody, Roster};
use framecat_core::service::{Answer, Chargen, Service};
use jiff::Zoned;
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Config, Report, Say};
use crate::endpoint::{Datagram, PeerName, Received};
use crate::observe::{EndReason, Event, NotSent, Observer, SessionId, Totals, Wants};

/// How many datagrams to answer before looking at anything else.
const BATCH: usize = 64;

/// How long to wait for a peer whose own queue is full. The kernel does not tell when it has room
/// (unix(7): an unconnected socket is always writable), so we ask again, and not for long: the
/// others wait meanwhile.
const PEER_WAIT: Duration = Duration::from_millis(100);

/// How long to wait before asking again.
const RETRY: Duration = Duration::from_millis(1);

/// A peer: `None` is a Unix socket without a name.
type Peer = Option<PeerName>;

struct Server {
    socket: Datagram,
    config: Config,
    observer: Arc<dyn Observer>,
    wants: Wants,
    sessions: HashMap<SessionId, Session>,
    peers: HashMap<Peer, SessionId>,
    /// When each session is to be looked at for silence, the next first.
    silences: BTreeSet<(Instant, SessionId)>,
    roster: Roster,
    chargen: Chargen,
    said_full: bool,
    report: Report,
}

struct Session {
    peer: Peer,
    address: Address,
    begun: Instant,
    heard: Instant,
    look_at: Instant,
    totals: Totals,
    /// How long sending to it may still wait for room in its queue. Waiting uses it up and each
    /// datagram that goes at once gives a little back, so that a peer which does not read, or reads
    /// just enough to be waited for, costs the others next to nothing.
    patience: Duration,
}

/// Serves until `shutdown` is ready, then answers what has come.
pub(super) async fn run(
    socket: Datagram,
    config: Config,
    observer: Arc<dyn Observer>,
    mut operator: Option<mpsc::Receiver<Say>>,
    shutdown: impl Future<Output = ()>,
) -> Report {
    let mut server = Server::new(socket, config, observer);
    let mut buffer = vec![0; server.config.requests.max_message()];
    let mut unsaid = None;
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = poll_fn(|cx| server.observer.poll_ready(cx)) => {}
        }
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            _ = server.socket.readable() => server.receive(&mut buffer).await,
            Some(say) = next(&mut operator), if unsaid.is_none() => unsaid = Some(say),
            () = sleep_until(server.next_silence()) => server.end_silent(),
        }
        if let Some(say) = unsaid.take() {
            unsaid = server.say(say).await;
        }
    }
    let begin = Instant::now();
    // Whatever is queued now is answered; the bound ends this under a flood.
    let drain = server.config.drain;
    let in_time = timeout(drain, server.receive_rest(&mut buffer)).await.is_ok();
    server.end_all(if in_time { &EndReason::Drained } else { &EndReason::Cut });
    server.report.drained_in = begin.elapsed();
    server.report
}

async fn next(operator: &mut Option<mpsc::Receiver<Say>>) -> Option<Say> {
    match operator {
        Some(operator) => operator.recv().await,
        None => None,
    }
}

impl Server {
    fn new(socket: Datagram, config: Config, observer: Arc<dyn Observer>) -> Server {
        Server {
            wants: observer.wants(),
            socket,
            config,
            observer,
            sessions: HashMap::new(),
            peers: HashMap::new(),
            silences: BTreeSet::new(),
            roster: Roster::default(),
            chargen: Chargen::default(),
            said_full: false,
            report: Report::default(),
        }
    }

    /// Answers what is queued in the kernel until nothing is.
    async fn receive_rest(&mut self, buffer: &mut [u8]) {
        while let Ok(received) = self.socket.receive_now(buffer) {
            poll_fn(|cx| self.observer.poll_ready(cx)).await;
            self.on_datagram(received, buffer).await;
            consume_budget().await;
        }
    }

    /// Receives and answers a batch of datagrams, or as many as wait.
    async fn receive(&mut self, buffer: &mut [u8]) {
        for _ in 0..BATCH {
            match self.socket.try_receive(buffer) {
                Ok(received) => self.on_datagram(received, buffer).await,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An earlier datagram of ours reached nobody: that is its peer's affair.
                Err(_) => {}
            }
        }
    }

    async fn on_datagram(&mut self, received: Received, buffer: &[u8]) {
        let Some(session) = self.session_of(received.from).await else { return };
        let known = self.sessions.get_mut(&session).expect("just looked up");
        known.heard = Instant::now();
        if received.bytes > buffer.len() {
            let event =
                Event::Oversized { peer: &known.address, bytes: received.bytes, max: buffer.len() };
            self.observer.on_event(&event);
            return;
        }
        let message = &buffer[..received.bytes];
        if self.wants.reads {
            let event = Event::Read { session, seams: &ReadSeams::of_packet(message.len()) };
            self.observer.on_event(&event);
        }
        known.totals.messages_in += 1;
        known.totals.bytes_in += message.len() as u64;
        if self.wants.messages {
            let event = Event::Message { session, peer: &known.address, message };
            self.observer.on_event(&event);
        }
        let answered = self.answer(session, message).await;
        let dialogue = &self.config.dialogue;
        if dialogue.is_end(message) {
            self.end(session, &EndReason::end_message(&self.config.dialogue));
        } else if answered && dialogue.one_shot {
            self.end(session, &EndReason::OneShot);
        }
    }

    /// Answers a message; whether there was an answer to give.
    async fn answer(&mut self, session: SessionId, message: &[u8]) -> bool {
        let mut text = Vec::new();
        // The service is cheap to clone, and sending needs the whole server.
        let service = self.config.dialogue.service.clone();
        match service.answer(message, Zoned::now, &mut text) {
            Answer::Same => self.send(session, message).await,
            Answer::Bytes(reply) => self.send(session, reply).await,
            Answer::Nothing if service == Service::Chargen => {
                let line = [&self.chargen.next_line()[..], b"\r\n"].concat();
                self.send(session, &line).await;
            }
            Answer::Nothing => return false,
            Answer::Operator => {
                self.roster.on_message(session);
                return false;
            }
            Answer::EveryoneElse => {
                let others: Vec<SessionId> =
                    self.sessions.keys().copied().filter(|other| *other != session).collect();
                for other in others {
                    self.send(other, message).await;
                }
                return false;
            }
        }
        true
    }

    /// Sends a datagram to a peer; a failure is reported, and ends nothing.
    async fn send(&mut self, session: SessionId, message: &[u8]) {
        let Some(known) = self.sessions.get(&session) else { return };
        let begun = Instant::now();
        let sent = match &known.peer {
            None => Err(NotSent::Unnamed),
            Some(peer) => match self.config.replies.check(message) {
                Err(error) => Err(error.into()),
                Ok(()) => self.send_patiently(message, peer, known.patience).await,
            },
        };
        let known = self.sessions.get_mut(&session).expect("nobody else ends sessions");
        let waited = begun.elapsed();
        known.patience = match &sent {
            Ok(()) if waited < RETRY => (known.patience + RETRY).min(PEER_WAIT),
            _ => known.patience.saturating_sub(waited),
        };
        match sent {
            Ok(()) => {
                known.totals.messages_out += 1;
                known.totals.bytes_out += message.len() as u64;
            }
            Err(problem) => {
                known.totals.dropped += 1;
                let event = Event::NotSent { session: Some(session), problem: &problem };
                self.observer.on_event(&event);
            }
        }
    }

    async fn send_patiently(
        &self,
        message: &[u8],
        peer: &PeerName,
        patience: Duration,
    ) -> Result<(), NotSent> {
        let give_up = Instant::now() + patience;
        loop {
            match self.socket.try_send_to(message, peer) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Err(NotSent::Io(crate::reason(&error)));
                }
                Err(_) if Instant::now() >= give_up => return Err(NotSent::Slow),
                Err(_) => sleep(RETRY).await,
            }
        }
    }

    /// Sends what the operator says; gives it back if it is too early.
    async fn say(&mut self, say: Say) -> Option<Say> {
        let session = match self.roster.choose(say.to) {
            Ok(session) => session,
            Err(Nobody::NotYet) => return Some(say),
            Err(nobody) => {
                let problem = NotSent::from(nobody);
                self.observer.on_event(&Event::NotSent { session: None, problem: &problem });
                return None;
            }
        };
        self.send(session, &say.message).await;
        self.roster.on_answer(session);
        if self.config.dialogue.is_end(&say.message) {
            self.end(session, &EndReason::end_message(&self.config.dialogue));
        } else if self.config.dialogue.one_shot {
            self.end(session, &EndReason::OneShot);
        }
        None
    }
}
