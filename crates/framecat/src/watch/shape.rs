//! Rows of every table in one shape.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::sync::Arc;

use framecat_core::address::UnixName;
use framecat_core::sock_diag::{SocketRow, State, UnixRow};
use framecat_core::watch::{End, Kind, Socket};

/// A TCP or UDP socket; its owners and what is at its other end are not known yet.
pub(super) fn inet(kind: Kind, row: SocketRow) -> Socket {
    Socket {
        cookie: row.cookie,
        kind,
        state: row.state,
        local: End::Inet(row.local),
        peer: End::Inet(row.peer),
        other: None,
        other_unread: None,
        receive_queue: row.receive_queue,
        send_queue: row.send_queue,
        inode: row.inode,
        // The kernel reads the user off the inode and says 0 where there is none.
        uid: (row.inode != 0).then_some(row.uid),
        owners: Arc::new([]),
        // A listener has a structure too, with nothing of a connection in it.
        tcp: row.tcp.filter(|_| row.state != State::Listen),
        memory: row.memory,
    }
}

/// A Unix socket; its peer's name, its owners and what is at its other end are not known yet.
pub(super) fn unix(row: UnixRow) -> Socket {
    Socket {
        cookie: row.cookie,
        kind: Kind::Unix(row.kind),
        state: row.state,
        local: End::Unix(unix_name(row.name)),
        peer: End::Unix(UnixName::Unnamed),
        other: None,
        other_unread: None,
        receive_queue: row.receive_queue,
        send_queue: row.send_queue,
        inode: row.inode,
        uid: row.uid,
        owners: Arc::new([]),
        tcp: None,
        memory: None,
    }
}

fn unix_name(mut name: Vec<u8>) -> UnixName {
    match name.first() {
        None => UnixName::Unnamed,
        Some(0) => UnixName::Abstract(name.split_off(1)),
        Some(_) => UnixName::Path(OsString::from_vec(name).into()),
    }
}
