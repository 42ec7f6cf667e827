//! The question for one TCP socket, by its addresses (inet_diag.c, `inet_diag_dump_one_icsk`).

use std::net::SocketAddr;

use netlink_packet_core::NLM_F_REQUEST;
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{InetRequest, SocketId, StateFlags};

use super::answer::read_one;
use super::{Detail, DumpError, SocketRow, State, message};

/// A cookie that any socket has (`sock_diag_check_cookie`, INET_DIAG_NOCOOKIE).
pub(super) const ANY_COOKIE: [u8; 8] = [0xff; 8];

/// One TCP socket among all: the two addresses of its connection, seen from its own side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Its own address.
    pub local: SocketAddr,
    /// Its peer's address.
    pub peer: SocketAddr,
}

impl Connection {
    /// The socket at the other end.
    pub fn turned(self) -> Connection {
        Connection { local: self.peer, peer: self.local }
    }

    /// The datagram that asks for this socket. IPv4 in the clothes of IPv6, as a dual-stack socket has
    /// it, is asked for as IPv4, where both of its ends are found whichever family they are of.
    pub fn request(&self, detail: Detail) -> Vec<u8> {
        let (mut local, mut peer) = (self.local.ip(), self.peer.ip());
        let mut family = AF_INET6;
        if local.to_canonical().is_ipv4() && peer.to_canonical().is_ipv4() {
            (local, peer) = (local.to_canonical(), peer.to_canonical());
            family = AF_INET;
        }
        let request = InetRequest {
            family,
            protocol: IPPROTO_TCP,
            extensions: detail.extensions(),
            // Not looked at where one socket is asked for.
            states: StateFlags::all(),
            socket_id: SocketId {
                source_port: self.local.port(),
                destination_port: self.peer.port(),
                source_address: local,
                destination_address: peer,
                interface_id: interface(self.local).max(interface(self.peer)),
                cookie: ANY_COOKIE,
            },
        };
        message(NLM_F_REQUEST, SockDiagMessage::InetRequest(request))
    }

    /// Reads the kernel's answer, one datagram. `None` if there is no such connection any more, or not
    /// here: also where the kernel shows the socket that listens in its place
    /// (`inet_diag_find_one_icsk`), or what is left in TIME_WAIT.
    ///
    /// # Errors
    /// If the kernel refused the question, or this is none of its answers.
    pub fn answer(datagram: &[u8]) -> Result<Option<SocketRow>, DumpError> {
        let row: Option<SocketRow> = read_one(datagram)?;
        let over = [State::Listen, State::TimeWait, State::Close];
        Ok(row.filter(|row| !over.contains(&row.state)))
    }
}

/// A socket with a link-local address is bound to the interface, and found by it only.
fn interface(address: SocketAddr) -> u32 {
    match address {
        SocketAddr::V6(address) => address.scope_id(),
        SocketAddr::V4(_) => 0,
    }
}
