//! One TCP connection and one Unix socket, asked for by themselves; and the Unix sockets that listen.

use std::time::Duration;

use super::*;

/// The client's end of a connection on which it wrote `hello`, with a `struct tcp_info`.
const COUNTED: &str =
    "9801000014000000000000000277000002010000b31ae7ed7f0000010000000000000000000000007f0000010000
    00000000000000000000000000004f0007000000000000000000000000000000000000000000597b7a0005000800
    0000000008000f00000000000c001500010000000000000006001600520000001c010200010000000007aa01e01c
    03000000000000800000180200000000000000000000000000000000000000000000000000000000000000000000
    00000000ffff0000d7ff00001a0000000e000000ffffff7f0b000000cbff00000400000000000000d7ff00000000
    0000c4f3268307000000ffffffffffffffff06000000000000000000000000000000030000000200000000000000
    080000000000000001000000000024f4000000000000000000000000000000000000000000000000000000000200
    00000000000005000000000000000000000000000000000000000000000000000000000001000000010000000000
    00000000000000000000000000000000000000000000000000000000000000000000000000000000";
/// NLMSG_ERROR with -ENOENT and the request: the answer for one connection where nothing is.
const NO_CONNECTION: &str = "5c000000020000000000000002770000feffffff480000001400010000000000
    0000000002060000ffffffffe7edb31a7f0000010000000000000000000000007f000001000000000000000000000
    00000000000ffffffffffffffff";
/// The client's end of a Unix connection, `hello` not read: not accepted, accepted, and closed by the
/// server. Then the server's end.
const UNIX_UNACCEPTED: &str =
    "3c000000140000000000000002770000010101005c7b7a00510007000000000008000200
    000000000c00040000000000000300000500060000000000";
const UNIX_ACCEPTED: &str =
    "3c000000140000000000000002770000010101005c7b7a005100070000000000080002005d
    7b7a000c00040000000000000300000500060000000000";
const UNIX_CLOSED: &str =
    "3c000000140000000000000002770000010101005c7b7a0051000700000000000800020000000
    0000c00040000000000000000000500060003000000";
const UNIX_PEER: &str =
    "3c000000140000000000000002770000010101005d7b7a005200070000000000080002005c7b7a
    000c00040005000000000000000500060000000000";
/// `listen(3)` on the path /tmp/s.
const UNIX_LISTENER: &str =
    "400000001400020000000000027700000 1010a005b7b7a0053000700000000000b0000002f74
    6d702f7300000c0001006fa49a000000e00f0500060000000000";
/// The listener with inode 16,659,521, for which three sockets wait; the second of them has closed.
const UNIX_WAITED_FOR: &str =
    "3800000014000000000000008e390000 01010a004134fe0012fe1f0000000000 100003004234fe00
    000000004434fe00 0500060000000000";

#[test]
fn one_connection_is_asked_for_by_its_addresses() {
    let ask = |local: &str, peer: &str, detail| {
        let (local, peer) = (local.parse().unwrap(), peer.parse().unwrap());
        Connection { local, peer }.request(detail)
    };
    let header = "48000000 1400 0100 00000000 00000000";
    let ends =
        "da5da636 7f000001000000000000000000000000 c0000201000000000000000000000000 00000000";
    let cookie = "ffffffffffffffff";
    let wanted = |request: &str, ends: &str| bytes(&format!("{header} {request} {ends} {cookie}"));
    let states = "fe0f0000";
    let v4 = ask("127.0.0.1:55901", "192.0.2.1:42550", Detail::Queues);
    assert_eq!(v4, wanted(&format!("02060000 {states}"), ends));
    let mapped = ask("[::ffff:127.0.0.1]:55901", "192.0.2.1:42550", Detail::Full);
    assert_eq!(mapped, wanted(&format!("02064200 {states}"), ends));
    let v6 = "da5da636 fe800000000000000000000000000001 fe800000000000000000000000000002 03000000";
    let asked = ask("[fe80::1%3]:55901", "[fe80::2]:42550", Detail::Queues);
    assert_eq!(asked, wanted(&format!("0a060000 {states}"), v6));
    let here =
        Connection { local: "127.0.0.1:1".parse().unwrap(), peer: "127.0.0.1:2".parse().unwrap() };
    assert_eq!((here.turned().local, here.turned().turned()), (here.peer, here));
}

#[test]
fn one_connection_is_answered_with_its_queues_and_how_it_is_doing() {
    let found = Connection::answer(&bytes(UNACCEPTED)).unwrap().unwrap();
    let ends = ["127.0.0.1:55901", "127.0.0.1:42550"];
    assert_eq!(found, row(State::Established, ends[0], ends[1], [5, 0], [0, 0xff47]));
    let counted = Connection::answer(&bytes(COUNTED)).unwrap().unwrap();
    assert_eq!(counted.inode, 8_026_969);
    let info = TcpInfo {
        rtt: Duration::from_micros(26),
        rtt_variation: Duration::from_micros(14),
        congestion_window: 11,
        send_mss: 32768,
        acknowledged: 6,
        not_sent: Some(0),
        data_segments: Some(DataSegments { received: 0, sent: 1 }),
        window_limited: Some(Duration::ZERO),
        sent: Some(5),
        sent_again: Some(0),
        peer_window: Some(65536),
        own_window: Some(65536),
        ..TcpInfo::default()
    };
    assert_eq!(counted.tcp, Some(info));
}

#[test]
fn an_older_kernel_leaves_out_what_it_does_not_know() {
    let whole = bytes(COUNTED);
    // The last attribute: 4 bytes of header, then the structure, of which Linux 4.2 made 136 bytes.
    let at = whole.len() - 284;
    let shortened = |len: usize| {
        let mut message = whole[..at + 4 + len].to_vec();
        message[at..at + 2].copy_from_slice(&u16::try_from(len + 4).unwrap().to_ne_bytes());
        let total = u32::try_from(message.len()).unwrap();
        message[..4].copy_from_slice(&total.to_ne_bytes());
        Connection::answer(&message).unwrap().unwrap().tcp
    };
    assert_eq!(shortened(280), Connection::answer(&whole).unwrap().unwrap().tcp);
    let old = shortened(144).unwrap();
    assert_eq!((old.acknowledged, old.not_sent, old.sent, old.own_window), (6, None, None, None));
    let newer = shortened(232).unwrap();
    assert_eq!((newer.sent, newer.peer_window, newer.own_window), (Some(5), Some(65536), None));
    assert_eq!(shortened(132), None);
}

#[test]
fn a_connection_that_is_gone_is_not_its_listener_or_its_time_wait() {
    for gone in [LISTENER, LISTENER_6, TIME_WAIT, NO_CONNECTION] {
        assert_eq!(Connection::answer(&bytes(gone)), Ok(None));
    }
    let refused = Err(DumpError::Refused { errno: 22 });
    assert_eq!(Connection::answer(&bytes(ERROR_EINVAL)), refused);
    let text = Connection::answer(&bytes(DONE)).unwrap_err().to_string();
    assert!(text.contains("neither a socket nor an error"), "{text}");
    assert!(Connection::answer(&[]).is_err());
}

#[test]
fn a_unix_socket_is_asked_for_by_its_inode() {
    let header = "28000000 1400 0100 00000000 00000000";
    let request = format!("{header} 01000000 02040000 5c7b7a00 14000000 ffffffffffffffff");
    assert_eq!(UnixRow::request(8_026_972), bytes(&request));
    let header = "28000000 1400 0103 00000000 00000000";
    let listeners = format!("{header} 01000000 00040000 00000000 57000000 ffffffffffffffff");
    assert_eq!(UnixRow::request_all(States::from([State::Listen])), bytes(&listeners));
}

#[test]
fn a_unix_socket_is_answered_with_its_peer_and_queues() {
    let answer = |hex: &str| UnixRow::answer(&bytes(hex)).unwrap().unwrap();
    let ours = UnixRow {
        kind: UnixKind::Stream,
        state: State::Established,
        cookie: 0x70051,
        inode: 8_026_972,
        peer_inode: 0,
        receive_queue: 0,
        send_queue: 768,
        shut_down: false,
        name: Vec::new(),
        file: None,
        uid: None,
    };
    assert_eq!(answer(UNIX_UNACCEPTED), ours);
    assert_eq!(answer(UNIX_ACCEPTED), UnixRow { peer_inode: 8_026_973, ..ours.clone() });
    assert_eq!(answer(UNIX_CLOSED), UnixRow { send_queue: 0, shut_down: true, ..ours.clone() });
    let theirs = UnixRow { inode: 8_026_973, peer_inode: 8_026_972, cookie: 0x70052, ..ours };
    assert_eq!(answer(UNIX_PEER), UnixRow { receive_queue: 5, send_queue: 0, ..theirs });
    assert_eq!(UnixRow::answer(&bytes(NO_CONNECTION)), Ok(None));
}

#[test]
fn a_unix_listener_is_asked_who_waits_for_it() {
    let header = "28000000 1400 0100 00000000 00000000";
    let request = format!("{header} 01000000 02040000 4134fe00 08000000 ffffffffffffffff");
    assert_eq!(UnixRow::request_waiting(16_659_521), bytes(&request));
    let waiting = |hex: &str| UnixRow::waiting(&bytes(hex));
    assert_eq!(waiting(UNIX_WAITED_FOR), Ok(Some(vec![16_659_522, 0, 16_659_524])));
    assert_eq!(waiting(UNIX_LISTENER), Ok(Some(vec![])), "it was not asked");
    assert_eq!(waiting(NO_CONNECTION), Ok(None));
    assert_eq!(waiting(ERROR_EINVAL), Err(DumpError::Refused { errno: 22 }));
}

#[test]
fn unix_listeners_have_names_and_files() {
    let mut dump = Dump::of_unix();
    assert_eq!(dump.on_bytes(&bytes(UNIX_LISTENER)), Ok(Progress::More));
    let mut unended = bytes(UNIX_LISTENER);
    unended[42] = b'!'; // a path that fills its room has no zero byte behind it
    assert_eq!(dump.on_bytes(&unended), Ok(Progress::More));
    let mut abstracted = bytes(UNIX_LISTENER);
    abstracted[36] = 0;
    assert_eq!(dump.on_bytes(&abstracted), Ok(Progress::More));
    assert_eq!(dump.on_bytes(&bytes(DONE)), Ok(Progress::Complete));
    let rows = dump.into_rows();
    let names: Vec<&[u8]> = rows.iter().map(|row| &row.name[..]).collect();
    assert_eq!(names, [&b"/tmp/s"[..], b"/tmp/s!", b"\0tmp/s\0"]);
    assert!(rows.iter().all(|row| row.inode == 8_026_971));
    assert!(rows.iter().all(|row| row.file == Some((10_134_639, 254 << 20))));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        rng_seed: RngSeed::Fixed(0x6f_6e_65),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_damage_to_one_socket_can_do_harm(
        answer in prop::sample::select(vec![
            COUNTED, UNACCEPTED, UNIX_PEER, UNIX_LISTENER, UNIX_WAITED_FOR,
        ]),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6),
        len in any::<Index>(),
    ) {
        let mut datagram = bytes(answer);
        for (at, byte) in damage {
            let at = at.index(datagram.len());
            datagram[at] = byte;
        }
        datagram.truncate(len.index(datagram.len() + 1));
        let _ = Connection::answer(&datagram);
        let _ = UnixRow::answer(&datagram);
        let _ = UnixRow::waiting(&datagram);
        let _ = Dump::of_unix().on_bytes(&datagram);
    }
}
