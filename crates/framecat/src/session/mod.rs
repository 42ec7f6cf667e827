//! One conversation over a stream: reading messages out of it and writing messages into it.
//!
//! This is the only place with a read buffer. An idle session holds none: each thread has one buffer
//! that its sessions read into in turn (`Scratch`), messages are found in it in place, and only the
//! unfinished message at its end is kept by the session. Replies gather in one buffer too, and leave
//! in one write.

mod reader;
mod scratch;
mod wire;
mod writer;

pub use reader::{Pumped, ReadError, Reader, Sink};
pub(crate) use scratch::Scratch;
pub use wire::Wire;
pub use writer::Writer;
