//! From an address to the sockets that listen there, and from sockets to the processes that have them.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStrExt as _;

use framecat_core::address::{Address, Host, HostPort, UnixName};
use framecat_core::sock_diag::{
    Detail, Family, Protocol, Query, SocketRow, State, States, UnixRow,
};
use framecat_core::watch::listening_places;

use super::Pid;
use super::descriptors::sockets_of;
use crate::kernel::{AskError, Tables};

/// Who has a socket open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    /// The processes that do, as far as they can be seen, in rising order.
    pub pids: Vec<Pid>,
    /// How many processes would not show what they have open: if there are any, `pids` may lack some.
    pub hidden: usize,
}

/// The inodes of the sockets that listen where a client of `address` ends up: at the address itself or
/// at its family's wildcard. Several share a port by SO_REUSEPORT. None if nobody listens in this
/// network namespace, or the address has a host name or no connections.
///
/// # Errors
/// If the kernel does not say.
pub fn listeners(address: &Address) -> Result<Vec<u32>, AskError> {
    match address {
        Address::Tcp(HostPort { host: Host::Ip(ip), port }) => {
            let at = SocketAddr::new(*ip, *port);
            let mut rows = tcp(State::Listen)?;
            retain_listeners(&mut rows, |row| row.local, at);
            Ok(rows.iter().map(|row| row.inode).collect())
        }
        Address::Unix(name) | Address::UnixSeqpacket(name) => {
            let rows = Tables::open()?.unix_sockets(States::from([State::Listen]))?;
            Ok(named(&rows, name))
        }
        _ => Ok(Vec::new()),
    }
}

fn tcp(state: State) -> Result<Vec<SocketRow>, AskError> {
    let (protocol, states, detail) = (Protocol::Tcp, States::from([state]), Detail::Queues);
    let mut tables = Tables::open()?;
    let mut rows = Vec::new();
    for family in [Family::Inet, Family::Inet6] {
        rows.extend(tables.sockets(&Query { family, protocol, states, detail })?);
    }
    Ok(rows)
}

/// Keeps those that a client of `at` may end up with, by the addresses that they are bound to.
pub(crate) fn retain_listeners<T>(
    listeners: &mut Vec<T>,
    local: impl Fn(&T) -> SocketAddr,
    at: SocketAddr,
) {
    let is_at = |listener: &T, taken| place(local(listener)) == taken;
    let has_listener = |taken: &_| listeners.iter().any(|listener| is_at(listener, *taken));
    let taken = listening_places(at).into_iter().find(has_listener);
    listeners.retain(|listener| taken.is_some_and(|taken| is_at(listener, taken)));
}

/// Whether a socket bound to `local` may get what goes to `at`.
pub(crate) fn listens_for(local: SocketAddr, at: SocketAddr) -> bool {
    listening_places(at).contains(&place(local))
}

fn place(local: SocketAddr) -> (IpAddr, u16) {
    (local.ip().to_canonical(), local.port())
}

/// The inodes of those with this name.
pub(crate) fn named<'a>(
    rows: impl IntoIterator<Item = &'a UnixRow, IntoIter: Clone>,
    name: &UnixName,
) -> Vec<u32> {
    let rows = rows.into_iter();
    let inodes = |is_it: &dyn Fn(&&UnixRow) -> bool| {
        rows.clone().filter(is_it).map(|row| row.inode).collect::<Vec<u32>>()
    };
    match name {
        UnixName::Unnamed => Vec::new(),
        UnixName::Abstract(name) => inodes(&|row| row.name.split_first() == Some((&0, name))),
        UnixName::Path(path) => {
            // By the file, whatever path it was bound by; a server may stand in another folder.
            let file = rustix::fs::stat(path).ok().map(|stat| {
                let (major, minor) =
                    (rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev));
                // In a row the inode has its lower 32 bits, the device the kernel's own notation.
                (stat.st_ino as u32, major << 20 | minor)
            });
            let by_file = inodes(&|row| file.is_some() && row.file == file);
            if !by_file.is_empty() {
                return by_file;
            }
            // Some file systems show another device than they have (overlayfs, btrfs).
            inodes(&|row| row.name == path.as_os_str().as_bytes())
        }
    }
}

/// The processes that have one of these sockets open. It looks at every descriptor of every process,
/// so it is for the beginning of something and not for each step.
///
/// # Errors
/// If there is no /proc.
pub fn owners(inodes: &[u32]) -> io::Result<Owners> {
    let mut owners = Owners::default();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        match has_open(pid, inodes) {
            Ok(true) => owners.pids.push(pid),
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => owners.hidden += 1,
            // It has ended meanwhile.
            Err(_) => {}
        }
    }
    owners.pids.sort_unstable();
    Ok(owners)
}

fn has_open(pid: Pid, inodes: &[u32]) -> io::Result<bool> {
    Ok(sockets_of(pid)?.iter().any(|inode| inodes.contains(inode)))
}

/// How many connections of servers at this port their peers have closed and the servers have not
/// (CLOSE_WAIT), in this network namespace.
///
/// # Errors
/// If the kernel does not say.
pub fn close_waits(port: u16) -> Result<usize, AskError> {
    let rows = tcp(State::CloseWait)?;
    Ok(rows.iter().filter(|row| row.local.port() == port).count())
}

#[cfg(test)]
mod tests {
    use framecat_core::sock_diag::UnixKind;

    use super::*;

    #[test]
    fn a_wildcard_listens_for_every_address_of_its_family() {
        for (listener, client, takes) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("0.0.0.0:80", "127.0.0.1:80", true),
            ("0.0.0.0:80", "[::1]:80", false),
            ("[::]:80", "127.0.0.1:80", true),
            ("[::]:80", "[::1]:80", true),
            ("[::1]:80", "127.0.0.1:80", false),
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "0.0.0.0:80", true),
            ("192.0.2.1:80", "0.0.0.0:80", false),
            ("0.0.0.0:80", "0.0.0.0:80", true),
        ] {
            let at: SocketAddr = client.parse().unwrap();
            assert_eq!(listens_for(listener.parse().unwrap(), at), takes, "{listener} {client}");
        }
    }

    #[test]
    fn a_unix_listener_is_found_by_its_name_where_its_file_is_gone() {
        let bound = |name: &[u8]| UnixRow {
            kind: UnixKind::Stream,
            state: State::Listen,
            inode: 7,
            cookie: 7,
            peer_inode: 0,
            receive_queue: 0,
            send_queue: 5,
            shut_down: false,
            name: name.to_vec(),
            file: None,
            uid: None,
        };
        let rows = [bound(b"/no/such/file"), bound(b"\0name")];
        let path = UnixName::Path("/no/such/file".into());
        assert_eq!(named(&rows, &path), [7]);
        assert_eq!(named(&rows, &UnixName::Abstract(b"name".to_vec())), [7]);
        assert!(named(&rows, &UnixName::Abstract(b"nam".to_vec())).is_empty());
        assert!(named(&rows, &UnixName::Unnamed).is_empty());
    }
}
