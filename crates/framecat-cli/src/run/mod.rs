//! Doing what the command line says.

mod check;
mod connect;
mod lab;
mod prompt;
mod serve;
mod signal;
mod stdin;
mod terminal;
mod watch;

use std::future::Future;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use framecat::Blame;
use rustix::process::{Resource, getrlimit};
use tokio::sync::oneshot;
use tokio::time::timeout;

pub(crate) use check::check;
pub(crate) use connect::connect;
pub(crate) use lab::lab;
pub(crate) use serve::serve;
use signal::Stops;
pub(crate) use watch::watch;

use crate::render::{AbovePrompt, Sheet};
use crate::style::Style;

/// The standard streams, the runtime's own (epoll, a wake-up, signals) and a socket or two. The runtime
/// panics where it cannot have its own.
const FEWEST_DESCRIPTORS: u64 = 16;

/// How long a program that was asked to end goes on writing to where nobody reads.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Network,
    Local,
    /// A check says no.
    Failed,
    Interrupted,
    /// Whoever read our standard output is gone.
    Unread,
}

impl From<Exit> for i32 {
    fn from(exit: Exit) -> i32 {
        match exit {
            Exit::Done => 0,
            Exit::Network => 1,
            Exit::Local => 2,
            Exit::Failed => 3,
            Exit::Interrupted => 130,
            Exit::Unread => 141,
        }
    }
}

impl From<&framecat::Error> for Exit {
    fn from(error: &framecat::Error) -> Exit {
        match error.blame() {
            Blame::Network => Exit::Network,
            Blame::Local => Exit::Local,
        }
    }
}

/// Says what is wrong where there is no display.
fn fail(problem: &dyn std::fmt::Display, exit: Exit) -> Exit {
    // Nobody is left to be told that standard error is gone.
    let _ = writeln!(io::stderr(), "{}{problem}", Style::for_stderr().error("framecat: "));
    exit
}

/// The runtime. One thread: on these small messages a second core costs a wake-up across cores, and
/// was nowhere faster.
fn in_runtime(work: impl Future<Output = Exit>) -> Exit {
    if getrlimit(Resource::Nofile).current.is_some_and(|limit| limit < FEWEST_DESCRIPTORS) {
        let problem = format!("at least {FEWEST_DESCRIPTORS} descriptors are needed (ulimit -n)");
        return fail(&format!("cannot start: {problem}"), Exit::Local);
    }
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(work);
            // A name that is still being looked up must not keep us.
            runtime.shutdown_background();
            exit
        }
        Err(error) => cannot_start(&error),
    }
}

fn cannot_start(error: &io::Error) -> Exit {
    fail(&format!("cannot start: {}", framecat::reason(error)), Exit::Local)
}

/// What a source of input does next, if somebody `wants` more.
fn go_on(wants: bool) -> ControlFlow<()> {
    if wants { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// The thread that writes what a sheet gathers.
struct Writing {
    sheet: Arc<Sheet>,
    done: oneshot::Receiver<()>,
}

impl Writing {
    fn start(sheet: &Arc<Sheet>, prompt: Option<AbovePrompt>) -> Writing {
        let (tell, done) = oneshot::channel();
        let gathered = sheet.clone();
        std::thread::spawn(move || {
            gathered.write_out(prompt);
            // Nobody waits if the program was ended meanwhile.
            let _ = tell.send(());
        });
        Writing { sheet: sheet.clone(), done }
    }

    /// Waits until all is written, and says how the program ends if it would have ended with `exit`.
    /// Whoever reads may take his time; when we were asked to end, not long.
    async fn finish(mut self, exit: Exit, stops: &mut Stops, stopped: bool) -> Exit {
        self.sheet.finish();
        let mut exit = exit;
        if !stopped {
            tokio::select! {
                _ = &mut self.done => return self.told(exit),
                stop = stops.next() => exit = stop.into(),
            }
        }
        let _ = timeout(LAST_WORDS, &mut self.done).await;
        self.told(exit)
    }

    /// How the program ends, if standard output took everything.
    fn told(&self, exit: Exit) -> Exit {
        match self.sheet.take_stdout_error() {
            None => exit,
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Unread,
            Some(error) => {
                let what = framecat::reason(&error);
                fail(&format!("cannot write to standard output: {what}"), Exit::Local)
            }
        }
    }
}
