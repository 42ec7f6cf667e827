//! The command line: what was typed. What it means is decided by the `TryFrom` beside each command.

mod common;
mod connect;
mod serve;
mod value;

use clap::{Parser, Subcommand};

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
