//! Whether somebody listens on an address, asked of the kernel: a connection of ours could spoil what
//! is measured, or be the only one that a program takes.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use framecat_core::address::{Address, Host, HostPort, UnixName};
use framecat_core::sock_diag::{Detail, Family, Protocol, Query, SocketRow, State, States};

use crate::endpoint::{ConnectOptions, Stream};
use crate::kernel::Tables;
use crate::kernel::process::{listens_for, sockets_of};

/// Whether somebody listens there.
pub(super) async fn is_listened_on(address: &Address) -> bool {
    match address {
        Address::Tcp(at) => match rows(Protocol::Tcp) {
            Some(rows) => takes(&rows, at).await,
            // A sandbox keeps the kernel's tables from us.
            None => connects(address).await,
        },
        Address::Udp(at) => match rows(Protocol::Udp) {
            Some(rows) => takes(&rows, at).await,
            None => false,
        },
        Address::Unix(name) | Address::UnixDgram(name) | Address::UnixSeqpacket(name) => {
            let named = unix_sockets().into_iter().any(|socket| &socket.name == name);
            // The table has a path as the program wrote it, which may be relative to its folder.
            named || (address.has_connections() && exists(name) && connects(address).await)
        }
    }
}

/// Where these processes listen, each address once.
pub(super) fn listened_on_by(ids: impl Iterator<Item = i32>) -> Vec<Address> {
    // One that has ended meanwhile has none.
    let inodes: Vec<u32> =
        ids.filter_map(|id| sockets_of(id.try_into().ok()?).ok()).flatten().collect();
    let mut found = Vec::new();
    for row in rows(Protocol::Tcp).unwrap_or_default() {
        if inodes.contains(&row.inode) {
            let (host, port) = (Host::Ip(row.local.ip()), row.local.port());
            found.push(Address::Tcp(HostPort { host, port }));
        }
    }
    let unix = unix_sockets().into_iter().filter(|socket| inodes.contains(&socket.inode));
    found.extend(unix.map(|socket| Address::Unix(socket.name)));
    found.sort_by_key(Address::to_string);
    found.dedup();
    found
}

/// The sockets that wait for connections or datagrams; none if the kernel does not say.
fn rows(protocol: Protocol) -> Option<Vec<SocketRow>> {
    let states = match protocol {
        Protocol::Tcp => States::from([State::Listen]),
        Protocol::Udp => States::from([State::Close]),
    };
    let mut tables = Tables::open().ok()?;
    let query = Query { family: Family::Inet, protocol, states, detail: Detail::Queues };
    let mut rows = tables.sockets(&query).ok()?;
    // A kernel without IPv6 has nothing to say of it.
    rows.extend(tables.sockets(&Query { family: Family::Inet6, ..query }).unwrap_or_default());
    Some(rows)
}

async fn takes(rows: &[SocketRow], at: &HostPort) -> bool {
    let addresses: Vec<SocketAddr> = match &at.host {
        Host::Ip(ip) => vec![(*ip, at.port).into()],
        Host::Name(name) => match tokio::net::lookup_host((name.as_str(), at.port)).await {
            Ok(found) => found.collect(),
            Err(_) => Vec::new(),
        },
    };
    rows.iter().any(|row| addresses.iter().any(|address| listens_for(row.local, *address)))
}

async fn connects(address: &Address) -> bool {
    // Longer than a local connection takes, unless the accept queue is full: then somebody has it.
    let options = ConnectOptions::default();
    let connecting = Stream::connect(address, &options);
    match tokio::time::timeout(Duration::from_millis(200), connecting).await {
        Ok(connected) => connected.is_ok(),
        Err(_) => true,
    }
}

struct UnixSocket {
    name: UnixName,
    inode: u32,
}

/// The Unix sockets with a name that wait for connections or datagrams (/proc/net/unix, proc(5)).
fn unix_sockets() -> Vec<UnixSocket> {
    let table = fs::read("/proc/net/unix").unwrap_or_default();
    table.split(|byte| *byte == b'\n').filter_map(unix_socket).collect()
}

/// `Num: RefCount Protocol Flags Type St Inode Path`
fn unix_socket(line: &[u8]) -> Option<UnixSocket> {
    /// The flag of one that listens, `__SO_ACCEPTCON` (include/linux/net.h).
    const ACCEPTS: &[u8] = b"00010000";
    /// SOCK_DGRAM: one with a name waits for datagrams.
    const DATAGRAM: &[u8] = b"0002";
    let mut fields = line.splitn(8, |byte| *byte == b' ');
    let flags = fields.nth(3)?;
    let kind = fields.next()?;
    let rest = [fields.nth(1)?, fields.next().unwrap_or_default()];
    // The inode is set right in five columns, so that a short one has spaces before it.
    let rest = rest.join(&b' ');
    let rest = rest.trim_ascii_start();
    let (inode, path) = rest.split_at(memchr::memchr(b' ', rest)?);
    let name = match &path[1..] {
        [] => return None,
        [b'@', name @ ..] => UnixName::Abstract(name.into()),
        path => UnixName::Path(String::from_utf8(path.into()).ok()?.into()),
    };
    let waits = flags == ACCEPTS || kind == DATAGRAM;
    let inode = std::str::from_utf8(inode).ok()?.parse().ok()?;
    waits.then_some(UnixSocket { name, inode })
}

fn exists(name: &UnixName) -> bool {
    match name {
        UnixName::Path(path) => path.exists(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_unix_table_is_read() {
        let line = "0000000000000000: 00000002 00000000 00010000 0001 01  4711 /tmp/a b";
        let socket = unix_socket(line.as_bytes()).unwrap();
        assert_eq!((socket.name, socket.inode), (UnixName::Path("/tmp/a b".into()), 4711));
        let line = "0000000000000000: 00000002 00000000 00010000 0005 01 123456 @name";
        let socket = unix_socket(line.as_bytes()).unwrap();
        assert_eq!((socket.name, socket.inode), (UnixName::Abstract(b"name".into()), 123_456));
        for line in [
            "Num       RefCount Protocol Flags    Type St Inode Path",
            "0000000000000000: 00000003 00000000 00000000 0001 03 19083",
            "0000000000000000: 00000003 00000000 00000000 0001 03 19083 /connected",
            "",
        ] {
            assert!(unix_socket(line.as_bytes()).is_none(), "{line}");
        }
    }
}
