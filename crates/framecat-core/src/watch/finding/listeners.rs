//! What is wrong with listeners.

use std::time::Duration;

use super::super::{Kind, Lasting, Row};
use super::judge::{Evidence, LATE, LATE_BY_LENGTH, MOMENT, Problems, UNANSWERED, is};
use super::{Accepts, Problem, Severity};

/// Half of a shorter accept queue is a handful of connections, which come together now and then.
const LONG_ENOUGH: u32 = 8;

pub(super) fn listener(row: &Row, evidence: &Evidence) -> Problems {
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
    problems.extend(handshakes(row, evidence).map(|problem| (Severity::Warning, problem)));
    problems
}

fn handshakes(row: &Row, evidence: &Evidence) -> Option<Problem> {
    let (oldest, limit) = evidence.oldest_half_open?;
    let is_many = |count: &u32| *count >= LONG_ENOUGH && u64::from(*count) * 2 > limit.into();
    let count = row.half_open.filter(is_many)?;
    // Where the queue is full, handshakes cannot end, and that is said already.
    let lasts = oldest.time >= UNANSWERED && row.full.is_none();
    lasts.then_some(Problem::HalfOpen { count, limit, oldest })
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
