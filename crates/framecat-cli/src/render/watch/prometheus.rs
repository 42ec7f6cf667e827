//! A frame as metrics for Prometheus. Sockets are added up by program and state, so that there are as
//! many series as there are programs and listeners, and not as many as there are connections.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use framecat::core::escape::Escaped;
use framecat::core::sock_diag::State;
use framecat::core::watch::{Counters, Frame, Lasting, Row, Severity, Socket};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Registry;

use super::words::{self, COUNTERS};

/// Series of one kind: what there is beyond is left out, and counted. A machine with more programs or
/// listeners than this has other problems; a Prometheus with as many series a target has them too.
const MOST: usize = 1000;

/// The two texts that Prometheus reads. They differ in how a counter is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exposition {
    /// OpenMetrics 1.0, for those who ask for it.
    OpenMetrics,
    /// The text that everybody reads, a browser too.
    Classic,
}

impl Exposition {
    /// What the HTTP header `Accept` asks for.
    pub(crate) fn accepted(accept: &str) -> Exposition {
        match accept.contains("application/openmetrics-text") {
            true => Exposition::OpenMetrics,
            false => Exposition::Classic,
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Exposition::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Exposition::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// What is told of a frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    listeners: BTreeMap<Listening, Listener>,
    groups: BTreeMap<Group, Sums>,
    findings: BTreeMap<(String, Severity), usize>,
    counters: Counters,
    missing: BTreeMap<&'static str, usize>,
    sampling: Duration,
}

/// The labels of listeners. Those that share an address and a program are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Listening {
    kind: String,
    local: String,
    process: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Listener {
    queue: u64,
    limit: u64,
    half_open: Option<u64>,
    full: Duration,
    unaccepted: Duration,
}

/// The labels of all other sockets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    process: String,
    kind: String,
    state: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    sockets: u64,
    receive_queue: u64,
    send_queue: u64,
    unread: Duration,
}

impl Figures {
    /// Adds up a frame, the sample of which took so long.
    pub(crate) fn of(frame: &Frame, sampling: Duration) -> Figures {
        let mut figures = Figures { counters: frame.counters, sampling, ..Figures::default() };
        for what in ["hidden-processes", "table", "counters", "ended", "other-namespace", "series"]
        {
            figures.missing.insert(what, 0);
        }
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

    /// The text that Prometheus scrapes.
    pub(crate) fn text(self, exposition: Exposition) -> String {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Told { figures: self, exposition }));
        let mut text = String::new();
        encode_registry(&mut text, &registry).expect("a string takes everything");
        if exposition == Exposition::OpenMetrics {
            encode_eof(&mut text).expect("a string takes everything");
        }
        text
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
        self.queue += u64::from(row.socket.receive_queue);
        self.limit += u64::from(row.socket.send_queue);
        if let Some(count) = row.half_open {
            *self.half_open.get_or_insert(0) += u64::from(count);
        }
        self.full = self.full.max(lasted(row.full));
        self.unaccepted = self.unaccepted.max(lasted(row.unaccepted));
    }
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
    match socket.owners.first() {
        Some(owner) => Escaped(owner.name.as_bytes()).to_string(),
        None if socket.inode == 0 => String::new(),
        None => "?".into(),
    }
}

/// The figures, in a text of one kind.
#[derive(Debug)]
struct Told {
    figures: Figures,
    exposition: Exposition,
}

type Labels = Vec<(&'static str, String)>;

impl Collector for Told {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.listeners(&mut encoder)?;
        self.sockets(&mut encoder)?;
        let findings = self.figures.findings.iter().map(|((process, severity), count)| {
            let severity = ("severity", severity.to_string());
            (vec![("process", process.clone()), severity], *count as u64)
        });
        let help = "What is wrong with sockets, and with all together where no process is named";
        gauge(&mut encoder, "framecat_findings", help, findings)?;
        self.counters(&mut encoder)?;
        let missing = self.figures.missing.iter();
        let missing =
            missing.map(|(what, count)| (vec![("what", (*what).to_owned())], *count as u64));
        gauge(&mut encoder, "framecat_missing", "What could not be seen", missing)?;
        let took = [(Labels::new(), self.figures.sampling.as_secs_f64())];
        let help = "How long the kernel was asked for this";
        gauge(&mut encoder, "framecat_sample_duration_seconds", help, took)
    }
}

impl Told {
    fn listeners(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let all = || {
            self.figures.listeners.iter().map(|(listening, listener)| {
                let Listening { kind, local, process } = listening.clone();
                (vec![("kind", kind), ("local", local), ("process", process)], listener)
            })
        };
        let name = "framecat_listener_accept_queue";
        let help = "Connections that wait to be accepted; more than the limit is full";
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.queue)))?;
        let (name, help) =
            ("framecat_listener_accept_queue_limit", "The limit of the accept queue");
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.limit)))?;
        let (name, help) = ("framecat_listener_half_open", "Handshakes under way");
        let half_open = all().filter_map(|(labels, it)| Some((labels, it.half_open?)));
        gauge(encoder, name, help, half_open)?;
        let name = "framecat_listener_full_seconds";
        let help = "For how long the accept queue has been full";
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.full.as_secs_f64())))?;
        let name = "framecat_listener_unaccepted_seconds";
        let help = "For how long the oldest connection has waited to be accepted";
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.unaccepted.as_secs_f64())))
    }

    fn sockets(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let all = || {
            self.figures.groups.iter().map(|(group, sums)| {
                let Group { process, kind, state } = group.clone();
                (vec![("process", process), ("kind", kind), ("state", state)], sums)
            })
        };
        let help = "Sockets that do not listen";
        gauge(encoder, "framecat_sockets", help, all().map(|(labels, it)| (labels, it.sockets)))?;
        let (name, help) = ("framecat_receive_queue_bytes", "What waits for the program");
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.receive_queue)))?;
        let (name, help) = ("framecat_send_queue_bytes", "What waits for the peers");
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.send_queue)))?;
        let name = "framecat_longest_unread_seconds";
        let help = "For how long the program has not read of one of them what waits";
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.unread.as_secs_f64())))
    }

    fn counters(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        for counter in &COUNTERS {
            let Some(value) = (counter.value)(&self.figures.counters) else { continue };
            match self.exposition {
                // The counter is declared without its suffix.
                Exposition::OpenMetrics => {
                    let (name, kind) = (counter.metric, MetricType::Counter);
                    let mut metric = encoder.encode_descriptor(name, counter.help, None, kind)?;
                    let none: Option<&Exemplar<Labels, f64>> = None;
                    metric.encode_counter(&value, none)?;
                }
                // And here with it; what is written is a value under a name, as a gauge's is.
                Exposition::Classic => {
                    let (name, kind) = (format!("{}_total", counter.metric), MetricType::Counter);
                    let mut metric = encoder.encode_descriptor(&name, counter.help, None, kind)?;
                    metric.encode_gauge(&i64::try_from(value).unwrap_or(i64::MAX))?;
                }
            }
        }
        Ok(())
    }
}

/// One metric with all its series; nothing of one that has none.
fn gauge<V: EncodeGaugeValue>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    series: impl IntoIterator<Item = (Labels, V)>,
) -> fmt::Result {
    let mut series = series.into_iter().peekable();
    if series.peek().is_none() {
        return Ok(());
    }
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in series {
        match labels.is_empty() {
            true => metric.encode_gauge(&value)?,
            false => metric.encode_family(&labels)?.encode_gauge(&value)?,
        }
    }
    Ok(())
}
