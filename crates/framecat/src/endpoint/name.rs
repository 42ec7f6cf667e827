//! Addresses as a person writes them, and names as the kernel takes them.

use std::ffi::OsStr;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStrExt;

use framecat_core::address::{Address, Host, HostPort, UnixName};
use rustix::net::{AddressFamily, SocketAddrAny, SocketAddrUnix};

use crate::Error;

/// The kernel's names for an address: one, or several where a host name has several.
pub(super) async fn resolve(address: &Address) -> Result<Vec<SocketAddrAny>, Error> {
    match address {
        Address::Tcp(at) | Address::Udp(at) => {
            let found = lookup(at).await;
            found.map_err(|source| Error::Resolve { address: address.clone(), source })
        }
        Address::Unix(name) | Address::UnixDgram(name) | Address::UnixSeqpacket(name) => {
            let name = unix(name).map_err(io::Error::from);
            name.map(|name| vec![name])
                .map_err(|source| Error::Name { address: address.clone(), source })
        }
    }
}

async fn lookup(at: &HostPort) -> io::Result<Vec<SocketAddrAny>> {
    match &at.host {
        Host::Ip(ip) => Ok(vec![SocketAddr::new(*ip, at.port).into()]),
        Host::Name(name) => {
            let found = tokio::net::lookup_host((name.as_str(), at.port)).await?;
            Ok(found.map(SocketAddrAny::from).collect())
        }
    }
}

fn unix(name: &UnixName) -> rustix::io::Result<SocketAddrAny> {
    match name {
        UnixName::Path(path) => SocketAddrUnix::new(path.as_path()),
        UnixName::Abstract(name) => SocketAddrUnix::new_abstract_name(name),
        UnixName::Unnamed => Ok(SocketAddrUnix::new_unnamed()),
    }
    .map(SocketAddrAny::from)
}

/// The address that a name of the kernel's stands for, in the scheme of `like`. An IPv4 peer of a
/// dual-stack socket is shown as the IPv4 address that it has.
pub(super) fn address(name: Option<SocketAddrAny>, like: &Address) -> Address {
    match like {
        Address::Tcp(_) => Address::Tcp(inet(name)),
        Address::Udp(_) => Address::Udp(inet(name)),
        Address::Unix(_) => Address::Unix(unix_name(name)),
        Address::UnixDgram(_) => Address::UnixDgram(unix_name(name)),
        Address::UnixSeqpacket(_) => Address::UnixSeqpacket(unix_name(name)),
    }
}

fn inet(name: Option<SocketAddrAny>) -> HostPort {
    let at = name.and_then(|name| SocketAddr::try_from(name).ok());
    let at = at.unwrap_or(SocketAddr::new(IpAddr::from([0, 0, 0, 0]), 0));
    HostPort { host: Host::Ip(at.ip().to_canonical()), port: at.port() }
}

fn unix_name(name: Option<SocketAddrAny>) -> UnixName {
    let Some(name) = name.and_then(|name| SocketAddrUnix::try_from(name).ok()) else {
        return UnixName::Unnamed;
    };
    if let Some(name) = name.abstract_name() {
        return UnixName::Abstract(name.to_vec());
    }
    match name.path_bytes() {
        Some(path) if !path.is_empty() => UnixName::Path(OsStr::from_bytes(path).into()),
        _ => UnixName::Unnamed,
    }
}

pub(super) fn family(name: &SocketAddrAny) -> AddressFamily {
    name.address_family()
}
