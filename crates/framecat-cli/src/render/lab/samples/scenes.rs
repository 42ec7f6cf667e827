//! What real runs of two experiments came to, as they were seen on Linux 6.18.

use std::time::Duration;

use framecat::core::lab::{Experiment, Lane, Measured, Queue, Report, Timeline, Verdict, What};
use framecat::core::sock_diag::State;

use super::{call, listener, note, report};

const SERVER: Lane = Lane::Server(0);

/// A queue that is full, and a client that hangs.
pub(in super::super) fn backlog() -> Report {
    let mut timeline = Timeline::default();
    timeline.push(call(SERVER, 40, 50, "listen(5)", "0"));
    timeline.push(call(Lane::Client(1), 80, 110, "connect()", "0"));
    timeline.push(call(SERVER, 130, 140, "accept()", "a new socket"));
    for (number, waiting) in [(2u16, 1), (3, 2), (7, 6), (8, 6)] {
        let at = u64::from(number) * 500;
        timeline.push(call(Lane::Client(number), at, at + 30, "connect()", "EINPROGRESS"));
        timeline.push(listener(at + 300, waiting));
    }
    let values = vec![Measured::new("client", 8u32)];
    timeline.push(note(4350, What::Remark { name: "hangs", values }));
    timeline.push(note(1_032_000, hanging(State::SynSent)));
    timeline.push(call(SERVER, 1_032_100, 1_032_200, "accept()", "a new socket"));
    timeline.push(listener(1_032_300, 5));
    timeline.push(note(2_059_900, hanging(State::Established)));
    let measured = vec![
        Measured::new("limit", 5u32),
        Measured::new("queued", 6u32),
        Measured::new("hangs", true),
        Measured::new("repeated", 1u32),
        Measured::new("connected_later", true),
        Measured::new("drops", Some(1u32)),
        Measured::new("somaxconn", 4096u32),
        Measured::new("abort_on_overflow", 0u32),
    ];
    report(Experiment::Backlog, Verdict::DoesNotHold, timeline, measured)
}

fn hanging(state: State) -> What {
    let unacknowledged = u32::from(state == State::SynSent);
    let of = Lane::Client(8);
    What::Queue(Queue::Connection { of, state: Some(state), unread: 0, unacknowledged })
}

/// A call that waits, and one that does not.
pub(in super::super) fn accept_blocks() -> Report {
    let mut timeline = Timeline::default();
    timeline.push(call(SERVER, 50, 60, "listen(5)", "0"));
    timeline.push(call(SERVER, 120, 574, "accept()", "a new socket"));
    timeline.push(note(180, What::Asleep { of: SERVER, call: "accept()".into() }));
    timeline.push(listener(490, 0));
    timeline.push(call(Lane::Client(1), 500, 520, "connect()", "0"));
    timeline.push(call(Lane::Client(2), 640, 660, "connect()", "0"));
    timeline.push(listener(950, 1));
    timeline.push(call(SERVER, 1100, 1110, "accept()", "a new socket"));
    let measured = vec![
        Measured::new("waiting", 0u32),
        Measured::new("slept", true),
        Measured::new("woken", true),
        Measured::new("waiting_again", 1u32),
        Measured::new("returned", true),
    ];
    let report = report(Experiment::AcceptBlocks, Verdict::Holds, timeline, measured);
    Report { took: Duration::from_micros(1200), ..report }
}
