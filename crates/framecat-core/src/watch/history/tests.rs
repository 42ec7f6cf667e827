//! Each clock and each rate over scripted samples: what appears, reads, stalls, vanishes.

mod arrivals;
mod bounds;
mod clocks;
mod rates;
mod sending;

use std::time::Duration;

use super::super::testing::*;
use super::super::{Frame, Kind, Lasting, Row, Sample, Socket, Watch};
use crate::sock_diag::{State, TcpInfo, UnixKind};

const ZERO: Duration = Duration::ZERO;

/// A connection with this changed.
fn with(change: impl FnOnce(&mut Socket, &mut TcpInfo)) -> Socket {
    tcp_with(1, change)
}

/// The clock at each sample of a script, from the first second on.
fn each(
    sockets: impl IntoIterator<Item = Socket>,
    clock: fn(&Row) -> Option<Lasting>,
) -> Vec<Option<Lasting>> {
    let mut script = Script::default();
    sockets.into_iter().zip(1..).map(|(socket, at)| clock(&script.row(at * S, socket))).collect()
}

fn cookies(frame: &Frame) -> Vec<u64> {
    frame.rows.iter().map(|row| row.socket.cookie).collect()
}

#[test]
fn rows_stand_listeners_first_and_then_by_the_numbers_of_their_names() {
    let sockets = vec![
        named(tcp(1), "127.0.0.1:10000", "127.0.0.1:80"),
        named(tcp(2), "127.0.0.1:9000", "127.0.0.1:443"),
        named(tcp(3), "127.0.0.1:9000", "127.0.0.1:80"),
        named(tcp(4), "10.0.0.2:9000", "127.0.0.1:80"),
        named(tcp(5), "[::1]:80", "[::1]:9000"),
        named(listener(6, 0, 5), "0.0.0.0:10000", "0.0.0.0:0"),
        named(listener(7, 0, 5), "0.0.0.0:9000", "0.0.0.0:0"),
        unix(8, "/run/b", State::Established),
        unix(9, "/run/a", State::Listen),
        unix(11, "", State::Established),
        unix(10, "", State::Established),
        named(udp(12, 0, 0), "127.0.0.1:9000", "0.0.0.0:0"),
    ];
    let expected = [7, 6, 9, 4, 12, 3, 2, 1, 5, 8, 10, 11];
    assert_eq!(cookies(&Script::default().frame(S, sockets.clone())), expected);
    let turned = sockets.into_iter().rev().collect();
    assert_eq!(cookies(&Script::default().frame(S, turned)), expected);
}

#[test]
fn a_socket_that_the_tables_show_twice_is_one_row_and_those_without_a_cookie_are_each_their_own() {
    let mut script = Script::default();
    let none = || Socket { cookie: 0, ..tcp(1) };
    let frame = script.frame(S, vec![reader(1, 10, 5), none(), reader(1, 12, 7), none()]);
    assert_eq!(cookies(&frame), [0, 0, 1]);
    assert_eq!(of(&frame, 1).socket.receive_queue, 5);
    // And what has no cookie is never known again.
    let frame = script.frame(2 * S, vec![none(), reader(1, 12, 7)]);
    assert_eq!(of(&frame, 1).unread, Some(at_least(S)));
    assert_eq!(of(&frame, 0).received_rate, None);
}

#[test]
fn a_watch_keeps_nothing_of_sockets_that_are_gone() {
    let mut watch = Watch::new();
    for round in 0..10 {
        let sockets = (0..100).map(|index| visitor(1000 * round + index + 1, S)).collect();
        let at = S * round as u32;
        watch.on_sample(Sample { at, sockets, ..Sample::default() });
        assert_eq!(watch.before.as_ref().map(|before| before.sockets.len()), Some(100));
    }
    watch.on_sample(Sample { at: 10 * S, ..Sample::default() });
    let before = watch.before.expect("there was a sample");
    assert!(before.sockets.is_empty() && before.oldest.is_empty());
}

#[test]
fn what_waits_at_the_other_end_is_told_without_the_end_of_the_stream() {
    let mut script = Script::default();
    let mut here = writer(1, 0, 0);
    here.other = Some(2);
    let mut there = reader(2, 101, 101);
    there.other = Some(1);
    let frame = script.frame(S, vec![here.clone(), there.clone()]);
    assert_eq!((of(&frame, 1).other_unread, of(&frame, 2).other_unread), (Some(101), Some(0)));
    there.state = State::CloseWait;
    let frame = script.frame(2 * S, vec![here.clone(), there]);
    assert_eq!(of(&frame, 1).other_unread, Some(100));
    // Where the other end is not in the sample, the sampler may have seen it.
    assert_eq!(script.row(3 * S, here.clone()).other_unread, None);
    here.other_unread = Some(7);
    assert_eq!(script.row(4 * S, here).other_unread, Some(7));
}

#[test]
fn the_send_queue_is_split_into_what_is_under_way_and_what_was_not_sent() {
    let with = |not_sent| {
        let socket = tcp_with(1, |socket, tcp| {
            socket.send_queue = 1000;
            tcp.not_sent = not_sent;
        });
        let row = Script::default().row(S, socket);
        (row.unacknowledged, row.unsent)
    };
    assert_eq!(with(Some(300)), (Some(700), Some(300)));
    // The kernel reads the two one after the other.
    assert_eq!(with(Some(1001)), (Some(0), Some(1001)));
    // It does not say before Linux 4.6.
    assert_eq!(with(None), (None, None));
    for socket in [listener(1, 0, 5), bare(1, State::TimeWait), udp(1, 0, 0)] {
        let row = Script::default().row(S, Socket { send_queue: 9, ..socket });
        assert_eq!((row.unacknowledged, row.unsent), (None, None), "{:?}", row.socket);
    }
    let kind = Kind::Unix(UnixKind::Seqpacket);
    let row = Script::default().row(S, Socket { kind, tcp: None, ..tcp(1) });
    assert_eq!(row.unacknowledged, None);
}
