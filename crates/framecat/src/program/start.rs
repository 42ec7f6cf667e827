//! Starting: a process group of its own, its marks, and pipes at what it writes.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

use rustix::process::Pid;

use super::lineage::{Lineage, Mark, adopt_orphans};
use super::output::{Keep, Output};
use super::{Command, Place, ProgramError};

/// How much of what it wrote is kept: enough for a stack trace.
const TAIL: usize = 64 * 1024;

/// How a program is started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// It gets a pipe as its standard input, else nothing.
    pub(super) stdin: bool,
    /// So much of its standard output is kept apart; else it is kept with the standard error.
    pub(super) stdout: Option<usize>,
    /// It goes on as long as a descendant does.
    pub(super) may_daemonise: bool,
}

/// What was started.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) lineage: Lineage,
    pub(super) stdin: Option<OwnedFd>,
    pub(super) stdout: Option<Output>,
    /// Its standard error, with the standard output unless that is kept apart.
    pub(super) tail: Output,
}

/// Starts a command whose placeholders are filled in.
pub(super) fn start(
    command: &Command,
    place: &Place,
    manner: Manner,
) -> Result<Started, ProgramError> {
    adopt_orphans();
    try_start(command, place, manner)
        .map_err(|source| ProgramError::Start { command: command.clone(), source })
}

fn try_start(command: &Command, place: &Place, manner: Manner) -> io::Result<Started> {
    let mark = Mark::new();
    let (tail, stderr) = io::pipe()?;
    let tail = Output::read(tail.into(), Keep::Last(TAIL))?;
    let (stdout, stdout_end) = match manner.stdout {
        None => (None, stderr.try_clone()?),
        Some(bound) => {
            let (output, end) = io::pipe()?;
            (Some(Output::read(output.into(), Keep::First(bound))?), end)
        }
    };
    let (stdin_end, stdin) = match manner.stdin {
        false => (Stdio::null(), None),
        true => {
            let (end, input) = io::pipe()?;
            (end.into(), Some(input.into()))
        }
    };
    let mut process = command.to_std();
    process.env("FRAMECAT_ADDR", place.address().to_string());
    process.env(Mark::VARIABLE, mark.value());
    // A group of its own: an interrupt at our terminal is for us, and we end it in good order.
    process.process_group(0);
    process.stdin(stdin_end).stdout(stdout_end).stderr(stderr);
    let child = process.spawn()?;
    let lineage = Lineage::new(Pid::from_child(&child), mark, manner.may_daemonise);
    // Our ends of its pipes are closed with `process`, so that their end can be seen.
    Ok(Started { lineage, stdin, stdout, tail })
}
