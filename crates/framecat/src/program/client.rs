//! A program that is run to its end: a client to be checked.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use tokio::io::Interest;
use tokio::time::{Instant, timeout};

use super::start::{self, Manner};
use super::{Command, Ending, Place, ProgramError, Running};
use crate::endpoint::readiness::register;

/// How a client is run.
#[derive(Debug, Clone)]
pub struct Client {
    /// What it reads from its standard input; nothing if there is none.
    pub stdin: Option<Vec<u8>>,
    /// So many bytes of its standard output are kept.
    pub stdout: usize,
    /// How long it may take.
    pub limit: Duration,
}

/// What a client did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The first bytes of its standard output.
    pub stdout: Vec<u8>,
    /// How many bytes of its standard output were not kept.
    pub lost: u64,
    /// The last 64 KiB of its standard error.
    pub stderr: Vec<u8>,
    /// How it ended, or how we ended it; none if the system does not let go of it.
    pub ending: Option<Ending>,
    /// It did not end within the limit, and we ended it.
    pub timed_out: bool,
    /// How long it ran.
    pub after: Duration,
}

/// A client that runs. It is killed with all its descendants when it is dropped.
#[derive(Debug)]
pub struct RunningClient {
    running: Running,
    began: Instant,
}

impl RunningClient {
    /// Starts a client that has nothing to read as its standard input; the first `stdout` bytes of its
    /// standard output are kept.
    ///
    /// # Errors
    /// If the system does not start it.
    pub fn start(
        command: &Command,
        place: &Place,
        stdout: usize,
    ) -> Result<RunningClient, ProgramError> {
        Ok(Self::start_with(command, place, stdout, false)?.0)
    }

    fn start_with(
        command: &Command,
        place: &Place,
        stdout: usize,
        stdin: bool,
    ) -> Result<(RunningClient, Option<OwnedFd>), ProgramError> {
        let command = command.filled(place);
        place.empty()?;
        let began = Instant::now();
        let manner = Manner { stdin, stdout: Some(stdout), may_daemonise: false };
        let (running, stdin) = Running::of(start::start(&command, place, manner)?);
        Ok((RunningClient { running, began }, stdin))
    }

    /// The ids of it and of all its descendants that live, the oldest first.
    pub fn pids(&self) -> Vec<u32> {
        self.running.pids()
    }

    /// Waits until it ends. It can be dropped and called again.
    pub async fn ended(&self) -> Ending {
        self.running.ended().await
    }

    /// What it did. `ended` is how it ended; without that it has not ended in time, and is ended now.
    pub async fn finish(self, ended: Option<Ending>) -> Run {
        let after = self.began.elapsed();
        let RunningClient { running, .. } = self;
        // What others that inherited the pipe write from now on is not the client's.
        let (stdout, lost) = match &running.outputs.stdout {
            Some(stdout) => stdout.so_far(),
            None => Default::default(),
        };
        let ending = running.end().await;
        let (stderr, _) = running.outputs.tail.so_far();
        let ending = ended.or(ending);
        Run { stdout, lost, stderr, ending, timed_out: ended.is_none(), after }
    }
}

/// Runs a program until it ends, or the limit is over. Descendants that it leaves behind are ended; a
/// client does not become a daemon.
///
/// # Errors
/// If the system does not start it.
pub async fn run_client(
    command: &Command,
    place: &Place,
    client: &Client,
) -> Result<Run, ProgramError> {
    let (running, stdin) =
        RunningClient::start_with(command, place, client.stdout, client.stdin.is_some())?;
    let input = client.stdin.as_deref().unwrap_or_default();
    let ended = async {
        tokio::select! {
            ending = running.ended() => ending,
            never = write(stdin, input) => match never {},
        }
    };
    let ended = timeout(client.limit, ended).await.ok();
    Ok(running.finish(ended).await)
}

/// Writes the input, closes it, and then waits for ever: whether a client reads is its own affair.
async fn write(stdin: Option<OwnedFd>, mut input: &[u8]) -> std::convert::Infallible {
    let registered = stdin.and_then(|stdin| {
        rustix::io::ioctl_fionbio(&stdin, true).ok()?;
        register(stdin, Interest::WRITABLE).ok()
    });
    if let Some(stdin) = registered {
        while !input.is_empty() {
            let Ok(mut ready) = stdin.writable().await else { break };
            match rustix::io::write(stdin.get_ref(), input) {
                Ok(len) => input = &input[len..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => ready.clear_ready(),
                // It reads no more.
                Err(_) => break,
            }
        }
    }
    std::future::pending().await
}
