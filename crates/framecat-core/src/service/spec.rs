//! The strings that stand for services on the command line.

use std::fmt;
use std::str::FromStr;

use super::Service;
use crate::escape::{Escaped, unescape};

/// A text that names no service: what was found, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a service: {problem}", Escaped(text.as_bytes()))]
pub struct ParseServiceError {
    text: String,
    problem: String,
}

impl FromStr for Service {
    type Err = ParseServiceError;

    fn from_str(text: &str) -> Result<Self, ParseServiceError> {
        parse(text).map_err(|problem| ParseServiceError { text: text.into(), problem })
    }
}

fn parse(text: &str) -> Result<Service, String> {
    match text {
        "echo" => Ok(Service::Echo),
        "upper" => Ok(Service::Upper),
        "time" => Ok(Service::Time),
        "discard" => Ok(Service::Discard),
        "chargen" => Ok(Service::Chargen),
        "chat" => Ok(Service::Chat),
        "room" => Ok(Service::Room),
        "reply" => Err("it needs a text, as in reply:hello".into()),
        _ => match text.strip_prefix("reply:") {
            Some(reply) => unescape(reply)
                .map(|bytes| Service::Reply(bytes.into()))
                .map_err(|error| error.to_string()),
            None => {
                Err("known are echo, upper, reply:TEXT, time, discard, chargen, chat, room".into())
            }
        },
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::Echo => "echo",
            Service::Upper => "upper",
            Service::Time => "time",
            Service::Discard => "discard",
            Service::Chargen => "chargen",
            Service::Chat => "chat",
            Service::Room => "room",
            Service::Reply(text) => return write!(f, "reply:{}", Escaped(text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_prints_what_it_parses_from() {
        for text in [
            "echo",
            "upper",
            "time",
            "discard",
            "chargen",
            "chat",
            "room",
            "reply:",
            "reply:a:b\\n",
        ] {
            assert_eq!(text.parse::<Service>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (text, hint) in
            [("ehco", "known are echo"), ("reply", "needs a text"), ("reply:\\q", "unknown escape")]
        {
            let error = text.parse::<Service>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
