//! Plans: the ways in which the bytes of an exchange are cut, joined or broken off, and the names of
//! their cases, `split@17`.

use std::fmt;
use std::str::FromStr;

use crate::escape::Escaped;

/// A way of cutting, joining or breaking off the bytes of an exchange.
///
/// Each parses from, and prints to, the string that stands for it on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Plan {
    /// `split`: the request in two writes, cut at every offset. A case an offset.
    Split,
    /// `drip`: a byte a write.
    Drip,
    /// `chunks:N`: N bytes a write.
    Chunks(u32),
    /// `random:N`: N cases, each cut at offsets drawn from the seed.
    Random(u32),
    /// `coalesce:K`: K requests in one write.
    Coalesce(u32),
    /// `straddle:K`: K requests joined and then cut in two, at every offset. A case an offset.
    Straddle(u32),
    /// `half-close`: the end of the stream right behind the request. Run several times, as races are.
    HalfClose,
    /// `truncate`: the end of the stream inside the request, at every offset. A case an offset.
    Truncate,
    /// `reset`: the connection is reset inside, before or behind the request. A case an offset.
    Reset,
    /// `slow-reader`: a receive window of a few bytes, read slowly. A case for one request, and one for
    /// as many as fill the target's buffers.
    SlowReader,
    /// `empty`: an empty message before, and between, the requests.
    Empty,
    /// `oversize`: messages at the limit, behind it, and far beyond. A case a payload size.
    Oversize,
    /// `garbage`: bytes that are no message.
    Garbage,
}

/// A text that names no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a plan: {problem}", Escaped(text.as_bytes()))]
pub struct ParsePlanError {
    text: String,
    problem: &'static str,
}

const KNOWN: &str = "known are split, drip, chunks:N, random:N, coalesce:K, straddle:K, half-close, \
    truncate, reset, slow-reader, empty, oversize and garbage";

impl Plan {
    /// The plans that are run unless others are chosen, in the order in which they run and are reported.
    pub const ALL: [Plan; 13] = [
        Plan::Split,
        Plan::Drip,
        Plan::Chunks(7),
        Plan::Random(20),
        Plan::Coalesce(2),
        Plan::Straddle(2),
        Plan::HalfClose,
        Plan::Truncate,
        Plan::Reset,
        Plan::SlowReader,
        Plan::Empty,
        Plan::Oversize,
        Plan::Garbage,
    ];

    /// The name without its number.
    pub fn name(self) -> &'static str {
        match self {
            Plan::Split => "split",
            Plan::Drip => "drip",
            Plan::Chunks(_) => "chunks",
            Plan::Random(_) => "random",
            Plan::Coalesce(_) => "coalesce",
            Plan::Straddle(_) => "straddle",
            Plan::HalfClose => "half-close",
            Plan::Truncate => "truncate",
            Plan::Reset => "reset",
            Plan::SlowReader => "slow-reader",
            Plan::Empty => "empty",
            Plan::Oversize => "oversize",
            Plan::Garbage => "garbage",
        }
    }

    fn number(self) -> Option<u32> {
        match self {
            Plan::Chunks(n) | Plan::Random(n) | Plan::Coalesce(n) | Plan::Straddle(n) => Some(n),
            _ => None,
        }
    }

    fn with_number(self, number: u32) -> Option<Plan> {
        // Joined messages are written at once and their replies kept: a few are enough to find a seam.
        match self {
            Plan::Chunks(_) if number > 0 => Some(Plan::Chunks(number)),
            Plan::Random(_) if (1..=1_000_000).contains(&number) => Some(Plan::Random(number)),
            Plan::Coalesce(_) if (2..=1000).contains(&number) => Some(Plan::Coalesce(number)),
            Plan::Straddle(_) if (2..=1000).contains(&number) => Some(Plan::Straddle(number)),
            _ => None,
        }
    }
}

impl FromStr for Plan {
    type Err = ParsePlanError;

    fn from_str(text: &str) -> Result<Self, ParsePlanError> {
        let refused = |problem| ParsePlanError { text: text.into(), problem };
        let (name, number) = match text.split_once(':') {
            Some((name, number)) => (name, Some(number)),
            None => (text, None),
        };
        let plan = Plan::ALL.into_iter().find(|plan| plan.name() == name);
        let plan = plan.ok_or_else(|| refused(KNOWN))?;
        let Some(number) = number else { return Ok(plan) };
        if plan.number().is_none() {
            return Err(refused("this plan has no number"));
        }
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| number.parse().ok()).flatten().and_then(|n| plan.with_number(n)).ok_or_else(
            || {
                refused(
                    "chunks takes 1 or more, random 1 to 1000000, coalesce and straddle 2 to 1000",
                )
            },
        )
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) => write!(f, "{}:{number}", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

/// The name of one case of a plan: `split@17`, `straddle:2@40`, `drip`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId {
    /// The plan.
    pub plan: Plan,
    /// Which of its cases: the offset of the cut, the size of the payload, or a number counted from 1.
    /// `None` for a plan of one case.
    pub at: Option<u64>,
}

impl FromStr for CaseId {
    type Err = ParsePlanError;

    fn from_str(text: &str) -> Result<Self, ParsePlanError> {
        let Some((plan, at)) = text.split_once('@') else {
            return Ok(CaseId { plan: text.parse()?, at: None });
        };
        let digits = !at.is_empty() && at.bytes().all(|byte| byte.is_ascii_digit());
        let at = digits.then(|| at.parse().ok()).flatten().ok_or_else(|| ParsePlanError {
            text: text.into(),
            problem: "a number stands behind the @, as in split@17",
        })?;
        Ok(CaseId { plan: plan.parse()?, at: Some(at) })
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}@{at}", self.plan),
            None => self.plan.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_parses_from_what_it_prints() {
        for plan in Plan::ALL {
            assert_eq!(plan.to_string().parse(), Ok(plan));
            assert_eq!(plan.name().parse(), Ok(plan), "without a number it is the default");
            let case = CaseId { plan, at: Some(17) };
            assert_eq!(case.to_string().parse(), Ok(case));
            let only = CaseId { plan, at: None };
            assert_eq!(only.to_string().parse(), Ok(only));
        }
        assert_eq!("straddle:3".parse(), Ok(Plan::Straddle(3)));
        assert_eq!("chunks:1".parse(), Ok(Plan::Chunks(1)));
    }

    #[test]
    fn a_bad_plan_says_what_would_be_right() {
        for (text, hint) in [
            ("spilt", "known are split, drip"),
            ("", "known are"),
            ("split:2", "has no number"),
            ("chunks:0", "takes 1 or more"),
            ("coalesce:1", "2 to 1000"),
            ("coalesce:+2", "2 to 1000"),
            ("random:", "1 to 1000000"),
            ("split\x1b", "`split\\x1b` is not a plan"),
        ] {
            let error = text.parse::<Plan>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
        for text in ["split@", "split@x", "split@-1", "@3", "split@99999999999999999999"] {
            assert!(text.parse::<CaseId>().is_err(), "{text}");
        }
    }
}
