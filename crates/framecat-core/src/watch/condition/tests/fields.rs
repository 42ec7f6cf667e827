//! Each field: of which rows it is known, and what it says.

use super::super::super::Kind;
use super::*;
use crate::sock_diag::UnixKind;

/// A connection of which every number differs.
fn full() -> Row {
    let socket = tcp_with(1, |socket, tcp| {
        (socket.receive_queue, socket.send_queue) = (1001, 1002);
        (tcp.not_sent, tcp.rtt) = (Some(400), 31 * MS);
        (tcp.congestion_window, tcp.own_window, tcp.peer_window) = (11, Some(1003), Some(1004));
        (tcp.total_retransmissions, tcp.retransmits) = (12, 3);
        (socket.uid, socket.inode) = (Some(1000), 77);
    });
    let mut row = row(socket);
    row.other_unread = Some(1005);
    row.received_rate = Some(2.5);
    row.sent_rate = Some(1024.0);
    row.retransmission_rate = Some(0.25);
    row
}

#[test]
fn each_number_of_a_connection_has_a_name() {
    let row = full();
    for condition in [
        "state=ESTABLISHED",
        "kind=tcp",
        "proto=tcp",
        "process=echo",
        "owner=echo",
        "pid=42",
        "uid=1000",
        "inode=77",
        "local=127.0.0.1:5050",
        "peer=127.0.0.1:40000",
        "port=5050",
        "port=40000",
        "lport=5050",
        "pport=40000",
        "recvq=1001",
        "sendq=1002",
        "unsent=400",
        "unacked=602",
        "peer_unread=1005",
        "rtt=31ms",
        "cwnd=11",
        "rwnd=1003",
        "peerwnd=1004",
        "retrans=12",
        "retries=3",
        "in=2.5",
        "out=1k/s",
        "retrans_rate=0.25",
    ] {
        assert!(holds(condition, &row), "{condition}");
        let other = condition.replacen('=', "!=", 1);
        // Of the two ports, one is it.
        assert!(!holds(&other, &row), "{other}");
    }
}

#[test]
fn only_datagram_sockets_and_listeners_drop() {
    let drops = |socket: Socket| {
        let memory = udp(1, 0, 7).memory;
        holds(
            "drops=7 and drop_rate=3",
            &Row { drop_rate: Some(3.0), ..row(Socket { memory, ..socket }) },
        )
    };
    assert!(drops(udp(1, 0, 0)) && drops(listener(1, 0, 5)));
    assert!(!drops(tcp(1)));
    assert!(!holds("drops>=0", &row(tcp(1))));
}

#[test]
fn each_time_has_a_name() {
    let mut script = Script::default();
    let socket = || {
        tcp_with(1, |socket, tcp| {
            (socket.receive_queue, socket.send_queue) = (10, 20);
            (tcp.not_sent, tcp.peer_window) = (Some(10), Some(0));
            socket.other_unread = Some(5);
        })
    };
    script.frame(S, vec![]);
    script.row(2 * S, socket());
    let row = script.row(5 * S, socket());
    for name in ["unread", "peer_unread_for", "unacked_for", "zero_window", "age", "state_for"] {
        assert!(holds(&format!("{name}=3s"), &row), "{name}");
    }
    let mut script = Script::default();
    script.frame(S, vec![]);
    script.frame(2 * S, vec![listener(1, 6, 5)]);
    let frame = script.frame(5 * S, vec![listener(1, 6, 5)]);
    assert!(holds("full=3s and unaccepted=3s", &frame.rows[0]));
    assert!(holds("unaccepted>=3s", &self::row(visitor(2, 3 * S))));
}

#[test]
fn what_could_last_and_does_not_has_lasted_for_no_time() {
    let connection = row(tcp(1));
    assert!(holds("unread=0 and unacked_for=0 and zero_window=0 and unaccepted=0", &connection));
    assert!(holds("not unread>5s", &connection));
    assert!(holds("full=0 and unaccepted<1s", &row(listener(1, 0, 5))));
    assert!(holds("unread=0s", &row(udp(1, 0, 0))));
}

#[test]
fn the_queues_of_a_listener_have_names_of_their_own() {
    let row = row(Socket { receive_queue: 3, ..listener(1, 0, 128) });
    assert!(holds("acceptq=3 and backlog=128 and halfopen=0", &row));
    for condition in ["recvq>0", "sendq>0", "not recvq>0", "not sendq>0", "unread>=0"] {
        assert!(!holds(condition, &row), "{condition}");
    }
    let connection = self::row(reader(1, 3, 3));
    for condition in ["acceptq>=0", "backlog>=0", "halfopen>=0", "full>=0"] {
        assert!(!holds(condition, &connection), "{condition}");
    }
    assert!(holds("recvq=768 and sendq=0", &self::row(udp(1, 768, 0))));
}

#[test]
fn of_what_is_half_open_or_over_little_is_known() {
    for state in [State::SynRecv, State::TimeWait] {
        let row = row(bare(1, state));
        assert!(holds("age>=0 and state_for>=0 and port=5050", &row));
        for name in ["rtt", "unread", "unacked_for", "zero_window", "in", "out", "drops"] {
            assert!(!holds(&format!("{name}>=0"), &row), "{name}");
        }
    }
}

#[test]
fn an_attempt_to_connect_counts_its_repeats() {
    let row = row(tcp_with(1, |socket, tcp| {
        socket.state = State::SynSent;
        (tcp.total_retransmissions, tcp.retransmits) = (3, 3);
    }));
    assert!(holds("retrans=3 and retries=3", &row));
    assert!(!holds("cwnd>=0", &row));
}

#[test]
fn of_several_owners_one_is_enough() {
    let owners = [("nginx", 8), ("worker", 9)].map(|(name, pid)| owner(pid, name)[0].clone());
    let row = row(Socket { owners: owners.into(), ..tcp(1) });
    for (condition, expected) in [
        ("process=nginx", true),
        ("process=worker and pid=9 and pid<9", true),
        ("process~ork", true),
        ("process=redis", false),
        // None of them is it.
        ("process!=redis", true),
        ("process!=nginx", false),
        ("pid!=8", false),
        ("not process=nginx", false),
    ] {
        assert_eq!(holds(condition, &row), expected, "{condition}");
    }
}

#[test]
fn that_no_program_has_it_is_known_and_that_one_is_hidden_is_not() {
    let orphan = row(bare(1, State::TimeWait));
    assert!(holds("not process=nginx and pid!=8 and inode=0", &orphan));
    assert!(!holds("pid>=0", &orphan));
    let hidden = row(Socket { owners: [].into(), ..tcp(1) });
    for condition in ["process=nginx", "process!=nginx", "not process=nginx", "pid!=8"] {
        assert!(!holds(condition, &hidden), "{condition}");
    }
}

#[test]
fn a_name_is_compared_as_it_is_shown() {
    let row = row(Socket { owners: owner(1, "a\x1b[2J"), ..tcp(1) });
    assert!(holds(r"process='a\x1b[2J'", &row));
}

#[test]
fn a_unix_socket_has_no_ports() {
    let row = row(unix(1, "/run/app sock", State::Established));
    assert!(holds("port!=80 and not port=80 and local='/run/app sock' and peer='*'", &row));
    assert!(!holds("port>=0", &row));
    assert!(holds("local~/run and kind~UNIX and kind=unix and kind!=unix-dgram", &row));
    let dgram = Socket { kind: Kind::Unix(UnixKind::Dgram), ..unix(1, "", State::Close) };
    assert!(holds("kind=unix_dgram and kind!=unix and kind~unix", &self::row(dgram)));
}

#[test]
fn a_wildcard_goes_by_its_sign_and_by_its_number() {
    let row = row(named(listener(1, 0, 5), "0.0.0.0:2024", "0.0.0.0:0"));
    assert!(holds("local=*:2024 and local=0.0.0.0:2024 and local~0.0.0 and peer=*", &row));
    for condition in ["local!=*:2024", "local!=0.0.0.0:2024", "local=[::]:2024", "local=*"] {
        assert!(!holds(condition, &row), "{condition}");
    }
    let six = self::row(named(listener(1, 0, 5), "[::]:2024", "[::]:0"));
    assert!(holds("local=[::]:2024 and local!=0.0.0.0:2024", &six));
}

#[test]
fn states_go_by_all_their_names() {
    for (state, names) in [
        (State::Established, &["ESTABLISHED", "estab", "Established"][..]),
        (State::CloseWait, &["CLOSE_WAIT", "close-wait", "CLOSE-WAIT", "closewait"]),
        (State::TimeWait, &["TIME-WAIT", "time_wait", "timewait"]),
        (State::Listen, &["LISTEN", "listening"]),
        (State::Close, &["CLOSE", "UNCONN", "closed"]),
        (State::FinWait1, &["FIN_WAIT1", "FIN-WAIT-1", "fin-wait1"]),
        (State::FinWait2, &["FIN_WAIT2", "FIN-WAIT-2"]),
        (State::SynRecv, &["SYN_RECV", "SYN-RECEIVED", "syn-rcvd"]),
        (State::SynSent, &["SYN_SENT", "SYN-SENT"]),
        (State::LastAck, &["LAST_ACK", "LAST-ACK"]),
        (State::Closing, &["CLOSING"]),
    ] {
        let row = row(Socket { state, ..tcp(1) });
        for name in names {
            assert!(holds(&format!("state={name}"), &row), "{name}");
            assert_eq!(parse(&format!("state={name}")).to_string(), format!("state={state}"));
        }
        assert!(!holds(&format!("state!={state}"), &row), "{state}");
    }
    assert!(holds("state~wait", &row(bare(1, State::TimeWait))));
    assert!(holds("state~fin-wait", &row(bare(1, State::FinWait2))));
}

#[test]
fn numbers_have_units() {
    for (text, bytes) in [
        ("5", 5u64),
        ("5b", 5),
        ("5k", 5 << 10),
        ("5K", 5 << 10),
        ("64KiB", 64 << 10),
        ("1M", 1 << 20),
        ("1.5M", 3 << 19),
        ("1MiB", 1 << 20),
        ("2G", 2 << 30),
        ("2gib", 2 << 30),
    ] {
        assert_eq!(parse(&format!("recvq>{text}")), parse(&format!("recvq>{bytes}")), "{text}");
    }
    for (text, millis) in [
        ("5", 5000),
        ("5s", 5000),
        ("0.2", 200),
        ("200ms", 200),
        ("1.5s", 1500),
        ("2m", 120_000),
        ("2min", 120_000),
        ("1h", 3_600_000),
        ("7000us", 7),
    ] {
        assert_eq!(
            parse(&format!("unread>{text}")),
            parse(&format!("unread>{millis}ms")),
            "{text}"
        );
    }
}

#[test]
fn the_table_of_fields_tells_a_person_what_each_is() {
    let mut names: Vec<&str> = FIELDS
        .iter()
        .flat_map(|field| [field.name].into_iter().chain(field.aliases.iter().copied()))
        .collect();
    for field in FIELDS {
        assert!(!field.meaning.is_empty() && field.meaning.len() <= 50, "{}", field.name);
        assert!(field.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", field.name);
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name stands for one field");
}
