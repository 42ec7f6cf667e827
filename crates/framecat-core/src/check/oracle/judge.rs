//! What a case came to, and how bad that is.

use std::borrow::Cow;

use super::replies::messages;
use super::{Oracle, Seen};
use crate::check::{CaseId, End, Outcome, Plan, Severity, Token};

impl Oracle {
    /// What a case came to.
    pub fn judge(&self, case: CaseId, seen: &Seen, token: Option<&Token>) -> Outcome {
        let got = self.blanked(&seen.got, token);
        match case.plan {
            Plan::Truncate => self.judge_truncated(case.at.unwrap_or(0) as usize, &got),
            Plan::Reset | Plan::Garbage => Outcome::Same,
            Plan::Oversize => self.judge_oversize(case.at.unwrap_or(0), seen, &got),
            Plan::Empty => self.judge_empty(case.at == Some(2), &got, seen.end),
            _ => self.judge_reply(case, seen, &got, token),
        }
    }

    fn judge_reply(&self, case: CaseId, seen: &Seen, got: &[u8], token: Option<&Token>) -> Outcome {
        let Some(expected) = self.expected(case) else { return Outcome::Same };
        let outcome = match seen.followed {
            true if self.is_in_step(&seen.got, token) => {
                self.judge_end(self.turns_end, seen.end, true)
            }
            true => Outcome::OutOfStep,
            false if self.is_complete(case, &seen.got, token) => {
                let in_order = self.expects_pattern() || self.unordered || got == &*expected;
                let end = self.expected_end(case).unwrap_or(seen.end);
                self.judge_end(end, seen.end, in_order)
            }
            false => self.cut_short(case, got, seen.end, &expected),
        };
        match outcome {
            // Whether one that has lost its place closes at once, or when it is spoken to, is chance.
            Outcome::ClosedAfter
                if self.follows(case) && !seen.followed && !self.is_early(seen, token) =>
            {
                Outcome::OutOfStep
            }
            _ if !self.is_early(seen, token) => outcome,
            // An answer that is right may come early, where the end of the message is optional.
            Outcome::Same if !self.has_firm_ends(case) => Outcome::Same,
            _ => Outcome::Early,
        }
    }

    /// Whether more had come back before the last piece was written than was due by then.
    fn is_early(&self, seen: &Seen, token: Option<&Token>) -> bool {
        let early = &seen.got[..seen.early.min(seen.got.len())];
        let due = self.turns[..seen.due.min(self.turns.len())].concat();
        !due.starts_with(&self.blanked(early, token)) && !self.unordered
    }

    /// Whether the framing says that what was missing of the message is part of it, so that nobody can
    /// know the message before that has come.
    fn has_firm_ends(&self, case: CaseId) -> bool {
        let Some(codec) = &self.requests else { return false };
        if !codec.framing().is_terminated() {
            return true;
        }
        let wire = self.on_the_wire();
        let missing = case.at.and_then(|at| wire.get(at as usize..)).unwrap_or_default();
        !missing.iter().all(|byte| matches!(byte, b'\r' | b'\n')) && case.plan == Plan::Split
    }

    /// What a reply that is not whole came to. A target may take no more than so many requests on one
    /// connection.
    fn cut_short(&self, case: CaseId, got: &[u8], end: End, expected: &[u8]) -> Outcome {
        let many = case.plan == Plan::SlowReader && end != End::Open && expected.starts_with(got);
        let count = self.messages_of(case).unwrap_or(0);
        let ends = self.period(count).into_iter().flat_map(|period| {
            self.replies(period, count).scan(0, |end, reply| {
                *end += reply.len();
                Some(*end)
            })
        });
        match many && !got.is_empty() && ends.into_iter().any(|end| end == got.len()) {
            true => Outcome::Same,
            false => compared(expected, got, end),
        }
    }

    fn judge_end(&self, expected: End, end: End, in_order: bool) -> Outcome {
        match (expected, end) {
            (End::Open, End::Closed | End::Reset) => Outcome::ClosedAfter,
            (End::Closed | End::Reset, End::Open) => Outcome::KeptOpen,
            _ if in_order => Outcome::Same,
            _ => Outcome::Reordered,
        }
    }

    fn judge_truncated(&self, at: usize, got: &[u8]) -> Outcome {
        let Some(success) = self.turns.first().filter(|success| !success.is_empty()) else {
            return Outcome::Same;
        };
        let wire = self.on_the_wire();
        let missing = wire.get(at..).unwrap_or_default();
        let end_is_mark = missing.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
            || self.requests.as_ref().is_some_and(|codec| codec.framing().is_terminated());
        let half = *got == **success || self.is_half(&wire, at, success, got);
        match (half, end_is_mark) {
            (false, _) => Outcome::Same,
            (true, true) => Outcome::EndIsMark,
            (true, false) => Outcome::HalfAnswered,
        }
    }

    fn on_the_wire(&self) -> Cow<'_, [u8]> {
        let Some(codec) = &self.requests else { return Cow::Borrowed(&self.payload) };
        let mut wire = Vec::new();
        match codec.encode(&self.payload, &mut wire) {
            Ok(()) => Cow::Owned(wire),
            Err(_) => Cow::Borrowed(&self.payload),
        }
    }

    /// Whether the answer is to the first part of the message what the right one is to the whole: an
    /// echo of half of it.
    fn is_half(&self, wire: &[u8], at: usize, success: &[u8], got: &[u8]) -> bool {
        let Some(start) = memchr::memmem::find(wire, &self.payload) else { return false };
        let Some(part) = self.payload.get(..at.saturating_sub(start)) else { return false };
        if self.requests.is_none() || part.is_empty() || part.len() == self.payload.len() {
            return false;
        }
        let content = |reply: &[u8]| match &self.replies {
            Some(codec) => messages(codec, reply).and_then(|messages| messages.into_iter().next()),
            None => Some(reply.to_vec()),
        };
        let (Some(whole), Some(half)) = (content(success), content(got)) else { return false };
        let Some(place) = memchr::memmem::find(&whole, &self.payload) else { return false };
        let rest = &whole[place + self.payload.len()..];
        half == [&whole[..place], part, rest].concat()
    }

    fn judge_oversize(&self, size: u64, seen: &Seen, got: &[u8]) -> Outcome {
        let Some(limit) = self.limit.map(|limit| limit as u64) else { return Outcome::Same };
        let answered = seen.got_len > 0;
        let success = self.turns.first();
        match size {
            _ if size == limit && !answered => match seen.end {
                End::Open => Outcome::NoReply,
                End::Closed => Outcome::Closed,
                End::Reset => Outcome::Reset,
            },
            // What echoes a short message echoes a long one, or has refused it.
            _ if size == limit && self.echoes() && seen.got_len < limit => Outcome::Wrong,
            _ if Some(size) == limit.checked_add(1) && answered => {
                // An echo of all of it, or the same answer as to any other message.
                let echo = seen.got_len > limit;
                let same = success.is_some_and(|success| success == got);
                if echo || same { Outcome::Accepted } else { Outcome::Same }
            }
            _ => Outcome::Same,
        }
    }

    /// Whether the right reply holds the message.
    fn echoes(&self) -> bool {
        let reply = self.turns.first().map_or(&[][..], Vec::as_slice);
        self.payload.len() > 1 && memchr::memmem::find(reply, &self.payload).is_some()
    }

    fn judge_empty(&self, between: bool, got: &[u8], end: End) -> Outcome {
        let Some(reply) = self.turns.first().filter(|reply| !reply.is_empty()) else {
            return Outcome::Same;
        };
        let front = if between { reply.len() } else { 0 };
        let whole = got.ends_with(reply) && (!between || got.starts_with(reply));
        match got.len() {
            len if whole && len > front + reply.len() => Outcome::Same,
            len if whole && len == front + reply.len() => Outcome::Unanswered,
            _ if self.has_found(got, 1 + usize::from(between)) => Outcome::Same,
            _ if end == End::Closed => Outcome::Closed,
            _ if end == End::Reset => Outcome::Reset,
            0 => Outcome::NoReply,
            _ => Outcome::Wrong,
        }
    }
}

/// How bad an outcome of a plan is; `strict` where what is only a property shall fail.
pub fn severity(plan: Plan, outcome: Outcome, strict: bool) -> Severity {
    let property = match (plan, outcome) {
        (_, Outcome::Same) => return Severity::Pass,
        (_, Outcome::NotPipelined) => return Severity::Refused,
        (_, Outcome::Reordered | Outcome::Unanswered | Outcome::EndIsMark) => true,
        // Many programs end a connection at the end of its input, or on a message they do not take.
        (Plan::HalfClose, Outcome::NoReply | Outcome::Closed | Outcome::Reset) => true,
        (Plan::Empty, Outcome::Closed | Outcome::Reset) => true,
        _ => false,
    };
    if property && !strict { Severity::Property } else { Severity::Fail }
}

/// How a reply that is not the expected one differs from it.
fn compared(expected: &[u8], got: &[u8], end: End) -> Outcome {
    match end {
        _ if !got.is_empty() && expected.starts_with(got) => Outcome::Partial,
        _ if !got.is_empty() && got.starts_with(expected) => Outcome::Surplus,
        _ if !got.is_empty() => Outcome::Wrong,
        End::Open => Outcome::NoReply,
        End::Closed => Outcome::Closed,
        End::Reset => Outcome::Reset,
    }
}
