//! A terminal to look at: tmux, with a shell in it or a program alone.

use std::cell::Cell;
use std::fs;
use std::process::{Command, Output};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{PATIENCE, Place};

/// What the shell writes when it waits for a command.
const PROMPT: &str = "ready> ";

/// A terminal. Its tmux ends with it.
pub(super) struct Tmux {
    place: Place,
    /// The terminal's settings before anything was started in it.
    before: String,
    /// How often they were asked for.
    asked: Cell<u32>,
}

impl Tmux {
    /// A terminal with a shell that has job control.
    #[track_caller]
    pub(super) fn with_shell(width: u16, height: u16) -> Tmux {
        // What is in $ENV would be read by an interactive shell.
        Tmux::with_the_shell("env ENV= sh -i", width, height)
    }

    /// The same with this shell.
    #[track_caller]
    pub(super) fn with_the_shell(shell: &str, width: u16, height: u16) -> Tmux {
        let command = format!("PS1='{PROMPT}' exec {shell}");
        let mut tmux = Tmux::with(&command, width, height);
        tmux.shows_prompt();
        tmux.before = tmux.settings();
        tmux
    }

    /// A terminal with this command alone, which a shell has started and then is no more.
    #[track_caller]
    pub(super) fn with(command: &str, width: u16, height: u16) -> Tmux {
        let tmux = Tmux { place: Place::new(), before: String::new(), asked: Cell::default() };
        let size = [width.to_string(), height.to_string()];
        tmux.does(&["new-session", "-d", "-x", &size[0], "-y", &size[1], command]);
        tmux
    }

    /// `framecat watch …` as a shell takes it.
    pub(super) fn watch(args: &str) -> String {
        format!("'{}' watch {args}", env!("CARGO_BIN_EXE_framecat"))
    }

    /// Starts `framecat watch …`, followed by what says how it ended; returns when it is on the screen.
    #[track_caller]
    pub(super) fn watches(&self, args: &str) -> &Tmux {
        self.types(&format!("{}; echo ended $?", Tmux::watch(args)));
        self.presses(&["Enter"]);
        self.shows("framecat watch ·");
        self
    }

    /// The same as a program whose number is known; `first` is what its shell does first.
    #[track_caller]
    pub(super) fn watches_as_process(&self, first: &str, args: &str) -> Pid {
        let file = self.place.path("pid");
        let exec = format!("{first} echo $$ >{file}; exec \"$0\" watch {args}");
        let program = env!("CARGO_BIN_EXE_framecat");
        self.types(&format!("sh -c '{exec}' '{program}'; echo ended $?"));
        self.presses(&["Enter"]);
        self.shows("framecat watch ·");
        let pid = fs::read_to_string(file).expect("the shell wrote it");
        Pid::from_raw(pid.trim().parse().expect("a number")).expect("it is not 0")
    }

    /// Presses keys, by tmux's names for them.
    #[track_caller]
    pub(super) fn presses(&self, keys: &[&str]) -> &Tmux {
        self.does(&[&["send-keys"], keys].concat());
        self
    }

    /// Types a text.
    #[track_caller]
    pub(super) fn types(&self, text: &str) -> &Tmux {
        self.does(&["send-keys", "-l", "--", text]);
        self
    }

    #[track_caller]
    pub(super) fn resizes(&self, width: u16, height: u16) -> &Tmux {
        self.does(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
        self
    }

    /// Ends tmux: the terminal is gone.
    #[track_caller]
    pub(super) fn hangs_up(&self) {
        self.does(&["kill-server"]);
    }

    /// What is on the screen.
    #[track_caller]
    pub(super) fn screen(&self) -> String {
        self.does(&["capture-pane", "-p"])
    }

    /// The same with colours, as escape sequences.
    #[track_caller]
    pub(super) fn coloured_screen(&self) -> String {
        self.does(&["capture-pane", "-p", "-e"])
    }

    /// Waits until this text is on the screen, and returns the screen.
    #[track_caller]
    pub(super) fn shows(&self, text: &str) -> String {
        self.waits(&format!("`{text}`"), |screen| screen.contains(text))
    }

    /// Waits until this text is not on the screen.
    #[track_caller]
    pub(super) fn shows_no(&self, text: &str) -> String {
        self.waits(&format!("no `{text}`"), |screen| !screen.contains(text))
    }

    /// Waits until the shell waits for a command.
    #[track_caller]
    pub(super) fn shows_prompt(&self) -> String {
        self.waits("a prompt", |screen| {
            screen.trim_end().lines().last().is_some_and(|line| line == PROMPT.trim_end())
        })
    }

    #[track_caller]
    pub(super) fn waits(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(Instant::now() < give_up, "{PATIENCE:?} without {what} on\n{screen}");
        }
    }

    /// Waits until what was started has ended with this status, and looks whether the terminal is as it
    /// was before.
    #[track_caller]
    pub(super) fn ended(&self, status: u32) {
        self.shows(&format!("ended {status}\n"));
        self.is_as_before();
    }

    /// Looks whether the shell has the terminal again, as it was before.
    #[track_caller]
    pub(super) fn is_as_before(&self) {
        let screen = self.shows_prompt();
        assert!(!screen.contains("namespace:"), "the view is gone from\n{screen}");
        let shown = self.does(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]);
        assert_eq!(shown, "0 1\n", "the first screen is there, and a cursor");
        assert_eq!(self.settings(), self.before, "the terminal's settings");
    }

    /// The terminal's settings; the shell has the prompt.
    #[track_caller]
    fn settings(&self) -> String {
        let asked = self.asked.get() + 1;
        self.asked.set(asked);
        let file = self.place.path(&format!("settings-{asked}"));
        // What is typed is on the screen too, and must not be taken for what it writes.
        self.types(&format!("clear; stty -g >{file}; echo to''ld {asked}")).presses(&["Enter"]);
        self.shows(&format!("told {asked}\n"));
        fs::read_to_string(file).expect("stty wrote it")
    }

    #[track_caller]
    fn does(&self, args: &[&str]) -> String {
        let output = self.command().args(args).output();
        let Output { status, stdout, stderr } =
            output.unwrap_or_else(|error| panic!("this test needs to run tmux: {error}"));
        assert!(status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("tmux writes text")
    }

    /// A tmux of this test alone: its socket is in our folder, and it reads no settings.
    fn command(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-f", "/dev/null", "-S", &self.place.path("tmux")]);
        for inherited in ["TMUX", "TMUX_PANE", "NO_COLOR"] {
            command.env_remove(inherited);
        }
        command.env("LC_ALL", "C.UTF-8").env("TZ", "CST-8").env("SHELL", "/bin/sh");
        command
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.command().arg("kill-server").output();
    }
}

/// Sends a signal to a process that runs.
#[track_caller]
pub(super) fn signal(pid: Pid, signal: Signal) {
    kill_process(pid, signal).unwrap_or_else(|error| panic!("{signal:?} to {pid}: {error}"));
}
