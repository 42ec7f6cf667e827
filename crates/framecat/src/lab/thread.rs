//! Calls that wait, each on a thread of its own, and the proof that they do: the kernel says in which
//! system call a thread sleeps (/proc/PID/task/TID/syscall, proc(5)).

use std::ffi::CString;
use std::fs;
use std::io;
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
    /// Whether it has ended.
    pub(super) fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

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

/// A thread and those that came of it, by the name that the kernel has of each: a thread begins with the
/// name of the one that began it (prctl(2), PR_SET_NAME).
#[derive(Debug)]
pub(super) struct Crew(String);

impl Crew {
    /// Gives the calling thread a name that no other has.
    pub(super) fn mark() -> io::Result<()> {
        let name = Crew::named(rustix::thread::gettid().as_raw_nonzero().get()).0;
        Ok(rustix::thread::set_name(&CString::new(name)?)?)
    }

    /// The crew of a thread that has marked itself.
    pub(super) fn of<T>(caller: &Caller<'_, T>) -> Crew {
        Crew::named(caller.tid)
    }

    fn named(tid: i32) -> Crew {
        // The kernel keeps 15 bytes; the largest number has seven digits (proc_sys_kernel(5), pid_max).
        Crew(format!("crew-{tid}"))
    }

    /// How many there are now.
    pub(super) fn count(&self) -> Result<usize, Obstacle> {
        let cannot = |error: io::Error| {
            Obstacle::new(format!("the threads cannot be counted: {}", crate::reason(&error)))
        };
        let mut count = 0;
        for task in fs::read_dir("/proc/self/task").map_err(cannot)? {
            // One that has ended meanwhile is none.
            let name = fs::read_to_string(task.map_err(cannot)?.path().join("comm"));
            count += usize::from(name.is_ok_and(|name| name.trim_end() == self.0));
        }
        Ok(count)
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

    #[test]
    fn a_crew_is_a_thread_and_those_that_it_has_begun() {
        let scene = Scene::open().expect("sock_diag answers");
        std::thread::scope(|threads| {
            let (end, ended) = mpsc::channel::<()>();
            let (tell, told) = mpsc::channel();
            let work = move || {
                Crew::mark().expect("a thread can name itself");
                std::thread::scope(|inner| {
                    inner.spawn(move || {
                        let _ = tell.send(());
                        // Until `end` is dropped.
                        let _ = ended.recv();
                    });
                });
            };
            let caller = scene.begin(threads, Lane::Server(0), work).expect("a thread");
            told.recv().expect("the inner thread runs");
            assert_eq!(Crew::of(&caller).count().expect("/proc is there"), 2);
            assert_eq!(Crew::named(0).count().expect("/proc is there"), 0);
            drop(end);
        });
    }
}
