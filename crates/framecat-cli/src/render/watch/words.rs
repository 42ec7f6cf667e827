//! Numbers as they stand in columns, and the words that all forms of a frame share. In sentences numbers
//! are [`Bytes`](framecat::core::watch::Bytes), [`Span`](framecat::core::watch::Span) and their like.

use std::time::Duration;

use framecat::core::sock_diag::State;
use framecat::core::watch::{
    Counters, Frame, Lasting, Missing, Owner, Rates, Row, Severity, Socket,
};

/// What stands where something is not known.
pub(crate) const UNKNOWN: &str = "-";

/// Bytes for a column, at most five characters: `0`, `1023`, `64K`, `1.2M`. K, M, … are powers of 1024.
pub(crate) fn bytes(bytes: u64) -> String {
    scaled(bytes as f64, 1024.0, ["", "K", "M", "G", "T", "P", "E"])
}

/// A number of things for a column: `0`, `999`, `12k`, `1.2M`. k, M, … are powers of 1000.
pub(crate) fn number(number: u64) -> String {
    scaled(number as f64, 1000.0, ["", "k", "M", "G", "T", "P", "E"])
}

/// Bytes a second for a column: `64K`, and nothing for nothing.
pub(crate) fn byte_rate(rate: Option<f64>) -> String {
    rate.map_or(UNKNOWN.into(), |rate| scaled(rate, 1024.0, ["", "K", "M", "G", "T", "P", "E"]))
}

/// Things a second, for a sentence: `0.3/s`, `12/s`, `1.2k/s`.
pub(crate) fn rate(rate: f64) -> String {
    let number = match rate {
        tiny if tiny > 0.0 && tiny < 0.05 => "<0.1".into(),
        small if small > 0.0 && small < 9.95 => format!("{small:.1}"),
        rate => scaled(rate, 1000.0, ["", "k", "M", "G", "T", "P", "E"]),
    };
    format!("{number}/s")
}

/// A time for a column, at most five characters up to a hundred days: `120µs`, `3.5ms`, `3s`, `2:05`,
/// `3h12m` is `3h12`, `5d`.
pub(crate) fn time(time: Duration) -> String {
    match time.as_secs() {
        0 => below_a_second(time),
        seconds @ 1..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        seconds @ 3600..86_400 => format!("{}h{:02}", seconds / 3600, seconds / 60 % 60),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// How long something has lasted, for a column: `3s`, or `3s+` where it may have begun before we looked.
pub(crate) fn lasting(lasting: Lasting) -> String {
    match (lasting.seen_to_begin, lasting.time) {
        (true, lasted) => time(lasted),
        // "At least no time" says nothing.
        (false, Duration::ZERO) => UNKNOWN.into(),
        (false, lasted) => time(lasted) + "+",
    }
}

/// The receive queue for a column: bytes, and of a listener the connections that wait and how many may:
/// `6/5`. The kernel queues one more than the limit, so that is a full one.
pub(crate) fn receive_queue(row: &Row) -> String {
    let socket = &row.socket;
    match socket.state {
        State::Listen => format!("{}/{}", socket.receive_queue, socket.send_queue),
        _ => bytes(socket.receive_queue.into()),
    }
}

/// The send queue for a column: `12K+4K`, what was not sent and what was not acknowledged. One number where
/// the kernel gives but one.
pub(crate) fn send_queue(row: &Row) -> String {
    match (row.unsent, row.unacknowledged) {
        (Some(0), Some(0)) => "0".into(),
        (Some(unsent), Some(sent)) => format!("{}+{}", bytes(unsent.into()), bytes(sent.into())),
        _ => bytes(row.socket.send_queue.into()),
    }
}

/// Things a second for a column.
pub(crate) fn rate_in_column(number: Option<f64>) -> String {
    number.map_or(UNKNOWN.into(), |number| rate(number).trim_end_matches("/s").to_owned())
}

/// The smoothed round-trip time for a column; 0 is before there was one.
pub(crate) fn round_trip(socket: &Socket) -> String {
    let known = socket.tcp.map(|tcp| tcp.rtt).filter(|rtt| !rtt.is_zero());
    known.map_or(UNKNOWN.into(), time)
}

/// Who has the socket: `redis-server[4711]`, and how many more. Who cannot be seen is shown by his user,
/// `uid 33`; what no program has any more, as `-`.
pub(crate) fn owner(socket: &Socket) -> String {
    match (main_owner(socket), socket.uid) {
        (Some(owner), _) if socket.owners.len() == 1 => owner.to_string(),
        (Some(owner), _) => format!("{owner} +{}", socket.owners.len() - 1),
        (None, _) if socket.inode == 0 => UNKNOWN.into(),
        (None, Some(uid)) => format!("uid {uid}"),
        (None, None) => "?".into(),
    }
}

/// The programs that open sockets for others, and keep them open meanwhile (systemd.socket(5)).
const OPENERS: [&str; 2] = ["systemd", "init"];

/// The first of those who have the socket, in the order of their numbers, who did not open it for another:
/// of a server and its workers that is most often the server.
pub(crate) fn main_owner(socket: &Socket) -> Option<&Owner> {
    let opens_for_others = |owner: &Owner| OPENERS.contains(&&*owner.name);
    let uses = socket.owners.iter().find(|owner| !opens_for_others(owner));
    uses.or_else(|| socket.owners.first())
}

/// How bad something is, in one character.
pub(crate) fn mark(severity: Severity) -> char {
    match severity {
        Severity::Note => '·',
        Severity::Warning => '!',
        Severity::Error => '✗',
    }
}

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

/// What could not be seen, in a word for programs, and of how much; 1 where it cannot be counted.
pub(crate) fn missing(missing: &Missing) -> (&'static str, usize) {
    match missing {
        Missing::HiddenProcesses(count) => ("hidden-processes", *count),
        Missing::HiddenOwners { sockets, .. } => ("hidden-owners", *sockets),
        Missing::Table(_) => ("table", 1),
        Missing::Counters(names) => ("counters", names.len()),
        Missing::Ended { .. } => ("ended", 1),
        Missing::OtherNamespace { .. } => ("other-namespace", 1),
    }
}

fn below_a_second(time: Duration) -> String {
    match time.as_micros() {
        0 => "0s".into(),
        micros @ 1..1000 => format!("{micros}µs"),
        micros @ 1000..9950 => format!("{:.1}ms", micros as f64 / 1e3),
        micros => format!("{}ms", micros / 1000),
    }
}

/// Three digits and a unit, or four digits in the first: `1.2M`, `64K`, `1023`.
fn scaled(mut value: f64, step: f64, units: [&str; 7]) -> String {
    let mut unit = 0;
    // Rounded as it will be shown: 1023.7 is not `1024`.
    while value.round() >= step && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    let unit_name = units[unit];
    if unit > 0 && value < 9.95 {
        let text = format!("{value:.1}");
        return format!("{}{unit_name}", text.strip_suffix(".0").unwrap_or(&text));
    }
    format!("{value:.0}{unit_name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_three_digits_and_a_unit() {
        for (value, text) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1K"),
            (1536, "1.5K"),
            (65536, "64K"),
            (1_048_575, "1M"),
            (1_258_291, "1.2M"),
            (10_189_000, "9.7M"),
            (u64::MAX, "16E"),
        ] {
            assert_eq!(bytes(value), text, "{value}");
        }
        assert_eq!(
            (number(999), number(1000), number(12_345)),
            ("999".into(), "1k".into(), "12k".into())
        );
    }

    #[test]
    fn rates_below_ten_have_a_fraction() {
        for (value, text) in [
            (0.0, "0/s"),
            (0.04, "<0.1/s"),
            (0.05, "0.1/s"),
            (0.25, "0.2/s"),
            (9.96, "10/s"),
            (1234.0, "1.2k/s"),
        ] {
            assert_eq!(rate(value), text);
        }
        assert_eq!(rate_in_column(Some(0.5)), "0.5");
        assert_eq!((byte_rate(None), byte_rate(Some(2048.0))), ("-".into(), "2K".into()));
    }

    #[test]
    fn times_are_short() {
        for (micros, text) in [
            (0, "0s"),
            (120, "120µs"),
            (3500, "3.5ms"),
            (9960, "9ms"),
            (999_999, "999ms"),
            (3_900_000, "3s"),
            (125_000_000, "2:05"),
            (3600 * 1_000_000, "1h00"),
            (11_520 * 1_000_000, "3h12"),
            (100 * 86_400 * 1_000_000, "100d"),
        ] {
            assert_eq!(time(Duration::from_micros(micros)), text, "{micros}");
        }
        let lasted =
            |seen_to_begin, seconds| Lasting { time: Duration::from_secs(seconds), seen_to_begin };
        assert_eq!(lasting(lasted(true, 3)), "3s");
        assert_eq!(lasting(lasted(false, 3)), "3s+");
        assert_eq!(lasting(lasted(true, 0)), "0s");
        assert_eq!(lasting(lasted(false, 0)), "-");
    }
}
