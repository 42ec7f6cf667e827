//! However it ends, the terminal is as it was.

use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};

use super::sockets::Pair;
use super::tmux::{Tmux, signal};
use crate::support::PATIENCE;

#[test]
fn ctrl_c_ends_it_from_wherever_one_is_with_130() {
    let pair = Pair::new();
    for keys in ["", "?", "/", "/recvq>"] {
        let tmux = Tmux::with_shell(80, 24);
        tmux.watches(&pair.port());
        if !keys.is_empty() {
            tmux.types(keys);
        }
        tmux.presses(&["C-c"]).ended(130);
    }
}

#[test]
fn signals_end_it_with_the_status_that_each_has() {
    let pair = Pair::new();
    let all = [(Signal::TERM, 0), (Signal::HUP, 0), (Signal::INT, 130), (Signal::QUIT, 130)];
    for (number, status) in all {
        let tmux = Tmux::with_shell(80, 24);
        let pid = tmux.watches_as_process("", &pair.port());
        signal(pid, number);
        tmux.ended(status);
    }
}

#[test]
fn where_the_terminal_is_gone_it_ends() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    let pid = tmux.watches_as_process("", &pair.port());
    let process = watched(pid);
    tmux.hangs_up();
    ends(&process);
}

#[test]
fn where_the_terminal_is_gone_it_ends_although_it_is_not_told() {
    let pair = Pair::new();
    for keys in ["", "p"] {
        let tmux = Tmux::with_shell(80, 24);
        let pid = tmux.watches_as_process("trap \"\" HUP;", &pair.port());
        let process = watched(pid);
        if !keys.is_empty() {
            // Nothing is drawn from now on.
            tmux.types(keys).shows("PAUSED");
        }
        tmux.hangs_up();
        ends(&process);
    }
}

/// A process whose end can be waited for.
#[track_caller]
fn watched(pid: Pid) -> OwnedFd {
    pidfd_open(pid, PidfdFlags::empty()).expect("it runs")
}

#[track_caller]
fn ends(process: &OwnedFd) {
    let patience = Timespec::try_from(PATIENCE).expect("some seconds");
    let mut ended = [PollFd::new(process, PollFlags::IN)];
    let ready = poll(&mut ended, Some(&patience)).expect("a process can be waited for");
    assert!(ready > 0, "it did not end within {PATIENCE:?}");
}

#[test]
fn where_there_is_nothing_to_watch_the_screen_is_not_taken() {
    let tmux = Tmux::with_shell(80, 24);
    // Above the highest number that Linux gives (PID_MAX_LIMIT of include/linux/threads.h).
    tmux.types(&format!("{}; echo ended $?", Tmux::watch("pid:4194305"))).presses(&["Enter"]);
    tmux.shows("framecat: there is no process 4194305");
    tmux.ended(2);
}
