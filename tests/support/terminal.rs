//! A terminal with a program at it, where a person types and looks.

use std::fs::File;
use std::ops::{Deref, DerefMut};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::Process;

/// A terminal with a program at it. Its screen is the [`Process`]'s standard output.
pub(crate) struct Terminal {
    process: Process,
    /// What was typed last, and how much the screen had shown then.
    typed: Option<(String, usize)>,
}

impl Terminal {
    #[track_caller]
    pub(super) fn start(mut command: Command, name: String) -> Terminal {
        let (master, slave) = pseudo_terminal().expect("a pseudo-terminal can be had");
        let duplicate = |fd: &OwnedFd| fd.try_clone().expect("a descriptor can be had");
        command.stdin(Stdio::from(duplicate(&slave)));
        command.stdout(Stdio::from(duplicate(&slave)));
        command.stderr(Stdio::from(slave));
        let keyboard = File::from(duplicate(&master));
        let process = Process::start_at(command, name, keyboard, File::from(master));
        Terminal { process, typed: None }
    }

    /// Types a line, as soon as there is a prompt for it, and Enter.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) -> &mut Terminal {
        let (before, from) = self.typed.take().unwrap_or_default();
        let echo = format!("{before}\n");
        self.wait_stdout_for("a prompt", |bytes| {
            let text = plain(&bytes[from..]);
            let behind = if from == 0 { 0 } else { text.find(&echo)? + echo.len() };
            text[behind..].contains("> ").then_some(())
        });
        self.typed = Some((line.to_owned(), self.process.stdout_so_far().len()));
        self.process.stdin_bytes(format!("{line}\r"));
        self
    }

    /// Pastes lines: they are all there at once.
    #[track_caller]
    pub(crate) fn pastes(&mut self, lines: &[&str]) -> &mut Terminal {
        self.shows("> ");
        self.process.stdin_bytes(lines.join("\r") + "\r");
        self
    }

    /// Presses a key together with Ctrl.
    #[track_caller]
    pub(crate) fn presses_ctrl(&mut self, key: u8) -> &mut Terminal {
        self.process.stdin_bytes([key & 0x1f]);
        self
    }

    /// Waits until the screen has shown this text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        let what = format!("`{text}` on the screen");
        self.wait_stdout_for(&what, |bytes| plain(bytes).contains(text).then_some(()));
    }

    /// Waits for a line on the screen, and returns it.
    #[track_caller]
    pub(crate) fn shows_line(&self, wanted: impl Fn(&str) -> bool) -> String {
        self.wait_stdout_for("a line on the screen", |bytes| {
            let text = plain(bytes);
            let whole = text.rfind('\n').map_or("", |last| &text[..last]);
            whole.lines().find(|line| wanted(line)).map(str::to_owned)
        })
    }
}

impl Deref for Terminal {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Terminal {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

fn pseudo_terminal() -> rustix::io::Result<(OwnedFd, OwnedFd)> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname(&master, Vec::new())?;
    let slave = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    Ok((master, slave))
}

/// What a screen has shown, as lines: an erased line, which the prompt is, makes room for the next.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\x1b[K", "\n").replace('\r', "");
    let mut pieces = text.split("\x1b[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        // A control sequence ends with the first byte from @ on (ECMA-48, 5.4).
        plain.push_str(piece.find(|c| ('@'..='~').contains(&c)).map_or("", |at| &piece[at + 1..]));
    }
    plain
}
