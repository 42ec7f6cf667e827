//! Which listener a connection comes in by, and who has waited longest.

use std::time::Duration;

use super::super::super::testing::*;
use super::super::super::{Frame, Socket};
use crate::sock_diag::State;

const ZERO: Duration = Duration::ZERO;

fn at(socket: Socket, local: &str) -> Socket {
    named(socket, local, if local.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" })
}

fn half_open(local: &str) -> Socket {
    at(bare(99, State::SynRecv), local)
}

/// Which of these listeners, by its number from 1, a handshake at the address belongs to.
fn taken_by(listeners: &[&str], local: &str) -> Vec<u64> {
    let all = (1..).zip(listeners).map(|(cookie, name)| at(listener(cookie, 0, 5), name));
    let frame = Script::default().frame(ZERO, all.chain([half_open(local)]).collect());
    let takes = |cookie: &u64| of(&frame, *cookie).half_open == Some(1);
    assert!(frame.rows.iter().all(|row| row.half_open.is_some() == (row.socket.cookie != 99)));
    (1..=listeners.len() as u64).filter(takes).collect()
}

#[test]
fn a_handshake_is_with_the_listener_at_its_address() {
    let all = ["0.0.0.0:80", "127.0.0.1:80", "[::]:80", "[::1]:80", "127.0.0.1:81"];
    assert_eq!(taken_by(&all, "127.0.0.1:80"), [2]);
    assert_eq!(taken_by(&all, "127.0.0.2:80"), [1]);
    assert_eq!(taken_by(&all, "[::1]:80"), [4]);
    assert_eq!(taken_by(&all, "[fd00::1]:80"), [3]);
    assert_eq!(taken_by(&all, "127.0.0.1:81"), [5]);
    assert_eq!(taken_by(&all, "127.0.0.1:82"), [0; 0]);
    // IPv4 in the clothes of IPv6 is IPv4, and goes to a listener of IPv6 where there is no other.
    assert_eq!(taken_by(&all, "[::ffff:127.0.0.1]:80"), [2]);
    assert_eq!(taken_by(&["[::]:80"], "127.0.0.1:80"), [1]);
    assert_eq!(taken_by(&["[::]:80"], "[::ffff:127.0.0.1]:80"), [1]);
    assert_eq!(taken_by(&["0.0.0.0:80"], "[::1]:80"), [0; 0]);
    // All that share the address may get it.
    assert_eq!(taken_by(&["0.0.0.0:80", "0.0.0.0:80"], "127.0.0.1:80"), [1, 2]);
}

#[test]
fn a_unix_listener_has_no_handshakes() {
    let row = Script::default().row(ZERO, unix(1, "/a", State::Listen));
    assert_eq!(row.half_open, None);
}

#[test]
fn a_listener_has_waited_for_as_long_as_the_oldest_in_its_queue() {
    let mut script = Script::default();
    let frame = script.frame(ZERO, vec![listener(1, 2, 5), visitor(2, 12 * S), visitor(3, 5 * S)]);
    assert_eq!(of(&frame, 1).unaccepted, Some(at_least(12 * S)));
    // The oldest was accepted.
    let frame = script.frame(S, vec![listener(1, 1, 5), tcp(2), visitor(3, 6 * S)]);
    assert_eq!(of(&frame, 1).unaccepted, Some(at_least(6 * S)));
    assert_eq!(of(&frame, 2).unaccepted, None);
    let frame = script.frame(2 * S, vec![listener(1, 0, 5), tcp(2), tcp(3)]);
    assert_eq!(of(&frame, 1).unaccepted, None);
}

#[test]
fn a_connection_waits_from_when_its_handshake_is_complete() {
    let mut script = Script::default();
    script.frame(ZERO, vec![bare(2, State::SynRecv)]);
    script.frame(9 * S, vec![bare(2, State::SynRecv)]);
    let row = script.row(10 * S, visitor(2, 300 * MS));
    assert_eq!((row.age, row.unaccepted), (at_least(10 * S), Some(seen(300 * MS))));
    let gone = Socket { state: State::CloseWait, ..visitor(2, 1300 * MS) };
    assert_eq!(script.row(11 * S, gone).unaccepted, Some(seen(1300 * MS)));
}

#[test]
fn where_listeners_share_an_address_the_one_with_visitors_has_them() {
    let sockets = |other| vec![listener(1, 1, 5), listener(2, other, 5), visitor(3, 9 * S)];
    let frame = Script::default().frame(ZERO, sockets(0));
    assert_eq!(of(&frame, 1).unaccepted, Some(at_least(9 * S)));
    assert_eq!(of(&frame, 2).unaccepted, None);
    // If both have some, whose this one is cannot be told: what is known is the length of the queues.
    let mut script = Script::default();
    let both = |frame: &Frame| (of(frame, 1).unaccepted, of(frame, 2).unaccepted);
    assert_eq!(both(&script.frame(ZERO, sockets(2))), (Some(at_least(ZERO)), Some(at_least(ZERO))));
    assert_eq!(both(&script.frame(S, sockets(3))), (Some(at_least(S)), Some(at_least(S))));
    assert_eq!(both(&script.frame(2 * S, sockets(2))), (Some(at_least(2 * S)), Some(seen(ZERO))));
}

#[test]
fn a_unix_listener_has_waited_since_its_queue_was_shorter() {
    let mut script = Script::default();
    let mut waits = |at, queue| {
        let listener = Socket { receive_queue: queue, ..unix(1, "/a", State::Listen) };
        script.row(at, listener).unaccepted
    };
    assert_eq!(waits(ZERO, 0), None);
    assert_eq!(waits(S, 1), Some(seen(ZERO)));
    assert_eq!(waits(2 * S, 3), Some(seen(S)));
    assert_eq!(waits(3 * S, 3), Some(seen(2 * S)));
    assert_eq!(waits(4 * S, 2), Some(seen(ZERO)));
    assert_eq!(waits(5 * S, 0), None);
}
