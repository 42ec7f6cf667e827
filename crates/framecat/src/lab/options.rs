//! Socket options, each set by a call that the timeline shows.

use std::io;

use rustix::net::sockopt;

use super::actor::{Actor, ok};
use super::obstacle::CallError;
use super::socket::Socket;

impl Actor<'_> {
    /// Lets small segments leave while others are not acknowledged: Nagle's algorithm is off (tcp(7)).
    pub(super) fn no_delay(&self, socket: &Socket) -> Result<(), CallError> {
        self.set("TCP_NODELAY, 1", || Ok(sockopt::set_tcp_nodelay(socket, true)?))
    }

    /// Acknowledges late what comes next: with data of our own, or after 40 ms at the earliest
    /// (TCP_DELACK_MIN). The kernel leaves this mode by itself (tcp(7)).
    pub(super) fn delay_acks(&self, socket: &Socket) -> Result<(), CallError> {
        self.set("TCP_QUICKACK, 0", || Ok(sockopt::set_tcp_quickack(socket, false)?))
    }

    /// Fixes the receive buffer; the kernel takes twice as many bytes, for what it needs itself
    /// (socket(7)). Connections of a listener get the listener's.
    pub(super) fn receive_buffer(&self, socket: &Socket, bytes: usize) -> Result<(), CallError> {
        self.set(&format!("SO_RCVBUF, {bytes}"), || {
            Ok(sockopt::set_socket_recv_buffer_size(socket, bytes)?)
        })
    }

    /// Fixes the send buffer, likewise.
    pub(super) fn send_buffer(&self, socket: &Socket, bytes: usize) -> Result<(), CallError> {
        self.set(&format!("SO_SNDBUF, {bytes}"), || {
            Ok(sockopt::set_socket_send_buffer_size(socket, bytes)?)
        })
    }

    fn set(&self, what: &str, work: impl FnOnce() -> io::Result<()>) -> Result<(), CallError> {
        self.call(format!("setsockopt({what})"), ok, work)
    }
}
