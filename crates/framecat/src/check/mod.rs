//! check: proves that a program does not depend on how TCP cuts the stream.
//!
//! [`server`] learns what an exchange comes to when nothing is cut, then runs it under every plan, each
//! case on a connection of its own, and says what came of it. What is decided without a socket, what to
//! write and what an answer means, is [`framecat_core::check`]'s.
//!
//! ```no_run
//! use std::sync::{Arc, Mutex};
//! use framecat::check::{Config, Target, server};
//! use framecat::core::check::{Exchange, Verdict};
//!
//! # async fn example() -> Result<(), framecat::check::CheckError> {
//! let mut target = Target::running("127.0.0.1:6379".parse().unwrap());
//! let exchange = Exchange { messages: vec![b"PING\r\n".to_vec()], ..Exchange::default() };
//! let report = server(&mut target, &exchange, &Config::default(), Arc::new(())).await?;
//! assert_eq!(report.verdict, Verdict::Pass);
//! # Ok(())
//! # }
//! ```
//!
//! [`client`] turns that round: it listens, runs a client's command once a case, and compares what the
//! client puts out.

mod aftermath;
mod cells;
mod client;
mod conversation;
mod eyes;
mod inbox;
mod learn;
mod series;
mod target;
mod trial;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use framecat_core::check::{
    CaseId, Cases, Cuts, DEFAULT_OFFSETS, Exchange, ExchangeError, Note, Oracle, Outcome, Plan,
    PlanReport, Report, Severity, Side, Streams, Verdict,
};
use rustix::process::{Resource, getrlimit};
use tokio::time::Instant;

pub use client::client;
pub use target::Target;

use crate::Blame;
use crate::endpoint::ConnectOptions;
use crate::program::ProgramError;
use aftermath::Before;
use cells::is_hostile;
use conversation::Times;
use eyes::locked;
use learn::{Learned, learn};
use series::Round;
use trial::Trial;

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
    #[error("{case} is no case of this exchange: its request has {len} B")]
    NoCase {
        /// What was asked for.
        case: CaseId,
        /// The length of the request on the wire.
        len: usize,
    },
    /// A socket that keeps boundaries has no seams.
    #[error(
        "{0} keeps the boundaries of messages: there is nothing to cut; check takes tcp:// and unix://"
    )]
    NoStream(framecat_core::address::Address),
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

/// Checks a server.
///
/// # Errors
/// What keeps the check from being made. A target that cannot be reached, or answers wrongly even when
/// nothing is cut, is no error but a verdict.
pub async fn server(
    target: &mut Target,
    exchange: &Exchange,
    config: &Config,
    watcher: Arc<dyn Watcher>,
) -> Result<Report, CheckError> {
    let start = Instant::now();
    if target.address().keeps_boundaries() {
        return Err(CheckError::NoStream(target.address().clone()));
    }
    let streams = Streams::of(exchange)?;
    for case in &config.only {
        let known = streams.script(*case, config.seed).is_some();
        let len = streams.request().len();
        known.then_some(()).ok_or(CheckError::NoCase { case: *case, len })?;
    }
    let plans = plans(exchange, config);
    let mut trial = Trial {
        address: target.address().clone().into(),
        options: config.connect.clone(),
        oracle: Oracle::new(exchange),
        exchange: exchange.clone(),
        streams,
        eyes: target.eyes(config.gap).await,
        times: Times::unknown(config.timeout),
        seed: config.seed,
        connections: 0.into(),
        holds: false.into(),
        held: Mutex::default(),
    };
    let before = Before::look(target).await;
    let mut learned = learn(&mut trial, target, &plans, config.timeout).await?;
    let mut report = Report {
        name: exchange.name.clone(),
        target: target.address().to_string(),
        side: Side::Server,
        requests: trial.streams.messages().to_vec(),
        baseline: std::mem::take(&mut learned.baseline),
        plans: Vec::new(),
        notes: std::mem::take(&mut learned.notes),
        cases: 0,
        cuts: Cuts::default(),
        elapsed: Duration::ZERO,
        verdict: learned.verdict.unwrap_or(Verdict::Pass),
    };
    if learned.verdict.is_none() {
        let jobs = jobs(target, config, &learned).await;
        let mut round = Round {
            trial: Arc::new(trial),
            target,
            jobs,
            strict: config.strict || config.plans.is_some(),
            cuts: Arc::default(),
            cases: 0,
            watcher,
            left_open: 0,
            notes: Vec::new(),
            is_born_restless: learned.restless,
            before,
        };
        run_plans(&mut round, &plans, config, &learned, &mut report).await?;
        report.cases = round.cases;
        report.cuts = *locked(&round.cuts);
        report.notes.append(&mut round.notes);
        aftermath::notes(&round, &mut report.notes).await;
        report.verdict = verdict(&report, config.strict);
    }
    report.elapsed = start.elapsed();
    Ok(report)
}

/// The plans to run, each once, in the order of [`Plan::ALL`] by kind.
fn plans(exchange: &Exchange, config: &Config) -> Vec<Plan> {
    if !config.only.is_empty() {
        let mut plans: Vec<Plan> = config.only.iter().map(|case| case.plan).collect();
        plans.sort_unstable();
        plans.dedup();
        return plans;
    }
    let chosen = config.plans.as_ref().or(exchange.plans.as_ref());
    chosen.cloned().unwrap_or_else(|| Plan::ALL.to_vec())
}

async fn jobs(target: &Target, config: &Config, learned: &Learned) -> usize {
    if learned.serial {
        return 1;
    }
    let jobs = match config.jobs {
        Some(jobs) => jobs,
        // A client more than the queue holds would wait a second for its second SYN.
        None => target.backlog().await.map_or(Config::JOBS, |room| room.min(Config::JOBS)),
    };
    jobs.min(descriptors()).max(1)
}

/// How many connections there is room for: what is open already, the threads that are watched and the
/// next start of the target have descriptors of their own.
fn descriptors() -> usize {
    const OTHERS: u64 = 64;
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit.saturating_sub(OTHERS) / 2).unwrap_or(usize::MAX)
}

async fn run_plans(
    round: &mut Round<'_>,
    plans: &[Plan],
    config: &Config,
    learned: &Learned,
    report: &mut Report,
) -> Result<(), CheckError> {
    let mut dead = false;
    for &plan in plans {
        let skipped = match dead {
            true => Some("the target no longer answers".to_owned()),
            false => skipped(round, plan, learned),
        };
        if let Some(why) = skipped {
            report.plans.push(left_out(plan, why));
            continue;
        }
        let cases = cases(&round.trial.streams, plan, config, learned.many);
        let found = round.run(plan, cases).await?;
        dead = !round.target.is_ours() && has(&found, Outcome::Dead);
        report.plans.push(found);
        if is_hostile(plan) && !dead {
            aftermath::calm(round, plan).await?;
        }
    }
    Ok(())
}

fn has(report: &PlanReport, outcome: Outcome) -> bool {
    report.cells.iter().any(|cell| cell.outcome == outcome)
}

fn skipped(round: &Round<'_>, plan: Plan, learned: &Learned) -> Option<String> {
    let joins = matches!(plan, Plan::Coalesce(_) | Plan::Straddle(_));
    match round.trial.streams.senseless(plan) {
        Some(why) => Some(why.to_owned()),
        None if joins && round.trial.streams.is_in_turns() => {
            Some("the target says that it does not take several requests at once".into())
        }
        None if joins => learned.no_turns.clone(),
        None => None,
    }
}

fn cases(streams: &Streams, plan: Plan, config: &Config, many: Option<u64>) -> Cases {
    let mut only: Vec<u64> = config
        .only
        .iter()
        .filter(|case| case.plan == plan)
        .map(|case| case.at.unwrap_or_default())
        .collect();
    if !only.is_empty() {
        only.sort_unstable();
        only.dedup();
        return Cases { at: only, of: None };
    }
    streams.cases(plan, config.offsets, config.seed, many)
}

fn left_out(plan: Plan, why: String) -> PlanReport {
    let (cells, groups, shapes) = Default::default();
    PlanReport { plan, cells, groups, skipped: Some(why), of: None, shapes }
}

fn verdict(report: &Report, strict: bool) -> Verdict {
    let bad = if strict { Severity::Property } else { Severity::Fail };
    let plan_fails = |plan: &PlanReport| plan.severity() == Severity::Fail;
    let note_fails = |note: &Note| note.severity >= bad;
    match report.plans.iter().any(plan_fails) || report.notes.iter().any(note_fails) {
        true => Verdict::Fail,
        false => Verdict::Pass,
    }
}
