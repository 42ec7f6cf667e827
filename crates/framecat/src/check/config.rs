//! How a check is run, who watches it, and why it cannot be.

use std::time::Duration;

use framecat_core::check::{CaseId, DEFAULT_OFFSETS, ExchangeError, Plan, Severity};

use crate::Blame;
use crate::endpoint::ConnectOptions;
use crate::program::ProgramError;

/// How a check is run.
#[derive(Debug, Clone)]
pub struct Config {
    /// The plans; `None` is those of the exchange, or all that make sense. What was asked for by name
    /// fails where it is only a property otherwise.
    pub plans: Option<Vec<Plan>>,
    /// These cases and no others.
    pub only: Vec<CaseId>,
    /// Whether properties fail.
    pub strict: bool,
    /// What random cuts, tokens and garbage follow from.
    pub seed: u64,
    /// How many connections at once; `None` is [`Config::JOBS`], or what the target's accept queue holds.
    pub jobs: Option<usize>,
    /// At how many offsets of a long request to cut.
    pub offsets: usize,
    /// What to wait between pieces where the target cannot be seen.
    pub gap: Duration,
    /// The longest pause within a reply: until a target has been silent for so long, its first reply is
    /// not taken for whole.
    pub pause: Duration,
    /// Connections begin no more often than this.
    pub pace: Option<Duration>,
    /// What to wait for a reply; `None` follows from how long the uncut exchange takes.
    pub timeout: Option<Duration>,
    /// How to connect.
    pub connect: ConnectOptions,
}

impl Config {
    /// How many connections there are at once: each waits some milliseconds for what should not come.
    pub const JOBS: usize = 64;
    /// How many clients run at once: a program is heavier than a connection.
    pub const CLIENTS: usize = 4;
    /// What is waited between pieces where the target cannot be seen: more than a program on the next
    /// machine needs to be woken, and read.
    pub const GAP: Duration = Duration::from_millis(20);
    /// The longest pause within a reply: programs that ask another, or write their answer in parts, are
    /// back by then; three baselines take less than a second.
    pub const PAUSE: Duration = Duration::from_millis(250);
}

impl Default for Config {
    fn default() -> Config {
        Config {
            plans: None,
            only: Vec::new(),
            strict: false,
            seed: 1,
            jobs: None,
            offsets: DEFAULT_OFFSETS,
            gap: Config::GAP,
            pause: Config::PAUSE,
            pace: None,
            timeout: None,
            connect: ConnectOptions::default(),
        }
    }
}

/// Is told how far a check is.
pub trait Watcher: Send + Sync {
    /// A plan begins, with so many cases.
    fn on_plan(&self, plan: Plan, cases: usize);
    /// One of its cases is done.
    fn on_case(&self, severity: Severity);
}

/// Watches nothing.
impl Watcher for () {
    fn on_plan(&self, _plan: Plan, _cases: usize) {}
    fn on_case(&self, _severity: Severity) {}
}

/// Why a check could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The exchange makes no sense.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The target did not start.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// There is no place for a client to connect to.
    #[error(transparent)]
    Listen(#[from] Box<crate::Error>),
    /// The plan has no such case.
    #[error("{case} is no case of this exchange{}: its request has {len} B", hint(case))]
    NoCase {
        /// What was asked for.
        case: CaseId,
        /// The length of the request on the wire.
        len: usize,
    },
    /// A plan that was asked for makes no sense for this exchange.
    #[error("{case} cannot be run: {why}")]
    Senseless {
        /// What was asked for.
        case: CaseId,
        /// Why not.
        why: &'static str,
    },
    /// We could not go on, through no fault of the target.
    #[error(transparent)]
    Ours(Box<crate::Error>),
    /// The process may not open enough files.
    #[error("at least {0} descriptors are needed for a check (ulimit -n)")]
    Descriptors(u64),
    /// A socket that keeps boundaries has no seams.
    #[error(
        "{0} keeps the boundaries of messages: there is nothing to cut; check takes tcp:// and unix://"
    )]
    NoStream(framecat_core::address::Address),
}

fn hint(case: &CaseId) -> &'static str {
    match case.at {
        None => ", a number is missing, as in split@17",
        Some(_) => "",
    }
}

impl CheckError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            CheckError::Program(error) => error.blame(),
            CheckError::Listen(error) => error.blame(),
            _ => Blame::Local,
        }
    }
}
