//! The sampling: a thread of its own, so that no key waits for the kernel's tables and no sample for a
//! slow terminal.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use framecat::core::watch::{Frame, Sample, Watch};
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
    pub(super) fn start(mut sampler: Sampler, interval: Duration) -> Sampling {
        Sampling::of(move || sampler.sample().map_err(|error| error.to_string()), interval)
    }

    fn of(
        take: impl FnMut() -> Result<Sample, String> + Send + 'static,
        interval: Duration,
    ) -> Sampling {
        let (publish, sampled) = watch::channel(None);
        let (intervals, changes) = mpsc::channel();
        let thread = std::thread::spawn(move || sample(take, interval, &changes, &publish));
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
    mut take: impl FnMut() -> Result<Sample, String>,
    mut interval: Duration,
    changes: &mpsc::Receiver<Duration>,
    publish: &watch::Sender<Option<Sampled>>,
) {
    let mut watch = Watch::new();
    let mut due = Instant::now();
    loop {
        let sampled = match take() {
            Ok(sample) => Sampled::Frame(Arc::new(watch.on_sample(sample))),
            Err(problem) => Sampled::Failed(problem),
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    /// So long that it does not come.
    const NEVER: Duration = Duration::from_secs(3600);

    fn at(seconds: u64) -> Sample {
        Sample { at: Duration::from_secs(seconds), ..Sample::default() }
    }

    async fn next(sampling: &mut Sampling) -> Result<Duration, String> {
        match sampling.next().await {
            Sampled::Frame(frame) => Ok(frame.at),
            Sampled::Failed(problem) => Err(problem),
        }
    }

    #[tokio::test]
    async fn the_first_sample_is_taken_at_once_and_a_shorter_interval_counts_from_it() {
        let mut seconds = 0..;
        let mut sampling = Sampling::of(move || Ok(at(seconds.next().unwrap())), NEVER);
        assert_eq!(next(&mut sampling).await, Ok(Duration::ZERO));
        sampling.set_interval(Duration::from_millis(1));
        assert_eq!(next(&mut sampling).await, Ok(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn what_fails_is_told_and_is_the_last() {
        let mut results = [Err("gone".to_owned()), Ok(at(0))].into_iter().rev();
        let take = move || results.next().expect("no more is asked for");
        let mut sampling = Sampling::of(take, Duration::from_millis(1));
        loop {
            match next(&mut sampling).await {
                Ok(_) => {}
                Err(problem) => break assert_eq!(problem, "gone"),
            }
        }
        assert_eq!(next(&mut sampling).await, Err("the sampling has ended".into()));
    }

    #[tokio::test]
    async fn whoever_is_slow_gets_the_newest_and_no_queue() {
        let (tell, told) = sync_channel(0);
        let mut seconds = 0..;
        let take = move || {
            let second = seconds.next().unwrap();
            tell.send(second).map_err(|_| "nobody listens".to_owned())?;
            Ok(at(second))
        };
        let mut sampling = Sampling::of(take, Duration::from_millis(1));
        for second in 0..=5 {
            assert_eq!(told.recv(), Ok(second));
        }
        // The sixth is under way, or there.
        let newest = next(&mut sampling).await.expect("it does not fail");
        assert!(newest >= Duration::from_secs(4), "{newest:?}");
    }

    #[tokio::test]
    #[should_panic(expected = "a fault")]
    async fn a_panic_goes_on_where_it_is_waited_for() {
        let mut sampling = Sampling::of(|| panic!("a fault"), NEVER);
        sampling.next().await;
    }
}
