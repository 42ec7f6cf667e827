//! What the numbers of a socket were in the samples before: the graphs are drawn from it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use framecat::core::sock_diag::State;
use framecat::core::watch::{Frame, Kind, Row};

use crate::render::watch::words;

/// Points of a trace: as wide as a graph becomes on a wide screen.
const POINTS: usize = 240;

/// Sockets whose traces are kept: some screens full. With [`POINTS`] of 40 bytes they take 2.5 MB at most.
const SOCKETS: usize = 256;

/// As many numbers as a socket has graphs.
pub(super) const SERIES: usize = 5;

/// A number that a graph shows.
#[derive(Clone, Copy)]
pub(super) struct Series {
    pub(super) name: &'static str,
    value: fn(&Row) -> Option<f64>,
    pub(super) shown: fn(f64) -> String,
}

/// The graphs of a kind of socket, [`SERIES`] at most.
pub(super) fn series(row: &Row) -> &'static [Series] {
    match row.socket.kind {
        _ if row.socket.state == State::Listen => &LISTENER,
        Kind::Tcp => &CONNECTION,
        Kind::Udp => &DATAGRAMS,
        Kind::Unix(_) => &UNIX,
    }
}

const RECEIVE_QUEUE: Series =
    Series { name: "recvq", value: |row| Some(row.socket.receive_queue.into()), shown: bytes };
const SEND_QUEUE: Series =
    Series { name: "sendq", value: |row| Some(row.socket.send_queue.into()), shown: bytes };
const DROPS: Series =
    Series { name: "drops/s", value: |row| row.drop_rate, shown: |rate| words::rate(rate) };

const LISTENER: [Series; 3] = [
    Series { name: "acceptq", value: RECEIVE_QUEUE.value, shown: number },
    Series { name: "half-open", value: |row| row.half_open.map(f64::from), shown: number },
    DROPS,
];
const CONNECTION: [Series; SERIES] = [
    RECEIVE_QUEUE,
    SEND_QUEUE,
    Series {
        name: "rtt",
        value: |row| row.socket.tcp.map(|tcp| tcp.rtt.as_secs_f64()),
        shown: |seconds| words::time(Duration::from_secs_f64(seconds)),
    },
    Series { name: "in/s", value: |row| row.received_rate, shown: bytes },
    Series { name: "out/s", value: |row| row.sent_rate, shown: bytes },
];
const DATAGRAMS: [Series; 3] = [RECEIVE_QUEUE, SEND_QUEUE, DROPS];
const UNIX: [Series; 2] = [RECEIVE_QUEUE, SEND_QUEUE];

fn bytes(bytes: f64) -> String {
    words::bytes(bytes as u64)
}

fn number(number: f64) -> String {
    words::number(number as u64)
}

/// The numbers of one sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) at: Duration,
    /// Not a number where it is not known.
    pub(super) values: [f32; SERIES],
}

/// The numbers of one socket, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Trace {
    points: VecDeque<Point>,
    /// The frame in which somebody looked at it last, counted by the traces.
    wanted: u64,
}

/// The traces of the sockets that are looked at, and were.
#[derive(Debug, Default)]
pub(super) struct Traces {
    of: HashMap<u64, Trace>,
    frames: u64,
}

impl Trace {
    /// The last `count` points of those that are no newer than `at`, the oldest first.
    pub(super) fn until(&self, at: Duration, count: usize) -> impl Iterator<Item = &Point> {
        let end = self.points.partition_point(|point| point.at <= at);
        self.points.range(end.saturating_sub(count)..end)
    }

    fn add(&mut self, at: Duration, row: &Row) {
        if self.points.len() == POINTS {
            self.points.pop_front();
        }
        let mut values = [f32::NAN; SERIES];
        for (value, series) in values.iter_mut().zip(series(row)) {
            *value = (series.value)(row).map_or(f32::NAN, |value| value as f32);
        }
        self.points.push_back(Point { at, values });
    }
}

impl Traces {
    /// Takes the next frame: the traces of these sockets are begun, those that there are go on. Where
    /// all fit, all are begun. Those of sockets that are gone end, but for `kept`.
    pub(super) fn on_frame(&mut self, frame: &Frame, looked_at: &[u64], kept: Option<u64>) {
        self.frames += 1;
        let all = frame.rows.len() <= SOCKETS;
        for cookie in looked_at.iter().chain(&kept) {
            self.of.entry(*cookie).or_default().wanted = self.frames;
        }
        for row in &frame.rows {
            let cookie = row.socket.cookie;
            let trace = match all {
                true => Some(self.of.entry(cookie).or_default()),
                false => self.of.get_mut(&cookie),
            };
            if let Some(trace) = trace {
                trace.add(frame.at, row);
            }
        }
        let goes_on = |trace: &Trace| trace.points.back().is_some_and(|last| last.at == frame.at);
        self.of.retain(|cookie, trace| goes_on(trace) || Some(*cookie) == kept);
        self.forget_oldest();
    }

    /// Keeps those that somebody looked at last.
    fn forget_oldest(&mut self) {
        if self.of.len() <= SOCKETS {
            return;
        }
        let mut wanted: Vec<u64> = self.of.values().map(|trace| trace.wanted).collect();
        wanted.sort_unstable_by(|a, b| b.cmp(a));
        let oldest = wanted[SOCKETS - 1];
        // Of those that are alike some stay.
        let mut room = SOCKETS - wanted.iter().take_while(|wanted| **wanted > oldest).count();
        self.of.retain(|_, trace| {
            let alike = trace.wanted == oldest && room > 0;
            room -= usize::from(alike);
            trace.wanted > oldest || alike
        });
    }

    pub(super) fn of(&self, cookie: u64) -> Option<&Trace> {
        self.of.get(&cookie)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::watch::live::samples::{connection, frame};

    #[test]
    fn a_trace_has_the_last_points_only() {
        let mut traces = Traces::default();
        for at in 0..POINTS as u64 + 10 {
            traces.on_frame(&frame(at, vec![connection(1)]), &[1], None);
        }
        let seconds = |at, count| -> Vec<u64> {
            let points = traces.of(1).unwrap().until(Duration::from_secs(at), count);
            points.map(|point| point.at.as_secs()).collect()
        };
        let all = seconds(u64::MAX, usize::MAX);
        assert_eq!((all.len(), all[0]), (POINTS, 10));
        assert_eq!(seconds(20, 3), [18, 19, 20], "one may look at an earlier frame");
    }

    #[test]
    fn of_few_sockets_all_are_traced_and_of_many_those_that_are_looked_at() {
        let mut traces = Traces::default();
        traces.on_frame(&frame(1, (1..=256).map(connection).collect()), &[], None);
        assert_eq!(traces.of.len(), 256);
        let mut traces = Traces::default();
        traces.on_frame(&frame(1, (1..=257).map(connection).collect()), &[7, 8], None);
        assert_eq!(traces.of.len(), 2);
    }

    #[test]
    fn whoever_scrolls_through_thousands_keeps_the_traces_of_those_seen_last() {
        let mut traces = Traces::default();
        for at in 0..1000 {
            let rows = (1..=1000).map(connection).collect();
            traces.on_frame(&frame(at, rows), &[at + 1], None);
        }
        assert_eq!(traces.of.len(), SOCKETS);
        assert!(traces.of(1000).is_some() && traces.of(1000 - SOCKETS as u64).is_none());
        assert_eq!(traces.of(900).unwrap().points.len(), 101);
    }

    #[test]
    fn the_trace_of_a_socket_that_is_gone_ends_unless_somebody_looks_at_it() {
        let mut traces = Traces::default();
        traces.on_frame(&frame(1, vec![connection(1), connection(2)]), &[], None);
        traces.on_frame(&frame(2, vec![]), &[], Some(2));
        assert!(traces.of(1).is_none());
        assert_eq!(traces.of(2).unwrap().points.len(), 1);
    }
}
