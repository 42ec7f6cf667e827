//! What the kernel says of our own sockets, and that T9's peer is told the same.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use framecat::core::address::Address;
use framecat::core::sock_diag::{Detail, Family, Protocol, Query, SocketRow, State, States};
use framecat::endpoint::{ListenOptions, Listener};
use framecat::kernel::Tables;

/// Far longer than a kernel needs, so that only a wrong answer takes as long.
const PATIENCE: Duration = Duration::from_secs(10);

const TCP: Query = Query {
    family: Family::Inet,
    protocol: Protocol::Tcp,
    states: States::ALL,
    detail: Detail::Queues,
};
const TCP6: Query = Query { family: Family::Inet6, ..TCP };
const UDP: Query = Query { protocol: Protocol::Udp, ..TCP };

/// Asks until the rows with this port are as wanted. What a queue in the kernel holds cannot be waited
/// for, so it is asked again and again.
fn wait_rows(query: Query, port: u16, wanted: impl Fn(&[SocketRow]) -> bool) -> Vec<SocketRow> {
    let mut tables = Tables::open().unwrap();
    let give_up = Instant::now() + PATIENCE;
    loop {
        let mut rows = tables.sockets(&query).unwrap();
        rows.retain(|row| [row.local.port(), row.peer.port()].contains(&port));
        if wanted(&rows) {
            return rows;
        }
        assert!(Instant::now() < give_up, "the sockets at {port} are still {rows:#?}");
    }
}

fn find(rows: &[SocketRow], local: SocketAddr, state: State) -> &SocketRow {
    let mut found = rows.iter().filter(|row| row.local == local && row.state == state);
    match (found.next(), found.next()) {
        (Some(row), None) => row,
        _ => panic!("not one {state} at {local} in {rows:#?}"),
    }
}

fn queues(row: &SocketRow) -> (u32, u32) {
    (row.receive_queue, row.send_queue)
}

/// That T9's peer prints these rows of the sockets with this port.
#[track_caller]
fn assert_peer_agrees(kind: &str, port: u16, rows: &[SocketRow]) {
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/t9_netlink.py");
    // -B: nothing is left in the source tree.
    let output = Command::new("python3")
        .arg("-B")
        .args([peer.as_os_str(), kind.as_ref(), port.to_string().as_ref()])
        .output()
        .unwrap_or_else(|error| panic!("this test needs python3: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {kind} {port}: {errors}", peer.display());
    let output = String::from_utf8(output.stdout).unwrap();
    let mut theirs: Vec<&str> = output.lines().collect();
    theirs.sort_unstable();

    let line = |row: &SocketRow| {
        let SocketRow { state, local, peer, receive_queue, send_queue, inode, .. } = row;
        format!("{state} {local} {peer} {receive_queue} {send_queue} {inode}")
    };
    let mut ours: Vec<String> = rows.iter().map(line).collect();
    ours.sort_unstable();
    assert_eq!(ours, theirs);
}

async fn listener(address: &str, backlog: u32) -> (Listener, u16) {
    let address: Address = address.parse().unwrap();
    let options = ListenOptions { backlog: Some(backlog), ..ListenOptions::default() };
    let listener = Listener::bind(&address, &options).await.unwrap();
    let Address::Tcp(at) = listener.address() else { panic!("{}", listener.address()) };
    let port = at.port;
    (listener, port)
}

fn inode(socket: impl AsFd) -> u32 {
    rustix::fs::fstat(socket).unwrap().st_ino.try_into().unwrap()
}

#[tokio::test]
async fn a_listener_is_found_with_its_backlog() {
    let somaxconn = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
    let somaxconn: u32 = somaxconn.trim().parse().unwrap();
    for backlog in [0, 7, 1 << 20] {
        let (_listener, port) = listener("127.0.0.1:0", backlog).await;
        let query = Query { states: States::from([State::Listen]), ..TCP };
        let rows = wait_rows(query, port, |rows| rows.len() == 1);
        let row = find(&rows, (Ipv4Addr::LOCALHOST, port).into(), State::Listen);
        assert_eq!(queues(row), (0, backlog.min(somaxconn)), "backlog {backlog}");
        assert_eq!(row.peer, (Ipv4Addr::UNSPECIFIED, 0).into());
        assert_eq!(row.uid, std::fs::metadata("/proc/self").unwrap().uid());
        assert_ne!(row.inode, 0);
    }
}

#[tokio::test]
async fn a_connection_waits_in_the_accept_queue_until_it_is_accepted() {
    let (listener, port) = listener("127.0.0.1:0", 7).await;
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut client = TcpStream::connect(at).unwrap();
    client.write_all(b"hello").unwrap();
    let client_at = client.local_addr().unwrap();

    // `connect` returned: the handshake is done, and nobody has called `accept`.
    let rows = wait_rows(TCP, port, |rows| {
        let has = |local, state, wanted| {
            rows.iter().any(|row| (row.local, row.state, queues(row)) == (local, state, wanted))
        };
        has(at, State::Listen, (1, 7))
            && has(at, State::Established, (5, 0))
            && has(client_at, State::Established, (0, 0))
    });
    assert_eq!(rows.len(), 3, "{rows:#?}");
    let unaccepted = find(&rows, at, State::Established);
    assert_eq!((unaccepted.peer, unaccepted.inode), (client_at, 0), "no program has it yet");
    assert_eq!(find(&rows, client_at, State::Established).inode, inode(&client));
    assert_peer_agrees("tcp4", port, &rows);

    let (_accepted, _) = listener.accept_now().unwrap();
    let rows = wait_rows(TCP, port, |rows| {
        rows.iter().any(|row| row.state == State::Listen && row.receive_queue == 0)
    });
    assert_ne!(find(&rows, at, State::Established).inode, 0);
    assert_peer_agrees("tcp4", port, &rows);

    drop(client);
    let query = Query { states: States::from([State::CloseWait]), ..TCP };
    let rows = wait_rows(query, port, |rows| !rows.is_empty());
    assert_eq!(rows.len(), 1, "states that were not asked for are left out: {rows:#?}");
    assert_eq!((rows[0].local, rows[0].peer), (at, client_at));
}

#[tokio::test]
async fn ipv6_is_a_table_of_its_own() {
    let (_listener, port) = listener("[::1]:0", 3).await;
    let _client = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).unwrap();
    let rows = wait_rows(TCP6, port, |rows| {
        rows.len() == 3 && rows.iter().any(|row| queues(row) == (1, 3))
    });
    find(&rows, (Ipv6Addr::LOCALHOST, port).into(), State::Listen);
    assert_peer_agrees("tcp6", port, &rows);
    wait_rows(TCP, port, <[SocketRow]>::is_empty);
}

#[tokio::test]
async fn the_table_of_ipv6_has_the_ipv4_of_a_dual_stack_server() {
    let (_listener, port) = listener("[::]:0", 3).await;
    let client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let rows = wait_rows(TCP6, port, |rows| {
        rows.len() == 2 && rows.iter().any(|row| queues(row) == (1, 3))
    });
    let mapped = SocketAddr::from((Ipv4Addr::LOCALHOST.to_ipv6_mapped(), port));
    let server_end = find(&rows, mapped, State::Established);
    assert_eq!(server_end.peer.port(), client.local_addr().unwrap().port());
    assert_peer_agrees("tcp6", port, &rows);

    let rows = wait_rows(TCP, port, |rows| rows.len() == 1);
    assert_eq!(rows[0].inode, inode(&client), "the client is a socket of IPv4");
}

#[tokio::test]
async fn datagrams_that_nobody_read_are_seen() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = receiver.local_addr().unwrap();
    sender.connect(at).unwrap();
    sender.send(b"hello").unwrap();
    let rows = wait_rows(UDP, at.port(), |rows| rows.iter().any(|row| row.receive_queue >= 5));
    assert_eq!(find(&rows, at, State::Close).inode, inode(&receiver));
    let connected = find(&rows, sender.local_addr().unwrap(), State::Established);
    assert_eq!((connected.peer, connected.inode), (at, inode(&sender)));
    assert_peer_agrees("udp4", at.port(), &rows);
}

#[tokio::test]
async fn an_answer_of_several_datagrams_is_whole() {
    // A row has about 124 bytes and a datagram at most 32 KiB.
    let ours: Vec<UdpSocket> = (0..600).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let mut inodes: Vec<u32> = ours.iter().map(inode).collect();
    inodes.sort_unstable();
    // What other programs do meanwhile may cost an answer a row.
    let give_up = Instant::now() + PATIENCE;
    loop {
        let rows = Tables::open().unwrap().sockets(&UDP).unwrap();
        let mut found: Vec<u32> = rows.iter().map(|row| row.inode).collect();
        found.retain(|inode| inodes.binary_search(inode).is_ok());
        found.sort_unstable();
        if found == inodes {
            break;
        }
        assert!(Instant::now() < give_up, "only {} of 600 sockets are found", found.len());
    }
}
