//! Problems in sentences.

use std::fmt;

use super::super::{Bytes, Count, Lasting, Rate};
use super::judge::{MOMENT, SERIOUS};
use super::{Accepts, Problem};

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.sentence())
    }
}

impl Problem {
    fn sentence(&self) -> String {
        let bytes = |bytes: u32| Bytes(bytes.into());
        match *self {
            Problem::AcceptQueueFull { queue, limit, lasting, oldest, accepts } => {
                accept_queue_full(queue, limit, lasting, oldest, accepts)
            }
            Problem::NotAccepting { queue, lasting, oldest, accepts } => {
                let wait = if queue == 1 { "connection waits" } else { "connections wait" };
                let since = if oldest { "the oldest" } else { "and not fewer" };
                format!(
                    "{} {wait} to be accepted, {since} for {lasting}: {accepts}",
                    Count(queue.into())
                )
            }
            Problem::AcceptQueueFilling { queue, limit, lasting, accepts } => format!(
                "accept queue {queue}/{limit}, over half of its limit for {lasting}: {accepts}"
            ),
            Problem::ConnectionsDropped { rate, full: true } => {
                format!("{DROPPED}, {} a second: the accept queue is full", Rate(rate))
            }
            Problem::ConnectionsDropped { rate, full: false } => {
                format!("{DROPPED}, {} a second, though the accept queue has room now", Rate(rate))
            }
            Problem::OverflowsWhileFull { rate } => {
                format!("{DROPPED}, {} a second {HERE}, while this queue is full", Rate(rate))
            }
            Problem::Overflows { rate } => {
                format!("{DROPPED}, {} a second {HERE}: an accept queue is full", Rate(rate))
            }
            Problem::HalfOpen { count, limit, oldest } => {
                let (count, limit) = (Count(count.into()), Count(limit.into()));
                format!(
                    "{count} handshakes under way of {limit}, the oldest for {oldest}: a SYN flood, \
                     lost answers, or TCP_DEFER_ACCEPT, which waits for the first data"
                )
            }
            Problem::NotAccepted { lasting } => {
                format!("no program has accepted this connection for {lasting}")
            }
            Problem::PeerNotAccepting { lasting } => {
                format!("the peer's program has not accepted this connection for {lasting}")
            }
            Problem::NotReading { waiting, lasting } => not_reading(waiting, lasting),
            Problem::NotDraining { waiting, lasting } => format!(
                "{} wait, and not less for {lasting}: its program reads too slowly, or not at all",
                bytes(waiting)
            ),
            Problem::PeerNotReading { waiting, queued, lasting } => {
                peer_not_reading(waiting, queued, lasting)
            }
            Problem::ZeroWindow { unsent, lasting, reads } => {
                let reads = if reads { "reads slowly" } else { "reads slowly, or not at all" };
                format!(
                    "the peer has offered no window for {lasting}, its program {reads}: {} wait here",
                    bytes(unsent)
                )
            }
            Problem::ProbesUnanswered { probes, unsent, lasting } => {
                let here = match unsent {
                    0 => String::new(),
                    _ => format!(", {} wait here", bytes(unsent)),
                };
                let probes = Count(probes.into());
                format!(
                    "{probes} probes not answered, nothing heard for {lasting}{here}: the peer may be gone"
                )
            }
            Problem::Loss { percent } => {
                format!(
                    "{percent} % of what is sent has to be sent again: segments are lost on the way"
                )
            }
            Problem::Retransmitting { times, lasting } => format!(
                "nothing acknowledged for {lasting}, sent again {}: the peer or the way to it is gone",
                Times(times.into())
            ),
            Problem::NoAnswer { times, lasting } => no_answer(times, lasting),
            Problem::CloseWait { lasting, end_unread } => close_wait(lasting, end_unread),
            Problem::FinWait2 { lasting } => {
                format!("the program has closed and the peer has not, for {lasting}")
            }
            Problem::DatagramsDropped { rate, full } => {
                let why = match full {
                    Some(true) => "the program does not read fast enough",
                    Some(false) => {
                        "though no receive buffer is full: wrong checksums, a filter, or too little memory"
                    }
                    None => "the program does not read fast enough, or they are damaged",
                };
                let comma = if full == Some(false) { ',' } else { ':' };
                format!("datagrams are being dropped, {} a second{comma} {why}", Rate(rate))
            }
            Problem::BufferFull { used, limit } => format!(
                "receive buffer full, {} of {}: what comes now is dropped",
                bytes(used),
                bytes(limit)
            ),
            Problem::NamespaceDropsDatagrams { rate } => format!(
                "datagrams are being dropped, {} a second {HERE}: a receive buffer is full",
                Rate(rate)
            ),
            Problem::TimeWaitPile { count } => {
                let count = Count(count as u64);
                format!("{count} sockets in TIME_WAIT, a minute each: this side closes first")
            }
            Problem::PortsTaken { taken, over, ports, to } => {
                let [taken, over, ports] = [taken as u64, over as u64, ports.into()].map(Count);
                format!(
                    "{taken} of {ports} ports to connect to {to} from are taken, {over} of them in TIME_WAIT"
                )
            }
        }
    }
}

const DROPPED: &str = "connections are being dropped";
const HERE: &str = "in this network namespace";

fn accept_queue_full(
    queue: u32,
    limit: u32,
    lasting: Lasting,
    oldest: Option<Lasting>,
    accepts: Accepts,
) -> String {
    let full = format!("accept queue full {queue}/{limit}");
    match oldest {
        _ if lasting.time >= MOMENT => format!("{full} for {lasting}: {accepts}"),
        Some(oldest) if oldest.time >= MOMENT => {
            format!("{full}, the oldest connection has waited {oldest}: {accepts}")
        }
        _ => format!("{full}: the next connection has to wait"),
    }
}

impl fmt::Display for Accepts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Accepts::Not => "the program is not calling accept",
            Accepts::Slowly => "the program accepts more slowly than connections come",
            Accepts::Unknown => "the program accepts too slowly, or not at all",
        })
    }
}

/// Of what waited at first sight only so much is known: reads are in order, so all of it has waited
/// since the newest byte came; whether some before it was read meanwhile is not known.
fn not_reading(waiting: u32, lasting: Lasting) -> String {
    let waiting = Bytes(waiting.into());
    match lasting.seen_to_begin {
        true => format!("its program has not read for {lasting}: {waiting} wait"),
        false => format!("{waiting} have waited {lasting} for its program to read them"),
    }
}

fn peer_not_reading(waiting: u32, queued: u32, lasting: Lasting) -> String {
    let waiting = Bytes(waiting.into());
    let here = match queued {
        0 => String::new(),
        _ => format!(", {} wait here", Bytes(queued.into())),
    };
    match lasting.seen_to_begin {
        true => format!("the peer has not read for {lasting}: {waiting} wait there{here}"),
        false => format!("{waiting} have waited {lasting} for the peer to read them{here}"),
    }
}

fn no_answer(times: u32, lasting: Lasting) -> String {
    let repeated = match times {
        0 => String::new(),
        _ => format!(", repeated {}", Times(times)),
    };
    format!(
        "no answer to the attempt to connect for {lasting}{repeated}: accept queue full, firewall, or \
         nobody there"
    )
}

fn close_wait(lasting: Lasting, end_unread: bool) -> String {
    let unread = if end_unread { ", nor read that it did" } else { "" };
    let leak =
        if lasting.time >= SERIOUS { "this looks like a leak" } else { "a leak if it lasts" };
    format!("the peer has closed, the program has not for {lasting}{unread}: {leak}")
}

/// `once`, `twice`, `3 times`
struct Times(u32);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("once"),
            2 => f.write_str("twice"),
            times => write!(f, "{} times", Count(times.into())),
        }
    }
}
