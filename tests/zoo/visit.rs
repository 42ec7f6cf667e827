//! Runs `framecat check` on an animal and on its twin, once a run of the tests, and judges both.

use std::sync::OnceLock;
use std::time::Duration;

use super::animal::{Animal, Side};
use super::build;
use super::expectation::{compare, compare_twin};
use super::findings::{Findings, keeps_schema};
use super::table::ANIMALS;
use crate::support::Framecat;

/// How long one check may take. The longest takes a few seconds on an idle machine; this is for a
/// loaded one.
const PATIENCE: Duration = Duration::from_secs(180);

/// What was found of an animal and of its twin.
pub(super) struct Visit {
    pub(super) buggy: Findings,
    pub(super) fixed: Findings,
}

/// What was found of an animal and of its twin. Checks them, if no other test has.
pub(super) fn visit(animal: &'static Animal) -> &'static Visit {
    static VISITS: [OnceLock<Visit>; ANIMALS.len()] = [const { OnceLock::new() }; ANIMALS.len()];
    let at =
        ANIMALS.iter().position(|other| other.name == animal.name).expect("it is in the table");
    VISITS[at].get_or_init(|| {
        let command = build::command(animal);
        Visit { buggy: check(animal, &command, &[]), fixed: check(animal, &command, &["--fixed"]) }
    })
}

/// The test of one animal.
#[track_caller]
pub(super) fn see(name: &str) {
    let animal = ANIMALS.iter().find(|animal| animal.name == name);
    let animal = animal.unwrap_or_else(|| panic!("the table has no {name}"));
    let Visit { buggy, fixed } = visit(animal);
    let problems = compare(animal, buggy).join("\n");
    assert!(problems.is_empty(), "{name}\n{problems}\n--- found\n{buggy}");
    let problems = compare_twin(animal, fixed).join("\n");
    assert!(problems.is_empty(), "{name} --fixed\n{problems}\n--- found\n{fixed}");
}

fn check(animal: &Animal, command: &[String], flags: &[&str]) -> Findings {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let common = ["--json", "--seed", "1"];
    let args = match animal.side {
        Side::Server => {
            let start = [&words, &["--port", "{port}"][..], flags].concat().join(" ");
            let args = [&["check", "--start", &start], animal.args, &common].concat();
            return run(animal, &args);
        }
        Side::Client => [
            &["check", "--listen", "127.0.0.1:0"],
            animal.args,
            &common,
            &["--"],
            &words,
            &["{host}", "{port}"],
            flags,
        ],
    };
    run(animal, &args.concat())
}

fn run(animal: &Animal, args: &[&str]) -> Findings {
    let mut process = Framecat::run(args);
    process.close_stdin();
    let output = process.finish_within(PATIENCE);
    keeps_schema(&output.stdout()).unwrap_or_else(|problem| panic!("{problem}\n{output:?}"));
    Findings::parse(&output.stdout(), output.code)
        .unwrap_or_else(|problem| panic!("{}: {problem}\n{output:?}", animal.name))
}
