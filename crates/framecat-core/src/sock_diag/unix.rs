//! Unix sockets: one by its inode, or those that listen (net/unix/diag.c; the layout of the messages is
//! in include/uapi/linux/unix_diag.h).

use netlink_packet_core::{
    DecodeError, Emitable as _, NLM_F_DUMP, NLM_F_REQUEST, NlaBuffer, NlasIterator, Parseable as _,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{UNIX_DIAG_NAME, UNIX_DIAG_VFS};
use netlink_packet_sock_diag::unix::nlas::{Nla, Vfs};
use netlink_packet_sock_diag::unix::{ShowFlags, StateFlags, UnixRequest, UnixResponseHeader};

use super::answer::{FromPayload, read_one};
use super::connection::ANY_COOKIE;
use super::{DumpError, State, message};

/// A Unix socket with connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnixRow {
    /// Its state.
    pub state: State,
    /// Its inode.
    pub inode: u32,
    /// The inode of its peer; 0 while nobody has accepted the connection, and again when the peer is
    /// closed (`sk_diag_dump_peer`).
    pub peer_inode: u32,
    /// Bytes that arrived and were not read.
    pub receive_queue: u32,
    /// The memory of what was written and the peer has not read, which is more than its bytes and more
    /// than 0 for an empty message (`unix_outq_len`).
    pub send_queue: u32,
    /// Nothing more will come, and nothing more can be written: what a peer's close does to a socket
    /// (`unix_release_sock`).
    pub shut_down: bool,
}

impl UnixRow {
    /// The datagram that asks for the Unix socket with this inode. Its name is not asked for.
    pub fn request(inode: u32) -> Vec<u8> {
        let show_flags = ShowFlags::PEER | ShowFlags::RQLEN;
        let request =
            UnixRequest { state_flags: StateFlags::all(), inode, show_flags, cookie: ANY_COOKIE };
        message(NLM_F_REQUEST, SockDiagMessage::UnixRequest(request))
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

impl FromPayload for UnixRow {
    fn from_payload(payload: &[u8]) -> Result<Self, DecodeError> {
        let (state, inode, attributes) = split(payload)?;
        let mut row = UnixRow {
            state,
            inode,
            peer_inode: 0,
            receive_queue: 0,
            send_queue: 0,
            shut_down: false,
        };
        for attribute in NlasIterator::new(attributes) {
            match Nla::parse(&attribute?)? {
                Nla::Peer(inode) => row.peer_inode = inode,
                Nla::ReceiveQueueLength(receive, send) => {
                    (row.receive_queue, row.send_queue) = (receive, send);
                }
                // Both directions: RCV_SHUTDOWN and SEND_SHUTDOWN of include/net/sock.h.
                Nla::Shutdown(shut) => row.shut_down = shut == 3,
                _ => {}
            }
        }
        Ok(row)
    }
}

/// A Unix socket that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixListener {
    /// Its inode.
    pub inode: u32,
    /// The name that it was bound to: a path as it was written, or a zero byte and an abstract name.
    pub name: Vec<u8>,
    /// The file that the path named then: inode (its lower 32 bits) and device, in the kernel's own
    /// notation of a device, which has 20 bits for the minor number (`sk_diag_dump_vfs`).
    pub file: Option<(u32, u32)>,
}

impl UnixListener {
    /// The datagram that asks for all of them.
    pub fn request() -> Vec<u8> {
        let request = UnixRequest {
            state_flags: StateFlags::LISTEN,
            inode: 0,
            show_flags: ShowFlags::NAME | ShowFlags::VFS,
            cookie: ANY_COOKIE,
        };
        message(NLM_F_REQUEST | NLM_F_DUMP, SockDiagMessage::UnixRequest(request))
    }
}

impl FromPayload for UnixListener {
    fn from_payload(payload: &[u8]) -> Result<Self, DecodeError> {
        let (_, inode, attributes) = split(payload)?;
        let mut listener = UnixListener { inode, name: Vec::new(), file: None };
        for attribute in NlasIterator::new(attributes) {
            let attribute = attribute?;
            match attribute.kind() {
                UNIX_DIAG_NAME => listener.name = name(&attribute),
                UNIX_DIAG_VFS => listener.file = Some(file(&attribute)?),
                _ => {}
            }
        }
        Ok(listener)
    }
}

/// Not [`Nla::parse`], which refuses a path that fills all of `sun_path` and has no zero byte behind it.
fn name(attribute: &NlaBuffer<&[u8]>) -> Vec<u8> {
    let name = attribute.value();
    match name {
        [0, ..] => name.to_vec(),
        path => path.split(|byte| *byte == 0).next().unwrap_or_default().to_vec(),
    }
}

/// The crate keeps the two numbers of a [`Vfs`] to itself, but writes them out.
fn file(attribute: &NlaBuffer<&[u8]>) -> Result<(u32, u32), DecodeError> {
    let mut numbers = [0; 8];
    Vfs::parse(attribute.value())?.emit(&mut numbers);
    let [a, b, c, d, e, f, g, h] = numbers;
    Ok((u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])))
}

fn split(payload: &[u8]) -> Result<(State, u32, &[u8]), DecodeError> {
    let header = UnixResponseHeader::parse(payload)?;
    let state = State::from_number(header.state)
        .ok_or_else(|| DecodeError::from(format!("no state has number {}", header.state)))?;
    let attributes = payload.get(header.buffer_len()..).unwrap_or_default();
    Ok((state, header.inode, attributes))
}
