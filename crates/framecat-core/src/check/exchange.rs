//! Exchanges: what is sent to a target, and what must come back.

use super::{Pattern, Plan};
use crate::framing::{Codec, CodecError, DEFAULT_MAX_MESSAGE, EncodeError, Framing};

/// What is sent to a target, and what must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What it is called.
    pub name: Option<String>,
    /// The framing that the messages get; without one they are sent as they are.
    pub frame: Option<Framing>,
    /// The framing of the replies where it is another.
    pub reply_frame: Option<Framing>,
    /// The target's limit on a message's payload, in bytes.
    pub max_message: Option<usize>,
    /// What the target says first.
    pub greeting: Option<Pattern>,
    /// What comes before the exchange, a login say. These parts of the connection are never cut.
    pub before: Vec<Step>,
    /// One message, or the two of a pair: payloads where there is a framing.
    pub messages: Vec<Vec<u8>>,
    /// What the reply must be; otherwise it is learned.
    pub expect: Option<Expect>,
    /// What in a reply may change.
    pub masks: Vec<Pattern>,
    /// A placeholder in what is sent: each connection has a value of its own, of the same width.
    pub token: Option<Vec<u8>>,
    /// Replies to joined requests may come in any order.
    pub unordered: bool,
    /// The target takes several requests at once.
    pub pipelining: bool,
    /// The plans that are run; otherwise all that make sense.
    pub plans: Option<Vec<Plan>>,
}

/// Something that is sent before the exchange, and waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is sent: bytes as they are, whatever the framing of the exchange.
    pub send: Vec<u8>,
    /// What the answer holds when it is whole; without it, any answer, and then silence.
    pub until: Option<Pattern>,
}

/// What a reply must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// These bytes, as they come from the target.
    Bytes(Vec<u8>),
    /// Something that this is found in.
    Pattern(Pattern),
}

/// Why an exchange makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// There is nothing to send.
    #[error("there is nothing to send")]
    NoMessage,
    /// There are more messages than a pair.
    #[error("{count} messages are too many: a second one makes a pair, and there is no third")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// A message without a byte, and no framing that would make bytes of it.
    #[error("an empty message without a framing is nothing to send")]
    Empty {
        /// Which of the messages, counted from 0.
        message: usize,
    },
    /// The framing cannot carry a message.
    #[error("the framing `{framing}` cannot carry it: {source}")]
    Unframed {
        /// Which of the messages, counted from 0.
        message: usize,
        /// The framing.
        framing: Framing,
        /// Why not.
        source: EncodeError,
    },
    /// The framing and the limit contradict each other.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A limit on messages, but no messages.
    #[error("a limit on messages needs a framing, which says where they end")]
    LimitWithoutFraming,
    /// A placeholder too short to have a value of its own on each connection.
    #[error(
        "a token of {len} B is too short for a value of its own on each connection: it needs {}",
        Exchange::SHORTEST_TOKEN
    )]
    ShortToken {
        /// Its width.
        len: usize,
    },
    /// A placeholder that stands nowhere.
    #[error("the token stands nowhere in what is sent")]
    UnusedToken,
    /// A mask that would blank what is not there.
    #[error("the mask `{0}` fits nothing at all, between any two bytes: make it fit what changes")]
    EmptyMask(Pattern),
    /// An empty choice of plans.
    #[error("an empty list of plans would check nothing")]
    NoPlans,
}

impl Default for Exchange {
    /// Nothing to send, to a target that takes several requests at once.
    fn default() -> Exchange {
        Exchange {
            name: None,
            frame: None,
            reply_frame: None,
            max_message: None,
            greeting: None,
            before: Vec::new(),
            messages: Vec::new(),
            expect: None,
            masks: Vec::new(),
            token: None,
            unordered: false,
            pipelining: true,
            plans: None,
        }
    }
}

impl Exchange {
    /// The width of the shortest token: of its letters the first stands fast, and 36³ values outlast the
    /// connections of most runs that use one.
    pub const SHORTEST_TOKEN: usize = 4;

    /// How the messages are framed, if they are.
    ///
    /// # Errors
    /// A framing that contradicts the limit.
    pub fn codec(&self) -> Result<Option<Codec>, CodecError> {
        self.codec_of(self.frame.as_ref())
    }

    /// How the replies are framed, if they are: as the messages, unless they have a framing of their
    /// own.
    ///
    /// # Errors
    /// A framing that contradicts the limit.
    pub fn reply_codec(&self) -> Result<Option<Codec>, CodecError> {
        self.codec_of(self.reply_frame.as_ref().or(self.frame.as_ref()))
    }

    fn codec_of(&self, framing: Option<&Framing>) -> Result<Option<Codec>, CodecError> {
        let limit = self.max_message.unwrap_or(DEFAULT_MAX_MESSAGE);
        framing.map(|framing| Codec::new(framing.clone(), limit)).transpose()
    }

    /// Whether it makes sense, as far as that can be known without a target.
    ///
    /// # Errors
    /// The first reason why it does not.
    pub fn verify(&self) -> Result<(), ExchangeError> {
        self.verify_messages()?;
        self.reply_codec()?;
        if self.max_message.is_some() && self.frame.is_none() && self.reply_frame.is_none() {
            return Err(ExchangeError::LimitWithoutFraming);
        }
        if let Some(token) = &self.token {
            if token.len() < Self::SHORTEST_TOKEN {
                return Err(ExchangeError::ShortToken { len: token.len() });
            }
            let sent = self.before.iter().map(|step| &step.send).chain(&self.messages);
            if !sent.into_iter().any(|sent| memchr::memmem::find(sent, token).is_some()) {
                return Err(ExchangeError::UnusedToken);
            }
        }
        if let Some(mask) = self.masks.iter().find(|mask| mask.is_match(b"")) {
            return Err(ExchangeError::EmptyMask(mask.clone()));
        }
        match &self.plans {
            Some(plans) if plans.is_empty() => Err(ExchangeError::NoPlans),
            _ => Ok(()),
        }
    }

    fn verify_messages(&self) -> Result<(), ExchangeError> {
        match self.messages.len() {
            0 => return Err(ExchangeError::NoMessage),
            1 | 2 => {}
            count => return Err(ExchangeError::TooMany { count }),
        }
        let codec = self.codec()?;
        for (at, message) in self.messages.iter().enumerate() {
            match &codec {
                None if message.is_empty() => return Err(ExchangeError::Empty { message: at }),
                None => {}
                Some(codec) => codec.encode(message, &mut Vec::new()).map_err(|source| {
                    let framing = codec.framing().clone();
                    ExchangeError::Unframed { message: at, framing, source }
                })?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(messages: &[&[u8]]) -> Exchange {
        let messages = messages.iter().map(|message| message.to_vec()).collect();
        Exchange { messages, ..Exchange::default() }
    }

    fn framed(framing: &str, message: &[u8]) -> Exchange {
        Exchange { frame: Some(framing.parse().unwrap()), ..of(&[message]) }
    }

    #[test]
    fn what_makes_sense_is_accepted() {
        for exchange in [
            of(&[b"PING\r\n"]),
            of(&[b"PING\r\n", b"ECHO hi\r\n"]),
            framed("u32be", b""),
            Exchange { max_message: Some(64), ..framed("u32be", b"hello") },
            Exchange { token: Some(b"NICK".to_vec()), ..of(&[b"NICK NICK"]) },
        ] {
            assert_eq!(exchange.verify(), Ok(()));
        }
    }

    #[test]
    fn what_makes_none_says_why() {
        let token = |token: &[u8]| Exchange { token: Some(token.to_vec()), ..of(&[b"NICK a"]) };
        for (exchange, why) in [
            (of(&[]), "there is nothing to send"),
            (
                of(&[b"a", b"b", b"c"]),
                "3 messages are too many: a second one makes a pair, and there is no third",
            ),
            (of(&[b"a", b""]), "an empty message without a framing is nothing to send"),
            (
                Exchange { max_message: Some(2), ..of(&[b"a"]) },
                "a limit on messages needs a framing, which says where they end",
            ),
            (
                Exchange { max_message: Some(0), ..framed("line", b"") },
                "`line` cannot be used with a limit of 0 B a message: it needs 1",
            ),
            (
                token(b"abc"),
                "a token of 3 B is too short for a value of its own on each connection: it needs 4",
            ),
            (token(b"abcd"), "the token stands nowhere in what is sent"),
            (
                Exchange { plans: Some(Vec::new()), ..of(&[b"a"]) },
                "an empty list of plans would check nothing",
            ),
        ] {
            assert_eq!(exchange.verify().unwrap_err().to_string(), why);
        }
        let error = framed("crlf", b"a\r\nb").verify().unwrap_err().to_string();
        assert!(error.starts_with("the framing `crlf` cannot carry it: "), "{error}");
        let error = Exchange { max_message: Some(2), ..framed("line", b"abc") }.verify();
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("the framing `line` cannot carry it: "), "{error}");
    }

    #[test]
    fn replies_are_framed_as_the_messages_unless_they_have_a_framing_of_their_own() {
        let exchange = framed("header:64", b"hello");
        assert_eq!(exchange.reply_codec(), exchange.codec());
        let exchange = Exchange { reply_frame: Some(Framing::Raw), ..exchange };
        assert_eq!(exchange.reply_codec().unwrap().unwrap().framing(), &Framing::Raw);
        assert_eq!(of(&[b"a"]).reply_codec(), Ok(None));
    }

    #[test]
    fn a_token_may_stand_in_a_step_only() {
        let step = Step { send: b"NICK abcd\r\n".to_vec(), until: None };
        let token = Some(b"abcd".to_vec());
        assert_eq!(Exchange { before: vec![step], token, ..of(&[b"PING"]) }.verify(), Ok(()));
    }
}
