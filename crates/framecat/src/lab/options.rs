//! Socket options: calls that set one, seen in the timeline, and those that rustix does not have, made by
//! the macro that nix has for it (tcp(7)).

use nix::libc;
use nix::{setsockopt_impl, sockopt_impl};
use rustix::net::sockopt;

use super::actor::{Actor, ok};
use super::obstacle::CallError;
use super::socket::Socket;

sockopt_impl!(
    /// For so many seconds a connection is not shown to `accept` before data has come: it stays half
    /// open, although its client has done its part of the handshake. The kernel rounds up to its own
    /// schedule.
    DeferAccept,
    SetOnly,
    libc::IPPROTO_TCP,
    libc::TCP_DEFER_ACCEPT,
    u32
);

sockopt_impl!(
    /// How often a SYN is sent again; on a listener, how often its SYN-ACK is, in place of
    /// `tcp_synack_retries` (net/ipv4/inet_connection_sock.c, `reqsk_timer_handler`).
    SynRetries,
    SetOnly,
    libc::IPPROTO_TCP,
    libc::TCP_SYNCNT,
    u32
);

impl Actor<'_> {
    /// Lets small segments leave while others are not acknowledged: Nagle's algorithm is off (tcp(7)).
    pub(super) fn no_delay(&self, socket: &Socket) -> Result<(), CallError> {
        self.call("TCP_NODELAY = 1", ok, || Ok(sockopt::set_tcp_nodelay(socket, true)?))
    }

    /// Acknowledges late what comes next: with data of our own, or after 40 ms at the earliest
    /// (TCP_DELACK_MIN). The kernel leaves this mode by itself (tcp(7)).
    pub(super) fn delay_acks(&self, socket: &Socket) -> Result<(), CallError> {
        self.call("TCP_QUICKACK = 0", ok, || Ok(sockopt::set_tcp_quickack(socket, false)?))
    }

    /// Fixes the receive buffer; the kernel takes twice as many bytes, for what it needs itself, and no
    /// less than SOCK_MIN_RCVBUF (socket(7)). Connections of a listener get the listener's.
    pub(super) fn receive_buffer(&self, socket: &Socket, bytes: usize) -> Result<(), CallError> {
        self.call(format!("SO_RCVBUF = {bytes}"), ok, || {
            Ok(sockopt::set_socket_recv_buffer_size(socket, bytes)?)
        })
    }

    /// Fixes the send buffer, likewise.
    pub(super) fn send_buffer(&self, socket: &Socket, bytes: usize) -> Result<(), CallError> {
        self.call(format!("SO_SNDBUF = {bytes}"), ok, || {
            Ok(sockopt::set_socket_send_buffer_size(socket, bytes)?)
        })
    }
}
