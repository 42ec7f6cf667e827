//! A clock: how it goes on from the sample before, or begins.

use std::time::Duration;

use super::super::Lasting;

/// Tables are read one after the other, and a sample has one time for all of them: what differs by less
/// than this is not to be told apart.
pub(super) const SLACK: Duration = Duration::from_millis(100);

/// Where only the length of a queue is known, chance may keep it from being seen shorter: that six
/// samples in a row do not fall is one in hundreds at random.
const ENOUGH_GLANCES: u32 = 6;

/// What is not counted and was so in two samples further apart than this may have been otherwise any number
/// of times in between: most programs come back to a socket sooner.
const LONGEST_BLINK: Duration = Duration::from_secs(3);

/// A time, and in how many samples in a row it was so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed {
    pub(super) lasting: Lasting,
    glances: u32,
}

impl Timed {
    /// Where the kernel counts what happens between samples.
    pub(super) fn counted(lasting: Lasting) -> Timed {
        Timed { lasting, glances: u32::MAX }
    }

    /// Whether it was hardly otherwise between the samples: counted, or seen so often.
    pub(super) fn is_sure(self) -> bool {
        self.glances >= ENOUGH_GLANCES
    }
}

/// How clocks go on.
pub(super) struct Clock {
    /// Since the sample before, if there was one.
    pub(super) gap: Option<Duration>,
    /// The socket was in it.
    pub(super) is_known: bool,
    /// It was in the kernel's tables then.
    pub(super) was_there: bool,
}

impl Clock {
    /// A clock that stood there in the sample before goes on; else it begins. `bound` is how long it has
    /// lasted at least by what the kernel tells now.
    pub(super) fn on(&self, before: Option<Lasting>, bound: Duration) -> Lasting {
        match (before, self.gap) {
            (Some(before), Some(gap)) => before.and(gap),
            // It was not so in the sample before: it began between the two.
            (None, Some(gap))
                if self.is_known || (!self.was_there && bound <= gap.saturating_add(SLACK)) =>
            {
                Lasting { time: bound.min(gap), seen_to_begin: true }
            }
            // The first sample; or a socket that is older than the gap, and was not asked for before.
            _ => Lasting { time: bound, seen_to_begin: false },
        }
    }

    /// A clock of what is only known to be so in each sample. It stands still while nobody looks.
    pub(super) fn glance(&self, before: Option<Timed>) -> Timed {
        match (before, self.gap) {
            (Some(Timed { lasting, glances }), Some(gap)) if gap <= LONGEST_BLINK => {
                Timed { lasting: lasting.and(gap), glances: glances.saturating_add(1) }
            }
            (Some(_), _) => Timed {
                lasting: Lasting { time: Duration::ZERO, seen_to_begin: false },
                glances: 1,
            },
            (None, _) => Timed { lasting: self.on(None, Duration::ZERO), glances: 1 },
        }
    }

    /// A clock of what was not read. `bound` is how long the newest of it has waited; what came before
    /// may have been read just now, so where the beginning was seen it does not count.
    pub(super) fn of_waiting(&self, before: Option<Lasting>, bound: Duration) -> Lasting {
        match self.on(before, bound) {
            Lasting { seen_to_begin: true, .. } if before.is_none() => {
                Lasting { time: Duration::ZERO, seen_to_begin: true }
            }
            lasting => lasting,
        }
    }
}
