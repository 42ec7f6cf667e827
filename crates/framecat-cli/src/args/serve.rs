//! `framecat serve`: the flags, and what they mean.

use clap::Args;
use framecat::core::address::Address;
use framecat::core::framing::Framing;
use framecat::core::queue::SlowPolicy;
use framecat::core::service::{Dialogue, Service};
use framecat::endpoint::{DEFAULT_BACKLOG, ListenOptions};
use framecat::server::Config;

use super::common::{Frames, Output, OutputArgs, Socket, UsageError, Wires, address_or_default};
use super::value::{Limit, Size, Span, Switch, Text};

/// Be a server: answer each message that clients send
///
/// Messages go to standard output; what is said about them (who came, who left and why) to standard
/// error. Without an address it is an echo server for lines on tcp://127.0.0.1:5050.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  framecat serve                                            echo lines on tcp://127.0.0.1:5050
  framecat serve :7000 --frame u32be --service upper        any framing, any service
  framecat serve udp://:8080 --service time                 a datagram is a message
  framecat serve unix:///tmp/chat.sock --frame line --service room
  framecat serve :8001 --service chat --end bye             answer by hand; #2 hello answers #2

Services: echo, upper, reply:TEXT, time (the message is a strftime format), discard, chargen,
  chat (you type the answers: #2 hello is for session 2, ##2 is a #2 to send), room (every message
  to everyone else).
TEXT may hold the escapes \\0 \\n \\r \\t \\e \\\\ \\xHH.")]
pub(crate) struct ServeArgs {
    /// Where to listen: host:port, :port, udp://…, unix:///path, unix-dgram://…, unix-seqpacket://…,
    /// unix://@abstract; a bare port is this machine only, port 0 any that is free
    #[arg(value_name = "ADDR")]
    address: Option<Address>,
    /// What to answer
    #[arg(long, value_name = "SERVICE", default_value_t = Service::Echo)]
    service: Service,
    /// Say this to each client that connects
    #[arg(long, value_name = "TEXT")]
    greet: Option<Text>,
    /// End the session when either side says this; it is still answered
    #[arg(long, value_name = "TEXT")]
    end: Option<Text>,
    /// End each session after one reply
    #[arg(long)]
    one_shot: bool,
    /// One client at a time; the others wait in the accept queue
    #[arg(long, conflicts_with = "max_connections")]
    serial: bool,
    #[command(flatten)]
    frames: Frames,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    socket: Socket,
    /// In a chat: how standard input is cut into answers [default: line; a prompt at a terminal]
    #[arg(long, value_name = "FRAMING", help_heading = "Input")]
    stdin: Option<Framing>,
    #[command(flatten)]
    output: OutputArgs,
    /// Show no messages, only who came and left
    #[arg(short, long, help_heading = "Output", conflicts_with_all = ["hex", "timestamps", "stdout"])]
    quiet: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
struct Limits {
    /// How many sessions at once; further clients wait
    #[arg(long, value_name = "N", default_value_t = Config::MAX_CONNECTIONS)]
    max_connections: usize,
    #[arg(long, value_name = "TIME|off", help = format!(
        "End a session that is silent for so long [default: {}, datagrams {}]",
        Span(Config::IDLE_STREAM), Span(Config::IDLE_DATAGRAM)))]
    idle_timeout: Option<Limit>,
    /// How long a server that is told to end (SIGTERM, Ctrl-C) may take to answer what has come
    #[arg(long, value_name = "TIME", default_value_t = Span(Config::DRAIN))]
    drain: Span,
    #[arg(long, value_name = "POLICY", help = format!(
        "In a room: what becomes of a client that does not read (drop-oldest, drop-newest, \
         disconnect, block) [default: {}]", SlowPolicy::DropOldest))]
    slow: Option<SlowPolicy>,
    /// In a room: how much may wait for a client that does not read
    #[arg(long, value_name = "BYTES", default_value_t = Size(Config::QUEUE))]
    queue: Size,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Socket")]
struct Listen {
    #[arg(long, value_name = "N", help = format!(
        "How many connections may wait to be accepted [default: {DEFAULT_BACKLOG}]"))]
    backlog: Option<u32>,
    /// Listen although an earlier server's connections are in TIME_WAIT [default: on for TCP]
    #[arg(long, value_enum, value_name = "on|off", hide_possible_values = true)]
    reuse_address: Option<Switch>,
    /// Share the port with other servers that say so too
    #[arg(long)]
    reuse_port: bool,
    /// On the IPv6 wildcard address, leave IPv4 out
    #[arg(long)]
    ipv6_only: bool,
}

/// What `serve` is to do.
pub(crate) struct ServePlan {
    pub(crate) address: Address,
    pub(crate) options: ListenOptions,
    pub(crate) config: Config,
    pub(crate) stdin: Framing,
    pub(crate) stdin_is_given: bool,
    pub(crate) output: Output,
}

impl ServeArgs {
    /// Refuses what has no meaning here instead of ignoring it.
    fn check(&self, address: &Address) -> Result<(), UsageError> {
        let connections = address.has_connections();
        let never_silent = self.limits.idle_timeout == Some(Limit(None));
        let senseless = [
            (
                self.serial && !connections,
                "--serial makes no sense without connections: nobody could wait for his turn",
            ),
            (
                never_silent && !connections,
                "--idle-timeout off makes no sense without connections: nothing else ends a session",
            ),
            (
                self.stdin.is_some() && self.service != Service::Chat,
                "--stdin makes no sense here: only --service chat reads standard input",
            ),
            (
                self.limits.slow.is_some() && !(self.service == Service::Room && connections),
                "--slow makes no sense here: it is for --service room with connections",
            ),
            (self.limits.max_connections == 0, "--max-connections must be at least 1"),
        ];
        match senseless.iter().find(|(found, _)| *found) {
            Some((_, problem)) => Err(UsageError((*problem).into())),
            None => Ok(()),
        }
    }
}

impl TryFrom<ServeArgs> for ServePlan {
    type Error = UsageError;

    fn try_from(args: ServeArgs) -> Result<ServePlan, UsageError> {
        let address = address_or_default(args.address.as_ref());
        args.check(&address)?;
        let Wires { requests, replies } = args.frames.wires(&address, args.address.is_none())?;
        let dialogue = Dialogue {
            service: args.service,
            greet: args.greet.map(|Text(bytes)| bytes.into()),
            end: args.end.map(|Text(bytes)| bytes.into()),
            one_shot: args.one_shot,
        };
        dialogue.check().map_err(|error| UsageError(error.to_string()))?;
        // What cannot be said to anybody is told now, not to each client.
        let fixed = match &dialogue.service {
            Service::Reply(text) => Some(("--service", text)),
            _ => None,
        };
        for (flag, text) in dialogue.greet.iter().map(|text| ("--greet", text)).chain(fixed) {
            let carried = replies.check(text);
            carried.map_err(|error| UsageError(format!("{flag}: {error}")))?;
        }
        let idle =
            if address.has_connections() { Config::IDLE_STREAM } else { Config::IDLE_DATAGRAM };
        let max_connections = if args.serial { 1 } else { args.limits.max_connections };
        let config = Config {
            dialogue,
            max_connections,
            idle_timeout: args.limits.idle_timeout.map_or(Some(idle), |Limit(time)| time),
            drain: args.limits.drain.0,
            slow: args.limits.slow.unwrap_or(SlowPolicy::DropOldest),
            queue: args.limits.queue.0,
            requests,
            replies,
        };
        Ok(ServePlan {
            stdin_is_given: args.stdin.is_some(),
            // An operator types lines, whatever becomes of them on the wire.
            stdin: args.stdin.unwrap_or(Framing::Line),
            options: ListenOptions {
                socket: args.socket.options()?,
                backlog: args.listen.backlog,
                reuse_address: args.listen.reuse_address.map(bool::from),
                reuse_port: args.listen.reuse_port,
                ipv6_only: args.listen.ipv6_only,
            },
            output: args.output.output(args.quiet)?,
            config,
            address,
        })
    }
}
