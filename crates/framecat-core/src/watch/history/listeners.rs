//! Which listener a connection comes in by: half-open ones, and those that wait to be accepted.
//!
//! The kernel does not tell, so it is looked for as the kernel does for a SYN: [`listening_places`].

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::super::{End, Kind, Lasting, Row, listening_places};
use super::clock::SLACK;
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
    /// Connections that wait to be accepted: for how long, and their cookies.
    unaccepted: Vec<(Lasting, u64)>,
}

/// The oldest connections in an accept queue. Those that came nearly at once are taken together, as
/// their times cannot tell which was first: each was read a little later than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Oldest {
    /// The smallest of their cookies.
    cookie: u64,
    count: usize,
}

/// What comes in.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// By the row of the listener.
    listeners: BTreeMap<usize, Arrival>,
    /// Of each row, whether it came in by a listener that is in another.
    served: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Arrival {
    /// Of all the listeners at its place.
    limit: u32,
    oldest_half_open: Option<Lasting>,
    oldest: Option<Oldest>,
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
        let mut served = vec![false; rows.len()];
        let all = rows.iter().enumerate();
        for (at, row) in all.filter(|(_, row)| row.socket.state != State::Listen) {
            let Some(group) = place(row).and_then(|place| group(&mut groups, place)) else {
                continue;
            };
            served[at] = true;
            if row.socket.state == State::SynRecv {
                group.half_open = group.half_open.saturating_add(1);
                group.oldest_half_open = group.oldest_half_open.max(Some(row.age));
            }
            group.unaccepted.extend(row.unaccepted.map(|lasting| (lasting, row.socket.cookie)));
        }
        let listeners = groups.into_values().flat_map(|group| group.tell(rows)).collect();
        Arrivals { listeners, served }
    }

    /// For how long the oldest handshake with the listener in this row has been under way, and of how many
    /// there is room for at its place.
    pub(super) fn oldest_half_open(&self, at: usize) -> Option<(Lasting, u32)> {
        let arrival = self.listeners.get(&at)?;
        Some((arrival.oldest_half_open?, arrival.limit))
    }

    /// Whether the socket in this row came in by a listener that is in another: it is a server's.
    pub(super) fn is_served(&self, at: usize) -> bool {
        self.served.get(at) == Some(&true)
    }

    /// The connections that have waited longest to be accepted by the listener in this row, where they
    /// are to be seen.
    pub(super) fn oldest(&self, at: usize) -> Option<Oldest> {
        self.listeners.get(&at)?.oldest
    }
}

impl Group {
    /// Writes into the rows of its members what came in. All of them get the same number of handshakes:
    /// which of them will get a connection is decided when it is complete. Connections that wait are of
    /// the one that has any, if that is one.
    fn tell(self, rows: &mut [Row]) -> Vec<(usize, Arrival)> {
        let has_visitors = |row: &Row| row.socket.receive_queue > 0;
        let is_one = self.members.iter().filter(|at| has_visitors(&rows[**at])).count() == 1;
        let (half_open, oldest_half_open) = (self.half_open, self.oldest_half_open);
        let limits = self.members.iter().map(|at| rows[*at].socket.send_queue);
        let limit = limits.fold(0, u32::saturating_add);
        let longest = self.unaccepted.iter().map(|(lasting, _)| *lasting).max();
        let oldest = longest.and_then(|longest| self.oldest(longest));
        let tell = |at: usize| {
            let row = &mut rows[at];
            row.half_open = Some(half_open);
            let is_its = is_one && has_visitors(row);
            if let Some(longest) = longest.filter(|_| is_its) {
                row.unaccepted = Some(longest);
            }
            (at, Arrival { limit, oldest_half_open, oldest: oldest.filter(|_| is_its) })
        };
        self.members.into_iter().map(tell).collect()
    }

    fn oldest(&self, longest: Lasting) -> Option<Oldest> {
        let at_once = |(lasting, _): &&(Lasting, u64)| lasting.time + SLACK >= longest.time;
        let cookies = || self.unaccepted.iter().filter(at_once).map(|(_, cookie)| *cookie);
        Some(Oldest { cookie: cookies().min()?, count: cookies().count() })
    }
}

fn place(row: &Row) -> Option<Place> {
    match (row.socket.kind, &row.socket.local) {
        (Kind::Tcp, End::Inet(at)) => Some((at.ip().to_canonical(), at.port())),
        _ => None,
    }
}

fn group(groups: &mut BTreeMap<Place, Group>, (ip, port): Place) -> Option<&mut Group> {
    let mut places = listening_places(SocketAddr::new(ip, port)).into_iter();
    let found = places.find(|place| groups.contains_key(place))?;
    groups.get_mut(&found)
}
