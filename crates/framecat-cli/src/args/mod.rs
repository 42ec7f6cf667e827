//! The command line: what was typed. What it means is decided by the `TryFrom` beside each command.

mod common;
mod connect;
mod serve;
mod value;

use std::error::Error as _;
use std::io::Write as _;

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
