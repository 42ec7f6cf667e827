//! Programs that framecat starts itself: a server to be checked, or a client (Linux).
//!
//! - `command`: words or a shell's line, with placeholders · `place`: where it shall listen
//! - `start`: how it is started · `output`: what it writes · `listening`: whether it listens
//! - `lineage`: who descends from it, and how it ended · `procfs`: processes as /proc shows them
//! - `client`: a program that is run to its end
//!
//! ```
//! use std::time::Duration;
//! use framecat::program::{Command, Place, Program};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let command = Command::parse(
//!     "python3 -c 'import socket, time; s = socket.create_server((\"127.0.0.1\", {port})); s.accept()'",
//! )?;
//! let place = Place::choose(None, &command)?;
//! let mut program = Program::start(&command, place).await?;
//! program.wait_listening(Duration::from_secs(20)).await?;
//! assert_eq!(program.try_ended(), None);
//! let ending = program.end().await.expect("nothing keeps it");
//! assert_eq!(ending.to_string(), "was killed by SIGTERM");
//! # Ok(())
//! # }
//! ```
//!
//! A program is alive as long as the started process is. If that ends with status 0 and leaves
//! descendants behind, it was a daemon going to the background, and the program is alive as long as the
//! daemon. To see that, and to end all that was started, this process becomes the reaper of its
//! descendants with the first start (PR_SET_CHILD_SUBREAPER) and stays it.
//!
//! If this process itself is killed by SIGKILL, what it started goes on: the system can be asked for
//! better only by `unsafe` code.

mod client;
mod command;
mod ending;
mod error;
mod lineage;
mod listening;
mod output;
mod place;
mod procfs;
mod start;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Signal;
use tokio::io::Interest;
use tokio::time::{Instant, timeout, timeout_at};

use lineage::Lineage;
use procfs::Process;
use start::{Manner, Started};

use crate::endpoint::readiness::register;

pub use client::{Client, Run, RunningClient, run_client};
pub use command::Command;
pub use ending::Ending;
pub use error::ProgramError;
pub use place::Place;

/// How long a program has between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(1);

/// How long a killed process may take to go. One that waits for a disk or a file server in the kernel
/// goes later, and is not waited for.
const KILLED: Duration = Duration::from_secs(5);

/// How long [`Drop`] may keep a thread.
const DROPPED: Duration = Duration::from_millis(500);

/// How often the kernel is asked whether somebody listens: soon at first, then seldom enough not to be
/// in the way of a program that starts.
const ASK_FIRST: Duration = Duration::from_millis(1);
const ASK_AT_LAST: Duration = Duration::from_millis(20);

/// A server that we started. When it is dropped, it is killed with all its descendants.
#[derive(Debug)]
pub struct Program {
    command: Command,
    place: Place,
    running: Running,
}

impl Program {
    /// Starts a program in a process group of its own, with nothing to read as its standard input. It
    /// does not wait until it listens.
    ///
    /// Its environment is ours, with FRAMECAT_ADDR, the address, and FRAMECAT_PROGRAM, by which its
    /// descendants are known.
    ///
    /// # Errors
    /// If somebody listens on the address already, or the system does not start it.
    pub async fn start(command: &Command, place: Place) -> Result<Program, ProgramError> {
        let command = command.filled(&place);
        let running = Running::start(&command, &place).await?;
        Ok(Program { command, place, running })
    }

    /// Ends what is left of it and starts it again: the same command, the same address, and its
    /// temporary folder is empty again.
    ///
    /// A server that does not set SO_REUSEADDR cannot listen again on a port for a minute after it
    /// closed a connection first.
    ///
    /// # Errors
    /// As for [`Program::start`].
    pub async fn restart(&mut self) -> Result<(), ProgramError> {
        self.end().await;
        self.running = Running::start(&self.command, &self.place).await?;
        Ok(())
    }

    /// The command as it was started, its placeholders filled in.
    pub fn command(&self) -> &Command {
        &self.command
    }

    /// Where it shall listen.
    pub fn address(&self) -> &framecat_core::address::Address {
        self.place.address()
    }

    /// Waits until somebody listens on its address. No connection is made, save where the kernel's
    /// tables are kept from us, and to a Unix socket that was bound by another name for its path.
    ///
    /// # Errors
    /// If it ends first, or does not listen within `limit`.
    pub async fn wait_listening(&self, limit: Duration) -> Result<(), ProgramError> {
        let give_up = Instant::now() + limit;
        let mut pause = ASK_FIRST;
        loop {
            let ending = match listening::is_listened_on(self.address()).await {
                true => return Ok(()),
                false if Instant::now() >= give_up => return Err(self.not_listening(limit)),
                false => timeout(pause, self.ended()).await,
            };
            if let Ok(ending) = ending {
                return Err(ProgramError::EndedEarly {
                    command: self.command.clone(),
                    address: self.address().clone(),
                    ending,
                    said: self.said().into(),
                });
            }
            // Its descendants are known better the more often they are seen.
            self.running.lineage().living();
            pause = (pause * 2).min(ASK_AT_LAST);
        }
    }

    fn not_listening(&self, after: Duration) -> ProgramError {
        let living = self.running.lineage().living();
        let instead = listening::listened_on_by(living.iter().map(|process| process.id));
        ProgramError::NotListening {
            command: self.command.clone(),
            address: self.address().clone(),
            after,
            instead: instead.into(),
            said: self.said().into(),
        }
    }

    /// The ids of it and of all its descendants that live, the oldest first.
    pub fn pids(&self) -> Vec<u32> {
        self.running.pids()
    }

    /// How it ended, if it has.
    pub fn try_ended(&self) -> Option<Ending> {
        self.running.lineage().look()
    }

    /// Waits until it ends. It can be dropped and called again.
    pub async fn ended(&self) -> Ending {
        self.running.ended().await
    }

    /// The last 64 KiB that it wrote to its standard error and standard output since it was started.
    pub fn said(&self) -> Vec<u8> {
        self.running.outputs.tail.so_far().0
    }

    /// How many bytes it has written by now; a place for [`Program::said_since`].
    pub fn said_so_far(&self) -> u64 {
        let (tail, lost) = self.running.outputs.tail.so_far();
        lost + tail.len() as u64
    }

    /// What it wrote since a place that [`Program::said_so_far`] gave; of that the last 64 KiB.
    pub fn said_since(&self, place: u64) -> Vec<u8> {
        let (tail, lost) = self.running.outputs.tail.so_far();
        let skipped = usize::try_from(place.saturating_sub(lost)).unwrap_or(usize::MAX);
        tail.get(skipped..).unwrap_or_default().to_vec()
    }

    /// Ends it with all its descendants: SIGTERM first, and SIGKILL for those that are left a second
    /// later. Returns how it ended, or none if the system does not let go of it.
    pub async fn end(&mut self) -> Option<Ending> {
        self.running.end().await
    }
}

/// What runs, of a server or of a client. It is killed when it is dropped.
#[derive(Debug)]
struct Running {
    lineage: Mutex<Lineage>,
    outputs: Outputs,
}

/// What a program writes, and what it reads.
#[derive(Debug)]
struct Outputs {
    tail: output::Output,
    stdout: Option<output::Output>,
}

impl Running {
    async fn start(command: &Command, place: &Place) -> Result<Running, ProgramError> {
        place.empty()?;
        if listening::is_listened_on(place.address()).await {
            let address = place.address().clone();
            return Err(ProgramError::Taken { command: command.clone(), address });
        }
        let manner = Manner { stdin: false, stdout: None, may_daemonise: true };
        Ok(Running::of(start::start(command, place, manner)?).0)
    }

    fn of(started: Started) -> (Running, Option<std::os::fd::OwnedFd>) {
        let Started { lineage, stdin, stdout, tail } = started;
        (Running { lineage: Mutex::new(lineage), outputs: Outputs { tail, stdout } }, stdin)
    }

    fn lineage(&self) -> MutexGuard<'_, Lineage> {
        self.lineage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pids(&self) -> Vec<u32> {
        self.lineage().living().iter().map(|process| process.id.unsigned_abs()).collect()
    }

    async fn ended(&self) -> Ending {
        loop {
            let main = {
                let mut lineage = self.lineage();
                match lineage.look() {
                    Some(ending) => return ending,
                    None => lineage.main(),
                }
            };
            gone(main).await;
        }
    }

    async fn end(&self) -> Option<Ending> {
        'over: for (signal, limit) in [(Signal::TERM, GRACE), (Signal::KILL, KILLED)] {
            let give_up = Instant::now() + limit;
            let mut told = HashSet::new();
            loop {
                let Some(one) = self.tell(signal, &mut told) else { break 'over };
                if timeout_at(give_up, gone(one)).await.is_err() {
                    break;
                }
            }
        }
        self.lineage().look()
    }

    /// Sends a signal to all that live and have not got it; returns one that lives.
    fn tell(&self, signal: Signal, told: &mut HashSet<Process>) -> Option<Process> {
        let mut lineage = self.lineage();
        let living = lineage.living();
        for process in &living {
            if told.insert(*process) {
                process.signal(signal);
            }
        }
        living.first().copied()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let lineage = self.lineage.get_mut().unwrap_or_else(PoisonError::into_inner);
        let give_up = std::time::Instant::now() + DROPPED;
        while let Some(one) = lineage.kill().first() {
            let left = give_up.saturating_duration_since(std::time::Instant::now());
            let Ok(left) = Timespec::try_from(left) else { break };
            let Some(pidfd) = one.pidfd() else {
                if give_up <= std::time::Instant::now() {
                    break;
                }
                std::thread::sleep(ASK_AT_LAST);
                continue;
            };
            // A signal that interrupts us, or an end in time: either way we look again.
            if poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&left)) == Ok(0) {
                break;
            }
        }
        lineage.look();
    }
}

/// Waits until a process is gone.
async fn gone(process: Process) {
    let Some(pidfd) = process.pidfd() else {
        // Gone, or this system gives no descriptor for it: then we look again a little later.
        if process.is_there() {
            tokio::time::sleep(ASK_AT_LAST).await;
        }
        return;
    };
    match register(pidfd, Interest::READABLE) {
        Ok(pidfd) => drop(pidfd.readable().await),
        // Without a place for the descriptor we look again a little later.
        Err(_) => tokio::time::sleep(ASK_AT_LAST).await,
    }
}
