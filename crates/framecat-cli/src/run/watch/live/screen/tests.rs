//! What a panic leaves of the terminal. It cannot be had from outside, as the other ends can that
//! tests/watch_live.rs looks at; here too tmux is the terminal, and this test runs itself in it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Screen;
use crate::render::watch::live::{Look, Start, View};

/// Set where this test runs in the terminal.
const INSIDE: &str = "FRAMECAT_TEST_PANICS";

/// Nothing takes this long: it only ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_panic_gives_the_terminal_back_and_is_told_on_it() {
    if std::env::var_os(INSIDE).is_some() {
        return panic_with_a_screen();
    }
    let tmux = Tmux::new();
    let program = std::env::current_exe().expect("it runs");
    let (before, after) = (tmux.folder.join("before"), tmux.folder.join("after"));
    let test = "run::watch::live::screen::tests::a_panic_gives_the_terminal_back_and_is_told_on_it";
    let script = format!(
        "stty -g >'{}'; RUST_BACKTRACE=0 {INSIDE}=1 '{}' --exact {test} --nocapture; stty -g >'{}'; echo told; cat",
        before.display(),
        program.display(),
        after.display()
    );
    tmux.does(&["new-session", "-d", "-x", "100", "-y", "50", &script]);
    let screen = tmux.shows("\ntold\n");
    assert!(screen.contains("on purpose"), "it is told what has happened:\n{screen}");
    assert!(!screen.contains("framecat watch ·"), "the view is gone:\n{screen}");
    let shown = tmux.does(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]);
    assert_eq!(shown, "0 1\n", "the first screen is there, and a cursor:\n{screen}");
    let settings = |file| fs::read_to_string(file).expect("stty wrote it");
    assert_eq!(settings(after), settings(before));
}

/// Takes the screen, has something on it, and panics.
fn panic_with_a_screen() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut screen = Screen::open().expect("a thread");
        screen.enter().expect("a terminal");
        let mut view = View::new(Start {
            title: "nothing".into(),
            look: Look { coloured: true, eighths: true },
            interval: Duration::from_secs(1),
            filter: None,
            sort: None,
        });
        screen.draw(&mut view);
        screen.written().await.expect("the terminal takes it");
        let mode = rustix::termios::tcgetattr(std::io::stdout()).expect("a terminal");
        let cooked = rustix::termios::LocalModes::ICANON;
        assert!(!mode.local_modes.contains(cooked), "the terminal was changed");
        panic!("on purpose");
    });
}

/// A tmux of this test alone. It ends with it, and its folder goes.
struct Tmux {
    folder: PathBuf,
}

impl Tmux {
    fn new() -> Tmux {
        let folder = std::env::temp_dir().join(format!("framecat-panics-{}", std::process::id()));
        fs::create_dir(&folder).expect("the directory for temporary files can be written");
        Tmux { folder }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-f", "/dev/null", "-S"]).arg(self.folder.join("tmux"));
        command.env_remove("TMUX").env("LC_ALL", "C.UTF-8").env("SHELL", "/bin/sh");
        command
    }

    #[track_caller]
    fn does(&self, args: &[&str]) -> String {
        let output = self.command().args(args).output();
        let output = output.unwrap_or_else(|error| panic!("this test needs to run tmux: {error}"));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {args:?}: {stderr}");
        String::from_utf8(output.stdout).expect("tmux writes text")
    }

    /// Waits until this text is on the screen.
    #[track_caller]
    fn shows(&self, text: &str) -> String {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let screen = self.does(&["capture-pane", "-p"]);
            if screen.contains(text) {
                return screen;
            }
            assert!(Instant::now() < give_up, "{PATIENCE:?} without `{text}` on\n{screen}");
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command().arg("kill-server").output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
