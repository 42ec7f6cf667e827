//! A frame added up for metrics: by program and state, so that there are as many series as there are
//! programs and listeners, and not as many as there are connections.

use std::collections::BTreeMap;
use std::time::Duration;

use framecat::core::escape::Escaped;
use framecat::core::sock_diag::State;
use framecat::core::watch::{Counters, Frame, Lasting, Row, Severity, Socket};

use super::words;

/// Series of one kind: what there is beyond is left out, and counted. A machine with more programs or
/// listeners than this has other problems; a Prometheus with as many series a target has them too.
const MOST: usize = 1000;

/// The words for what may be missing: a series each, from the beginning.
const MISSING: [&str; 7] = [
    "hidden-processes",
    "hidden-owners",
    "table",
    "counters",
    "ended",
    "other-namespace",
    "series",
];

/// What is told of a frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    pub(super) listeners: BTreeMap<Listening, Listener>,
    pub(super) groups: BTreeMap<Group, Sums>,
    pub(super) findings: BTreeMap<(String, Severity), usize>,
    pub(super) counters: Counters,
    pub(super) missing: BTreeMap<&'static str, usize>,
    pub(super) sampling: Duration,
}

/// The labels of listeners. Those that share an address and a program are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listening {
    pub(super) kind: String,
    pub(super) local: String,
    pub(super) process: String,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listener {
    /// The queue and the limit of the one of them that is fullest: where several share an address
    /// (SO_REUSEPORT), the kernel puts connections into the queue of one that does not accept although
    /// the others are empty.
    pub(super) queue: u64,
    pub(super) limit: u64,
    /// How many there are, and all their queues and limits.
    pub(super) members: u64,
    pub(super) all_queues: u64,
    pub(super) all_limits: u64,
    pub(super) half_open: Option<u64>,
    pub(super) full: Duration,
    pub(super) unaccepted: Duration,
}

/// The labels of all other sockets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) process: String,
    pub(super) kind: String,
    pub(super) state: String,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) sockets: u64,
    pub(super) receive_queue: u64,
    pub(super) send_queue: u64,
    pub(super) unread: Duration,
}

impl Figures {
    /// Adds up a frame, the sample of which took so long.
    pub(crate) fn of(frame: &Frame, sampling: Duration) -> Figures {
        let mut figures = Figures { counters: frame.counters, sampling, ..Figures::default() };
        figures.missing.extend(MISSING.map(|what| (what, 0)));
        for missing in &frame.missing {
            let (what, count) = words::missing(missing);
            *figures.missing.entry(what).or_default() += count;
        }
        for row in &frame.rows {
            figures.add(row);
        }
        for finding in &frame.findings {
            *figures.findings.entry((String::new(), finding.severity)).or_default() += 1;
        }
        figures
    }

    fn add(&mut self, row: &Row) {
        let Socket { kind, state, local, .. } = &row.socket;
        let (kind, process) = (kind.to_string(), process(&row.socket));
        for finding in &row.findings {
            let key = (process.clone(), finding.severity);
            if let Some(count) = at(&mut self.findings, key, &mut self.missing) {
                *count += 1;
            }
        }
        if *state == State::Listen {
            let key = Listening { kind, local: local.to_string(), process };
            if let Some(listener) = at(&mut self.listeners, key, &mut self.missing) {
                listener.add(row);
            }
        } else {
            let key = Group { process, kind, state: state.to_string() };
            if let Some(sums) = at(&mut self.groups, key, &mut self.missing) {
                sums.add(row);
            }
        }
    }
}

/// Where something is added to; `None`, and a count, once there are too many.
fn at<'a, K: Ord, V: Default>(
    map: &'a mut BTreeMap<K, V>,
    key: K,
    missing: &mut BTreeMap<&'static str, usize>,
) -> Option<&'a mut V> {
    if map.len() >= MOST && !map.contains_key(&key) {
        *missing.entry("series").or_default() += 1;
        return None;
    }
    Some(map.entry(key).or_default())
}

impl Listener {
    fn add(&mut self, row: &Row) {
        let lasted = |lasting: Option<Lasting>| lasting.map_or(Duration::ZERO, |it| it.time);
        let (queue, limit) = (row.socket.receive_queue.into(), row.socket.send_queue.into());
        if self.members == 0 || is_fuller((queue, limit), (self.queue, self.limit)) {
            (self.queue, self.limit) = (queue, limit);
        }
        self.members += 1;
        self.all_queues += queue;
        self.all_limits += limit;
        if let Some(count) = row.half_open {
            // Listeners that share an address have the same ones.
            self.half_open = self.half_open.max(Some(count.into()));
        }
        self.full = self.full.max(lasted(row.full));
        self.unaccepted = self.unaccepted.max(lasted(row.unaccepted));
    }
}

/// Whether of two queues with their limits the first is fuller. They hold one more than the limit.
fn is_fuller(a: (u64, u64), b: (u64, u64)) -> bool {
    let full =
        |(queue, _): (u64, u64), (_, other): (u64, u64)| u128::from(queue) * u128::from(other + 1);
    full(a, b) > full(b, a)
}

impl Sums {
    fn add(&mut self, row: &Row) {
        self.sockets += 1;
        self.receive_queue += u64::from(row.socket.receive_queue);
        self.send_queue += u64::from(row.socket.send_queue);
        self.unread = self.unread.max(row.unread.map_or(Duration::ZERO, |lasting| lasting.time));
    }
}

/// The name of a socket's program; empty if none has it, `?` if that cannot be seen.
fn process(socket: &Socket) -> String {
    match words::main_owner(socket) {
        Some(owner) => Escaped(owner.name.as_bytes()).to_string(),
        None if socket.inode == 0 => String::new(),
        None => "?".into(),
    }
}
