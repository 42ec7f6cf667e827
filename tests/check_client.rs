//! `framecat check --listen ADDR -- CMD`: what it finds of clients.

mod support;

use std::path::PathBuf;

use serde_json::Value;

use support::{Framecat, Output, Place};

/// A check takes a few runs of a program a case.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

const HELLO: [&str; 4] = ["--frame", "u32be", "--send", "hello"];

/// What a check found of tests/peers/check_client.py.
struct Found {
    report: Value,
    code: Option<i32>,
}

fn run(args: &[&str]) -> Output {
    let mut process = Framecat::run(&[&["check"], args].concat());
    process.close_stdin();
    process.finish_within(PATIENCE)
}

fn python(mode: &str) -> Vec<String> {
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/check_client.py");
    let script = script.to_str().expect("a plain path").to_owned();
    ["python3", "-B", "-S", &script, mode].map(str::to_owned).to_vec()
}

#[track_caller]
fn check_at(listen: &str, mode: &str, at: &str, args: &[&str]) -> Found {
    let command = python(mode);
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let args = [&["--listen", listen, "--json"], args, &["--"], &command, &[at]].concat();
    found(&run(&args))
}

#[track_caller]
fn check(mode: &str, args: &[&str]) -> Found {
    check_at("127.0.0.1:0", mode, "{host}:{port}", args)
}

#[track_caller]
fn found(output: &Output) -> Found {
    let report: Value = serde_json::from_str(output.stdout().trim())
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(report["side"], "client");
    Found { report, code: output.code }
}

impl Found {
    #[track_caller]
    fn verdict(&self, verdict: &str, code: i32) -> &Found {
        let found = (self.report["verdict"].as_str(), self.code);
        assert_eq!(found, (Some(verdict), Some(code)), "{:#}", self.report);
        self
    }

    /// `passes`, why it was left out, or what is not as uncut, as in `hung [[1,3]]`.
    #[track_caller]
    fn plan(&self, name: &str) -> String {
        let plans = self.report["plans"].as_array().expect("a list");
        let plan = plans.iter().find(|plan| plan["plan"] == name);
        let plan = plan.unwrap_or_else(|| panic!("no {name} in {:#}", self.report));
        if let Some(why) = plan["skipped"].as_str() {
            return format!("left out: {why}");
        }
        let groups = plan["groups"].as_array().expect("a list").iter();
        let groups = groups.map(|group| {
            format!("{} {}", group["outcome"].as_str().unwrap_or_default(), group["ranges"])
        });
        match groups.collect::<Vec<_>>().join("; ") {
            text if text.is_empty() => "passes".into(),
            text => text,
        }
    }

    fn sample(&self) -> &Value {
        &self.report["plans"][0]["groups"][0]["sample"]
    }

    #[track_caller]
    fn note(&self) -> &str {
        self.report["notes"][0]["text"].as_str().unwrap_or_else(|| panic!("{:#}", self.report))
    }
}

#[test]
fn a_right_client_passes_every_plan_and_each_cut_is_confirmed() {
    let found = check("right", &HELLO);
    found.verdict("pass", 0);
    assert_eq!(found.report["baseline"]["reply"], "hello\\n");
    for plan in ["split", "drip", "chunks:7", "random:20", "half-close", "truncate", "reset"] {
        assert_eq!(found.plan(plan), "passes", "{plan}");
    }
    for plan in ["empty", "oversize", "garbage"] {
        assert_eq!(found.plan(plan), "passes", "{plan}");
    }
    assert_eq!(found.plan("coalesce:2"), "left out: the client ends after 1 message");
    assert!(found.plan("slow-reader").starts_with("left out: "));
    let cuts = &found.report["cuts"];
    assert!(cuts["confirmed"].as_u64() > Some(8 + 8), "{cuts}");
    assert_eq!((&cuts["timed"], &cuts["not_read"]), (&0.into(), &0.into()));
}

#[test]
fn what_framecat_itself_receives_does_not_depend_on_cuts() {
    let binary = env!("CARGO_BIN_EXE_framecat");
    let client = ["--", binary, "connect", "{addr}", "--frame", "u32be"];
    let args = [&["--listen", ":0", "--json"][..], &HELLO, &client].concat();
    let found = found(&run(&args));
    found.verdict("pass", 0);
    // It ends with the stream, and takes any number of messages.
    assert_eq!(found.plan("straddle:2"), "passes");
    assert_eq!(found.plan("truncate"), "passes");
}

#[test]
fn one_recv_is_not_a_message() {
    let found = check("one_recv", &[&HELLO[..], &["--plan", "split,drip,half-close"]].concat());
    found.verdict("fail", 3);
    assert_eq!(found.plan("split"), "wrong [[1,8]]");
    assert_eq!(found.plan("drip"), "wrong [[0,0]]");
    assert_eq!(found.plan("half-close"), "passes");
    let sample = found.sample();
    assert_eq!((&sample["expected"], &sample["got"]), (&"hello\\n".into(), &"\\n".into()));
    // It may be gone with what it has read before we look.
    let then = &sample["wrote"][0]["then"];
    assert!(then == "read" || then == "gone", "{then}");
}

#[test]
fn an_exit_status_is_compared_as_well() {
    let found = check("status_tells", &[&HELLO[..], &["--only", "split@3"]].concat());
    found.verdict("fail", 3);
    assert_eq!(found.plan("split"), "other-status [[3,3]]");
    assert_eq!(found.sample()["remarks"][0], "it ended with status 7 instead of 0");
}

#[test]
fn half_a_message_is_no_success() {
    let found = check("end_is_success", &[&HELLO[..], &["--plan", "split,truncate"]].concat());
    found.verdict("fail", 3);
    assert_eq!(found.plan("split"), "passes");
    assert_eq!(found.plan("truncate"), "half-answered [[1,8]]");
}

#[test]
fn who_reads_on_after_a_reset_hangs_and_is_ended() {
    let found = check("retries", &[&HELLO[..], &["--only", "reset@3,reset@9"]].concat());
    found.verdict("fail", 3);
    assert_eq!(found.plan("reset"), "hung [[3,3]]");
    assert_eq!(found.sample()["remarks"], serde_json::json!([]));
}

#[test]
fn a_signal_is_a_crash() {
    let found = check("dies_of_reset", &[&HELLO[..], &["--only", "reset@3"]].concat());
    found.verdict("fail", 3);
    assert_eq!(found.plan("reset"), "crashed [[3,3]]");
    assert_eq!(found.sample()["remarks"][0], "it was killed by SIGPIPE");
}

#[test]
fn a_pair_is_answered_in_turn_joined_and_cut_across_its_seam() {
    let pair = ["--send", r"ONE\n", "--send", r"TWO\n"];
    let found = check("two_lines", &pair);
    found.verdict("pass", 0);
    assert_eq!(found.report["baseline"]["reply"], r"ONE\nTWO\n\n");
    for plan in ["split", "drip", "coalesce:2", "straddle:2", "half-close", "truncate", "reset"] {
        assert_eq!(found.plan(plan), "passes", "{plan}");
    }
    let plans = ["--plan", "coalesce,straddle,split"];
    let found = check("loses_the_second", &[&pair[..], &plans].concat());
    found.verdict("fail", 3);
    assert_eq!(found.plan("coalesce:2"), "hung [[0,0]]");
    assert_eq!(found.plan("straddle:2"), "hung [[1,3]]; wrong [[5,7]]");
    assert_eq!(found.plan("split"), "passes");
}

#[test]
fn where_the_stream_is_the_message_its_end_is_the_mark() {
    let found = check("to_the_end", &["--send", "hello", "--plan", "truncate,coalesce"]);
    found.verdict("fail", 3);
    assert_eq!(found.plan("truncate"), "end-is-mark [[1,4]]");
    assert_eq!(found.plan("coalesce:2"), "passes");
    // It was asked for by name; otherwise it is a property.
    let found = check("to_the_end", &["--send", "hello", "--jobs", "8"]);
    found.verdict("pass", 0);
    assert_eq!(found.plan("truncate"), "end-is-mark [[1,4]]");
}

#[test]
fn what_changes_from_run_to_run_is_found_and_can_be_masked() {
    let found = check("pid", &HELLO);
    found.verdict("not-deterministic", 3);
    let mask = found.report["baseline"]["proposed_mask"].as_str().expect("digits are a usual kind");
    let args = [&HELLO[..], &["--mask", mask, "--plan", "split"]].concat();
    check("pid", &args).verdict("pass", 0);
}

#[test]
fn an_output_can_be_asked_for() {
    let args = [&HELLO[..], &["--expect", "other\\n"]].concat();
    let found = check("right", &args);
    found.verdict("wrong-uncut", 3);
    assert_eq!(found.report["baseline"]["expected"], "other\\n");
    let args = [&HELLO[..], &["--expect-regex", "[0-9] hello", "--plan", "split"]].concat();
    check("pid", &args).verdict("pass", 0);
}

#[test]
fn a_client_may_listen_first() {
    let args = [&HELLO[..], &["--plan", "split,drip"]].concat();
    check("listens_first", &args).verdict("pass", 0);
}

#[test]
fn a_dialogue_comes_before_the_exchange() {
    let steps = ["--before", r"220 ready\n", "--before", r"250 hello\n", "--plan", "split,drip"];
    check("dialogue", &[&HELLO[..], &steps].concat()).verdict("pass", 0);
    let found = check("right", &[&HELLO[..], &["--greeting", "^HELO"]].concat());
    found.verdict("setup", 3);
    assert!(found.note().contains("expected `^HELO`, got `hi`"), "{}", found.note());
}

#[test]
fn further_connections_are_served_uncut() {
    let args = [&HELLO[..], &["--plan", "split"]].concat();
    let found = check("twice", &args);
    found.verdict("pass", 0);
    let note = "makes 2 connections: only the first is cut, the others are served uncut";
    assert_eq!(found.note(), note);
}

#[test]
fn unix_sockets_have_a_place_each_or_one_for_all() {
    let args = [&HELLO[..], &["--plan", "split,reset"]].concat();
    check_at("unix://{path}", "right", "{path}", &args).verdict("pass", 0);
    let name = Place::abstract_name();
    let found = check_at(&format!("unix://{name}"), "right", &name, &args);
    found.verdict("pass", 0);
    assert_eq!(found.report["cuts"]["timed"], 0);
}

#[test]
fn a_client_that_does_not_come_is_not_reached() {
    let found = check("never", &HELLO);
    found.verdict("unreachable", 1);
    let note = found.note();
    assert!(note.starts_with("the client did not connect to tcp://127.0.0.1:"), "{note}");
    assert!(note.ends_with(" and ended with status 1"), "{note}");
    let said = found.report["notes"][0]["stderr"].as_str().unwrap_or_default();
    assert!(said.contains("was told where to go"), "{said}");
}

#[test]
fn what_cannot_be_checked_is_wrong_usage() {
    for (args, said) in [
        (
            &["--listen", ":0", "--send", "x", "--", "no-such-program"][..],
            "is in no folder of PATH",
        ),
        (&["--listen", ":0", "--send", "x", "--only", "split@9", "--", "true"], "is no case"),
        (&["--listen", "udp://:0", "--send", "x", "--", "true"], "keeps the boundaries"),
        (&["--listen", "unix:///no/such/dir/x", "--send", "x", "--", "true"], "cannot listen on"),
    ] {
        let output = run(args);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(said), "{output:?}");
    }
}
