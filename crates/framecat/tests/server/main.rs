//! The server as a library, with plain sockets as its peers: what ends a session, what bounds it, and
//! what becomes of it when the server ends.

mod chat;
mod datagrams;
mod drain;
mod limits;
mod room;
mod sessions;
mod support;
