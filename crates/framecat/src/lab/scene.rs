//! Where an experiment takes place: its clock, its timeline, and waiting for what the kernel shows.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use framecat_core::lab::{Event, Lane, Measured, Timeline, What};

use super::actor::Actor;
use super::obstacle::Obstacle;
use crate::kernel::Tables;

/// What a wait may take at most: far longer than anything here needs on a busy machine, except for the
/// kernel's own timers, which say so.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long to let others run before the kernel is asked again.
const PAUSE: Duration = Duration::from_micros(200);

/// Where an experiment takes place. Threads share it.
#[derive(Debug)]
pub(super) struct Scene {
    began: Instant,
    timeline: Mutex<Timeline>,
    pub(super) tables: Mutex<Tables>,
}

impl Scene {
    pub(super) fn open() -> Result<Scene, Obstacle> {
        let tables = Mutex::new(Tables::open()?);
        Ok(Scene { began: Instant::now(), timeline: Mutex::default(), tables })
    }

    /// A client; `number` tells it from others and is 0 where there is but one.
    pub(super) fn client(&self, number: u16) -> Actor<'_> {
        Actor::new(self, Lane::Client(number))
    }

    /// The server, or one of its connections.
    pub(super) fn server(&self, number: u16) -> Actor<'_> {
        Actor::new(self, Lane::Server(number))
    }

    /// Since the experiment began.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Takes in something that began at `from` and has ended now.
    pub(super) fn record(&self, from: Duration, lane: Lane, what: What) {
        let event = Event { from, until: self.now(), lane, what };
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Takes in what has no length.
    pub(super) fn note(&self, lane: Lane, what: What) {
        let now = self.now();
        let event = Event { from: now, until: now, lane, what };
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Says something at this place, in the kernel's lane.
    pub(super) fn remark(&self, name: &'static str, values: Vec<Measured>) {
        self.note(Lane::Kernel, What::Remark { name, values });
    }

    /// Looks again and again until there is something, which happens in its own time: a queue of the
    /// kernel cannot be waited for.
    pub(super) fn wait<T>(
        &self,
        what: &str,
        look: impl FnMut() -> Result<Option<T>, Obstacle>,
    ) -> Result<T, Obstacle> {
        self.wait_within(PATIENCE, what, look)
    }

    /// The same, where the kernel's own timers may take longer.
    pub(super) fn wait_within<T>(
        &self,
        patience: Duration,
        what: &str,
        mut look: impl FnMut() -> Result<Option<T>, Obstacle>,
    ) -> Result<T, Obstacle> {
        let give_up = Instant::now() + patience;
        loop {
            if let Some(found) = look()? {
                return Ok(found);
            }
            if Instant::now() >= give_up {
                let seconds = patience.as_secs();
                return Err(Obstacle::new(format!("{seconds} s went by without {what}")));
            }
            thread::sleep(PAUSE);
        }
    }

    pub(super) fn into_timeline(self) -> Timeline {
        self.timeline.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
