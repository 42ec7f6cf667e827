//! What is wrong with a namespace, or with many sockets together.

use super::super::super::testing::*;
use super::super::super::{Counters, Socket};
use super::{ZERO, said, said_of_all};
use crate::sock_diag::State;

#[test]
fn what_a_namespace_drops() {
    let counters = |count| Counters {
        listen_overflows: Some(count),
        listen_drops: Some(count),
        udp_buffer_drops: Some(3 * count),
        ..Counters::default()
    };
    let mut script = Script::default();
    // What was counted before is over.
    assert!(said_of_all(&script.counted(ZERO, vec![], counters(1000))).is_empty());
    assert_eq!(
        said_of_all(&script.counted(2 * S, vec![], counters(1001))),
        [
            "error overflows: connections are being dropped, 0.5 a second in this network namespace: an \
             accept queue is full",
            "error namespace-drops-datagrams: datagrams are being dropped, 1.5 a second in this network \
             namespace: a receive buffer is full",
        ]
    );
    assert!(said_of_all(&script.counted(3 * S, vec![], counters(1001))).is_empty());
}

/// So many in TIME_WAIT, each with a port of its own here, or there.
fn over(count: u16, here: bool) -> Vec<Socket> {
    let ends = |port| match here {
        true => (format!("127.0.0.1:{port}"), "127.0.0.1:80".to_owned()),
        false => ("127.0.0.1:80".to_owned(), format!("127.0.0.1:{port}")),
    };
    let sockets = (1..=count).map(|port| {
        let (local, peer) = ends(port);
        named(bare(port.into(), State::TimeWait), &local, &peer)
    });
    sockets.collect()
}

#[test]
fn a_few_in_time_wait_are_as_it_should_be() {
    let frame = Script::default().frame(ZERO, over(999, true));
    assert!(said_of_all(&frame).is_empty());
    assert!(said(&frame, 1).is_empty());
}

#[test]
fn a_pile_in_time_wait_is_noted() {
    let frame = Script::default().frame(ZERO, over(1234, true));
    let note =
        "note time-wait-pile: 1,234 sockets in TIME_WAIT, a minute each: this side closes first";
    assert_eq!(said_of_all(&frame), [note]);
    assert!(said(&frame, 1).is_empty());
}

#[test]
fn ports_to_one_address_run_out() {
    let frame = Script::default().frame(ZERO, over(14_000, true));
    assert_eq!(
        said_of_all(&frame),
        [
            "warning ports-in-time-wait: 14,000 sockets in TIME_WAIT to 127.0.0.1:80: ports to connect from \
             run out",
            "note time-wait-pile: 14,000 sockets in TIME_WAIT, a minute each: this side closes first",
        ]
    );
    // A server has one port for all.
    let frame = Script::default().frame(ZERO, over(14_000, false));
    assert_eq!(said_of_all(&frame).len(), 1);
}
