//! Which socket is at the other end of which, and whose a connection is that no program has, of sockets
//! that are made up.

use framecat_core::sock_diag::{SocketRow, State, UnixKind, UnixRow};
use framecat_core::watch::{Kind, Socket};

use super::ends;
use super::gather::Gathered;
use super::{select, shape};

/// Sockets as `state local peer inode`, with cookies from 1.
fn tcp(lines: &[(State, &str, &str, u32)]) -> Gathered {
    let mut found = Gathered::default();
    for (cookie, (state, local, peer, inode)) in (1..).zip(lines) {
        let row = SocketRow {
            state: *state,
            local: local.parse().unwrap(),
            peer: peer.parse().unwrap(),
            receive_queue: cookie as u32 * 10,
            send_queue: 0,
            inode: *inode,
            uid: 0,
            cookie,
            tcp: None,
            memory: None,
        };
        found.push(shape::inet(Kind::Tcp, row));
    }
    found
}

use State::{CloseWait, Established, Listen, SynRecv, TimeWait};

#[test]
fn the_two_ends_of_a_connection_have_each_others_addresses() {
    let mut found = tcp(&[
        (Listen, "0.0.0.0:80", "0.0.0.0:0", 1),
        (Established, "127.0.0.1:80", "127.0.0.1:5", 2),
        (Established, "127.0.0.1:5", "127.0.0.1:80", 3),
        (Established, "[::ffff:127.0.0.1]:81", "[::ffff:127.0.0.1]:6", 4),
        // The end of the stream waits too, and counts as one.
        (CloseWait, "127.0.0.1:6", "127.0.0.1:81", 5),
        (Established, "192.0.2.1:7", "192.0.2.2:80", 6),
        // A socket that is connected to itself, which TCP allows.
        (Established, "127.0.0.1:8", "127.0.0.1:8", 7),
    ]);
    let others = ends::pair(&found);
    assert_eq!(others, [None, Some(2), Some(1), Some(4), Some(3), None, Some(6)]);
    ends::tell(&mut found, &others);
    let unread: Vec<Option<u32>> = found.sockets.iter().map(|it| it.other_unread).collect();
    assert_eq!(unread, [None, Some(30), Some(20), Some(49), Some(40), None, Some(70)]);
}

#[test]
fn where_two_could_be_the_other_end_neither_is() {
    // A proxy on this host that has taken its client's address for a connection of its own.
    let found = tcp(&[
        (Established, "192.0.2.1:5", "192.0.2.9:80", 1),
        (Established, "192.0.2.9:80", "192.0.2.1:5", 2),
        (Established, "192.0.2.1:5", "192.0.2.9:80", 3),
    ]);
    assert_eq!(ends::pair(&found), [None, None, None]);
}

#[test]
fn a_unix_socket_has_its_peer_by_inode() {
    let mut found = Gathered::default();
    for (inode, peer_inode, kind) in [
        (10, 11, UnixKind::Stream),
        (11, 10, UnixKind::Stream),
        (12, 13, UnixKind::Dgram),
        (13, 0, UnixKind::Dgram),
        // In another namespace, or closed.
        (14, 99, UnixKind::Stream),
    ] {
        let row = UnixRow {
            kind,
            state: Established,
            inode,
            cookie: inode.into(),
            peer_inode,
            receive_queue: inode,
            send_queue: 0,
            shut_down: false,
            name: format!("/{inode}").into(),
            file: None,
            uid: None,
        };
        let at = found.push(shape::unix(&row));
        found.unix.insert(at, row);
    }
    let others = ends::pair(&found);
    assert_eq!(others, [Some(1), Some(0), Some(3), None, None]);
    ends::tell(&mut found, &others);
    let told: Vec<(String, Option<u32>)> =
        found.sockets.iter().map(|it| (it.peer.to_string(), it.other_unread)).collect();
    let wanted = [("/11", Some(11)), ("/10", Some(10)), ("/13", None), ("*", None), ("*", None)];
    assert_eq!(told, wanted.map(|(name, unread)| (name.to_owned(), unread)));
}

#[test]
fn a_socket_that_comes_twice_is_kept_once_as_it_came_last() {
    let twice = tcp(&[
        (SynRecv, "127.0.0.1:80", "127.0.0.1:5", 0),
        (Listen, "127.0.0.1:80", "0.0.0.0:0", 1),
    ]);
    let mut found = Gathered::default();
    for socket in &twice.sockets {
        assert_eq!(found.push(socket.clone()), (socket.cookie - 1) as usize);
    }
    let mut later = twice.sockets[0].clone();
    later.state = Established;
    assert_eq!(found.push(later), 0);
    let states: Vec<State> = found.sockets.iter().map(|socket| socket.state).collect();
    assert_eq!(states, [Established, Listen]);
}

/// Which are chosen when the listeners with these inodes are: by their peers' ports.
fn unowned(found: &Gathered, listeners: &[u32]) -> Vec<u16> {
    let is_theirs = |it: &Socket| listeners.contains(&it.inode);
    let mut chosen: Vec<bool> = found.sockets.iter().map(is_theirs).collect();
    select::unowned_connections(&mut chosen, &found.sockets);
    let marked = found.sockets.iter().zip(chosen).filter(|(_, chosen)| *chosen);
    marked.filter_map(|(socket, _)| socket.peer.port()).collect()
}

#[test]
fn a_connection_that_no_program_has_belongs_to_who_listens_for_it() {
    let found = tcp(&[
        (Listen, "0.0.0.0:80", "0.0.0.0:0", 1),
        (Listen, "127.0.0.2:80", "0.0.0.0:0", 2),
        (Listen, "127.0.0.1:81", "0.0.0.0:0", 3),
        (SynRecv, "127.0.0.1:80", "127.0.0.1:101", 0),
        (Established, "127.0.0.1:80", "127.0.0.1:102", 0),
        (TimeWait, "127.0.0.1:80", "127.0.0.1:103", 0),
        (Established, "127.0.0.1:80", "127.0.0.1:104", 9),
        (SynRecv, "127.0.0.2:80", "127.0.0.1:105", 0),
        (TimeWait, "127.0.0.1:106", "127.0.0.1:80", 0),
        (SynRecv, "[::ffff:127.0.0.1]:81", "[::ffff:127.0.0.1]:107", 0),
    ]);
    assert_eq!(unowned(&found, &[1]), [101, 102, 103]);
    assert_eq!(unowned(&found, &[2]), [105], "the address itself goes before the wildcard");
    assert_eq!(unowned(&found, &[3]), [107]);
    assert_eq!(unowned(&found, &[]), [0; 0]);
}

#[test]
fn where_several_listen_at_one_address_it_counts_for_each() {
    let found = tcp(&[
        (Listen, "[::]:80", "[::]:0", 1),
        (Listen, "[::]:80", "[::]:0", 2),
        (SynRecv, "127.0.0.1:80", "127.0.0.1:101", 0),
    ]);
    assert_eq!(unowned(&found, &[1]), [101]);
    assert_eq!(unowned(&found, &[2]), [101]);
}

#[test]
fn a_link_local_address_is_found_whatever_its_interface() {
    let found = tcp(&[(Established, "[fe80::1%3]:80", "[fe80::2%3]:5", 1)]);
    let others = ends::pair(&found);
    for (address, wanted) in [("[fe80::1]:80", true), ("[fe80::2]:5", true), ("[fe80::1]:5", false)]
    {
        let mut chosen = [false];
        let at = address.parse().unwrap();
        select::at_address(&mut chosen, &found.sockets, &others, Kind::Tcp, at);
        assert_eq!(chosen, [wanted], "{address}");
    }
}
