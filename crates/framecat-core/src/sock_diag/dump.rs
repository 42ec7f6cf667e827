//! The kernel's answer: datagrams of netlink messages, a socket each, and what ends them.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use netlink_packet_core::{
    DecodeError, Emitable as _, NLM_F_DUMP_INTR, NetlinkMessage, NetlinkPayload, NlasIterator,
    Parseable as _,
};
use netlink_packet_sock_diag::constants::{INET_DIAG_INFO, INET_DIAG_SKMEMINFO};
use netlink_packet_sock_diag::inet::InetResponseHeader;

use super::answer::{FromPayload, Read, accept};
use super::{DumpError, Memory, State, TcpInfo, UnixRow};

/// A socket as the kernel sees it: a `struct inet_diag_msg`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketRow {
    /// Its state.
    pub state: State,
    /// Its own address.
    pub local: SocketAddr,
    /// The peer's address; all zero where it has none.
    pub peer: SocketAddr,
    /// What waits for the program (tcp_diag.c, `tcp_diag_get_info`; udp_diag.c, `udp_diag_get_info`).
    /// TCP: bytes that arrived and were not read. A listener: the connections in its accept queue now.
    /// UDP: the memory that unread datagrams occupy, which is more than their bytes.
    pub receive_queue: u32,
    /// What waits for the peer. TCP: bytes that were written and not acknowledged. A listener: the
    /// limit of its accept queue, which is `listen`'s backlog or `net.core.somaxconn`, the smaller;
    /// the kernel refuses a connection only when the queue is longer than this
    /// (`sk_acceptq_is_full`). UDP: the memory that datagrams on their way out occupy.
    pub send_queue: u32,
    /// The socket's inode, which `/proc/PID/fd` of its owner shows. 0 while no program has it: before
    /// `accept`, and in [`State::TimeWait`].
    pub inode: u32,
    /// The user who owns it; 0 also where the kernel no longer, or not yet, knows.
    pub uid: u32,
    /// What no other socket has or had since the kernel started (`sock_gen_cookie`).
    pub cookie: u64,
    /// How the connection is doing, if [`Detail::Full`](super::Detail::Full) was asked for, this is TCP
    /// and neither in TIME_WAIT nor half open.
    pub tcp: Option<TcpInfo>,
    /// Its memory, if [`Detail::Full`](super::Detail::Full) was asked for and there is a whole socket.
    pub memory: Option<Memory>,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More of it follows.
    More,
    /// All rows are there.
    Complete,
    /// The answer has ended, and the tables changed too much while it was made (NLM_F_DUMP_INTR):
    /// rows may be missing or there twice, so it is to be asked again.
    Interrupted,
}

/// The answer to one [`Query`](super::Query), in parts: each datagram that the kernel sends goes into
/// [`Dump::on_bytes`] until that no longer says [`Progress::More`].
///
/// The rows are no snapshot. The kernel walks its tables between the parts without holding them, and
/// inet_diag.c does not even set NLM_F_DUMP_INTR as other tables of netlink do: a socket that changes
/// its state meanwhile may be missing or there twice.
#[derive(Debug)]
pub struct Dump<R = SocketRow> {
    rows: Vec<R>,
    interrupted: bool,
}

impl Dump<SocketRow> {
    /// An answer of which nothing has come.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Dump<UnixRow> {
    /// An answer to [`UnixRow::request_all`] of which nothing has come.
    pub fn of_unix() -> Self {
        Self::default()
    }
}

impl<R> Default for Dump<R> {
    fn default() -> Self {
        Dump { rows: Vec::new(), interrupted: false }
    }
}

#[allow(private_bounds)] // who asks has no types of answers of his own
impl<R: FromPayload> Dump<R> {
    /// Takes the next datagram of the answer.
    ///
    /// # Errors
    /// If the kernel refused the question, or this is none of its answers.
    pub fn on_bytes(&mut self, datagram: &[u8]) -> Result<Progress, DumpError> {
        let mut offset = 0;
        while let Some(rest) = datagram.get(offset..).filter(|rest| !rest.is_empty()) {
            let malformed = |problem: String| DumpError::Malformed { offset, problem };
            let message = NetlinkMessage::<Read<R>>::deserialize(rest)
                .map_err(|error| malformed(error.to_string()))?;
            self.interrupted |= message.header.flags & NLM_F_DUMP_INTR != 0;
            match message.payload {
                NetlinkPayload::InnerMessage(row) => self.rows.push(row.0),
                NetlinkPayload::Done(done) => return self.on_done(done.code),
                NetlinkPayload::Error(error) => accept(error.raw_code())?,
                NetlinkPayload::Noop => {}
                _ => return Err(malformed("rows were lost".into())),
            }
            // The next message begins at a multiple of four (NLMSG_ALIGN).
            offset += (message.header.length as usize).next_multiple_of(4);
        }
        Ok(Progress::More)
    }

    fn on_done(&self, code: i32) -> Result<Progress, DumpError> {
        accept(code)?;
        Ok(if self.interrupted { Progress::Interrupted } else { Progress::Complete })
    }

    /// The rows that have come since they were last taken.
    pub fn drain(&mut self) -> std::vec::Drain<'_, R> {
        self.rows.drain(..)
    }

    /// The rows that came.
    pub fn into_rows(self) -> Vec<R> {
        self.rows
    }
}

impl FromPayload for SocketRow {
    /// Of a message only the parts that a row is made of. What netlink-packet-sock-diag has for a whole
    /// message would also read the other attributes, and refuse the socket for one that a later kernel
    /// changes.
    fn from_payload(payload: &[u8]) -> Result<Self, DecodeError> {
        let socket = InetResponseHeader::parse(payload)?;
        let state = State::from_number(socket.state)
            .ok_or_else(|| DecodeError::from(format!("no state has number {}", socket.state)))?;
        // It was parsed just now, so it is as long.
        let attributes = payload.get(socket.buffer_len()..).unwrap_or_default();
        let id = socket.socket_id;
        let mut row = SocketRow {
            state,
            local: address(id.source_address, id.source_port, id.interface_id),
            peer: address(id.destination_address, id.destination_port, id.interface_id),
            receive_queue: socket.recv_queue,
            send_queue: socket.send_queue,
            inode: socket.inode,
            uid: socket.uid,
            cookie: u64::from_ne_bytes(id.cookie),
            tcp: None,
            memory: None,
        };
        for attribute in NlasIterator::new(attributes) {
            let attribute = attribute?;
            match attribute.kind() {
                INET_DIAG_INFO => row.tcp = TcpInfo::parse(attribute.value()),
                INET_DIAG_SKMEMINFO => row.memory = Memory::parse(attribute.value()),
                _ => {}
            }
        }
        Ok(row)
    }
}

/// A link-local address means nothing without its interface (RFC 4007); a socket with such an address
/// is bound to the interface.
fn address(ip: IpAddr, port: u16, interface: u32) -> SocketAddr {
    match ip {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => {
            SocketAddrV6::new(ip, port, 0, interface).into()
        }
        ip => SocketAddr::new(ip, port),
    }
}
