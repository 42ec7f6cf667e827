//! One sample after another: the tables that are needed, and of them what was asked for.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Instant;

use framecat_core::address::{Address, Host, HostPort, UnixName};
use framecat_core::sock_diag::{Detail, Family, Protocol, Query, States, UnixKind, UnixRow};
use framecat_core::watch::{Kind, Missing, Sample, Socket};
use rustix::io::Errno;

use super::{Target, ends, select, shape};
use crate::kernel::counters::CounterSource;
use crate::kernel::namespace::Namespace;
use crate::kernel::process::{Inventory, Scope, named};
use crate::kernel::{AskError, Tables};

/// Takes samples.
#[derive(Debug)]
pub struct Sampler {
    target: Vec<Part>,
    tables: Tables,
    counters: CounterSource,
    inventory: Inventory,
    namespace: Option<Namespace>,
    began: Instant,
}

/// What is asked for, or a part of it.
#[derive(Debug)]
enum Part {
    Everything,
    Tcp(SocketAddr),
    Udp(SocketAddr),
    Unix(UnixKind, UnixName),
    Port(u16),
    Process(u32),
    Name(String),
}

impl Sampler {
    /// A sampler for the network namespace that this thread is in.
    ///
    /// # Errors
    /// If the kernel does not say anything of any of its sockets, or an address has a host name.
    pub fn open(target: Target) -> Result<Sampler, AskError> {
        let target = match target {
            Target::Everything => vec![Part::Everything],
            Target::Address(address) => vec![part(address)?],
            Target::Addresses(all) => all.into_iter().map(part).collect::<Result<_, _>>()?,
            Target::Port(port) => vec![Part::Port(port)],
            Target::Process(pid) => vec![Part::Process(pid)],
            Target::Name(name) => vec![Part::Name(name)],
        };
        let scope = match target[..] {
            [Part::Process(pid)] => Scope::One(pid),
            _ => Scope::All,
        };
        Ok(Sampler {
            target,
            tables: Tables::open()?,
            counters: CounterSource::open(),
            inventory: Inventory::new(scope),
            namespace: Namespace::of_this_thread(),
            began: Instant::now(),
        })
    }

    /// Takes a sample. It does not wait, and takes some 20 ms where there are 10,000 sockets.
    ///
    /// # Errors
    /// If the kernel does not say anything any more.
    pub fn sample(&mut self) -> Result<Sample, AskError> {
        let at = self.began.elapsed();
        let mut missing = Vec::new();
        let (mut sockets, unix) = self.ask(&mut missing)?;
        let mut peers = HashMap::new();
        let named = self.named(&unix);
        for row in unix {
            peers.insert(sockets.len(), row.peer_inode);
            sockets.push(shape::unix(row));
        }
        let others = ends::pair(&sockets, &peers);
        ends::tell(&mut sockets, &others);
        self.inventory.assign(&mut sockets);
        let chosen = self.chosen(&sockets, &others, &named);
        for (index, other) in others.iter().enumerate() {
            let other = other.filter(|other| chosen[*other]);
            sockets[index].other = other.map(|other| sockets[other].cookie);
        }
        let mut marks = chosen.iter();
        sockets.retain(|_| marks.next() == Some(&true));
        self.look_for_missing(&mut missing);
        let (counters, unknown) = self.counters.read();
        if !unknown.is_empty() {
            missing.push(Missing::Counters(unknown));
        }
        Ok(Sample { at, sockets, counters, missing })
    }

    /// The tables that are needed.
    fn ask(&mut self, missing: &mut Vec<Missing>) -> Result<(Vec<Socket>, Vec<UnixRow>), AskError> {
        let needs = |is_it: fn(&Part) -> bool| self.target.iter().any(is_it);
        let all = |part: &Part| matches!(part, Part::Everything | Part::Process(_) | Part::Name(_));
        let all = needs(all);
        let tcp = all || needs(|part| matches!(part, Part::Tcp(_) | Part::Port(_)));
        let udp = all || needs(|part| matches!(part, Part::Udp(_) | Part::Port(_)));
        let unix = all || needs(|part| matches!(part, Part::Unix(..)));
        let (mut sockets, mut failed, mut worked) = (Vec::new(), Vec::new(), false);
        for (protocol, kind, wanted) in
            [(Protocol::Tcp, Kind::Tcp, tcp), (Protocol::Udp, Kind::Udp, udp)]
        {
            if !wanted {
                continue;
            }
            let (family, states, detail) = (Family::Inet, States::ALL, Detail::Full);
            let query = Query { family, protocol, states, detail };
            match self.tables.sockets(&query) {
                Ok(rows) => {
                    worked = true;
                    sockets.extend(rows.into_iter().map(|row| shape::inet(kind, row)));
                }
                Err(error) => failed.push(error),
            }
            match self.tables.sockets(&Query { family: Family::Inet6, ..query }) {
                Ok(rows) => {
                    worked = true;
                    sockets.extend(rows.into_iter().map(|row| shape::inet(kind, row)));
                }
                Err(error) if is_absent(&error) => {}
                Err(error) => failed.push(error),
            }
        }
        let mut rows = Vec::new();
        if unix {
            match self.tables.unix_sockets(States::ALL) {
                Ok(found) => (rows, worked) = (found, true),
                Err(error) => failed.push(error),
            }
        }
        if !worked && let Some(error) = failed.pop() {
            return Err(error);
        }
        missing.extend(failed.iter().map(|error| Missing::Table(error.to_string())));
        Ok((sockets, rows))
    }

    fn named(&self, rows: &[UnixRow]) -> Vec<HashSet<u32>> {
        let named = |part: &Part| match part {
            Part::Unix(_, name) => named(rows, name).into_iter().collect(),
            _ => HashSet::new(),
        };
        self.target.iter().map(named).collect()
    }

    fn chosen(
        &self,
        sockets: &[Socket],
        others: &[Option<usize>],
        named: &[HashSet<u32>],
    ) -> Vec<bool> {
        let mut chosen = vec![false; sockets.len()];
        let mark = &mut chosen[..];
        for (part, named) in self.target.iter().zip(named) {
            match part {
                Part::Everything => mark.fill(true),
                Part::Tcp(at) => select::at_address(mark, sockets, others, Kind::Tcp, *at),
                Part::Udp(at) => select::at_address(mark, sockets, others, Kind::Udp, *at),
                Part::Unix(kind, _) => {
                    select::at_inodes(mark, sockets, others, Kind::Unix(*kind), named);
                }
                Part::Port(port) => select::at_port(mark, sockets, *port),
                Part::Process(_) => {
                    for (chosen, socket) in mark.iter_mut().zip(sockets) {
                        *chosen = !socket.owners.is_empty();
                    }
                    select::unowned_connections(mark, sockets);
                }
                Part::Name(name) => {
                    for (chosen, socket) in mark.iter_mut().zip(sockets) {
                        *chosen = socket.owners.iter().any(|owner| owner.name == *name);
                    }
                    select::unowned_connections(mark, sockets);
                }
            }
        }
        chosen
    }

    fn look_for_missing(&self, missing: &mut Vec<Missing>) {
        if let [Part::Process(pid)] = self.target[..] {
            if self.inventory.has_ended() {
                missing.push(Missing::Ended { pid });
            }
            let theirs = Namespace::of(pid);
            if theirs.is_some() && self.namespace.is_some() && theirs != self.namespace {
                missing.push(Missing::OtherNamespace { pid });
            }
        }
        match self.inventory.hidden() {
            0 => {}
            hidden => missing.push(Missing::HiddenProcesses(hidden)),
        }
    }
}

fn part(address: Address) -> Result<Part, AskError> {
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

/// This kernel has no such sockets.
fn is_absent(error: &AskError) -> bool {
    let AskError::Refused { source, .. } = error else { return false };
    let absent = [Errno::NOENT, Errno::AFNOSUPPORT, Errno::PROTONOSUPPORT];
    Errno::from_io_error(source).is_some_and(|errno| absent.contains(&errno))
}
