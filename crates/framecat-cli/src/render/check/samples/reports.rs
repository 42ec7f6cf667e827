//! The reports.

use std::time::Duration;

use framecat::core::check::{
    Baseline, Cuts, Difference, End, Note, Outcome, Piece, Plan, PlanReport, Report, Sample,
    Severity, Shape, Side, Then, Verdict,
};

use super::{HOSTILE, came, passing, piece, sample, skipped, with_group};

/// The request of the tutorial T1: a header of 64 bytes, and `hello`.
fn header_64() -> Vec<u8> {
    format!("{:<64}hello", 5).into_bytes()
}

/// Everything passes.
pub(in super::super) fn pass() -> Report {
    Report {
        name: None,
        target: "tcp://127.0.0.1:5050".into(),
        side: Side::Server,
        requests: vec![b"hello\n".to_vec()],
        baseline: Baseline {
            runs: 3,
            alike: 3,
            reply: b"hello\n".to_vec(),
            slowest: Duration::from_micros(200),
            ..Baseline::default()
        },
        plans: vec![
            passing(Plan::Split, 1..=5),
            passing(Plan::Drip, 0..=0),
            passing(Plan::Chunks(7), 0..=0),
            skipped(Plan::Coalesce(2), "the target closes after one reply"),
            skipped(Plan::Straddle(2), "the target closes after one reply"),
            with_group(
                passing(Plan::HalfClose, 0..=0),
                &[(0, 0)],
                (Outcome::Closed, Severity::Property),
                (10, 10),
                sample(Plan::HalfClose, None, vec![piece("hello\n", Then::Finished)]),
            ),
            passing(Plan::Truncate, 1..=5),
            passing(Plan::Reset, 0..=6),
        ],
        notes: vec![],
        cases: 24,
        cuts: Cuts { confirmed: 18, timed: 0, not_read: 0 },
        elapsed: Duration::from_millis(31),
        verdict: Verdict::Pass,
    }
}

/// The tutorial's server T1, as DESIGN.md shows it.
pub(in super::super) fn tutorial() -> Report {
    let request = header_64();
    let cut = |plan, at: usize| {
        let wrote = vec![piece(&request[..at], Then::Read), piece(&request[at..], Then::Nothing)];
        sample(plan, Some(at as u64), wrote)
    };
    let split = passing(Plan::Split, 1..=68);
    let closed = (Outcome::Closed, Severity::Fail);
    let split = with_group(split, &[(1, 63)], closed, (2, 2), cut(Plan::Split, 1));
    let early = came(b"Msg receivedMsg received", cut(Plan::Split, 65));
    let split = with_group(split, &[(65, 68)], (Outcome::Early, Severity::Fail), (2, 2), early);
    let mut dripped: Vec<Piece> = request.iter().map(|byte| piece([*byte], Then::Read)).collect();
    dripped[68].then = Then::Nothing;
    let drip = with_group(
        passing(Plan::Drip, 0..=0),
        &[(0, 0)],
        closed,
        (2, 2),
        sample(Plan::Drip, None, dripped),
    );
    let half = Sample {
        expected: vec![],
        expected_end: None,
        ..came(
            b"Msg received",
            sample(Plan::Truncate, Some(65), vec![piece(&request[..65], Then::Finished)]),
        )
    };
    let mut truncate = with_group(
        passing(Plan::Truncate, 1..=68),
        &[(65, 68)],
        (Outcome::HalfAnswered, Severity::Fail),
        (2, 2),
        half,
    );
    let shape = |answer: &[u8], from, to| Shape {
        answer: answer.to_vec(),
        end: End::Closed,
        ranges: vec![(from, to)],
        count: to - from + 1,
    };
    truncate.shapes = vec![shape(b"", 1, 64), shape(b"Msg received", 65, 68)];
    let base = pass();
    Report {
        requests: vec![request.clone()],
        baseline: Baseline { reply: b"Msg received".to_vec(), ..base.baseline.clone() },
        plans: vec![
            split,
            drip,
            passing(Plan::Coalesce(2), 0..=0),
            passing(Plan::HalfClose, 0..=0),
            truncate,
            passing(Plan::Reset, 0..=69),
        ],
        cases: 207,
        cuts: Cuts { confirmed: 271, timed: 0, not_read: 0 },
        elapsed: Duration::from_millis(60),
        verdict: Verdict::Fail,
        ..base
    }
}

/// A web server with a date.
pub(in super::super) fn not_deterministic() -> Report {
    let reply =
        b"HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 17:00:01 GMT\r\nContent-Length: 0\r\n\r\n";
    let base = pass();
    Report {
        name: Some("http: a page".into()),
        requests: vec![b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()],
        baseline: Baseline {
            alike: 1,
            reply: reply.to_vec(),
            differences: vec![Difference { at: 47..48, first: b"1".into(), other: b"2".into() }],
            proposed_mask: Some("Date: [^\\r\\n]*".into()),
            ..base.baseline.clone()
        },
        plans: vec![],
        cases: 3,
        cuts: Cuts::default(),
        elapsed: Duration::from_millis(1004),
        verdict: Verdict::NotDeterministic,
        ..base
    }
}

/// `--expect` is not met.
pub(in super::super) fn wrong_uncut() -> Report {
    let base = not_deterministic();
    Report {
        name: None,
        requests: vec![b"PING\r\n".to_vec()],
        baseline: Baseline {
            alike: 3,
            reply: b"-ERR no such command\r\n".to_vec(),
            expected: Some(b"+PONG\r\n".to_vec()),
            differences: vec![],
            proposed_mask: None,
            ..base.baseline
        },
        elapsed: Duration::from_millis(2),
        verdict: Verdict::WrongUncut,
        ..base
    }
}

/// The target dies of a joined pair that is cut at one offset.
pub(in super::super) fn crash() -> Report {
    let wrote = vec![piece("hello\nhell", Then::Read), piece("o\n", Then::Nothing)];
    let died = Sample {
        expected: b"hello\nhello\n".to_vec(),
        end: End::Reset,
        remarks: vec![
            "the target was ended by signal 6 (SIGABRT)".into(),
            "free(): invalid next size (fast)\n\x1b[31mAborted\x1b[0m".into(),
        ],
        ..came(b"hello\n", sample(Plan::Straddle(2), Some(10), wrote))
    };
    let died = Sample { end: End::Reset, ..died };
    let straddle = with_group(
        passing(Plan::Straddle(2), 1..=11),
        &[(10, 10)],
        (Outcome::Crashed, Severity::Fail),
        (1, 2),
        died,
    );
    let base = pass();
    Report {
        plans: vec![passing(Plan::Split, 1..=5), passing(Plan::Drip, 0..=0), straddle],
        notes: vec![Note {
            severity: Severity::Fail,
            text: "the target uses 98 % of a processor 2 s after the last connection was closed, which \
                   no idle program does"
                .into(),
            stderr: b"line one\nline two\n".to_vec(),
        }],
        cases: 17,
        cuts: Cuts { confirmed: 12, timed: 4, not_read: 1 },
        verdict: Verdict::Fail,
        ..base
    }
}

/// A request of 3001 bytes, of which every offset is cut.
pub(in super::super) fn long() -> Report {
    let wrote = vec![piece([b'a'; 1234], Then::Read), piece([b'a'; 1767], Then::Nothing)];
    let reply: Vec<u8> = (0..3000u32).flat_map(|n| n.to_string().into_bytes()).collect();
    let mut got = reply.clone();
    got[2000] = b'x';
    let wrong = Sample {
        expected: reply[..Sample::KEPT].to_vec(),
        ..came(&got[..Sample::KEPT], sample(Plan::Split, Some(1234), wrote))
    };
    let wrong = Sample { got_len: 10_890, ..wrong };
    let split = with_group(
        passing(Plan::Split, 1..=3000),
        &[(1234, 1234), (2000, 2002)],
        (Outcome::Wrong, Severity::Fail),
        (2, 2),
        wrong,
    );
    let random = PlanReport { of: Some(3000), ..passing(Plan::Reset, 1..=20) };
    let base = pass();
    Report {
        requests: vec![vec![b'a'; 3001]],
        plans: vec![split, random],
        cases: 3020,
        cuts: Cuts { confirmed: 0, timed: 3000, not_read: 0 },
        verdict: Verdict::Fail,
        ..base
    }
}

/// A client that loses the second of two joined replies.
pub(in super::super) fn client() -> Report {
    let joined = Sample {
        expected: b"one\ntwo\n".to_vec(),
        expected_end: None,
        remarks: vec!["it ended with status 1 instead of 0".into()],
        ..came(b"one\n", sample(Plan::Coalesce(2), None, vec![piece("one\ntwo\n", Then::Finished)]))
    };
    let base = pass();
    Report {
        name: Some("a client of two lines".into()),
        target: "python3 client.py 127.0.0.1 {port}".into(),
        side: Side::Client,
        requests: vec![b"one\n".to_vec(), b"two\n".to_vec()],
        baseline: Baseline { reply: b"one\ntwo\n".to_vec(), ..base.baseline.clone() },
        plans: vec![
            passing(Plan::Split, 1..=7),
            with_group(
                passing(Plan::Coalesce(2), 0..=0),
                &[(0, 0)],
                (Outcome::OtherStatus, Severity::Fail),
                (8, 20),
                joined,
            ),
        ],
        cases: 8,
        verdict: Verdict::Fail,
        ..base
    }
}

/// The target does not listen.
pub(in super::super) fn unreachable() -> Report {
    let base = pass();
    Report {
        baseline: Baseline::default(),
        plans: vec![],
        requests: vec![],
        notes: vec![Note {
            severity: Severity::Fail,
            text: "cannot connect to tcp://127.0.0.1:5050: connection refused; is it running?"
                .into(),
            stderr: vec![],
        }],
        cases: 0,
        cuts: Cuts::default(),
        verdict: Verdict::Unreachable,
        ..base
    }
}

/// The uncut request is not answered.
pub(in super::super) fn no_reply() -> Report {
    let base = wrong_uncut();
    Report {
        baseline: Baseline { runs: 3, slowest: Duration::from_secs(2), ..Baseline::default() },
        verdict: Verdict::NoReply,
        ..base
    }
}

/// Whatever can hold a peer's bytes holds hostile ones.
pub(in super::super) fn hostile() -> Report {
    let text = || String::from_utf8_lossy(HOSTILE).into_owned();
    let mut report = tutorial();
    report.name = Some(text());
    report.target = text();
    report.requests = vec![HOSTILE.to_vec()];
    report.baseline.reply = HOSTILE.to_vec();
    report.baseline.expected = Some(HOSTILE.to_vec());
    report.baseline.expected_pattern = Some(text());
    report.baseline.proposed_mask = Some(text());
    report.baseline.differences =
        vec![Difference { at: 5..9000, first: HOSTILE.to_vec(), other: HOSTILE.to_vec() }];
    report.notes = vec![Note { severity: Severity::Fail, text: text(), stderr: HOSTILE.to_vec() }];
    report.plans.push(skipped(Plan::Garbage, &text()));
    for plan in &mut report.plans {
        for group in &mut plan.groups {
            group.sample.wrote.push(piece(HOSTILE, Then::NotRead));
            group.sample.expected = HOSTILE.to_vec();
            group.sample.got = [b"x", HOSTILE].concat();
            group.sample.remarks = vec![text()];
        }
        for shape in &mut plan.shapes {
            shape.answer = HOSTILE.to_vec();
        }
    }
    report
}

/// All of them.
pub(in super::super) fn all() -> Vec<Report> {
    let mut all = vec![
        pass(),
        tutorial(),
        not_deterministic(),
        wrong_uncut(),
        crash(),
        long(),
        client(),
        unreachable(),
        no_reply(),
    ];
    for verdict in [Verdict::Setup, Verdict::WrongUncut, Verdict::NotDeterministic] {
        all.push(Report { verdict, ..hostile() });
    }
    all.push(hostile());
    all
}
