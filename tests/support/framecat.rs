//! The binary under test.

use std::process::Command;

use super::{Process, Server, Terminal};

/// The binary under test.
pub(crate) struct Framecat;

impl Framecat {
    /// Starts `framecat serve …`, and returns as soon as it says where it listens.
    #[track_caller]
    pub(crate) fn serve(args: &[&str]) -> Server {
        let process = Framecat::run(&with("serve", args));
        let line = process.wait_stderr(|line| line.starts_with("listening on "));
        Server::new(process, address_in(&line))
    }

    /// Starts `framecat connect …`; its standard input is open.
    #[track_caller]
    pub(crate) fn connect(args: &[&str]) -> Process {
        Framecat::run(&with("connect", args))
    }

    /// Starts `framecat …`.
    #[track_caller]
    pub(crate) fn run(args: &[&str]) -> Process {
        Process::start(Framecat::command(args), name(args))
    }

    /// Starts `framecat …` at a terminal of its own, where a person types.
    #[track_caller]
    pub(crate) fn at_terminal(args: &[&str]) -> Terminal {
        Terminal::start(Framecat::command(args), name(args))
    }

    fn command(args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_framecat"));
        command.args(args);
        surroundings(&mut command);
        command
    }
}

/// The address in the line that a server begins with.
pub(crate) fn address_in(line: &str) -> &str {
    let rest = line.strip_prefix("listening on ").expect("it is that line");
    rest.split(' ').next().expect("splitting gives at least one piece")
}

/// What would otherwise depend on who runs the tests. The clock is eight hours ahead of UTC, so that
/// a program that tells UTC for local time is found out anywhere.
pub(super) fn surroundings(command: &mut Command) {
    command.env("TZ", "CST-8").env("LC_ALL", "C").env("TERM", "xterm").env("NO_COLOR", "1");
}

fn with<'a>(verb: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    [&[verb], args].concat()
}

fn name(args: &[&str]) -> String {
    format!("framecat {}", args.join(" "))
}
