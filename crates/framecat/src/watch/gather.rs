//! The tables that a target needs, asked for one after the other.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use framecat_core::sock_diag::{Detail, Family, Ports, Protocol, Query, State, States, UnixRow};
use framecat_core::watch::{Kind, Missing, Socket};
use rustix::io::Errno;

use super::shape;
use crate::kernel::{AskError, Tables};

/// So many Unix listeners are asked with each sample who waits for them: a question each.
const WAITED_FOR: usize = 64;

/// What is needed of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// All TCP sockets.
    Tcp,
    /// All UDP sockets.
    Udp,
    /// TCP sockets that have this port at one of their ends.
    TcpAt(u16),
    /// UDP sockets that have this port at one of their ends.
    UdpAt(u16),
    /// All Unix sockets.
    Unix,
}

/// A table that is asked for, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Inet(Protocol, Family, Ports),
    Unix,
}

/// Asks for the same tables again and again.
#[derive(Debug)]
pub(super) struct Gatherer {
    tables: Tables,
    /// Those that this kernel has.
    present: Vec<Table>,
    /// What the kernel said of the others.
    absent: Vec<String>,
    /// The cookies of the sockets that there were last time, and where each stood.
    before: HashMap<u64, usize>,
}

/// What was found in the tables, each socket once.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) sockets: Vec<Socket>,
    by_cookie: HashMap<u64, usize>,
    /// Unix sockets as the kernel has them, and where they stand among the sockets.
    pub(super) unix: BTreeMap<usize, UnixRow>,
    /// Where the Unix listener stands that the socket with this inode waits for to accept it: until then
    /// it has no peer.
    pub(super) waiting: HashMap<u32, usize>,
}

impl Gatherer {
    /// Sees which of the tables there are. One that is not there is not asked for again: the kernel
    /// would look for its module each time (net/core/sock_diag.c, `sock_load_diag_module`).
    ///
    /// # Errors
    /// If there is none of them.
    pub(super) fn open(needs: &[Need]) -> Result<Gatherer, AskError> {
        let mut gatherer = Gatherer {
            tables: Tables::open()?,
            present: Vec::new(),
            absent: Vec::new(),
            before: HashMap::new(),
        };
        let mut failures = Failures::default();
        let mut tables: Vec<Table> = needs.iter().flat_map(Need::tables).collect();
        tables.dedup();
        for table in tables {
            match gatherer.ask(table, States::from([]), &mut Gathered::default()) {
                Ok(()) => gatherer.present.push(table),
                Err(error) => failures.push(table, error),
            }
        }
        gatherer.absent = failures.texts(gatherer.present.is_empty())?;
        Ok(gatherer)
    }

    /// All sockets of these tables. What cannot be seen is added to `missing`.
    ///
    /// # Errors
    /// If nothing can be seen.
    pub(super) fn gather(&mut self, missing: &mut Vec<Missing>) -> Result<Gathered, AskError> {
        // There are about as many each time, and room that grows is copied and twice as large.
        let room = self.before.len() + self.before.len() / 16;
        let mut found = Gathered {
            sockets: Vec::with_capacity(room),
            by_cookie: HashMap::with_capacity(room),
            ..Gathered::default()
        };
        let mut failures = Failures::default();
        for table in self.present.clone() {
            if let Err(error) = self.ask(table, States::ALL, &mut found) {
                failures.push(table, error);
            }
        }
        let nothing = failures.0.len() == self.present.len();
        let texts = self.absent.iter().cloned().chain(failures.texts(nothing)?);
        missing.extend(texts.map(Missing::Table));
        for socket in &mut found.sockets {
            socket.was_there = self.before.contains_key(&socket.cookie);
        }
        self.before = std::mem::take(&mut found.by_cookie);
        Ok(found)
    }

    fn ask(&mut self, table: Table, states: States, into: &mut Gathered) -> Result<(), AskError> {
        match table {
            Table::Inet(protocol, family, ports) => {
                let query = Query { family, protocol, states, detail: Detail::Full };
                let kind = match protocol {
                    Protocol::Tcp => Kind::Tcp,
                    Protocol::Udp => Kind::Udp,
                };
                self.tables.each_socket(&query, ports, |row| {
                    into.push(shape::inet(kind, row));
                })?;
            }
            Table::Unix => {
                for row in self.tables.unix_sockets(states)? {
                    let at = into.push(shape::unix(&row));
                    into.unix.insert(at, row);
                }
                self.ask_who_waits(into);
            }
        }
        Ok(())
    }

    fn ask_who_waits(&mut self, of: &mut Gathered) {
        let is_waited_for = |row: &UnixRow| row.state == State::Listen && row.receive_queue > 0;
        let listeners = of.unix.iter().filter(|(_, row)| is_waited_for(row));
        for (at, row) in listeners.take(WAITED_FOR) {
            // Where too many wait the kernel does not tell, and nobody has their names.
            let waiting = self.tables.unix_waiting(row.inode).unwrap_or_default();
            of.waiting.extend(waiting.into_iter().map(|inode| (inode, *at)));
        }
    }
}

impl Need {
    fn tables(&self) -> Vec<Table> {
        let of = |protocol, ports: &[Ports]| {
            let both = |ports: &Ports| {
                [Family::Inet, Family::Inet6].map(|family| Table::Inet(protocol, family, *ports))
            };
            ports.iter().flat_map(both).collect()
        };
        // What has the port at both of its ends is found twice, and kept once.
        let at = |port| [Ports { local: port, peer: 0 }, Ports { local: 0, peer: port }];
        match *self {
            Need::Tcp => of(Protocol::Tcp, &[Ports::default()]),
            Need::Udp => of(Protocol::Udp, &[Ports::default()]),
            Need::TcpAt(port) => of(Protocol::Tcp, &at(port)),
            Need::UdpAt(port) => of(Protocol::Udp, &at(port)),
            Need::Unix => vec![Table::Unix],
        }
    }
}

impl Gathered {
    /// Adds a socket and says where it stands. One that changed its state while the kernel went through
    /// its tables may have come before; it is then as it came last.
    pub(super) fn push(&mut self, socket: Socket) -> usize {
        match self.by_cookie.entry(socket.cookie) {
            Entry::Occupied(at) => {
                let at = *at.get();
                self.sockets[at] = socket;
                at
            }
            Entry::Vacant(at) => {
                self.sockets.push(socket);
                *at.insert(self.sockets.len() - 1)
            }
        }
    }
}

/// Which tables could not be asked for, and why.
#[derive(Debug, Default)]
struct Failures(Vec<(Table, AskError)>);

impl Failures {
    fn push(&mut self, table: Table, error: AskError) {
        self.0.push((table, error));
    }

    /// What they say, or the first of them where there is nothing else to be had.
    fn texts(self, is_all: bool) -> Result<Vec<String>, AskError> {
        let mut failures = self.0.into_iter();
        if is_all {
            return failures.next().map_or(Ok(Vec::new()), |(_, error)| Err(error));
        }
        let lacks = failures.filter(|(table, error)| !table.is_ipv6() || !is_absent(error));
        let mut texts: Vec<String> = lacks.map(|(_, error)| error.to_string()).collect();
        texts.dedup();
        Ok(texts)
    }
}

impl Table {
    fn is_ipv6(&self) -> bool {
        matches!(self, Table::Inet(_, Family::Inet6, _))
    }
}

/// This kernel has no such sockets. Of IPv6 that means that it is not there, and nothing is missing:
/// where only the module is not there that tells of them, IPv4 is missing too.
fn is_absent(error: &AskError) -> bool {
    let AskError::Refused { source, .. } = error else { return false };
    let absent = [Errno::NOENT, Errno::AFNOSUPPORT, Errno::PROTONOSUPPORT];
    Errno::from_io_error(source).is_some_and(|errno| absent.contains(&errno))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::kernel::Asked;

    const UDP: Table = Table::Inet(Protocol::Udp, Family::Inet, Ports { local: 0, peer: 0 });
    const UDP6: Table = Table::Inet(Protocol::Udp, Family::Inet6, Ports { local: 0, peer: 0 });

    fn failures(of: &[(Table, Errno)]) -> Failures {
        let failure = |(table, errno): &(Table, Errno)| {
            let source = io::Error::from(*errno);
            (*table, AskError::Refused { asked: Asked::Tables, source })
        };
        Failures(of.iter().map(failure).collect())
    }

    #[test]
    fn a_kernel_without_ipv6_lacks_nothing() {
        for errno in [Errno::NOENT, Errno::AFNOSUPPORT, Errno::PROTONOSUPPORT] {
            assert_eq!(failures(&[(UDP6, errno)]).texts(false).unwrap(), [""; 0]);
        }
        assert_eq!(failures(&[(UDP6, Errno::NOBUFS)]).texts(false).unwrap().len(), 1);
    }

    #[test]
    fn a_table_that_is_not_there_is_said_once() {
        let texts = failures(&[(UDP, Errno::NOENT), (UDP6, Errno::NOENT), (UDP, Errno::NOENT)]);
        let texts = texts.texts(false).unwrap();
        assert_eq!(texts.len(), 1);
        assert!(texts[0].contains("no such file"), "{texts:?}");
    }

    #[test]
    fn where_nothing_is_to_be_had_the_first_failure_is_the_answer() {
        let all = failures(&[(UDP, Errno::PERM), (UDP6, Errno::NOENT)]);
        let error = all.texts(true).unwrap_err().to_string();
        assert!(error.contains("not permitted"), "{error}");
        assert!(failures(&[]).texts(true).unwrap().is_empty(), "nothing was asked for");
    }
}
