//! A series of a client's cases: many runs at once, each at a stand of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use framecat_core::check::{Cases, Cuts, Outcome, Plan, PlanReport, Severity, severity_of_client};
use tokio::task::JoinSet;

use super::super::cells::{Bench, Firsts, Kept, Series, case_id, count, is_hostile};
use super::super::eyes::locked;
use super::super::{CheckError, Watcher};
use super::stand::Stand;
use super::trial::ClientTrial;
use crate::program::ProgramError;

/// How often the plain run is tried after a plan until the client is said to fail it now.
const TRIES: u32 = 3;

/// What all series share.
pub(super) struct ClientRound {
    pub(super) trial: Arc<ClientTrial>,
    /// One a job.
    pub(super) stands: Vec<Arc<Stand>>,
    pub(super) strict: bool,
    pub(super) cuts: Arc<Mutex<Cuts>>,
    pub(super) cases: u64,
    pub(super) watcher: Arc<dyn Watcher>,
}

/// What workers share.
#[derive(Default)]
struct Work {
    next: AtomicUsize,
    done: Mutex<Vec<(usize, Outcome)>>,
    firsts: Firsts,
}

impl ClientRound {
    /// Runs all cases of a plan.
    pub(super) async fn run(&mut self, plan: Plan, cases: Cases) -> Result<PlanReport, CheckError> {
        self.watcher.on_plan(plan, cases.at.len());
        let mut series = Series::new(plan, cases.at);
        self.run_all(&mut series).await?;
        series.confirm(self).await?;
        if is_hostile(plan) && !self.lives().await? {
            self.mark_dead(&mut series).await?;
        }
        self.cases += series.outcomes.iter().flatten().count() as u64;
        Ok(series.report(self, cases.of))
    }

    async fn run_all(&self, series: &mut Series) -> Result<(), CheckError> {
        let work = Arc::new(Work::default());
        let ids: Arc<[u64]> = series.at.clone().into();
        let mut workers: JoinSet<Result<(), ProgramError>> = JoinSet::new();
        for stand in self.stands.iter().take(ids.len()) {
            let (stand, trial, work) = (stand.clone(), self.trial.clone(), work.clone());
            let (ids, cuts, watcher) = (ids.clone(), self.cuts.clone(), self.watcher.clone());
            let (plan, strict) = (series.plan, self.strict);
            workers.spawn(async move {
                loop {
                    let index = work.next.fetch_add(1, Ordering::Relaxed);
                    let Some(&at) = ids.get(index) else { return Ok(()) };
                    let case = case_id(plan, at);
                    let Some(script) = trial.streams.script_for_client(case, trial.seed) else {
                        continue;
                    };
                    let tried = trial.run(&stand, case, &script, trial.pace).await?;
                    count(&mut locked(&cuts), tried.then());
                    watcher.on_case(severity_of_client(tried.outcome, strict));
                    work.firsts.keep(index, tried.outcome, || trial.sample(&tried, &script));
                    locked(&work.done).push((index, tried.outcome));
                }
            });
        }
        while let Some(joined) = workers.join_next().await {
            // A worker that panicked has left its cases undone, and that is seen.
            joined.unwrap_or(Ok(()))?;
        }
        for (index, outcome) in std::mem::take(&mut *locked(&work.done)) {
            series.outcomes[index] = Some(outcome);
        }
        work.firsts.give(series);
        Ok(())
    }

    /// Whether the plain run is still as it was.
    async fn lives(&self) -> Result<bool, CheckError> {
        let script = self.trial.streams.in_turn(self.trial.streams.messages().len());
        for _ in 0..TRIES {
            let tried =
                self.trial.run(&self.stands[0], super::UNCUT, &script, self.trial.pace).await?;
            if tried.outcome == Outcome::Same {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn mark_dead(&mut self, series: &mut Series) -> Result<(), CheckError> {
        let last = series.at.len().saturating_sub(1);
        let case = series.case(last);
        let Some(script) = self.trial.streams.script_for_client(case, self.trial.seed) else {
            return Ok(());
        };
        let tried = self.trial.run(&self.stands[0], case, &script, self.trial.pace).await?;
        let mut sample = self.trial.sample(&tried, &script);
        sample.remarks.push("the plain run behind it was not as before".into());
        series.outcomes[last] = Some(Outcome::Dead);
        let outcome = Outcome::Dead;
        series.samples.insert(last, Kept { outcome, sample, again: (1, 1) });
        Ok(())
    }
}

impl Bench for ClientRound {
    /// Each run is another process.
    async fn prepare(&mut self, _plan: Plan) -> Result<(), CheckError> {
        Ok(())
    }

    async fn alone(&mut self, series: &mut Series, index: usize) -> Result<Outcome, CheckError> {
        let case = series.case(index);
        let Some(script) = self.trial.streams.script_for_client(case, self.trial.seed) else {
            return Ok(Outcome::Same);
        };
        let pace = self.trial.pace.patient();
        let tried = self.trial.run(&self.stands[0], case, &script, pace).await?;
        if tried.outcome != Outcome::Same {
            let sample = self.trial.sample(&tried, &script);
            let outcome = tried.outcome;
            series.samples.insert(index, Kept { outcome, sample, again: (1, 1) });
        }
        Ok(tried.outcome)
    }

    fn severity(&self, _plan: Plan, outcome: Outcome) -> Severity {
        severity_of_client(outcome, self.strict)
    }

    fn is_spent(&self, _series: &Series) -> bool {
        false
    }
}
