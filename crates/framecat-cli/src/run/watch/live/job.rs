//! Job control: to stop as a shell expects it, and to leave the terminal alone while it is another's.

use std::io;

use rustix::process::{
    Pid, Signal, getpgid, getpgrp, getpid, getppid, getsid, kill_current_process_group,
    kill_process,
};
use rustix::termios::tcgetpgrp;

/// Stops whoever else is of this job, as the terminal does on Ctrl-Z: a script that has started us would
/// wait for us where nobody sees it. The signal comes to us too.
pub(super) fn stop_others() {
    // We are in our own process group.
    let _ = kill_current_process_group(Signal::TSTP);
}

/// Stops this process. SIGCONT has it go on.
pub(super) fn stop() {
    // A process may always stop itself.
    let _ = kill_process(getpid(), Signal::STOP);
}

/// Whether this job has the terminal. One that is not its session's has no jobs.
pub(super) fn is_in_foreground() -> bool {
    tcgetpgrp(io::stdout()).map_or(true, |foreground| foreground == getpgrp())
}

/// Whether nobody would have this job go on if it stopped (POSIX, orphaned process group): no process
/// above it is another job of its session.
pub(super) fn is_orphaned() -> bool {
    let (group, session) = (getpgrp(), getsid(None));
    let mut above = getppid();
    // The parents of our parents as far as they are of this job; it is a short chain.
    while let Some(parent) = above {
        if getsid(Some(parent)) != session {
            return true;
        }
        if getpgid(Some(parent)) != Ok(group) {
            return false;
        }
        above = parent_of(parent);
    }
    true
}

/// The parent of a process (proc_pid_status(5)).
fn parent_of(pid: Pid) -> Option<Pid> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    Pid::from_raw(parent.trim().parse().ok()?)
}
