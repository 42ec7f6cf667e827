//! The oracle: what a case should have come to, and what it means if it did not.

mod judge;
mod replies;

use std::borrow::Cow;
use std::time::Duration;

pub use judge::severity;
use replies::{is_cut, summed};

use super::script::MOST_REQUESTS;
use super::token::Token;
use super::{CaseId, End, Exchange, Expect, Pattern, Plan};
use crate::framing::{Codec, DEFAULT_MAX_MESSAGE, Framing};

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
    /// Whether it never ended.
    pub endless: bool,
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
    /// The first none, one, two … of them joined, and then blanked.
    joined: Vec<Vec<u8>>,
    /// How many bytes each has at least, before it is blanked.
    least: Vec<usize>,
    end: End,
    turns_end: End,
}

/// What blanked bytes are replaced by: no mask makes two replies alike that differ elsewhere.
pub(super) const BLANK: &[u8] = b"\0\0";

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
            joined: Vec::new(),
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

    /// Learns the replies to several messages, each sent when the one before was answered; the token's
    /// placeholder is in them already.
    pub fn learn_turns(&mut self, replies: &[Vec<u8>], end: End) {
        self.learn(replies.iter().map(|reply| self.blanked(reply, None).into_owned()).collect());
        // A mask may reach over the seam of two replies, as one of digits does between two numbers.
        let joined = |count: usize| self.blanked(&replies[..count].concat(), None).into_owned();
        self.joined = (0..=replies.len()).map(joined).collect();
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

    /// Whether an answer of which nothing is known may be whole: it has no message of which a part is
    /// missing, and what was asked for.
    pub fn may_be_whole(&self, got: &[u8], token: Option<&Token>) -> bool {
        let whole = self.replies.as_ref().is_none_or(|codec| !is_cut(codec, got));
        whole && self.is_expected(got, token)
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
        if let Some(joined) = self.joined.get(count) {
            return Some(Cow::Borrowed(joined));
        }
        Some(Cow::Owned(self.replies(period, count).collect::<Vec<_>>().concat()))
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

    /// Whether the reply to the first message and the one to the next are both right.
    pub fn is_in_step(&self, got: &[u8], token: Option<&Token>) -> bool {
        if self.expects_pattern() {
            return self.has_found(got, 1);
        }
        let enough = self.turns.len() > 1 && got.len() >= summed(&self.least[..2], 2);
        enough && *self.blanked(got, token) == *self.in_step()
    }

    /// The replies to the first message and the next.
    pub fn in_step(&self) -> &[u8] {
        self.joined.get(2).map_or(&[], Vec::as_slice)
    }

    /// Whether another message is to follow the first, to see whether the target is in step.
    pub fn follows(&self, case: CaseId) -> bool {
        let alone =
            matches!(case.plan, Plan::Split | Plan::Drip | Plan::Chunks(_) | Plan::Random(_));
        alone && self.turns.len() > 1 && !self.expects_silence()
    }
}
