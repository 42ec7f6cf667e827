//! What the samples before this one tell of it: since when, and how much a second.
//!
//! - `history/clocks.rs` how long what has lasted, of one socket · `history/clock.rs` how a clock goes on
//! - `history/rates.rs` how much a second · `history/loss.rs` how much of it again
//! - `history/listeners.rs` which listener a connection comes in by
//! - `history/order.rs` in which order rows stand · `history/index.rs` where which socket stands
//!
//! What is wrong with it all says `finding/judge.rs`.

mod clock;
mod clocks;
mod index;
mod listeners;
mod loss;
pub(super) mod order;
mod rates;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use self::clock::Timed;
use self::clocks::{Clocks, Past};
use self::index::Index;
use self::listeners::{Arrivals, Oldest};
use self::loss::Loss;
use super::finding::judge::{self, Evidence, Sure};
use super::queues::{is_connection, unacknowledged};
use super::{Counters, Frame, Lasting, Row, Sample, Socket};

/// Makes frames of samples. It remembers what it needs of each socket of the sample before, and nothing
/// of those that are gone.
#[derive(Debug, Default)]
pub struct Watch {
    /// What the sample before said; `None` before the first.
    before: Option<Before>,
}

#[derive(Debug)]
struct Before {
    at: Duration,
    /// Its sockets, in the order of its frame.
    places: Index,
    sockets: Vec<Past>,
    /// Of listeners, by their cookies: the oldest in the queue, and since when they have been that.
    oldest: BTreeMap<u64, (Oldest, Lasting)>,
    counters: Counters,
}

impl Before {
    fn socket(&self, socket: &Socket) -> Option<&Past> {
        let past = self.sockets.get(self.places.get(socket.cookie)?)?;
        past.is_of(socket).then_some(past)
    }
}

impl Watch {
    /// A watch that has seen nothing.
    pub fn new() -> Watch {
        Watch::default()
    }

    /// Takes the next sample, which is not older than the one before. A socket that stands in it twice,
    /// as the kernel's tables are no snapshot, is in the frame once.
    pub fn on_sample(&mut self, sample: Sample) -> Frame {
        let Sample { at, sockets, counters, missing, is_part, ports } = sample;
        let gap = self.before.as_ref().map(|before| at.saturating_sub(before.at));
        let sockets = order::in_order(unique(sockets));
        let places = Index::of(sockets.iter().map(|socket| socket.cookie));
        let (mut rows, sockets) = self.rows(sockets, gap);
        let arrivals = Arrivals::of(&mut rows);
        let oldest = self.oldest(&rows, &arrivals, gap);
        let mut frame = Frame { at, rows, counters, missing, ..Frame::default() };
        if let Some((before, gap)) = self.before.as_ref().zip(gap) {
            frame.rates = rates::of_namespace(&before.counters, &counters, gap);
        }
        judge_rows(&mut frame, &places, &sockets, &arrivals, &oldest);
        judge::frame(&mut frame, is_part, ports);
        self.before = Some(Before { at, places, sockets, oldest, counters });
        frame
    }

    /// The rows, and what is to be kept of their sockets.
    fn rows(&self, sockets: Vec<Socket>, gap: Option<Duration>) -> (Vec<Row>, Vec<Past>) {
        let mut past = Vec::with_capacity(sockets.len());
        let mut rows = Vec::with_capacity(sockets.len());
        for socket in sockets {
            let before = self.before.as_ref().and_then(|before| before.socket(&socket));
            let clocks = Clocks::after(before, &socket, gap);
            let loss = Loss::after(before, &socket, gap);
            let mut row = row(socket, &clocks);
            if let Some((before, gap)) = before.zip(gap) {
                rates::of_row(&mut row, before, gap);
            }
            past.push(Past::new(&row.socket, clocks, loss));
            rows.push(row);
        }
        (rows, past)
    }

    /// Since when listeners have had the same oldest connections in their queues. `accept` takes the
    /// oldest, so nobody has called it since.
    fn oldest(
        &self,
        rows: &[Row],
        arrivals: &Arrivals,
        gap: Option<Duration>,
    ) -> BTreeMap<u64, (Oldest, Lasting)> {
        let seen = rows.iter().enumerate().filter_map(|(at, row)| {
            let now = arrivals.oldest(at)?;
            let cookie = row.socket.cookie;
            let before = self.before.as_ref().and_then(|before| before.oldest.get(&cookie));
            let lasting = match (before, gap) {
                (Some((then, lasting)), Some(gap)) if *then == now => lasting.and(gap),
                _ => Lasting { time: Duration::ZERO, seen_to_begin: gap.is_some() },
            };
            Some((cookie, (now, lasting)))
        });
        seen.filter(|(cookie, _)| *cookie != 0).collect()
    }
}

/// Each socket once.
fn unique(sockets: Vec<Socket>) -> Vec<Socket> {
    let places = Index::of(sockets.iter().map(|socket| socket.cookie));
    if !places.has_doubles() {
        return sockets;
    }
    let is_first =
        |(at, socket): &(usize, Socket)| places.get(socket.cookie).is_none_or(|first| first == *at);
    sockets.into_iter().enumerate().filter(is_first).map(|(_, socket)| socket).collect()
}

/// A row with what its socket and clocks tell.
fn row(socket: Socket, clocks: &Clocks) -> Row {
    let time = |clock: Option<Timed>| clock.map(|timed| timed.lasting);
    let unsent = socket.tcp.filter(|_| is_connection(&socket)).and_then(|tcp| tcp.not_sent);
    Row {
        age: clocks.age,
        in_state: clocks.in_state,
        unread: time(clocks.unread),
        unaccepted: time(clocks.unaccepted),
        unacknowledged_for: clocks.unacknowledged,
        full: time(clocks.full),
        filling: time(clocks.filling),
        zero_window: clocks.zero_window,
        unacknowledged: unacknowledged(&socket),
        unsent,
        half_open: None,
        other_unread: socket.other_unread,
        other_unread_for: time(clocks.other_unread),
        received_rate: None,
        sent_rate: None,
        retransmission_rate: None,
        drop_rate: None,
        findings: Vec::new(),
        socket,
    }
}

/// Finds each row's other end, and says what is wrong with the row.
fn judge_rows(
    frame: &mut Frame,
    places: &Index,
    sockets: &[Past],
    arrivals: &Arrivals,
    oldest: &BTreeMap<u64, (Oldest, Lasting)>,
) {
    for at in 0..frame.rows.len() {
        let cookie = frame.rows[at].socket.cookie;
        let other = frame.rows[at].socket.other.and_then(|other| places.get(other));
        let of_other = other.map(|other| &frame.rows[other]);
        let of_other = of_other.map(|row| (row.socket.data_unread(), row.unread, row.unaccepted));
        let other_serious = other.map(|other| {
            let more = sockets[other].clocks.more;
            judge::is_serious(&frame.rows[other], arrivals.is_served(other), more)
        });
        let row = &mut frame.rows[at];
        if let Some((waiting, lasting, _)) = of_other {
            (row.other_unread, row.other_unread_for) = (Some(waiting), lasting);
        }
        let (own, theirs) = (sockets[at].clocks, other.map(|other| sockets[other].clocks));
        let is_sure = |clock: Option<Timed>| clock.is_some_and(Timed::is_sure);
        let evidence = Evidence {
            overflows: frame.rates.listen_overflows,
            listen_drops: frame.rates.listen_drops,
            udp_buffer_drops: frame.rates.udp_buffer_drops,
            oldest_half_open: arrivals.oldest_half_open(at),
            oldest_is_seen: arrivals.oldest(at).is_some(),
            not_accepting: oldest.get(&cookie).map(|(_, lasting)| *lasting),
            other_unaccepted: of_other.and_then(|(_, _, unaccepted)| unaccepted),
            is_served: arrivals.is_served(at),
            more: own.more,
            other_serious,
            lost: sockets[at].loss.percent(),
            sure: Sure {
                unread: is_sure(own.unread),
                unaccepted: is_sure(own.unaccepted),
                full: is_sure(own.full),
                filling: is_sure(own.filling),
                other_unread: is_sure(theirs.map_or(own.other_unread, |it| it.unread)),
            },
        };
        row.findings = judge::row(row, &evidence);
    }
}
