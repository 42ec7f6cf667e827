//! How much a second: what was counted since the sample before.

use std::time::Duration;

use super::super::queues::is_connection;
use super::super::{Counters, Rates, Row};
use super::clocks::Past;

/// Fills in the rates of a row that stood in the sample before.
pub(super) fn of_row(row: &mut Row, before: &Past, gap: Duration) {
    let seconds = gap.as_secs_f64();
    if let Some((then, now)) = before.tcp.zip(row.socket.tcp).filter(|_| is_connection(&row.socket))
    {
        // Bytes sent for the first time: without it, a peer that is gone would look like traffic.
        let fresh = |sent: Option<u64>, again: Option<u64>| sent?.checked_sub(again?);
        let sent = fresh(now.sent, now.sent_again).zip(fresh(then.sent, then.sent_again));
        row.received_rate = rate(then.received, now.received, seconds);
        row.sent_rate = sent.and_then(|(now, then)| rate(then, now, seconds));
        row.retransmission_rate =
            rate(then.total_retransmissions.into(), now.total_retransmissions.into(), seconds);
    }
    let drops = row.socket.drops();
    row.drop_rate = rates(before.drops.map(u64::from), drops.map(u64::from), seconds);
}

/// What the namespace counted a second.
pub(super) fn of_namespace(then: &Counters, now: &Counters, gap: Duration) -> Rates {
    let seconds = gap.as_secs_f64();
    Rates {
        listen_overflows: rates(then.listen_overflows, now.listen_overflows, seconds),
        listen_drops: rates(then.listen_drops, now.listen_drops, seconds),
        retransmissions: rates(then.retransmissions, now.retransmissions, seconds),
        udp_no_ports: rates(then.udp_no_ports, now.udp_no_ports, seconds),
        udp_buffer_drops: rates(then.udp_buffer_drops, now.udp_buffer_drops, seconds),
    }
}

fn rates(then: Option<u64>, now: Option<u64>, seconds: f64) -> Option<f64> {
    rate(then?, now?, seconds)
}

/// `None` if no time has passed, and if a counter went back: then it began anew in between, and what it
/// has counted since is not known.
fn rate(then: u64, now: u64, seconds: f64) -> Option<f64> {
    let counted = now.checked_sub(then)?;
    (seconds > 0.0).then(|| counted as f64 / seconds)
}
