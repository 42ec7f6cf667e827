//! Reports made by hand, for the tests of everything that shows one: `scenes` has those that stand for real
//! ones, and here are those that have everything, and what they are made of.

mod scenes;

use std::time::Duration;

use framecat::core::lab::{
    Event, Experiment, Lane, Measured, Queue, Report, Timeline, Value, Verdict, What,
};
use framecat::core::sock_diag::State;

pub(super) use scenes::{accept_blocks, backlog};

use super::Series;

/// What a hostile peer sends: it clears the screen, colours, turns the direction of text, and tries to
/// end whatever it stands in.
const HOSTILE: &[u8] =
    b"\x1b[2J\x1b]0;owned\x07\xc2\x9b31m\xe2\x80\xae</text></svg><script>alert(1)</script>\r\n\0\xff\"'&";

/// All of them.
pub(super) fn all() -> Vec<Series> {
    let reports = [backlog(), accept_blocks(), crowd(), cannot_tell()];
    let mut all: Vec<Series> = reports.into_iter().map(|report| series([report])).collect();
    all.extend([everything(), differing()]);
    all
}

/// Runs of one experiment.
pub(super) fn series(reports: impl IntoIterator<Item = Report>) -> Series {
    let mut reports = reports.into_iter().peekable();
    let experiment = reports.peek().expect("there is one").experiment;
    let mut series = Series::new(experiment);
    reports.for_each(|report| series.push(report));
    series
}

/// An experiment that came to two verdicts.
pub(super) fn differing() -> Series {
    let mut runs = vec![backlog(); 20];
    runs[7].verdict = Verdict::Holds;
    series(runs)
}

/// One that could not be made.
pub(super) fn cannot_tell() -> Report {
    Report {
        experiment: Experiment::HalfOpen,
        verdict: Verdict::CannotTell,
        measured: vec![],
        timeline: Timeline::default(),
        obstacle: Some("connect(): EPERM \x1b[31m".into()),
        took: Duration::from_millis(2),
    }
}

/// Clients that wait at once, more than have room for a bar, and a pause.
pub(super) fn crowd() -> Report {
    let mut timeline = Timeline::default();
    for client in 1..=9u16 {
        // The fourth ends before the last two begin.
        let from = u64::from(client) * 10 + if client > 7 { 800 } else { 0 };
        let until = if client == 4 { 700 } else { 900_000 + u64::from(client) * 10_000 };
        let returned = "128 \"the quick brown fox …\" (128 B)";
        timeline.push(call(Lane::Client(client), from, until, "recv(4096, MSG_WAITALL)", returned));
    }
    for number in 0..12 {
        let from = 600 + number;
        let sent = "send(\"the quick brown fox…\" (128 B))";
        timeline.push(call(Lane::Server(0), from, from, sent, "128"));
    }
    timeline.omitted = 31;
    report(Experiment::Threads, Verdict::HoldsBut, timeline, vec![])
}

/// Every kind of event and of value, some of them hostile, long or empty.
pub(super) fn everything() -> Series {
    let end =
        |of, state, unread, unacknowledged| Queue::Connection { of, state, unread, unacknowledged };
    let (client, server) = (Lane::Client(1), Lane::Server(2));
    let hostile = String::from_utf8_lossy(HOSTILE).into_owned();
    let what = [
        What::Queue(Queue::Listener { waiting: 7, limit: 5, half_open: 2 }),
        What::Queue(Queue::Listener { waiting: 100, limit: 4096, half_open: 0 }),
        What::Queue(Queue::Listener { waiting: 1, limit: 0, half_open: 0 }),
        What::Queue(end(client, Some(State::SynSent), 0, 1)),
        What::Queue(end(server, Some(State::CloseWait), 212_992, 65_536)),
        What::Queue(end(server, None, 0, 0)),
        What::Queue(Queue::Datagrams { of: server, memory: 2304, drops: Some(3) }),
        What::Queue(Queue::Datagrams { of: server, memory: 0, drops: None }),
        What::Asleep { of: server, call: "recvfrom()".into() },
        What::Remark { name: "nobody-has-written-this", values: vec![Measured::new("x", 1u32)] },
        What::Call { call: "recv(64)".into(), returned: "ECONNRESET".into(), failed: true },
        What::Call { call: format!("send({hostile})"), returned: hostile, failed: false },
    ];
    let mut timeline = Timeline::default();
    for (number, what) in what.into_iter().enumerate() {
        let lane = match &what {
            What::Call { .. } => client,
            _ => Lane::Kernel,
        };
        let time = Duration::from_micros(number as u64 * 75_000);
        timeline.push(Event { from: time, until: time, lane, what });
    }
    timeline.push(call(server, 20, 800_000, "accept()", "a new socket"));
    let measured = vec![
        Measured::new("count", 1_234_567u32),
        Measured::new("bytes", Value::Bytes(1)),
        Measured::new("time", Duration::from_micros(1234)),
        Measured::new("ratio", Value::Ratio(2.31)),
        Measured::new("infinite", Value::Ratio(f64::INFINITY)),
        Measured::new("truth", true),
        Measured::new("word", "ECONNRESET"),
        Measured::new("data", HOSTILE.to_vec()),
        Measured::new("long", vec![b'a'; 1 << 20]),
        Measured::new("counts", (1..=120u64).collect::<Vec<_>>()),
        Measured::new("unknown", Value::Unknown),
    ];
    series([report(Experiment::RecvBlocks, Verdict::Holds, timeline, measured)])
}

fn report(
    experiment: Experiment,
    verdict: Verdict,
    timeline: Timeline,
    measured: Vec<Measured>,
) -> Report {
    let took = Duration::from_millis(910);
    Report { experiment, verdict, measured, timeline, obstacle: None, took }
}

/// A call from one time to another, in microseconds.
fn call(lane: Lane, from: u64, until: u64, call: &str, returned: &str) -> Event {
    let failed = returned.starts_with('E') && !returned.starts_with("EINPROGRESS");
    let what = What::Call { call: call.into(), returned: returned.into(), failed };
    Event { from: Duration::from_micros(from), until: Duration::from_micros(until), lane, what }
}

/// Something that has no length.
fn note(at: u64, what: What) -> Event {
    let at = Duration::from_micros(at);
    Event { from: at, until: at, lane: Lane::Kernel, what }
}

fn listener(at: u64, waiting: u32) -> Event {
    note(at, What::Queue(Queue::Listener { waiting, limit: 5, half_open: 0 }))
}
