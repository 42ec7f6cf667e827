//! What the kernel says of sockets, asked for through AF_NETLINK, and of the programs that have them
//! (Linux).
//!
//! A socket of AF_NETLINK has no connections and its datagrams go to the kernel and come from it. The
//! bytes in them are [`framecat_core::sock_diag`]'s.
//!
//! - [`Tables`]: whole tables
//! - [`Witness`]: whether the program at the other end of a connection has read what we wrote
//! - [`process`]: whose socket it is, and whether that program sleeps
//!
//! ```
//! use framecat::core::sock_diag::{Detail, Family, Protocol, Query, State, States};
//! use framecat::kernel::Tables;
//!
//! # fn example() -> Result<(), framecat::kernel::AskError> {
//! let (family, protocol, detail) = (Family::Inet, Protocol::Tcp, Detail::Queues);
//! let states = States::from([State::Listen]);
//! for row in Tables::open()?.sockets(&Query { family, protocol, states, detail })? {
//!     println!("{}: {} of {} wait", row.local, row.receive_queue, row.send_queue);
//! }
//! # Ok(())
//! # }
//! ```

pub(crate) mod counters;
mod error;
mod link;
pub(crate) mod namespace;
pub mod process;
mod tables;
mod witness;

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};

pub use error::{AskError, Asked};
pub use link::Link;
pub use tables::Tables;
pub use witness::{Sight, Witness};

/// A socket to ask the kernel with, which does not block.
fn open() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(SOCK_DIAG))?;
    // Connected to port 0, the kernel, the socket takes datagrams from nobody else
    // (`netlink_getsockbyportid`).
    connect(&socket, &SocketAddrNetlink::new(0, 0))?;
    Ok(socket)
}
