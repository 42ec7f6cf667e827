//! One session of a stream server, from its first to its last byte.
//!
//! A session takes turns (`turn`), in which it never waits, and between them waits for whatever can
//! make another turn worth while.

mod answering;
mod linger;
mod turn;

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::sync::Arc;

use framecat_core::address::Address;
use framecat_core::service::{Chargen, Service};
use tokio::sync::watch;
use tokio::task::coop::consume_budget;
use tokio::task::yield_now;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::NEVER;
use crate::endpoint::Stream;
use crate::observe::{EndReason, Event, SessionId, Totals};
use crate::server::mailbox::Mailbox;
use crate::server::shared::{Lingering, Phase, Seat, Shared};
use crate::session::{Reader, Writer};
use answering::Delivery;
use linger::linger;

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
            Box::pin(delivery.room()).await;
        }
    }

    fn idle_deadline(&self) -> Instant {
        self.moved + self.shared.config.idle_timeout.unwrap_or(NEVER)
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
