//! What one netlink message of an answer may be: a socket, a refusal, or neither.

use netlink_packet_core::{
    DecodeError, NetlinkDeserializable, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_sock_diag::SOCK_DIAG_BY_FAMILY;

/// Why an answer has no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// The kernel said no (NLMSG_ERROR, or an error in NLMSG_DONE).
    #[error("the kernel refused the question with errno {errno}")]
    Refused {
        /// Why, as in errno(3).
        errno: i32,
    },
    /// What came is not an answer of sock_diag.
    #[error("the netlink message at byte {offset} cannot be read: {problem}")]
    Malformed {
        /// Where the message begins in its datagram.
        offset: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// ENOENT: there is no such socket. The number is the same on all architectures of Linux.
const NO_ENTRY: i32 = 2;

/// A row that is read from the payload of one message.
pub(super) trait FromPayload: Sized {
    fn from_payload(payload: &[u8]) -> Result<Self, DecodeError>;
}

/// Reads rows as netlink-packet-core wants them read.
pub(super) struct Read<R>(pub(super) R);

impl<R: FromPayload> NetlinkDeserializable for Read<R> {
    type Error = DecodeError;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        if header.message_type != SOCK_DIAG_BY_FAMILY {
            return Err(DecodeError::from("not a type of sock_diag"));
        }
        R::from_payload(payload).map(Read)
    }
}

/// The answer to a question for one socket, which is one message; `None` if there is no such socket.
pub(super) fn read_one<R: FromPayload>(datagram: &[u8]) -> Result<Option<R>, DumpError> {
    let malformed = |problem: String| DumpError::Malformed { offset: 0, problem };
    let message = NetlinkMessage::<Read<R>>::deserialize(datagram)
        .map_err(|error| malformed(error.to_string()))?;
    match message.payload {
        NetlinkPayload::InnerMessage(row) => Ok(Some(row.0)),
        NetlinkPayload::Error(error) => match accept(error.raw_code()) {
            Err(DumpError::Refused { errno: NO_ENTRY }) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Err(malformed("an acknowledgement, not a socket".into())),
        },
        _ => Err(malformed("neither a socket nor an error".into())),
    }
}

/// netlink carries an errno as a negative number; 0 is a yes.
pub(super) fn accept(code: i32) -> Result<(), DumpError> {
    match code {
        0 => Ok(()),
        code => Err(DumpError::Refused { errno: code.saturating_abs() }),
    }
}
