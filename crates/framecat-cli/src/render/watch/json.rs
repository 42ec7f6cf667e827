//! A frame for a program: one JSON object a line. `schemas/watch.json` says what stands in it.
//!
//! Every key is always there. What is not known, and what a socket of this kind does not have, is null.

use std::time::Duration;

use framecat::core::sock_diag::{State, TcpInfo};
use framecat::core::watch::{End, Finding, Frame, Lasting, Missing, Row, Socket};
use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::{Map, Value, json};

use super::words::COUNTERS;
use crate::render::json::line;

/// A frame in a line, sampled at `t`; `interval` is the time since the sample before.
pub(crate) fn frame(frame: &Frame, t: Timestamp, interval: Option<Duration>) -> String {
    let sockets: Vec<Value> = frame.rows.iter().map(socket).collect();
    let of_sockets = frame
        .rows
        .iter()
        .flat_map(|row| row.findings.iter().map(|found| finding(found, Some(row.socket.cookie))));
    let of_all = frame.findings.iter().map(|found| finding(found, None));
    line(&json!({
        "t": time(t),
        "at_s": frame.at.as_secs_f64(),
        "interval_s": interval.map(|time| time.as_secs_f64()),
        "sockets": sockets,
        "counters": counters(frame),
        "findings": of_sockets.chain(of_all).collect::<Vec<Value>>(),
        "missing": frame.missing.iter().map(missing).collect::<Vec<Value>>(),
    }))
}

/// That a condition has held for so long, in a line: of a socket, or of all together.
pub(crate) fn fired(condition: &str, row: Option<&Row>, text: &str, t: Timestamp) -> String {
    line(&json!({
        "event": "fired",
        "t": time(t),
        "condition": condition,
        "socket": row.map(socket),
        "text": text,
    }))
}

/// Something that is said of the watch itself, in a line.
pub(crate) fn said(event: &str, text: &str, t: Timestamp) -> String {
    line(&json!({ "event": event, "t": time(t), "text": text }))
}

/// RFC 3339, in UTC, to the millisecond.
fn time(t: Timestamp) -> String {
    let rounded = t.round(TimestampRound::new().smallest(Unit::Millisecond)).unwrap_or(t);
    format!("{rounded:.3}")
}

fn socket(row: &Row) -> Value {
    let Socket { cookie, kind, state, local, peer, .. } = &row.socket;
    let mut object = json!({
        "cookie": cookie,
        "kind": kind.to_string(),
        "state": state.to_string(),
        "local": name(local),
        "peer": name(peer),
        "other": row.socket.other,
        "inode": Some(row.socket.inode).filter(|inode| *inode != 0),
        "uid": row.socket.uid,
        "owners": owners(&row.socket),
    });
    let fields = object.as_object_mut().expect("it was made one");
    queues(row, fields);
    times(row, fields);
    rates(row, fields);
    fields.insert("memory".into(), memory(&row.socket));
    fields.insert("tcp".into(), row.socket.tcp.as_ref().map_or(Value::Null, tcp));
    object
}

/// As addresses are written, without the scheme; null for none.
fn name(end: &End) -> Option<String> {
    match end {
        // A wildcard is an address; no address and no port is none.
        End::Inet(at) if at.ip().is_unspecified() && at.port() == 0 => None,
        End::Inet(at) => Some(at.to_string()),
        End::Unix(_) => Some(end.to_string()).filter(|name| name != "*"),
    }
}

fn owners(socket: &Socket) -> Vec<Value> {
    let owner =
        |owner: &framecat::core::watch::Owner| json!({ "pid": owner.pid, "name": owner.name });
    socket.owners.iter().map(owner).collect()
}

fn queues(row: &Row, fields: &mut Map<String, Value>) {
    let listens = row.socket.state == State::Listen;
    let of_listener = |value: u32| listens.then_some(value);
    let of_others = |value: u32| (!listens).then_some(value);
    let (receive, send) = (row.socket.receive_queue, row.socket.send_queue);
    for (key, value) in [
        ("accept_queue", of_listener(receive)),
        ("accept_queue_limit", of_listener(send)),
        ("half_open", row.half_open),
        ("recvq_bytes", of_others(receive)),
        ("sendq_bytes", of_others(send)),
        ("unacknowledged_bytes", row.unacknowledged),
        ("unsent_bytes", row.unsent),
        ("other_unread_bytes", row.other_unread),
    ] {
        fields.insert(key.into(), value.into());
    }
}

/// How long things have lasted; `at_least` names those that may have begun before the watch did.
fn times(row: &Row, fields: &mut Map<String, Value>) {
    let mut at_least = Vec::new();
    for (key, lasting) in [
        ("age_s", Some(row.age)),
        ("in_state_s", Some(row.in_state)),
        ("unread_s", row.unread),
        ("other_unread_s", row.other_unread_for),
        ("unaccepted_s", row.unaccepted),
        ("unacknowledged_s", row.unacknowledged_for),
        ("full_s", row.full),
        ("zero_window_s", row.zero_window),
    ] {
        if lasting.is_some_and(|lasting| !lasting.seen_to_begin) {
            at_least.push(key);
        }
        let seconds = lasting.map(|Lasting { time, .. }| time.as_secs_f64());
        fields.insert(key.into(), seconds.into());
    }
    fields.insert("at_least".into(), at_least.into());
}

fn rates(row: &Row, fields: &mut Map<String, Value>) {
    for (key, rate) in [
        ("received_bytes_per_s", row.received_rate),
        ("sent_bytes_per_s", row.sent_rate),
        ("retransmissions_per_s", row.retransmission_rate),
        ("drops_per_s", row.drop_rate),
    ] {
        fields.insert(key.into(), rate.into());
    }
}

fn memory(socket: &Socket) -> Value {
    socket.memory.map_or(Value::Null, |memory| {
        json!({
            "receive_used_bytes": memory.receive_used,
            "receive_limit_bytes": memory.receive_limit,
            "send_limit_bytes": memory.send_limit,
            "drops": memory.drops,
        })
    })
}

fn tcp(tcp: &TcpInfo) -> Value {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    json!({
        // 0 is what the kernel says before there was one.
        "rtt_us": Some(micros(tcp.rtt)).filter(|rtt| *rtt > 0),
        "rtt_variation_us": Some(micros(tcp.rtt_variation)).filter(|_| !tcp.rtt.is_zero()),
        "retransmits": tcp.retransmits,
        "total_retransmissions": tcp.total_retransmissions,
        "probes": tcp.probes,
        "congestion_window_segments": tcp.congestion_window,
        "send_mss_bytes": tcp.send_mss,
        "last_data_sent_s": tcp.last_data_sent.as_secs_f64(),
        "last_data_received_s": tcp.last_data_received.as_secs_f64(),
        "last_ack_received_s": tcp.last_ack_received.as_secs_f64(),
        "acknowledged_bytes": tcp.acknowledged,
        "received_bytes": tcp.received,
        "sent_bytes": tcp.sent,
        "sent_again_bytes": tcp.sent_again,
        "data_segments_received": tcp.data_segments.map(|segments| segments.received),
        "data_segments_sent": tcp.data_segments.map(|segments| segments.sent),
        "window_limited_s": tcp.window_limited.map(|time| time.as_secs_f64()),
        "peer_window_bytes": tcp.peer_window,
        "own_window_bytes": tcp.own_window,
    })
}

fn counters(frame: &Frame) -> Value {
    let mut counters = Map::new();
    let mut rates = Map::new();
    for counter in &COUNTERS {
        counters.insert(counter.name.into(), (counter.value)(&frame.counters).into());
        rates.insert(format!("{}_per_s", counter.name), (counter.rate)(&frame.rates).into());
    }
    counters.insert("rates".into(), rates.into());
    counters.into()
}

/// `cookie` names the socket; null is all together.
fn finding(finding: &Finding, cookie: Option<u64>) -> Value {
    json!({
        "cookie": cookie,
        "severity": finding.severity.to_string(),
        "problem": finding.problem.word(),
        "text": finding.to_string(),
    })
}

fn missing(missing: &Missing) -> Value {
    let (what, count) = super::words::missing(missing);
    json!({ "what": what, "count": count, "text": missing.to_string() })
}
