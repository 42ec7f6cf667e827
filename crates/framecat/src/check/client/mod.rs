//! check, turned round: framecat is the server, and a client's command is run once a case.
//!
//! - `stand`: where a client connects · `trial`: one exchange, and its runs · `play`: one run
//! - `learn`: the uncut runs · `series`: the cases of a plan
//!
//! The first connection of a run is the conversation: what the client says first is heard until it
//! waits, and then it is answered as the case says. Further connections are served uncut, as well as
//! may be. A run is judged by the client's standard output and its exit status.

mod learn;
mod play;
mod series;
mod stand;
mod trial;

use std::sync::Arc;

use framecat_core::address::Address;
use framecat_core::check::{
    CaseId, ClientOracle, Cuts, Exchange, Note, Plan, PlanReport, Report, Severity, Side, Streams,
    Verdict,
};
use framecat_core::diagram::count;
use tokio::time::Instant;

use super::eyes::locked;
use super::{
    CheckError, Config, Watcher, begun, cases, enough_descriptors, left_out, plans, verdict,
};
use crate::program::Command;
use learn::{Learned, learn};
use series::ClientRound;
use stand::{Stand, is_for_many};
use trial::{ClientTrial, Pace};

/// The exchange as it is when nothing is cut.
const UNCUT: CaseId = CaseId { plan: Plan::Split, at: None };

/// Checks a client. Where `listen` leaves the port open (port 0), or the path of a Unix socket
/// (`{path}`, `{dir}`), several run at once, each with a listener of its own.
///
/// # Errors
/// What keeps the check from being made. A client that does not connect, or fails even when nothing is
/// cut, is no error but a verdict.
pub async fn client(
    listen: &Address,
    command: &Command,
    exchange: &Exchange,
    config: &Config,
    watcher: Arc<dyn Watcher>,
) -> Result<Report, CheckError> {
    let start = Instant::now();
    if listen.keeps_boundaries() {
        return Err(CheckError::NoStream(listen.clone()));
    }
    let streams = Streams::of(exchange)?;
    enough_descriptors()?;
    for case in &config.only {
        let known = streams.script_for_client(*case, config.seed).is_some();
        let len = streams.request().len();
        known.then_some(()).ok_or(CheckError::NoCase { case: *case, len })?;
    }
    let plans = plans(exchange, config);
    let mut trial = ClientTrial {
        command: command.clone(),
        exchange: exchange.clone(),
        oracle: ClientOracle::new(exchange, &streams),
        streams,
        pace: Pace::unknown(config.timeout),
        gap: config.gap,
        seed: config.seed,
        runs: 0.into(),
    };
    let stands = stands(listen, command, config).await?;
    let mut learned = learn(&mut trial, &stands[0], &plans, config.timeout).await?;
    let mut report = Report {
        baseline: std::mem::take(&mut learned.baseline),
        notes: std::mem::take(&mut learned.notes),
        verdict: learned.verdict.unwrap_or(Verdict::Pass),
        ..begun(exchange, command.to_string(), Side::Client, &trial.streams)
    };
    if learned.verdict.is_none() {
        let mut round = ClientRound {
            trial: Arc::new(trial),
            stands,
            strict: config.strict || config.plans.is_some(),
            cuts: Arc::default(),
            cases: 0,
            watcher,
        };
        report.plans = run_plans(&mut round, &plans, config, &learned).await?;
        report.cases = round.cases;
        report.cuts = *locked(&round.cuts);
        report.notes.extend(unread(report.cuts));
        report.verdict = verdict(&report, config.strict);
    }
    report.elapsed = start.elapsed();
    Ok(report)
}

/// A listener for each client that runs at once.
async fn stands(
    listen: &Address,
    command: &Command,
    config: &Config,
) -> Result<Vec<Arc<Stand>>, CheckError> {
    let jobs = match is_for_many(listen) {
        true => config.jobs.unwrap_or(Config::CLIENTS).max(1),
        false => 1,
    };
    let mut stands = Vec::new();
    for _ in 0..jobs {
        stands.push(Arc::new(Stand::open(listen, command, &config.connect.socket).await?));
    }
    Ok(stands)
}

async fn run_plans(
    round: &mut ClientRound,
    plans: &[Plan],
    config: &Config,
    learned: &Learned,
) -> Result<Vec<PlanReport>, CheckError> {
    let mut reports = Vec::new();
    for &plan in plans {
        let streams = &round.trial.streams;
        reports.push(match skipped(streams, plan, learned) {
            Some(why) => left_out(plan, why),
            None => {
                let cases = cases(streams, plan, config, None);
                round.run(plan, cases).await?
            }
        });
    }
    Ok(reports)
}

fn skipped(streams: &Streams, plan: Plan, learned: &Learned) -> Option<String> {
    if let Some(why) = streams.senseless(plan) {
        return Some(why.to_owned());
    }
    match plan {
        Plan::SlowReader => {
            Some("a client is answered: what it says is not what is checked".into())
        }
        Plan::Coalesce(_) | Plan::Straddle(_) if streams.is_in_turns() => {
            Some("the client does not take several messages at once".into())
        }
        Plan::Coalesce(count) | Plan::Straddle(count) => {
            let found = learned.no_turns.iter().find(|(known, _)| *known == count as usize);
            found.map(|(_, why)| why.clone())
        }
        _ => None,
    }
}

fn unread(cuts: Cuts) -> Option<Note> {
    let pieces = (cuts.not_read > 0).then(|| count(cuts.not_read as usize, "piece"))?;
    let text = format!("left {pieces} unread until more came: it peeks, or waits for more");
    Some(Note { severity: Severity::Property, text, stderr: Vec::new() })
}
