//! For each problem, samples in which it is there and in which it is not quite, with what is said.

mod connections;
mod listeners;
mod namespace;
mod quiet;

use std::time::Duration;

use super::super::testing::*;
use super::super::{Frame, Socket};

const ZERO: Duration = Duration::ZERO;

/// What is said of a socket: `warning not-reading: …`.
fn said(frame: &Frame, cookie: u64) -> Vec<String> {
    let findings = of(frame, cookie).findings.iter();
    findings.map(|it| format!("{} {}: {it}", it.severity, it.problem.word())).collect()
}

/// What is said of the namespace.
fn said_of_all(frame: &Frame) -> Vec<String> {
    let findings = frame.findings.iter();
    findings.map(|it| format!("{} {}: {it}", it.severity, it.problem.word())).collect()
}

/// What is said of the socket with cookie 1 in the last of these samples.
fn after(samples: impl IntoIterator<Item = (Duration, Vec<Socket>)>) -> Vec<String> {
    let mut script = Script::default();
    let frames = samples.into_iter().map(|(at, sockets)| script.frame(at, sockets));
    said(&frames.last().expect("there is a sample"), 1)
}
