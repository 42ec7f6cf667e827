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
//! [`client()`] turns that round: it listens, runs a client's command once a case, and compares what the
//! client puts out.

mod aftermath;
mod cells;
mod client;
mod config;
mod conversation;
mod eyes;
mod inbox;
mod learn;
mod manners;
mod series;
mod steps;
mod survival;
mod target;
mod times;
mod trial;
mod turns;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use framecat_core::check::{
    Baseline, Cases, Cuts, Exchange, Note, Oracle, Plan, PlanReport, Report, Severity, Side,
    Streams, Verdict,
};
use rustix::process::{Resource, getrlimit};
use tokio::time::Instant;

pub use client::client;
pub use config::{CheckError, Config, Watcher};
pub use target::Target;

use aftermath::Before;
use cells::is_hostile;
use eyes::locked;
use learn::{Learned, learn};
use series::Round;
use times::Times;
use trial::Trial;

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
    verify(&streams, config)?;
    let plans = plans(exchange, config);
    let mut trial = Trial {
        address: target.address().clone().into(),
        options: config.connect.clone(),
        oracle: Oracle::new(exchange),
        exchange: exchange.clone(),
        streams,
        eyes: target.eyes(config.gap).await,
        times: Times::unknown(config.pause, config.timeout),
        seed: config.seed,
        connections: 0.into(),
        holds: false.into(),
        held: Mutex::default(),
        fault: Mutex::default(),
        pause: config.pause,
        pace: config.pace.map(|pace| (pace, Instant::now().into())),
    };
    let before = Before::look(target);
    let mut learned = learn(&mut trial, target, &plans, config.timeout).await?;
    let mut report = Report {
        baseline: std::mem::take(&mut learned.baseline),
        notes: std::mem::take(&mut learned.notes),
        verdict: learned.verdict.unwrap_or(Verdict::Pass),
        ..begun(exchange, target.address().to_string(), Side::Server, &trial.streams)
    };
    if learned.verdict.is_none() {
        let jobs = jobs(target, config, &learned).await;
        let mut round = Round {
            trial: Arc::new(trial),
            target,
            jobs,
            strict: config.strict || config.plans.is_some() || !config.only.is_empty(),
            cuts: Arc::default(),
            cases: 0,
            watcher,
            left_open: 0,
            dead: false,
            unsteady: 0,
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

/// A report of which nothing was found yet.
fn begun(exchange: &Exchange, target: String, side: Side, streams: &Streams) -> Report {
    Report {
        name: exchange.name.clone(),
        target,
        side,
        requests: streams.messages().to_vec(),
        baseline: Baseline::default(),
        plans: Vec::new(),
        notes: Vec::new(),
        cases: 0,
        cuts: Cuts::default(),
        elapsed: Duration::ZERO,
        verdict: Verdict::Pass,
    }
}

/// Whether what was asked for can be done.
fn verify(streams: &Streams, config: &Config) -> Result<(), CheckError> {
    enough_descriptors()?;
    for &case in &config.only {
        if let Some(why) = streams.senseless(case.plan) {
            return Err(CheckError::Senseless { case, why });
        }
        let known = streams.script(case, config.seed).is_some();
        let len = streams.request().len();
        known.then_some(()).ok_or(CheckError::NoCase { case, len })?;
    }
    Ok(())
}

fn enough_descriptors() -> Result<(), CheckError> {
    // The standard streams, the runtime's own, the witness, a program and its pipes, a few connections.
    const FEWEST: u64 = 48;
    match getrlimit(Resource::Nofile).current.is_some_and(|limit| limit < FEWEST) {
        true => Err(CheckError::Descriptors(FEWEST)),
        false => Ok(()),
    }
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
    let mut plans = Vec::new();
    for &plan in chosen.map_or(&Plan::ALL[..], Vec::as_slice) {
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    plans
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
    let mut dead = learned.gone && !round.target.is_ours();
    if learned.gone && !dead {
        round.restart().await?;
    }
    for &plan in plans {
        let skipped = match dead {
            true => Some("the target no longer answers".to_owned()),
            false => skipped(round, plan, learned),
        };
        if let Some(why) = skipped {
            // What was asked for by name and cannot be run has not passed.
            if config.plans.is_some() && learned.no_turns.as_ref() == Some(&why) {
                let text = format!("{plan} was asked for and could not be run: {why}");
                report.notes.push(Note { severity: Severity::Fail, text, stderr: Vec::new() });
            }
            report.plans.push(left_out(plan, why));
            continue;
        }
        let cases = cases(&round.trial.streams, plan, config, learned.many);
        let found = round.run(plan, cases).await?;
        dead = round.dead;
        report.plans.push(found);
        if is_hostile(plan) && !dead && !learned.restless {
            aftermath::calm(round, plan).await?;
        }
    }
    Ok(())
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
