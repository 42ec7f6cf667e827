//! Services: what a server answers to a message, and when the conversation is over.
//!
//! A [`Service`] looks at one message at a time and keeps no state; a [`Dialogue`] adds the rules that
//! every service shares: what is said on connecting, and what ends a session.

mod chargen;
mod spec;
mod time;

use bytes::Bytes;
use jiff::Zoned;

pub use chargen::Chargen;
pub use spec::ParseServiceError;
pub use time::DEFAULT_FORMAT;

/// What a server answers to a message. Parses from, and prints to, its string on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// `echo`: the message itself.
    Echo,
    /// `upper`: the message with ASCII letters in upper case, all other bytes as they are.
    Upper,
    /// `reply:TEXT`: the same answer to every message.
    Reply(Bytes),
    /// `time`: the message is a strftime format, empty for [`DEFAULT_FORMAT`]; the answer is the
    /// local time in it.
    Time,
    /// `discard`: no answer (RFC 863).
    Discard,
    /// `chargen`: a pattern of characters without end, whatever comes in (RFC 864).
    Chargen,
    /// `chat`: a person, or a program, types the answers.
    Chat,
    /// `room`: every message goes to everyone else.
    Room,
}

/// What is to be done about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Send the message back as it is.
    Same,
    /// Send these bytes back.
    Bytes(&'a [u8]),
    /// Send nothing.
    Nothing,
    /// Show it to the operator, who answers in time.
    Operator,
    /// Send it to every other session.
    EveryoneElse,
}

impl Service {
    /// The answer to `message`. `now` is called only where the service tells the time; `scratch` is
    /// memory that the answer may stand in.
    pub fn answer<'a>(
        &'a self,
        message: &[u8],
        now: impl FnOnce() -> Zoned,
        scratch: &'a mut Vec<u8>,
    ) -> Answer<'a> {
        match self {
            Service::Echo => Answer::Same,
            Service::Reply(text) => Answer::Bytes(text),
            Service::Upper => {
                scratch.clear();
                scratch.extend_from_slice(message);
                scratch.make_ascii_uppercase();
                Answer::Bytes(scratch)
            }
            Service::Time => {
                time::format(message, &now(), scratch);
                Answer::Bytes(scratch)
            }
            Service::Discard | Service::Chargen => Answer::Nothing,
            Service::Chat => Answer::Operator,
            Service::Room => Answer::EveryoneElse,
        }
    }

    /// Whether something other than the session's own messages makes it send: the operator, or the
    /// other sessions.
    pub fn has_mailbox(&self) -> bool {
        matches!(self, Service::Chat | Service::Room)
    }
}

/// A service with the rules around it: what is said on connecting, and what ends a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialogue {
    /// What is answered to a message.
    pub service: Service,
    /// Said to each peer on connecting.
    pub greet: Option<Bytes>,
    /// The message that ends a session, whichever side says it. It is still answered.
    pub end: Option<Bytes>,
    /// Whether a session ends after its first reply.
    pub one_shot: bool,
}

/// Rules that contradict the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{service}` cannot be one-shot: it gives no reply to its own message, after which to close"
)]
pub struct DialogueError {
    service: Service,
}

impl Dialogue {
    /// A service without further rules.
    pub fn new(service: Service) -> Self {
        Dialogue { service, greet: None, end: None, one_shot: false }
    }

    /// Whether the rules fit the service.
    ///
    /// # Errors
    /// One-shot, for a service that never replies to a message.
    pub fn check(&self) -> Result<(), DialogueError> {
        match self.service {
            Service::Discard | Service::Chargen | Service::Room if self.one_shot => {
                Err(DialogueError { service: self.service.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Whether `message` ends the session. A line end behind it does not count: people who type it
    /// into a raw stream send one, programs do not.
    pub fn is_end(&self, message: &[u8]) -> bool {
        self.end.as_deref().is_some_and(|end| is_end(end, message))
    }
}

/// Whether `message` says `end`, up to a line end behind it.
pub fn is_end(end: &[u8], message: &[u8]) -> bool {
    without_line_end(message) == without_line_end(end)
}

fn without_line_end(message: &[u8]) -> &[u8] {
    let line = message.strip_suffix(b"\n").unwrap_or(message);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(service: &str, message: &[u8]) -> Vec<u8> {
        let service: Service = service.parse().unwrap();
        let now = || {
            jiff::civil::date(2026, 11, 20)
                .at(11, 22, 33, 0)
                .to_zoned(jiff::tz::TimeZone::UTC)
                .unwrap()
        };
        match service.answer(message, now, &mut Vec::new()) {
            Answer::Bytes(bytes) => bytes.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn upper_changes_ascii_letters_only() {
        assert_eq!(answer("upper", "aé中文z\n".as_bytes()), "Aé中文Z\n".as_bytes());
        assert_eq!(answer("upper", b"\xff\0b"), b"\xff\0B");
    }

    #[test]
    fn time_takes_a_format_and_empty_means_the_default() {
        assert_eq!(answer("time", b""), b"2026-11-20-11:22:33");
        assert_eq!(answer("time", b"%H:%M"), b"11:22");
        assert_eq!(answer("time", "年%Y".as_bytes()), "年2026".as_bytes());
    }

    #[test]
    fn a_format_that_means_nothing_is_handed_back() {
        assert_eq!(answer("time", b"%& %H"), b"%& 11");
        assert_eq!(answer("time", b"100%"), b"100%");
        assert_eq!(answer("time", b"\xff%H"), "\u{fffd}11".as_bytes());
    }

    #[test]
    fn a_format_is_not_a_way_to_make_the_server_write_without_bound() {
        assert_eq!(answer("time", b"%999999999Y"), b"%999999999Y", "too wide to mean anything");
        let hostile = b"%c".repeat(1 << 19);
        assert!(
            answer("time", &hostile) == hostile,
            "it is handed back, not made twelve times longer"
        );
    }

    #[test]
    fn the_end_is_compared_without_its_line_end() {
        let dialogue = Dialogue { end: Some("bye".into()), ..Dialogue::new(Service::Echo) };
        for message in [&b"bye"[..], b"bye\n", b"bye\r\n"] {
            assert!(dialogue.is_end(message));
        }
        for message in [&b"by"[..], b"bye ", b"bye\n\n", b""] {
            assert!(!dialogue.is_end(message), "{message:?}");
        }
        assert!(!Dialogue::new(Service::Echo).is_end(b""));
    }

    #[test]
    fn one_shot_needs_a_reply_to_close_after() {
        let one_shot = |service| Dialogue { one_shot: true, ..Dialogue::new(service) }.check();
        assert!(one_shot(Service::Chat).is_ok());
        for service in [Service::Discard, Service::Chargen, Service::Room] {
            assert!(one_shot(service).is_err());
        }
    }
}
