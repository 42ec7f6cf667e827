//! Unix stream sockets: their names, the calls, and what the kernel's table of them shows.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use framecat_core::escape::Escaped;
use framecat_core::lab::{Lane, Queue, What};
use framecat_core::sock_diag::{Detail, Family, Protocol, Query, States, UnixRow};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, getsockname, listen,
    socket_with,
};

use super::actor::{Actor, ok};
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::inode;
use super::socket::Socket;

/// The name of a Unix socket, and how it is told: of a path the last part.
#[derive(Debug, Clone)]
pub(super) struct Name {
    at: SocketAddrUnix,
    pub(super) path: Option<PathBuf>,
    told: String,
}

impl Name {
    /// A path.
    pub(super) fn file(folder: &Path, name: &str) -> Result<Name, CallError> {
        let path = folder.join(name);
        // At most 107 bytes fit (unix(7)).
        let at = SocketAddrUnix::new(&path).map_err(|errno| {
            let path = Escaped(path.as_os_str().as_bytes()).to_string();
            CallError::new(format!("bind({path})"), errno.into())
        })?;
        Ok(Name { at, path: Some(path), told: name.to_owned() })
    }

    /// The name that the kernel gave to a socket of ours.
    fn of(socket: &Socket) -> io::Result<Name> {
        let at = SocketAddrUnix::try_from(getsockname(socket)?)?;
        let told = match at.abstract_name() {
            Some(name) => format!("@{}", Escaped(name)),
            None => "a path".into(),
        };
        Ok(Name { at, path: None, told })
    }
}

impl Actor<'_> {
    /// A Unix stream socket that listens by this name.
    pub(super) fn listen_unix(&self, name: &Name, backlog: u16) -> Result<Socket, CallError> {
        let bound = || {
            let socket = unix_socket()?;
            bind(&socket, &name.at)?;
            Ok(socket)
        };
        let socket = self.call(format!("bind({})", name.told), |_| ok(&()), bound)?;
        self.begin_to_listen(&socket, backlog)?;
        Ok(socket)
    }

    /// The same by a name in the abstract namespace that nobody has: the kernel chooses it, if one binds
    /// to no name (unix(7), autobind).
    pub(super) fn listen_abstract(&self, backlog: u16) -> Result<(Socket, Name), CallError> {
        let bound = || {
            let socket = unix_socket()?;
            bind(&socket, &SocketAddrUnix::new_unnamed())?;
            let name = Name::of(&socket)?;
            Ok((socket, name))
        };
        let (socket, name) = self.call("bind()", |(_, name)| name.told.clone(), bound)?;
        self.begin_to_listen(&socket, backlog)?;
        Ok((socket, name))
    }

    fn begin_to_listen(&self, socket: &Socket, backlog: u16) -> Result<(), CallError> {
        self.call(format!("listen({backlog})"), ok, || Ok(listen(socket, backlog.into())?))
    }

    /// Connects to whoever listens by this name.
    pub(super) fn connect_unix(&self, to: &Name) -> Result<Socket, CallError> {
        self.call(
            format!("connect({})", to.told),
            |_| ok(&()),
            || {
                let socket = unix_socket()?;
                connect(&socket, &to.at)?;
                Ok(socket)
            },
        )
    }

    /// Renames the file of a Unix socket.
    pub(super) fn rename(&self, old: &Name, new: &Name) -> Result<(), CallError> {
        self.call(format!("rename({}, {})", old.told, new.told), ok, || {
            match (&old.path, &new.path) {
                (Some(old), Some(new)) => fs::rename(old, new),
                _ => Err(io::ErrorKind::InvalidInput.into()),
            }
        })
    }

    /// Removes the file of a Unix socket.
    pub(super) fn unlink(&self, name: &Name) -> Result<(), CallError> {
        self.call(format!("unlink({})", name.told), ok, || match &name.path {
            Some(path) => fs::remove_file(path),
            None => Err(io::ErrorKind::InvalidInput.into()),
        })
    }
}

impl Scene {
    /// A Unix socket of ours as the kernel has it.
    fn unix_row(&self, socket: &Socket) -> Result<UnixRow, Obstacle> {
        let inode = inode(socket)?;
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = tables.unix_sockets(States::ALL)?;
        let row = rows.into_iter().find(|row| u64::from(row.inode) == inode);
        row.ok_or_else(|| Obstacle::new("the kernel's table does not have our Unix socket"))
    }

    /// Shows a Unix listener in the timeline.
    pub(super) fn see_unix_listener(&self, listener: &Socket) -> Result<UnixRow, Obstacle> {
        let row = self.unix_row(listener)?;
        let (waiting, limit) = (row.receive_queue, row.send_queue);
        let queue = Queue::Listener { waiting, limit, half_open: 0 };
        self.note(Lane::Kernel, What::Queue(queue));
        Ok(row)
    }

    /// Shows one end of a Unix connection in the timeline. Nothing is acknowledged there: what was written
    /// is in the other end's queue.
    pub(super) fn see_unix(&self, of: Lane, socket: &Socket) -> Result<UnixRow, Obstacle> {
        let row = self.unix_row(socket)?;
        let (state, unread) = (Some(row.state), row.receive_queue);
        let queue = Queue::Connection { of, state, unread, unacknowledged: 0 };
        self.note(Lane::Kernel, What::Queue(queue));
        Ok(row)
    }

    /// Whether the tables of TCP or UDP have this socket: those that have ports.
    pub(super) fn has_port(&self, socket: &Socket) -> Result<bool, Obstacle> {
        let inode = inode(socket)?;
        let (states, detail) = (States::ALL, Detail::Queues);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            for family in [Family::Inet, Family::Inet6] {
                let rows = tables.sockets(&Query { family, protocol, states, detail })?;
                if rows.iter().any(|row| u64::from(row.inode) == inode) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn unix_socket() -> io::Result<Socket> {
    let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
    Ok(Socket::from(socket_with(family, kind, SocketFlags::CLOEXEC, None)?))
}
