//! One case on one connection: what its script says is written, cut and ended, and what comes back is
//! gathered until there is nothing more to expect.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use framecat_core::check::{End, Finale, Script, Seen, Then};
use tokio::time::{Instant, timeout};

use super::eyes::Eyes;
use super::inbox::Inbox;
use super::times::Times;
use crate::endpoint::Stream;
use crate::kernel::Link;

/// How often it is looked whether the target rests.
const TICK: Duration = Duration::from_millis(1);

/// For how many times its patience somebody is listened to who does not stop talking.
pub(super) const TALKS: u32 = 5;

/// How many bytes a slow reader reads at once.
const SIP: usize = 512;

/// A connection that a script is run on.
pub(super) struct Conversation<'a> {
    pub(super) stream: Arc<Stream>,
    pub(super) link: Link,
    pub(super) inbox: Inbox,
    pub(super) eyes: &'a Eyes,
    pub(super) times: Times,
}

/// How a script went.
pub(super) struct Ran {
    pub(super) seen: Seen,
    /// What came behind each piece.
    pub(super) then: Vec<Then>,
}

/// What is to come of a script.
pub(super) struct Hope<'a> {
    /// Whether what has come is all that was to come.
    pub(super) complete: &'a (dyn Fn(&[u8]) -> bool + Sync),
    /// How the connection should end then, if that is known.
    pub(super) end: Option<End>,
    /// Whether anything must come at all.
    pub(super) awaited: bool,
    /// What is sent once all has come, to see whether the target is in step.
    pub(super) next: Option<&'a [u8]>,
    /// Whether what has come is the answer to that as well.
    pub(super) in_step: &'a (dyn Fn(&[u8]) -> bool + Sync),
}

/// Why there is nothing more to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    Readable,
    Silent,
    Late,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(
        stream: Arc<Stream>,
        eyes: &'a Eyes,
        times: Times,
        expected: usize,
    ) -> io::Result<Self> {
        let link = Link::new(&stream)?;
        Ok(Conversation { stream, link, inbox: Inbox::new(expected), eyes, times })
    }

    /// Runs a script, and gathers what comes back until it is what `hope` says.
    pub(super) async fn run(mut self, script: &Script, bytes: &[u8], hope: Hope<'_>) -> Ran {
        let start = Instant::now();
        let mut then = Vec::with_capacity(script.cuts.len() + 2);
        let early = self.write_pieces(script, bytes, &mut then).await;
        if script.finale == Finale::Reset {
            mark(&mut then, Then::Reset);
            return self.reset(start, then);
        }
        if script.finale == Finale::Finish && self.inbox.end().is_none() {
            // A connection that is gone already says so when it is read.
            let _ = self.stream.finish();
            mark(&mut then, Then::Finished);
        }
        if script.slow {
            self.sip().await;
        }
        let next = hope.next;
        self.collect(hope.complete, hope.end, hope.awaited, next.is_some()).await;
        if next.is_some() && (hope.complete)(self.inbox.got()) {
            // The right reply may have come before the last piece: the target is to have read that by
            // itself, or the next message would mend what it does with it. What it said to that is here
            // by the time it rests.
            self.cut().await;
            self.inbox.drain(&self.stream);
        }
        let followed = match next {
            Some(next) if self.inbox.end().is_none() && (hope.complete)(self.inbox.got()) => {
                mark(&mut then, Then::Answered);
                let written = self.write(next, false).await;
                then.push(if written { Then::Nothing } else { Then::Gone });
                self.collect(hope.in_step, hope.end, true, false).await;
                true
            }
            _ => false,
        };
        Ran { seen: Seen { early, followed, ..self.answered(start) }, then }
    }

    /// Writes the pieces of a script; how much had come back when the last of them was written.
    async fn write_pieces(&mut self, script: &Script, bytes: &[u8], then: &mut Vec<Then>) -> usize {
        let mut from = 0;
        let mut early = 0;
        for (number, to) in script.cuts.iter().copied().chain([bytes.len()]).enumerate() {
            let last = number == script.cuts.len();
            self.inbox.drain(&self.stream);
            early = self.inbox.got().len();
            let written = self.write(&bytes[from..to], script.slow).await;
            from = to;
            then.push(match written {
                false => Then::Gone,
                true if last => Then::Nothing,
                true => self.cut().await,
            });
            if then.last() == Some(&Then::Gone) {
                // What it said before it left came before the last piece as well.
                return if last { early } else { self.inbox.got().len() };
            }
        }
        early
    }

    /// Waits for an answer to a message that was written at `start`: for as long as one is waited for
    /// until it may be `whole`, and then until the target is silent or `complete` is content, which with
    /// `hasty` ends it at once.
    pub(super) async fn answer(
        &mut self,
        start: Instant,
        whole: &(dyn Fn(&[u8]) -> bool + Sync),
        complete: &(dyn Fn(&[u8]) -> bool + Sync),
        hasty: bool,
    ) -> Seen {
        let Times { patience, .. } = self.times;
        loop {
            self.inbox.drain(&self.stream);
            if self.inbox.len() > 0 {
                self.collect(complete, None, false, hasty).await;
            }
            let over = self.inbox.end().is_some() || self.inbox.is_endless();
            let whole = self.inbox.len() > 0 && whole(self.inbox.got());
            if over || whole || start.elapsed() > patience * TALKS {
                break;
            }
            if self.wait(patience, patience).await != Waited::Readable {
                break;
            }
        }
        self.answered(start)
    }

    /// Waits until the target has read what was written.
    pub(super) async fn cut(&mut self) -> Then {
        self.eyes.cut(&self.stream, &mut self.link, &mut self.inbox).await
    }

    /// What has come of an answer to a message that was written at `start`.
    pub(super) fn answered(&mut self, start: Instant) -> Seen {
        Seen {
            got_len: self.inbox.len(),
            endless: self.inbox.is_endless(),
            end: self.inbox.end().unwrap_or_default(),
            after: self.inbox.last().map_or_else(|| start.elapsed(), |last| last - start),
            got: self.inbox.take(),
            ..Seen::default()
        }
    }

    fn reset(mut self, start: Instant, then: Vec<Then>) -> Ran {
        // What it would have said further is cut off.
        let seen = Seen { endless: false, ..self.answered(start) };
        self.stream.end_with_reset();
        Ran { seen, then }
    }

    /// Writes all of `bytes`; `false` if the connection is gone. What comes back meanwhile is read,
    /// because the target may wait for that; a slow reader reads only then.
    pub(super) async fn write(&mut self, mut bytes: &[u8], slow: bool) -> bool {
        let mut last_progress = Instant::now();
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(taken) => {
                    bytes = &bytes[taken..];
                    last_progress = Instant::now();
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => {
                    self.inbox.drain(&self.stream);
                    return false;
                }
            }
            if last_progress.elapsed() > self.times.patience || self.inbox.is_endless() {
                return false;
            }
            let rests = self.eyes.is_stuck(&self.stream, &mut self.link).await != Some(false);
            if !slow || rests {
                self.inbox.read_once(&self.stream);
            }
            // An error of the wait is one of the next write.
            let _ = timeout(TICK, self.stream.writable()).await;
        }
        true
    }

    /// Reads in sips once the target has gone as far as it can without a reader.
    async fn sip(&mut self) {
        self.inbox.read_slowly(SIP);
        let start = Instant::now();
        while self.eyes.is_stuck(&self.stream, &mut self.link).await == Some(false)
            && start.elapsed() < self.times.patience
        {
            tokio::time::sleep(TICK).await;
        }
    }

    /// Reads until all has come and nothing more does, or nothing comes any more. `end` is how the
    /// connection should end, if that is known; `awaited` whether anything must come at all. With `hasty`
    /// what would be too much is not waited for.
    pub(super) async fn collect(
        &mut self,
        complete: &(dyn Fn(&[u8]) -> bool + Sync),
        end: Option<End>,
        awaited: bool,
        hasty: bool,
    ) {
        let Times { silence, surplus, quiet, patience } = self.times;
        let start = Instant::now();
        loop {
            self.inbox.drain(&self.stream);
            if start.elapsed() > patience * TALKS {
                self.inbox.give_up();
            }
            if self.inbox.end().is_some() || self.inbox.is_endless() {
                return;
            }
            let complete = complete(self.inbox.got());
            if complete && hasty {
                return;
            }
            let closes = matches!(end, Some(End::Closed | End::Reset));
            let (silence, unseen) = match complete {
                true if !closes => (surplus, quiet),
                false if !awaited => (silence, quiet),
                _ => (silence, patience),
            };
            if self.wait(silence, unseen).await != Waited::Readable {
                return;
            }
        }
    }

    /// Waits until there is something to read, or the target has rested for `silence`, or, where it
    /// cannot be seen, was silent for `unseen`, or it is late.
    pub(super) async fn wait(&mut self, silence: Duration, unseen: Duration) -> Waited {
        let start = Instant::now();
        let mut resting: Option<Instant> = None;
        loop {
            // Who rests is left alone for the rest of the time; who works is looked at again soon.
            let tick = resting.map_or(TICK, |since| silence.saturating_sub(since.elapsed()));
            if self.inbox.heard_all() {
                // The end of a stream stays readable for ever.
                tokio::time::sleep(tick).await;
            } else if timeout(tick, self.stream.readable()).await.is_ok() {
                // An error of the wait is one of the next read.
                return Waited::Readable;
            }
            match self.eyes.at_rest(&self.stream, &mut self.link).await {
                Some(true) => {
                    let since = *resting.get_or_insert_with(Instant::now);
                    if since.elapsed() >= silence {
                        return Waited::Silent;
                    }
                }
                Some(false) => resting = None,
                None if start.elapsed() >= unseen => return Waited::Silent,
                None => resting = None,
            }
            if start.elapsed() >= self.times.patience {
                return Waited::Late;
            }
        }
    }
}

/// Says of the last piece what came behind it.
fn mark(then: &mut [Then], what: Then) {
    if let Some(last) = then.last_mut().filter(|last| **last == Then::Nothing) {
        *last = what;
    }
}
