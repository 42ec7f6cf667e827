//! check: does a program depend on how TCP cuts the stream? What is sent, what must come back, and
//! what it means if something else does.
//!
//! - [`Plan`], [`CaseId`]: the ways of cutting, and the names of their cases
//! - [`Exchange`]: what is sent, and what must come back; [`CaseFile`]: one written down in TOML
//! - [`Report`]: what was found

mod exchange;
mod pattern;
mod plan;
mod report;
mod suite;

pub use exchange::{Exchange, ExchangeError, Expect, Step};
pub use pattern::{ParsePatternError, Pattern};
pub use plan::{CaseId, ParsePlanError, Plan};
pub use report::{
    Baseline, Cell, Cuts, Difference, End, Group, Note, Outcome, Piece, PlanReport, Report, Sample,
    Severity, Shape, Side, Then, Verdict,
};
pub use suite::{CaseFile, ReadFile, SuiteError};
