//! The oracle: what a case should have come to, and what it means if it did not.

use std::borrow::Cow;
use std::time::Duration;

use super::script::MOST_REQUESTS;
use super::token::Token;
use super::{CaseId, End, Exchange, Expect, Outcome, Pattern, Plan, Severity};
use crate::framing::{Codec, DEFAULT_MAX_MESSAGE, Decoder, Framing};

/// What was seen of a case on its connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// What came back; the first of it, if that was very much.
    pub got: Vec<u8>,
    /// How much came back.
    pub got_len: u64,
    /// How the connection ended.
    pub end: End,
    /// How much had come back before the last piece was written.
    pub early: usize,
    /// How many messages had been written whole by then: so many replies were due.
    pub due: usize,
    /// Whether another message was sent once the reply was there, to see whether the target is in step.
    pub followed: bool,
    /// How long it took.
    pub after: Duration,
}

/// Knows what an exchange should come to.
#[derive(Debug, Clone)]
pub struct Oracle {
    expect: Option<Expect>,
    masks: Vec<Pattern>,
    unordered: bool,
    payload: Vec<u8>,
    requests: Option<Codec>,
    replies: Option<Codec>,
    limit: Option<usize>,
    in_pairs: usize,
    /// The replies to the messages in turn on one connection, blanked.
    turns: Vec<Vec<u8>>,
    /// How many bytes each has at least, before it is blanked.
    least: Vec<usize>,
    end: End,
    turns_end: End,
}

/// What blanked bytes are replaced by: no mask makes two replies alike that differ elsewhere.
pub(super) const BLANK: &[u8] = b"\0\0";

/// The most that is expected of replies that repeat themselves, which are put together from those that
/// were learned: far more than fills a target's buffers.
const MOST_EXPECTED: usize = 64 << 20;

/// How many joined replies are tried in every order where no framing tells them apart.
const PERMUTED: usize = 4;

impl Oracle {
    /// An oracle that has learned nothing yet.
    pub fn new(exchange: &Exchange) -> Oracle {
        let limit = exchange.max_message.unwrap_or(DEFAULT_MAX_MESSAGE);
        let codec = |framing: &Option<Framing>| {
            let framing = framing.clone().filter(|framing| *framing != Framing::Raw)?;
            Codec::new(framing, limit.max(DEFAULT_MAX_MESSAGE)).ok()
        };
        let requests = codec(&exchange.frame);
        let replies = match &exchange.reply_frame {
            Some(_) => codec(&exchange.reply_frame),
            None => requests.clone(),
        };
        Oracle {
            expect: exchange.expect.clone(),
            masks: exchange.masks.clone(),
            unordered: exchange.unordered,
            payload: exchange.messages.first().cloned().unwrap_or_default(),
            requests,
            replies,
            limit: exchange.max_message,
            in_pairs: exchange.messages.len().max(1),
            turns: Vec::new(),
            least: Vec::new(),
            end: End::Open,
            turns_end: End::Open,
        }
    }

    /// Learns the reply to the first message, uncut, and how the connection ended.
    pub fn learn_reply(&mut self, reply: &[u8], end: End, token: Option<&Token>) {
        self.learn(vec![self.blanked(reply, token).into_owned()]);
        self.end = end;
    }

    /// Learns the replies to several messages, each sent when the one before was answered; they are
    /// blanked already.
    pub fn learn_turns(&mut self, replies: &[Vec<u8>], end: End) {
        self.learn(replies.to_vec());
        self.turns_end = end;
    }

    fn learn(&mut self, turns: Vec<Vec<u8>>) {
        let blanks = |reply: &[u8]| match self.masks.is_empty() {
            true => 0,
            false => memchr::memmem::find_iter(reply, BLANK).count(),
        };
        self.least = turns.iter().map(|reply| reply.len() - BLANK.len() * blanks(reply)).collect();
        self.turns = turns;
    }

    /// The reply to the first message, blanked.
    pub fn reply(&self) -> Option<&Vec<u8>> {
        self.turns.first()
    }

    /// What of a reply is compared: with the token's placeholder in it, and blanked by the masks.
    pub fn blanked<'a>(&self, reply: &'a [u8], token: Option<&Token>) -> Cow<'a, [u8]> {
        let mut reply = match token {
            Some(token) => Cow::Owned(token.taken_out(reply)),
            None => Cow::Borrowed(reply),
        };
        for mask in &self.masks {
            if let Cow::Owned(blanked) = mask.replace_all(&reply, BLANK) {
                reply = Cow::Owned(blanked);
            }
        }
        reply
    }

    /// Whether the uncut reply is what was asked for.
    pub fn is_expected(&self, reply: &[u8], token: Option<&Token>) -> bool {
        match &self.expect {
            None => true,
            Some(Expect::Bytes(bytes)) => {
                let expected = self.blanked(bytes, None);
                self.blanked(reply, token) == expected
            }
            Some(Expect::Pattern(pattern)) => pattern.is_match(reply),
        }
    }

    /// Whether the reply is right where a pattern is found in it, whatever else it holds.
    pub fn expects_pattern(&self) -> bool {
        matches!(&self.expect, Some(Expect::Pattern(_)))
    }

    /// Whether a pattern is expected, and is found so often.
    fn has_found(&self, got: &[u8], count: usize) -> bool {
        let Some(Expect::Pattern(pattern)) = &self.expect else { return false };
        pattern.find_all(got).take(count).count() == count
    }

    /// Whether silence is the right answer.
    pub fn expects_silence(&self) -> bool {
        matches!(&self.expect, Some(Expect::Bytes(bytes)) if bytes.is_empty())
    }

    /// Whether all that is to come has come, so that there is nothing to wait for but too much.
    ///
    /// This is asked at each read of a reply that may be large: all but the last answers take no look at
    /// what has come, or, with masks, few do.
    pub fn is_complete(&self, case: CaseId, got: &[u8], token: Option<&Token>) -> bool {
        let Some(count) = self.messages_of(case) else { return false };
        let Some(period) = self.period(count) else { return false };
        if self.expects_pattern() {
            return self.has_found(got, count);
        }
        if got.len() < summed(&self.least[..period], count) {
            return false;
        }
        let Some(expected) = self.expected(case) else { return false };
        let got = self.blanked(got, token);
        got == expected || self.is_reordered(count, &got, &expected)
    }

    /// How many messages the script of a case has, where each is to be answered.
    fn messages_of(&self, case: CaseId) -> Option<usize> {
        match case.plan {
            Plan::Coalesce(count) | Plan::Straddle(count) => Some(count as usize),
            Plan::SlowReader => {
                let count = usize::try_from(case.at.unwrap_or(1)).ok();
                count.filter(|count| *count <= MOST_REQUESTS)
            }
            Plan::Truncate | Plan::Reset | Plan::Garbage | Plan::Oversize | Plan::Empty => None,
            _ => Some(1),
        }
    }

    /// What should come back in a case, blanked; `None` where anything may.
    pub fn expected(&self, case: CaseId) -> Option<Cow<'_, [u8]>> {
        let count = self.messages_of(case)?;
        let period = self.period(count)?;
        if count == 1 {
            return self.turns.first().map(|reply| Cow::Borrowed(&reply[..]));
        }
        Some(Cow::Owned(self.replies(period, count).collect::<Vec<_>>().concat()))
    }

    /// How many bytes come back for so many messages, where the replies repeat themselves.
    pub fn reply_bytes(&self, messages: usize) -> Option<usize> {
        let lengths: Vec<usize> = self.turns.get(..self.in_pairs)?.iter().map(Vec::len).collect();
        self.repeats().then(|| summed(&lengths, messages))
    }

    /// How many of the replies that were learned are said again and again in those to `count` messages;
    /// `None` where it is not known what comes behind those that were learned.
    fn period(&self, count: usize) -> Option<usize> {
        if count <= self.turns.len() {
            return Some(count);
        }
        self.reply_bytes(count).filter(|bytes| *bytes <= MOST_EXPECTED).map(|_| self.in_pairs)
    }

    fn replies(&self, period: usize, count: usize) -> impl Iterator<Item = &[u8]> {
        self.turns[..period].iter().cycle().take(count).map(Vec::as_slice)
    }

    /// Whether the replies to the messages, said again, are the same again.
    fn repeats(&self) -> bool {
        let pair = self.in_pairs;
        self.turns.len() >= 2 * pair
            && (pair..self.turns.len()).all(|i| self.turns[i] == self.turns[i - pair])
    }

    /// How the connection of a case should end; `None` where that is open.
    pub fn expected_end(&self, case: CaseId) -> Option<End> {
        match case.plan {
            Plan::HalfClose | Plan::Truncate | Plan::Reset => None,
            Plan::Garbage | Plan::Oversize | Plan::Empty => None,
            _ if self.messages_of(case) == Some(1) => Some(self.end),
            _ => Some(self.turns_end),
        }
    }

    /// What a case came to. `cut_off` is what of the first message was never sent.
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

    /// Whether the reply to the first message and the one to the next are both right.
    pub fn is_in_step(&self, got: &[u8], token: Option<&Token>) -> bool {
        if self.expects_pattern() {
            return self.has_found(got, 1);
        }
        let enough = self.turns.len() > 1 && got.len() >= summed(&self.least[..2], 2);
        enough && *self.blanked(got, token) == self.in_step()
    }

    /// The replies to the first message and the next.
    pub fn in_step(&self) -> Vec<u8> {
        self.turns[..self.turns.len().min(2)].concat()
    }

    /// Whether another message is to follow the first, to see whether the target is in step.
    pub fn follows(&self, case: CaseId) -> bool {
        let alone =
            matches!(case.plan, Plan::Split | Plan::Drip | Plan::Chunks(_) | Plan::Random(_));
        alone && self.turns.len() > 1 && !self.expects_silence()
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

    /// Whether these are the right replies, in another order.
    fn is_reordered(&self, count: usize, got: &[u8], expected: &[u8]) -> bool {
        if count < 2 || got.len() != expected.len() {
            return false;
        }
        if let Some(codec) = &self.replies {
            let sorted = |bytes: &[u8]| {
                let mut messages = messages(codec, bytes)?;
                messages.sort();
                Some(messages)
            };
            return sorted(got).is_some_and(|got| Some(got) == sorted(expected));
        }
        count <= PERMUTED.min(self.turns.len()) && permuted(&self.turns[..count], got)
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
            _ if Some(size) == limit.checked_add(1) && answered => {
                // An echo of all of it, or the same answer as to any other message.
                let echo = seen.got_len > limit;
                let same = success.is_some_and(|success| success == got);
                if echo || same { Outcome::Accepted } else { Outcome::Same }
            }
            _ => Outcome::Same,
        }
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

/// What `count` of `sizes` come to, taken again and again.
fn summed(sizes: &[usize], count: usize) -> usize {
    let (Some(rounds), Some(rest)) =
        (count.checked_div(sizes.len()), count.checked_rem(sizes.len()))
    else {
        return 0;
    };
    let sum = |sizes: &[usize]| sizes.iter().fold(0, |sum: usize, size| sum.saturating_add(*size));
    sum(sizes).saturating_mul(rounds).saturating_add(sum(&sizes[..rest]))
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

/// The messages in `bytes`, if they are whole.
fn messages(codec: &Codec, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut decoder: Decoder = codec.decoder();
    let mut rest = bytes;
    let mut messages = Vec::new();
    while let Some(frame) = decoder.decode(rest).ok()? {
        messages.push(frame.payload.to_vec());
        rest = &rest[frame.wire.len()..];
    }
    rest.is_empty().then_some(messages)
}

/// Whether `got` is `parts` in some order.
fn permuted(parts: &[Vec<u8>], got: &[u8]) -> bool {
    if parts.is_empty() {
        return got.is_empty();
    }
    (0..parts.len()).any(|first| {
        let Some(rest) = got.strip_prefix(&parts[first][..]) else { return false };
        let mut others = parts.to_vec();
        others.remove(first);
        permuted(&others, rest)
    })
}
