//! `framecat connect`: the flags, and what they mean.

use clap::Args;
use framecat::client::Config;
use framecat::core::address::Address;
use framecat::core::framing::Framing;
use framecat::endpoint::ConnectOptions;

use super::common::{
    Dial, Frames, Output, OutputArgs, Socket, UsageError, Wires, address_or_default,
};
use super::value::{Span, Text};

/// Be a client: send messages, show what comes back
///
/// At a terminal each line is a message, without a line end unless the framing adds one. In a pipe
/// standard input is cut by --stdin. When the input ends, the server is told (half-close) and reading
/// goes on until it closes. Without an address it talks to a plain `framecat serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  framecat connect                                          talk to a plain `framecat serve`
  printf 'hello' | framecat connect :7000 --frame u32be     one message, and its answer
  framecat connect -v :7000 --frame u32be                   see how TCP cut the messages
  printf '%H:%M\\n' | framecat connect udp://:8080           one line is one datagram
  framecat connect :7000 --retry 10s                        wait for the server to start
  seq 9 | framecat connect :7000 --frame line --lockstep    one at a time")]
pub(crate) struct ConnectArgs {
    /// Where to: host:port, :port, udp://…, unix:///path, unix-dgram://…, unix-seqpacket://…,
    /// unix://@abstract
    #[arg(value_name = "ADDR")]
    address: Option<Address>,
    /// End the session when either side says this
    #[arg(long, value_name = "TEXT")]
    end: Option<Text>,
    /// Wait for the reply before the next message
    #[arg(long)]
    lockstep: bool,
    #[arg(long, value_name = "TIME", help = format!(
        "Once all is said, wait so long in silence for replies [default: until the server closes, \
         datagrams {}]", Span(Config::WAIT)))]
    wait: Option<Span>,
    #[command(flatten)]
    frames: Frames,
    #[command(flatten)]
    dial: Dial,
    #[command(flatten)]
    socket: Socket,
    /// How standard input is cut into messages [default: line, or raw where the connection is; a
    /// prompt at a terminal]. `raw` takes each read for a message
    #[arg(long, value_name = "FRAMING", help_heading = "Input")]
    stdin: Option<Framing>,
    #[command(flatten)]
    output: OutputArgs,
}

/// What `connect` is to do.
pub(crate) struct ConnectPlan {
    pub(crate) address: Address,
    pub(crate) options: ConnectOptions,
    pub(crate) config: Config,
    pub(crate) stdin: Framing,
    pub(crate) stdin_is_given: bool,
    pub(crate) output: Output,
}

impl TryFrom<ConnectArgs> for ConnectPlan {
    type Error = UsageError;

    fn try_from(args: ConnectArgs) -> Result<ConnectPlan, UsageError> {
        let address = address_or_default(args.address.as_ref());
        let Wires { requests, replies } = args.frames.wires(&address, args.address.is_none())?;
        let by_default = if requests.is_raw() { Framing::Raw } else { Framing::Line };
        let options = args.dial.options(&address, args.socket.options()?)?;
        Ok(ConnectPlan {
            stdin_is_given: args.stdin.is_some(),
            stdin: args.stdin.unwrap_or(by_default),
            options,
            config: Config {
                requests,
                replies,
                end: args.end.map(|Text(bytes)| bytes.into()),
                lockstep: args.lockstep,
                wait: args.wait.map(|Span(time)| time),
            },
            output: args.output.output(false)?,
            address,
        })
    }
}
