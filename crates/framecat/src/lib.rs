//! Serve and connect programs that speak in messages.
//!
//! framecat is the netcat that understands messages; this crate is its acting half, for programs that
//! want what the command does. What is decided without a socket is in [`framecat_core`].
//!
//! - [`endpoint`]: sockets of every family behind one `Stream`, one `Listener`, one `Datagram`
//! - [`session`]: reading messages out of a stream and writing them into one
//! - [`server`]: many sessions, each answered by a service
//! - [`client`]: one session with a server
//! - [`kernel`]: what the kernel says of sockets (Linux)
//! - [`observe`]: what happens, for whoever shows it

pub mod client;
pub mod endpoint;
mod error;
#[cfg(target_os = "linux")]
pub mod kernel;
pub mod observe;
pub mod server;
pub mod session;

pub use error::{Blame, Error, reason};
pub use framecat_core as core;
