//! The cases of one plan, and what is known of them: what is doubtful is run again by itself, and what
//! came to the same is folded together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use framecat_core::check::{
    CaseId, Cell, Cuts, Group, Outcome, Plan, PlanReport, Sample, Severity, Shapes, Then, fold,
};

use super::CheckError;
use super::eyes::locked;

/// How many doubtful cases of one plan are run again.
const AGAIN: usize = 64;

/// How often a case that failed among others must be right alone until that is believed: what fails one
/// time in four is found out nine times in ten.
const RIGHT_AGAIN: usize = 8;

/// The cases of one plan, and what is known of them.
pub(super) struct Series {
    pub(super) plan: Plan,
    pub(super) at: Vec<u64>,
    pub(super) outcomes: Vec<Option<Outcome>>,
    pub(super) samples: BTreeMap<usize, Kept>,
    /// The first case that came to each outcome among the others, whatever it came to alone.
    firsts: BTreeMap<Outcome, (usize, Sample)>,
    pub(super) shapes: Shapes,
    /// How often the target died and was started again.
    pub(super) crashes: u32,
    /// One case is to run at a time: together they do something that none does alone.
    pub(super) is_serial: bool,
    /// Many in a row had no answer; and that this is so was looked into once.
    pub(super) is_silent: bool,
    pub(super) is_known_silent: bool,
    /// How many cases came to something else among others than alone, again and again.
    pub(super) unsteady: u64,
}

/// A case that is kept in full.
pub(super) struct Kept {
    pub(super) outcome: Outcome,
    pub(super) sample: Sample,
    /// In how many of how many runs it came to that.
    pub(super) again: (u32, u32),
}

/// The first case of each outcome of many that run at once.
#[derive(Default)]
pub(super) struct Firsts(Mutex<BTreeMap<Outcome, (usize, Sample)>>);

impl Firsts {
    /// Keeps a case if it is the first of its outcome.
    pub(super) fn keep(&self, index: usize, outcome: Outcome, sample: impl FnOnce() -> Sample) {
        let mut firsts = locked(&self.0);
        let is_first = |firsts: &BTreeMap<_, (usize, _)>| {
            firsts.get(&outcome).is_none_or(|(first, _)| index < *first)
        };
        if outcome != Outcome::Same && is_first(&firsts) {
            firsts.insert(outcome, (index, sample()));
        }
    }

    /// Gives those of cases that are done to their series.
    pub(super) fn give(&self, series: &mut Series) {
        for (outcome, (index, sample)) in std::mem::take(&mut *locked(&self.0)) {
            let earlier = series.firsts.get(&outcome).is_some_and(|(first, _)| *first < index);
            if series.outcomes[index].is_some() && !earlier {
                series.firsts.insert(outcome, (index, sample));
            }
        }
    }
}

/// Where single cases are run.
pub(super) trait Bench {
    /// Makes sure that the target is as it was, before a doubtful case of a plan is run again.
    async fn prepare(&mut self, plan: Plan) -> Result<(), CheckError>;

    /// Runs a case while nothing else runs, and keeps it in full if it is not as it should be.
    async fn alone(&mut self, series: &mut Series, index: usize) -> Result<Outcome, CheckError>;

    /// How bad an outcome is.
    fn severity(&self, plan: Plan, outcome: Outcome) -> Severity;

    /// Whether no more cases are to be run.
    fn is_spent(&self, series: &Series) -> bool;
}

impl Series {
    pub(super) fn new(plan: Plan, at: Vec<u64>) -> Series {
        let outcomes = vec![None; at.len()];
        let (samples, firsts, shapes) = Default::default();
        let (crashes, is_serial, is_silent, is_known_silent, unsteady) = Default::default();
        Series {
            plan,
            at,
            outcomes,
            samples,
            firsts,
            shapes,
            crashes,
            is_serial,
            is_silent,
            is_known_silent,
            unsteady,
        }
    }

    /// The name of a case; a plan of one case has no number.
    pub(super) fn case(&self, index: usize) -> CaseId {
        case_id(self.plan, self.at[index])
    }

    /// Runs again, alone, what stands beside something else: there a cut that missed its moment, or a
    /// reply that was late because the machine was busy, would show.
    pub(super) async fn confirm(&mut self, bench: &mut impl Bench) -> Result<(), CheckError> {
        if self.plan == Plan::HalfClose {
            return Ok(());
        }
        let mut confirmed = BTreeSet::new();
        loop {
            let doubtful = doubtful(&self.outcomes, &confirmed);
            if doubtful.is_empty() || confirmed.len() >= AGAIN || bench.is_spent(self) {
                return Ok(());
            }
            for index in doubtful.into_iter().take(AGAIN) {
                bench.prepare(self.plan).await?;
                confirmed.insert(index);
                match self.outcomes[index] {
                    None | Some(Outcome::Crashed | Outcome::Dead) => {}
                    Some(first) => self.run_again(bench, index, first).await?,
                }
            }
        }
    }

    async fn run_again(
        &mut self,
        bench: &mut impl Bench,
        index: usize,
        first: Outcome,
    ) -> Result<(), CheckError> {
        let mut runs = vec![first, bench.alone(self, index).await?];
        if runs[0] != runs[1] {
            runs.push(bench.alone(self, index).await?);
        }
        // What fails now and then fails: only what is right again and again was hurt by the others.
        while first != Outcome::Same
            && runs[1..].iter().all(|run| *run == Outcome::Same)
            && runs.len() <= RIGHT_AGAIN
        {
            runs.push(bench.alone(self, index).await?);
        }
        let outcome = prevailing(&runs);
        // What had only not come yet was late, as anything may be on a busy machine.
        let late = matches!(first, Outcome::Same | Outcome::NoReply | Outcome::Partial);
        self.unsteady += u64::from(!late && outcome == Outcome::Same);
        let times = runs.iter().filter(|run| **run == outcome).count() as u32;
        self.outcomes[index] = Some(outcome);
        if outcome == Outcome::Same {
            self.samples.remove(&index);
        } else if let Some(kept) = self.samples.get_mut(&index) {
            kept.again = (times, runs.len() as u32);
        }
        Ok(())
    }

    /// What the plan found. `of` is how many cases there would be, where only some were chosen.
    pub(super) fn report(self, bench: &impl Bench, of: Option<u64>) -> PlanReport {
        let plan = self.plan;
        let cells: Vec<Cell> = self
            .at
            .iter()
            .zip(&self.outcomes)
            .filter_map(|(&at, &outcome)| {
                let outcome = outcome?;
                Some(Cell { at, outcome, severity: bench.severity(plan, outcome) })
            })
            .collect();
        let mut groups = Vec::new();
        for folded in fold(&cells) {
            let Some((sample, again)) = self.kept(folded.outcome) else { continue };
            let again = match plan {
                Plan::HalfClose => (folded.count as u32, cells.len() as u32),
                _ => again,
            };
            groups.push(Group {
                outcome: folded.outcome,
                severity: folded.severity,
                ranges: folded.ranges,
                count: folded.count,
                sample: sample.clone(),
                again,
            });
        }
        let cut_short = (cells.len() < self.at.len()).then_some(self.at.len() as u64);
        let shapes = self.shapes.into_shapes();
        let of = of.or(cut_short);
        PlanReport { plan, cells, groups, skipped: None, of, shapes }
    }

    /// The first case that came to this when it ran alone, or else among others.
    fn kept(&self, outcome: Outcome) -> Option<(&Sample, (u32, u32))> {
        let still = |index: usize| self.outcomes[index] == Some(outcome);
        let mut alone = self.samples.iter();
        let alone = alone.find(|(index, kept)| kept.outcome == outcome && still(**index));
        let among = || self.firsts.get(&outcome).map(|(_, sample)| (sample, (1, 1)));
        alone.map(|(_, kept)| (&kept.sample, kept.again)).or_else(among)
    }
}

/// Whether a plan does what a sound peer does not.
pub(super) fn is_hostile(plan: Plan) -> bool {
    matches!(
        plan,
        Plan::HalfClose
            | Plan::Truncate
            | Plan::Reset
            | Plan::SlowReader
            | Plan::Empty
            | Plan::Oversize
            | Plan::Garbage
    )
}

/// The name of a case; a plan of one case has no number.
pub(super) fn case_id(plan: Plan, at: u64) -> CaseId {
    CaseId { plan, at: (at > 0 || plan == Plan::Reset).then_some(at) }
}

/// The cases at the ends of ranges that came to the same, on both sides.
fn doubtful(outcomes: &[Option<Outcome>], confirmed: &BTreeSet<usize>) -> Vec<usize> {
    let is_end = |&index: &usize| {
        let outcome = outcomes[index];
        let beside = [index.checked_sub(1), Some(index + 1)].into_iter().flatten();
        let differs = |other: usize| outcomes.get(other).is_some_and(|other| *other != outcome);
        let edge = index == 0 || index + 1 == outcomes.len();
        let fails = outcome.is_some_and(|outcome| outcome != Outcome::Same);
        beside.into_iter().any(differs) || (fails && edge)
    };
    (0..outcomes.len()).filter(|index| !confirmed.contains(index)).filter(is_end).collect()
}

/// What some runs came to, the first of them among others. If that was right, most count. If not, a
/// single one that is wrong alone counts as well.
fn prevailing(runs: &[Outcome]) -> Outcome {
    let wrong = |run: &&Outcome| **run != Outcome::Same;
    if runs[0] != Outcome::Same {
        return runs[1..].iter().find(wrong).copied().unwrap_or(Outcome::Same);
    }
    let times = |outcome: &Outcome| runs.iter().filter(|run| *run == outcome).count();
    let most = runs.iter().max_by_key(|outcome| (times(outcome), **outcome != Outcome::Same));
    most.copied().unwrap_or(Outcome::Same)
}

/// Adds up what became of the cuts of a case.
pub(super) fn count(cuts: &mut Cuts, then: &[Then]) {
    for then in then {
        match then {
            Then::Read => cuts.confirmed += 1,
            Then::Timed => cuts.timed += 1,
            Then::NotRead => cuts.not_read += 1,
            _ => {}
        }
    }
}

/// The last lines of what a program wrote, each a remark.
pub(super) fn last_lines(said: &[u8]) -> Vec<String> {
    const LINES: usize = 8;
    let lines: Vec<&[u8]> =
        said.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let tail = &lines[lines.len().saturating_sub(LINES)..];
    tail.iter().map(|line| format!("stderr: {}", String::from_utf8_lossy(line))).collect()
}
