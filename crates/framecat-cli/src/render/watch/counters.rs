//! The counters of a network namespace by their names in each form, and what is said of them.

use framecat::core::watch::{Counters, Frame, Rates};

use super::words::{number, rate};

/// A counter of the namespace.
pub(crate) struct Counter {
    /// As JSON calls it.
    pub(crate) name: &'static str,
    /// As Prometheus calls it, without `_total`.
    pub(crate) metric: &'static str,
    /// As a person reads it.
    pub(crate) text: &'static str,
    /// What it counts.
    pub(crate) help: &'static str,
    pub(crate) value: fn(&Counters) -> Option<u64>,
    pub(crate) rate: fn(&Rates) -> Option<f64>,
}

/// All that the namespace counts, in the order in which it is shown.
pub(crate) const COUNTERS: [Counter; 5] = [
    Counter {
        name: "listen_overflows",
        metric: "framecat_listen_overflows",
        text: "accept queue overflows",
        help: "Connections and attempts that found an accept queue full",
        value: |counters| counters.listen_overflows,
        rate: |rates| rates.listen_overflows,
    },
    Counter {
        name: "listen_drops",
        metric: "framecat_listen_drops",
        text: "listen drops",
        help: "Connections and attempts that listeners dropped, for whatever reason",
        value: |counters| counters.listen_drops,
        rate: |rates| rates.listen_drops,
    },
    Counter {
        name: "retransmissions",
        metric: "framecat_tcp_retransmitted_segments",
        text: "retransmissions",
        help: "TCP segments sent again",
        value: |counters| counters.retransmissions,
        rate: |rates| rates.retransmissions,
    },
    Counter {
        name: "udp_no_ports",
        metric: "framecat_udp_no_port_datagrams",
        text: "datagrams to nobody",
        help: "Datagrams to ports where nobody was",
        value: |counters| counters.udp_no_ports,
        rate: |rates| rates.udp_no_ports,
    },
    Counter {
        name: "udp_buffer_drops",
        metric: "framecat_udp_buffer_dropped_datagrams",
        text: "datagrams dropped",
        help: "Datagrams dropped because a receive buffer was full",
        value: |counters| counters.udp_buffer_drops,
        rate: |rates| rates.udp_buffer_drops,
    },
];

/// What the namespace counts: `namespace: 0.2/s listen drops`. Where no rates are known yet, all that it
/// has counted, which on a machine that has been up for long says little of now.
pub(crate) fn namespace(frame: &Frame) -> Option<String> {
    let is_known = COUNTERS.iter().any(|counter| (counter.rate)(&frame.rates).is_some());
    if is_known {
        let rising = COUNTERS.iter().filter_map(|counter| {
            let per_second = (counter.rate)(&frame.rates).filter(|rate| *rate > 0.0)?;
            Some(format!("{} {}", rate(per_second), counter.text))
        });
        let rising: Vec<String> = rising.collect();
        return Some(match rising.is_empty() {
            true => "namespace: nothing dropped or sent again since the sample before".into(),
            false => format!("namespace: {}", rising.join(" · ")),
        });
    }
    let known = COUNTERS.iter().filter_map(|it| Some((it, (it.value)(&frame.counters)?)));
    let known: Vec<_> = known.collect();
    let totals = known.iter().filter(|(_, total)| *total > 0);
    let totals: Vec<String> =
        totals.map(|(counter, total)| format!("{} {}", number(*total), counter.text)).collect();
    match (known.is_empty(), totals.is_empty()) {
        (true, _) => None,
        (_, true) => Some("namespace: nothing dropped or sent again since it was made".into()),
        _ => Some(format!("namespace, since it was made: {}", totals.join(" · "))),
    }
}
