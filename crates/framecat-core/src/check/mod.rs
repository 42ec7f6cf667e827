//! check: does a program depend on how TCP cuts the stream? What is sent, what must come back, and
//! what it means if something else does.
//!
//! - [`Exchange`], [`CaseFile`]: what is said and what is expected, from a case file or the command line
//! - [`Plan`], [`CaseId`]: the ways of cutting, and the names of their cases
//! - [`Streams`], [`Script`]: what a case writes, where it is cut, how it ends
//! - [`Oracle`]: what a case should come to, and what it means if it does not
//! - [`ClientOracle`]: the same of a client, by its output and exit status
//! - [`Report`]: what was found

mod baseline;
mod client;
mod exchange;
mod fold;
mod hostile;
mod oracle;
mod pattern;
mod plan;
mod random;
mod report;
mod script;
mod suite;
mod token;

pub use baseline::{differences, propose_mask};
pub use client::{ClientOracle, Conduct, Leaving, severity_of_client};
pub use exchange::{Exchange, ExchangeError, Expect, Step};
pub use fold::{Folded, Shapes, fold};
pub use oracle::{Oracle, Seen, severity};
pub use pattern::{ParsePatternError, Pattern};
pub use plan::{CaseId, ParsePlanError, Plan};
pub use report::{
    Baseline, Cell, Cuts, Difference, End, Group, Note, Outcome, Piece, PlanReport, Report, Sample,
    Severity, Shape, Side, Then, Verdict,
};
pub use script::{Cases, DEFAULT_OFFSETS, Finale, MOST_REQUESTS, Script, Streams};
pub use suite::{CaseFile, ReadFile, SuiteError};
pub use token::Token;
