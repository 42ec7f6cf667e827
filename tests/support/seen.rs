//! What a process has written so far, gathered by a thread a stream, so that nothing ever blocks it.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What a process has written so far.
#[derive(Default)]
pub(super) struct Seen {
    streams: Mutex<Streams>,
    changed: Condvar,
}

#[derive(Default)]
pub(super) struct Streams {
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
}

#[derive(Default)]
pub(super) struct Stream {
    pub(super) bytes: Vec<u8>,
    pub(super) ended: bool,
}

/// Why what was waited for is missing.
pub(super) enum Missing {
    /// Nothing more can come.
    Ended,
    /// The time is over.
    Late,
}

impl Seen {
    pub(super) fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `look` finds something; the other half of what it returns is whether nothing more
    /// can come.
    pub(super) fn wait<T>(
        &self,
        patience: Duration,
        look: impl Fn(&Streams) -> (Option<T>, bool),
    ) -> Result<T, Missing> {
        let give_up = Instant::now() + patience;
        let mut streams = self.streams();
        loop {
            let left = give_up.saturating_duration_since(Instant::now());
            match look(&streams) {
                (Some(found), _) => return Ok(found),
                (None, true) => return Err(Missing::Ended),
                (None, false) if left.is_zero() => return Err(Missing::Late),
                (None, false) => {}
            }
            let waited = self.changed.wait_timeout(streams, left);
            streams = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Stream {
    /// The first whole line that is wanted. The last may lack its line end once the stream has ended.
    pub(super) fn find_line(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let whole = match self.bytes.iter().rposition(|byte| *byte == b'\n') {
            _ if self.ended => self.bytes.len(),
            Some(last) => last + 1,
            None => 0,
        };
        let text = lossy(&self.bytes[..whole]);
        text.lines().find(|line| wanted(line)).map(str::to_owned)
    }
}

/// Gathers what `pipe` brings until its end.
pub(super) fn gather(
    mut pipe: impl Read + Send + 'static,
    seen: Arc<Seen>,
    stream: fn(&mut Streams) -> &mut Stream,
) {
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = pipe.read(&mut buffer).unwrap_or(0);
            let mut streams = seen.streams();
            let stream = stream(&mut streams);
            stream.bytes.extend_from_slice(&buffer[..read]);
            stream.ended = read == 0;
            seen.changed.notify_all();
            if read == 0 {
                return;
            }
        }
    });
}

pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len().max(1)).any(|window| window == needle)
}

pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
