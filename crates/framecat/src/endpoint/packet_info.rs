//! Which of this machine's addresses a datagram went to, so that the answer comes from there.
//!
//! A socket that is bound to all addresses sends from the one that the routes prefer, and a client that
//! is connected hears only the one that it called. The kernel tells and takes the address of each
//! datagram in a control message: IP_PKTINFO (ip(7)) and IPV6_PKTINFO (ipv6(7), RFC 3542 section 6).
//! rustix knows neither, so this file is nix's.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::cmsg_space;
use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt,
    sockopt,
};
use rustix::net::{SocketAddrAny, getsockname};

/// An address of this machine that a datagram can be sent from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Source {
    ip: IpAddr,
    /// The interface of an IPv6 link-local address, which means nothing without; 0 leaves the way to
    /// the routes.
    interface: u32,
}

/// Has the kernel tell where each datagram went if `socket` is bound to all addresses; whether it is.
pub(super) fn ask_if_unspecified(socket: &OwnedFd) -> io::Result<bool> {
    let Ok(own) = SocketAddr::try_from(getsockname(socket)?) else { return Ok(false) };
    if !own.ip().to_canonical().is_unspecified() {
        return Ok(false);
    }
    // A dual-stack socket is asked for both: of an IPv4 broadcast, IPV6_PKTINFO tells the address
    // that it was sent to, which cannot be answered from.
    setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?;
    if own.is_ipv6() {
        setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?;
    }
    Ok(true)
}

/// Receives one datagram: its real length, who sent it, and where an answer is to come from.
pub(super) fn receive(
    socket: &OwnedFd,
    buffer: &mut [u8],
) -> io::Result<(usize, Option<SocketAddrAny>, Option<Source>)> {
    let mut control = cmsg_space!(in_pktinfo, in6_pktinfo);
    let mut parts = [IoSliceMut::new(buffer)];
    // TRUNC makes the kernel tell the datagram's real length (recv(2)).
    let received = recvmsg::<SockaddrStorage>(
        socket.as_raw_fd(),
        &mut parts,
        Some(&mut control),
        MsgFlags::MSG_TRUNC,
    )?;
    let from = received.address.as_ref().and_then(peer).map(SocketAddrAny::from);
    let mut source = None;
    // There is room for both; were there not, the datagram itself has come all the same.
    for message in received.cmsgs().into_iter().flatten() {
        match message {
            ControlMessageOwned::Ipv4PacketInfo(info) => source = Source::of_ipv4(&info),
            ControlMessageOwned::Ipv6PacketInfo(info) => source = source.or(Source::of_ipv6(&info)),
            _ => {}
        }
    }
    Ok((received.bytes, from, source))
}

/// Sends one datagram to `peer` from `source`.
pub(super) fn send(
    socket: &OwnedFd,
    datagram: &[u8],
    peer: &SocketAddrAny,
    source: Source,
) -> io::Result<()> {
    let peer = SockaddrStorage::from(SocketAddr::try_from(peer.clone())?);
    let send = |control| {
        let parts = [IoSlice::new(datagram)];
        sendmsg(socket.as_raw_fd(), &parts, &[control], MsgFlags::MSG_NOSIGNAL, Some(&peer))
    };
    match source.ip {
        IpAddr::V4(ip) => send(ControlMessage::Ipv4PacketInfo(&in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
            ipi_addr: in_addr { s_addr: 0 },
        })),
        IpAddr::V6(ip) => send(ControlMessage::Ipv6PacketInfo(&in6_pktinfo {
            ipi6_addr: in6_addr { s6_addr: ip.octets() },
            ipi6_ifindex: source.interface,
        })),
    }?;
    Ok(())
}

fn peer(name: &SockaddrStorage) -> Option<SocketAddr> {
    let ipv4 = name.as_sockaddr_in().map(|name| SocketAddr::from(*name));
    ipv4.or_else(|| name.as_sockaddr_in6().map(|name| SocketAddr::from(*name)))
}

impl Source {
    /// The address that the kernel found for answers: of a broadcast, that of the interface. It has
    /// found none for what came before it was asked; that went to the address in the header.
    fn of_ipv4(info: &in_pktinfo) -> Option<Source> {
        [info.ipi_spec_dst, info.ipi_addr]
            .map(|ip| Ipv4Addr::from(ip.s_addr.to_ne_bytes()))
            .into_iter()
            .find(|ip| !ip.is_unspecified() && !ip.is_broadcast() && !ip.is_multicast())
            .map(|ip| Source { ip: ip.into(), interface: 0 })
    }

    /// The address in the header, which for a multicast is no source: the routes choose one.
    fn of_ipv6(info: &in6_pktinfo) -> Option<Source> {
        let ip = Ipv6Addr::from(info.ipi6_addr.s6_addr);
        let interface = if ip.is_unicast_link_local() { info.ipi6_ifindex } else { 0 };
        let source = Source { ip: ip.into(), interface };
        // IPv4 on a dual-stack socket is told as such, and better.
        (!ip.is_multicast() && ip.to_ipv4_mapped().is_none()).then_some(source)
    }
}
