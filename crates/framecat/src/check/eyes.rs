//! What can be seen of the target from here: whether it has read what was sent, and whether it rests.
//!
//! A cut is confirmed when nothing of what we wrote is unacknowledged, the target's own socket holds
//! nothing unread, and then all threads of the target were asleep at once: it has read, has done what it
//! does with it, and waits for more. A queue alone is not enough: a program that reads until there is
//! nothing left would find the next piece in the same round.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use framecat_core::check::Then;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use super::inbox::Inbox;
use crate::endpoint::Stream;
use crate::kernel::process::{Asleep, Sleepers};
use crate::kernel::{Link, Sight, Witness};

/// How long a program that is not seen to rest gets to process what it read: enough for each of some 90
/// programs that a prototype was tried on.
const SETTLE: Duration = Duration::from_millis(2);

/// How long a look at the kernel is repeated at once; who takes longer is looked at each millisecond.
const EAGER: Duration = Duration::from_millis(5);

/// How long a process gets to die of what it met; one that rests does not.
const DYING: Duration = Duration::from_millis(500);

/// How often a target may be found restless until its rest is no longer waited for.
const RESTLESS: u32 = 3;

/// What can be seen of the target.
pub(super) struct Eyes {
    witness: Option<Mutex<Witness>>,
    sleepers: Mutex<Option<Sleepers>>,
    restless: AtomicU32,
    /// Whether a piece was ever taken for processed because a time had gone by.
    blind: AtomicBool,
    /// When the look began that last found all threads asleep.
    rested: Mutex<Option<Instant>>,
    /// What is waited where nothing can be seen.
    gap: Duration,
    /// How long a target gets to read what was sent.
    patience: Duration,
    /// How long it may rest on unread bytes until that is taken for its way.
    unmoved: Duration,
}

impl Eyes {
    /// Eyes that see through `witness`, and the target's threads if they are known.
    pub(super) fn new(witness: Option<Witness>, sleepers: Option<Sleepers>, gap: Duration) -> Eyes {
        Eyes {
            witness: witness.map(Mutex::new),
            sleepers: Mutex::new(sleepers),
            restless: AtomicU32::new(0),
            blind: AtomicBool::new(false),
            rested: Mutex::new(None),
            gap,
            patience: Duration::from_secs(5),
            unmoved: Duration::from_millis(200),
        }
    }

    /// Sets how long a target gets to read what was sent, and how long it may rest instead.
    pub(super) fn be_patient(&mut self, patience: Duration, unmoved: Duration) {
        self.patience = patience;
        self.unmoved = unmoved;
    }

    /// No longer waits for the target to rest: it never does.
    pub(super) fn give_up_rest(&self) {
        self.restless.store(RESTLESS, Ordering::Relaxed);
    }

    /// Waits again for the target to rest.
    pub(super) fn trust_rest(&self) {
        self.restless.store(0, Ordering::Relaxed);
    }

    /// Watches other threads: the target was started again.
    pub(super) fn watch(&self, sleepers: Option<Sleepers>) {
        self.trust_rest();
        *locked(&self.sleepers) = sleepers;
    }

    /// Waits until the target rests or is gone, if that can be seen, or for a moment.
    pub(super) async fn settle(&self) {
        let start = Instant::now();
        sleep(SETTLE).await;
        while start.elapsed() < DYING && self.asleep() == Some(false) {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Whether the target was found restless so often that its rest is no longer waited for.
    pub(super) fn is_restless(&self) -> bool {
        self.restless.load(Ordering::Relaxed) >= RESTLESS
    }

    /// Whether a piece was ever taken for processed because a time had gone by.
    pub(super) fn were_blind(&self) -> bool {
        self.blind.load(Ordering::Relaxed)
    }

    /// Closes the eyes: the target's sockets are out of sight.
    pub(super) fn close(&mut self) {
        self.witness = None;
        self.watch(None);
    }

    /// Looks at both ends of a connection; `None` where nothing can be seen.
    pub(super) fn look(&self, stream: &Stream, link: &mut Link) -> Option<Sight> {
        locked(self.witness.as_ref()?)
            .look(stream, link)
            .ok()
            .filter(|sight| *sight != Sight::Unseen)
    }

    /// Whether all threads of the target are asleep now; `None` where that cannot be seen, or is no
    /// longer waited for.
    pub(super) fn asleep(&self) -> Option<bool> {
        if self.is_restless() { None } else { self.sample() }
    }

    /// Whether all threads of the target were asleep at once after `since`. Who asks a moment later is
    /// answered by the look of another connection: one look then serves all that wait.
    fn asleep_since(&self, since: Instant) -> Option<bool> {
        if locked(&self.rested).is_some_and(|rested| rested >= since) {
            return Some(true);
        }
        let begun = Instant::now();
        let asleep = self.asleep();
        if asleep == Some(true) {
            *locked(&self.rested) = Some(begun);
        }
        asleep
    }

    /// Whether all threads of the target are asleep now; `None` where that cannot be seen.
    pub(super) fn sample(&self) -> Option<bool> {
        match locked(&self.sleepers).as_mut()?.sample() {
            Asleep::Asleep | Asleep::Gone => Some(true),
            Asleep::Running => Some(false),
            Asleep::Unseen => None,
        }
    }

    /// The CPU time that the target has used, where that can be seen.
    pub(super) fn cpu_time(&self) -> Option<Duration> {
        locked(&self.sleepers).as_ref()?.cpu_time()
    }

    /// Whether there is nothing more to expect for now: all is read, the target rests, and what it said
    /// has come. `None` where that cannot be seen.
    pub(super) async fn at_rest(&self, stream: &Stream, link: &mut Link) -> Option<bool> {
        match self.look(stream, link)? {
            Sight::Answering => Some(false),
            sight => self.halted(sight).await,
        }
    }

    /// Whether the target has gone as far as it can while nobody reads what it says.
    pub(super) async fn is_stuck(&self, stream: &Stream, link: &mut Link) -> Option<bool> {
        let sight = self.look(stream, link)?;
        self.halted(sight).await
    }

    async fn halted(&self, sight: Sight) -> Option<bool> {
        match sight {
            Sight::Gone => Some(true),
            Sight::Unseen => None,
            // Also on unread bytes: if it rests on them it will not read them for now.
            _ => {
                let since = Instant::now();
                yield_now().await;
                self.asleep_since(since)
            }
        }
    }

    /// Waits until the target has read what was written, and reads what comes back meanwhile.
    pub(super) async fn cut(&self, stream: &Stream, link: &mut Link, inbox: &mut Inbox) -> Then {
        let start = Instant::now();
        let mut unmoved: Option<Instant> = None;
        loop {
            inbox.drain(stream);
            if inbox.end().is_some() {
                return Then::Gone;
            }
            match self.look(stream, link) {
                None => return self.wait_a_gap(stream, inbox).await,
                Some(Sight::Gone) => return Then::Gone,
                Some(Sight::Read | Sight::Answering) => {
                    return self.processed(start, stream, inbox).await;
                }
                Some(_) => {
                    let rests = self.asleep() == Some(true);
                    let since = *unmoved.get_or_insert_with(Instant::now);
                    if rests && since.elapsed() > self.unmoved || start.elapsed() > self.patience {
                        return Then::NotRead;
                    }
                    if !rests {
                        unmoved = None;
                    }
                }
            }
            pause(start).await;
        }
    }

    /// Waits until the target, which has read all, rests again.
    async fn processed(&self, start: Instant, stream: &Stream, inbox: &mut Inbox) -> Then {
        let since = Instant::now();
        loop {
            pause(start).await;
            inbox.drain(stream);
            if inbox.end().is_some() {
                return Then::Gone;
            }
            match self.asleep_since(since) {
                Some(true) => return Then::Read,
                Some(false) if start.elapsed() < self.patience / 4 => {}
                Some(false) => {
                    self.restless.fetch_add(1, Ordering::Relaxed);
                    return Then::Read;
                }
                None => {
                    self.blind.store(true, Ordering::Relaxed);
                    sleep(SETTLE).await;
                    return Then::Read;
                }
            }
        }
    }

    async fn wait_a_gap(&self, stream: &Stream, inbox: &mut Inbox) -> Then {
        sleep(self.gap).await;
        inbox.drain(stream);
        if inbox.end().is_some() { Then::Gone } else { Then::Timed }
    }
}

/// Lets others run: other connections first, the target too when this takes longer.
async fn pause(start: Instant) {
    if start.elapsed() < EAGER {
        yield_now().await;
        std::thread::yield_now();
    } else {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Whoever panicked while he held it has left it whole.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
