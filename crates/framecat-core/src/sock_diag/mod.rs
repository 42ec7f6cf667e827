//! sock_diag: asking Linux for its tables of sockets, as netlink bytes (netlink(7), sock_diag(7)).
//!
//! [`Query::request`] makes the bytes of a question, [`Dump`] turns the bytes of the answer into
//! [`SocketRow`]s. The kernel's side is net/ipv4/inet_diag.c with tcp_diag.c and udp_diag.c beside it,
//! the layout of both messages include/uapi/linux/inet_diag.h. netlink-packet-core takes the messages
//! apart and netlink-packet-sock-diag reads the sockets in them.
//!
//! A table is asked for as a dump, in many datagrams; one socket, [`Connection`] or [`UnixRow`], is
//! asked for by what makes it that one, and the answer is one datagram. Asked for a connection that is
//! gone, the kernel answers with the socket that listens in its place (`inet_diag_find_one_icsk`),
//! which is no answer and is not taken for one.
//!
//! ```
//! use framecat_core::sock_diag::{Detail, Dump, Family, Progress, Protocol, Query, State, States};
//!
//! let listeners = States::from([State::Listen]);
//! let (family, protocol, detail) = (Family::Inet, Protocol::Tcp, Detail::Queues);
//! let query = Query { family, protocol, states: listeners, detail };
//! assert_eq!(query.request().len(), 72);
//!
//! // NLMSG_DONE and nothing before it: nobody listens.
//! let mut answer = [20u32.to_ne_bytes(), [0; 4], [0; 4], [0; 4], [0; 4]].concat();
//! answer[4..6].copy_from_slice(&3u16.to_ne_bytes());
//! let mut dump = Dump::new();
//! assert_eq!(dump.on_bytes(&answer), Ok(Progress::Complete));
//! assert!(dump.into_rows().is_empty());
//! ```

mod answer;
mod connection;
mod dump;
mod state;
mod tcp_info;
#[cfg(test)]
mod tests;
mod unix;

use std::fmt;

use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};

pub use answer::DumpError;
pub use connection::Connection;
pub use dump::{Dump, Progress, SocketRow};
pub use state::{State, States};
pub use tcp_info::{DataSegments, Memory, TcpInfo};
pub use unix::{UnixKind, UnixRow};

/// A question for the kernel: which of its sockets it should list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// Sockets of this family.
    pub family: Family,
    /// Sockets of this protocol.
    pub protocol: Protocol,
    /// Sockets in one of these states.
    pub states: States,
    /// What is to be said of each.
    pub detail: Detail,
}

/// The ports that a socket must have; 0 is any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ports {
    /// Its own.
    pub local: u16,
    /// Its peer's. A TCP socket that listens has none.
    pub peer: u16,
}

/// What an answer shall contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// State and queues.
    Queues,
    /// [`TcpInfo`] too, of what is not in TIME_WAIT or half open, and [`Memory`]; the kernel makes these
    /// for each socket.
    Full,
}

impl Detail {
    /// The attributes that are asked for behind the message itself.
    fn extensions(self) -> ExtensionFlags {
        match self {
            Detail::Queues => ExtensionFlags::empty(),
            Detail::Full => ExtensionFlags::INFO | ExtensionFlags::SKMEMINFO,
        }
    }
}

/// The family that a socket was opened in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `AF_INET`: IPv4.
    Inet,
    /// `AF_INET6`: IPv6, and the IPv4 traffic of its dual-stack sockets, as `::ffff:127.0.0.1`.
    Inet6,
}

/// The protocol of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Query {
    /// The datagram that asks the kernel, for a socket of NETLINK_SOCK_DIAG: a `struct nlmsghdr` and
    /// a `struct inet_diag_req_v2`.
    pub fn request(&self) -> Vec<u8> {
        self.request_at(Ports::default())
    }

    /// As [`Query::request`], of the sockets with these ports: the kernel leaves out the others before it
    /// says anything of them.
    pub fn request_at(&self, ports: Ports) -> Vec<u8> {
        let request = InetRequest {
            family: match self.family {
                Family::Inet => AF_INET,
                Family::Inet6 => AF_INET6,
            },
            protocol: match self.protocol {
                Protocol::Tcp => IPPROTO_TCP,
                Protocol::Udp => IPPROTO_UDP,
            },
            extensions: self.detail.extensions(),
            states: StateFlags::from_bits_retain(self.states.mask()),
            // Of all this a dump looks at the ports only (tcp_diag.c, `tcp_diag_dump`; udp_diag.c,
            // `udp_dump`). The addresses are all zero in either family.
            socket_id: SocketId {
                source_port: ports.local,
                destination_port: ports.peer,
                ..SocketId::new_v4()
            },
        };
        message(NLM_F_REQUEST | NLM_F_DUMP, SockDiagMessage::InetRequest(request))
    }
}

fn message(flags: u16, request: SockDiagMessage) -> Vec<u8> {
    // The sequence number stays 0: one socket has one question under way, read to its end.
    let mut header = NetlinkHeader::default();
    header.flags = flags;
    let mut message = NetlinkMessage::new(header, request.into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Inet => "IPv4",
            Family::Inet6 => "IPv6",
        })
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        })
    }
}
