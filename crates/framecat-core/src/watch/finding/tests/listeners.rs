//! What is wrong with listeners.

use super::super::super::testing::*;
use super::super::super::{Counters, Frame, Socket};
use super::{ZERO, after, said};
use crate::sock_diag::{Memory, State};

#[test]
fn a_full_accept_queue_of_a_program_that_accepts_nothing() {
    let full = |age| vec![listener(1, 6, 5), visitor(2, age)];
    let samples = [(ZERO, vec![listener(1, 0, 5)]), (S, full(ZERO)), (4 * S, full(3 * S))];
    assert_eq!(
        after(samples),
        [
            "error accept-queue-full: accept queue full 6/5 for 3 s: the program is not calling accept"
        ]
    );
}

#[test]
fn a_full_accept_queue_at_first_sight() {
    // Who has waited so long shows that something is wrong, and not what.
    assert_eq!(
        after([(ZERO, vec![listener(1, 6, 5), visitor(2, 12 * S)])]),
        [
            "error accept-queue-full: accept queue full 6/5, the oldest connection has waited at least 12 s: \
          the program accepts too slowly, or not at all"
        ]
    );
    assert_eq!(
        after([
            (ZERO, vec![listener(1, 6, 5), visitor(2, 12 * S)]),
            (2 * S, vec![listener(1, 6, 5), visitor(2, 14 * S)])
        ]),
        [
            "error accept-queue-full: accept queue full 6/5 for at least 2 s: the program is not calling \
          accept"
        ]
    );
    // A moment of it is none of its faults.
    let note = ["note accept-queue-full: accept queue full 6/5: the next connection has to wait"];
    assert_eq!(after([(ZERO, vec![listener(1, 6, 5), visitor(2, 20 * MS)])]), note);
    assert_eq!(after([(ZERO, vec![listener(1, 6, 5)])]), note);
}

#[test]
fn a_full_accept_queue_of_a_program_that_accepts_too_slowly() {
    let full = |at| (S * at, vec![listener(1, 6, 5), visitor(at.into(), 100 * MS)]);
    assert_eq!(
        after([(ZERO, vec![])].into_iter().chain((2..8).map(full))),
        [
            "error accept-queue-full: accept queue full 6/5 for 5 s: the program accepts more slowly than \
          connections come"
        ]
    );
    // Whether it was not empty in between nobody knows, until it was seen so often.
    assert_eq!(
        after([(ZERO, vec![])].into_iter().chain((2..7).map(full))),
        ["note accept-queue-full: accept queue full 6/5: the next connection has to wait"]
    );
}

#[test]
fn a_full_accept_queue_of_a_unix_listener() {
    let full = || vec![Socket { receive_queue: 6, send_queue: 5, ..unix(1, "/a", State::Listen) }];
    assert_eq!(
        after([(ZERO, vec![])].into_iter().chain(six(full))),
        [
            "error accept-queue-full: accept queue full 6/5 for 5 s: the program accepts too slowly, or not \
          at all"
        ]
    );
}

#[test]
fn connections_that_wait_though_there_is_room() {
    let waits = |queue, age| vec![listener(1, queue, 128), visitor(2, age)];
    assert_eq!(
        after([(ZERO, waits(1, 12 * S))]),
        [
            "warning not-accepting: 1 connection waits to be accepted, the oldest for at least 12 s: the \
          program accepts too slowly, or not at all"
        ]
    );
    assert_eq!(
        after([(ZERO, vec![]), (S, waits(3, ZERO)), (3 * S, waits(3, 2 * S))]),
        [
            "warning not-accepting: 3 connections wait to be accepted, the oldest for 2 s: the program is not \
          calling accept"
        ]
    );
    assert!(after([(ZERO, vec![]), (S, waits(3, ZERO)), (2999 * MS, waits(3, ZERO))]).is_empty());
}

#[test]
fn a_program_that_takes_one_after_the_other_is_not_said_to_take_none() {
    let two = |old, young| vec![listener(1, 2, 128), visitor(old, 5 * S), visitor(young, 4 * S)];
    let slow = "warning not-accepting: 2 connections wait to be accepted, the oldest for at least 6 s: the \
                program accepts too slowly, or not at all";
    assert_eq!(after([(ZERO, two(2, 3)), (2 * S, two(3, 4))]), [slow]);
    // Those that came at once cannot be told apart: one of them may have been taken.
    let at_once = |first, second| {
        let age = 5 * S - 50 * MS;
        vec![listener(1, 2, 128), visitor(first, 5 * S), visitor(second, age)]
    };
    let mut gone = at_once(2, 3);
    gone.remove(2);
    gone.push(visitor(4, 2 * S));
    assert!(after([(ZERO, at_once(2, 3)), (2 * S, gone)])[0].ends_with("or not at all"));
}

#[test]
fn connections_of_which_only_the_number_is_known() {
    let waits = |queue| {
        vec![Socket { receive_queue: queue, send_queue: 9, ..unix(1, "/a", State::Listen) }]
    };
    assert_eq!(
        after((0..7).map(|second| (S * second, waits(second.min(2))))),
        [
            "warning not-accepting: 2 connections wait to be accepted, and not fewer for 5 s: the program \
          accepts too slowly, or not at all"
        ]
    );
    assert!(after((0..6).map(|second| (S * second, waits(second.min(2))))).is_empty());
}

#[test]
fn an_accept_queue_that_stays_over_half() {
    let over = |limit| {
        let queue = limit / 2 + 1;
        let at = |at| (S * at, vec![listener(1, queue, limit), visitor(at.into(), 10 * MS)]);
        after([(ZERO, vec![])].into_iter().chain((2..8).map(at)))
    };
    assert_eq!(
        over(128),
        [
            "warning accept-queue-filling: accept queue 65/128, over half of its limit for 5 s: the program \
          accepts more slowly than connections come"
        ]
    );
    assert!(over(5).is_empty());
}

fn dropping(drops: Option<u32>, queue: u32) -> Socket {
    let memory = Memory { receive_used: 0, receive_limit: 1, send_limit: 1, drops };
    Socket { memory: Some(memory), ..listener(1, queue, 5) }
}

/// What is said of a listener that counts 12 more while the namespace counts so many.
fn dropped(queue: u32, overflows: u64, drops: u64) -> Vec<String> {
    let counters = |times| Counters {
        listen_overflows: Some(overflows * times),
        listen_drops: Some(drops * times),
        ..Counters::default()
    };
    let mut script = Script::default();
    script.counted(ZERO, vec![dropping(Some(4), queue)], counters(1));
    said(&script.counted(S, vec![dropping(Some(16), queue)], counters(2)), 1)
}

#[test]
fn connections_that_are_dropped() {
    let full = "note accept-queue-full: accept queue full 6/5: the next connection has to wait";
    assert_eq!(
        dropped(6, 12, 12),
        [
            "error connections-dropped: connections are being dropped, 12 a second: the accept queue is \
             full",
            full
        ]
    );
    // More than all listeners dropped together are no connections.
    assert!(dropped(6, 3, 3)[0].contains("dropped, 3 a second"));
    assert_eq!(
        dropped(0, 0, 8),
        [
            "warning connections-dropped: connections are being dropped, 8 a second, though the accept \
             queue has room now"
        ]
    );
}

#[test]
fn segments_that_a_listener_discards_are_no_connections() {
    // With TCP_DEFER_ACCEPT it discards the end of each handshake.
    assert!(dropped(0, 0, 0).is_empty());
    assert_eq!(dropped(6, 0, 0).len(), 1);
    // Another listener lost some.
    assert!(dropped(0, 5, 5).is_empty());
    // Where the namespace does not count, nobody knows.
    assert!(
        after([(ZERO, vec![dropping(Some(4), 0)]), (S, vec![dropping(Some(16), 0)])]).is_empty()
    );
}

#[test]
fn overflows_of_a_namespace_where_the_listener_does_not_count() {
    let counters = |count| Counters { listen_overflows: Some(count), ..Counters::default() };
    let frame = |queue| -> Frame {
        let mut script = Script::default();
        script.counted(ZERO, vec![dropping(None, queue)], counters(10));
        script.counted(S, vec![dropping(None, queue)], counters(22))
    };
    assert_eq!(
        said(&frame(6), 1)[0],
        "error overflows-while-full: connections are being dropped, 12 a second in this network \
         namespace, while this queue is full"
    );
    assert!(said(&frame(5), 1).is_empty());
}

#[test]
fn handshakes_that_do_not_end() {
    let handshakes = |count: u64, queue| {
        let mut sockets = vec![listener(1, queue, 16)];
        sockets.extend((0..count).map(|index| bare(index + 2, State::SynRecv)));
        sockets
    };
    let said = |count, queue, time| {
        let sockets = || handshakes(count, queue);
        after([(ZERO, vec![]), (S, sockets()), (S + time, sockets())])
    };
    assert_eq!(
        said(9, 0, 3 * S),
        ["warning half-open: 9 handshakes under way of 16, the oldest for 3 s: a SYN flood, lost \
          answers, or TCP_DEFER_ACCEPT, which waits for the first data"]
    );
    assert!(said(8, 0, 3 * S).is_empty());
    assert!(said(9, 0, 2 * S).is_empty());
    // Workers with SO_REUSEPORT share them.
    let shared = |workers: u64| {
        let mut sockets = handshakes(9, 0);
        sockets.extend((1..workers).map(|worker| listener(100 + worker, 0, 16)));
        sockets
    };
    let said_of = |workers| after([(ZERO, vec![]), (S, shared(workers)), (4 * S, shared(workers))]);
    assert_eq!((said_of(1).len(), said_of(2).len()), (1, 0));
    // They cannot end while the queue is full.
    assert!(!said(9, 17, 3 * S).iter().any(|text| text.contains("half-open")));
}
