//! The harness of the black-box tests: the binary, its Python peers and its terminal, each started,
//! watched and ended.
//!
//! ```ignore
//! let server = Framecat::serve(&["127.0.0.1:0", "--service", "upper"]);
//! let output = Peer::client("t2_client.py", &[&server.bare()]).with_stdin("hello\n");
//! assert_eq!(output.succeeded().stdout(), "HELLO\n");
//! server.wait_stderr(left(1, "left", 0));
//! server.terminate().succeeded();
//! ```
//!
//! Nothing here sleeps: a wait ends with the output, or the end, that it waits for. One that does not
//! come within [`PATIENCE`] fails the test, which then shows all that every process has said. What a
//! test has started is killed, by its own process id, when the test ends.

// Each test crate uses the part of it that it needs.
#![allow(dead_code, unused_imports)]

mod framecat;
mod output;
mod peer;
mod place;
mod process;
mod said;
mod seen;
mod server;
mod terminal;

pub(crate) use framecat::{Framecat, address_in};
pub(crate) use output::Output;
pub(crate) use peer::{Peer, wait_kernel};
pub(crate) use place::{Place, Unserved, own_loopback};
pub(crate) use process::{PATIENCE, Process};
pub(crate) use said::{came, left, wait_left};
pub(crate) use server::{Server, datagram, stream};
pub(crate) use terminal::Terminal;
