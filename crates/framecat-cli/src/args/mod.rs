//! The command line: what was typed. What it means is decided by the `TryFrom` beside each command.

mod cases;
mod check;
mod common;
mod connect;
mod exchange;
mod lab;
mod serve;
mod value;
mod watch;

use std::error::Error as _;
use std::io::Write as _;

use clap::error::{ContextKind, ErrorKind};
use clap::{Parser, Subcommand};

use framecat::core::escape::Escaped;

use crate::style::Style;

pub(crate) use cases::Case;
pub(crate) use check::{CheckArgs, CheckPlan, Subject};
pub(crate) use common::{Format, Output};
pub(crate) use connect::{ConnectArgs, ConnectPlan};
pub(crate) use lab::{LabArgs, LabPlan, LabShow, Language};
pub(crate) use serve::{ServeArgs, ServePlan};
pub(crate) use watch::{Form, WatchArgs, WatchPlan, Watched};

/// The netcat that understands messages
///
/// framecat serves and connects programs that speak over sockets, with the message as the unit: TCP
/// does not keep the boundaries between messages, so a framing says where each begins and ends.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "\
Exit status: 0 done, 1 network error, 2 wrong usage or local error, 3 a check says no,
130 interrupted, 141 nobody reads standard output.

Try it, in two terminals:
  framecat serve
  framecat connect")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(ServeArgs),
    Connect(ConnectArgs),
    Check(Box<CheckArgs>),
    Watch(Box<WatchArgs>),
    Lab(LabArgs),
}

/// Reads the command line; on a mistake says what is wrong with which flag, and ends with 2.
pub(crate) fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| match in_short(&error) {
        Some(lines) => {
            // Nobody is left to be told that standard error is gone.
            let _ = writeln!(std::io::stderr(), "{lines}");
            std::process::exit(2)
        }
        None => error.exit(),
    })
}

/// A mistake in one line, or two with a tip; clap's own text has up to seven. `None` for what is none.
fn in_short(error: &clap::Error) -> Option<String> {
    let prefix = Style::for_stderr().error("framecat: ");
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
        ErrorKind::ValueValidation => Some(format!("{prefix}{}", bad_value(error)?)),
        _ => {
            let text = error.render().to_string();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let what = lines.split(|line| line.is_empty()).next()?.join(" ");
            let what = what.trim_start_matches("error: ");
            let tip = lines.iter().find(|line| line.starts_with("tip: "));
            let tip = tip.map_or("see --help".into(), |tip| format!("{tip}; or see --help"));
            Some(format!("{prefix}{what}\n  {tip}"))
        }
    }
}

fn bad_value(error: &clap::Error) -> Option<String> {
    let flag = error.get(ContextKind::InvalidArg)?.to_string();
    let flag = flag.split(' ').next()?.trim_matches(['[', ']', '<', '>']).to_owned();
    let value = error.get(ContextKind::InvalidValue)?.to_string();
    let problem = error.source()?.to_string();
    // Some problems quote the value themselves.
    let found = if problem.starts_with('`') {
        String::new()
    } else {
        format!("`{}`: ", Escaped(value.as_bytes()))
    };
    Some(format!("{flag}: {found}{problem}"))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use framecat::server::Config;

    use super::{Cli, Command, ConnectPlan, ServePlan};

    fn serve(args: &[&str]) -> ServePlan {
        match Cli::try_parse_from([&["framecat", "serve"], args].concat()).unwrap().command {
            Command::Serve(args) => ServePlan::try_from(args).unwrap(),
            _ => unreachable!(),
        }
    }

    fn connect(args: &[&str]) -> ConnectPlan {
        match Cli::try_parse_from([&["framecat", "connect"], args].concat()).unwrap().command {
            Command::Connect(args) => ConnectPlan::try_from(args).unwrap(),
            _ => unreachable!(),
        }
    }

    #[test]
    fn every_flag_has_a_help_text_and_no_two_clash() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        for command in command.get_subcommands() {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} says what it is for");
            assert!(command.get_after_help().is_some(), "{name} has examples");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{name} {}", argument.get_id());
            }
        }
    }

    /// The words of a line as a shell reads them, as far as examples go: some are in single quotes.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().expect("there is one").push(c),
            }
        }
        words
    }

    #[test]
    fn the_examples_in_the_help_texts_parse() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().unwrap().to_string();
            let examples = help.lines().filter_map(|line| line.split_once("framecat "));
            for (_, example) in examples {
                // A comment stands behind at least two spaces.
                let example = example.split("  ").next().unwrap();
                let words = ["framecat".to_owned()].into_iter().chain(words(example));
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn without_an_address_both_mean_lines_on_the_same_port() {
        let (serve, connect) = (serve(&[]), connect(&[]));
        assert_eq!(serve.address.to_string(), "tcp://127.0.0.1:5050");
        assert_eq!(serve.address, connect.address);
        assert_eq!(serve.config.requests.framing().unwrap().to_string(), "line");
        assert_eq!(serve.config.requests, connect.config.requests);
        assert_eq!(serve.config.dialogue.service.to_string(), "echo");
    }

    #[test]
    fn with_an_address_a_stream_is_raw_unless_it_says_otherwise() {
        let plan = serve(&[":0"]);
        assert!(plan.config.requests.is_raw() && plan.config.replies.is_raw());
        let plan = serve(&[":0", "--frame", "u8"]);
        assert_eq!(plan.config.replies.framing().unwrap().to_string(), "u8");
        let plan = connect(&[":0", "--frame", "header:64", "--reply-frame", "raw"]);
        assert_eq!(plan.config.requests.framing().unwrap().to_string(), "header:64");
        assert!(plan.config.replies.is_raw());
        assert_eq!(connect(&["udp://:0"]).config.requests.framing(), None);
    }

    #[test]
    fn limits_have_the_defaults_that_the_help_names() {
        let plan = serve(&[":0"]);
        assert_eq!(plan.config.max_connections, Config::MAX_CONNECTIONS);
        assert_eq!(plan.config.idle_timeout, Some(Config::IDLE_STREAM));
        assert_eq!(plan.config.drain, Config::DRAIN);
        assert_eq!(serve(&["udp://:0"]).config.idle_timeout, Some(Config::IDLE_DATAGRAM));
        assert_eq!(serve(&[":0", "--idle-timeout", "off"]).config.idle_timeout, None);
        assert_eq!(serve(&[":0", "--serial"]).config.max_connections, 1);
    }
}
