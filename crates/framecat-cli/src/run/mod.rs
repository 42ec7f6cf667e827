//! Doing what the command line says.

mod connect;
mod prompt;
mod serve;
mod signal;
mod stdin;

use std::sync::Arc;
use std::thread::JoinHandle;

use framecat::Blame;

pub(crate) use connect::connect;
pub(crate) use serve::serve;

use crate::render::{AbovePrompt, Sheet};
use crate::style::Style;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Network,
    Local,
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

/// Says what is wrong before there is a display.
fn fail(problem: &dyn std::fmt::Display, exit: Exit) -> Exit {
    eprintln!("{}{problem}", Style::for_stderr().error("framecat: "));
    exit
}

/// The runtime. One thread: on these small messages a second core costs a wake-up across cores, and
/// was nowhere faster.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("epoll and a pipe can be had")
}

/// Starts the thread that writes what the sheet gathers.
fn start_writing(sheet: &Arc<Sheet>, prompt: Option<AbovePrompt>) -> JoinHandle<()> {
    let sheet = sheet.clone();
    std::thread::spawn(move || sheet.write_out(prompt))
}
