//! How much a second, and when that is not known.

use std::time::Duration;

use super::super::super::testing::*;
use super::super::super::{Counters, Rates, Socket};
use crate::sock_diag::State;

const ZERO: Duration = Duration::ZERO;

fn counted(received: u64, sent: u64, again: u64, retransmissions: u32) -> Socket {
    tcp_with(1, |_, tcp| {
        tcp.received = received;
        (tcp.sent, tcp.sent_again) = (Some(sent), Some(again));
        tcp.total_retransmissions = retransmissions;
    })
}

#[test]
fn a_rate_is_what_was_counted_since_the_sample_before() {
    let mut script = Script::default();
    let first = script.row(ZERO, counted(1000, 5000, 0, 0));
    assert_eq!((first.received_rate, first.sent_rate, first.drop_rate), (None, None, None));
    let row = script.row(2 * S, counted(1500, 9000, 1000, 3));
    assert_eq!(row.received_rate, Some(250.0));
    // What was sent again was sent before.
    assert_eq!(row.sent_rate, Some(1500.0));
    assert_eq!(row.retransmission_rate, Some(1.5));
    // What it discards of a connection is nothing that is lost.
    assert_eq!(row.drop_rate, None);
}

#[test]
fn what_a_new_socket_counted_is_no_rate() {
    let mut script = Script::default();
    script.frame(ZERO, vec![]);
    assert_eq!(script.row(S, counted(1000, 1000, 0, 0)).received_rate, None);
}

#[test]
fn a_counter_that_went_back_gives_no_rate() {
    let mut script = Script::default();
    script.frame(ZERO, vec![udp(1, 0, 100)]);
    assert_eq!(script.row(S, udp(1, 0, 99)).drop_rate, None);
    assert_eq!(script.row(2 * S, udp(1, 0, 101)).drop_rate, Some(2.0));
}

#[test]
fn no_time_between_samples_gives_no_rate() {
    let mut script = Script::default();
    script.frame(S, vec![udp(1, 0, 0)]);
    assert_eq!(script.row(S, udp(1, 0, 5)).drop_rate, None);
}

#[test]
fn listeners_and_what_is_over_have_no_rates_of_bytes() {
    for socket in [listener(1, 0, 5), bare(1, State::TimeWait)] {
        let mut script = Script::default();
        script.frame(ZERO, vec![socket.clone()]);
        let row = script.row(S, socket);
        assert_eq!((row.received_rate, row.sent_rate, row.retransmission_rate), (None, None, None));
    }
}

#[test]
fn an_old_kernel_counts_no_bytes_that_were_sent() {
    let old = || {
        tcp_with(1, |_, tcp| {
            (tcp.sent, tcp.sent_again) = (None, None);
        })
    };
    let mut script = Script::default();
    script.frame(ZERO, vec![old()]);
    let row = script.row(S, old());
    assert_eq!((row.received_rate, row.sent_rate), (Some(0.0), None));
}

#[test]
fn the_namespace_counts_a_second_what_it_counts() {
    let counters = |count: u64| Counters {
        listen_overflows: Some(count),
        listen_drops: Some(2 * count),
        retransmissions: Some(3 * count),
        udp_no_ports: Some(4 * count),
        udp_buffer_drops: Some(5 * count),
    };
    let mut script = Script::default();
    let first = script.counted(ZERO, vec![], counters(10));
    assert_eq!((first.rates, first.counters), (Rates::default(), counters(10)));
    let rates = |count: f64| Rates {
        listen_overflows: Some(count),
        listen_drops: Some(2.0 * count),
        retransmissions: Some(3.0 * count),
        udp_no_ports: Some(4.0 * count),
        udp_buffer_drops: Some(5.0 * count),
    };
    assert_eq!(script.counted(2 * S, vec![], counters(20)).rates, rates(5.0));
    // Another namespace, or the process in it entered one.
    assert_eq!(script.counted(3 * S, vec![], counters(3)).rates, Rates::default());
    let some = Counters { listen_overflows: None, ..counters(4) };
    let frame = script.counted(4 * S, vec![], some);
    assert_eq!(frame.rates, Rates { listen_overflows: None, ..rates(1.0) });
}
