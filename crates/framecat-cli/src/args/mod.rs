//! The command line: what was typed. What it means is decided by the `TryFrom` beside each command.

mod common;
mod connect;
mod serve;
mod value;

use std::error::Error as _;

use clap::error::{ContextKind, ErrorKind};
use clap::{Parser, Subcommand};

use framecat::core::escape::Escaped;

use crate::style::Style;

pub(crate) use common::{Format, Output};
pub(crate) use connect::{ConnectArgs, ConnectPlan};
pub(crate) use serve::{ServeArgs, ServePlan};

/// The netcat that understands messages
///
/// framecat serves and connects programs that speak over sockets, with the message as the unit: TCP
/// does not keep the boundaries between messages, so a framing says where each begins and ends.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "\
Exit status: 0 done, 1 network error, 2 wrong usage or local error, 130 interrupted.

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
}

/// Reads the command line; on a mistake says what is wrong with which flag, and ends with 2.
pub(crate) fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| match one_line(&error) {
        Some(line) => {
            eprintln!("{line}");
            std::process::exit(2)
        }
        None => error.exit(),
    })
}

/// A bad value in one line. clap's own text would say the value twice, in five lines.
fn one_line(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::ValueValidation {
        return None;
    }
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
    Some(format!("{}{flag}: {found}{problem}", Style::for_stderr().error("framecat: ")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

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
}
