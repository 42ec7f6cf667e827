//! check: does a program depend on how TCP cuts the stream? What is sent, what must come back, and
//! what it means if something else does.
//!
//! - [`Plan`], [`CaseId`]: the ways of cutting, and the names of their cases
//! - [`Report`]: what was found

mod plan;
mod report;

pub use plan::{CaseId, ParsePlanError, Plan};
pub use report::{
    Baseline, Cell, Cuts, Difference, End, Group, Note, Outcome, Piece, PlanReport, Report, Sample,
    Severity, Shape, Side, Then, Verdict,
};
