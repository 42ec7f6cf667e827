//! Calls that wait, each on a thread of its own, and the proof that they do: the kernel says in which
//! system call a thread sleeps (/proc/PID/task/TID/syscall, proc(5)).

use std::fs;
use std::os::fd::{AsFd, AsRawFd as _, RawFd};
use std::sync::mpsc;
use std::thread::{Scope, ScopedJoinHandle};

use framecat_core::lab::{Lane, What};

use super::obstacle::Obstacle;
use super::scene::Scene;

/// A thread that makes calls.
#[derive(Debug)]
pub(super) struct Caller<'scope, T> {
    tid: i32,
    lane: Lane,
    handle: ScopedJoinHandle<'scope, T>,
}

impl Scene {
    /// Begins `work` on a thread of its own, which belongs to `lane`.
    pub(super) fn begin<'scope, T: Send + 'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        lane: Lane,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> Result<Caller<'scope, T>, Obstacle> {
        let (tell, told) = mpsc::channel();
        let begun = std::thread::Builder::new().spawn_scoped(scope, move || {
            // Whoever began this thread waits for it.
            let _ = tell.send(rustix::thread::gettid().as_raw_nonzero().get());
            work()
        });
        let handle = begun.map_err(|error| Obstacle::new(format!("no thread: {error}")))?;
        let tid = told.recv().map_err(|_| Obstacle::new("a thread ended at once"))?;
        Ok(Caller { tid, lane, handle })
    }

    /// Waits until the thread sleeps in a system call on this socket, or has ended: whether it sleeps.
    pub(super) fn sleeps<T>(
        &self,
        caller: &Caller<'_, T>,
        call: &str,
        socket: &impl AsFd,
    ) -> Result<bool, Obstacle> {
        let fd = socket.as_fd().as_raw_fd();
        let sleeps = self.wait("a thread that sleeps or ends", || {
            if caller.handle.is_finished() {
                return Ok(Some(false));
            }
            match caller.sleeps_on(fd) {
                Ok(sleeps) => Ok(sleeps.then_some(true)),
                // It has ended in between.
                Err(_) if caller.handle.is_finished() => Ok(Some(false)),
                Err(obstacle) => Err(obstacle),
            }
        })?;
        if sleeps {
            let what = What::Asleep { of: caller.lane, call: call.to_owned() };
            self.note(Lane::Kernel, what);
        }
        Ok(sleeps)
    }
}

impl<T> Caller<'_, T> {
    /// Whether the thread sleeps in a system call on this descriptor now.
    pub(super) fn sleeps_on(&self, fd: RawFd) -> Result<bool, Obstacle> {
        let path = format!("/proc/self/task/{}/syscall", self.tid);
        let line = fs::read_to_string(&path).map_err(|error| {
            let what = "this kernel does not show what a thread waits for";
            Obstacle::new(format!("{what}: {path}: {}", crate::reason(&error)))
        })?;
        Ok(sleeps_on(&line, &format!("{fd:#x}")))
    }

    /// Waits for its end, and for what it has found.
    pub(super) fn join(self) -> Result<T, Obstacle> {
        self.handle.join().map_err(|_| Obstacle::new("a thread of the experiment panicked"))
    }
}

/// `running`, or the number of the call and its arguments, of which the first is the descriptor in
/// every call on a socket.
fn sleeps_on(line: &str, fd: &str) -> bool {
    line.split_ascii_whitespace().nth(1) == Some(fd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_sleeps_where_its_call_has_the_descriptor() {
        assert!(sleeps_on("288 0x5 0x0 0x0 0x80000 0x0 0x0 0x7ffd 0x7f1e\n", "0x5"));
        assert!(!sleeps_on("288 0x55 0x0 0x0 0x80000 0x0 0x0 0x7ffd 0x7f1e\n", "0x5"));
        assert!(!sleeps_on("202 0x7f10 0x5 0x0 0x0 0x0 0x0 0x7ffd 0x7f1e\n", "0x5"), "a futex");
        assert!(!sleeps_on("running\n", "0x5"));
        assert!(!sleeps_on("-1 0x7ffd 0x7f1e\n", "0x5"), "it sleeps in no call");
    }
}
