//! Socket options that rustix does not have, made by the macro that nix has for it (tcp(7)).

use nix::libc;
use nix::{setsockopt_impl, sockopt_impl};

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
