//! The floor plan: which part of the code may know which. The compiler keeps the crates apart; this
//! keeps the modules apart, and `framecat-core` free of sockets, clocks and everything else that acts.
//!
//! - `floor_plan/source.rs` finds every path that a source file names
//! - `floor_plan/plan.rs` says which of them are refused
//! - `floor_plan/refusals.rs` proves that they are
//!
//! A new module is refused until it has a row here.

mod floor_plan {
    pub(crate) mod plan;
    mod refusals;
    pub(crate) mod source;
}

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use floor_plan::plan::{Row, Rule, refused};
use floor_plan::source::Source;
use serde_json::Value;

/// The modules of `framecat`. `relay` is to come.
const ACTS: &[Row] = &[
    Row { module: "error", may_know: &[] },
    Row { module: "endpoint", may_know: &["error"] },
    Row { module: "kernel", may_know: &["endpoint", "error"] },
    Row { module: "program", may_know: &["endpoint", "error", "kernel"] },
    Row { module: "observe", may_know: &["error"] },
    Row { module: "session", may_know: &["endpoint"] },
    Row { module: "server", may_know: ALL_BUT_EACH_OTHER },
    Row { module: "client", may_know: ALL_BUT_EACH_OTHER },
    Row { module: "relay", may_know: ALL_BUT_EACH_OTHER },
    Row { module: "watch", may_know: &["error", "kernel"] },
    Row { module: "lab", may_know: &["endpoint", "error", "kernel"] },
    Row { module: "check", may_know: &["endpoint", "error", "kernel", "program"] },
];
const ALL_BUT_EACH_OTHER: &[&str] = &["endpoint", "error", "kernel", "observe", "session"];
const TO_COME: &[&str] = &["relay"];

/// The modules of `framecat-cli`.
const SPEAKS: &[Row] = &[
    Row { module: "style", may_know: &[] },
    Row { module: "args", may_know: &["style"] },
    Row { module: "render", may_know: &["args", "style"] },
    Row { module: "run", may_know: &["args", "render", "style"] },
];

/// What only the binary needs: who uses the library shall not have to build it.
const OF_THE_BINARY: &[&str] = &[
    "anstyle",
    "anyhow",
    "clap",
    "crossterm",
    "http-body-util",
    "hyper",
    "hyper-util",
    "indicatif",
    "maud",
    "prometheus-client",
    "quick-junit",
    "ratatui",
    "rustyline",
    "serde_json",
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in crates/").to_owned()
}

/// Every source file of a crate.
fn sources(name: &str) -> Vec<Source> {
    let root = crates().join(name).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        for entry in entries {
            let path = entry.expect("a folder can be read to its end").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                let within = path.strip_prefix(&root).expect("it was found there");
                sources.push(Source::read(
                    &Path::new("crates").join(name).join("src").join(within),
                    within,
                    &text,
                ));
            }
        }
    }
    assert!(!sources.is_empty(), "{name} has no sources: this test would see nothing");
    sources
}

#[track_caller]
fn keep(name: &str, rules: &[Rule]) {
    let sources = sources(name);
    let paths: usize = sources.iter().map(|source| source.found.len()).sum();
    assert!(paths > 10 * sources.len(), "{name}: {paths} paths are too few to be all");
    let refused = refused(&sources, rules);
    assert!(refused.is_empty(), "\n{}\n", refused.join("\n"));
}

/// The top modules of a crate; each row stands for one that is there, so that none is misspelt.
#[track_caller]
fn rows_are_real(name: &str, rows: &[Row]) {
    let sources = sources(name);
    let modules: BTreeSet<&str> = sources.iter().filter_map(Source::top).collect();
    let rows: BTreeSet<&str> = rows.iter().map(|row| row.module).collect();
    let to_come: BTreeSet<&str> = TO_COME.iter().copied().collect();
    assert!(modules.is_subset(&rows), "without a row: {:?}", &modules - &rows);
    let missing = &(&rows - &modules) - &to_come;
    assert!(missing.is_empty(), "rows without a module: {missing:?}");
}

/// The dependencies of a crate by its manifest, without those of its tests; where one is needed on
/// some systems only, which these are stands behind it.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = crates().join(name).join("Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline", "--manifest-path"])
        .arg(&manifest)
        .output()
        .expect("cargo built this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == name).expect("it has a name");
    let all = package["dependencies"].as_array().expect("dependencies");
    let needed = all.iter().filter(|dependency| dependency["kind"] != "dev");
    let mut names: Vec<String> = needed
        .map(|dependency| {
            let name = dependency["name"].as_str().expect("a name");
            let target = dependency["target"].as_str();
            target.map_or(name.to_owned(), |target| format!("{name} on {target}"))
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn core_has_no_socket_no_clock_no_runtime_no_thread_and_no_chance() {
    keep("framecat-core", &[Rule::DecidesOnly]);
}

#[test]
fn only_the_binary_speaks() {
    keep("framecat-core", &[Rule::Silent]);
    keep("framecat", &[Rule::Silent]);
}

#[test]
fn the_acting_modules_know_only_those_below_them() {
    rows_are_real("framecat", ACTS);
    keep("framecat", &[Rule::Knows(ACTS)]);
}

#[test]
fn the_binary_goes_from_what_was_typed_to_what_is_shown() {
    rows_are_real("framecat-cli", SPEAKS);
    keep("framecat-cli", &[Rule::Knows(SPEAKS)]);
}

#[test]
fn core_depends_on_these_crates_which_only_compute() {
    assert_eq!(
        dependencies("framecat-core"),
        [
            "bytes",
            "jiff",
            "memchr",
            "netlink-packet-core on cfg(target_os = \"linux\")",
            "netlink-packet-sock-diag on cfg(target_os = \"linux\")",
            "regex",
            "serde",
            "thiserror",
            "toml",
            "unicode-width",
        ]
    );
}

#[test]
fn the_library_does_not_depend_on_what_only_the_binary_needs() {
    let dependencies = dependencies("framecat");
    assert!(dependencies.iter().any(|name| name == "framecat-core"), "{dependencies:?}");
    let of_the_binary = |name: &&String| OF_THE_BINARY.contains(&first_word(name));
    let needless: Vec<_> = dependencies.iter().filter(of_the_binary).collect();
    assert!(needless.is_empty(), "{needless:?}");
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}
