//! What a program writes: always read, so that it never waits for us, and kept within a bound.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::task::JoinHandle;

use crate::endpoint::readiness::register;

/// What one read takes.
const PART: usize = 16 * 1024;

/// Which bytes are kept of all that come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// The last, this many.
    Last(usize),
    /// The first, this many.
    First(usize),
}

/// A pipe that is read to its end by a task of its own, for as long as this lives.
#[derive(Debug)]
pub(super) struct Output {
    pipe: Arc<Pipe>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Pipe {
    fd: AsyncFd<OwnedFd>,
    keep: Keep,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: VecDeque<u8>,
    lost: u64,
}

impl Output {
    /// Reads a pipe. It must be called from within a runtime.
    pub(super) fn read(pipe: OwnedFd, keep: Keep) -> io::Result<Output> {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        let fd = register(pipe, Interest::READABLE)?;
        let pipe = Arc::new(Pipe { fd, keep, kept: Mutex::default() });
        let task = tokio::spawn(drain(pipe.clone()));
        Ok(Output { pipe, task })
    }

    /// What was kept, with what waits in the pipe now, and how many bytes were not kept. Its end is not
    /// waited for: whoever inherited the pipe may hold it open for ever.
    pub(super) fn so_far(&self) -> (Vec<u8>, u64) {
        // What a pipe holds is 1 MiB at most (pipe(7)); more came while we read.
        for _ in 0..(1 << 20) / PART {
            if !matches!(self.pipe.take(), Ok(1..)) {
                break;
            }
        }
        let kept = self.pipe.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.bytes.iter().copied().collect(), kept.lost)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn drain(pipe: Arc<Pipe>) {
    while let Ok(mut ready) = pipe.fd.readable().await {
        match pipe.take() {
            Ok(0) => return,
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => ready.clear_ready(),
            Err(_) => return,
        }
    }
}

impl Pipe {
    /// Reads once. The lock is held meanwhile, so that bytes are kept in the order they came in.
    fn take(&self) -> rustix::io::Result<usize> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = [0; PART];
        let len = rustix::io::read(self.fd.get_ref(), &mut buffer)?;
        kept.add(&buffer[..len], self.keep);
        Ok(len)
    }
}

impl Kept {
    fn add(&mut self, bytes: &[u8], keep: Keep) {
        let lost = match keep {
            Keep::First(bound) => {
                let room = bound.saturating_sub(self.bytes.len()).min(bytes.len());
                self.bytes.extend(&bytes[..room]);
                bytes.len() - room
            }
            Keep::Last(bound) => {
                self.bytes.extend(bytes);
                let over = self.bytes.len().saturating_sub(bound);
                self.bytes.drain(..over);
                over
            }
        };
        self.lost += lost as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_kept_at_either_end() {
        for (keep, kept, lost) in [
            (Keep::First(5), "abcde", 3),
            (Keep::Last(5), "defgh", 3),
            (Keep::First(9), "abcdefgh", 0),
            (Keep::Last(0), "", 8),
        ] {
            let mut all = Kept::default();
            all.add(b"abc", keep);
            all.add(b"defgh", keep);
            assert_eq!((&*all.bytes.make_contiguous(), all.lost), (kept.as_bytes(), lost));
        }
    }
}
