//! `framecat check` as it is used: what it says of servers, how it ends, what it writes, what it refuses.
//! What it finds of broken servers is in the zoo, of real ones in `programs`, of clients in `check_client`.

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, test_kill_process};
use serde_json::Value;

use support::{Framecat, Output, Peer, Place};

/// How long one check may take: a second on an idle machine; this is for a loaded one.
const PATIENCE: Duration = Duration::from_secs(240);

fn run(args: &[&str]) -> Output {
    let mut process = Framecat::run(&[&["check"], args].concat());
    process.close_stdin();
    process.finish_within(PATIENCE)
}

/// The command that starts tests/peers/check_server.py.
fn server(mode: &str) -> String {
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/check_server.py");
    format!("python3 -B -S '{}' {mode} {{port}}", script.display())
}

fn check(mode: &str, args: &[&str]) -> Output {
    run(&[&["--start", &server(mode), "--send", r"hello\n"], args].concat())
}

#[track_caller]
fn report(output: &Output) -> Value {
    let line = output.stdout();
    serde_json::from_str(line.trim()).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[track_caller]
fn passes(mode: &str, args: &[&str]) -> Value {
    let output = check(mode, &[&["--json"], args].concat());
    let report = report(&output);
    assert_eq!((report["verdict"].as_str(), output.code), (Some("pass"), Some(0)), "{report:#}");
    report
}

#[track_caller]
fn refused(args: &[&str], why: &str) {
    let output = run(args);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains(why), "{output:?}");
    assert!(output.stderr.lines().count() <= 2, "an error is a line or two: {output:?}");
}

#[test]
fn a_right_server_passes_and_every_cut_is_confirmed() {
    let report = passes("echo", &[]);
    assert!(report["cuts"]["confirmed"].as_u64().unwrap() >= 30, "{report:#}");
    assert_eq!(report["cuts"]["timed"], 0);
}

#[test]
fn a_reply_may_be_long_come_in_parts_or_late() {
    let large = passes("large", &["--plan", "split,coalesce"]);
    assert_eq!(large["baseline"]["reply_len"], 200_000);
    let parts = passes("parts", &["--plan", "split,coalesce"]);
    assert_eq!(parts["baseline"]["reply"], r"OK hello\n");
    passes("late", &["--plan", "split,random,straddle"]);
}

#[test]
fn a_greeting_is_waited_for_for_as_long_as_a_reply() {
    passes("greets", &["--greeting", "^220 ", "--plan", "split"]);
    let output = check("echo", &["--greeting", "^220 ", "--timeout", "300ms", "--json"]);
    assert_eq!((report(&output)["verdict"].as_str(), output.code), (Some("setup"), Some(3)));
}

#[test]
fn a_server_that_differs_from_itself_is_told_with_a_mask_that_settles_it() {
    let output = check("counter", &["--json"]);
    let found = report(&output);
    assert_eq!((found["verdict"].as_str(), output.code), (Some("not-deterministic"), Some(3)));
    let mask = found["baseline"]["proposed_mask"].as_str().expect("a mask");
    passes("counter", &["--mask", mask]);
}

#[test]
fn what_was_expected_is_compared_with_the_uncut_reply() {
    passes("echo", &["--expect", r"hello\n", "--plan", "split"]);
    passes("counter", &["--expect-regex", "^answer [0-9]+$", "--plan", "split,coalesce"]);
    let output = check("echo", &["--expect", r"goodbye\n", "--timeout", "300ms", "--json"]);
    assert_eq!((report(&output)["verdict"].as_str(), output.code), (Some("wrong-uncut"), Some(3)));
}

#[test]
fn one_that_says_nothing_or_never_stops_has_a_verdict_of_its_own() {
    let output = check("silent", &["--timeout", "300ms", "--json"]);
    assert_eq!((report(&output)["verdict"].as_str(), output.code), (Some("no-reply"), Some(3)));
    let output = check("talker", &["--timeout", "300ms", "--json"]);
    let found = report(&output);
    assert_eq!((found["verdict"].as_str(), output.code), (Some("wrong-uncut"), Some(3)));
    let note = found["notes"][0]["text"].as_str().expect("a note");
    assert!(note.starts_with("never stops sending"), "{note}");
}

#[test]
fn a_target_that_dies_is_named_with_its_status_and_the_case() {
    let output = check("half", &["--plan", "truncate", "--json"]);
    let found = report(&output);
    let group = &found["plans"][0]["groups"][0];
    assert_eq!(
        (&group["outcome"], &group["ranges"]),
        (&"crashed".into(), &serde_json::json!([[3, 3]]))
    );
    let remarks = group["sample"]["remarks"].to_string();
    assert!(remarks.contains("status 9") && remarks.contains("half a line"), "{remarks}");
}

#[test]
fn a_death_that_no_case_alone_brings_about_is_not_forgotten() {
    let output = check("dies", &["--plan", "split,half-close,reset,truncate,random", "--json"]);
    let found = report(&output);
    assert_eq!((found["verdict"].as_str(), output.code), (Some("fail"), Some(3)), "{found:#}");
    let notes = found["notes"].to_string() + &found["plans"].to_string();
    assert!(notes.contains("status 7"), "{found:#}");
}

#[test]
fn what_fails_now_and_then_fails() {
    let output = check("racy", &["--plan", "split,random", "--json"]);
    let found = report(&output);
    assert_eq!((found["verdict"].as_str(), output.code), (Some("fail"), Some(3)), "{found:#}");
}

#[test]
fn a_running_server_that_dies_ends_the_check_with_a_note() {
    let target = Peer::server("check_server.py", &["dies", "0"]);
    let output = run(&[&target.bare(), "--send", r"hello\n", "--json"]);
    let found = report(&output);
    assert_eq!((found["verdict"].as_str(), output.code), (Some("fail"), Some(3)), "{found:#}");
    let notes = found["notes"].to_string();
    assert!(notes.contains("no longer answers"), "{found:#}");
    let last = found["plans"].as_array().and_then(|plans| plans.last()).expect("plans");
    assert!(last["skipped"].is_string(), "{found:#}");
}

#[test]
fn a_plan_that_was_asked_for_and_cannot_be_run_has_not_passed() {
    passes("closes", &[]);
    let output = check("closes", &["--plan", "coalesce", "--json"]);
    let found = report(&output);
    assert_eq!((found["verdict"].as_str(), output.code), (Some("fail"), Some(3)), "{found:#}");
    assert_eq!(found["plans"][0]["skipped"], "the target closes after one reply");
}

#[test]
fn what_was_found_before_an_error_is_written() {
    let place = Place::new();
    for (name, start) in [("one", server("echo")), ("two", "/nowhere/at/all".to_owned())] {
        let case =
            format!("name = {name:?}\nsend = \"x\\n\"\nplans = [\"split\"]\nstart = {start:?}\n");
        fs::write(place.path(&format!("{name}.toml")), case).unwrap();
    }
    let junit = place.path("report.xml");
    let output = run(&["--case", &place.path(""), "--junit", &junit]);
    assert_eq!(output.code, Some(2), "{output:?}");
    let written = fs::read_to_string(junit).unwrap();
    assert!(written.contains("one") && written.contains("</testsuites>"), "{written}");
}

#[test]
fn connections_begin_no_more_often_than_the_pace_allows() {
    passes("throttled", &["--pace", "30ms", "--plan", "split,drip,half-close"]);
}

#[test]
fn nothing_of_a_peer_reaches_a_terminal_raw() {
    let place = Place::new();
    let (html, junit) = (place.path("report.html"), place.path("report.xml"));
    let args = ["--expect", "x", "--timeout", "300ms", "--html", &html, "--junit", &junit];
    let output = check("controls", &args);
    assert_eq!(output.code, Some(3), "{output:?}");
    for text in
        [output.stdout(), fs::read_to_string(html).unwrap(), fs::read_to_string(junit).unwrap()]
    {
        assert!(!text.contains('\x1b') && !text.contains('\x07'), "{text}");
        assert!(text.contains("owned"), "it is shown: {text}");
    }
}

#[test]
fn the_command_that_replays_a_case_does() {
    let output = check("half", &["--plan", "truncate"]);
    let text = output.stdout();
    let replay = text.lines().find_map(|line| line.strip_prefix("replay it")).expect("a command");
    assert!(replay.contains("--only truncate@3"), "{replay}");
    let output = check("half", &["--only", "truncate@3", "--json"]);
    let found = report(&output);
    assert_eq!((&found["cases"], output.code), (&1.into(), Some(3)), "{found:#}");
}

#[test]
fn a_folder_of_cases_is_a_suite() {
    let place = Place::new();
    for name in ["one", "two"] {
        let case = format!("name = \"{name}\"\nsend = \"{name}\\n\"\nplans = [\"split\"]\n");
        fs::write(place.path(&format!("{name}.toml")), case).unwrap();
    }
    let folder = place.path("");
    let output = run(&["--start", &server("echo"), "--case", &folder, "--json"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let names: Vec<Value> = output
        .stdout()
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("a line is an object")["name"].clone()
        })
        .collect();
    assert_eq!(names, ["one", "two"]);
}

#[test]
fn one_that_is_not_there_is_a_network_error() {
    let unserved = support::Unserved::tcp();
    let output = run(&[&unserved.address(), "--send", "x", "--json"]);
    assert_eq!((report(&output)["verdict"].as_str(), output.code), (Some("unreachable"), Some(1)));
}

#[test]
fn a_program_that_does_not_start_is_told_with_what_it_said() {
    let output = run(&["--start", "sh -c 'echo no such luck >&2; exit 4'", "--send", "x"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("status 4") && output.stderr.contains("no such luck"),
        "{output:?}"
    );
    refused(&["--start", "/nowhere/at/all", "--send", "x"], "/nowhere/at/all");
}

#[test]
fn one_that_is_ended_has_not_passed_and_leaves_nothing_behind() {
    let place = Place::new();
    let told = place.pipe("pid");
    let silent = server("silent").replace('\'', "");
    let start = format!("sh -c 'echo $$ >{}; exec {silent}'", place.path("pid"));
    let args = ["check", "--start", &start, "--send", r"hello\n", "--timeout", "1h"];
    let mut process = Framecat::run(&args);
    let target: i32 = told.line(PATIENCE).trim().parse().expect("a number");
    process.signal(Signal::TERM);
    let output = process.finish_within(PATIENCE);
    assert_eq!(output.code, Some(130), "{output:?}");
    let target = Pid::from_raw(target).expect("not 0");
    assert_eq!(test_kill_process(target), Err(Errno::SRCH), "the target is gone");
}

#[test]
fn what_makes_no_sense_is_refused_with_the_place() {
    let case = |text: &str| {
        let place = Place::new();
        let path = place.path("x.toml");
        fs::write(&path, text).unwrap();
        (place, path)
    };
    let (_keep, unknown) = case("name = \"x\"\nsend = \"x\"\nplanz = []\n");
    let (_keep, regex) = case("name = \"x\"\nsend = \"x\"\nmasks = [\"(\"]\n");
    for (args, why) in [
        (&["--send", "x"][..], "no target"),
        (&[":1", "--send", r"a\q"], "unknown escape"),
        (&[":1", "--send", "x", "--mask", "("], "unclosed group, at character 1"),
        (&[":1", "--send", "x", "--mask", ".*"], "fits nothing at all"),
        (&[":1", "--send", "xy", "--only", "split@2"], "no case of this exchange"),
        (&[":1", "--send", "xy", "--only", "split"], "as in split@17"),
        (&[":1", "--send", "xy", "--only", "garbage@1"], "without --frame"),
        (&[":1", "--send", "x", "--plan", "spilt"], "is not a plan"),
        (&[":1", "--send", "x", "--jobs", "0"], "--jobs"),
        (&[":1", "--send", "x", "--timeout", "0"], "more than 0"),
        (&[":1", "--send", "x", "--", "cat"], "--listen"),
        (&[":1", "--send", "x", "--html", "/nowhere/at/all.html"], "/nowhere/at/all.html"),
        (&[":1", "--case", "/nowhere.toml"], "no such file"),
        (&[":1", "--case", &unknown], "line 3"),
        (&[":1", "--case", &regex], "line 3"),
        (&["udp://127.0.0.1:1", "--send", "x"], "keeps the boundaries"),
    ] {
        refused(args, why);
    }
}
