//! When something is wrong. Each threshold is a time or a number that a program which is well does not
//! reach, however busy it is.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::super::queues::{end_unread, is_connection, waits_for_accept};
use super::super::{End, Frame, Kind, Lasting, Row};
use super::{Accepts, Finding, Problem, Severity};
use crate::sock_diag::State;

/// A queue may be full between two turns of a program's loop; who is turned away then asks again after a
/// second, so it is felt from there on.
pub(super) const MOMENT: Duration = Duration::from_secs(1);
/// A program that is well comes back to each of its sockets within this, or its users would complain.
const LATE: Duration = Duration::from_secs(2);
/// Where only the length of a queue is known it takes six samples to say something ([`Sure`]), and as long as
/// those take when they are a second apart.
const LATE_BY_LENGTH: Duration = Duration::from_secs(5);
/// What is lost on the way is sent again after 0.2 s, 0.6 s and 1.4 s (`TCP_RTO_MIN`), a SYN after a
/// second: by now it was lost three times.
const UNANSWERED: Duration = Duration::from_secs(3);
/// Sent again so often that the first time was 6 s ago at least, whoever saw it.
const OFTEN: u8 = 5;
/// An answer is rarely longer in the making, so that a program should have seen the end of the stream.
const SLOW_TO_CLOSE: Duration = Duration::from_secs(10);
/// As long as the kernel keeps a connection that no program has any more (`tcp_fin_timeout`).
pub(super) const SERIOUS: Duration = Duration::from_secs(60);
/// Half of a shorter accept queue is a handful of connections, which come together now and then.
const LONG_ENOUGH: u32 = 8;
/// At a minute each that is 17 connections a second: somebody should know.
const TIME_WAIT_PILE: usize = 1000;
/// Half of the 28,232 ports that a kernel has to connect from (`ip_local_port_range`).
const PORTS: usize = 14_000;

/// What is known besides the row itself.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Evidence {
    /// Connections a second that found an accept queue of the namespace full.
    pub(in super::super) overflows: Option<f64>,
    /// Those, and what listeners of the namespace dropped for other reasons, a second.
    pub(in super::super) listen_drops: Option<f64>,
    /// For how long the oldest handshake with this listener has been under way.
    pub(in super::super) oldest_half_open: Option<Lasting>,
    /// The row's time of `unaccepted` is that of the oldest connection in the queue.
    pub(in super::super) oldest_is_seen: bool,
    /// For how long that has been the oldest.
    pub(in super::super) not_accepting: Option<Lasting>,
    /// For how long the socket at the other end has waited to be accepted, where it is in the sample.
    pub(in super::super) other_unaccepted: Option<Lasting>,
    /// Which of the row's times are more than chance.
    pub(in super::super) sure: Sure,
}

/// Of which times it is known, or very likely, that it was not otherwise between the samples: the kernel
/// counts it, or it was seen often enough.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Sure {
    /// [`Row::unread`].
    pub(in super::super) unread: bool,
    /// [`Row::unaccepted`], where it is that of the length of a queue.
    pub(in super::super) unaccepted: bool,
    /// [`Row::full`].
    pub(in super::super) full: bool,
    /// [`Row::filling`].
    pub(in super::super) filling: bool,
    /// [`Row::other_unread_for`].
    pub(in super::super) other_unread: bool,
}

/// What is wrong with a socket, the worst first.
pub(in super::super) fn row(row: &Row, evidence: &Evidence) -> Vec<Finding> {
    let problems = match (row.socket.state, row.socket.kind) {
        (State::Listen, _) => listener(row, evidence),
        (_, Kind::Tcp) => connection(row, evidence),
        (_, Kind::Udp | Kind::Unix(_)) => uncounted(row, evidence),
    };
    worst_first(problems)
}

/// Fills in what is wrong with the namespace, or with many sockets together.
pub(in super::super) fn frame(frame: &mut Frame) {
    let mut problems = Vec::new();
    if let Some(rate) = frame.rates.listen_overflows.filter(|rate| *rate > 0.0) {
        problems.push((Severity::Error, Problem::Overflows { rate }));
    }
    if let Some(rate) = frame.rates.udp_buffer_drops.filter(|rate| *rate > 0.0) {
        problems.push((Severity::Error, Problem::NamespaceDropsDatagrams { rate }));
    }
    problems.extend(time_wait(&frame.rows));
    frame.findings = worst_first(problems);
}

type Problems = Vec<(Severity, Problem)>;

fn worst_first(mut problems: Problems) -> Vec<Finding> {
    problems.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    problems.into_iter().map(|(severity, problem)| Finding { severity, problem }).collect()
}

fn is(lasting: Option<Lasting>, so_long: Duration) -> Option<Lasting> {
    lasting.filter(|lasting| lasting.time >= so_long)
}

fn listener(row: &Row, evidence: &Evidence) -> Problems {
    let (queue, limit) = (row.socket.receive_queue, row.socket.send_queue);
    let mut problems = Vec::new();
    let oldest = row.unaccepted.filter(|_| evidence.oldest_is_seen);
    let late = if oldest.is_some() { LATE } else { LATE_BY_LENGTH };
    let waits = is(row.unaccepted, late).filter(|_| oldest.is_some() || evidence.sure.unaccepted);
    let filling = row.filling.filter(|_| evidence.sure.filling && limit >= LONG_ENOUGH);
    let accepts = accepts(oldest, evidence);
    if let Some(lasting) = row.full {
        // While nobody calls `accept` no queue gets shorter, seen or not.
        let is_sure = evidence.sure.full || accepts == Accepts::Not;
        let lasting = if is_sure { lasting } else { NOT_KNOWN };
        let lasts = lasting.time >= MOMENT || is(oldest, MOMENT).is_some();
        let severity = if lasts { Severity::Error } else { Severity::Note };
        let problem = Problem::AcceptQueueFull { queue, limit, lasting, oldest, accepts };
        problems.push((severity, problem));
    } else if let Some(lasting) = waits {
        let oldest = oldest.is_some();
        let problem = Problem::NotAccepting { queue, lasting, oldest, accepts };
        problems.push((Severity::Warning, problem));
    } else if let Some(lasting) = is(filling, LATE) {
        let problem = Problem::AcceptQueueFilling { queue, limit, lasting, accepts };
        problems.push((Severity::Warning, problem));
    }
    problems.extend(dropped(row, evidence));
    let handshakes = row.half_open.filter(|count| u64::from(*count) * 2 > limit.into());
    // Where the queue is full, handshakes cannot end, and that is said already.
    if let Some((count, oldest)) = handshakes.zip(is(evidence.oldest_half_open, UNANSWERED))
        && row.full.is_none()
        && count >= LONG_ENOUGH
    {
        problems.push((Severity::Warning, Problem::HalfOpen { count, limit, oldest }));
    }
    problems
}

fn accepts(oldest: Option<Lasting>, evidence: &Evidence) -> Accepts {
    match oldest {
        Some(oldest) if oldest.time < MOMENT => Accepts::Slowly,
        Some(_) if is(evidence.not_accepting, LATE).is_some() => Accepts::Not,
        _ => Accepts::Unknown,
    }
}

/// At least no time at all.
const NOT_KNOWN: Lasting = Lasting { time: Duration::ZERO, seen_to_begin: false };

/// Connections that a listener dropped. What it counts itself is each segment that it had no use for: with
/// TCP_DEFER_ACCEPT that is the end of each handshake. So it speaks of connections only where the namespace
/// lost some, and of no more than those.
fn dropped(row: &Row, evidence: &Evidence) -> Option<(Severity, Problem)> {
    let full = row.full.is_some();
    let rose = |rate: &f64| *rate > 0.0;
    let overflows = evidence.overflows.filter(rose);
    let lost = evidence.listen_drops.filter(rose).into_iter().chain(overflows).reduce(f64::max)?;
    match row.drop_rate {
        Some(rate) if rate > 0.0 && full => {
            let rate = rate.min(lost);
            Some((Severity::Error, Problem::ConnectionsDropped { rate, full }))
        }
        // A dropped connection is counted once or twice (`tcp_v4_syn_recv_sock`, and by `tcp_v4_rcv` what
        // led to it). Where there is more, all of it may be segments, and what was lost another's.
        Some(rate) if rate > 0.0 && rate <= 2.0 * lost => {
            let rate = rate.min(lost);
            Some((Severity::Warning, Problem::ConnectionsDropped { rate, full }))
        }
        None if full && row.socket.kind == Kind::Tcp => {
            Some((Severity::Error, Problem::OverflowsWhileFull { rate: overflows? }))
        }
        _ => None,
    }
}

fn connection(row: &Row, evidence: &Evidence) -> Problems {
    let mut problems = Problems::new();
    if waits_for_accept(&row.socket) {
        // Nobody reads before that, and nobody closes. The listener's finding is the warning: there may
        // be thousands of these.
        let lasting = is(row.unaccepted, LATE);
        problems.extend(lasting.map(|lasting| (Severity::Note, Problem::NotAccepted { lasting })));
    } else {
        problems.extend(not_read(row, evidence).map(|problem| (Severity::Warning, problem)));
    }
    let window = is(row.zero_window, LATE).map(|lasting| Problem::ZeroWindow {
        unsent: row.unsent.unwrap_or(0),
        lasting,
        // Its socket is here, and what waits in it has not waited for as long.
        reads: row.other_unread.is_some(),
    });
    // That the peer does not read is why it offers no window.
    let peer = peer_not_reading(row, evidence).or(window);
    let warnings = [peer, retransmitting(row)].into_iter().flatten();
    problems.extend(warnings.map(|problem| (Severity::Warning, problem)));
    problems.extend(state(row));
    problems
}

fn retransmitting(row: &Row) -> Option<Problem> {
    let lasting = row.unacknowledged_for.filter(|_| is_connection(&row.socket))?;
    let times = row.socket.tcp?.retransmits;
    let lasts = times >= OFTEN || times >= 2 && lasting.time >= UNANSWERED;
    lasts.then_some(Problem::Retransmitting { times, lasting })
}

/// What is wrong with how long it has been in its state.
fn state(row: &Row) -> Option<(Severity, Problem)> {
    let socket = &row.socket;
    let lasting = row.in_state;
    match socket.state {
        State::SynSent if lasting.time >= UNANSWERED => {
            let times = socket.tcp.map_or(0, |tcp| tcp.total_retransmissions);
            Some((Severity::Warning, Problem::NoAnswer { times, lasting }))
        }
        State::CloseWait if lasting.time >= SLOW_TO_CLOSE && is_idle(row) => {
            let leak = lasting.time >= SERIOUS;
            let severity = if leak { Severity::Warning } else { Severity::Note };
            let end_unread = end_unread(socket);
            Some((severity, Problem::CloseWait { lasting, end_unread }))
        }
        State::FinWait2 if lasting.time >= SERIOUS && socket.inode != 0 => {
            Some((Severity::Note, Problem::FinWait2 { lasting }))
        }
        _ => None,
    }
}

/// Whether a program has it and sends nothing: it may well go on sending after its peer's last byte.
fn is_idle(row: &Row) -> bool {
    let sends = row.sent_rate.is_some_and(|rate| rate > 0.0) || row.socket.send_queue > 0;
    row.socket.inode != 0 && !sends
}

/// Sockets that count no bytes.
fn uncounted(row: &Row, evidence: &Evidence) -> Problems {
    let mut problems = Vec::new();
    problems.extend(not_read(row, evidence).map(|problem| (Severity::Warning, problem)));
    let peer = peer_not_reading(row, evidence);
    problems.extend(peer.map(|problem| (Severity::Warning, problem)));
    if row.socket.kind != Kind::Udp {
        return problems;
    }
    if let Some(rate) = row.drop_rate.filter(|rate| *rate > 0.0) {
        problems.push((Severity::Error, Problem::DatagramsDropped { rate }));
    } else if let Some(memory) = row.socket.memory {
        let (used, limit) = (memory.receive_used, memory.receive_limit);
        // The next datagram is dropped when it does not fit, so the buffer is never quite full.
        if u64::from(used) * 8 >= u64::from(limit) * 7 && used > 0 {
            problems.push((Severity::Note, Problem::BufferFull { used, limit }));
        }
    }
    problems
}

fn not_read(row: &Row, evidence: &Evidence) -> Option<Problem> {
    let waiting = row.socket.data_unread();
    if waiting == 0 {
        return None;
    }
    let unread = row.unread.filter(|_| evidence.sure.unread);
    match row.socket.tcp {
        Some(_) => is(unread, LATE).map(|lasting| Problem::NotReading { waiting, lasting }),
        None => is(unread, LATE_BY_LENGTH).map(|lasting| Problem::NotDraining { waiting, lasting }),
    }
}

fn peer_not_reading(row: &Row, evidence: &Evidence) -> Option<Problem> {
    if let Some(unaccepted) = evidence.other_unaccepted {
        let lasting = is(Some(unaccepted), LATE)?;
        return Some(Problem::PeerNotAccepting { lasting });
    }
    let late = if row.socket.tcp.is_some() { LATE } else { LATE_BY_LENGTH };
    let waiting = row.other_unread.filter(|waiting| *waiting > 0)?;
    let lasting = is(row.other_unread_for, late).filter(|_| evidence.sure.other_unread)?;
    let queued = match row.socket.kind {
        Kind::Tcp => row.socket.send_queue,
        // Their queue is the memory of what waits there.
        Kind::Udp | Kind::Unix(_) => 0,
    };
    Some(Problem::PeerNotReading { waiting, queued, lasting })
}

/// Sockets in TIME_WAIT: one is as it should be, and thousands are a habit that ends where ports do.
fn time_wait(rows: &[Row]) -> Problems {
    let waits = || rows.iter().filter(|row| row.socket.state == State::TimeWait);
    let count = waits().count();
    if count < TIME_WAIT_PILE {
        return Vec::new();
    }
    let mut problems = vec![(Severity::Note, Problem::TimeWaitPile { count })];
    // A port is taken towards one address only (`__inet_check_established`).
    let mut pairs: BTreeMap<(IpAddr, SocketAddr), usize> = BTreeMap::new();
    for row in waits() {
        if let (End::Inet(local), End::Inet(peer)) = (&row.socket.local, &row.socket.peer) {
            *pairs.entry((local.ip(), *peer)).or_default() += 1;
        }
    }
    let worst = pairs.into_iter().max_by_key(|(_, count)| *count);
    if let Some(((_, to), count)) = worst.filter(|(_, count)| *count >= PORTS) {
        problems.push((Severity::Warning, Problem::PortsInTimeWait { count, to }));
    }
    problems
}
