//! A program under `framecat check`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::found::Found;
use crate::support::{Framecat, Output, Place};

/// How a program is started and what is said to it.
#[derive(Debug)]
pub(crate) struct Program {
    /// What it is called, in the table too.
    pub(crate) name: &'static str,
    /// Where its version is known.
    pub(crate) version: Version,
    /// How it is started, in the words of `check --start`. Besides: `{place}` is its folder, `{peers}`
    /// that of the Python peers, `{npm}` that of npm's packages, `{framecat}` our binary.
    pub(crate) start: &'static str,
    /// Its files in `{place}`: name, text. They may hold what `start` may, besides `{me}`, the user,
    /// and `{stranger}` and `{strangers}`, a user and group that are not root.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// The exchanges: names of cases that ship, or files in tests/programs/cases.
    pub(crate) cases: &'static [&'static str],
    /// More for the command line of `check`.
    pub(crate) args: &'static [&'static str],
}

/// How long a whole check may take, on a machine that does much else: it only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where a version is known.
#[derive(Debug)]
pub(crate) enum Version {
    /// A package of Debian has it.
    Debian(&'static str),
    /// It is pinned where it is installed.
    Pinned(&'static str),
    /// It is that of Python.
    Python,
    /// It is ours.
    Framecat,
}

/// What `check` said of a program.
#[derive(Debug)]
pub(crate) struct Checked {
    output: Output,
    /// A line each.
    pub(crate) exchanges: Vec<Found>,
}

impl Program {
    /// Starts it, and runs `check` to its end.
    #[track_caller]
    pub(crate) fn check(&self) -> Checked {
        let place = Place::new();
        for (name, text) in self.files {
            fs::write(place.path(name), filled(text, &place)).expect("the folder can be written");
        }
        let cases: Vec<String> = self.cases.iter().map(|case| case_file(case)).collect();
        let start = filled(self.start, &place);
        let mut args = vec!["check", "--json", "--seed", "1", "--start", &start];
        args.extend(cases.iter().flat_map(|case| ["--case", case]));
        args.extend(self.args);
        let checked = Checked::run(&args);
        assert_eq!(checked.exchanges.len(), self.cases.len(), "{checked}");
        checked
    }

    /// Its version, as far as this machine knows it.
    pub(crate) fn version(&self) -> String {
        match self.version {
            Version::Debian(package) => {
                let version = output_of("dpkg-query", &["-W", "-f", "${Version}", package]);
                upstream(&version).to_owned()
            }
            Version::Pinned(version) => version.to_owned(),
            Version::Python => {
                output_of("python3", &["--version"]).trim_start_matches("Python ").to_owned()
            }
            Version::Framecat => env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

impl Checked {
    /// Runs `framecat` with these arguments to its end.
    #[track_caller]
    pub(crate) fn run(args: &[&str]) -> Checked {
        let output = Framecat::run(args).finish_within(PATIENCE);
        let stdout = output.stdout();
        let parsed = stdout.lines().map(serde_json::from_str::<Value>);
        let exchanges: Result<Vec<_>, _> = parsed.map(|value| value.map(Found::new)).collect();
        match exchanges {
            Ok(exchanges) => Checked { output, exchanges },
            Err(error) => panic!("{error} in the output of {args:?}:\n{output:?}"),
        }
    }

    /// Fails unless it ended with `code`.
    #[track_caller]
    pub(crate) fn ended_with(&self, code: i32) {
        assert_eq!(self.output.code, Some(code), "{self}");
    }

    /// What was found of the exchange of this name.
    #[track_caller]
    pub(crate) fn exchange(&self, name: &str) -> &Found {
        let found = self.exchanges.iter().find(|exchange| exchange.name() == name);
        found.unwrap_or_else(|| panic!("no exchange `{name}`\n{self}"))
    }
}

/// All that it said, for whoever has to find out what went wrong.
impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit status: {:?}", self.output.code)?;
        for exchange in &self.exchanges {
            writeln!(f, "{exchange}")?;
        }
        write!(f, "--- stderr: {}", self.output.stderr)
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}

fn case_file(case: &str) -> String {
    let file = project().join("tests/programs/cases").join(case);
    if file.is_file() { text(&file).to_owned() } else { case.to_owned() }
}

fn filled(text_with_names: &str, place: &Place) -> String {
    // A server that changes its user does so as root only; dovecot insists on one that is not root.
    let me = output_of("id", &["-un"]);
    let (stranger, strangers) = match me.as_str() {
        "root" => ("dovenull".to_owned(), "dovenull".to_owned()),
        _ => (me.clone(), output_of("id", &["-gn"])),
    };
    let npm = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm/node_modules");
    text_with_names
        .replace("{place}", place.path("").trim_end_matches('/'))
        .replace("{peers}", text(&project().join("tests/peers")))
        .replace("{npm}", text(&npm))
        .replace("{framecat}", env!("CARGO_BIN_EXE_framecat"))
        .replace("{stranger}", &stranger)
        .replace("{strangers}", &strangers)
        .replace("{me}", &me)
}

/// The first line that a program writes to its standard output.
fn output_of(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or("unknown").to_owned()
}

/// `1:2.3.19.1+dfsg1-2.1` is Debian's way to write 2.3.19.1.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    version.split(['-', '+', '~']).next().unwrap_or(version)
}
