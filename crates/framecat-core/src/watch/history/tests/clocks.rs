//! Each clock of a socket: how it begins, goes on and ends.

use super::super::super::testing::*;
use super::super::super::{Kind, Socket};
use super::{ZERO, each, with};
use crate::sock_diag::{State, TcpInfo, UnixKind};

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
fn what_was_not_asked_for_before_was_not_seen_to_begin() {
    let mut script = Script::default();
    script.frame(ZERO, vec![]);
    // A program was given it, say.
    let given = Socket { was_there: true, ..listener(1, 0, 5) };
    assert_eq!(script.row(10 * S, given.clone()).age, at_least(ZERO));
    assert_eq!(script.row(12 * S, given).age, at_least(2 * S));
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
    let seqpacket = |waiting| Socket { kind: Kind::Unix(UnixKind::Seqpacket), ..unix(waiting) };
    let udp = |waiting| udp(1, waiting, 0);
    let old_kernel = |waiting| Socket { tcp: None, ..reader(1, 0, waiting) };
    let kinds: [&dyn Fn(u32) -> Socket; 4] = [&unix, &seqpacket, &udp, &old_kernel];
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

#[test]
fn of_unix_datagrams_another_length_is_another_datagram() {
    let kind = Kind::Unix(UnixKind::Dgram);
    let dgram = |first| Socket { kind, receive_queue: first, ..unix(1, "/a", State::Close) };
    let expected = [None, Some(seen(ZERO)), Some(seen(S)), Some(seen(ZERO)), Some(seen(S))];
    assert_eq!(each([0, 10, 10, 20, 20].map(dgram), |row| row.unread), expected);
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
