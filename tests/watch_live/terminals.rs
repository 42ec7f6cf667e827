//! Terminals of all sorts: without colours, without anything but lines, that take nothing.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::sockets::{Deaf, Pair};
use super::tmux::{Tmux, signal};
use crate::support::PATIENCE;

#[test]
fn colours_are_shown_unless_they_are_not_wanted() {
    let mut deaf = Deaf::with_backlog(1);
    deaf.knock(2);
    let coloured = |start: &str| {
        let tmux = Tmux::with_shell(80, 24);
        tmux.types(start).presses(&["Enter"]).shows_prompt();
        tmux.watches(&format!("{} --interval 50ms", deaf.port())).shows("\n✗ LISTEN");
        let screen = tmux.coloured_screen();
        tmux.presses(&["q"]).ended(0);
        screen.contains("\x1b[31m") || screen.contains("\x1b[38;5;1m") || screen.contains(";31m")
    };
    assert!(coloured("unset NO_COLOR"));
    assert!(!coloured("export NO_COLOR=1"));
}

#[test]
fn a_terminal_that_can_only_write_lines_gets_lines() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    let watch = Tmux::watch(&pair.port());
    tmux.types(&format!("TERM=dumb {watch}; echo ended $?")).presses(&["Enter"]);
    let screen = tmux.shows("LISTENER");
    assert!(screen.contains("3 sockets"), "{screen}");
    tmux.presses(&["C-c"]).shows("ended 130\n");
}

#[test]
fn a_terminal_that_takes_nothing_stops_nobody_from_ending_it() {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
        .expect("a pseudo-terminal can be had");
    grantpt(&master).expect("it is ours");
    unlockpt(&master).expect("it is ours");
    let name = ptsname(&master, Vec::new()).expect("it has one");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = open(name, flags, Mode::empty()).expect("it is there");
    // The first screen is more than a terminal holds: 50,000 characters.
    let size = Winsize { ws_row: 100, ws_col: 500, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&master, size).expect("it is a terminal");
    let deaf = Deaf::with_backlog(100);
    let mut command = Command::new(env!("CARGO_BIN_EXE_framecat"));
    command.args(["watch", "--interval", "20ms", &deaf.port()]).env("TERM", "xterm");
    let end = || Stdio::from(terminal.try_clone().expect("a descriptor can be had"));
    let mut child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("it is built");
    let patience = Timespec::try_from(PATIENCE).expect("some seconds");
    let mut written = [PollFd::new(&master, PollFlags::IN)];
    assert!(poll(&mut written, Some(&patience)).expect("it can be waited for") > 0);
    let pid = Pid::from_child(&child);
    let process = pidfd_open(pid, PidfdFlags::empty()).expect("it runs");
    signal(pid, Signal::TERM);
    let mut ended = [PollFd::new(&process, PollFlags::IN)];
    let ready = poll(&mut ended, Some(&patience)).expect("a process can be waited for");
    if ready == 0 {
        child.kill().expect("it runs");
    }
    let status = child.wait().expect("it is our child");
    assert_eq!(status.code(), Some(0), "it ended within {PATIENCE:?}");
    // The command keeps what it was given.
    drop((command, terminal));
    let mut shown = Vec::new();
    // A terminal that nobody has open any more ends in an error.
    let _ = File::from(master).read_to_end(&mut shown);
    assert!(shown.windows(8).any(|bytes| bytes == b"\x1b[?1049h"), "it had taken the screen");
}
