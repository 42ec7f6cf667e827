//! Processes as /proc shows them (proc(5)), and signals that cannot hit another than the one meant.
//!
//! All of /proc is read to find children: `/proc/PID/task/TID/children` is not there in every kernel
//! (CONFIG_PROC_CHILDREN).

use std::fs;
use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};

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
    parse(id, &fs::read(format!("/proc/{id}/stat")).ok()?)
}

fn parse(id: i32, text: &[u8]) -> Option<Stat> {
    // The second field is the program's name in parentheses, and may hold anything, also parentheses.
    let behind = memchr::memrchr(b')', text)? + 1;
    let text = std::str::from_utf8(&text[behind..]).ok()?;
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    // Fields are counted from 1 in proc(5), and the third is the first here.
    let field = |number: usize| fields.get(number - 3).copied();
    let threads: u32 = field(20)?.parse().ok()?;
    // The first thread of a process may have ended before the others.
    let lives = !matches!(field(3)?, "Z" | "X" | "x") || threads > 1;
    let process = Process { id, started: field(22)?.parse().ok()? };
    Some(Stat { process, parent: field(4)?.parse().ok()?, lives })
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

/// The inodes of the sockets that it has open.
pub(super) fn sockets(id: i32) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(format!("/proc/{id}/fd")) else { return Vec::new() };
    let inode = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    entries.flatten().filter_map(inode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_is_read_over() {
        let rest = "S 7 8 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0";
        let stat = parse(5, format!("5 (a) Z 1 (b) {rest}").as_bytes()).unwrap();
        assert_eq!((stat.parent, stat.process.started, stat.lives), (7, 4711, true));
        let zombie = rest.replacen('S', "Z", 1);
        assert!(!parse(5, format!("5 (x) {zombie}").as_bytes()).unwrap().lives);
        assert!(parse(5, b"5 (x").is_none());
        assert!(parse(5, b"5 (x) S 7").is_none());
    }
}
