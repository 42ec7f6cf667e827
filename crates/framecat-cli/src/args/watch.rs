//! `framecat watch`: the flags, and what they mean.

use std::io::IsTerminal as _;
use std::net::Ipv6Addr;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use framecat::core::address::{Address, Host, HostPort};
use framecat::core::escape::Escaped;
use framecat::core::watch::{Condition, FIELDS, Trigger};

use super::common::UsageError;
use super::value::Span;

/// A sample takes some milliseconds where there are thousands of sockets; more often than this it would
/// be the load that one sees.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);

/// The fields that rows can be sorted by, as conditions name them.
const SORTS: [&str; 15] = [
    "recvq", "sendq", "acceptq", "halfopen", "unread", "age", "rtt", "in", "out", "retrans",
    "drops", "severity", "local", "peer", "process",
];

/// See the kernel's queues: who does not accept, who does not read, what was dropped
///
/// Shows the sockets of this network namespace with what the kernel says of them, and says in words what
/// is wrong. At a terminal the view is live; in a pipe there is a table a sample.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct WatchArgs {
    /// What to watch: an address (:5050, udp://:53, unix:///path, unix://@name), a port, pid:N, the name
    /// of a program [default: everything]
    #[arg(value_name = "TARGET", conflicts_with_all = ["pid", "process"])]
    target: Option<String>,
    /// The sockets of this process
    #[arg(long, value_name = "N", conflicts_with = "process")]
    pid: Option<u32>,
    /// The sockets of every process of this name
    #[arg(long, value_name = "NAME")]
    process: Option<String>,
    /// Only the sockets of which this holds, as in 'recvq>0 and state=ESTABLISHED'; --fail-if looks at
    /// no others
    #[arg(long, value_name = "EXPR")]
    filter: Option<Condition>,
    /// End with 3 once this has held of a socket for so long, as in 'unread>5s' or 'state=CLOSE_WAIT for
    /// 10s'; may be repeated
    #[arg(long, value_name = "EXPR for TIME")]
    fail_if: Vec<Trigger>,
    /// Show one sample and end
    #[arg(long, conflicts_with_all = ["interval", "time", "fail_if", "prometheus"])]
    once: bool,
    /// Take a sample so often [default: 1s]
    #[arg(long, value_name = "TIME", conflicts_with = "prometheus")]
    interval: Option<Span>,
    /// End after so long
    #[arg(long = "for", id = "time", value_name = "TIME", conflicts_with = "prometheus")]
    time: Option<Span>,
    #[command(flatten)]
    output: ShownArgs,
}

const EXAMPLES: &str = "\
Examples:
  framecat watch                                    everything, live
  framecat watch :5050                              a server and its connections
  framecat watch --process nginx --sort recvq
  framecat watch --once --filter 'state=CLOSE_WAIT'
  framecat watch --filter 'severity>=warning'       only what is in trouble
  framecat watch :5050 --fail-if 'unaccepted>5s' --fail-if 'unread>5s' --for 30s
                                                    for CI: 3 when it happens
  framecat watch :5050 --json --interval 100ms      one object a sample
  framecat watch --prometheus :9101                 metrics of everything

Exit status: 0 done, 2 wrong usage, or nothing to be seen, 3 a --fail-if fired.";

/// The examples, and what conditions can name.
fn after_help() -> String {
    let names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
    format!(
        "An EXPR compares fields with values by = != < <= > >= ~, joined by and, or, not and \
         parentheses: {}. What they are is in docs/watch.md.\n\n{EXAMPLES}",
        names.join(" ")
    )
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct ShownArgs {
    /// One JSON object a sample, a line each
    #[arg(long, conflicts_with = "prometheus")]
    json: bool,
    /// Show no samples: only which --fail-if fired
    #[arg(short, long, requires = "fail_if", conflicts_with = "json")]
    quiet: bool,
    /// Show those first that have the most of this
    #[arg(long, value_name = "FIELD", conflicts_with = "prometheus")]
    #[arg(value_parser = PossibleValuesParser::new(SORTS))]
    sort: Option<String>,
    /// Serve metrics for Prometheus at http://ADDR/metrics, sampled when they are asked for
    #[arg(long, value_name = "ADDR", conflicts_with = "fail_if")]
    prometheus: Option<Address>,
}

/// What `watch` is to do.
#[derive(Debug)]
pub(crate) struct WatchPlan {
    pub(crate) subject: Watched,
    /// Only sockets of which this holds are shown, counted, and looked at by what ends it.
    pub(crate) filter: Option<Condition>,
    /// What ends it with 3.
    pub(crate) fail_if: Vec<Trigger>,
    pub(crate) interval: Duration,
    /// For how long; `None` is until it is told to end.
    pub(crate) time: Option<Duration>,
    /// Which field orders the rows: one of those of `--sort`.
    pub(crate) sort: Option<String>,
    pub(crate) form: Form,
}

/// What to watch, as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Watched {
    Everything,
    /// Its host may be a name still.
    Address(Address),
    /// A bare number.
    Port(u16),
    Process(u32),
    Name(String),
}

/// How it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// To a person who looks on.
    Live,
    /// A table a sample; one sample only, if `once`.
    Text { once: bool },
    /// An object a sample; one sample only, if `once`.
    Json { once: bool },
    /// Not at all.
    Quiet,
    /// At an HTTP address.
    Prometheus(Address),
}

impl TryFrom<WatchArgs> for WatchPlan {
    type Error = UsageError;

    fn try_from(args: WatchArgs) -> Result<WatchPlan, UsageError> {
        let interval = args.interval.map_or(Duration::from_secs(1), |Span(time)| time);
        if interval < SHORTEST_INTERVAL {
            return Err(UsageError("--interval must be at least 10ms".into()));
        }
        let time = args.time.map(|Span(time)| time);
        if time.is_some_and(|time| time.is_zero()) {
            return Err(UsageError("--for must be more than 0; one sample is --once".into()));
        }
        for trigger in &args.fail_if {
            if time.is_some_and(|time| trigger.time() > time) {
                return Err(UsageError(format!(
                    "--fail-if '{trigger}' cannot fire: the watch lasts no longer than --for {}",
                    Span(time.unwrap_or_default())
                )));
            }
        }
        Ok(WatchPlan {
            form: args.form(),
            subject: args.subject()?,
            filter: args.filter,
            fail_if: args.fail_if,
            interval,
            time,
            sort: args.output.sort,
        })
    }
}

impl WatchArgs {
    fn form(&self) -> Form {
        let output = &self.output;
        let live = !self.once
            && self.time.is_none()
            && self.fail_if.is_empty()
            && std::io::stdout().is_terminal();
        match &output.prometheus {
            Some(address) => Form::Prometheus(address.clone()),
            None if output.quiet => Form::Quiet,
            None if output.json => Form::Json { once: self.once },
            None if live => Form::Live,
            None => Form::Text { once: self.once },
        }
    }

    fn subject(&self) -> Result<Watched, UsageError> {
        match (&self.target, self.pid, &self.process) {
            (Some(target), _, _) => watched(target),
            (_, Some(pid), _) => Ok(Watched::Process(pid)),
            (_, _, Some(name)) => Ok(Watched::Name(name.clone())),
            _ => Ok(Watched::Everything),
        }
    }
}

/// What a bare word means.
fn watched(text: &str) -> Result<Watched, UsageError> {
    if let Some(pid) = text.strip_prefix("pid:") {
        let number = pid.parse().ok().filter(|number| *number > 0);
        let problem = format!(
            "`{}` is no process: write its number, as in pid:4711",
            Escaped(text.as_bytes())
        );
        return number.map(Watched::Process).ok_or(UsageError(problem));
    }
    if let Ok(number) = text.parse::<u32>() {
        // Nothing has a port beyond these.
        return Ok(u16::try_from(number).map_or(Watched::Process(number), Watched::Port));
    }
    match text.parse() {
        Ok(address) if has_no_host(text) => Ok(Watched::Address(everywhere(address))),
        Ok(address) => Ok(Watched::Address(address)),
        Err(_) if !text.contains([':', '/']) => Ok(Watched::Name(text.to_owned())),
        Err(error) => Err(UsageError(format!("{error}"))),
    }
}

/// Whether only a port is named: `:5050`, `udp://:53`.
fn has_no_host(text: &str) -> bool {
    text.split_once("://").map_or(text, |(_, rest)| rest).starts_with(':')
}

/// The same port at every address of this host. Who listens or connects without naming a host means
/// loopback; who looks for a port does not know where it is.
fn everywhere(address: Address) -> Address {
    let host = Host::Ip(Ipv6Addr::UNSPECIFIED.into());
    match address {
        Address::Tcp(HostPort { port, .. }) => Address::Tcp(HostPort { host, port }),
        Address::Udp(HostPort { port, .. }) => Address::Udp(HostPort { host, port }),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_word_is_what_it_looks_like() {
        let address = |text: &str| Watched::Address(text.parse().unwrap());
        for (text, means) in [
            ("5050", Watched::Port(5050)),
            ("65535", Watched::Port(65535)),
            ("65536", Watched::Process(65536)),
            ("pid:80", Watched::Process(80)),
            (":5050", address("tcp://[::]:5050")),
            ("tcp://:5050", address("tcp://[::]:5050")),
            ("127.0.0.1:5050", address("tcp://127.0.0.1:5050")),
            ("[::1]:80", address("tcp://[::1]:80")),
            ("udp://:53", address("udp://[::]:53")),
            ("unix://@x", address("unix://@x")),
            ("nginx", Watched::Name("nginx".into())),
        ] {
            assert_eq!(watched(text).unwrap(), means, "{text}");
        }
        for text in ["pid:", "pid:0", "pid:-1", "pid:x", "a:b:c", "/run/x.sock", "nginx:"] {
            assert!(watched(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_can_be_sorted_by_is_what_conditions_name() {
        let known: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        for name in SORTS {
            assert!(known.contains(&name), "{name}");
        }
    }
}
