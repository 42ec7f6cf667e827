//! Running `framecat watch`, and what it wrote.

use std::sync::LazyLock;
use std::time::Instant;

use serde_json::Value;

use crate::support::{Framecat, Output, PATIENCE, Process};

/// Runs it to its end.
#[track_caller]
pub(super) fn watch(args: &[&str]) -> Output {
    start(args).finish()
}

#[track_caller]
pub(super) fn start(args: &[&str]) -> Process {
    let mut process = Framecat::run(&[&["watch"], args].concat());
    process.close_stdin();
    process
}

/// One sample as JSON.
#[track_caller]
pub(super) fn once(args: &[&str]) -> Value {
    let output = watch(&[&["--once", "--json"], args].concat()).succeeded();
    let mut samples = samples(&output);
    assert_eq!(samples.len(), 1, "{output:?}");
    samples.remove(0)
}

/// Samples until one is as wanted: what the kernel does cannot be waited for.
#[track_caller]
pub(super) fn once_until(args: &[&str], wanted: impl Fn(&Value) -> bool) -> Value {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let sample = once(args);
        if wanted(&sample) {
            return sample;
        }
        assert!(Instant::now() < give_up, "it is still\n{sample:#}");
    }
}

/// The samples, each of which is what the schema promises.
#[track_caller]
pub(super) fn samples(output: &Output) -> Vec<Value> {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../schemas/watch.json"));
        jsonschema::validator_for(&schema.expect("the schema is JSON")).expect("it is a schema")
    });
    let stdout = output.stdout();
    let parse = |line: &str| -> Value {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    let samples: Vec<Value> = stdout.lines().map(parse).collect();
    for sample in &samples {
        if let Err(error) = SCHEMA.validate(sample) {
            panic!("{}: {error}\n{sample:#}", error.instance_path());
        }
    }
    samples
}

/// The sockets of a sample.
#[track_caller]
pub(super) fn sockets(sample: &Value) -> &[Value] {
    sample["sockets"].as_array().expect("there are sockets")
}

/// The socket with this name and this peer's name.
#[track_caller]
pub(super) fn socket<'a>(sample: &'a Value, local: &str, peer: Option<&str>) -> &'a Value {
    let mut all = sockets(sample).iter();
    let found = all.find(|it| it["local"] == local && it["peer"] == Value::from(peer));
    found.unwrap_or_else(|| panic!("no {local} of {peer:?} in {sample:#}"))
}

/// The words for what is wrong with a socket.
pub(super) fn problems<'a>(sample: &'a Value, socket: &Value) -> Vec<&'a str> {
    let all = sample["findings"].as_array().expect("there are findings").iter();
    let of_it = all.filter(|finding| finding["cookie"] == socket["cookie"]);
    of_it.filter_map(|finding| finding["problem"].as_str()).collect()
}
