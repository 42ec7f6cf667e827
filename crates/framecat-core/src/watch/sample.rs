//! What the kernel said at one instant: sockets of every family in one shape, and the counters of the
//! network namespace.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::address::UnixName;
use crate::escape::Escaped;
use crate::sock_diag::{Memory, State, TcpInfo, UnixKind};

/// What the kernel said at one instant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// When, counted from the beginning of the watch.
    pub at: Duration,
    /// The sockets of this network namespace that were asked for.
    pub sockets: Vec<Socket>,
    /// What the namespace counts.
    pub counters: Counters,
    /// What could not be seen.
    pub missing: Vec<Missing>,
    /// These are not all the sockets of the namespace, so that what the namespace counts may have befallen
    /// others.
    pub is_part: bool,
    /// How many ports the namespace has to connect from
    /// (/proc/sys/net/ipv4/ip_local_port_range); `None` where that is not known.
    pub ports: Option<u32>,
}

/// A socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Socket {
    /// What no other socket has or had since the kernel started.
    pub cookie: u64,
    /// Its family and type.
    pub kind: Kind,
    /// Its state.
    pub state: State,
    /// Its own name.
    pub local: End,
    /// Its peer's name. A Unix socket's peer is known where both are in this namespace; to one that
    /// waits to be accepted it is who listens.
    pub peer: End,
    /// The cookie of the socket at the other end, where that is in the same sample.
    pub other: Option<u64>,
    /// What waits unread in the socket at the other end of the connection, as [`Socket::data_unread`] has
    /// it. Known where that socket is in this namespace, also if it is not in the same sample.
    pub other_unread: Option<u32>,
    /// It was in the kernel's tables at the sample before, though perhaps nobody asked for it: one that is
    /// seen for the first time is not new then.
    pub was_there: bool,
    /// What waits for its program. TCP and Unix: bytes; of Unix datagrams those of the first. UDP:
    /// memory. A listener: the connections in its accept queue.
    pub receive_queue: u32,
    /// What waits for its peer. TCP: bytes not acknowledged, those not sent included. UDP and Unix:
    /// memory. A listener: the limit of its accept queue; it holds one more than that.
    pub send_queue: u32,
    /// Its inode; 0 while no program has it.
    pub inode: u32,
    /// The user who owns it, where the kernel tells.
    pub uid: Option<u32>,
    /// The programs that have it open, as far as they can be seen.
    pub owners: Arc<[Owner]>,
    /// How the connection is doing: TCP that is neither half open nor in TIME_WAIT, and no listener.
    pub tcp: Option<TcpInfo>,
    /// Its memory and drops: UDP, and TCP that is neither half open nor in TIME_WAIT.
    pub memory: Option<Memory>,
}

/// The family and type of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// A Unix socket.
    Unix(UnixKind),
}

/// The name of one end of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// An address and a port; all zero where there is none.
    Inet(SocketAddr),
    /// The name of a Unix socket.
    Unix(UnixName),
}

/// A program that has a socket open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The number of its process.
    pub pid: u32,
    /// Its name, at most 15 bytes (proc_pid_comm(5)). Any bytes may stand in it: it is shown escaped.
    pub name: String,
}

/// What the network namespace has counted since it was made (/proc/net/netstat, /proc/net/snmp,
/// /proc/net/snmp6). `None` where this kernel does not have the counter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections and attempts that found an accept queue full (`TcpExt: ListenOverflows`).
    pub listen_overflows: Option<u64>,
    /// Those, and attempts dropped by listeners for other reasons (`TcpExt: ListenDrops`).
    pub listen_drops: Option<u64>,
    /// Segments sent again (`Tcp: RetransSegs`).
    pub retransmissions: Option<u64>,
    /// Datagrams to ports where nobody was (`Udp: NoPorts` and `Udp6NoPorts`).
    pub udp_no_ports: Option<u64>,
    /// Datagrams dropped because the receive buffer was full (`Udp: RcvbufErrors`, `Udp6RcvbufErrors`).
    pub udp_buffer_drops: Option<u64>,
}

/// Something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// So many of the processes that were asked for do not show what they have open.
    HiddenProcesses(usize),
    /// Sockets that a program has open, and nobody can see which.
    HiddenOwners {
        /// How many.
        sockets: usize,
        /// Why.
        why: Hidden,
    },
    /// A table of sockets: what the error says.
    Table(String),
    /// Counters that this kernel does not have, by the names that nstat(8) gives them.
    Counters(Vec<&'static str>),
    /// The process that was to be watched has ended.
    Ended {
        /// The process.
        pid: u32,
    },
    /// The process is in another network namespace; its sockets are not in these tables.
    OtherNamespace {
        /// The process.
        pid: u32,
    },
}

/// Why it is not to be seen which program has a socket open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// So many processes do not show what they have open: those of other users, to whoever has no
    /// CAP_SYS_PTRACE (proc_pid_fd(5)).
    Processes(usize),
    /// /proc shows the processes of this PID namespace only (pid_namespaces(7)).
    PidNamespace,
    /// /proc is mounted so that it does not show the processes of other users (`hidepid`, proc(5)).
    ProcMount,
    /// No process has it, as far as all can be seen.
    Nobody,
}

impl End {
    /// The port, if it has one that is not 0.
    pub fn port(&self) -> Option<u16> {
        match self {
            End::Inet(at) => Some(at.port()).filter(|port| *port != 0),
            End::Unix(_) => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As the schemes of addresses.
        f.pad(match self {
            Kind::Tcp => "tcp",
            Kind::Udp => "udp",
            Kind::Unix(UnixKind::Stream) => "unix",
            Kind::Unix(UnixKind::Dgram) => "unix-dgram",
            Kind::Unix(UnixKind::Seqpacket) => "unix-seqpacket",
        })
    }
}

/// `127.0.0.1:80`, `[::1]:80`, `*:80` for a wildcard, `*` for none, `/run/x`, `@abstract`.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Inet(at) if at.ip().is_unspecified() && at.port() == 0 => f.pad("*"),
            End::Inet(at) if at.ip().is_unspecified() && at.is_ipv4() => {
                f.pad(&format!("*:{}", at.port()))
            }
            // `[::]` takes IPv4 too unless it says otherwise, so that it is not the same wildcard.
            End::Inet(at) => f.pad(&at.to_string()),
            End::Unix(UnixName::Unnamed) => f.pad("*"),
            End::Unix(name) => f.pad(&name.to_string()),
        }
    }
}

/// `redis-server[4711]`
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}[{}]", Escaped(self.name.as_bytes()), self.pid))
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::HiddenProcesses(1) => f.write_str(
                "1 process of another user does not show its sockets: run as root to see who owns them; \
                 root needs CAP_SYS_PTRACE",
            ),
            Missing::HiddenProcesses(count) => write!(
                f,
                "{count} processes of other users do not show their sockets: run as root to see who \
                 owns them; root needs CAP_SYS_PTRACE"
            ),
            Missing::HiddenOwners { sockets: 1, why } => {
                write!(f, "1 socket has a program that cannot be seen: {why}")
            }
            Missing::HiddenOwners { sockets, why } => {
                write!(f, "{sockets} sockets have programs that cannot be seen: {why}")
            }
            Missing::Table(problem) => f.write_str(problem),
            Missing::Counters(names) => {
                write!(f, "this kernel does not count {}", names.join(", "))
            }
            Missing::Ended { pid } => write!(f, "process {pid} has ended"),
            Missing::OtherNamespace { pid } => write!(
                f,
                "process {pid} is in another network namespace: `nsenter -t {pid} -n framecat watch …` \
                 sees its sockets"
            ),
        }
    }
}

/// The reason, and what can be done.
impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ask = "run as root, or with CAP_SYS_PTRACE";
        match self {
            Hidden::Processes(1) => write!(f, "1 process does not show what it has open; {ask}"),
            Hidden::Processes(count) => {
                write!(f, "{count} processes do not show what they have open; {ask}")
            }
            Hidden::PidNamespace => f.write_str(
                "/proc shows the processes of this PID namespace only; run in the host's",
            ),
            Hidden::ProcMount => f.write_str(
                "/proc does not show the processes of other users (hidepid); run as root",
            ),
            Hidden::Nobody => f.write_str(
                "they are the kernel's own, on their way between programs, or closed meanwhile",
            ),
        }
    }
}
