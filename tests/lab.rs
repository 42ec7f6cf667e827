//! `framecat lab` as it is used: the list, real runs of real experiments, how it ends, what it writes, what
//! it refuses. What each experiment finds is tested where it is made.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use support::{Framecat, Output, Place, Process};

/// How long one run may take: ten seconds on an idle machine; this is for a loaded one.
const PATIENCE: Duration = Duration::from_secs(240);

fn run(args: &[&str]) -> Output {
    let mut process = Framecat::run(&[&["lab"], args].concat());
    process.close_stdin();
    process.finish_within(PATIENCE)
}

#[track_caller]
fn refused(args: &[&str], why: &str) {
    let output = run(args);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains(why), "{output:?}");
    assert!(output.stderr.lines().count() <= 2, "an error is a line or two: {output:?}");
    assert_eq!(output.stdout(), "");
}

/// What the texts of an experiment know, as they are written.
fn texts(experiment: &str) -> toml::Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/lab/texts");
    let text = fs::read_to_string(folder.join(format!("{experiment}.toml"))).expect("its texts");
    text.parse().expect("TOML")
}

/// The names in braces in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let within = text.split('{').skip(1).filter_map(|piece| piece.split_once('}'));
    within.map(|(within, _)| within.split('?').next().unwrap_or_default()).collect()
}

#[test]
fn without_names_the_experiments_are_listed() {
    let list = run(&[]).succeeded().stdout();
    for name in ["handshake", "backlog", "half-open", "udp-nobody", "sticky-sender", "framing"] {
        assert!(list.lines().any(|line| line.trim_start().starts_with(name)), "{name}\n{list}");
    }
    assert!(list.contains("serves 1, queues 5"), "each has its claim: {list}");
    assert!(list.contains("framecat lab --all"), "how to run them: {list}");
    assert!(run(&["--lang", "zh"]).succeeded().stdout().contains("排队 5 个"));
}

#[test]
fn an_experiment_tells_what_it_does_what_happened_and_what_follows() {
    let shown = run(&["pairs"]).succeeded().stdout();
    for part in
        ["claim  ", "plan  ", "client calls", "listen(5)", "measured  ", "why  ", "advice  "]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(shown.contains("verdict     does not hold: "), "{shown}");
    assert!(!shown.contains('\x1b'), "no colours in a pipe");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn a_claim_that_does_not_hold_is_no_failure() {
    let output = run(&["pairs", "--quiet"]).succeeded();
    assert!(output.stdout().starts_with("pairs: does not hold: "), "{output:?}");
    assert_eq!(output.stdout().lines().count(), 1, "the verdict and nothing else");
}

#[test]
fn runs_are_counted() {
    let shown = run(&["pairs", "empty-tcp", "--repeat", "3", "-q"]).succeeded().stdout();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].starts_with("pairs: 3 of 3: does not hold: "), "{shown}");
    assert!(lines[1].starts_with("empty-tcp: 3 of 3: holds"), "{shown}");
}

#[test]
fn several_experiments_end_in_a_table() {
    let shown = run(&["pairs", "split"]).succeeded().stdout();
    let table: Vec<&str> = shown.lines().rev().take(3).collect();
    assert!(table[0].starts_with("2 experiments · 1 holds · 1 does not hold · "), "{shown}");
    assert_eq!((table[1], table[2]), ("split   ✓ holds", "pairs   ✗ does not hold"));
}

#[test]
fn every_experiment_runs_and_every_name_in_its_report_has_a_text() {
    let place = Place::new();
    let page = place.path("lab.html");
    let output = run(&["--all", "--json", "--html", &page]).succeeded();
    let lines: Vec<Value> = output
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    assert_eq!(lines.len(), 22);
    let schema = include_str!("../schemas/lab.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("the schema can be used");
    for line in &lines {
        let errors: Vec<String> = schema
            .iter_errors(line)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}\n{line:#}");
        texts_for(line);
    }
    let page = fs::read_to_string(page).expect("the page was written");
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    assert_eq!(page.matches("<article").count(), 22);
    assert!(page.matches("<svg").count() >= 44, "each timeline is drawn, wide and narrow");
}

/// Fails unless all that a report names has a text, with values for what it needs.
fn texts_for(line: &Value) {
    let experiment = line["experiment"].as_str().expect("a name");
    let texts = &texts(experiment)["en"];
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    for report in line["reports"].as_array().expect("reports") {
        let measured: BTreeSet<String> = report["measured"]
            .as_array()
            .expect("values")
            .iter()
            .map(|it| word(&it["name"]))
            .collect();
        for name in &measured {
            assert!(texts["measured"].get(name).is_some(), "{experiment}: measured.{name}");
        }
        let verdict = word(&report["verdict"]);
        assert_ne!(verdict, "cannot-tell", "{experiment}: {}", report["obstacle"]);
        let said = texts["verdicts"].get(&verdict);
        let said = said.unwrap_or_else(|| panic!("{experiment}: verdicts.{verdict}"));
        let mut needs = vec![texts["advice"].as_str().expect("a text")];
        needs.extend(["line", "why"].iter().filter_map(|part| said.get(part)?.as_str()));
        for name in needs.into_iter().flat_map(names) {
            assert!(measured.contains(name), "{experiment}: {verdict} needs {name}");
        }
        for event in report["timeline"].as_array().expect("events") {
            if event["what"] == "remark" {
                let name = word(&event["name"]);
                let text = texts["remarks"].get(&name).and_then(toml::Value::as_str);
                let text = text.unwrap_or_else(|| panic!("{experiment}: remarks.{name}"));
                let values: BTreeSet<String> = event["values"]
                    .as_array()
                    .expect("values")
                    .iter()
                    .map(|it| word(&it["name"]))
                    .collect();
                for need in names(text) {
                    assert!(values.contains(need), "{experiment}: remark {name} needs {need}");
                }
            }
        }
    }
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_run() {
    refused(&["sticky"], "did you mean sticky-sender or sticky-receiver?");
    refused(&["pairs", "xyzzy"], "there is no experiment `xyzzy`");
    refused(&["--all", "pairs"], "cannot be used with");
    refused(&["--json"], "nothing to run");
    refused(&["pairs", "--repeat", "0"], "--repeat");
    refused(&["pairs", "--lang", "fr"], "--lang");
    refused(&["pairs", "--html", "/nowhere/lab.html"], "cannot write /nowhere/lab.html");
}

#[test]
fn the_language_is_that_of_the_surroundings_unless_it_is_named() {
    let list = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_framecat"));
        command.arg("lab").args(args).envs(variables.iter().copied());
        let output = command.output().expect("the binary runs");
        String::from_utf8(output.stdout).expect("the list is text")
    };
    assert!(list(&[("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")], &[]).contains("排队 5 个"));
    assert!(list(&[("LC_ALL", "zh_CN.UTF-8")], &["--lang", "en"]).contains("queues 5"));
    assert!(list(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], &[]).contains("queues 5"));
}

#[test]
fn a_terminal_gets_no_colours_where_none_are_wanted() {
    let mut terminal = Framecat::at_terminal(&["lab", "pairs", "empty-tcp"]);
    terminal.shows("2 experiments");
    let shown = terminal.finish().succeeded().stdout();
    assert!(!shown.contains("\x1b[1m") && !shown.contains("\x1b[3"), "NO_COLOR is set: {shown}");
}

#[test]
fn ctrl_c_ends_it_at_once() {
    let mut process = Framecat::run(&["lab", "half-open"]);
    // What is said before the run, which takes seven seconds.
    process.wait_stdout("plan ");
    let output = process.signal(Signal::INT).finish().ended_with(130);
    assert!(!output.stdout().contains("verdict"), "{output:?}");
}

#[test]
fn ctrl_c_leaves_no_file_behind() {
    let place = Place::new();
    let folder = place.path("tmp");
    fs::create_dir(&folder).expect("a folder of our own");
    let files = || fs::read_dir(&folder).expect("it is there").count();
    let mut command = Command::new(env!("CARGO_BIN_EXE_framecat"));
    command.args(["lab", "unix-local", "--repeat", "10000", "-q"]).env("TMPDIR", &folder);
    let mut process = Process::start(command, "framecat lab".into());
    let deadline = Instant::now() + PATIENCE;
    while files() == 0 {
        assert!(Instant::now() < deadline, "the experiment makes a folder");
    }
    process.signal(Signal::INT).finish().ended_with(130);
    assert_eq!(files(), 0);
}
