//! The deciding half of framecat: bytes, numbers and instants in; messages and decisions out.
//!
//! Nothing here opens a socket, reads a clock, starts a task or draws a random number, so all of it
//! can be tested to the byte and fuzzed without a network. The acting half is the crate `framecat`.
//!
//! - [`address`]: where a socket is, as a person writes it
//! - [`framing`]: where one message ends and the next begins
//! - [`service`]: what a server answers, and when a conversation ends
//! - [`check`]: how a check cuts the bytes of an exchange, and what came of it
//! - [`lab`]: the claims about sockets that are run for real, and what a run reports (Linux)
//! - [`roster`]: whom the operator of a chat answers
//! - [`queue`]: what waits for a peer that reads slowly, within bounds
//! - [`sock_diag`]: the kernel's tables of sockets, from netlink bytes to rows (Linux)
//! - [`watch`]: what is to be seen in those tables over time, and what is wrong (Linux)
//! - [`backoff`]: how long to wait before the next attempt
//! - [`escape`]: bytes as text that is safe to print, and back
//! - [`diagram`]: drawings of reads and the messages found in them

#![forbid(unsafe_code)]

pub mod address;
pub mod backoff;
pub mod check;
pub mod diagram;
pub mod escape;
pub mod framing;
#[cfg(target_os = "linux")]
pub mod lab;
pub mod queue;
pub mod roster;
pub mod service;
#[cfg(target_os = "linux")]
pub mod sock_diag;
#[cfg(target_os = "linux")]
pub mod watch;
