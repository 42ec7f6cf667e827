//! Which listener a connection comes in by: half-open ones, and those that wait to be accepted.
//!
//! The kernel does not tell, so it is looked for as the kernel does for a SYN (`__inet_lookup_listener`
//! and `compute_score` of net/ipv4/inet_hashtables.c): one that is bound to this address, before one
//! bound to all, and of these one of IPv4 before one of IPv6 that takes IPv4 as well.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::{End, Kind, Lasting, Row};
use crate::sock_diag::State;

/// Address and port; IPv4 in the clothes of IPv6 as IPv4.
type Place = (IpAddr, u16);

/// Listeners at one place: more than one with SO_REUSEPORT.
#[derive(Debug, Default)]
struct Group {
    /// Their rows.
    members: Vec<usize>,
    half_open: u32,
    oldest_half_open: Option<Lasting>,
    oldest_unaccepted: Option<Lasting>,
}

/// What comes in, by the row of the listener.
#[derive(Debug, Default)]
pub(super) struct Arrivals(BTreeMap<usize, Arrival>);

#[derive(Debug, Clone, Copy)]
struct Arrival {
    oldest_half_open: Option<Lasting>,
    oldest_is_seen: bool,
}

impl Arrivals {
    /// Looks through the rows, and fills in `half_open` and, where the oldest connection of the queue is
    /// among them, `unaccepted`.
    pub(super) fn of(rows: &mut [Row]) -> Arrivals {
        let mut groups: BTreeMap<Place, Group> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            if let Some(place) = place(row).filter(|_| row.socket.state == State::Listen) {
                groups.entry(place).or_default().members.push(at);
            }
        }
        for row in rows.iter() {
            let group = place(row).and_then(|place| group(&mut groups, place));
            match (row.socket.state, group) {
                (State::SynRecv, Some(group)) => {
                    group.half_open = group.half_open.saturating_add(1);
                    group.oldest_half_open = group.oldest_half_open.max(Some(row.age));
                }
                (State::Established | State::CloseWait, Some(group)) => {
                    group.oldest_unaccepted = group.oldest_unaccepted.max(row.unaccepted);
                }
                _ => {}
            }
        }
        Arrivals(groups.into_values().flat_map(|group| group.tell(rows)).collect())
    }

    /// For how long the oldest handshake with the listener in this row has been under way.
    pub(super) fn oldest_half_open(&self, at: usize) -> Option<Lasting> {
        self.0.get(&at)?.oldest_half_open
    }

    /// Whether the connection that has waited longest to be accepted by the listener in this row is to be
    /// seen.
    pub(super) fn oldest_is_seen(&self, at: usize) -> bool {
        self.0.get(&at).is_some_and(|arrival| arrival.oldest_is_seen)
    }
}

impl Group {
    /// Writes into the rows of its members what came in. All of them get the same number of handshakes:
    /// which of them will get a connection is decided when it is complete.
    fn tell(self, rows: &mut [Row]) -> Vec<(usize, Arrival)> {
        let waiting = self.members.iter().filter(|at| rows[**at].socket.receive_queue > 0).count();
        let mut arrivals = Vec::with_capacity(self.members.len());
        for at in self.members {
            let row = &mut rows[at];
            row.half_open = Some(self.half_open);
            let oldest = self.oldest_unaccepted;
            let oldest = oldest.filter(|_| waiting == 1 && row.socket.receive_queue > 0);
            row.unaccepted = oldest.or(row.unaccepted);
            let oldest_half_open = self.oldest_half_open;
            arrivals.push((at, Arrival { oldest_half_open, oldest_is_seen: oldest.is_some() }));
        }
        arrivals
    }
}

fn place(row: &Row) -> Option<Place> {
    match (row.socket.kind, &row.socket.local) {
        (Kind::Tcp, End::Inet(at)) => Some((at.ip().to_canonical(), at.port())),
        _ => None,
    }
}

fn group(groups: &mut BTreeMap<Place, Group>, (ip, port): Place) -> Option<&mut Group> {
    let any4 = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let any6 = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let places = match ip {
        IpAddr::V4(_) => [(ip, port), (any4, port), (any6, port)],
        IpAddr::V6(_) => [(ip, port), (any6, port), (any6, port)],
    };
    let found = places.into_iter().find(|place| groups.contains_key(place))?;
    groups.get_mut(&found)
}
