//! Clocks of what was written: acknowledged, held up, read at the other end.

use super::super::super::Socket;
use super::super::super::testing::*;
use super::{ZERO, each, with};
use crate::sock_diag::{State, TcpInfo};

/// One that has so many bytes acknowledged, of which so many wait at the other end.
fn peer(acknowledged: u64, waiting: u32) -> Socket {
    Socket { other_unread: Some(waiting), ..writer(1, acknowledged, 0) }
}

#[test]
fn what_is_read_at_the_other_end_is_known_from_what_it_acknowledged() {
    let samples = [
        peer(0, 0),
        peer(10, 10),
        peer(90, 90), // more was sent
        peer(90, 40), // some was read
        peer(90, 40),
        peer(130, 40), // as much as was sent
        peer(130, 0),
    ];
    let expected = [
        None,
        Some(seen(ZERO)),
        Some(seen(S)),
        Some(seen(ZERO)),
        Some(seen(S)),
        Some(seen(ZERO)),
        None,
    ];
    assert_eq!(each(samples, |row| row.other_unread_for), expected);
    let mut old = peer(90, 40);
    old.tcp.as_mut().expect("it has one").last_data_sent = 7 * S;
    let row = Script::default().row(ZERO, old);
    assert_eq!((row.other_unread, row.other_unread_for), (Some(40), Some(at_least(7 * S))));
}

#[test]
fn the_other_end_of_a_unix_socket_reads_when_its_queue_is_shorter() {
    let peer = |waiting| Socket { other_unread: Some(waiting), ..unix(1, "", State::Established) };
    let expected = [None, Some(seen(ZERO)), Some(seen(S)), Some(seen(ZERO))];
    assert_eq!(each([0, 5, 7, 6].map(peer), |row| row.other_unread_for), expected);
}

#[test]
fn unacknowledged_lasts_until_the_peer_acknowledges() {
    let samples = [
        writer(1, 0, 0),
        writer(1, 0, 10),
        writer(1, 0, 10),
        writer(1, 0, 90), // more was sent
        writer(1, 50, 40),
        writer(1, 50, 90),
        writer(1, 140, 90), // as much was sent as was acknowledged
        writer(1, 230, 0),
    ];
    let expected = [
        None,
        Some(seen(ZERO)),
        Some(seen(S)),
        Some(seen(2 * S)),
        Some(seen(ZERO)),
        Some(seen(S)),
        Some(seen(ZERO)),
        None,
    ];
    assert_eq!(each(samples, |row| row.unacknowledged_for), expected);
}

#[test]
fn what_is_under_way_at_first_sight_was_not_acknowledged_since_the_last_of_either() {
    for (ack, sent) in [(3, 5), (5, 3)] {
        let socket = with(|socket, tcp| {
            socket.send_queue = 10;
            (tcp.last_ack_received, tcp.last_data_sent) = (ack * S, sent * S);
        });
        let row = Script::default().row(ZERO, socket);
        assert_eq!(row.unacknowledged_for, Some(at_least(3 * S)));
    }
    // What was not sent is not under way.
    let unsent = with(|socket, tcp| {
        socket.send_queue = 10;
        tcp.not_sent = Some(10);
    });
    assert_eq!(Script::default().row(ZERO, unsent).unacknowledged_for, None);
}

#[test]
fn an_attempt_to_connect_lasts_at_least_a_second_for_each_repeat() {
    let attempt = |repeats| {
        with(|socket, tcp| {
            (socket.state, socket.send_queue) = (State::SynSent, 1);
            (tcp.total_retransmissions, tcp.retransmits) = (repeats, repeats as u8);
            tcp.last_ack_received = 22_349 * S;
        })
    };
    let row = Script::default().row(ZERO, attempt(3));
    let three = at_least(3 * S);
    assert_eq!((row.age, row.in_state, row.unacknowledged_for), (three, three, Some(three)));
    let mut script = Script::default();
    script.frame(ZERO, vec![]);
    assert_eq!(script.row(2 * S, attempt(1)).in_state, seen(S));
    assert_eq!(script.row(4 * S, attempt(3)).in_state, seen(3 * S));
}

/// A connection with something unsent.
fn held_up(change: impl FnOnce(&mut Socket, &mut TcpInfo)) -> Socket {
    with(|socket, tcp| {
        (socket.send_queue, tcp.not_sent) = (1000, Some(1000));
        change(socket, tcp);
    })
}

#[test]
fn a_window_of_nothing_lasts_until_there_is_one() {
    let window = |size| held_up(|_, tcp| tcp.peer_window = Some(size));
    let samples = [65536, 0, 0, 1000, 0].map(window);
    let expected = [None, Some(seen(ZERO)), Some(seen(S)), None, Some(seen(ZERO))];
    assert_eq!(each(samples, |row| row.zero_window), expected);
    // Nothing waits for it.
    let idle = with(|_, tcp| tcp.peer_window = Some(0));
    assert_eq!(Script::default().row(ZERO, idle).zero_window, None);
}

#[test]
fn a_closed_window_at_first_sight_was_closed_soon_after_data_was_last_sent() {
    let closed = |sent| {
        let socket = held_up(|_, tcp| (tcp.peer_window, tcp.last_data_sent) = (Some(0), sent));
        Script::default().row(ZERO, socket).zero_window
    };
    assert_eq!(closed(10 * S), Some(at_least(10 * S - 530 * MS)));
    assert_eq!(closed(100 * MS), Some(at_least(ZERO)));
}

#[test]
fn a_probe_without_an_answer_says_that_the_window_is_closed() {
    let probed = |window| {
        held_up(|_, tcp| (tcp.peer_window, tcp.probes, tcp.last_data_sent) = (window, 1, 9 * S))
    };
    for window in [Some(100), None] {
        let row = Script::default().row(ZERO, probed(window));
        assert_eq!(row.zero_window, Some(at_least(ZERO)), "{window:?}");
    }
    // With all sent it is a keepalive.
    let keepalive = with(|_, tcp| tcp.probes = 1);
    assert_eq!(Script::default().row(ZERO, keepalive).zero_window, None);
}

#[test]
fn a_window_too_small_for_a_segment_is_known_by_the_time_it_held_data_up() {
    let small = |millis: u32, acknowledged, under_way| {
        held_up(|socket, tcp| {
            tcp.peer_window = Some(1000);
            tcp.window_limited = Some(MS * millis);
            tcp.acknowledged = acknowledged;
            socket.send_queue += under_way;
        })
    };
    let second = |socket| each([small(0, 50, 0), socket], |row| row.zero_window)[1];
    assert_eq!(second(small(1000, 50, 0)), Some(seen(ZERO)));
    assert_eq!(second(small(900, 50, 0)), Some(seen(ZERO)));
    // It was held up for a part of the time: that is how flow control works.
    assert_eq!(second(small(899, 50, 0)), None);
    assert_eq!(second(small(1000, 51, 0)), None);
    // What is under way may have been lost.
    assert_eq!(second(small(1000, 50, 10)), None);
}
