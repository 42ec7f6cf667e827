//! `framecat watch --prometheus`: the metrics, and how the server behaves to those who ask.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use super::sockets::{Deaf, Pair};
use super::watching::{start, watch};
use crate::support::{PATIENCE, Process};

/// A server of metrics.
struct Exporter {
    process: Process,
    address: String,
}

/// What an HTTP server answered.
struct Answer {
    head: String,
    body: String,
}

impl Exporter {
    #[track_caller]
    fn start(args: &[&str]) -> Exporter {
        let process = start(&[&["--prometheus", ":0"], args].concat());
        let line = process.wait_stderr(|line| line.starts_with("listening on "));
        let address = line.strip_prefix("listening on http://").expect("it speaks HTTP");
        let address = address.strip_suffix("/metrics").expect("they are there").to_owned();
        Exporter { process, address }
    }

    /// Sends these bytes, and takes what comes until the server closes.
    #[track_caller]
    fn says_to(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("it is more than 0");
        stream.write_all(request.as_bytes()).expect("there is room");
        let mut answer = Vec::new();
        // One that is refused before it was read to its end may be reset behind the answer.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).expect("it is text");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Answer { head: head.to_owned(), body: body.to_owned() }
    }

    #[track_caller]
    fn scrape(&self) -> Metrics {
        let answer = self.says_to("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(answer.head.starts_with("HTTP/1.1 200 OK\r\n"), "{}", answer.head);
        assert!(answer.head.contains("\r\ncontent-type: text/plain; version=0.0.4;"));
        Metrics::parse(&answer.body)
    }

    /// Scrapes until this series has this value.
    #[track_caller]
    fn scrape_until(&self, series: &str, value: f64) -> Metrics {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let metrics = self.scrape();
            if metrics.series.get(series) == Some(&value) {
                return metrics;
            }
            let found = &metrics.series;
            assert!(Instant::now() < give_up, "{series} is not {value}: {found:#?}");
        }
    }
}

/// What the text says: a value a series, and the type of each metric.
#[derive(Debug)]
struct Metrics {
    series: BTreeMap<String, f64>,
    types: BTreeMap<String, String>,
}

impl Metrics {
    /// Reads the text format, version 0.0.4, and refuses what is none of it.
    #[track_caller]
    fn parse(text: &str) -> Metrics {
        let mut metrics = Metrics { series: BTreeMap::new(), types: BTreeMap::new() };
        let mut current = String::new();
        assert!(text.ends_with('\n'), "the last line has an end: {text}");
        for line in text.lines() {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match words[..] {
                ["#", "HELP", name, help] => {
                    assert!(!help.is_empty(), "{line}");
                    name.clone_into(&mut current);
                }
                ["#", "TYPE", name, kind] => {
                    assert_eq!(name, current, "the type stands behind the help");
                    assert!(["gauge", "counter"].contains(&kind), "{line}");
                    let known = metrics.types.insert(name.into(), kind.into());
                    assert_eq!(known, None, "all series of a metric stand together: {line}");
                }
                _ => metrics.add(line, &current),
            }
        }
        metrics
    }

    #[track_caller]
    fn add(&mut self, line: &str, metric: &str) {
        let (series, value) = line.rsplit_once(' ').expect("a series and its value");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        assert_eq!(name, metric, "{line}");
        let labels = labels.strip_suffix('}').expect("a closing brace");
        let mut rest = labels;
        while !rest.is_empty() {
            let (label, value) = rest.split_once("=\"").expect("a label and its value");
            assert!(label.bytes().all(|byte| byte.is_ascii_lowercase()), "{line}");
            let end = unescaped_quote(value).expect("the value ends");
            rest = &value[end + 1..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        let value = value.parse().expect("a number");
        assert_eq!(self.series.insert(series.into(), value), None, "once each: {line}");
    }
}

fn unescaped_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

#[test]
fn a_listener_has_its_queue_and_each_counter_its_type() {
    let mut deaf = Deaf::with_backlog(5);
    let exporter = Exporter::start(&[&deaf.port()]);
    let queue = |metrics: &Metrics| {
        let prefix =
            format!(r#"framecat_listener_accept_queue{{kind="tcp",local="{}""#, deaf.address());
        metrics.series.keys().find(|series| series.starts_with(&prefix)).expect("it").clone()
    };
    let first = exporter.scrape();
    let series = queue(&first);
    assert_eq!(first.series[&series], 0.0);
    deaf.knock(6);
    let second = exporter.scrape_until(&series, 6.0);
    let limit = series.replacen("accept_queue{", "accept_queue_limit{", 1);
    assert_eq!(second.series[&limit], 5.0);
    for counter in [
        "framecat_listen_overflows_total",
        "framecat_listen_drops_total",
        "framecat_tcp_retransmitted_segments_total",
        "framecat_udp_no_port_datagrams_total",
        "framecat_udp_buffer_dropped_datagrams_total",
    ] {
        assert_eq!(second.types[counter], "counter");
        assert!(second.series[counter] >= first.series[counter], "{counter} never falls");
    }
    assert!(second.series["framecat_sample_duration_seconds"] > 0.0);
    assert_eq!(second.series[r#"framecat_missing{what="ended"}"#], 0.0);
    // A queue is full now and then; it is an error once it stays so.
    let process = series.rsplit_once("process=").expect("it has this label").1;
    let process = process.strip_suffix('}').expect("it is the last");
    let found = format!(r#"framecat_findings{{process={process},severity="error"}}"#);
    exporter.scrape_until(&found, 1.0);
}

#[test]
fn sockets_are_added_up_by_program_and_state() {
    let (first, second) = (Pair::unread(), Pair::unread());
    let pid = format!("pid:{}", std::process::id());
    let ports = [first.port(), second.port()];
    let filter = format!("(port={} or port={}) and not state=LISTEN", ports[0], ports[1]);
    let exporter = Exporter::start(&[&pid, "--filter", &filter]);
    let metrics = exporter.scrape();
    let series = |metric: &str| {
        let of_it = metrics.series.keys().find(|series| series.starts_with(metric));
        of_it.unwrap_or_else(|| panic!("no {metric} in {metrics:#?}")).clone()
    };
    assert_eq!(metrics.series[&series("framecat_sockets{")], 4.0, "{metrics:#?}");
    let waiting = series("framecat_receive_queue_bytes{");
    exporter.scrape_until(&waiting, 10.0);
    let of_listeners = metrics.series.keys().filter(|series| series.contains("listener"));
    assert_eq!(of_listeners.count(), 0, "{metrics:#?}");
}

#[test]
fn openmetrics_is_for_those_who_ask_for_it() {
    let pair = Pair::read();
    let exporter = Exporter::start(&[&pair.port()]);
    let answer = exporter.says_to(
        "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: application/openmetrics-text;version=1.0.0,\
         text/plain;q=0.5\r\n\r\n",
    );
    assert!(answer.head.contains("content-type: application/openmetrics-text; version=1.0.0;"));
    assert!(
        answer.body.contains("# TYPE framecat_listen_drops counter\nframecat_listen_drops_total ")
    );
    assert!(answer.body.ends_with("# EOF\n"), "{}", answer.body);
}

#[test]
fn requests_for_anything_else_are_refused() {
    let pair = Pair::read();
    let mut exporter = Exporter::start(&[&pair.port()]);
    let long = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found"),
        ("GET /metrics/x HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found"),
        (
            "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
            "405 Method Not Allowed",
        ),
        ("no request at all\r\n\r\n", "400 Bad Request"),
        (&long, "431 Request Header Fields Too Large"),
        ("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK"),
        ("GET /metrics?x=y HTTP/1.0\r\n\r\n", "200 OK"),
    ] {
        let answer = exporter.says_to(request);
        let first = answer.head.lines().next().unwrap_or_default();
        assert!(first.ends_with(status), "{first:?} to {request:.40}");
        assert_eq!(
            status == "405 Method Not Allowed",
            answer.head.contains("\r\nallow: GET, HEAD")
        );
    }
    let head = exporter.says_to("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(head.body, "");
    exporter.scrape();
    let output = exporter.process.terminate().succeeded();
    assert_eq!(output.stdout(), "");
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
}

#[test]
fn those_who_say_nothing_do_not_keep_others_out() {
    let pair = Pair::read();
    let exporter = Exporter::start(&[&pair.port()]);
    let mut silent: Vec<TcpStream> =
        (0..40).map(|_| TcpStream::connect(&exporter.address).expect("it listens")).collect();
    exporter.scrape();
    // The oldest was cut off for the sake of others, long before its time was over: nothing else ends it.
    let oldest = &mut silent[0];
    oldest.set_read_timeout(Some(PATIENCE)).expect("it is more than 0");
    let ended = oldest.read(&mut [0; 64]);
    assert!(matches!(ended, Ok(0) | Err(_)), "it asked nothing: {ended:?}");
    let kind = ended.map_err(|error| error.kind());
    assert!(!matches!(kind, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{kind:?}");
    let newest = &mut silent[39];
    newest.set_nonblocking(true).expect("it is a socket");
    let waits = newest.read(&mut [0; 64]).expect_err("it still waits for its request");
    assert_eq!(waits.kind(), ErrorKind::WouldBlock);
}

#[test]
fn an_address_that_cannot_be_had_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let taken = taken.local_addr().map(|at| (taken, at)).expect("it is bound");
    let output = watch(&["--prometheus", &taken.1.to_string()]).ended_with(2);
    let problem = format!("framecat: cannot listen on tcp://{}: address already in use", taken.1);
    assert!(output.stderr.starts_with(&problem), "{output:?}");
    let output = watch(&["--prometheus", "unix:///tmp/x"]).ended_with(2);
    let problem =
        "framecat: --prometheus: unix:///tmp/x is not scraped: write host:port or :port\n";
    assert_eq!(output.stderr, problem);
    let output = watch(&["--prometheus", ":0", "4194999"]).ended_with(2);
    assert!(output.stderr.starts_with("framecat: there is no process 4194999"), "{output:?}");
}
