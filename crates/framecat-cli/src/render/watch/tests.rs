//! How frames look, in every form: of sockets that hold what a peer or another user could put there.

mod line;

use std::sync::Arc;
use std::time::Duration;

use framecat::core::address::UnixName;
use framecat::core::diagram::columns;
use framecat::core::escape::is_harmless;
use framecat::core::sock_diag::{Memory, State, TcpInfo, UnixKind};
use framecat::core::watch::{Counters, End, Frame, Kind, Missing, Owner, Sample, Socket, Watch};
use jiff::{Timestamp, Zoned};
use serde_json::Value;

use super::figures::Figures;
use super::prometheus::Exposition;
use super::text::{self, Look};
use super::{json, order, words};
use crate::style::Style;

const HOSTILE: &str = "evil\x1b[2J\x07\u{202e}\u{9b}31m\n\"\\";

fn socket(cookie: u64, kind: Kind, state: State, local: &str, peer: &str) -> Socket {
    let end = |name: &str| match (kind, name) {
        (Kind::Unix(_), "") => End::Unix(UnixName::Unnamed),
        (Kind::Unix(_), name) => End::Unix(UnixName::Path(name.into())),
        (_, "") => End::Inet("0.0.0.0:0".parse().unwrap()),
        (_, name) => End::Inet(name.parse().unwrap()),
    };
    Socket {
        cookie,
        kind,
        state,
        local: end(local),
        peer: end(peer),
        other: None,
        other_unread: None,
        was_there: false,
        receive_queue: 0,
        send_queue: 0,
        inode: 7,
        uid: Some(1000),
        owners: Arc::from([Owner { pid: 4_194_303, name: "a-program-named".into() }]),
        tcp: None,
        memory: None,
    }
}

fn connection(cookie: u64, local: &str, peer: &str) -> Socket {
    Socket {
        tcp: Some(TcpInfo {
            rtt: Duration::from_micros(120),
            last_data_received: Duration::from_secs(60),
            not_sent: Some(3 << 20),
            ..TcpInfo::default()
        }),
        memory: Some(Memory {
            receive_used: 1 << 20,
            receive_limit: 6 << 20,
            send_limit: 4 << 20,
            drops: Some(0),
        }),
        receive_queue: 1 << 20,
        send_queue: 4 << 20,
        ..socket(cookie, Kind::Tcp, State::Established, local, peer)
    }
}

/// A second sample of all that there is, so that rates and times are known.
fn frame() -> Frame {
    let hostile: Arc<[Owner]> = Arc::from([Owner { pid: 1, name: HOSTILE.into() }]);
    let listener = Socket {
        receive_queue: 6,
        send_queue: 5,
        ..socket(1, Kind::Tcp, State::Listen, "127.0.0.1:5050", "")
    };
    let sockets = vec![
        listener,
        connection(2, "127.0.0.1:5050", "127.0.0.1:51514"),
        connection(3, "[2001:db8::1234:5678:9abc:def0]:65535", "[2001:db8::1]:443"),
        Socket { owners: Arc::from([]), inode: 0, ..connection(4, "10.0.0.1:1", "10.0.0.2:2") },
        socket(5, Kind::Tcp, State::TimeWait, "10.0.0.1:2", "10.0.0.2:3"),
        socket(6, Kind::Udp, State::Close, "0.0.0.0:53", ""),
        Socket {
            owners: hostile,
            ..socket(7, Kind::Unix(UnixKind::Stream), State::Listen, HOSTILE, "")
        },
        socket(8, Kind::Unix(UnixKind::Seqpacket), State::Established, "", &"/long".repeat(20)),
    ];
    let mut watch = Watch::new();
    let sample = |seconds, drops| Sample {
        at: Duration::from_secs(seconds),
        sockets: sockets.clone(),
        counters: Counters { listen_drops: Some(drops), ..Counters::default() },
        missing: vec![
            Missing::HiddenProcesses(3),
            Missing::Table(HOSTILE.escape_debug().to_string()),
        ],
        ..Sample::default()
    };
    watch.on_sample(sample(0, 10));
    watch.on_sample(sample(2, 1_234_567))
}

fn drawn(frame: &Frame, width: Option<usize>) -> String {
    let when = Zoned::new(Timestamp::from_second(1_700_000_000).unwrap(), jiff::tz::TimeZone::UTC);
    text::frame(frame, &when, Look { style: Style::plain(), width })
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let frame = frame();
    for width in 72..200 {
        let text = drawn(&frame, Some(width));
        for line in text.lines() {
            assert!(columns(line) <= width, "{width}: {} in {line}", columns(line));
        }
    }
}

#[test]
fn numbers_are_whole_at_any_width() {
    let frame = frame();
    for width in 40..200 {
        let text = drawn(&frame, Some(width));
        for number in [" 6/5", " 1M ", " 3M+1M ", "[4194303]", ":51514", ":65535"] {
            assert!(text.contains(number), "{width}: no `{number}` in\n{text}");
        }
    }
}

#[test]
fn a_frame_is_tables_with_what_is_wrong_below_each_socket() {
    let text = drawn(&frame(), None);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("22:13:20.000 · 8 sockets · "), "{text}");
    let starts = |start: &str| lines.iter().position(|line| line.starts_with(start));
    let order = ["LISTENER ", "TCP ", "UDP ", "UNIX ", "namespace: "]
        .map(|start| starts(start).expect(start));
    assert!(order.is_sorted(), "{text}");
    let listener = starts("tcp ").expect("a listener");
    assert!(lines[listener + 1].starts_with("  ✗ accept queue full 6/5"), "{text}");
    assert!(text.contains("\nnamespace: 617k/s listen drops\n"), "{text}");
    assert!(text.contains("\nnot seen: 3 processes of other users"), "{text}");
}

#[test]
fn what_the_namespace_counted_before_the_watch_is_told_as_that() {
    let counters = Counters { listen_overflows: Some(16_000), ..Counters::default() };
    let sample =
        |seconds| Sample { at: Duration::from_secs(seconds), counters, ..Sample::default() };
    let mut watch = Watch::new();
    let text = drawn(&watch.on_sample(sample(0)), None);
    assert!(text.contains("\nnamespace, since it was made: 16k accept queue overflows"), "{text}");
    let text = drawn(&watch.on_sample(sample(1)), None);
    assert!(text.contains("\nnamespace: nothing dropped or sent again since"), "{text}");
    assert!(!text.contains("16k"), "{text}");
}

#[test]
fn trouble_comes_first_in_its_table_and_the_worst_is_named_above_a_long_one() {
    let quiet = (1..=40)
        .map(|port| socket(port, Kind::Tcp, State::Listen, &format!("127.0.0.1:{port}"), ""));
    let full = Socket {
        receive_queue: 6,
        send_queue: 5,
        ..socket(99, Kind::Tcp, State::Listen, "127.0.0.1:5050", "")
    };
    let frame = |count| {
        let mut watch = Watch::new();
        let sockets: Vec<Socket> = quiet.clone().take(count).chain([full.clone()]).collect();
        let frames = (0..20).map(|second| {
            let at = Duration::from_secs(second);
            watch.on_sample(Sample { at, sockets: sockets.clone(), ..Sample::default() })
        });
        frames.last().unwrap()
    };
    let (mut short, mut long) = (frame(3), frame(40));
    for frame in [&mut short, &mut long] {
        order::troubled_first(&mut frame.rows);
        assert_eq!(frame.rows[0].socket.cookie, 99);
        assert!(frame.rows[1..].is_sorted_by_key(|row| row.socket.local.port()));
    }
    let (short, long) = (drawn(&short, None), drawn(&long, None));
    let named = "\n  ✗ 127.0.0.1:5050 a-program-named[4194303]: accept queue full 6/5";
    assert!(long.contains(named) && !short.contains(named), "{short}\n{long}");
}

#[test]
fn the_owner_that_is_shown_is_not_who_handed_the_socket_on() {
    let owned = |names: &[&str]| {
        let owners = names.iter().zip(1..).map(|(name, pid)| Owner { pid, name: (*name).into() });
        Socket {
            owners: owners.collect(),
            ..socket(1, Kind::Tcp, State::Listen, "127.0.0.1:80", "")
        }
    };
    for (names, shown) in [
        (&["nginx"][..], "nginx[1]"),
        (&["systemd", "cupsd"], "cupsd[2] +1"),
        (&["init", "systemd", "cupsd", "cupsd"], "cupsd[3] +3"),
        (&["systemd"], "systemd[1]"),
    ] {
        assert_eq!(words::owner(&owned(names)), shown);
    }
    let mut workers = owned(&["x", "nginx", "sh"]);
    workers.owners = workers.owners[1..].into();
    assert_eq!(words::owner(&workers), "nginx[2] +1", "the oldest of those that are alike");
}

#[test]
fn what_is_over_is_counted_beside_others_and_listed_alone() {
    let over = |port: u16| {
        let local = format!("10.0.0.1:{port}");
        socket(port.into(), Kind::Tcp, State::TimeWait, &local, "10.0.0.2:3")
    };
    let lines = |sockets: Vec<Socket>| {
        let sample = Sample { sockets, ..Sample::default() };
        let text = drawn(&Watch::new().on_sample(sample), None);
        let listed = text.lines().filter(|line| line.contains("10.0.0.2:3")).count();
        (listed, text.contains("TIME_WAIT 7 more (--filter state=TIME_WAIT lists them all)"))
    };
    let ten: Vec<Socket> = (1..=10).map(over).collect();
    assert_eq!(lines(ten.clone()), (10, false));
    let other = connection(99, "127.0.0.1:5050", "127.0.0.1:51514");
    assert_eq!(lines([ten, vec![other.clone()]].concat()), (3, true));
    let four: Vec<Socket> = (1..=4).map(over).collect();
    assert_eq!(lines([four, vec![other]].concat()), (4, false), "a line is no less than a line");
}

#[test]
fn nothing_of_others_reaches_a_terminal_raw_in_any_form() {
    let frame = frame();
    let figures = || Figures::of(&frame, Duration::from_millis(1));
    let fired = frame.rows.iter().map(text::numbers).collect::<Vec<_>>().join("\n");
    for shown in [
        drawn(&frame, Some(80)),
        drawn(&frame, None),
        json::frame(&frame, Timestamp::UNIX_EPOCH, None),
        json::fired("x", frame.rows.first(), &fired, Timestamp::UNIX_EPOCH),
        figures().text(Exposition::Classic),
        figures().text(Exposition::OpenMetrics),
        fired,
    ] {
        assert!(shown.contains("evil"), "it is shown: {shown}");
        let raw: Vec<char> = shown.chars().filter(|c| *c != '\n' && !is_harmless(*c)).collect();
        assert!(raw.is_empty(), "{raw:?} in {shown}");
    }
}

#[test]
fn an_object_has_the_names_as_they_are() {
    let line = json::frame(&frame(), Timestamp::UNIX_EPOCH, Some(Duration::from_secs(2)));
    let object: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["t"], "1970-01-01T00:00:00.000Z");
    assert_eq!((&object["at_s"], &object["interval_s"]), (&2.0.into(), &2.0.into()));
    let sockets = object["sockets"].as_array().unwrap();
    let hostile = sockets.iter().find(|socket| socket["cookie"] == 7).unwrap();
    assert_eq!(hostile["owners"][0]["name"], HOSTILE);
    let udp = sockets.iter().find(|socket| socket["cookie"] == 6).unwrap();
    assert_eq!((&udp["local"], &udp["peer"]), (&"0.0.0.0:53".into(), &Value::Null));
    assert_eq!(udp["tcp"], Value::Null);
    let finding = &object["findings"][0];
    assert!(sockets.iter().any(|socket| socket["cookie"] == finding["cookie"]), "{finding}");
    let full = &frame().rows[0].findings[0];
    assert_eq!(
        (&finding["severity"], &finding["problem"]),
        (&"error".into(), &"accept-queue-full".into())
    );
    assert_eq!(finding["text"], full.to_string());
}

#[test]
fn sockets_come_in_the_order_of_a_field_and_without_it_last() {
    let mut frame = frame();
    let mut sorted = |field| {
        order::sort(&mut frame.rows, field);
        frame.rows.iter().map(|row| row.socket.cookie).collect::<Vec<_>>()
    };
    assert_eq!(sorted("acceptq")[..2], [1, 7]);
    let mut fullest = sorted("recvq")[..3].to_vec();
    fullest.sort_unstable();
    assert_eq!(fullest, [2, 3, 4]);
    assert_eq!(sorted("process").last(), Some(&4), "what no program has");
    assert_eq!(sorted("local")[..2], [6, 4]);
    assert_eq!(sorted("local")[6..], [7, 8], "names, then what has none");
    assert_eq!(sorted("peer")[0], 4);
}

#[test]
fn of_listeners_that_share_an_address_the_fullest_is_told() {
    let worker = |cookie, receive_queue, send_queue| Socket {
        receive_queue,
        send_queue,
        ..socket(cookie, Kind::Tcp, State::Listen, "127.0.0.1:80", "")
    };
    // The longest queue is not the fullest.
    let sockets = vec![worker(1, 0, 2), worker(2, 3, 2), worker(3, 4, 128), worker(4, 0, 2)];
    let frame = Watch::new().on_sample(Sample { sockets, ..Sample::default() });
    let text = Figures::of(&frame, Duration::ZERO).text(Exposition::Classic);
    for (metric, value) in [
        ("accept_queue", 3),
        ("accept_queue_limit", 2),
        ("members", 4),
        ("all_accept_queues", 7),
        ("all_accept_queues_limit", 134),
    ] {
        let start = format!("framecat_listener_{metric}{{");
        let line = text.lines().find(|line| line.starts_with(&start)).expect(metric);
        assert!(line.ends_with(&format!("}} {value}")), "{line}");
    }
}

#[test]
fn as_many_series_as_there_may_be_and_the_rest_is_counted() {
    let sockets = (0..3000).map(|port| {
        let listener = format!("127.0.0.1:{}", port + 1);
        socket(port, Kind::Tcp, State::Listen, &listener, "")
    });
    let sample = Sample { sockets: sockets.collect(), ..Sample::default() };
    let frame = Watch::new().on_sample(sample);
    let text = Figures::of(&frame, Duration::ZERO).text(Exposition::Classic);
    assert_eq!(text.matches("\nframecat_listener_accept_queue{").count(), 1000);
    assert!(text.contains("\nframecat_missing{what=\"series\"} 2000\n"), "{text:.200}");
}
