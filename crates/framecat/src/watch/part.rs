//! What is asked for, in the kernel's terms: which tables it needs, and which of their sockets.

use std::collections::HashSet;
use std::net::SocketAddr;

use framecat_core::address::{Address, Host, HostPort, UnixName};
use framecat_core::sock_diag::UnixKind;
use framecat_core::watch::{Kind, Owner};

use super::ends::Others;
use super::gather::{Gathered, Need};
use super::{Target, select};
use crate::kernel::AskError;
use crate::kernel::process::named;

/// The length of a process's name, at most (TASK_COMM_LEN without the zero byte).
const NAME: usize = 15;

/// What is asked for, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Everything,
    Tcp(SocketAddr),
    Udp(SocketAddr),
    Unix(UnixKind, UnixName),
    Port(u16),
    Process(u32),
    Name(String),
}

/// The parts of a target.
///
/// # Errors
/// If an address has a host name.
pub(super) fn of(target: Target) -> Result<Vec<Part>, AskError> {
    Ok(match target {
        Target::Everything => vec![Part::Everything],
        Target::Address(address) => vec![at(address)?],
        Target::Addresses(all) => all.into_iter().map(at).collect::<Result<_, _>>()?,
        Target::Port(port) => vec![Part::Port(port)],
        Target::Process(pid) => vec![Part::Process(pid)],
        Target::Name(name) => vec![Part::Name(process_name(&name))],
    })
}

fn at(address: Address) -> Result<Part, AskError> {
    let numbered = |at: HostPort| match at.host {
        Host::Ip(ip) => Ok(SocketAddr::new(ip, at.port)),
        Host::Name(_) => Err(AskError::HostName(at)),
    };
    Ok(match address {
        Address::Tcp(at) => Part::Tcp(numbered(at)?),
        Address::Udp(at) => Part::Udp(numbered(at)?),
        Address::Unix(name) => Part::Unix(UnixKind::Stream, name),
        Address::UnixDgram(name) => Part::Unix(UnixKind::Dgram, name),
        Address::UnixSeqpacket(name) => Part::Unix(UnixKind::Seqpacket, name),
    })
}

/// A program's name as the kernel keeps it: the first 15 bytes (proc_pid_comm(5)). It cuts in the middle of
/// a character too; what is left of that is U+FFFD here, as in the [owners](framecat_core::watch::Owner)
/// of sockets.
pub fn process_name(name: &str) -> String {
    String::from_utf8_lossy(name.as_bytes().get(..NAME).unwrap_or(name.as_bytes())).into_owned()
}

/// What these parts need, each once.
pub(super) fn needs(parts: &[Part]) -> Vec<Need> {
    let mut needs = Vec::new();
    for need in parts.iter().flat_map(Part::needs) {
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs
}

impl Part {
    fn needs(&self) -> Vec<Need> {
        match self {
            Part::Everything | Part::Process(_) | Part::Name(_) => {
                vec![Need::Tcp, Need::Udp, Need::Unix]
            }
            Part::Tcp(at) => vec![Need::TcpAt(at.port())],
            Part::Udp(at) => vec![Need::UdpAt(at.port())],
            Part::Unix(..) => vec![Need::Unix],
            Part::Port(port) => vec![Need::TcpAt(*port), Need::UdpAt(*port)],
        }
    }

    /// Whether the owners of all sockets have to be known to choose among them.
    pub(super) fn is_by_owner(&self) -> bool {
        matches!(self, Part::Process(_) | Part::Name(_))
    }

    /// Whether this is of an owner that was asked for.
    pub(super) fn is_of(&self, owner: &Owner) -> bool {
        match self {
            Part::Process(pid) => owner.pid == *pid,
            Part::Name(name) => owner.name == *name,
            _ => false,
        }
    }

    /// Marks the sockets that are asked for.
    pub(super) fn choose(&self, chosen: &mut [bool], found: &Gathered, others: &Others) {
        let sockets = &found.sockets;
        match self {
            Part::Everything => chosen.fill(true),
            Part::Tcp(at) => select::at_address(chosen, sockets, others, Kind::Tcp, *at),
            Part::Udp(at) => select::at_address(chosen, sockets, others, Kind::Udp, *at),
            Part::Unix(kind, name) => {
                let inodes: HashSet<u32> = named(found.unix.values(), name).into_iter().collect();
                select::at_inodes(chosen, found, others, Kind::Unix(*kind), &inodes);
            }
            Part::Port(port) => select::at_port(chosen, sockets, *port),
            Part::Process(_) | Part::Name(_) => {
                for (chosen, socket) in chosen.iter_mut().zip(sockets) {
                    *chosen |= socket.owners.iter().any(|owner| self.is_of(owner));
                }
                select::unowned_connections(chosen, sockets);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_as_the_kernel_cuts_it() {
        assert_eq!(process_name("nginx"), "nginx");
        assert_eq!(process_name("exactly-fifteen"), "exactly-fifteen");
        assert_eq!(process_name("a-very-long-name-indeed"), "a-very-long-nam");
        assert_eq!(process_name("fourteen-bytesé"), "fourteen-bytes\u{fffd}");
        assert_eq!(process_name("ääääääääää"), "äääääää\u{fffd}");
    }

    #[test]
    fn what_is_not_needed_is_not_asked_for() {
        let needs = |target| needs(&of(target).unwrap());
        assert_eq!(needs(Target::Everything), [Need::Tcp, Need::Udp, Need::Unix]);
        assert_eq!(needs(Target::Port(80)), [Need::TcpAt(80), Need::UdpAt(80)]);
        let address = |text: &str| text.parse::<Address>().unwrap();
        let both = vec![address("[::1]:80"), address("127.0.0.1:80")];
        assert_eq!(needs(Target::Addresses(both)), [Need::TcpAt(80)]);
        assert_eq!(needs(Target::Address(address("unix:///x"))), [Need::Unix]);
        assert_eq!(needs(Target::Addresses(Vec::new())), []);
    }

    #[test]
    fn a_host_name_is_an_error_that_says_what_to_do() {
        let error = of(Target::Address("localhost:80".parse().unwrap())).unwrap_err().to_string();
        assert!(error.contains("`localhost:80`") && error.ends_with("resolve it first"), "{error}");
    }
}
