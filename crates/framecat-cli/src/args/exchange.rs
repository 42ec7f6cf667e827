//! What is said in a check, and what must come back: the flags, and the exchanges that they stand for.

use std::path::{Path, PathBuf};

use clap::Args;
use framecat::core::check::{Exchange, Expect, Pattern, Step};
use framecat::core::framing::Framing;

use super::cases::{Case, find, read_message};
use super::common::{UsageError, usage};
use super::value::{Size, Text};

#[derive(Debug, Args)]
#[command(next_help_heading = "Exchange")]
pub(super) struct ExchangeArgs {
    /// What is sent, with escapes (\r \n \0 \t \e \\ \xHH); twice is a pair of messages
    #[arg(long, value_name = "TEXT")]
    send: Vec<Text>,
    /// The same from a file, as it is
    #[arg(long, value_name = "FILE", conflicts_with = "send")]
    send_file: Vec<PathBuf>,
    /// The framing that what is sent gets; without it, it is sent as it is
    #[arg(long, value_name = "FRAMING")]
    frame: Option<Framing>,
    /// The framing from server to client, where it differs
    #[arg(long, value_name = "FRAMING")]
    reply_frame: Option<Framing>,
    /// The target's longest message: one of this length must be answered, a longer one must not
    #[arg(long, value_name = "BYTES")]
    max_message: Option<Size>,
    /// What the server says first
    #[arg(long, value_name = "REGEX")]
    greeting: Option<Pattern>,
    /// What comes before the exchange, a login say; each is answered before the next is sent
    #[arg(long, value_name = "TEXT")]
    before: Vec<Text>,
    /// What the reply must be
    #[arg(long, value_name = "TEXT", conflicts_with = "expect_regex")]
    expect: Option<Text>,
    /// What must be found in the reply
    #[arg(long, value_name = "REGEX")]
    expect_regex: Option<Pattern>,
    /// What in a reply may change: dates, ids
    #[arg(long, value_name = "REGEX")]
    mask: Vec<Pattern>,
    /// A placeholder in what is sent; each connection has a value of its own, of the same width
    #[arg(long, value_name = "TEXT")]
    token: Option<Text>,
    /// Replies to joined messages may come in any order
    #[arg(long)]
    unordered: bool,
    /// The target does not take several messages at once
    #[arg(long)]
    no_pipelining: bool,
    /// An exchange from a TOML file, all of a folder, or one that ships with framecat
    #[arg(long, value_name = "FILE|FOLDER|NAME", conflicts_with_all = ["send", "send_file"])]
    case: Vec<String>,
    /// List the cases that ship with framecat
    #[arg(long, exclusive = true)]
    pub(super) list_cases: bool,
}

impl ExchangeArgs {
    /// The exchanges of the cases, or the one that the flags describe.
    pub(super) fn cases(&self) -> Result<Vec<Case>, UsageError> {
        if self.case.is_empty() {
            let exchange = self.exchange()?;
            exchange.verify().map_err(usage("--send"))?;
            return Ok(vec![Case::of(exchange)]);
        }
        let mut cases = Vec::new();
        for name in &self.case {
            for mut case in find(name)? {
                self.amend(&mut case.file.exchange);
                case.file
                    .exchange
                    .verify()
                    .map_err(|error| UsageError(format!("--case {name}: {error}")))?;
                cases.push(case);
            }
        }
        Ok(cases)
    }

    fn exchange(&self) -> Result<Exchange, UsageError> {
        let mut messages: Vec<Vec<u8>> = self.send.iter().map(|Text(text)| text.clone()).collect();
        for file in &self.send_file {
            messages.push(read(file)?);
        }
        if messages.is_empty() {
            messages.push(sample(self.frame.as_ref())?);
        }
        let mut exchange = Exchange { messages, ..Exchange::default() };
        self.amend(&mut exchange);
        Ok(exchange)
    }

    /// What the flags say beside what is sent; a flag wins over a case.
    fn amend(&self, exchange: &mut Exchange) {
        let text = |Text(bytes): &Text| bytes.clone();
        set(&mut exchange.frame, self.frame.clone());
        set(&mut exchange.reply_frame, self.reply_frame.clone());
        set(&mut exchange.max_message, self.max_message.map(|Size(bytes)| bytes));
        set(&mut exchange.greeting, self.greeting.clone());
        set(&mut exchange.expect, self.expect.as_ref().map(|text| Expect::Bytes(text.0.clone())));
        set(&mut exchange.expect, self.expect_regex.clone().map(Expect::Pattern));
        set(&mut exchange.token, self.token.as_ref().map(text));
        let step = |send: &Text| Step { send: text(send), until: None };
        exchange.before.extend(self.before.iter().map(step));
        exchange.masks.extend(self.mask.iter().cloned());
        exchange.unordered |= self.unordered;
        exchange.pipelining &= !self.no_pipelining;
    }
}

fn set<T>(value: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *value = given;
    }
}

/// What is sent where nothing was given: any message does to see whether a server keeps them apart.
fn sample(frame: Option<&Framing>) -> Result<Vec<u8>, UsageError> {
    match frame {
        None | Some(Framing::Raw) => Err(UsageError(
            "nothing to send: say it with --send 'PING\\r\\n', or choose a --case or a --frame"
                .into(),
        )),
        Some(Framing::Fixed(size)) => Ok((b'a'..=b'z').cycle().take(size.get()).collect()),
        Some(_) => Ok(b"hello".to_vec()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, UsageError> {
    read_message(file).map_err(|why| UsageError(format!("--send-file {}: {why}", file.display())))
}
