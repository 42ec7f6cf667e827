//! When something is wrong. Each threshold is a time or a number that a program which is well does not
//! reach, however busy it is.

use std::time::Duration;

use super::super::queues::{end_unread, is_connection, waits_for_accept};
use super::super::{Frame, Kind, Lasting, Row};
use super::{Finding, Problem, Severity, listeners, many};
use crate::sock_diag::State;

/// A queue may be full between two turns of a program's loop; who is turned away then asks again after a
/// second, so it is felt from there on.
pub(super) const MOMENT: Duration = Duration::from_secs(1);
/// A program that is well comes back to each of its sockets within this, or its users would complain.
pub(super) const LATE: Duration = Duration::from_secs(2);
/// Where only the length of a queue is known it takes six samples to say something ([`Sure`]), and as long as
/// those take when they are a second apart.
pub(super) const LATE_BY_LENGTH: Duration = Duration::from_secs(5);
/// What is lost on the way is sent again after 0.2 s, 0.6 s and 1.4 s (`TCP_RTO_MIN`), a SYN after a
/// second: by now it was lost three times.
pub(super) const UNANSWERED: Duration = Duration::from_secs(3);
/// Sent again so often that the first time was 6 s ago at least, whoever saw it.
const OFTEN: u8 = 5;
/// An answer is rarely longer in the making, so that a program should have seen the end of the stream.
const SLOW_TO_CLOSE: Duration = Duration::from_secs(10);
/// As long as the kernel keeps a connection that no program has any more (`tcp_fin_timeout`).
pub(super) const SERIOUS: Duration = Duration::from_secs(60);
/// What a client has no use for until its next request is less than this: session tickets of TLS
/// (some hundred bytes each), what HTTP/2 begins with, notices that the peer will close.
const LITTLE: u32 = 4096;
/// The kernel sends a keepalive or a probe of a window again and again, and each answer begins the count
/// anew (`tcp_ack`).
const PROBES: u8 = 3;
/// What is sent is sent again for the first time after this at the earliest (`TCP_RTO_MIN`), and each time
/// after twice as long.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(200);

/// What is known besides the row itself.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Evidence {
    /// Connections a second that found an accept queue of the namespace full.
    pub(in super::super) overflows: Option<f64>,
    /// Those, and what listeners of the namespace dropped for other reasons, a second.
    pub(in super::super) listen_drops: Option<f64>,
    /// Datagrams a second that found a receive buffer of the namespace full.
    pub(in super::super) udp_buffer_drops: Option<f64>,
    /// For how long the oldest handshake with this listener has been under way, and for how many there is
    /// room in all listeners at this place.
    pub(in super::super) oldest_half_open: Option<(Lasting, u32)>,
    /// The row's time of `unaccepted` is that of the oldest connection in the queue.
    pub(in super::super) oldest_is_seen: bool,
    /// For how long that has been the oldest.
    pub(in super::super) not_accepting: Option<Lasting>,
    /// For how long the socket at the other end has waited to be accepted, where it is in the sample.
    pub(in super::super) other_unaccepted: Option<Lasting>,
    /// It came in by a listener of this sample.
    pub(in super::super) is_served: bool,
    /// While something has waited to be read, more has come.
    pub(in super::super) more: bool,
    /// [`is_serious`] of the socket at the other end, where that is in the sample.
    pub(in super::super) other_serious: Option<bool>,
    /// So many of a hundred segments were sent again, where that is many.
    pub(in super::super) lost: Option<u32>,
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
        (State::Listen, _) => listeners::listener(row, evidence),
        (_, Kind::Tcp) => connection(row, evidence),
        (_, Kind::Udp | Kind::Unix(_)) => uncounted(row, evidence),
    };
    worst_first(problems)
}

/// Fills in what is wrong with the namespace, or with many sockets together. Where only a part of its sockets
/// was asked for, what it counts is of interest, and wrong only if it befalls one of these.
pub(in super::super) fn frame(frame: &mut Frame, is_part: bool, ports: Option<u32>) {
    let mut problems = Vec::new();
    let severity = |befalls: &dyn Fn(&Row) -> bool| match is_part && !frame.rows.iter().any(befalls)
    {
        true => Severity::Note,
        false => Severity::Error,
    };
    if let Some(rate) = frame.rates.listen_overflows.filter(|rate| *rate > 0.0) {
        let is_full = |row: &Row| row.full.is_some() && row.socket.kind == Kind::Tcp;
        problems.push((severity(&is_full), Problem::Overflows { rate }));
    }
    if let Some(rate) = frame.rates.udp_buffer_drops.filter(|rate| *rate > 0.0) {
        let drops = |row: &Row| {
            row.socket.kind == Kind::Udp && row.drop_rate.is_some_and(|rate| rate > 0.0)
        };
        problems.push((severity(&drops), Problem::NamespaceDropsDatagrams { rate }));
    }
    problems.extend(many::time_wait(&frame.rows));
    problems.extend(ports.and_then(|ports| many::ports(&frame.rows, ports)));
    frame.findings = worst_first(problems);
}

pub(super) type Problems = Vec<(Severity, Problem)>;

fn worst_first(mut problems: Problems) -> Vec<Finding> {
    problems.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    problems.into_iter().map(|(severity, problem)| Finding { severity, problem }).collect()
}

pub(super) fn is(lasting: Option<Lasting>, so_long: Duration) -> Option<Lasting> {
    lasting.filter(|lasting| lasting.time >= so_long)
}

fn connection(row: &Row, evidence: &Evidence) -> Problems {
    let mut problems = Problems::new();
    if waits_for_accept(&row.socket) {
        // Nobody reads before that, and nobody closes. The listener's finding is the warning: there may
        // be thousands of these.
        let lasting = is(row.unaccepted, LATE);
        problems.extend(lasting.map(|lasting| (Severity::Note, Problem::NotAccepted { lasting })));
    } else {
        let serious = is_serious(row, evidence.is_served, evidence.more);
        let severity = if serious { Severity::Warning } else { Severity::Note };
        problems.extend(not_read(row, evidence).map(|problem| (severity, problem)));
    }
    let window = is(row.zero_window, LATE).map(|lasting| Problem::ZeroWindow {
        unsent: row.unsent.unwrap_or(0),
        lasting,
        // Its socket is here, and what waits in it has not waited for as long.
        reads: row.other_unread.is_some(),
    });
    // That the peer does not read is why it offers no window.
    let peer = peer_not_reading(row, evidence)
        .or_else(|| unanswered(row).or(window).map(|problem| (Severity::Warning, problem)));
    problems.extend(peer);
    let lost = evidence.lost.map(|percent| (Severity::Warning, Problem::Loss { percent }));
    problems.extend(retransmitting(row).or(lost));
    problems.extend(state(row));
    problems
}

/// Whether it matters that this connection is not read. What a client has no use for may wait until its next
/// request, unless the peer goes on to send, or would if it could.
pub(in super::super) fn is_serious(row: &Row, is_served: bool, more: bool) -> bool {
    let waiting = row.socket.data_unread();
    let is_held_up = row.socket.tcp.and_then(|tcp| tcp.own_window) == Some(0);
    // Nothing goes on where the peer has closed; that the program has not is said for itself.
    let goes_on = more && row.socket.state != State::CloseWait;
    is_served || row.socket.tcp.is_none() || waiting >= LITTLE || is_held_up || goes_on
}

fn retransmitting(row: &Row) -> Option<(Severity, Problem)> {
    let mut lasting = row.unacknowledged_for.filter(|_| is_connection(&row.socket))?;
    let times = row.socket.tcp?.retransmits;
    let lasts = times >= OFTEN || times >= 2 && lasting.time >= UNANSWERED;
    if times >= OFTEN && !lasting.seen_to_begin {
        // That it was sent so often took so long, whoever saw it begin.
        let so_often = SHORTEST_TIMEOUT * ((1 << times.min(8)) - 1);
        lasting.time = lasting.time.max(so_often);
    }
    // What no program has any more the kernel brings to its end, or gives up.
    let severity = if row.socket.inode == 0 { Severity::Note } else { Severity::Warning };
    lasts.then_some((severity, Problem::Retransmitting { times, lasting }))
}

fn unanswered(row: &Row) -> Option<Problem> {
    let tcp = row.socket.tcp.filter(|_| is_connection(&row.socket))?;
    let lasting = Lasting { time: tcp.last_ack_received, seen_to_begin: true };
    let lasts = tcp.probes >= PROBES && lasting.time >= UNANSWERED;
    let unsent = row.unsent.unwrap_or(0);
    lasts.then_some(Problem::ProbesUnanswered { probes: tcp.probes, unsent, lasting })
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
    problems.extend(peer_not_reading(row, evidence));
    if row.socket.kind != Kind::Udp {
        return problems;
    }
    if let Some(rate) = row.drop_rate.filter(|rate| *rate > 0.0) {
        // What a socket drops are those with a wrong checksum too, and those that its filter refuses.
        let full = evidence.udp_buffer_drops.map(|rate| rate > 0.0);
        let severity = if full == Some(false) { Severity::Warning } else { Severity::Error };
        problems.push((severity, Problem::DatagramsDropped { rate, full }));
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

fn peer_not_reading(row: &Row, evidence: &Evidence) -> Option<(Severity, Problem)> {
    if let Some(unaccepted) = evidence.other_unaccepted {
        let lasting = is(Some(unaccepted), LATE)?;
        return Some((Severity::Warning, Problem::PeerNotAccepting { lasting }));
    }
    let late = if row.socket.tcp.is_some() { LATE } else { LATE_BY_LENGTH };
    let waiting = row.other_unread.filter(|waiting| *waiting > 0)?;
    let lasting = is(row.other_unread_for, late).filter(|_| evidence.sure.other_unread)?;
    let queued = match row.socket.kind {
        Kind::Tcp => row.socket.send_queue,
        // Their queue is the memory of what waits there.
        Kind::Udp | Kind::Unix(_) => 0,
    };
    // Where the other end is not in the sample, it is a client's if this one is a server's.
    let serious = evidence.other_serious.unwrap_or(!evidence.is_served || waiting >= LITTLE);
    let severity = if serious || queued > 0 { Severity::Warning } else { Severity::Note };
    Some((severity, Problem::PeerNotReading { waiting, queued, lasting }))
}
