//! Whether a target lives: how it died and of which case, or that it no longer answers.

use framecat_core::check::{Note, Outcome, Plan, Severity};

use super::CheckError;
use super::cells::{Bench as _, Kept, Series, case_id, last_lines};
use super::learn::plain;
use super::series::{CRASHES, Round};
use super::trial::Tried;

/// How many of a plan's cases are gone through one by one for the one that a target died of in silence.
const SEARCHED: usize = 256;

impl Round<'_> {
    /// Sees whether a target that has left many cases in a row without an answer answers at all.
    pub(super) async fn look_after(&mut self, series: &mut Series) -> Result<(), CheckError> {
        if !std::mem::take(&mut series.is_silent) || self.lives().await {
            return Ok(());
        }
        self.trial.eyes.settle().await;
        let text = match self.target.ended() {
            Some(ending) => format!("{ending} during {}", series.plan),
            None => format!("no longer answers, since {}", series.plan),
        };
        self.notes.push(self.fault(text));
        series.crashes += 1;
        self.dead = !self.target.is_ours();
        self.restart().await
    }

    /// How the target ended, where it is not known of which case.
    pub(super) fn death(&self, plan: Plan) -> Option<Note> {
        let ending = self.target.ended()?;
        let text = format!("{ending} during {plan}, which no case of it alone brings about");
        Some(self.fault(text))
    }

    /// A fault of the target, with the last of what it wrote.
    fn fault(&self, text: String) -> Note {
        Note { severity: Severity::Fail, text, stderr: self.target.said() }
    }

    /// Whether the target died of a case; then how, with what it wrote since `said`, and it is started
    /// again.
    pub(super) async fn died(
        &mut self,
        tried: &mut Tried,
        said: u64,
    ) -> Result<Option<Vec<String>>, CheckError> {
        if !self.target.is_ours() {
            return Ok(None);
        }
        // The connection is gone a moment before the process is.
        self.trial.eyes.settle().await;
        let Some(ending) = self.target.ended() else { return Ok(None) };
        tried.outcome = Outcome::Crashed;
        let mut remarks = vec![format!("the target {ending}")];
        remarks.extend(last_lines(&self.target.said_since(said)));
        self.restart().await?;
        Ok(Some(remarks))
    }

    /// Whether the plain exchange is still answered after the cases of a plan.
    pub(super) async fn survives(&mut self, series: &mut Series) -> Result<(), CheckError> {
        if self.jobs == 1 || self.lives().await {
            return Ok(());
        }
        let mut found = false;
        self.trial.eyes.settle().await;
        let note = self.death(series.plan);
        if self.target.is_ours() {
            self.restart().await?;
            for index in 0..series.at.len().min(SEARCHED) {
                let outcome = self.alone(series, index).await?;
                if outcome == Outcome::Crashed {
                    series.outcomes[index] = Some(outcome);
                } else if !self.lives().await {
                    self.mark_dead(series, index).await?;
                    series.crashes += 1;
                    self.restart().await?;
                } else {
                    continue;
                }
                found = true;
                if series.crashes >= CRASHES {
                    break;
                }
            }
        }
        if !found {
            let unknown = || self.fault(format!("no longer answers, since {}", series.plan));
            let note = note.unwrap_or_else(unknown);
            self.notes.push(note);
            self.dead = !self.target.is_ours();
        }
        Ok(())
    }

    pub(super) async fn mark_dead(
        &mut self,
        series: &mut Series,
        index: usize,
    ) -> Result<(), CheckError> {
        let case = case_id(series.plan, series.at[index]);
        let Some(script) = self.trial.streams.script(case, self.trial.seed) else { return Ok(()) };
        // The connection is gone a moment before the process is.
        self.trial.eyes.settle().await;
        let (outcome, remark) = match self.target.ended() {
            Some(ending) => (Outcome::Crashed, format!("the target {ending}")),
            None => (Outcome::Dead, "the plain exchange behind it was not answered".to_owned()),
        };
        series.outcomes[index] = Some(outcome);
        let tried = Tried::unseen(case, outcome, &script);
        let mut sample = self.trial.sample(&tried, &script);
        sample.remarks.push(remark);
        sample.remarks.extend(last_lines(&self.target.said()));
        series.samples.insert(index, Kept { outcome, sample, again: (1, 1) });
        Ok(())
    }

    /// Whether the plain exchange is answered. A target that is busy with what came before gets three
    /// tries; one that answers wrongly has shown what it is.
    pub(super) async fn lives(&self) -> bool {
        for _ in 0..3 {
            match plain(&self.trial).await {
                Outcome::Same => return true,
                Outcome::NoReply | Outcome::Refused | Outcome::Setup => {}
                _ => return false,
            }
        }
        false
    }
}
