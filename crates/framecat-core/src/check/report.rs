//! What a check found, as values: [`Report`] is made by whoever ran the cases and shown by whoever
//! shows it.

use std::time::Duration;

use super::{CaseId, Outcome, Plan, Severity};

/// What was found of one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The exchange's name, from its case file.
    pub name: Option<String>,
    /// The target as a person knows it: an address, or the command of a client.
    pub target: String,
    /// Which side the target is.
    pub side: Side,
    /// What is sent to it: the request, or two where the exchange is a pair. From the first run.
    pub requests: Vec<Vec<u8>>,
    /// What was learned from the uncut runs.
    pub baseline: Baseline,
    /// What each plan found, in the order in which they ran.
    pub plans: Vec<PlanReport>,
    /// What was found of the target as a whole.
    pub notes: Vec<Note>,
    /// How many cases were run, those that were repeated counted once.
    pub cases: u64,
    /// What became of the cuts.
    pub cuts: Cuts,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether everything holds.
    pub verdict: Verdict,
}

/// Which side the target of a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It is a server: we send requests and compare its replies.
    Server,
    /// It is a client: we send what a server would, and compare its output and exit status.
    Client,
}

/// What the uncut runs of an exchange came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// How often it was run.
    pub runs: u32,
    /// How many of those were like the first, once masked.
    pub alike: u32,
    /// What came back in the first run; of a client, its output.
    pub reply: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// The slowest of the runs.
    pub slowest: Duration,
    /// Where runs differ from the first: ranges of its bytes, and what another had there.
    pub differences: Vec<Difference>,
    /// A mask that would make them alike.
    pub proposed_mask: Option<String>,
    /// What was expected instead, where `--expect` was not met.
    pub expected: Option<Vec<u8>>,
    /// The regular expression that was expected to match, where `--expect-regex` was not met: bytes
    /// beside a pattern differ everywhere.
    pub expected_pattern: Option<String>,
}

/// A place where two uncut runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where in the first run, and how many bytes.
    pub at: std::ops::Range<usize>,
    /// What the first run had there.
    pub first: Vec<u8>,
    /// What another run had.
    pub other: Vec<u8>,
}

/// How a connection ended, as we saw it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum End {
    /// It did not: it was open when we left.
    #[default]
    Open,
    /// The target closed it (FIN).
    Closed,
    /// The target reset it (RST).
    Reset,
}

/// What one plan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanReport {
    /// The plan.
    pub plan: Plan,
    /// A cell a case, in order; empty where the plan was left out.
    pub cells: Vec<Cell>,
    /// The outcomes other than [`Outcome::Same`], those alike folded together; what fails first.
    pub groups: Vec<Group>,
    /// Why the plan was left out, where it was: `the target closes after one reply`.
    pub skipped: Option<String>,
    /// How many cases there would be, where only some were chosen (`--offsets`).
    pub of: Option<u64>,
    /// For `truncate`: the kinds of answers to a part of the request, to be judged beside the reply to
    /// the whole.
    pub shapes: Vec<Shape>,
}

/// One case in a strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// [`CaseId::at`]; 0 for a plan of one case.
    pub at: u64,
    /// What it came to.
    pub outcome: Outcome,
    /// How bad that is.
    pub severity: Severity,
}

/// Cases of one plan that came to the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they came to.
    pub outcome: Outcome,
    /// How bad that is.
    pub severity: Severity,
    /// Where: ranges of [`Cell::at`], ends included. Cases that were not run do not break a range.
    pub ranges: Vec<(u64, u64)>,
    /// How many cases they are.
    pub count: u64,
    /// One of them in full: the first.
    pub sample: Sample,
    /// In how many of how many runs the sample came to this, the first counted.
    pub again: (u32, u32),
}

/// Answers of one kind to a part of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The answer to the first of these cases.
    pub answer: Vec<u8>,
    /// How the connection ended.
    pub end: End,
    /// Where: ranges of [`Cell::at`], ends included.
    pub ranges: Vec<(u64, u64)>,
    /// How many cases they are.
    pub count: u64,
}

/// One case in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Which.
    pub case: CaseId,
    /// What was written, piece by piece, and what became of each.
    pub wrote: Vec<Piece>,
    /// What should have come back.
    pub expected: Vec<u8>,
    /// How the connection should have ended, where that is known.
    pub expected_end: Option<End>,
    /// What came back; of a client, its output. At most [`Sample::KEPT`] bytes.
    pub got: Vec<u8>,
    /// How many bytes came back in all.
    pub got_len: u64,
    /// How it ended.
    pub end: End,
    /// How long that took.
    pub after: Duration,
    /// What else is known: how the target's process ended, what it wrote to its standard error.
    pub remarks: Vec<String>,
}

impl Sample {
    /// How many bytes of a reply are kept to be shown.
    pub const KEPT: usize = 4096;
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What was written.
    pub bytes: Vec<u8>,
    /// What became of it before the next was written.
    pub then: Then,
}

/// What came behind a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Then {
    /// The kernel confirmed that the target has read it.
    Read,
    /// The target is out of sight: a time was waited.
    Timed,
    /// The target had not read it when the time to wait for that was over.
    NotRead,
    /// The target had closed.
    Gone,
    /// The right reply had come.
    Answered,
    /// Nothing: the next followed at once, or it was the last.
    Nothing,
    /// The end of the stream (FIN).
    Finished,
    /// A reset (RST).
    Reset,
}

/// What became of the cuts between pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cuts {
    /// The kernel confirmed that the target had read what came before.
    pub confirmed: u64,
    /// Only a time was waited.
    pub timed: u64,
    /// The target did not read what came before, although there was time: it peeks, or waits for more.
    pub not_read: u64,
}

/// Something found of the target as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How bad it is.
    pub severity: Severity,
    /// In a sentence, without the first letter in capitals and without a full stop.
    pub text: String,
    /// The last of what the target wrote to its standard error, where that belongs to it.
    pub stderr: Vec<u8>,
}

/// The answer to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing fails.
    Pass,
    /// Something fails.
    Fail,
    /// Even the uncut exchange is not what was expected.
    WrongUncut,
    /// The uncut exchange differs from itself.
    NotDeterministic,
    /// The uncut exchange got no reply at all.
    NoReply,
    /// A step before the exchange failed.
    Setup,
    /// The target could not be reached, or did not start.
    Unreachable,
}

impl PlanReport {
    /// The worst of its cases.
    pub fn severity(&self) -> Severity {
        self.cells.iter().map(|cell| cell.severity).max().unwrap_or(Severity::Pass)
    }

    /// How many of its cases fail.
    pub fn failed(&self) -> usize {
        self.cells.iter().filter(|cell| cell.severity == Severity::Fail).count()
    }
}

impl Report {
    /// The first failure, as a whole.
    pub fn first_failure(&self) -> Option<&Group> {
        let groups = self.plans.iter().flat_map(|plan| &plan.groups);
        groups.into_iter().find(|group| group.severity == Severity::Fail)
    }
}
