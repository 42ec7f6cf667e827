//! A series: the cases of one plan, many at once, with what is doubtful run again by itself.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framecat_core::check::{Cases, Cuts, Note, Outcome, Plan, PlanReport, Severity, severity};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::aftermath::{self, Before};
use super::cells::{Bench, Firsts, Kept, Series, case_id, count, is_hostile, last_lines};
use super::eyes::locked;
use super::target::Target;
use super::trial::Trial;
use super::{CheckError, Config, Watcher};

/// How often a target is started again within one plan. Who dies of everything has been found out.
pub(super) const CRASHES: u32 = 25;

/// How often it is looked whether a target lives while its cases run.
const LOOKED_AFTER: Duration = Duration::from_millis(5);

/// After how many cases in a row without an answer it is seen whether the target lives: as many as run at
/// once may meet one pause of it.
const SILENT: usize = 2 * Config::JOBS;

/// What all series share.
pub(super) struct Round<'a> {
    pub(super) trial: Arc<Trial>,
    pub(super) target: &'a mut Target,
    pub(super) jobs: usize,
    pub(super) strict: bool,
    pub(super) cuts: Arc<Mutex<Cuts>>,
    pub(super) cases: u64,
    pub(super) watcher: Arc<dyn Watcher>,
    /// How many connections were left open by a target that was started again since.
    pub(super) left_open: usize,
    pub(super) notes: Vec<Note>,
    /// The target no longer answers, and cannot be started again.
    pub(super) dead: bool,
    /// How many cases came to something else among others than alone.
    pub(super) unsteady: u64,
    /// The target never rests, from the beginning.
    pub(super) is_born_restless: bool,
    pub(super) before: Before,
}

/// What workers share.
struct Work {
    open: Vec<usize>,
    next: AtomicUsize,
    done: Mutex<Vec<(usize, Outcome)>>,
    answers: Mutex<Vec<(usize, Vec<u8>, framecat_core::check::End)>>,
    firsts: Firsts,
    /// How many in a row had no answer.
    silent: AtomicUsize,
}

impl Work {
    /// Whether so many in a row had no answer that it is to be seen whether the target lives; not where
    /// that was `known` already.
    fn is_silent(&self, known: bool) -> bool {
        !known && self.silent.load(Ordering::Relaxed) >= SILENT
    }

    fn hear(&self, outcome: Outcome) {
        if matches!(outcome, Outcome::Refused | Outcome::NoReply) {
            self.silent.fetch_add(1, Ordering::Relaxed);
        } else {
            self.silent.store(0, Ordering::Relaxed);
        }
    }
}

impl Round<'_> {
    /// Runs all cases of a plan.
    pub(super) async fn run(&mut self, plan: Plan, cases: Cases) -> Result<PlanReport, CheckError> {
        self.watcher.on_plan(plan, cases.at.len());
        let mut series = Series::new(plan, cases.at);
        self.run_open(&mut series).await?;
        if let Some(fault) = locked(&self.trial.fault).take() {
            return Err(CheckError::Ours(fault.into()));
        }
        if !self.dead {
            series.confirm(self).await?;
            if is_hostile(plan) {
                self.survives(&mut series).await?;
            }
        }
        self.unsteady += series.unsteady;
        self.cases += series.outcomes.iter().flatten().count() as u64;
        Ok(series.report(self, cases.of))
    }

    /// Runs what has not been run, until all has or the target has died too often.
    async fn run_open(&mut self, series: &mut Series) -> Result<(), CheckError> {
        loop {
            self.keep_calm(series.plan).await?;
            let open: Vec<usize> =
                (0..series.at.len()).filter(|&i| series.outcomes[i].is_none()).collect();
            let fault = locked(&self.trial.fault).is_some();
            if open.is_empty() || series.crashes >= CRASHES || self.dead || fault {
                return Ok(());
            }
            // One at a time: then it is known who died of what.
            let one_by_one = self.jobs == 1 && is_hostile(series.plan);
            if series.is_serial || one_by_one {
                self.run_one(series, open[0], one_by_one).await?;
                continue;
            }
            let some =
                self.restarts_every(series.plan).map_or(open.len(), |some| some.min(open.len()));
            if let Some(suspects) = self.batch(series, open[..some].to_vec()).await {
                let note = self.death(series.plan);
                let crashes = series.crashes;
                self.restart().await?;
                for suspect in suspects {
                    if series.crashes >= CRASHES {
                        break;
                    }
                    let outcome = self.alone(series, suspect).await?;
                    series.outcomes[suspect] = Some(outcome);
                }
                if series.crashes == crashes {
                    // Whoever it was, it was not one of them alone: from now on one runs at a time.
                    self.notes.extend(note);
                    series.is_serial = true;
                    series.crashes += 1;
                }
            } else if some < open.len() {
                self.restart().await?;
            }
            self.look_after(series).await?;
        }
    }

    /// Starts a target again that does not rest any more.
    async fn keep_calm(&mut self, plan: Plan) -> Result<(), CheckError> {
        if !self.trial.eyes.is_restless() || !self.target.is_ours() || self.is_born_restless {
            return Ok(());
        }
        aftermath::calm(self, plan).await?;
        // What does not even spin any more has come to rest.
        self.trial.eyes.trust_rest();
        Ok(())
    }

    /// Runs one case while nothing else runs; with `probed` also what is left of the target behind it.
    async fn run_one(
        &mut self,
        series: &mut Series,
        index: usize,
        probed: bool,
    ) -> Result<(), CheckError> {
        let outcome = self.alone(series, index).await?;
        series.outcomes[index] = Some(outcome);
        self.watcher.on_case(severity(series.plan, outcome, self.strict));
        if probed && outcome != Outcome::Crashed && !self.lives().await {
            self.mark_dead(series, index).await?;
            series.crashes += 1;
            self.dead = !self.target.is_ours();
            self.restart().await?;
        }
        Ok(())
    }

    /// After how many cases a target that spins on each connection that ends is started again: what it
    /// spins on is held open, but for the ends of streams that a plan sends.
    fn restarts_every(&self, plan: Plan) -> Option<usize> {
        let spins = self.trial.holds() && self.target.is_ours();
        spins.then_some(if is_hostile(plan) { 8 } else { 64 })
    }

    /// Runs many cases at once. If the target dies, those that it may have died of.
    async fn batch(&mut self, series: &mut Series, open: Vec<usize>) -> Option<Vec<usize>> {
        let work = Arc::new(Work {
            open,
            next: AtomicUsize::new(0),
            done: Mutex::default(),
            answers: Mutex::default(),
            firsts: Firsts::default(),
            silent: AtomicUsize::new(0),
        });
        let ids: Arc<[u64]> = series.at.clone().into();
        let mut workers = JoinSet::new();
        for _ in 0..self.jobs.min(work.open.len()) {
            let (trial, work, ids) = (self.trial.clone(), work.clone(), ids.clone());
            let (cuts, watcher) = (self.cuts.clone(), self.watcher.clone());
            let (plan, strict) = (series.plan, self.strict);
            let stops = self.target.is_ours() && !self.is_born_restless;
            let known = series.is_known_silent;
            workers.spawn(async move {
                while let Some(&index) = work.open.get(work.next.fetch_add(1, Ordering::Relaxed)) {
                    // It never rests any more: whether it spins is to be seen first.
                    let restless = stops && trial.eyes.is_restless();
                    if restless || work.is_silent(known) || locked(&trial.fault).is_some() {
                        break;
                    }
                    let case = case_id(plan, ids[index]);
                    let Some(script) = trial.streams.script(case, trial.seed) else {
                        locked(&work.done).push((index, Outcome::Same));
                        continue;
                    };
                    let tried = trial.run(case, &script, trial.times).await;
                    count(&mut locked(&cuts), &tried.then);
                    watcher.on_case(severity(plan, tried.outcome, strict));
                    work.hear(tried.outcome);
                    work.firsts.keep(index, tried.outcome, || trial.sample(&tried, &script));
                    if plan == Plan::Truncate {
                        locked(&work.answers).push((index, tried.seen.got, tried.seen.end));
                    }
                    locked(&work.done).push((index, tried.outcome));
                }
            });
        }
        let died = loop {
            // Also while none of them has come to its end: a death is to be noticed at once.
            let joined = timeout(LOOKED_AFTER, workers.join_next()).await;
            if self.target.ended().is_some() {
                // What is under way meets a dead target and ends by itself; nothing new is begun.
                work.next.store(work.open.len(), Ordering::Relaxed);
            }
            match joined {
                Ok(None) => break self.target.ended().is_some(),
                Ok(Some(Err(error))) if error.is_panic() => resume_unwind(error.into_panic()),
                _ => {}
            }
        };
        if work.is_silent(series.is_known_silent) {
            (series.is_silent, series.is_known_silent) = (true, true);
        }
        let done = std::mem::take(&mut *locked(&work.done));
        let mut suspects = Vec::new();
        for (index, outcome) in done {
            // What a hostile case did to the target is not in what came back.
            if died && outcome == Outcome::Refused {
                // It came to a dead target, and runs again.
            } else if died && (outcome != Outcome::Same || is_hostile(series.plan)) {
                suspects.push(index);
            } else {
                series.outcomes[index] = Some(outcome);
            }
        }
        self.keep(series, &work);
        died.then_some(suspects)
    }

    /// Keeps what was answered, of the cases that are done, and the first case of each outcome.
    fn keep(&self, series: &mut Series, work: &Work) {
        let mut answers = std::mem::take(&mut *locked(&work.answers));
        answers.sort_by_key(|(index, ..)| *index);
        for (index, answer, end) in answers {
            if series.outcomes[index].is_some() {
                series.shapes.add(series.at[index], &answer, end);
            }
        }
        work.firsts.give(series);
    }

    /// Starts the target again: another process, perhaps elsewhere.
    pub(super) async fn restart(&mut self) -> Result<(), CheckError> {
        self.target.restart().await?;
        self.trial.go_to(self.target.address());
        self.trial.eyes.watch(self.target.sleepers().await);
        Ok(())
    }
}

impl Bench for Round<'_> {
    async fn prepare(&mut self, plan: Plan) -> Result<(), CheckError> {
        self.keep_calm(plan).await
    }

    async fn alone(&mut self, series: &mut Series, index: usize) -> Result<Outcome, CheckError> {
        let case = case_id(series.plan, series.at[index]);
        let Some(script) = self.trial.streams.script(case, self.trial.seed) else {
            return Ok(Outcome::Same);
        };
        if is_hostile(series.plan) && self.restarts_every(series.plan).is_some() {
            self.restart().await?;
        }
        let times = self.trial.times.patient(self.trial.pause);
        let said = self.target.said_so_far();
        let mut tried = self.trial.run(case, &script, times).await;
        count(&mut locked(&self.cuts), &tried.then);
        let mut remarks = last_lines(&self.target.said_since(said));
        if tried.outcome != Outcome::Same || is_hostile(series.plan) {
            remarks = self.died(&mut tried, said).await?.unwrap_or(remarks);
            series.crashes += u32::from(tried.outcome == Outcome::Crashed);
        }
        if series.plan == Plan::Truncate && series.outcomes[index].is_none() {
            series.shapes.add(series.at[index], &tried.seen.got, tried.seen.end);
        }
        if tried.outcome != Outcome::Same {
            let mut sample = self.trial.sample(&tried, &script);
            sample.remarks.extend(remarks);
            let outcome = tried.outcome;
            series.samples.insert(index, Kept { outcome, sample, again: (1, 1) });
        }
        Ok(tried.outcome)
    }

    fn severity(&self, plan: Plan, outcome: Outcome) -> Severity {
        severity(plan, outcome, self.strict)
    }

    fn is_spent(&self, series: &Series) -> bool {
        series.crashes >= CRASHES
    }
}
