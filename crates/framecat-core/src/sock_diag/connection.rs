//! The question for one TCP socket, by its addresses (inet_diag.c, `inet_diag_dump_one_icsk`).

use std::net::SocketAddr;

use netlink_packet_core::{
    DecodeError, Emitable as _, NLM_F_REQUEST, NlasIterator, Parseable as _,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, INET_DIAG_INFO, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::nlas::TcpInfo;
use netlink_packet_sock_diag::inet::{
    ExtensionFlags, InetRequest, InetResponseHeader, SocketId, StateFlags,
};

use super::answer::{FromPayload, read_one};
use super::{DumpError, SocketRow, State, message};

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

/// What an answer shall contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// State and queues.
    Queues,
    /// [`Counts`] too; the kernel makes a `struct tcp_info` for them.
    Counts,
}

/// What a TCP socket has counted since its connection began (`struct tcp_info`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Bytes sent, those that were sent again included; the end of the stream is not counted.
    pub sent: u64,
    /// Bytes sent again.
    pub sent_again: u64,
    /// Bytes written and not sent; an end of the stream that was not sent counts as one.
    pub not_sent: u32,
    /// Bytes received in order; the end of the stream counts as one.
    pub received: u64,
}

/// A TCP socket that was asked for by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRow {
    /// The socket.
    pub socket: SocketRow,
    /// What it counted, if that was asked for and the kernel is not older than Linux 5.4.
    pub counts: Option<Counts>,
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
            extensions: match detail {
                Detail::Queues => ExtensionFlags::empty(),
                Detail::Counts => ExtensionFlags::INFO,
            },
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
    pub fn answer(datagram: &[u8]) -> Result<Option<ConnectionRow>, DumpError> {
        let row: Option<ConnectionRow> = read_one(datagram)?;
        let over = [State::Listen, State::TimeWait, State::Close];
        Ok(row.filter(|row| !over.contains(&row.socket.state)))
    }
}

/// A socket with a link-local address is bound to the interface, and found by it only.
fn interface(address: SocketAddr) -> u32 {
    match address {
        SocketAddr::V6(address) => address.scope_id(),
        SocketAddr::V4(_) => 0,
    }
}

impl FromPayload for ConnectionRow {
    fn from_payload(payload: &[u8]) -> Result<Self, DecodeError> {
        let socket = SocketRow::from_payload(payload)?;
        // It was parsed just now, so it is as long.
        let len = InetResponseHeader::parse(payload)?.buffer_len();
        let mut counts = None;
        for attribute in NlasIterator::new(payload.get(len..).unwrap_or_default()) {
            let attribute = attribute?;
            if attribute.kind() == INET_DIAG_INFO {
                // An older kernel's is too short for it.
                counts = TcpInfo::parse(attribute.value()).ok().map(|info| Counts {
                    sent: info.bytes_sent,
                    sent_again: info.bytes_retrans,
                    not_sent: info.notsent_bytes,
                    received: info.bytes_received,
                });
            }
        }
        Ok(ConnectionRow { socket, counts })
    }
}
