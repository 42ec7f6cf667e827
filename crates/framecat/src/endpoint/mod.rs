//! Sockets of every family behind three types: [`Listener`], [`Stream`] and [`Datagram`].
//!
//! All of them are plain file descriptors under the runtime's readiness, so that one code path serves
//! TCP, UDP and the three kinds of Unix sockets. What is particular to a family is in how it is
//! opened and named.

mod datagram;
mod listener;
mod name;
mod open;
mod options;
mod packet_info;
pub(crate) mod readiness;
mod stream;
#[cfg(target_os = "linux")]
mod unacknowledged;

pub use datagram::{Datagram, PeerName, Received};
pub use listener::Listener;
pub use options::{ConnectOptions, DEFAULT_BACKLOG, ListenOptions, SocketOptions};
pub use stream::{Read, Stream};
