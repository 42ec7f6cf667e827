//! How long to wait before the next attempt.

use std::time::Duration;

/// Waits that double from [`Backoff::FIRST`] up to [`Backoff::LONGEST`].
///
/// No jitter: it spreads many clients over time, and one command at a prompt is not many clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    next: Duration,
}

impl Backoff {
    /// The first wait. A server that has just been started beside us is ready within this.
    pub const FIRST: Duration = Duration::from_millis(50);
    /// No wait is longer: a person who watches wants to see it go on.
    pub const LONGEST: Duration = Duration::from_secs(3);

    /// Starts again at the first wait.
    pub fn new() -> Self {
        Backoff { next: Self::FIRST }
    }

    /// The wait before the next attempt; each is twice as long as the one before.
    pub fn next_wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(Self::LONGEST);
        wait
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stop_growing() {
        let mut backoff = Backoff::new();
        let waits: Vec<u128> = (0..8).map(|_| backoff.next_wait().as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1600, 3000, 3000]);
    }
}
