//! Unix sockets: one by its inode, or all in some states (net/unix/diag.c; the layout of the messages is
//! in include/uapi/linux/unix_diag.h).

use netlink_packet_core::{
    DecodeError, Emitable as _, NLM_F_DUMP, NLM_F_REQUEST, NlaBuffer, NlasIterator, Parseable as _,
    parse_u32,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};
use netlink_packet_sock_diag::constants::{
    UNIX_DIAG_ICONS, UNIX_DIAG_NAME, UNIX_DIAG_PEER, UNIX_DIAG_RQLEN, UNIX_DIAG_SHUTDOWN,
    UNIX_DIAG_VFS,
};
use netlink_packet_sock_diag::unix::nlas::Vfs;
use netlink_packet_sock_diag::unix::{ShowFlags, StateFlags, UnixRequest, UnixResponseHeader};

use super::answer::{FromPayload, read_one};
use super::connection::ANY_COOKIE;
use super::{DumpError, State, States, message};

/// The type of a Unix socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnixKind {
    /// `SOCK_STREAM`.
    Stream,
    /// `SOCK_DGRAM`.
    Dgram,
    /// `SOCK_SEQPACKET`.
    Seqpacket,
}

/// A Unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixRow {
    /// Its type.
    pub kind: UnixKind,
    /// Its state.
    pub state: State,
    /// Its inode.
    pub inode: u32,
    /// What no other socket has or had since the kernel started (`sock_gen_cookie`).
    pub cookie: u64,
    /// The inode of its peer; 0 while nobody has accepted the connection, and again when the peer is
    /// closed (`sk_diag_dump_peer`).
    pub peer_inode: u32,
    /// Bytes that arrived and were not read; of datagrams those of the first (`unix_inq_len`). A
    /// listener: the connections in its accept queue now.
    pub receive_queue: u32,
    /// The memory of what was written and the peer has not read, which is more than its bytes and more
    /// than 0 for an empty message (`unix_outq_len`). A listener: `listen`'s backlog.
    pub send_queue: u32,
    /// Nothing more will come, and nothing more can be written: what a peer's close does to a socket
    /// (`unix_release_sock`).
    pub shut_down: bool,
    /// The name that it was bound to: a path as it was written, or a zero byte and an abstract name.
    /// Empty if it has none, or one was asked for by its inode.
    pub name: Vec<u8>,
    /// The file that the path named then: inode (its lower 32 bits) and device, in the kernel's own
    /// notation of a device, which has 20 bits for the minor number (`sk_diag_dump_vfs`).
    pub file: Option<(u32, u32)>,
    /// The user who owns it; `None` before Linux 5.3, or where one was asked for by its inode.
    pub uid: Option<u32>,
}

/// `UDIAG_SHOW_UID` and its attribute `UNIX_DIAG_UID`, which netlink-packet-sock-diag does not have.
const SHOW_UID: u32 = 0x40;
const UNIX_DIAG_UID: u16 = 7;

impl UnixRow {
    /// The datagram that asks for the Unix socket with this inode. Its name is not asked for.
    pub fn request(inode: u32) -> Vec<u8> {
        let show_flags = ShowFlags::PEER | ShowFlags::RQLEN;
        let request =
            UnixRequest { state_flags: StateFlags::all(), inode, show_flags, cookie: ANY_COOKIE };
        message(NLM_F_REQUEST, SockDiagMessage::UnixRequest(request))
    }

    /// The datagram that asks for the sockets that wait to be accepted by the listener with this inode.
    pub fn request_waiting(inode: u32) -> Vec<u8> {
        let show_flags = ShowFlags::ICONS;
        let request =
            UnixRequest { state_flags: StateFlags::all(), inode, show_flags, cookie: ANY_COOKIE };
        message(NLM_F_REQUEST, SockDiagMessage::UnixRequest(request))
    }

    /// Reads the kernel's answer to [`UnixRow::request_waiting`], one datagram: the inodes of those that
    /// wait. One that has closed is 0. `None` if there is no such socket in this network namespace.
    ///
    /// # Errors
    /// If the kernel refused the question, or this is none of its answers. With EMSGSIZE, 90, it refuses
    /// to tell of more than some 1,000 (`unix_diag_get_exact`).
    pub fn waiting(datagram: &[u8]) -> Result<Option<Vec<u32>>, DumpError> {
        Ok(read_one::<Waiting>(datagram)?.map(|waiting| waiting.0))
    }

    /// The datagram that asks for all that are in one of these states, with their names.
    pub fn request_all(states: States) -> Vec<u8> {
        let show_flags = ShowFlags::NAME | ShowFlags::VFS | ShowFlags::PEER | ShowFlags::RQLEN;
        let request = UnixRequest {
            state_flags: StateFlags::from_bits_retain(states.mask()),
            inode: 0,
            show_flags: show_flags | ShowFlags::from_bits_retain(SHOW_UID),
            cookie: ANY_COOKIE,
        };
        message(NLM_F_REQUEST | NLM_F_DUMP, SockDiagMessage::UnixRequest(request))
    }

    /// Reads the kernel's answer, one datagram. `None` if there is no such socket in this network
    /// namespace.
    ///
    /// # Errors
    /// If the kernel refused the question, or this is none of its answers.
    pub fn answer(datagram: &[u8]) -> Result<Option<UnixRow>, DumpError> {
        read_one(datagram)
    }
}

/// The inodes of those who wait to be accepted.
struct Waiting(Vec<u32>);

impl FromPayload for Waiting {
    fn from_payload(payload: &[u8]) -> Result<Self, DecodeError> {
        let header = UnixResponseHeader::parse(payload)?;
        let mut inodes = Vec::new();
        for attribute in NlasIterator::new(payload.get(header.buffer_len()..).unwrap_or_default()) {
            let attribute = attribute?;
            if attribute.kind() == UNIX_DIAG_ICONS {
                let (numbers, _) = attribute.value().as_chunks::<4>();
                inodes.extend(numbers.iter().map(|number| u32::from_ne_bytes(*number)));
            }
        }
        Ok(Waiting(inodes))
    }
}

impl FromPayload for UnixRow {
    fn from_payload(payload: &[u8]) -> Result<Self, DecodeError> {
        let header = UnixResponseHeader::parse(payload)?;
        let state = State::from_number(header.state)
            .ok_or_else(|| DecodeError::from(format!("no state has number {}", header.state)))?;
        let attributes = payload.get(header.buffer_len()..).unwrap_or_default();
        let mut row = UnixRow {
            kind: UnixKind::from_number(header.kind)?,
            state,
            inode: header.inode,
            cookie: u64::from_ne_bytes(header.cookie),
            peer_inode: 0,
            receive_queue: 0,
            send_queue: 0,
            shut_down: false,
            name: Vec::new(),
            file: None,
            uid: None,
        };
        for attribute in NlasIterator::new(attributes) {
            row.take_in(&attribute?)?;
        }
        Ok(row)
    }
}

impl UnixRow {
    fn take_in(&mut self, attribute: &NlaBuffer<&[u8]>) -> Result<(), DecodeError> {
        let value = attribute.value();
        match attribute.kind() {
            UNIX_DIAG_NAME => self.name = name(value),
            UNIX_DIAG_VFS => self.file = Some(file(value)?),
            UNIX_DIAG_PEER => self.peer_inode = parse_u32(value)?,
            UNIX_DIAG_RQLEN => (self.receive_queue, self.send_queue) = pair(value)?,
            // Both directions: RCV_SHUTDOWN and SEND_SHUTDOWN of include/net/sock.h.
            UNIX_DIAG_SHUTDOWN => self.shut_down = value == [3],
            UNIX_DIAG_UID => self.uid = Some(parse_u32(value)?),
            _ => {}
        }
        Ok(())
    }
}

impl UnixKind {
    fn from_number(number: u8) -> Result<UnixKind, DecodeError> {
        match number {
            SOCK_STREAM => Ok(UnixKind::Stream),
            SOCK_DGRAM => Ok(UnixKind::Dgram),
            SOCK_SEQPACKET => Ok(UnixKind::Seqpacket),
            _ => Err(DecodeError::from(format!("no type of socket has number {number}"))),
        }
    }
}

/// A path that fills all of `sun_path` has no zero byte behind it.
fn name(value: &[u8]) -> Vec<u8> {
    match value {
        [0, ..] => value.to_vec(),
        path => path.split(|byte| *byte == 0).next().unwrap_or_default().to_vec(),
    }
}

/// The crate keeps the two numbers of a [`Vfs`] to itself, but writes them out.
fn file(value: &[u8]) -> Result<(u32, u32), DecodeError> {
    let mut numbers = [0; 8];
    Vfs::parse(value)?.emit(&mut numbers);
    pair(&numbers)
}

fn pair(value: &[u8]) -> Result<(u32, u32), DecodeError> {
    match value {
        [first @ .., _, _, _, _] if first.len() == 4 => {
            Ok((parse_u32(first)?, parse_u32(&value[4..])?))
        }
        _ => Err(DecodeError::from(format!("two numbers do not fit {} B", value.len()))),
    }
}
