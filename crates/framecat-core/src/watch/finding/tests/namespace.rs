//! What is wrong with a namespace, or with many sockets together.

use super::super::super::testing::*;
use super::super::super::{Counters, Sample, Severity, Socket, Watch};
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

#[test]
fn what_a_namespace_drops_is_noted_where_it_may_have_befallen_others() {
    let said = |sockets: fn(u32) -> Vec<Socket>| {
        let mut watch = Watch::new();
        let [_, frame] = [0u32, 1].map(|at| {
            let count = Some(u64::from(at));
            let counters = Counters {
                listen_overflows: count,
                udp_buffer_drops: count,
                ..Counters::default()
            };
            let (at, sockets) = (S * at, sockets(at));
            watch.on_sample(Sample { at, sockets, counters, is_part: true, ..Sample::default() })
        });
        frame.findings.iter().map(|finding| finding.severity).collect::<Vec<_>>()
    };
    let (note, error) = (Severity::Note, Severity::Error);
    assert_eq!(said(|_| vec![listener(1, 5, 5), udp(2, 0, 0)]), [note, note]);
    assert_eq!(said(|_| vec![listener(1, 6, 5), udp(2, 0, 0)]), [error, note]);
    assert_eq!(said(|at| vec![listener(1, 6, 5), udp(2, 0, at)]), [error, error]);
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
    let said = |sockets, ports| {
        let frame = Watch::new().on_sample(Sample { sockets, ports, ..Sample::default() });
        said_of_all(&frame).into_iter().filter(|text| text.contains("ports")).collect::<Vec<_>>()
    };
    // Some are over, and some still there.
    let taken = |count: u16, from: &str, to: &str| -> Vec<Socket> {
        let socket = |port: u16| {
            let socket = match port % 2 {
                0 => tcp(port.into()),
                _ => bare(port.into(), State::TimeWait),
            };
            named(socket, &format!("{from}:{port}"), to)
        };
        (1..=count).map(socket).collect()
    };
    let all = || taken(5000, "10.0.0.2", "10.0.0.1:80");
    assert_eq!(
        said(all(), Some(10_000)),
        [
            "warning ports-taken: 5,000 of 10,000 ports to connect to 10.0.0.1:80 from are taken, 2,500 of \
             them in TIME_WAIT"
        ]
    );
    let none: [String; 0] = [];
    assert_eq!(said(all(), Some(10_002)), none);
    assert_eq!(said(all(), None), none);
    // Each address has ports of its own, here and there.
    let two = [taken(2500, "10.0.0.2", "10.0.0.1:80"), taken(2500, "10.0.0.3", "10.0.0.1:80")];
    assert_eq!(said(two.concat(), Some(10_000)), none);
    // A server has one port for all.
    assert_eq!(said(over(5000, false), Some(10_000)), none);
    // On loopback those that are over can be used again.
    assert_eq!(said(over(5000, true), Some(10_000)), none);
    assert_eq!(said(taken(10_000, "127.0.0.1", "127.0.0.1:80"), Some(10_000)).len(), 1);
}
