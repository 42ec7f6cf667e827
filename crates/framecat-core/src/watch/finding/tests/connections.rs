//! What is wrong with connections and datagram sockets.

use std::time::Duration;

use super::super::super::testing::*;
use super::super::super::{Counters, Kind, Socket};
use super::{ZERO, after, said};
use crate::sock_diag::{DataSegments, Memory, State, TcpInfo, UnixKind};

/// What is said of a connection that is so in the second sample and so much later.
fn lasts(time: Duration, socket: impl Fn() -> Socket) -> Vec<String> {
    after([(ZERO, vec![tcp(1)]), (S, vec![socket()]), (S + time, vec![socket()])])
}

fn with(change: impl FnOnce(&mut Socket, &mut TcpInfo)) -> Socket {
    tcp_with(1, change)
}

#[test]
fn a_program_that_does_not_read() {
    let waits = || reader(1, 65536, 65536);
    assert_eq!(
        lasts(12 * S, waits),
        ["warning not-reading: its program has not read for 12 s: 64 KiB wait"]
    );
    assert!(lasts(1999 * MS, waits).is_empty());
    let old = with(|socket, tcp| {
        socket.receive_queue = 100;
        tcp.last_data_received = 125 * S;
    });
    assert_eq!(
        after([(ZERO, vec![old])]),
        ["note not-reading: 100 B have waited at least 2 min 5 s for its program to read them"]
    );
}

#[test]
fn what_a_client_has_no_use_for_may_wait_until_its_next_request() {
    // Two session tickets, and nothing for a minute.
    let client = || reader(1, 510, 510);
    let note = "note not-reading: its program has not read for 1 min: 510 B wait";
    assert_eq!(lasts(60 * S, client), [note]);
    // The server's view of it.
    let pair = || {
        let server = named(tcp(2), "127.0.0.1:443", "127.0.0.1:40000");
        let listener = named(listener(3, 0, 128), "0.0.0.0:443", "0.0.0.0:0");
        let client = named(client(), "127.0.0.1:40000", "127.0.0.1:443");
        vec![Socket { other: Some(1), ..server }, Socket { other: Some(2), ..client }, listener]
    };
    let mut script = Script::default();
    script.frame(ZERO, pair());
    let frame = script.frame(60 * S, pair());
    assert!(said(&frame, 2)[0].starts_with("note peer-not-reading"), "{:?}", said(&frame, 2));
    // Then the server closes, which it says first.
    let more = |received, state| Socket { state, ..reader(1, received, received as u32) };
    let script = |last: Socket| {
        let first = || reader(1, 510, 510);
        after([(ZERO, vec![]), (S, vec![first()]), (30 * S, vec![first()]), (31 * S, vec![last])])
    };
    assert!(script(more(535, State::CloseWait))[0].starts_with("note not-reading"));
    // It goes on to send, or would if it could.
    assert!(script(more(535, State::Established))[0].starts_with("warning not-reading"));
    let mut closed = reader(1, 510, 510);
    closed.tcp.as_mut().expect("it has one").own_window = Some(0);
    assert!(script(closed)[0].starts_with("warning not-reading"));
}

#[test]
fn a_server_reads_what_little_there_is() {
    let stuck = || vec![listener(3, 0, 5), reader(1, 5, 5), Socket { other: Some(1), ..tcp(2) }];
    let mut script = Script::default();
    script.frame(ZERO, stuck());
    let frame = script.frame(5 * S, stuck());
    assert!(said(&frame, 1)[0].starts_with("warning not-reading"));
    assert!(said(&frame, 2)[0].starts_with("warning peer-not-reading"));
}

#[test]
fn a_program_that_has_not_read_only_the_end() {
    let ended = || Socket { state: State::CloseWait, ..reader(1, 1, 1) };
    assert!(lasts(9 * S, ended).is_empty());
    assert_eq!(
        lasts(10 * S, ended),
        [
            "note close-wait: the peer has closed, the program has not for 10 s, nor read that it did: a leak \
          if it lasts"
        ]
    );
}

#[test]
fn a_program_whose_reads_are_not_counted() {
    let waits = || Socket { kind: Kind::Udp, receive_queue: 768, tcp: None, ..tcp(1) };
    assert_eq!(
        after([(ZERO, vec![])].into_iter().chain(six(|| vec![waits()]))),
        [
            "warning not-draining: 768 B wait, and not less for 5 s: its program reads too slowly, or not at \
          all"
        ]
    );
    assert!(after([(ZERO, vec![])].into_iter().chain(six(|| vec![waits()]).take(5))).is_empty());
    // So often in less time, or for so long with fewer looks.
    assert!(after((1..=40).map(|look| (100 * MS * look, vec![waits()]))).is_empty());
    assert!(after((0..5).map(|look| (2 * S * look, vec![waits()]))).is_empty());
}

#[test]
fn what_is_not_counted_is_not_known_between_rare_samples() {
    // Each 6 s there is something in a queue that is emptied each 20 ms, as an exporter sees it.
    let rare =
        |socket: &dyn Fn() -> Socket, gap| after((0..60).map(|look| (gap * look, vec![socket()])));
    let full = || Socket { receive_queue: 6, send_queue: 5, ..unix(1, "/a", State::Listen) };
    let peer = || Socket { other_unread: Some(9), ..unix(1, "", State::Established) };
    let waits = || Socket { receive_queue: 9, ..unix(1, "/a", State::Established) };
    let filling = || listener(1, 100, 128);
    for gap in [6 * S, 15 * S, 60 * S] {
        assert!(rare(&|| udp(1, 768, 0), gap).is_empty());
        assert!(rare(&waits, gap).is_empty());
        assert!(rare(&peer, gap).is_empty());
        assert!(rare(&filling, gap).is_empty());
        assert_eq!(
            rare(&full, gap),
            ["note accept-queue-full: accept queue full 6/5: the next connection has to wait"]
        );
    }
    // What is counted is.
    assert_eq!(rare(&|| reader(1, 65536, 65536), 60 * S).len(), 1);
}

#[test]
fn a_connection_that_nobody_accepts() {
    let waits = |age| Socket { receive_queue: 5, ..visitor(1, age) };
    let client = Socket { other: Some(1), ..tcp(2) };
    let mut script = Script::default();
    let frame = script.frame(ZERO, vec![waits(4 * S), client]);
    // That it is not read either goes without saying.
    assert_eq!(
        said(&frame, 1),
        ["note not-accepted: no program has accepted this connection for at least 4 s"]
    );
    assert_eq!(
        said(&frame, 2),
        [
            "warning peer-not-accepting: the peer's program has not accepted this connection for at least 4 s"
        ]
    );
    assert!(after([(ZERO, vec![waits(S)])]).is_empty());
}

#[test]
fn a_peer_that_does_not_read() {
    let pair = |unsent: u32| {
        let here = tcp_with(1, |socket, tcp| {
            (socket.other, socket.send_queue) = (Some(2), unsent);
            (tcp.not_sent, tcp.peer_window) = (Some(unsent), Some(0));
        });
        vec![here, reader(2, 65536, 65536)]
    };
    let script = |unsent, time| {
        after([(ZERO, vec![tcp(1), tcp(2)]), (S, pair(unsent)), (S + time, pair(unsent))])
    };
    assert_eq!(
        script(2_621_440, 12 * S),
        [
            "warning peer-not-reading: the peer has not read for 12 s: 64 KiB wait there, 2.5 MiB wait here"
        ]
    );
    assert_eq!(
        script(0, 12 * S),
        ["warning peer-not-reading: the peer has not read for 12 s: 64 KiB wait there"]
    );
    assert!(script(2_621_440, S).is_empty());
    let mut old = reader(2, 65536, 65536);
    old.tcp.as_mut().expect("it has one").last_data_received = 9 * S;
    assert_eq!(
        after([(ZERO, vec![Socket { other: Some(2), ..tcp(1) }, old])]),
        ["warning peer-not-reading: 64 KiB have waited at least 9 s for the peer to read them"]
    );
}

#[test]
fn a_peer_that_does_not_read_and_was_not_asked_for() {
    let here = || Socket { other_unread: Some(100), ..writer(1, 101, 0) };
    assert_eq!(
        lasts(12 * S, here),
        ["warning peer-not-reading: the peer has not read for 12 s: 100 B wait there"]
    );
    assert!(lasts(S, here).is_empty());
}

#[test]
fn a_unix_peer_that_does_not_read() {
    let here = || Socket { other: Some(2), send_queue: 768, ..unix(1, "", State::Established) };
    let there = || Socket { receive_queue: 5, ..unix(2, "/a", State::Established) };
    let both = || vec![here(), there()];
    assert_eq!(
        after([(ZERO, vec![])].into_iter().chain(six(both))),
        ["warning peer-not-reading: the peer has not read for 5 s: 5 B wait there"]
    );
    assert!(after([(ZERO, vec![])].into_iter().chain(six(both).take(5))).is_empty());
}

#[test]
fn a_peer_without_a_window() {
    let closed = || {
        with(|socket, tcp| {
            (socket.send_queue, tcp.not_sent, tcp.peer_window) =
                (2_621_440, Some(2_621_440), Some(0));
        })
    };
    assert_eq!(
        lasts(12 * S, closed),
        [
            "warning zero-window: the peer has offered no window for 12 s, its program reads slowly, or not at \
          all: 2.5 MiB wait here"
        ]
    );
    assert!(lasts(S, closed).is_empty());
    // On this host its reads are seen.
    let mut script = Script::default();
    for second in 0..5 {
        let there = Socket { other: Some(1), ..reader(2, 65536 + u64::from(second), 65536) };
        let frame = script.frame(S * second, vec![Socket { other: Some(2), ..closed() }, there]);
        if second == 4 {
            let text = "its program reads slowly: 2.5 MiB wait here";
            assert!(said(&frame, 1)[0].ends_with(text), "{:?}", said(&frame, 1));
        }
    }
}

#[test]
fn a_window_that_is_closed_at_each_glance_and_opens_in_between() {
    let flows = |acknowledged| {
        with(|socket, tcp| {
            (socket.send_queue, tcp.not_sent, tcp.peer_window) = (999, Some(999), Some(0));
            tcp.acknowledged = acknowledged;
        })
    };
    let script = |step| after((0u32..60).map(|at| (S * at, vec![flows(u64::from(at) * step)])));
    assert!(script(1000).is_empty());
    assert_eq!(script(0).len(), 1);
}

#[test]
fn a_peer_that_is_gone() {
    let lost = |times| {
        move || {
            with(|socket, tcp| {
                (socket.send_queue, tcp.retransmits) = (100, times);
                tcp.last_ack_received = 100 * MS;
            })
        }
    };
    assert_eq!(
        lasts(3 * S, lost(4)),
        [
            "warning retransmitting: nothing acknowledged for 3 s, sent again 4 times: the peer or the way to \
          it is gone"
        ]
    );
    // A loss or two, and a peer that is slow to acknowledge.
    assert!(lasts(2 * S, lost(4)).is_empty());
    assert!(lasts(9 * S, lost(1)).is_empty());
    // So often takes so long, though it was not seen.
    assert_eq!(
        after([(ZERO, vec![lost(5)()])]),
        [
            "warning retransmitting: nothing acknowledged for at least 6.2 s, sent again 5 times: the peer or \
          the way to it is gone"
        ]
    );
    // What no program has any more is the kernel's to end.
    let orphan = || Socket { inode: 0, state: State::FinWait1, ..lost(6)() };
    assert!(lasts(9 * S, orphan)[0].starts_with("note retransmitting"));
}

#[test]
fn a_peer_that_does_not_answer_to_probes() {
    let probed = |probes, silence, unsent| {
        let socket = with(|socket, tcp| {
            (socket.send_queue, tcp.not_sent, tcp.peer_window) = (unsent, Some(unsent), Some(0));
            (tcp.probes, tcp.last_ack_received, tcp.last_data_sent) = (probes, silence, 60 * S);
        });
        after([(ZERO, vec![socket])])
    };
    assert_eq!(
        probed(3, 12 * S, 2048),
        [
            "warning probes-unanswered: 3 probes not answered, nothing heard for 12 s, 2 KiB wait here: the \
          peer may be gone"
        ]
    );
    // One that has nothing to say is probed by keepalives.
    assert!(
        probed(4, 75 * S, 0)[0].ends_with("nothing heard for 1 min 15 s: the peer may be gone")
    );
    // Each answer is a window that is still closed.
    assert!(probed(2, 12 * S, 2048)[0].starts_with("warning zero-window"));
    assert!(probed(3, 2 * S, 2048)[0].starts_with("warning zero-window"));
    assert!(probed(2, 75 * S, 0).is_empty());
}

#[test]
fn a_way_on_which_segments_are_lost() {
    let sent = |second: u32, again| {
        with(|_, tcp| {
            tcp.data_segments = Some(DataSegments { received: 0, sent: 100 * second });
            tcp.total_retransmissions = again * second;
        })
    };
    let script = |again| after((0..30).map(|second| (S * second, vec![sent(second, again)])));
    assert_eq!(
        script(12),
        ["warning loss: 12 % of what is sent has to be sent again: segments are lost on the way"]
    );
    assert!(script(4).is_empty());
    // A few are no measure, and what was lost long ago is over.
    assert!(after((0..2).map(|second| (S * second, vec![sent(second, 9)]))).is_empty());
    let once = |second: u32| {
        let mut socket = sent(second, 0);
        socket.tcp.as_mut().expect("it has one").total_retransmissions = 40 * second.min(1);
        (S * second, vec![socket])
    };
    assert_eq!(after((0..3).map(once)).len(), 1);
    assert!(after((0..40).map(once)).is_empty());
}

#[test]
fn an_attempt_to_connect_without_an_answer() {
    let attempt = |times| {
        with(|socket, tcp| {
            (socket.state, socket.send_queue) = (State::SynSent, 1);
            (tcp.total_retransmissions, tcp.retransmits) = (times, times as u8);
        })
    };
    assert_eq!(
        after([(ZERO, vec![attempt(3)])]),
        [
            "warning no-answer: no answer to the attempt to connect for at least 3 s, repeated 3 times: accept \
          queue full, firewall, or nobody there"
        ]
    );
    assert!(after([(ZERO, vec![attempt(2)])]).is_empty());
    let quiet = || vec![attempt(0)];
    assert_eq!(
        after([(ZERO, vec![]), (S, quiet()), (4 * S, quiet())]),
        [
            "warning no-answer: no answer to the attempt to connect for 3 s: accept queue full, firewall, or \
          nobody there"
        ]
    );
}

#[test]
fn a_program_that_does_not_close() {
    let ended = || Socket { state: State::CloseWait, ..tcp(1) };
    assert_eq!(
        lasts(10 * S, ended),
        ["note close-wait: the peer has closed, the program has not for 10 s: a leak if it lasts"]
    );
    assert_eq!(
        lasts(60 * S, ended),
        [
            "warning close-wait: the peer has closed, the program has not for 1 min: this looks like a leak"
        ]
    );
    // It is still answering.
    let answering = || Socket { send_queue: 5, ..ended() };
    assert!(lasts(10 * S, answering).is_empty());
}

#[test]
fn a_program_that_still_answers_has_not_forgotten_to_close() {
    let sent = |bytes| {
        with(|socket, tcp| {
            socket.state = State::CloseWait;
            tcp.sent = Some(bytes);
        })
    };
    let script =
        |last| after([(ZERO, vec![tcp(1)]), (S, vec![sent(10)]), (90 * S, vec![sent(last)])]);
    assert!(script(20).is_empty());
    assert_eq!(script(10).len(), 1);
}

#[test]
fn a_peer_that_does_not_close() {
    let half = || Socket { state: State::FinWait2, ..tcp(1) };
    assert_eq!(
        lasts(75 * S, half),
        ["note fin-wait2: the program has closed and the peer has not, for 1 min 15 s"]
    );
    assert!(lasts(59 * S, half).is_empty());
    // Without a program the kernel ends it.
    assert!(lasts(75 * S, || bare(1, State::FinWait2)).is_empty());
}

#[test]
fn datagrams_that_are_dropped() {
    let said = |full: Option<u64>| {
        let counters = |count| Counters { udp_buffer_drops: count, ..Counters::default() };
        let mut script = Script::default();
        script.counted(ZERO, vec![udp(1, 0, 10)], counters(full.map(|_| 100)));
        said(&script.counted(2 * S, vec![udp(1, 0, 70)], counters(full.map(|more| 100 + more))), 1)
    };
    assert_eq!(
        said(Some(60)),
        [
            "error datagrams-dropped: datagrams are being dropped, 30 a second: the program does not read fast \
          enough"
        ]
    );
    assert_eq!(
        said(Some(0)),
        [
            "warning datagrams-dropped: datagrams are being dropped, 30 a second, though no receive buffer is \
          full: wrong checksums, a filter, or too little memory"
        ]
    );
    assert_eq!(
        said(None),
        [
            "error datagrams-dropped: datagrams are being dropped, 30 a second: the program does not read fast \
          enough, or they are damaged"
        ]
    );
    let nearly = |used| {
        let memory = udp(1, 0, 0).memory.map(|memory| Memory { receive_used: used, ..memory });
        after([(ZERO, vec![Socket { memory, ..udp(1, 0, 0) }])])
    };
    assert_eq!(
        nearly(130_000),
        ["note buffer-full: receive buffer full, 126 KiB of 128 KiB: what comes now is dropped"]
    );
    assert!(nearly(110_000).is_empty());
}

#[test]
fn a_unix_datagram_socket_drops_nothing() {
    let kind = Kind::Unix(UnixKind::Dgram);
    let socket =
        |drops| Socket { kind, memory: udp(1, 0, drops).memory, ..unix(1, "/a", State::Close) };
    assert!(after([(ZERO, vec![socket(0)]), (S, vec![socket(9)])]).is_empty());
}

#[test]
fn the_worst_comes_first() {
    let said = after((0..6).map(|second| (S * second, vec![udp(1, 500, second)])));
    assert!(said[0].starts_with("error") && said[1].starts_with("warning"), "{said:?}");
}
