//! Answers as Linux 6.18 gave them, byte for byte, and answers that nobody should give.

// The captures have the byte order of the machine that made them; netlink uses the host's.
#![cfg(target_endian = "little")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use netlink_packet_core::{
    DefaultNla, NLM_F_MULTIPART, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6};
use netlink_packet_sock_diag::inet::nlas::Nla;
use netlink_packet_sock_diag::inet::{InetResponse, InetResponseHeader, SocketId};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

use super::*;

/// `listen(5)` on 127.0.0.1:55901 with one connection in its queue.
const LISTENER: &str = "7c00000014000200070000000d030000 020a0000
    da5d0000 7f000001000000000000000000000000 00000000000000000000000000000000 00000000
    42ff000000000000 00000000 01000000 05000000 00000000 9d2e2f00
    0500080000000000 08000f0000000000 0c0015000100000000000000 0600160052000000";
/// The server's end of that connection, not accepted, `hello` not read.
const UNACCEPTED: &str = "7c00000014000200070000000d030000 02010000
    da5da636 7f000001000000000000000000000000 7f000001000000000000000000000000 00000000
    47ff000000000000 00000000 05000000 00000000 00000000 00000000
    0500080000000000 08000f0000000000 0c0015000100000000000000 0600160052000000";
/// `listen(7)` on [::1]:43057.
const LISTENER_6: &str = "8400000014000200070000000d030000 0a0a0000
    a8310000 00000000000000000000000000000001 00000000000000000000000000000000 00000000
    48ff000000000000 00000000 00000000 07000000 00000000 a12e2f00
    0500080000000000 05000b0001000000 08000f0000000000 0c0015000100000000000000
    0600160012000000";
/// A connection that both ends have closed.
const TIME_WAIT: &str = "6000000014000200070000000d030000 02060300
    a4be0050 c0000202000000000000000000000000 cb007150000000000000000000000000 00000000
    45ff000000000000 cc630000 00000000 00000000 00000000 00000000
    08000f0000000000";
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
const DONE: &str = "1400000003000200070000000d030000 00000000";
/// NLMSG_DONE with -ENOENT: the kernel has no table for the protocol.
const DONE_ENOENT: &str = "1400000003000200070000000d030000 feffffff";
/// NLMSG_ERROR with -EINVAL and the header of the request that it is about.
const ERROR_EINVAL: &str = "2400000002000000070000000d030000 eaffffff
    4800000014000103070000000d030000";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

fn row(state: State, local: &str, peer: &str, queues: [u32; 2], inode: u32) -> SocketRow {
    let [receive_queue, send_queue] = queues;
    let (local, peer) = (local.parse().unwrap(), peer.parse().unwrap());
    SocketRow { state, local, peer, receive_queue, send_queue, inode, uid: 0 }
}

/// What becomes of an answer in these datagrams.
fn read(datagrams: &[Vec<u8>]) -> (Result<Progress, DumpError>, Vec<SocketRow>) {
    let mut dump = Dump::new();
    let mut progress = Ok(Progress::More);
    for datagram in datagrams {
        assert_eq!(progress, Ok(Progress::More), "nothing follows the end");
        progress = dump.on_bytes(datagram);
    }
    (progress, dump.into_rows())
}

#[test]
fn a_question_is_a_header_and_an_inet_diag_req_v2() {
    let header = "48000000 1400 0103 00000000 00000000";
    let no_socket = "00".repeat(48);
    let all = Query { family: Family::Inet, protocol: Protocol::Tcp, states: States::ALL };
    assert_eq!(all.request(), bytes(&format!("{header} 02060000 ffffffff {no_socket}")));
    let states = States::from([State::Established, State::Close, State::Listen]);
    let some = Query { family: Family::Inet6, protocol: Protocol::Udp, states };
    assert_eq!(some.request(), bytes(&format!("{header} 0a110000 82240000 {no_socket}")));
}

#[test]
fn an_answer_becomes_a_row_a_socket() {
    let part = bytes(&[LISTENER, UNACCEPTED, LISTENER_6, TIME_WAIT].concat());
    let rows = vec![
        row(State::Listen, "127.0.0.1:55901", "0.0.0.0:0", [1, 5], 3_092_125),
        row(State::Established, "127.0.0.1:55901", "127.0.0.1:42550", [5, 0], 0),
        row(State::Listen, "[::1]:43057", "[::]:0", [0, 7], 3_092_129),
        row(State::TimeWait, "192.0.2.2:42174", "203.0.113.80:80", [0, 0], 0),
    ];
    let whole = [part.clone(), bytes(DONE)];
    assert_eq!(read(&whole), (Ok(Progress::Complete), rows.clone()));
    assert_eq!(read(&[whole.concat()]), (Ok(Progress::Complete), rows.clone()), "in one datagram");
    assert_eq!(read(&[part]), (Ok(Progress::More), rows));
}

#[test]
fn a_message_begins_at_a_multiple_of_four() {
    let mut padded = bytes(TIME_WAIT);
    padded[0] -= 1;
    let (progress, rows) = read(&[[padded, bytes(LISTENER), bytes(DONE)].concat()]);
    assert_eq!((progress, rows.len()), (Ok(Progress::Complete), 2));
}

#[test]
fn a_link_local_address_keeps_its_interface() {
    let mut message = bytes(LISTENER_6);
    message[24..26].copy_from_slice(&[0xfe, 0x80]);
    message[56] = 3;
    let (_, rows) = read(&[message]);
    assert_eq!(rows[0].local.to_string(), "[fe80::1%3]:43057");
}

#[test]
fn an_interrupted_answer_is_read_to_its_end_and_not_believed() {
    let mut interrupted = bytes(LISTENER);
    interrupted[6] |= 0x10;
    let (progress, rows) = read(&[interrupted, bytes(UNACCEPTED), bytes(DONE)]);
    assert_eq!((progress, rows.len()), (Ok(Progress::Interrupted), 2));
}

#[test]
fn a_refusal_is_told_with_its_errno() {
    for (answer, errno) in [(DONE_ENOENT, 2), (ERROR_EINVAL, 22)] {
        assert_eq!(read(&[bytes(answer)]).0, Err(DumpError::Refused { errno }));
    }
    // An error of 0 is an acknowledgement.
    let mut acknowledgement = bytes(ERROR_EINVAL);
    acknowledgement[16..20].fill(0);
    assert_eq!(read(&[acknowledgement, bytes(DONE)]).0, Ok(Progress::Complete));
    // The one number that has no opposite.
    let mut lowest = bytes(ERROR_EINVAL);
    lowest[16..20].copy_from_slice(&i32::MIN.to_le_bytes());
    assert_eq!(read(&[lowest]).0, Err(DumpError::Refused { errno: i32::MAX }));
}

#[test]
fn what_is_no_answer_is_refused_where_it_begins() {
    let damaged = |at: usize, byte: u8| {
        let mut message = bytes(UNACCEPTED);
        message[at] = byte;
        [bytes(LISTENER), message].concat()
    };
    for (datagram, problem) in [
        (damaged(0, 15), "length field says 15"),
        (damaged(0, 125), "length field says 125"),
        (damaged(0, 87), "Buffer too small: 71"),
        (damaged(4, 21), "not a type of sock_diag"),
        (damaged(4, 4), "rows were lost"),
        (damaged(16, 1), "unsupported address family 1"),
        (damaged(17, 0), "no state has number 0"),
        (damaged(17, 12), "no state has number 12"),
    ] {
        let (error, rows) = read(&[datagram]);
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("the netlink message at byte 124 cannot be read: "), "{text}");
        assert!(text.contains(problem), "{text}");
        assert_eq!(rows.len(), 1, "{text}");
    }
}

#[test]
fn an_answer_cut_inside_a_message_is_refused() {
    let whole = [bytes(LISTENER), bytes(TIME_WAIT), bytes(DONE)].concat();
    let seams = [0, 124, 220];
    for len in 0..whole.len() {
        let (progress, _) = read(&[whole[..len].to_vec()]);
        assert_eq!(progress.is_ok(), seams.contains(&len), "{len} B: {progress:?}");
    }
}

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
    let mapped = ask("[::ffff:127.0.0.1]:55901", "192.0.2.1:42550", Detail::Counts);
    assert_eq!(mapped, wanted(&format!("02060200 {states}"), ends));
    let v6 = "da5da636 fe800000000000000000000000000001 fe800000000000000000000000000002 03000000";
    let asked = ask("[fe80::1%3]:55901", "[fe80::2]:42550", Detail::Queues);
    assert_eq!(asked, wanted(&format!("0a060000 {states}"), v6));
    let here =
        Connection { local: "127.0.0.1:1".parse().unwrap(), peer: "127.0.0.1:2".parse().unwrap() };
    assert_eq!((here.turned().local, here.turned().turned()), (here.peer, here));
}

#[test]
fn one_connection_is_answered_with_its_queues_and_counts() {
    let found = Connection::answer(&bytes(UNACCEPTED)).unwrap().unwrap();
    let unaccepted = row(State::Established, "127.0.0.1:55901", "127.0.0.1:42550", [5, 0], 0);
    assert_eq!(found, ConnectionRow { socket: unaccepted, counts: None });
    let counted = Connection::answer(&bytes(COUNTED)).unwrap().unwrap();
    let counts = Counts { sent: 5, sent_again: 0, not_sent: 0, received: 0 };
    assert_eq!((counted.socket.inode, counted.counts), (8_026_969, Some(counts)));
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
    let listeners = format!("{header} 01000000 00040000 00000000 03000000 ffffffffffffffff");
    assert_eq!(UnixListener::request(), bytes(&listeners));
}

#[test]
fn a_unix_socket_is_answered_with_its_peer_and_queues() {
    let answer = |hex: &str| UnixRow::answer(&bytes(hex)).unwrap().unwrap();
    let ours = UnixRow {
        state: State::Established,
        inode: 8_026_972,
        peer_inode: 0,
        receive_queue: 0,
        send_queue: 768,
        shut_down: false,
    };
    assert_eq!(answer(UNIX_UNACCEPTED), ours);
    assert_eq!(answer(UNIX_ACCEPTED), UnixRow { peer_inode: 8_026_973, ..ours });
    assert_eq!(answer(UNIX_CLOSED), UnixRow { send_queue: 0, shut_down: true, ..ours });
    let theirs = UnixRow { inode: 8_026_973, peer_inode: 8_026_972, ..ours };
    assert_eq!(answer(UNIX_PEER), UnixRow { receive_queue: 5, send_queue: 0, ..theirs });
    assert_eq!(UnixRow::answer(&bytes(NO_CONNECTION)), Ok(None));
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

/// A row's message as netlink-packet-sock-diag writes it, with an attribute that it does not know.
fn encode(row: &SocketRow, attribute: &[u8]) -> Vec<u8> {
    let header = InetResponseHeader {
        family: if row.local.is_ipv4() { AF_INET } else { AF_INET6 },
        state: row.state as u8,
        timer: None,
        socket_id: SocketId {
            source_port: row.local.port(),
            destination_port: row.peer.port(),
            source_address: row.local.ip(),
            destination_address: row.peer.ip(),
            interface_id: 0,
            cookie: [0; 8],
        },
        recv_queue: row.receive_queue,
        send_queue: row.send_queue,
        uid: row.uid,
        inode: row.inode,
    };
    let nlas = [Nla::Other(DefaultNla::new(77, attribute.to_vec()))].into_iter().collect();
    let response = SockDiagMessage::InetResponse(Box::new(InetResponse { header, nlas }));
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_MULTIPART;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(response));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

fn any_row() -> impl Strategy<Value = SocketRow> {
    let ips = prop_oneof![
        any::<[Ipv4Addr; 2]>().prop_map(|ips| ips.map(IpAddr::from)),
        any::<[Ipv6Addr; 2]>().prop_map(|ips| ips.map(IpAddr::from)),
    ];
    (1u8..=11, ips, any::<[u16; 2]>(), any::<[u32; 4]>()).prop_map(
        |(state, ips, ports, [receive_queue, send_queue, inode, uid])| SocketRow {
            state: State::from_number(state).unwrap(),
            local: SocketAddr::new(ips[0], ports[0]),
            peer: SocketAddr::new(ips[1], ports[1]),
            receive_queue,
            send_queue,
            inode,
            uid,
        },
    )
}

proptest! {
    // The seed is fixed, as in tests/framing_laws.
    #![proptest_config(ProptestConfig {
        cases: 2000,
        rng_seed: RngSeed::Fixed(0x64_69_61_67),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_rows_survive(
        rows in prop::collection::vec((any_row(), prop::collection::vec(any::<u8>(), 0..9)), 0..9),
    ) {
        let mut parts: Vec<Vec<u8>> = rows.iter().map(|(row, rest)| encode(row, rest)).collect();
        parts.push(bytes(DONE));
        let rows: Vec<SocketRow> = rows.into_iter().map(|(row, _)| row).collect();
        prop_assert_eq!(read(&parts), (Ok(Progress::Complete), rows.clone()));
        prop_assert_eq!(read(&[parts.concat()]), (Ok(Progress::Complete), rows));
    }

    #[test]
    fn no_bytes_can_do_harm(datagram in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Dump::new().on_bytes(&datagram);
        let _ = Dump::of_unix().on_bytes(&datagram);
        let _ = Connection::answer(&datagram);
        let _ = UnixRow::answer(&datagram);
    }

    #[test]
    fn no_damage_can_do_harm(
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6),
        len in any::<Index>(),
    ) {
        let messages = [LISTENER, ERROR_EINVAL, LISTENER_6, TIME_WAIT, DONE];
        let mut datagram = bytes(&messages.concat());
        for (at, byte) in damage {
            let at = at.index(datagram.len());
            datagram[at] = byte;
        }
        datagram.truncate(len.index(datagram.len() + 1));
        let mut dump = Dump::new();
        let _ = dump.on_bytes(&datagram);
        prop_assert!(dump.into_rows().len() <= datagram.len() / 88);
    }

    #[test]
    fn no_damage_to_one_socket_can_do_harm(
        answer in prop::sample::select(vec![COUNTED, UNACCEPTED, UNIX_PEER, UNIX_LISTENER]),
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
        let _ = Dump::of_unix().on_bytes(&datagram);
    }
}
