//! Cases as data: an exchange written down in TOML, as the files in `cases/` are.

mod written;

use std::str::FromStr;

use toml::Spanned;

use super::exchange::{Exchange, ExchangeError, Expect, Step};
use super::{Pattern, Plan};
use crate::escape::Printable;
use crate::framing::Framing;
use written::{Written, WrittenStep, unhex};

/// An exchange as a file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// The exchange itself.
    pub exchange: Exchange,
    /// What it is about, in a line or a few.
    pub about: Option<String>,
    /// The port at which such a target listens unless told otherwise.
    pub port: Option<u16>,
    /// How to start a target for it, with `{port}` where the port stands.
    pub start: Option<String>,
}

/// Why a text is no case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct SuiteError {
    line: usize,
    problem: String,
}

impl SuiteError {
    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

/// Gets the bytes of a file that a case names by a relative path, or says why not.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

impl CaseFile {
    /// Reads a case from the text of its file. What it names with `send_file` is got by `read_file`.
    ///
    /// # Errors
    /// TOML that is none, unknown fields, values that mean nothing, with the line.
    pub fn parse(text: &str, read_file: ReadFile<'_>) -> Result<CaseFile, SuiteError> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            at(text, start, in_one_line(error.message()))
        })?;
        Reading { text, read_file }.case(written)
    }
}

/// The place in the text of each part that the whole may be blamed on.
struct Places {
    messages: Vec<usize>,
    framing: usize,
    max_message: usize,
    masks: usize,
    token: usize,
    plans: usize,
}

struct Reading<'a> {
    text: &'a str,
    read_file: ReadFile<'a>,
}

type Field<'a> = (&'static str, &'a Option<Spanned<String>>);

impl Reading<'_> {
    fn case(&self, written: Written) -> Result<CaseFile, SuiteError> {
        let port = written.port.as_ref();
        if let Some(zero) = port.filter(|port| *port.as_ref() == 0) {
            return Err(self.refused("port", zero, "it is 1 to 65535"));
        }
        let (messages, places) = self.messages(&written)?;
        let exchange = Exchange {
            frame: self.parsed::<Framing>("frame", &written.frame)?,
            reply_frame: self.parsed::<Framing>("reply_frame", &written.reply_frame)?,
            max_message: written.max_message.map(Spanned::into_inner),
            greeting: self.parsed("greeting", &written.greeting)?,
            before: written.before.iter().map(|step| self.step(step)).collect::<Result<_, _>>()?,
            messages,
            expect: self.expect(&written.expect, &written.expect_hex, &written.expect_regex)?,
            masks: self.each::<Pattern>("masks", &written.masks)?,
            token: written.token.map(|token| token.into_inner().into_bytes()),
            unordered: written.unordered,
            pipelining: written.pipelining.unwrap_or(true),
            plans: match &written.plans {
                Some(plans) => Some(self.each::<Plan>("plans", plans.as_ref())?),
                None => None,
            },
            name: Some(written.name),
        };
        exchange.verify().map_err(|error| self.blamed(&error, &places))?;
        let port = written.port.map(Spanned::into_inner);
        Ok(CaseFile { exchange, about: written.about, port, start: written.start })
    }

    fn messages(&self, written: &Written) -> Result<(Vec<Vec<u8>>, Places), SuiteError> {
        let first = self.bytes([
            ("send", &written.send),
            ("send_hex", &written.send_hex),
            ("send_file", &written.send_file),
        ])?;
        let first = first.ok_or_else(|| {
            at(self.text, 0, "nothing is sent: send, send_hex or send_file is missing".into())
        })?;
        let second = self.bytes([
            ("then", &written.then),
            ("then_hex", &written.then_hex),
            ("then_file", &written.then_file),
        ])?;
        let (messages, starts) = [Some(first), second].into_iter().flatten().unzip();
        let framing = written.reply_frame.as_ref().or(written.frame.as_ref());
        let places = Places {
            messages: starts,
            framing: framing.map_or(0, start),
            max_message: written.max_message.as_ref().map_or(0, start),
            masks: written.masks.first().map_or(0, start),
            token: written.token.as_ref().map_or(0, start),
            plans: written.plans.as_ref().map_or(0, start),
        };
        Ok((messages, places))
    }

    fn step(&self, step: &Spanned<WrittenStep>) -> Result<Step, SuiteError> {
        let WrittenStep { send, send_hex, send_file, until } = step.as_ref();
        let fields = [("send", send), ("send_hex", send_hex), ("send_file", send_file)];
        let sent = self.bytes(fields)?.filter(|(sent, _)| !sent.is_empty());
        let missing = "it sends nothing: send, send_hex or send_file is missing or empty";
        let (send, _) = sent.ok_or_else(|| self.refused("before", step, missing))?;
        Ok(Step { send, until: self.parsed("until", until)? })
    }

    /// The bytes that one of three fields stands for, and where it stands.
    fn bytes(&self, fields: [Field<'_>; 3]) -> Result<Option<(Vec<u8>, usize)>, SuiteError> {
        let [text, hex, file] = fields;
        self.only_one(fields)?;
        if let Some(value) = text.1 {
            Ok(Some((value.as_ref().clone().into_bytes(), start(value))))
        } else if let Some(value) = hex.1 {
            Ok(Some((self.hex(hex.0, value)?, start(value))))
        } else if let Some(value) = file.1 {
            let bytes = self.file(file.0, value)?;
            Ok(Some((bytes, start(value))))
        } else {
            Ok(None)
        }
    }

    fn expect(
        &self,
        text: &Option<Spanned<String>>,
        hex: &Option<Spanned<String>>,
        regex: &Option<Spanned<String>>,
    ) -> Result<Option<Expect>, SuiteError> {
        self.only_one([("expect", text), ("expect_hex", hex), ("expect_regex", regex)])?;
        if let Some(value) = text {
            return Ok(Some(Expect::Bytes(value.as_ref().clone().into_bytes())));
        }
        if let Some(value) = hex {
            return Ok(Some(Expect::Bytes(self.hex("expect_hex", value)?)));
        }
        Ok(self.parsed("expect_regex", regex)?.map(Expect::Pattern))
    }

    /// Fails where two fields that say the same thing in two ways are both there.
    fn only_one(&self, fields: [Field<'_>; 3]) -> Result<(), SuiteError> {
        let mut there = fields.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        match (there.next(), there.next()) {
            (Some((first, _)), Some((second, value))) => Err(self.refused(
                second,
                value,
                &format!("`{first}` is there already: one is enough"),
            )),
            _ => Ok(()),
        }
    }

    fn hex(&self, name: &str, value: &Spanned<String>) -> Result<Vec<u8>, SuiteError> {
        unhex(value.as_ref()).map_err(|problem| self.refused(name, value, &problem))
    }

    fn file(&self, name: &str, value: &Spanned<String>) -> Result<Vec<u8>, SuiteError> {
        let path = value.as_ref();
        (self.read_file)(path).map_err(|problem| {
            self.refused(name, value, &format!("`{}`: {}", printable(path), printable(&problem)))
        })
    }

    fn parsed<T>(
        &self,
        name: &str,
        value: &Option<Spanned<String>>,
    ) -> Result<Option<T>, SuiteError>
    where
        T: FromStr<Err: ToString>,
    {
        let Some(value) = value else { return Ok(None) };
        self.one(name, value).map(Some)
    }

    fn each<T>(&self, name: &str, values: &[Spanned<String>]) -> Result<Vec<T>, SuiteError>
    where
        T: FromStr<Err: ToString>,
    {
        values.iter().map(|value| self.one(name, value)).collect()
    }

    fn one<T>(&self, name: &str, value: &Spanned<String>) -> Result<T, SuiteError>
    where
        T: FromStr<Err: ToString>,
    {
        value
            .as_ref()
            .parse()
            .map_err(|error: T::Err| self.refused(name, value, &error.to_string()))
    }

    fn refused<T>(&self, name: &str, value: &Spanned<T>, problem: &str) -> SuiteError {
        at(self.text, start(value), format!("{name}: {problem}"))
    }

    fn blamed(&self, error: &ExchangeError, places: &Places) -> SuiteError {
        let of_message = |message: usize| {
            let name = if message == 0 { "send: " } else { "then: " };
            (places.messages.get(message).copied().unwrap_or(0), name)
        };
        let (place, name) = match error {
            ExchangeError::Empty { message } | ExchangeError::Unframed { message, .. } => {
                of_message(*message)
            }
            ExchangeError::Codec(_) => (places.framing, "frame: "),
            ExchangeError::LimitWithoutFraming => (places.max_message, "max_message: "),
            ExchangeError::ShortToken { .. } | ExchangeError::UnusedToken => {
                (places.token, "token: ")
            }
            ExchangeError::EmptyMask(_) => (places.masks, "masks: "),
            ExchangeError::NoPlans => (places.plans, "plans: "),
            ExchangeError::NoMessage | ExchangeError::TooMany { .. } => (0, ""),
        };
        at(self.text, place, format!("{name}{error}"))
    }
}

fn start<T>(value: &Spanned<T>) -> usize {
    value.span().start
}

fn at(text: &str, offset: usize, problem: String) -> SuiteError {
    let before = &text.as_bytes()[..offset.min(text.len())];
    SuiteError { line: 1 + memchr::memchr_iter(b'\n', before).count(), problem: clipped(problem) }
}

fn printable(text: &str) -> Printable<'_> {
    Printable(text.as_bytes())
}

/// The longest problem that is shown, in characters: what is found may be as long as the file.
const LONGEST: usize = 500;

fn clipped(mut problem: String) -> String {
    if let Some((cut, _)) = problem.char_indices().nth(LONGEST) {
        problem.truncate(cut);
        problem.push('…');
    }
    problem
}

/// What the TOML parser says, without line ends and without what a terminal would obey.
fn in_one_line(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    let line = printable(&words.join(" ")).to_string();
    line.replace(", expected one of ", ": known are ").replace("missing field", "there is no field")
}

#[cfg(test)]
mod tests;
