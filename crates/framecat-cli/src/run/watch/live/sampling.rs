//! The sampling: a thread of its own, so that no key waits for the kernel's tables and no sample for a
//! slow terminal.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use framecat::core::watch::{Frame, Watch};
use framecat::watch::Sampler;
use tokio::sync::watch;

/// What has come of the last sample.
#[derive(Debug, Clone)]
pub(super) enum Sampled {
    Frame(Arc<Frame>),
    /// There will be no more: what the error says.
    Failed(String),
}

/// Samples, one each interval. Only the newest is kept.
pub(super) struct Sampling {
    sampled: watch::Receiver<Option<Sampled>>,
    intervals: mpsc::Sender<Duration>,
    thread: Option<JoinHandle<()>>,
}

impl Sampling {
    /// Takes the first sample at once.
    pub(super) fn start(sampler: Sampler, interval: Duration) -> Sampling {
        let (publish, sampled) = watch::channel(None);
        let (intervals, changes) = mpsc::channel();
        let thread = std::thread::spawn(move || sample(sampler, interval, &changes, &publish));
        Sampling { sampled, intervals, thread: Some(thread) }
    }

    /// From the last sample on.
    pub(super) fn set_interval(&self, interval: Duration) {
        // A thread that has ended has said why.
        let _ = self.intervals.send(interval);
    }

    /// The next sample.
    pub(super) async fn next(&mut self) -> Sampled {
        loop {
            if self.sampled.changed().await.is_err() {
                // It panicked, and so do we: the terminal is restored already.
                if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
                    std::panic::resume_unwind(panic);
                }
                return Sampled::Failed("the sampling has ended".into());
            }
            if let Some(sampled) = self.sampled.borrow_and_update().clone() {
                return sampled;
            }
        }
    }
}

/// Takes samples until nobody wants them, or none can be had.
fn sample(
    mut sampler: Sampler,
    mut interval: Duration,
    changes: &mpsc::Receiver<Duration>,
    publish: &watch::Sender<Option<Sampled>>,
) {
    let mut watch = Watch::new();
    let mut due = Instant::now();
    loop {
        let sampled = match sampler.sample() {
            Ok(sample) => Sampled::Frame(Arc::new(watch.on_sample(sample))),
            Err(error) => Sampled::Failed(error.to_string()),
        };
        let failed = matches!(sampled, Sampled::Failed(_));
        if publish.send(Some(sampled)).is_err() || failed {
            return;
        }
        let began = due;
        due = began + interval;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            match changes.recv_timeout(left) {
                Ok(changed) => {
                    interval = changed;
                    due = began + interval;
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        // What was missed, by a slow sample or while we were stopped, is not made up for.
        let now = Instant::now();
        if now.saturating_duration_since(due) > interval {
            due = now;
        }
    }
}
