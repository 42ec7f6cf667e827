//! A frame as metrics for Prometheus.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Registry;

use super::figures::{Figures, Group, Listening};
use super::words::COUNTERS;

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

impl Figures {
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
        let help = "Connections that wait to be accepted, of the fullest of those that share the \
                    address; more than the limit is full";
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.queue)))?;
        let (name, help) =
            ("framecat_listener_accept_queue_limit", "The limit of the accept queue");
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.limit)))?;
        let (name, help) = ("framecat_listener_members", "Listeners that share the address");
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.members)))?;
        let name = "framecat_listener_all_accept_queues";
        let help = "Connections that wait to be accepted by any of them";
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.all_queues)))?;
        let name = "framecat_listener_all_accept_queues_limit";
        let help = "The limits of their accept queues, added up";
        gauge(encoder, name, help, all().map(|(labels, it)| (labels, it.all_limits)))?;
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
