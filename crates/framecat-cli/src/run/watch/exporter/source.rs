//! The sampling for those who ask: a thread of its own, so that no connection waits for the kernel's tables.
//!
//! How long something has lasted is known from the samples between which it lasts. Who asks each minute
//! and has no others would see a queue that was emptied a hundred times as one that never was. So while
//! somebody asks regularly, samples are taken between.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use framecat::core::watch::{Condition, Watch};
use framecat::watch::Sampler;
use tokio::sync::oneshot;

use super::super::nothing_to_watch;
use crate::render::watch::figures::Figures;

/// Who asks sooner after another gets what that one got: many who ask make no load.
const FRESH: Duration = Duration::from_millis(100);

/// How often samples are taken between.
const BETWEEN: Duration = Duration::from_secs(1);

/// So long after the last question nobody asks regularly any more: Prometheus takes no series for alive that
/// it has not scraped for so long.
const REGULARLY: Duration = Duration::from_secs(5 * 60);

/// So many questions may wait; there are no more connections.
const QUESTIONS: usize = 16;

/// Figures, or why there are none.
type Answer = Result<Figures, String>;

/// Where figures are asked for.
#[derive(Debug, Clone)]
pub(super) struct Source(SyncSender<oneshot::Sender<Answer>>);

impl Source {
    /// Takes the first sample, and starts the thread that takes the others. It ends with the source.
    ///
    /// # Errors
    /// What cannot be watched.
    pub(super) fn start(sampler: Sampler, filter: Option<Condition>) -> Result<Source, String> {
        let mut sampling = Sampling { sampler, watch: Watch::new(), filter, is_first: true };
        let first = sampling.take()?;
        let (ask, questions) = sync_channel(QUESTIONS);
        let mut answering = Answering { last: (Instant::now(), Ok(first)), asked: None };
        std::thread::spawn(move || answering.go_on(&questions, BETWEEN, || sampling.take()));
        Ok(Source(ask))
    }

    /// Figures that are no older than a moment.
    pub(super) async fn figures(&self) -> Answer {
        let (answer, told) = oneshot::channel();
        match self.0.try_send(answer) {
            Ok(()) => told.await.unwrap_or_else(|_| Err("the sampling has ended".into())),
            Err(TrySendError::Full(_)) => Err("too many ask".into()),
            Err(TrySendError::Disconnected(_)) => Err("the sampling has ended".into()),
        }
    }
}

/// What is sampled.
struct Sampling {
    sampler: Sampler,
    watch: Watch,
    filter: Option<Condition>,
    is_first: bool,
}

impl Sampling {
    fn take(&mut self) -> Answer {
        let began = Instant::now();
        let sample = self.sampler.sample().map_err(|error| error.to_string())?;
        let took = began.elapsed();
        let mut frame = self.watch.on_sample(sample);
        if std::mem::take(&mut self.is_first)
            && let Some(problem) = nothing_to_watch(&frame)
        {
            return Err(problem);
        }
        if let Some(filter) = &self.filter {
            frame.select(filter);
        }
        Ok(Figures::of(&frame, took))
    }
}

/// What was found last, and when somebody asked.
struct Answering<T> {
    last: (Instant, T),
    asked: Option<Instant>,
}

impl<T: Clone> Answering<T> {
    /// Answers until nobody can ask any more.
    fn go_on(
        &mut self,
        questions: &Receiver<oneshot::Sender<T>>,
        between: Duration,
        mut take: impl FnMut() -> T,
    ) {
        loop {
            let question = match self.asked {
                Some(asked) if asked.elapsed() < REGULARLY => {
                    questions.recv_timeout(between.saturating_sub(self.last.0.elapsed()))
                }
                _ => questions.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match question {
                Ok(answer) => {
                    self.asked = Some(Instant::now());
                    if self.last.0.elapsed() >= FRESH {
                        self.last = (Instant::now(), take());
                    }
                    // Who does not wait for it has gone.
                    let _ = answer.send(self.last.1.clone());
                }
                Err(RecvTimeoutError::Timeout) => self.last = (Instant::now(), take()),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn samples_are_taken_between_as_soon_as_somebody_asks_and_not_before() {
        let (ask, questions) = sync_channel(QUESTIONS);
        let (taken, all) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut count = 0;
            let take = || {
                count += 1;
                // Who counts has seen enough.
                let _ = taken.send(count);
                count
            };
            let mut answering = Answering { last: (Instant::now(), 0), asked: None };
            answering.go_on(&questions, Duration::from_millis(1), take);
        });
        let question = || {
            let (answer, told) = oneshot::channel();
            ask.send(answer).unwrap();
            told.blocking_recv().unwrap()
        };
        // Whatever was taken before has no answer to wait for.
        assert!(question() <= 1, "nobody asked before");
        let patience = Duration::from_secs(20);
        for _ in 0..5 {
            all.recv_timeout(patience).expect("samples are taken without a question");
        }
        assert!(question() >= 5);
        drop(ask);
        thread.join().unwrap();
    }
}
