//! The line of a frame as it has always been: programs read it, so that no byte of it changes unseen.

use framecat::core::sock_diag::DataSegments;
use framecat::core::watch::{Lasting, Rates, Row};

use super::*;

/// A connection of which everything is known. Each number is another one: one that stands under a wrong
/// key is seen.
fn known(like: &Row) -> Row {
    let lasting =
        |millis, seen_to_begin| Lasting { time: Duration::from_millis(millis), seen_to_begin };
    let socket = Socket {
        other: Some(u64::MAX),
        memory: Some(Memory {
            receive_used: 51,
            receive_limit: 52,
            send_limit: 53,
            drops: Some(54),
        }),
        tcp: Some(tcp()),
        ..connection(9, "127.0.0.1:5050", "[::1]:51514")
    };
    Row {
        socket,
        age: lasting(9001, false),
        in_state: lasting(8002, true),
        unread: Some(lasting(7003, false)),
        other_unread_for: Some(lasting(6004, true)),
        unaccepted: Some(lasting(5005, false)),
        unacknowledged_for: Some(lasting(4006, true)),
        full: Some(lasting(3007, false)),
        zero_window: Some(lasting(2008, true)),
        unacknowledged: Some(61),
        unsent: Some(62),
        half_open: Some(63),
        other_unread: Some(64),
        received_rate: Some(71.5),
        sent_rate: Some(1e9 / 3.0),
        retransmission_rate: Some(f64::INFINITY),
        drop_rate: Some(0.0),
        ..like.clone()
    }
}

fn tcp() -> TcpInfo {
    TcpInfo {
        rtt: Duration::from_micros(120),
        rtt_variation: Duration::from_micros(35),
        retransmits: 1,
        total_retransmissions: 2,
        probes: 3,
        congestion_window: 10,
        send_mss: 1448,
        last_data_sent: Duration::from_millis(60_011),
        last_data_received: Duration::from_millis(60_012),
        last_ack_received: Duration::from_millis(60_013),
        acknowledged: 5_000_000_021,
        received: 22,
        not_sent: Some(23),
        data_segments: Some(DataSegments { received: 31, sent: 32 }),
        window_limited: Some(Duration::from_micros(1_500_033)),
        sent: Some(34),
        sent_again: Some(35),
        peer_window: Some(0),
        own_window: Some(36),
    }
}

#[test]
fn a_line_is_to_the_byte_what_programs_have_always_read() {
    let all = frame();
    // A listener, a datagram socket, what no program has, and names that nobody should print.
    let mut rows: Vec<Row> =
        all.rows.iter().filter(|row| [1, 5, 6, 7].contains(&row.socket.cookie)).cloned().collect();
    rows.push(known(&rows[0]));
    for row in &mut rows {
        // What is said in sentences may change.
        row.findings.clear();
        if row.socket.state == State::TimeWait {
            (row.socket.owners, row.socket.inode, row.socket.uid) = (Arc::from([]), 0, None);
        }
    }
    let frame = Frame {
        at: Duration::from_millis(2500),
        rows,
        counters: Counters {
            listen_overflows: Some(81),
            listen_drops: Some(82),
            retransmissions: Some(83),
            udp_no_ports: Some(84),
            udp_buffer_drops: None,
        },
        rates: Rates { listen_overflows: Some(91.25), ..Rates::default() },
        missing: vec![Missing::Table(HOSTILE.into())],
        findings: Vec::new(),
    };
    let line = json::frame(&frame, Timestamp::UNIX_EPOCH, Some(Duration::from_millis(1500)));
    assert_eq!(line, include_str!("line.json").trim_end());
}

#[test]
fn a_path_that_is_an_asterisk_is_not_taken_for_no_name() {
    let star = socket(1, Kind::Unix(UnixKind::Dgram), State::Close, "*", "");
    let frame = Watch::new().on_sample(Sample { sockets: vec![star], ..Sample::default() });
    let line = json::frame(&frame, Timestamp::UNIX_EPOCH, None);
    let object: Value = serde_json::from_str(&line).unwrap();
    let socket = &object["sockets"][0];
    assert_eq!((&socket["local"], &socket["peer"]), (&"*".into(), &Value::Null));
}
