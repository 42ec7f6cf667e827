//! Reports made by hand, for the tests of everything that shows one: `reports` has them, and this what
//! they are made of.

mod reports;

use std::time::Duration;

use framecat::core::check::{
    CaseId, Cell, End, Group, Outcome, Piece, Plan, PlanReport, Report, Sample, Severity, Then,
};

pub(super) use reports::*;

/// What a hostile peer sends: it clears the screen, colours, turns the direction of text, and tries to
/// end whatever it stands in.
pub(super) const HOSTILE: &[u8] =
    b"\x1b[2J\x1b]0;owned\x07\xc2\x9b31m\xe2\x80\xae</pre><script>alert(1)</script>]]>\r\n\0\xff\"'&";

pub(super) fn replay(report: &Report, case: &CaseId) -> String {
    let address = report.target.trim_start_matches("tcp://");
    format!("framecat check {address} --send hello --only {case}")
}

pub(super) fn piece(bytes: impl AsRef<[u8]>, then: Then) -> Piece {
    Piece { bytes: bytes.as_ref().to_vec(), then }
}

/// A plan whose cases all pass.
pub(super) fn passing(plan: Plan, cells: std::ops::RangeInclusive<u64>) -> PlanReport {
    let cell = |at| Cell { at, outcome: Outcome::Same, severity: Severity::Pass };
    PlanReport {
        plan,
        cells: cells.map(cell).collect(),
        groups: vec![],
        skipped: None,
        of: None,
        shapes: vec![],
    }
}

/// A plan that is left out.
pub(super) fn skipped(plan: Plan, reason: &str) -> PlanReport {
    PlanReport { cells: vec![], skipped: Some(reason.into()), ..passing(plan, 0..=0) }
}

/// Adds a group to a plan, and paints its cells.
pub(super) fn with_group(
    mut plan: PlanReport,
    ranges: &[(u64, u64)],
    (outcome, severity): (Outcome, Severity),
    again: (u32, u32),
    sample: Sample,
) -> PlanReport {
    let mut count = 0;
    for cell in &mut plan.cells {
        if ranges.iter().any(|(from, to)| (*from..=*to).contains(&cell.at)) {
            (cell.outcome, cell.severity) = (outcome, severity);
            count += 1;
        }
    }
    plan.groups.push(Group { outcome, severity, ranges: ranges.into(), count, sample, again });
    plan
}

pub(super) fn sample(plan: Plan, at: Option<u64>, wrote: Vec<Piece>) -> Sample {
    Sample {
        case: CaseId { plan, at },
        wrote,
        expected: b"Msg received".to_vec(),
        expected_end: Some(End::Open),
        got: vec![],
        got_len: 0,
        end: End::Closed,
        after: Duration::from_micros(300),
        remarks: vec![],
    }
}

pub(super) fn came(bytes: &[u8], sample: Sample) -> Sample {
    Sample { got: bytes.to_vec(), got_len: bytes.len() as u64, end: End::Open, ..sample }
}
