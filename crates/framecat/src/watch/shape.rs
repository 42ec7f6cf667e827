//! Rows of every table in one shape.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::{Arc, LazyLock};

use framecat_core::address::UnixName;
use framecat_core::sock_diag::{SocketRow, State, UnixRow};
use framecat_core::watch::{End, Kind, Owner, Socket};

/// An empty `Arc` takes memory of its own, so that all have the same.
static NOBODY: LazyLock<Arc<[Owner]>> = LazyLock::new(|| Arc::new([]));

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
        was_there: false,
        receive_queue: row.receive_queue,
        send_queue: row.send_queue,
        inode: row.inode,
        // The kernel reads the user off the inode and says 0 where there is none.
        uid: (row.inode != 0).then_some(row.uid),
        owners: NOBODY.clone(),
        // A listener has a structure too, with nothing of a connection in it.
        tcp: row.tcp.filter(|_| row.state != State::Listen),
        memory: row.memory,
    }
}

/// A Unix socket; its peer's name, its owners and what is at its other end are not known yet.
pub(super) fn unix(row: &UnixRow) -> Socket {
    Socket {
        cookie: row.cookie,
        kind: Kind::Unix(row.kind),
        state: row.state,
        local: End::Unix(unix_name(&row.name)),
        peer: End::Unix(UnixName::Unnamed),
        other: None,
        other_unread: None,
        was_there: false,
        receive_queue: row.receive_queue,
        send_queue: row.send_queue,
        inode: row.inode,
        uid: row.uid,
        owners: NOBODY.clone(),
        tcp: None,
        memory: None,
    }
}

fn unix_name(name: &[u8]) -> UnixName {
    match name {
        [] => UnixName::Unnamed,
        [0, name @ ..] => UnixName::Abstract(name.into()),
        path => UnixName::Path(OsStr::from_bytes(path).into()),
    }
}
