//! What can go wrong with a program that we start: which command, what was found, what to do.

use std::fmt;
use std::io;
use std::time::Duration;

use framecat_core::address::{Address, ParseAddressError};
use framecat_core::escape::{Escaped, Printable};

use super::{Command, Ending};
use crate::{Blame, reason};

/// Why a program is not there, or not as it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// A text is no words.
    #[error("cannot split `{}` into words: a quote is not closed, or a backslash ends it", Escaped(text.as_bytes()))]
    Quote {
        /// The text.
        text: String,
    },
    /// There is no program in it.
    #[error("the command is empty: write a program and its arguments")]
    Empty,
    /// Where it shall listen is no address.
    #[error(transparent)]
    Address(#[from] ParseAddressError),
    /// No port is free, or the host is none of this machine's.
    #[error("cannot find a free port for {address}: {}", reason(source))]
    NoPort {
        /// Where it should be.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// There is no temporary folder.
    #[error("cannot make a temporary folder: {}; TMPDIR says where", reason(source))]
    Folder {
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else listens where it shall.
    #[error(
        "cannot start `{}`: another program listens on {address} already; \
         end it, or leave out the port for one that is free",
        Brief(command)
    )]
    Taken {
        /// What should be started.
        command: Command,
        /// Where.
        address: Address,
    },
    /// The system does not start it.
    #[error("cannot start `{}`: {}{}", Brief(command), reason(source), start_hint(command, source))]
    Start {
        /// What should be started.
        command: Command,
        /// What the system said.
        source: io::Error,
    },
    /// It ended when it should have begun to listen.
    #[error("`{}` {ending} before it listened on {address}{}", Brief(command), Said(said))]
    EndedEarly {
        /// What was started.
        command: Command,
        /// Where it should listen.
        address: Address,
        /// How it ended.
        ending: Ending,
        /// The last that it wrote.
        said: Box<[u8]>,
    },
    /// It runs and does not listen.
    #[error(
        "`{}` does not listen on {address} after {after:?}{}{}",
        Brief(command),
        instead_hint(command, instead),
        Said(said)
    )]
    NotListening {
        /// What was started.
        command: Command,
        /// Where it should listen.
        address: Address,
        /// How long we waited.
        after: Duration,
        /// Where it listens.
        instead: Box<[Address]>,
        /// The last that it wrote.
        said: Box<[u8]>,
    },
}

impl ProgramError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            ProgramError::EndedEarly { .. } | ProgramError::NotListening { .. } => Blame::Network,
            _ => Blame::Local,
        }
    }
}

fn start_hint(command: &Command, error: &io::Error) -> String {
    let program = command.program();
    let shown = Printable(program);
    if command.looks_like_shell() {
        return "; it is not run by a shell unless that is asked for (--shell)".into();
    }
    let is_path = program.contains(&b'/');
    match error.kind() {
        io::ErrorKind::NotFound if !is_path => format!("; `{shown}` is in no folder of PATH"),
        io::ErrorKind::NotFound => {
            format!("; there is no `{shown}`, or not the interpreter that its first line names")
        }
        io::ErrorKind::PermissionDenied => {
            format!("; is `{shown}` a program that you may run? (chmod +x)")
        }
        _ if error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()) => {
            "; a script begins with #! and its interpreter".into()
        }
        _ => String::new(),
    }
}

fn instead_hint(command: &Command, instead: &[Address]) -> String {
    let listed: Vec<String> = instead.iter().take(3).map(Address::to_string).collect();
    match listed.is_empty() {
        true => ", nor anywhere else; it may need longer".into(),
        false => format!(
            ", but on {}; is {{port}} where `{}` takes its port?",
            listed.join(", "),
            Printable(command.program())
        ),
    }
}

/// A command in a message: its beginning, where it holds a whole script.
struct Brief<'a>(&'a Command);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.char_indices().nth(120) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}

/// The last lines of what a program wrote, a line each and indented, behind what is said of it.
struct Said<'a>(&'a [u8]);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&[u8]> = self
            .0
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii_end)
            .filter(|line| !line.is_empty())
            .collect();
        if lines.is_empty() {
            return f.write_str("; it said nothing");
        }
        f.write_str("; it said:")?;
        // A few lines are enough to see why; of a long one, its beginning.
        for line in &lines[lines.len().saturating_sub(5)..] {
            write!(f, "\n  {}", Printable(&line[..line.len().min(300)]))?;
        }
        Ok(())
    }
}
