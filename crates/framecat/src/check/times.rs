//! How long is waited for what may come.

use std::time::Duration;

/// How long what may come is waited for; learned from the uncut runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// A target that rests so long has said all it had to say.
    pub(super) silence: Duration,
    /// The same where the right reply is there already, and only too much could come.
    pub(super) surplus: Duration,
    /// Silence of a target that cannot be seen.
    pub(super) quiet: Duration,
    /// Something that takes longer than this does not come.
    pub(super) patience: Duration,
}

impl Times {
    /// Before anything is known of the target.
    pub(super) fn unknown(pause: Duration, timeout: Option<Duration>) -> Times {
        Times {
            silence: pause,
            surplus: Duration::from_millis(10),
            quiet: pause,
            patience: timeout.unwrap_or(Duration::from_secs(5)).max(pause),
        }
    }

    /// For a case that is run again by itself: what only took longer shall not be taken for wrong.
    pub(super) fn patient(self, pause: Duration) -> Times {
        Times {
            silence: (self.silence * 2).max(pause),
            surplus: self.surplus * 2,
            quiet: (self.quiet * 2).max(pause),
            ..self
        }
    }

    /// For a target that takes so long for the uncut exchange, at most. The smallest figures are for
    /// what the target does once it has been woken, on a machine that has other work. Of one that spins
    /// it cannot be seen that nothing will come, so that this would take its patience each time.
    pub(super) fn of(slowest: Duration, timeout: Option<Duration>, spins: bool) -> Times {
        let least = Duration::from_millis(if spins { 500 } else { 2000 });
        let patience = timeout.unwrap_or((slowest * 20).max(least));
        Times {
            silence: (slowest * 5).max(Duration::from_millis(20)).min(patience),
            surplus: slowest.clamp(Duration::from_millis(2), Duration::from_millis(20)),
            quiet: (slowest * 5).max(Duration::from_millis(50)).min(patience),
            patience,
        }
    }
}
