//! Job control: stopped, the terminal is the shell's; going on, it is ours again.

use rustix::process::Signal;

use super::sockets::Pair;
use super::tmux::{Tmux, signal};

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    tmux.watches(&pair.port()).shows(" 1 of 3 ");
    for _ in 0..2 {
        tmux.presses(&["Down", "C-z"]).is_as_before();
        tmux.types("fg").presses(&["Enter"]).shows("namespace:");
    }
    tmux.shows(" 3 of 3 ");
    tmux.types("q");
    tmux.is_as_before();
}

#[test]
fn whoever_stops_it_from_outside_has_the_terminal_given_back_too() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    let pid = tmux.watches_as_process("", &pair.port());
    signal(pid, Signal::TSTP);
    tmux.is_as_before();
    tmux.types("fg").presses(&["Enter"]).shows("namespace:");
    signal(pid, Signal::TERM);
    tmux.is_as_before();
}

#[test]
fn stopped_without_a_warning_it_takes_the_terminal_anew() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    let pid = tmux.watches_as_process("", &pair.port());
    signal(pid, Signal::STOP);
    // The shell writes on a screen that is not its own, where a line's end is no line's beginning.
    tmux.waits("a prompt", |screen| screen.replace('\n', "").contains("ready>"));
    tmux.types("stty sane; clear").presses(&["C-j"]);
    tmux.waits("nothing but a prompt", |screen| screen.trim_end() == "ready>");
    tmux.types("fg").presses(&["Enter"]).shows("namespace:");
    tmux.presses(&["Down"]).shows(" 2 of 3 ");
    tmux.types("q").shows_no("namespace:");
}

#[test]
fn in_the_background_it_leaves_the_terminal_alone_and_can_be_ended() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    let pid = tmux.watches_as_process("", &format!("{} --interval 20ms", pair.port()));
    tmux.presses(&["C-z"]).is_as_before();
    tmux.types("bg").presses(&["Enter"]);
    // It samples on; what is typed is the shell's.
    tmux.is_as_before();
    tmux.is_as_before();
    signal(pid, Signal::TERM);
    tmux.types("wait; echo wait''ed").presses(&["Enter"]).shows("waited\n");
    tmux.is_as_before();
}

#[test]
fn a_shell_that_tells_it_nothing_gets_it_back_from_the_background_too() {
    let pair = Pair::new();
    // bash sends no SIGCONT to a job that runs already.
    let tmux = Tmux::with_the_shell("bash --norc --noprofile -i", 80, 24);
    tmux.watches(&format!("{} --interval 20ms", pair.port())).shows(" 1 of 3 ");
    tmux.presses(&["C-z"]).shows_prompt();
    tmux.types("bg").presses(&["Enter"]).shows("framecat' watch");
    tmux.shows_prompt();
    tmux.types("fg").presses(&["Enter"]).shows(" 1 of 3 ");
    tmux.presses(&["Down"]).shows(" 2 of 3 ");
    tmux.types("q").shows_no("namespace:");
    tmux.is_as_before();
}

#[test]
fn where_no_shell_would_have_it_go_on_it_does_not_stop() {
    let pair = Pair::new();
    let tmux = Tmux::with(&format!("exec {}", Tmux::watch(&pair.port())), 80, 24);
    tmux.shows(" 1 of 3 ");
    tmux.presses(&["C-z"]).shows("there is no shell to go back to");
    tmux.presses(&["Down"]).shows(" 2 of 3 ");
}

#[test]
fn a_script_around_it_is_stopped_with_it() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    // This sh has no job control, and waits for what it has started.
    let script = format!("sh -c \"{}; exit 7\"; echo ended $?", Tmux::watch(&pair.port()));
    tmux.types(&script).presses(&["Enter"]).shows(" 1 of 3 ");
    tmux.presses(&["C-z"]).is_as_before();
    tmux.types("fg").presses(&["Enter"]).shows(" 1 of 3 ");
    tmux.types("q").shows_no("namespace:");
    tmux.is_as_before();
}
