//! That a program which is well is left alone, however busy it is.

use std::time::Duration;

use proptest::prelude::*;

use super::super::super::testing::*;
use super::super::super::{Counters, Severity, Socket};
use crate::sock_diag::{DataSegments, State};

/// What a moment of a server at work may be.
#[derive(Debug, Clone, Copy)]
struct Moment {
    /// Since the one before.
    gap: Duration,
    waiting: u32,
    under_way: u32,
    unsent: u32,
    window: u32,
    queue: u32,
    /// For how long somebody has waited to be accepted.
    visit: Duration,
    /// Segments that a listener with TCP_DEFER_ACCEPT had no use for.
    discarded: u32,
    /// Segments that were lost: fewer than one of 50.
    lost: u32,
    /// A client has something that it will read with the next answer.
    ticket: u32,
}

fn moments() -> impl Strategy<Value = Vec<Moment>> {
    // From the fastest sampling to the slowest exporter.
    let gap =
        prop_oneof![10u64..200, 200u64..3000, 3000u64..60_000].prop_map(Duration::from_millis);
    let queues = (0u32..200_000, 0u32..200_000, 0u32..200_000, 0u32..9000, 0u32..64);
    let rest = (1u64..1900, 0u32..50, 0u32..20, 0u32..4000);
    let moment = (gap, queues, rest).prop_map(|(gap, queues, rest)| {
        let (waiting, under_way, unsent, window, queue) = queues;
        let (visit, discarded, lost, ticket) = rest;
        // Each window of the peer may be closed just now.
        let window = if window < 3000 { 0 } else { window };
        let visit = Duration::from_millis(visit);
        Moment { gap, waiting, under_way, unsent, window, queue, visit, discarded, lost, ticket }
    });
    proptest::collection::vec(moment, 2..40)
}

/// Bytes come, are read, and are answered; since the moment before, some of each.
fn busy(cookie: u64, step: u64, moment: &Moment, lost: u32) -> Socket {
    tcp_with(cookie, |socket, tcp| {
        tcp.received = step * 200_000 + u64::from(moment.waiting);
        tcp.acknowledged = step * 100_000;
        tcp.sent = Some(step * 100_000 + u64::from(moment.under_way));
        tcp.data_segments = Some(DataSegments { received: 0, sent: 1000 * step as u32 });
        tcp.total_retransmissions = lost;
        tcp.retransmits = (moment.lost > 10).into();
        socket.receive_queue = moment.waiting;
        socket.send_queue = moment.under_way + moment.unsent;
        (tcp.not_sent, tcp.peer_window) = (Some(moment.unsent), Some(moment.window));
        tcp.window_limited = Some(S * step as u32 / 2);
        socket.memory = udp(1, 0, 3 * step as u32).memory;
    })
}

/// A listener that sees what it has no use for.
fn deferring(cookie: u64, queue: u32, drops: u32) -> Socket {
    Socket { memory: udp(1, 0, drops).memory, ..listener(cookie, queue, 128) }
}

proptest! {
    #[test]
    fn a_busy_server_gives_no_findings(moments in moments()) {
        let mut script = Script::default();
        let (mut at, mut discarded, mut lost) = (Duration::ZERO, 0, 0);
        for (step, moment) in (1u64..).zip(moments) {
            at += moment.gap;
            discarded += moment.discarded;
            lost += moment.lost;
            // Who looks again and again sees it empty now and then, who looks rarely may never.
            let empty = moment.gap <= 3 * S && step.is_multiple_of(3);
            let datagrams = if empty { 0 } else { moment.waiting.min(100_000) };
            let sockets = vec![
                deferring(1, moment.queue, discarded),
                // Somebody else each time, who waits for less than two seconds.
                visitor(1000 + step, moment.visit),
                busy(2, step, &moment, lost),
                // Reads all that comes and is idle in between.
                reader(3, step * 50, 0),
                // A client that is idle, with two tickets.
                named(reader(6, 4000, moment.ticket), "10.0.0.1:40000", "10.0.0.2:443"),
                bare(2000 + step, State::TimeWait),
                bare(3000 + step, State::SynRecv),
                Socket { state: State::CloseWait, ..tcp(4000 + step) },
                Socket { state: State::FinWait2, ..tcp(5000 + step) },
                Socket { state: State::FinWait1, ..writer(6000 + step, 1, 1) },
                unix(4, "/run/a", State::Listen),
                udp(5, datagrams, 7),
            ];
            let counters = Counters {
                listen_overflows: Some(5),
                listen_drops: Some(9),
                udp_buffer_drops: Some(3),
                ..Counters::default()
            };
            let frame = script.counted(at, sockets, counters);
            prop_assert_eq!(&frame.findings, &[]);
            for row in &frame.rows {
                let worst = row.findings.first().map(|finding| finding.severity);
                // What a client leaves unread is worth a note.
                let bound = (row.socket.cookie == 6).then_some(Severity::Note);
                prop_assert!(worst <= bound, "{:?}", row);
            }
        }
    }
}
