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
    let command = command.filled(place);
    place.empty()?;
    let began = Instant::now();
    let manner =
        Manner { stdin: client.stdin.is_some(), stdout: Some(client.stdout), may_daemonise: false };
    let (running, stdin) = Running::of(start::start(&command, place, manner)?);
    let input = client.stdin.as_deref().unwrap_or_default();
    let ended = async {
        tokio::select! {
            ending = running.ended() => ending,
            never = write(stdin, input) => match never {},
        }
    };
    let ended = timeout(client.limit, ended).await.ok();
    let after = began.elapsed();
    // What others that inherited the pipe write from now on is not the client's.
    let (stdout, lost) = match &running.outputs.stdout {
        Some(stdout) => stdout.so_far(),
        None => Default::default(),
    };
    let ending = running.end().await;
    let (stderr, _) = running.outputs.tail.so_far();
    let ending = ended.or(ending);
    Ok(Run { stdout, lost, stderr, ending, timed_out: ended.is_none(), after })
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
