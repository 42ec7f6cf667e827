//! A frame for a program: one JSON object a line. `schemas/watch.json` says what stands in it.
//!
//! Every key is always there. What is not known, and what a socket of this kind does not have, is null.
//!
//! A frame may be of ten thousand sockets, some megabytes: it is written straight from its rows, and no
//! tree of values is built between.

use std::fmt::Display;
use std::time::Duration;

use framecat::core::address::UnixName;
use framecat::core::sock_diag::{Memory, State, TcpInfo};
use framecat::core::watch::{End, Finding, Frame, Lasting, Missing, Owner, Row, Socket};
use jiff::{Timestamp, TimestampRound, Unit};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::words::COUNTERS;
use crate::render::json::line;

/// A frame in a line, sampled at `t`; `interval` is the time since the sample before.
pub(crate) fn frame(frame: &Frame, t: Timestamp, interval: Option<Duration>) -> String {
    line(&Sampled { frame, t, interval })
}

/// That a condition has held for so long, in a line: of a socket, or of all together.
pub(crate) fn fired(condition: &str, row: Option<&Row>, text: &str, t: Timestamp) -> String {
    line(&json!({
        "event": "fired",
        "t": time(t),
        "condition": condition,
        "socket": row.map(Json),
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

/// A frame, and what its line says besides.
struct Sampled<'a> {
    frame: &'a Frame,
    t: Timestamp,
    interval: Option<Duration>,
}

/// A part of a frame as it stands in a line.
struct Json<T>(T);

/// An array, of as many values as there are.
struct Array<I>(I);

/// A string: what `Display` says.
struct Text<T>(T);

/// The counters of the namespace a second.
struct Rates<'a>(&'a Frame);

impl Serialize for Sampled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Sampled { frame, t, interval } = self;
        let of_sockets = frame.rows.iter().flat_map(|row| {
            row.findings.iter().map(|found| Json((found, Some(row.socket.cookie))))
        });
        let of_all = frame.findings.iter().map(|found| Json((found, None)));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("t", &time(*t))?;
        map.serialize_entry("at_s", &frame.at.as_secs_f64())?;
        map.serialize_entry("interval_s", &interval.map(|time| time.as_secs_f64()))?;
        map.serialize_entry("sockets", &Array(frame.rows.iter().map(Json)))?;
        map.serialize_entry("counters", &Json(*frame))?;
        map.serialize_entry("findings", &Array(of_sockets.chain(of_all)))?;
        map.serialize_entry("missing", &Array(frame.missing.iter().map(Json)))?;
        map.end()
    }
}

impl Serialize for Json<&Row> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.0;
        let Socket { cookie, kind, state, local, peer, other, inode, uid, owners, .. } =
            &row.socket;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("cookie", cookie)?;
        map.serialize_entry("kind", &Text(kind))?;
        map.serialize_entry("state", &Text(state))?;
        map.serialize_entry("local", &Json(local))?;
        map.serialize_entry("peer", &Json(peer))?;
        map.serialize_entry("other", other)?;
        map.serialize_entry("inode", &Some(inode).filter(|inode| **inode != 0))?;
        map.serialize_entry("uid", uid)?;
        map.serialize_entry("owners", &Array(owners.iter().map(Json)))?;
        queues(row, &mut map)?;
        times(row, &mut map)?;
        rates(row, &mut map)?;
        let memory = row.socket.memory.as_ref().map(|memory| Json((memory, row.socket.drops())));
        map.serialize_entry("memory", &memory)?;
        map.serialize_entry("tcp", &row.socket.tcp.as_ref().map(Json))?;
        map.end()
    }
}

/// As addresses are written, without the scheme; null for none.
impl Serialize for Json<&End> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            // A wildcard is an address; no address and no port is none.
            End::Inet(at) if at.ip().is_unspecified() && at.port() == 0 => {
                serializer.serialize_none()
            }
            End::Inet(at) => serializer.collect_str(at),
            End::Unix(UnixName::Unnamed) => serializer.serialize_none(),
            End::Unix(name) => serializer.collect_str(name),
        }
    }
}

impl Serialize for Json<&Owner> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("pid", &self.0.pid)?;
        map.serialize_entry("name", &self.0.name)?;
        map.end()
    }
}

fn queues<M: SerializeMap>(row: &Row, map: &mut M) -> Result<(), M::Error> {
    let listens = row.socket.state == State::Listen;
    let of_listener = |value: u32| listens.then_some(value);
    let of_others = |value: u32| (!listens).then_some(value);
    let (receive, send) = (row.socket.receive_queue, row.socket.send_queue);
    map.serialize_entry("accept_queue", &of_listener(receive))?;
    map.serialize_entry("accept_queue_limit", &of_listener(send))?;
    map.serialize_entry("half_open", &row.half_open)?;
    map.serialize_entry("recvq_bytes", &of_others(receive))?;
    map.serialize_entry("sendq_bytes", &of_others(send))?;
    map.serialize_entry("unacknowledged_bytes", &row.unacknowledged)?;
    map.serialize_entry("unsent_bytes", &row.unsent)?;
    map.serialize_entry("other_unread_bytes", &row.other_unread)
}

/// How long things have lasted; `at_least` names those that may have begun before the watch did.
fn times<M: SerializeMap>(row: &Row, map: &mut M) -> Result<(), M::Error> {
    let all = [
        ("age_s", Some(row.age)),
        ("in_state_s", Some(row.in_state)),
        ("unread_s", row.unread),
        ("other_unread_s", row.other_unread_for),
        ("unaccepted_s", row.unaccepted),
        ("unacknowledged_s", row.unacknowledged_for),
        ("full_s", row.full),
        ("zero_window_s", row.zero_window),
    ];
    for (key, lasting) in &all {
        let seconds = lasting.map(|Lasting { time, .. }| time.as_secs_f64());
        map.serialize_entry(key, &seconds)?;
    }
    let begun_unseen = |lasting: Option<Lasting>| lasting.is_some_and(|it| !it.seen_to_begin);
    let at_least = all.iter().filter(|(_, lasting)| begun_unseen(*lasting)).map(|(key, _)| key);
    map.serialize_entry("at_least", &Array(at_least))
}

fn rates<M: SerializeMap>(row: &Row, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("received_bytes_per_s", &row.received_rate)?;
    map.serialize_entry("sent_bytes_per_s", &row.sent_rate)?;
    map.serialize_entry("retransmissions_per_s", &row.retransmission_rate)?;
    map.serialize_entry("drops_per_s", &row.drop_rate)
}

/// The memory, and what was dropped.
impl Serialize for Json<(&Memory, Option<u32>)> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Json((memory, drops)) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("receive_used_bytes", &memory.receive_used)?;
        map.serialize_entry("receive_limit_bytes", &memory.receive_limit)?;
        map.serialize_entry("send_limit_bytes", &memory.send_limit)?;
        map.serialize_entry("drops", drops)?;
        map.end()
    }
}

impl Serialize for Json<&TcpInfo> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tcp = self.0;
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        // 0 is what the kernel says before there was one.
        let measured = |time: Duration| (!tcp.rtt.is_zero()).then(|| micros(time));
        let seconds = Duration::as_secs_f64;
        let segments = tcp.data_segments;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rtt_us", &measured(tcp.rtt))?;
        map.serialize_entry("rtt_variation_us", &measured(tcp.rtt_variation))?;
        map.serialize_entry("retransmits", &tcp.retransmits)?;
        map.serialize_entry("total_retransmissions", &tcp.total_retransmissions)?;
        map.serialize_entry("probes", &tcp.probes)?;
        map.serialize_entry("congestion_window_segments", &tcp.congestion_window)?;
        map.serialize_entry("send_mss_bytes", &tcp.send_mss)?;
        map.serialize_entry("last_data_sent_s", &seconds(&tcp.last_data_sent))?;
        map.serialize_entry("last_data_received_s", &seconds(&tcp.last_data_received))?;
        map.serialize_entry("last_ack_received_s", &seconds(&tcp.last_ack_received))?;
        map.serialize_entry("acknowledged_bytes", &tcp.acknowledged)?;
        map.serialize_entry("received_bytes", &tcp.received)?;
        map.serialize_entry("sent_bytes", &tcp.sent)?;
        map.serialize_entry("sent_again_bytes", &tcp.sent_again)?;
        map.serialize_entry("data_segments_received", &segments.map(|it| it.received))?;
        map.serialize_entry("data_segments_sent", &segments.map(|it| it.sent))?;
        map.serialize_entry("window_limited_s", &tcp.window_limited.as_ref().map(seconds))?;
        map.serialize_entry("peer_window_bytes", &tcp.peer_window)?;
        map.serialize_entry("own_window_bytes", &tcp.own_window)?;
        map.end()
    }
}

/// What the namespace counts.
impl Serialize for Json<&Frame> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for counter in &COUNTERS {
            map.serialize_entry(counter.name, &(counter.value)(&self.0.counters))?;
        }
        map.serialize_entry("rates", &Rates(self.0))?;
        map.end()
    }
}

impl Serialize for Rates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rate = |counter: &super::words::Counter| (counter.rate)(&self.0.rates);
        serializer.collect_map(COUNTERS.iter().map(|it| (format!("{}_per_s", it.name), rate(it))))
    }
}

/// The cookie names the socket; null is all together.
impl Serialize for Json<(&Finding, Option<u64>)> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (finding, cookie) = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("cookie", &cookie)?;
        map.serialize_entry("severity", &Text(finding.severity))?;
        map.serialize_entry("problem", finding.problem.word())?;
        map.serialize_entry("text", &Text(finding))?;
        map.end()
    }
}

impl Serialize for Json<&Missing> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (what, count) = super::words::missing(self.0);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("what", what)?;
        map.serialize_entry("count", &count)?;
        map.serialize_entry("text", &Text(self.0))?;
        map.end()
    }
}

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Array<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
