//! What all sessions of a stream server share: its rules, its seats, its report.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use framecat_core::framing::Framing;
use framecat_core::service::Service;
use tokio::sync::{Notify, watch};

use super::members::Members;
use super::{Config, Report};
use crate::observe::{Observer, Totals, Wants};

/// How many sessions may linger however few may be active.
const FEW: usize = 16;

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
    /// Leave to keep a connection open for its last bytes. As many may linger as may be active, and a
    /// few in any case: peers that break the rules and stay must not hold descriptors without bound.
    pub(super) fn linger(self: &Arc<Self>) -> Option<Lingering> {
        let before = self.lingering.fetch_add(1, Ordering::Relaxed);
        let lingering = Lingering(self.clone());
        (before < self.config.max_connections.max(FEW)).then_some(lingering)
    }

    pub(super) fn new(config: Config, observer: Arc<dyn Observer>) -> Shared {
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

    pub(super) fn has_seat(&self) -> bool {
        self.active() < self.config.max_connections
    }

    pub(super) fn take_seat(self: &Arc<Self>) -> (u64, Seat) {
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

    /// Waits until a session ends. For the accept loop alone: one waits at a time.
    pub(super) async fn seat_freed(&self) {
        self.seat_free.notified().await;
    }

    /// What was done so far.
    pub(super) fn report(&self) -> Report {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
