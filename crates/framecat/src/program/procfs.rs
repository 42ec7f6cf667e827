//! Processes as /proc shows them (proc(5)), and signals that cannot hit another than the one meant.
//!
//! All of /proc is read to find children: `/proc/PID/task/TID/children` is not there in every kernel
//! (CONFIG_PROC_CHILDREN).

use std::fs;
use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};

use crate::kernel;

/// A process: its id and when it started, in ticks since the machine did. An id is used again once its
/// process was waited for; the pair is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Process {
    pub(super) started: u64,
    pub(super) id: i32,
}

/// What is known of a process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stat {
    pub(super) process: Process,
    pub(super) parent: i32,
    /// It runs; else it has ended and nobody has waited for it.
    pub(super) lives: bool,
}

impl Process {
    pub(super) fn pid(self) -> Option<Pid> {
        Pid::from_raw(self.id)
    }

    /// A descriptor that stands for this process, and becomes readable when it ends; none if it is
    /// gone.
    pub(super) fn pidfd(self) -> Option<OwnedFd> {
        let pidfd = pidfd_open(self.pid()?, PidfdFlags::empty()).ok()?;
        // The id was this process's when we looked. If it still is, now that the descriptor holds on
        // to whoever has it, then the descriptor is this process's.
        (stat(self.id)?.process == self).then_some(pidfd)
    }

    /// Sends it a signal, if it is still there and we may.
    pub(super) fn signal(self, signal: Signal) {
        // It may have ended meanwhile, or have become another user's; end() looks at what is left.
        match self.pidfd() {
            Some(pidfd) => drop(pidfd_send_signal(pidfd, signal)),
            // Where there are no such descriptors, its id has to do, a moment after it was looked at.
            None if self.is_there() => drop(self.pid().map(|pid| kill_process(pid, signal))),
            None => {}
        }
    }

    /// Whether it is there, and no other has its id.
    pub(super) fn is_there(self) -> bool {
        stat(self.id).is_some_and(|stat| stat.process == self && stat.lives)
    }
}

/// Every process that can be seen.
pub(super) fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(stat).collect()
}

/// One process.
pub(super) fn stat(id: i32) -> Option<Stat> {
    let line = fs::read(format!("/proc/{id}/stat")).ok()?;
    let stat = kernel::process::Stat::parse(&line)?;
    Some(Stat {
        process: Process { id, started: stat.started },
        parent: stat.parent.try_into().ok()?,
        lives: !stat.has_ended(),
    })
}

/// The soft limit of its message queues, in bytes.
pub(super) fn message_queue_limit(id: i32) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{id}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max msgqueue size"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// Whether this entry stands in the environment that it was started with.
pub(super) fn has_environment(id: i32, entry: &str) -> bool {
    let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|each| each == entry.as_bytes())
}
