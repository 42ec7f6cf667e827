//! What is wrong with a socket, in a sentence.

/// Something that is wrong with a socket, or may be.
///
/// `Display` says it in a sentence: `accept queue full 6/5 for 3 s: the program is not calling accept`.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub problem: Problem,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; programs work so.
    Note,
    /// Something waits for longer than it should.
    Warning,
    /// Somebody is being kept out, or data is being lost.
    Error,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {}
