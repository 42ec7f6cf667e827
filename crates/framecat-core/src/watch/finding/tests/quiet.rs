//! That a program which is well is left alone, however busy it is.

use proptest::prelude::*;

use super::super::super::testing::*;
use super::super::super::{Counters, Socket};
use crate::sock_diag::State;

/// A connection at work: each number is what a moment of it may be.
fn busy(cookie: u64, step: u64, waiting: u32, under_way: u32, unsent: u32, window: u32) -> Socket {
    tcp_with(cookie, |socket, tcp| {
        // Bytes come, are read, and are answered; since the sample before, some of each.
        tcp.received = step * 100_000 + u64::from(waiting);
        tcp.acknowledged = step * 100_000;
        tcp.sent = Some(step * 100_000 + u64::from(under_way));
        socket.receive_queue = waiting;
        socket.send_queue = under_way + unsent;
        (tcp.not_sent, tcp.peer_window) = (Some(unsent), Some(window));
        tcp.window_limited = Some(S * step as u32 / 2);
    })
}

proptest! {
    #[test]
    fn a_busy_server_gives_no_findings(
        moments in proptest::collection::vec(
            (0u32..200_000, 0u32..200_000, 0u32..200_000, 1u32..9000, 0u32..64, 1u64..2000),
            2..40,
        ),
    ) {
        let mut script = Script::default();
        for (step, (waiting, under_way, unsent, window, queue, age)) in (1u64..).zip(moments) {
            let at = S * step as u32;
            let sockets = vec![
                listener(1, queue, 128),
                // Somebody else each time, who waits for less than two seconds.
                visitor(1000 + step, MS * (age as u32).min(1900)),
                busy(2, step, waiting, under_way, unsent, window),
                // Reads all that comes and is idle in between.
                reader(3, step * 50, 0),
                bare(2000 + step, State::TimeWait),
                bare(3000 + step, State::SynRecv),
                Socket { state: State::CloseWait, ..tcp(4000 + step) },
                Socket { state: State::FinWait2, ..tcp(5000 + step) },
                Socket { state: State::FinWait1, ..writer(6000 + step, 1, 1) },
                unix(4, "/run/a", State::Listen),
                udp(5, if step % 3 == 0 { 0 } else { waiting.min(100_000) }, 7),
            ];
            let overflows = Counters { listen_overflows: Some(5), ..Counters::default() };
            let frame = script.counted(at, sockets, overflows);
            prop_assert_eq!(&frame.findings, &[]);
            for row in &frame.rows {
                prop_assert_eq!(&row.findings, &[], "{:?}", row);
            }
        }
    }
}
