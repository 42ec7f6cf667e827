//! Clients: what a case writes to one, and what its output and exit status mean beside those of the
//! runs in which nothing was cut.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::token::Token;
use super::{CaseId, Exchange, Finale, Oracle, Outcome, Plan, Script, Severity, Streams};
use crate::framing::Framing;

/// How a client left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// By itself, with this status; none where the system kept it from us.
    Exited(Option<i32>),
    /// By a signal with this number.
    Killed(i32),
    /// It did not: it was ended by us.
    Hung,
}

/// What a client did in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conduct {
    /// The first bytes of its standard output.
    pub output: Vec<u8>,
    /// How many bytes of its output were not kept.
    pub lost: u64,
    /// How it left.
    pub leaving: Leaving,
}

/// Knows what a client should do.
#[derive(Debug, Clone)]
pub struct ClientOracle {
    /// What is compared of an output, and what it must be.
    words: Oracle,
    /// What the client does with so many messages in turn, its output blanked.
    learned: BTreeMap<usize, Conduct>,
    /// How many messages the uncut exchange has.
    messages: usize,
    request: Vec<u8>,
    frame: Option<Framing>,
    mark_len: usize,
    ends_with_stream: bool,
}

impl Streams {
    /// What is written to a client in a case; `None` if the plan has no such case. Of a pair the second
    /// message follows once the first was read, unless both are joined or the stream ends before.
    pub fn script_for_client(&self, case: CaseId, seed: u64) -> Option<Script> {
        let mut script = self.script(case, seed)?;
        match (case.plan, self.messages()) {
            (Plan::SlowReader, _) => return None,
            (
                Plan::Split | Plan::Drip | Plan::Chunks(_) | Plan::Random(_) | Plan::HalfClose,
                [first, second],
            ) => {
                script.cuts.push(first.len());
                script.bytes.extend_from_slice(second);
            }
            _ => {}
        }
        Some(script)
    }

    /// Messages in turn: each is written once the one before was read.
    pub fn in_turn(&self, count: usize) -> Script {
        let mut bytes = Vec::new();
        let mut cuts = Vec::new();
        for message in self.sequence(count) {
            bytes.extend_from_slice(message);
            cuts.push(bytes.len());
        }
        cuts.pop();
        Script { bytes, cuts, finale: Finale::Nothing, slow: false }
    }
}

impl ClientOracle {
    /// An oracle that has learned nothing yet.
    pub fn new(exchange: &Exchange, streams: &Streams) -> ClientOracle {
        let request = streams.request().to_vec();
        let payload = exchange.messages.first().map_or(0, Vec::len);
        ClientOracle {
            words: Oracle::new(exchange),
            learned: BTreeMap::new(),
            messages: streams.messages().len(),
            mark_len: request.len().saturating_sub(payload),
            request,
            frame: exchange.frame.clone(),
            ends_with_stream: false,
        }
    }

    /// Learns what the client does with so many messages in turn.
    pub fn learn(&mut self, messages: usize, conduct: &Conduct, token: Option<&Token>) {
        let output = self.blanked(&conduct.output, token).into_owned();
        self.learned.insert(messages, Conduct { output, ..conduct.clone() });
    }

    /// Whether it is known what the client does with so many messages in turn.
    pub fn has_learned(&self, messages: usize) -> bool {
        self.learned.contains_key(&messages)
    }

    /// Learns that the client ends when the stream does, and not before: where no framing says
    /// otherwise, the end of the stream is the end of the message then.
    pub fn learn_end(&mut self) {
        self.ends_with_stream = true;
    }

    /// What of an output is compared.
    pub fn blanked<'a>(&self, output: &'a [u8], token: Option<&Token>) -> Cow<'a, [u8]> {
        self.words.blanked(output, token)
    }

    /// Whether the uncut output is what was asked for.
    pub fn is_expected(&self, output: &[u8], token: Option<&Token>) -> bool {
        self.words.is_expected(output, token)
    }

    /// Whether two runs were alike; both are blanked first.
    pub fn alike(&self, one: &Conduct, other: &Conduct) -> bool {
        let output = self.words.expects_pattern() || one.output == other.output;
        output && one.lost == other.lost && one.leaving == other.leaving
    }

    /// What the client should do in a case.
    pub fn expected(&self, case: CaseId) -> Option<&Conduct> {
        let messages = match case.plan {
            Plan::Coalesce(count) | Plan::Straddle(count) => count as usize,
            _ => self.messages,
        };
        self.learned.get(&messages)
    }

    /// What a case came to.
    pub fn judge(&self, case: CaseId, conduct: &Conduct, token: Option<&Token>) -> Outcome {
        let Some(expected) = self.expected(case) else { return Outcome::Same };
        let output = self.blanked(&conduct.output, token);
        let same = match self.words.expects_pattern() {
            true => self.words.is_expected(&conduct.output, token),
            false => *output == expected.output && conduct.lost == expected.lost,
        };
        let succeeded = conduct.leaving == Leaving::Exited(Some(0));
        let at = case.at.map_or(0, |at| usize::try_from(at).unwrap_or(usize::MAX));
        match (conduct.leaving, case.plan) {
            (Leaving::Hung, _) => Outcome::Hung,
            (Leaving::Killed(_), _) => Outcome::Crashed,
            (_, Plan::Empty | Plan::Oversize | Plan::Garbage) => Outcome::Same,
            (_, Plan::Truncate) if succeeded => match self.is_end_of_message(at, &output) {
                true => Outcome::EndIsMark,
                false => Outcome::HalfAnswered,
            },
            (_, Plan::Reset) if succeeded && same && at < self.request.len() => {
                Outcome::HalfAnswered
            }
            (_, Plan::Truncate | Plan::Reset) => Outcome::Same,
            (leaving, _) if leaving != expected.leaving => Outcome::OtherStatus,
            _ if same => Outcome::Same,
            _ => compared(&expected.output, &output),
        }
    }

    /// Whether a stream that ends behind the first `at` bytes may well end a message there.
    fn is_end_of_message(&self, at: usize, output: &[u8]) -> bool {
        let missing = self.request.get(at..).unwrap_or_default();
        match &self.frame {
            None if self.ends_with_stream => true,
            // What is there is a whole message but for its mark.
            Some(frame) if frame.is_terminated() => {
                !output.is_empty() || missing.len() <= self.mark_len
            }
            None => missing.iter().all(|byte| matches!(byte, b'\r' | b'\n')),
            Some(_) => false,
        }
    }
}

/// How bad an outcome of a client is; `strict` where what is only a property shall fail.
pub fn severity_of_client(outcome: Outcome, strict: bool) -> Severity {
    match outcome {
        Outcome::Same => Severity::Pass,
        Outcome::EndIsMark if !strict => Severity::Property,
        _ => Severity::Fail,
    }
}

/// How an output that is not the expected one differs from it.
fn compared(expected: &[u8], got: &[u8]) -> Outcome {
    match got {
        [] => Outcome::NoReply,
        got if expected.starts_with(got) => Outcome::Partial,
        got if got.starts_with(expected) => Outcome::Surplus,
        _ => Outcome::Wrong,
    }
}

#[cfg(test)]
mod tests;
