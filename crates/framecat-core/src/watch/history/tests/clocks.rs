//! Each clock of a socket: how it begins, goes on and ends.

use std::time::Duration;

use super::super::super::testing::*;
use super::super::super::{Kind, Row, Socket};
use crate::sock_diag::{State, TcpInfo, UnixKind};

const ZERO: Duration = Duration::ZERO;

/// A connection with this changed.
fn with(change: impl FnOnce(&mut Socket, &mut TcpInfo)) -> Socket {
    tcp_with(1, change)
}

#[test]
fn what_comes_after_the_first_sample_was_seen_to_begin() {
    let mut script = Script::default();
    script.frame(ZERO, vec![]);
    assert_eq!(script.row(10 * S, tcp(1)).age, seen(ZERO));
    assert_eq!(script.row(12 * S, tcp(1)).age, seen(2 * S));
    // It opened between the samples: what the kernel knows of the time since is counted.
    assert_eq!(script.row(22 * S, visitor(2, 3 * S)).age, seen(3 * S));
}

#[test]
fn what_was_there_in_the_first_sample_is_as_old_as_what_it_did_last() {
    for (ack, received, sent) in [(5, 3, 2), (2, 5, 3), (2, 3, 5)] {
        let mut script = Script::default();
        let socket = || {
            with(|_, tcp| {
                tcp.last_ack_received = ack * S;
                tcp.last_data_received = received * S;
                tcp.last_data_sent = sent * S;
            })
        };
        assert_eq!(script.row(ZERO, socket()).age, at_least(5 * S));
        assert_eq!(script.row(S, tcp(1)).age, at_least(6 * S));
    }
}

#[test]
fn times_of_what_is_not_connected_mean_nothing() {
    let garbage = |state| Socket { state, ..listener(1, 0, 5) };
    for state in [State::Listen, State::SynSent, State::Close] {
        let row = Script::default().row(ZERO, garbage(state));
        assert_eq!((row.age, row.in_state), (at_least(ZERO), at_least(ZERO)), "{state}");
    }
    for socket in [bare(1, State::TimeWait), bare(1, State::SynRecv), udp(1, 0, 0)] {
        assert_eq!(Script::default().row(ZERO, socket).age, at_least(ZERO));
    }
}

#[test]
fn a_socket_that_is_older_than_the_sample_before_was_not_seen_to_begin() {
    // A program was given it, or it was not asked for.
    let mut script = Script::default();
    script.frame(ZERO, vec![]);
    let row = script.row(S, visitor(1, 60 * S));
    assert_eq!(row.age, at_least(60 * S));
    assert_eq!(row.unaccepted, Some(at_least(60 * S)));
    let unread = with(|socket, tcp| {
        socket.receive_queue = 5;
        tcp.last_data_received = 7 * S;
    });
    assert_eq!(script.row(2 * S, Socket { cookie: 2, ..unread }).unread, Some(at_least(7 * S)));
}

#[test]
fn a_socket_that_was_away_begins_anew() {
    let mut script = Script::default();
    script.frame(ZERO, vec![]);
    script.frame(S, vec![reader(1, 10, 10)]);
    assert_eq!(script.row(5 * S, reader(1, 10, 10)).unread, Some(seen(4 * S)));
    script.frame(6 * S, vec![]);
    let row = script.row(7 * S, reader(1, 10, 10));
    assert_eq!((row.age, row.unread), (seen(ZERO), Some(seen(ZERO))));
}

#[test]
fn a_cookie_with_another_socket_behind_it_begins_anew() {
    let before = || {
        with(|socket, tcp| {
            (socket.receive_queue, socket.send_queue) = (10, 10);
            (tcp.received, tcp.acknowledged, tcp.total_retransmissions) = (100, 100, 3);
            tcp.sent = Some(100);
        })
    };
    let less = |change: fn(&mut TcpInfo)| {
        let mut socket = before();
        change(socket.tcp.as_mut().expect("it has one"));
        socket
    };
    let others = [
        less(|tcp| tcp.received = 99),
        less(|tcp| tcp.acknowledged = 99),
        less(|tcp| tcp.total_retransmissions = 2),
        less(|tcp| tcp.sent = Some(99)),
        Socket { kind: Kind::Udp, tcp: None, ..before() },
    ];
    for other in others {
        let mut script = Script::default();
        script.frame(ZERO, vec![before()]);
        assert_eq!(script.row(3 * S, before()).unread, Some(at_least(3 * S)));
        let row = script.row(5 * S, other);
        let clocks = (row.age, row.unread, row.received_rate, row.retransmission_rate);
        assert_eq!(clocks, (seen(ZERO), Some(seen(ZERO)), None, None), "{:?}", row.socket);
    }
}

/// The clock at each sample of a script, from the first second on.
fn each(
    sockets: impl IntoIterator<Item = Socket>,
    clock: fn(&Row) -> Option<super::super::super::Lasting>,
) -> Vec<Option<super::super::super::Lasting>> {
    let mut script = Script::default();
    sockets.into_iter().zip(1..).map(|(socket, at)| clock(&script.row(at * S, socket))).collect()
}

#[test]
fn unread_lasts_until_the_program_reads() {
    let samples = [
        reader(1, 0, 0),
        reader(1, 10, 10), // something comes
        reader(1, 10, 10), // and waits
        reader(1, 90, 90), // more comes: nothing was read
        reader(1, 90, 40), // read, and some is left
        reader(1, 130, 80),
        reader(1, 180, 80), // read as much as came
        reader(1, 180, 0),
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
    assert_eq!(each(samples, |row| row.unread), expected);
}

#[test]
fn what_waits_at_first_sight_has_waited_since_the_newest_of_it_came() {
    let socket = |received: u64, waiting: u32, data, ack, state| {
        with(|socket, tcp| {
            (socket.receive_queue, socket.state) = (waiting, state);
            tcp.received = received;
            (tcp.last_data_received, tcp.last_ack_received) = (data, ack);
        })
    };
    let first = |socket| Script::default().row(ZERO, socket).unread;
    assert_eq!(first(socket(10, 10, 5 * S, S, State::Established)), Some(at_least(5 * S)));
    // The end of the stream came after the newest byte, which waits too.
    assert_eq!(first(socket(11, 2, 5 * S, S, State::CloseWait)), Some(at_least(5 * S)));
    // It alone waits: the last byte was read, and the end may have come with the last segment.
    assert_eq!(first(socket(11, 1, 5 * S, S, State::CloseWait)), Some(at_least(S)));
    assert_eq!(first(socket(11, 0, 5 * S, S, State::CloseWait)), None);
}

#[test]
fn of_a_new_connection_a_part_may_have_been_read_just_now() {
    let mut script = Script::default();
    script.frame(ZERO, vec![]);
    let socket = |data| {
        with(|socket, tcp| {
            socket.receive_queue = 5;
            tcp.received = 10;
            tcp.last_data_received = data;
        })
    };
    assert_eq!(script.row(3 * S, socket(2 * S)).unread, Some(seen(ZERO)));
    assert_eq!(script.row(4 * S, socket(3 * S)).unread, Some(seen(S)));
}

#[test]
fn the_end_of_the_stream_waits_to_be_read_like_a_byte() {
    let samples = [
        reader(1, 10, 0),
        Socket { state: State::CloseWait, ..reader(1, 11, 1) },
        Socket { state: State::CloseWait, ..reader(1, 11, 1) },
        Socket { state: State::CloseWait, ..reader(1, 11, 0) },
    ];
    let expected = [None, Some(seen(ZERO)), Some(seen(S)), None];
    assert_eq!(each(samples, |row| row.unread), expected);
}

#[test]
fn nobody_reads_what_came_for_a_program_that_has_closed() {
    for state in [State::FinWait1, State::FinWait2, State::Closing, State::LastAck] {
        let row = Script::default().row(ZERO, Socket { state, inode: 0, ..reader(1, 1, 1) });
        assert_eq!(row.unread, None, "{state}");
        // It may have closed one direction only.
        let row = Script::default().row(ZERO, Socket { state, ..reader(1, 1, 1) });
        assert_eq!(row.unread, Some(at_least(ZERO)), "{state}");
    }
}

#[test]
fn a_queue_without_a_count_of_bytes_waits_until_it_is_shorter() {
    let unix = |waiting| Socket { receive_queue: waiting, ..unix(1, "/a", State::Established) };
    let dgram = |waiting| Socket { kind: Kind::Unix(UnixKind::Dgram), ..unix(waiting) };
    let udp = |waiting| udp(1, waiting, 0);
    let old_kernel = |waiting| Socket { tcp: None, ..reader(1, 0, waiting) };
    let kinds: [&dyn Fn(u32) -> Socket; 4] = [&unix, &dgram, &udp, &old_kernel];
    for kind in kinds {
        let samples = [0, 10, 10, 20, 15, 15, 0].map(kind);
        let expected = [
            None,
            Some(seen(ZERO)),
            Some(seen(S)),
            Some(seen(2 * S)),
            Some(seen(ZERO)),
            Some(seen(S)),
            None,
        ];
        assert_eq!(each(samples, |row| row.unread), expected);
    }
}

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

#[test]
fn a_state_lasts_until_there_is_another() {
    let closed = |ack| {
        with(|socket, tcp| {
            socket.state = State::CloseWait;
            (tcp.last_ack_received, tcp.last_data_received) = (ack, 60 * S);
        })
    };
    let mut script = Script::default();
    script.frame(ZERO, vec![tcp(1)]);
    assert_eq!(script.row(5 * S, tcp(1)).in_state, at_least(5 * S));
    // The last segment of the peer came two seconds ago, so its end did not come later.
    let row = script.row(10 * S, closed(2 * S));
    assert_eq!((row.age, row.in_state), (at_least(10 * S), seen(2 * S)));
    assert_eq!(script.row(11 * S, closed(3 * S)).in_state, seen(3 * S));
    // At first sight it is the same, and what came before says nothing of it.
    assert_eq!(Script::default().row(ZERO, closed(4 * S)).in_state, at_least(4 * S));
    let over = script.row(15 * S, bare(1, State::TimeWait));
    assert_eq!((over.age, over.in_state), (at_least(15 * S), seen(ZERO)));
}

#[test]
fn a_queue_is_full_when_it_is_longer_than_its_limit() {
    for kind in [Kind::Tcp, Kind::Unix(UnixKind::Stream), Kind::Unix(UnixKind::Seqpacket)] {
        let listener = |queue| Socket { kind, ..listener(1, queue, 5) };
        let samples = [5, 6, 6, 5].map(listener);
        let expected = [None, Some(seen(ZERO)), Some(seen(S)), None];
        assert_eq!(each(samples, |row| row.full), expected);
        let samples = [2, 3, 6, 2].map(listener);
        assert_eq!(each(samples, |row| row.filling), expected);
    }
    let first = Script::default().row(ZERO, listener(1, 6, 5));
    assert_eq!(first.full, Some(at_least(ZERO)));
    // A connection has queues of bytes.
    let connection = Socket { send_queue: 5, ..reader(1, 6, 6) };
    assert_eq!(Script::default().row(ZERO, connection).full, None);
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
