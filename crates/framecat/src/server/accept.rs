//! The accept loop of a stream server, its limits, and its end.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use framecat_core::address::Address;
use framecat_core::framing::Framing;
use framecat_core::service::Service;
use rustix::io::Errno;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::members::Members;
use super::{Config, Report, Say, operator, session};
use crate::endpoint::{Listener, Stream};
use crate::observe::{Event, Observer, Totals, Wants};

/// How long to wait for a descriptor to become free if no session of ours ends.
const DESCRIPTOR_WAIT: Duration = Duration::from_millis(500);

/// What all sessions of a server share.
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) wants: Wants,
    pub(super) members: Members,
    /// Whether the answer to a message is its frame, as it came.
    pub(super) echoes_verbatim: bool,
    /// Whether nothing else is to be done about a message: nobody looks, and none ends a session.
    pub(super) echoes_plainly: bool,
    pub(super) phase: watch::Sender<Phase>,
    active: AtomicUsize,
    lingering: AtomicUsize,
    seat_free: Notify,
    report: Mutex<Report>,
}

/// How far a server is towards its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Serving.
    Running,
    /// Told to end: what has come is answered.
    Draining,
    /// The time for that is over.
    Over,
}

/// A session's place among those that are allowed; free again when dropped.
pub(super) struct Seat(Arc<Shared>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
        self.0.seat_free.notify_one();
    }
}

/// A session that is over, and whose last bytes are on their way.
pub(super) struct Lingering(Arc<Shared>);

impl Drop for Lingering {
    fn drop(&mut self) {
        self.0.lingering.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    /// Leave to keep a connection open for its last bytes. As many may linger as may be active: peers
    /// that break the rules and stay must not hold more descriptors than those that talk.
    pub(super) fn linger(self: &Arc<Self>) -> Option<Lingering> {
        let before = self.lingering.fetch_add(1, Ordering::Relaxed);
        let lingering = Lingering(self.clone());
        (before < self.config.max_connections).then_some(lingering)
    }

    fn new(config: Config, observer: Arc<dyn Observer>) -> Shared {
        let same_wire = config.requests == config.replies;
        let canonical = config.requests.framing().is_none_or(Framing::is_canonical);
        let wants = observer.wants();
        let dialogue = &config.dialogue;
        let echoes_verbatim = dialogue.service == Service::Echo && same_wire && canonical;
        let no_message_ends = dialogue.end.is_none() && !dialogue.one_shot;
        Shared {
            wants,
            echoes_verbatim,
            echoes_plainly: echoes_verbatim && no_message_ends && !wants.messages,
            config,
            observer,
            members: Members::default(),
            phase: watch::Sender::new(Phase::Running),
            active: AtomicUsize::new(0),
            lingering: AtomicUsize::new(0),
            seat_free: Notify::new(),
            report: Mutex::default(),
        }
    }

    pub(super) fn active(&self) -> usize {
        self.active.load(Ordering::Relaxed)
    }

    fn has_seat(&self) -> bool {
        self.active() < self.config.max_connections
    }

    fn take_seat(self: &Arc<Self>) -> (u64, Seat) {
        self.active.fetch_add(1, Ordering::Relaxed);
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.sessions += 1;
        (report.sessions, Seat(self.clone()))
    }

    /// Adds what was said in a session that has ended.
    pub(super) fn add(&self, totals: Totals, was_cut: bool) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.totals += totals;
        report.cut += usize::from(was_cut);
    }
}

/// Serves until `shutdown` is ready, then drains.
pub(super) async fn run(
    listener: Listener,
    config: Config,
    observer: Arc<dyn Observer>,
    operator: Option<mpsc::Receiver<Say>>,
    shutdown: impl Future<Output = ()>,
) -> Report {
    let shared = Arc::new(Shared::new(config, observer));
    let operator = match operator {
        Some(operator) => Some(tokio::spawn(operator::run(shared.clone(), operator))),
        None => {
            shared.members.unattend();
            None
        }
    };
    tokio::select! {
        () = accept_for_ever(&listener, &shared) => {}
        () = shutdown => {}
    }
    let begin = Instant::now();
    drain(listener, &shared, begin + shared.config.drain).await;
    if let Some(operator) = operator {
        operator.abort();
    }
    let mut report = *shared.report.lock().unwrap_or_else(PoisonError::into_inner);
    report.drained_in = begin.elapsed();
    report
}

async fn accept_for_ever(listener: &Listener, shared: &Arc<Shared>) {
    let mut said_full = false;
    let mut said_short = false;
    loop {
        poll_fn(|cx| shared.observer.poll_ready(cx)).await;
        wait_for_seat(shared, &mut said_full).await;
        // A failure here is the runtime's end, and then nothing is polled any more.
        let _ = listener.readable().await;
        match accept_all(shared, || listener.try_accept()) {
            Accepted::All => said_short = false,
            Accepted::Full => {}
            Accepted::NoDescriptor(error) => {
                if !std::mem::replace(&mut said_short, true) {
                    let what = crate::reason(&error);
                    let reason = format!("{what}; clients wait until a session ends (ulimit -n)");
                    shared.observer.on_event(&Event::AcceptPaused { reason: &reason });
                }
                wait_for_descriptor(shared).await;
            }
        }
    }
}

/// At the limit the next clients wait in the kernel's queue, where they cost nothing.
async fn wait_for_seat(shared: &Shared, said_full: &mut bool) {
    let max = shared.config.max_connections;
    if shared.active() < max / 2 {
        *said_full = false;
    }
    while !shared.has_seat() {
        if max > 1 && !*said_full {
            *said_full = true;
            let reason = format!("{max} sessions are active, the limit; the next clients wait");
            shared.observer.on_event(&Event::AcceptPaused { reason: &reason });
        }
        shared.seat_free.notified().await;
    }
}

async fn wait_for_descriptor(shared: &Shared) {
    tokio::select! {
        () = shared.seat_free.notified() => {}
        () = sleep_until(Instant::now() + DESCRIPTOR_WAIT) => {}
    }
}

/// Why no more connections were accepted.
enum Accepted {
    /// None waits.
    All,
    /// The limit on sessions is reached.
    Full,
    /// This process can open no more.
    NoDescriptor(io::Error),
}

/// Accepts what waits. A connection at a time would let the queue overflow in a burst.
fn accept_all(
    shared: &Arc<Shared>,
    accept: impl Fn() -> io::Result<(Stream, Address)>,
) -> Accepted {
    loop {
        if !shared.has_seat() {
            return Accepted::Full;
        }
        match accept() {
            Ok((stream, peer)) => {
                let (id, seat) = shared.take_seat();
                tokio::spawn(session::run(id, stream, peer, shared.clone(), seat));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Accepted::All,
            Err(error) if is_shortage(&error) => return Accepted::NoDescriptor(error),
            // The connection was gone before it was accepted: the next may be there (accept(2)).
            Err(_) => {}
        }
    }
}

fn is_shortage(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Answers what has come, of the clients that wait to be accepted too, until `deadline`.
async fn drain(listener: Listener, shared: &Arc<Shared>, deadline: Instant) {
    shared.phase.send_replace(Phase::Draining);
    while !matches!(accept_all(shared, || listener.accept_now()), Accepted::All) {
        if timeout_at(deadline, wait_for_descriptor(shared)).await.is_err() {
            break;
        }
    }
    drop(listener);
    let all_gone = async {
        while shared.active() > 0 {
            shared.seat_free.notified().await;
        }
    };
    if timeout_at(deadline, all_gone).await.is_err() {
        shared.phase.send_replace(Phase::Over);
        while shared.active() > 0 {
            shared.seat_free.notified().await;
        }
    }
}
