//! The messages of an exchange in their framing, and which plans make sense of them.

use crate::check::{Exchange, ExchangeError, Plan};
use crate::framing::{Codec, Framing};

/// The streams of an exchange: its messages in their framing.
#[derive(Debug, Clone)]
pub struct Streams {
    pub(super) messages: Vec<Vec<u8>>,
    pub(super) codec: Option<Codec>,
    pub(super) limit: Option<usize>,
    pub(super) pipelining: bool,
}

/// The most messages that a slow reader asks for: shorter replies fill no buffer in reasonable time.
pub const MOST_REQUESTS: usize = 64 * 1024;

/// The most that a slow reader writes, unless its one request is longer: a check needs little memory
/// itself, also where large requests have small replies.
const MOST_WRITTEN: usize = 16 << 20;

impl Streams {
    /// The messages of `exchange` in its framing.
    ///
    /// # Errors
    /// An exchange that makes no sense.
    pub fn of(exchange: &Exchange) -> Result<Streams, ExchangeError> {
        exchange.verify()?;
        let codec = exchange.codec()?;
        let mut messages = Vec::new();
        for (message, payload) in exchange.messages.iter().enumerate() {
            let mut wire = Vec::new();
            match &codec {
                Some(codec) => codec.encode(payload, &mut wire).map_err(|source| {
                    let framing = codec.framing().clone();
                    ExchangeError::Unframed { message, framing, source }
                })?,
                None => wire.extend_from_slice(payload),
            }
            if wire.is_empty() {
                return Err(ExchangeError::Empty { message });
            }
            messages.push(wire);
        }
        let (limit, pipelining) = (exchange.max_message, exchange.pipelining);
        Ok(Streams { messages, codec, limit, pipelining })
    }

    /// The messages on the wire: one, or two where the exchange is a pair.
    pub fn messages(&self) -> &[Vec<u8>] {
        &self.messages
    }

    /// The first message.
    pub fn request(&self) -> &[u8] {
        &self.messages[0]
    }

    /// `count` messages in turn.
    pub fn sequence(&self, count: usize) -> impl Iterator<Item = &[u8]> {
        self.messages.iter().map(Vec::as_slice).cycle().take(count)
    }

    /// How many messages are whole in the first `len` bytes of what a plan of joined messages writes.
    pub fn whole_within(&self, len: usize) -> usize {
        let mut rest = len;
        let whole = |message: &&Vec<u8>| match rest.checked_sub(message.len()) {
            Some(left) => {
                rest = left;
                true
            }
            None => false,
        };
        self.messages.iter().cycle().take_while(whole).count()
    }

    pub(super) fn joined(&self, count: usize) -> Vec<u8> {
        self.sequence(count).collect::<Vec<_>>().concat()
    }

    /// Whether a slow reader may ask for so many messages.
    pub(super) fn may_ask_for(&self, count: u64) -> bool {
        let longest = self.messages.iter().map(Vec::len).max().unwrap_or(0) as u64;
        let fits = || count.saturating_mul(longest) <= MOST_WRITTEN as u64;
        count == 1 || ((2..=MOST_REQUESTS as u64).contains(&count) && fits())
    }

    pub(super) fn framing(&self) -> Option<&Framing> {
        self.codec.as_ref().map(Codec::framing)
    }

    pub(super) fn empty_message(&self) -> Option<Vec<u8>> {
        let mut wire = Vec::new();
        self.codec.as_ref()?.encode(b"", &mut wire).ok()?;
        (!wire.is_empty()).then_some(wire)
    }

    /// Whether the target says that it does not take several messages at once.
    pub fn is_in_turns(&self) -> bool {
        !self.pipelining
    }

    /// Why a plan makes no sense here, whatever the target does.
    pub fn senseless(&self, plan: Plan) -> Option<&'static str> {
        let raw = self.framing() == Some(&Framing::Raw);
        let cuts = matches!(
            plan,
            Plan::Split | Plan::Drip | Plan::Chunks(_) | Plan::Random(_) | Plan::Truncate
        );
        let joins = matches!(plan, Plan::Coalesce(_) | Plan::Straddle(_));
        match plan {
            _ if raw && (cuts || joins) => Some("raw has no messages: each read is one"),
            Plan::Chunks(size) if size as usize >= self.request().len() => {
                Some("the request is no longer than a chunk")
            }
            _ if cuts && self.request().len() < 2 => Some("a request of one byte has no seam"),
            Plan::Empty | Plan::Oversize | Plan::Garbage if raw || self.codec.is_none() => {
                Some("without --frame nothing says what a message is")
            }
            Plan::Empty if self.empty_message().is_none() => {
                Some("the framing carries no empty message")
            }
            Plan::Oversize if self.oversizes().is_empty() => {
                Some("every length that the framing can say is within the limit")
            }
            _ => None,
        }
    }
}
