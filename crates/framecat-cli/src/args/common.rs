//! Flags that mean the same in every command.

use std::io::IsTerminal as _;

use clap::Args;
use framecat::core::address::Address;
use framecat::core::framing::{Codec, DEFAULT_MAX_MESSAGE, Framing};
use framecat::endpoint::{ConnectOptions, SocketOptions};
use framecat::session::Wire;

use super::value::{Size, Span, Switch};

/// A combination of flags that has no meaning.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// Says which flag a mistake is in.
pub(super) fn usage<E: std::fmt::Display>(flag: &'static str) -> impl Fn(E) -> UsageError {
    move |error| UsageError(format!("{flag}: {error}"))
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Frames {
    /// Where a message begins and ends: raw, line, crlf, delim:BYTES, fixed:N, u8, u16be, u32le, …,
    /// length:size=N,…, header:N, varint, netstring, content-length [default: raw, or line without
    /// an address]
    #[arg(long, value_name = "FRAMING")]
    frame: Option<Framing>,
    /// The framing from server to client, where it differs
    #[arg(long, value_name = "FRAMING")]
    reply_frame: Option<Framing>,
    /// The longest message
    #[arg(long, value_name = "BYTES", default_value_t = Size(DEFAULT_MAX_MESSAGE))]
    max_message: Size,
}

/// How messages lie on the wire, client to server and back.
pub(crate) struct Wires {
    pub(crate) requests: Wire,
    pub(crate) replies: Wire,
}

impl Frames {
    pub(crate) fn wires(&self, address: &Address, plain: bool) -> Result<Wires, UsageError> {
        let Size(max_message) = self.max_message;
        if max_message == 0 {
            return Err(UsageError("--max-message must be at least 1".into()));
        }
        if address.keeps_boundaries() {
            if self.frame.is_some() || self.reply_frame.is_some() {
                let flag = if self.frame.is_some() { "--frame" } else { "--reply-frame" };
                return Err(UsageError(format!(
                    "{flag} makes no sense on {address}: each datagram is a message already"
                )));
            }
            let wire = Wire::Packets { max_message };
            return Ok(Wires { requests: wire.clone(), replies: wire });
        }
        let by_default = if plain { Framing::Line } else { Framing::Raw };
        let frame = self.frame.clone().unwrap_or(by_default);
        let reply_frame = self.reply_frame.clone().unwrap_or_else(|| frame.clone());
        let wire = |framing| {
            let codec = Codec::new(framing, max_message);
            codec
                .map(Wire::Framed)
                .map_err(|error| UsageError(format!("{error}: choose another --max-message")))
        };
        Ok(Wires { requests: wire(frame)?, replies: wire(reply_frame)? })
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Socket")]
pub(crate) struct Socket {
    /// Send small pieces at once (TCP) [default: on]
    #[arg(long, value_enum, value_name = "on|off", hide_possible_values = true)]
    nodelay: Option<Switch>,
    /// Probe a silent peer after this long (TCP)
    #[arg(long, value_name = "TIME")]
    keepalive: Option<Span>,
    /// The kernel's receive buffer
    #[arg(long, value_name = "BYTES")]
    recv_buffer: Option<Size>,
    /// The kernel's send buffer
    #[arg(long, value_name = "BYTES")]
    send_buffer: Option<Size>,
}

impl Socket {
    pub(crate) fn options(&self) -> Result<SocketOptions, UsageError> {
        // What TCP_KEEPIDLE takes: whole seconds, 1 to 32767 (tcp(7)).
        if let Some(Span(idle)) = self.keepalive
            && !(1..=32767).contains(&idle.as_secs())
        {
            return Err(UsageError("--keepalive must be 1s to 32767s".into()));
        }
        Ok(SocketOptions {
            nodelay: self.nodelay.map(bool::from),
            keepalive: self.keepalive.map(|Span(idle)| idle),
            recv_buffer: self.recv_buffer.map(|Size(bytes)| bytes),
            send_buffer: self.send_buffer.map(|Size(bytes)| bytes),
        })
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Socket")]
pub(crate) struct Dial {
    /// The address to come from: a host, host:port, or for Unix sockets a name like the target's
    #[arg(long, value_name = "ADDR")]
    source: Option<String>,
    /// How long one attempt to connect may take
    #[arg(long, value_name = "TIME", default_value_t = Span(ConnectOptions::default().timeout))]
    connect_timeout: Span,
    /// While nobody listens, try again for so long, with growing pauses
    #[arg(long, value_name = "TIME")]
    retry: Option<Span>,
}

impl Dial {
    pub(crate) fn options(
        self,
        target: &Address,
        socket: SocketOptions,
    ) -> Result<ConnectOptions, UsageError> {
        let source = self.source.map(|text| source(&text, target)).transpose()?;
        let retry = self.retry.map(|Span(time)| time);
        Ok(ConnectOptions { socket, source, timeout: self.connect_timeout.0, retry })
    }
}

/// The address to come from: the scheme is the target's, and a host alone means any port.
fn source(text: &str, target: &Address) -> Result<Address, UsageError> {
    if text.contains("://") {
        return text.parse().map_err(|error| UsageError(format!("--source: {error}")));
    }
    let scheme = target.scheme();
    let with_port = format!("{scheme}://{text}:0");
    let as_typed = format!("{scheme}://{text}");
    let parsed = match target {
        Address::Tcp(_) | Address::Udp(_) => {
            as_typed.parse().or_else(|_| with_port.parse::<Address>())
        }
        _ => as_typed.parse(),
    };
    parsed.map_err(|error| UsageError(format!("--source: {error}")))
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// How messages are written to standard output [default: line, or raw where the connection is]
    #[arg(long, value_name = "FRAMING", conflicts_with_all = ["json", "hex", "timestamps"])]
    stdout: Option<Framing>,
    /// One JSON object a line, for messages and for what is said about them
    #[arg(long, conflicts_with_all = ["hex", "timestamps"])]
    json: bool,
    /// Show messages in hexadecimal
    #[arg(long)]
    hex: bool,
    /// Show when each message came
    #[arg(long)]
    timestamps: bool,
    /// Show the seams: each read, the messages found in it, the bytes still waiting
    #[arg(short, long)]
    verbose: bool,
}

/// How messages and what is said about them are shown.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) verbose: bool,
    pub(crate) quiet: bool,
}

/// How messages are shown on standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    /// For a person on a terminal, for a program elsewhere.
    Auto,
    /// For a program: in this framing, and in no other.
    Framed(Framing),
    Json,
    /// For a person: in hexadecimal, with the time, or both.
    Annotated {
        hex: bool,
        timestamps: bool,
    },
}

impl OutputArgs {
    /// # Errors
    /// Bytes for a program are not written to a terminal, which would obey them.
    pub(crate) fn output(&self, quiet: bool) -> Result<Output, UsageError> {
        if self.stdout.is_some() && std::io::stdout().is_terminal() {
            let problem =
                "--stdout is for a program, and this is a terminal: pipe it, or use --hex";
            return Err(UsageError(problem.into()));
        }
        let format = match &self.stdout {
            Some(framing) => Format::Framed(framing.clone()),
            None if self.json => Format::Json,
            None if self.hex || self.timestamps => {
                Format::Annotated { hex: self.hex, timestamps: self.timestamps }
            }
            None => Format::Auto,
        };
        Ok(Output { format, verbose: self.verbose, quiet })
    }
}

/// The address, or the embedded default: `line` messages on a fixed port of this machine.
pub(crate) fn address_or_default(address: Option<&Address>) -> Address {
    let embedded = || "tcp://127.0.0.1:5050".parse().expect("a constant");
    address.cloned().unwrap_or_else(embedded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_may_leave_out_what_the_target_says() {
        let tcp: Address = "127.0.0.1:80".parse().unwrap();
        let unix: Address = "unix:///run/x".parse().unwrap();
        for (text, target, full) in [
            ("127.0.0.2", &tcp, "tcp://127.0.0.2:0"),
            ("127.0.0.2:4000", &tcp, "tcp://127.0.0.2:4000"),
            ("[::1]", &tcp, "tcp://[::1]:0"),
            ("@me", &unix, "unix://@me"),
            ("udp://127.0.0.2:1", &tcp, "udp://127.0.0.2:1"),
        ] {
            assert_eq!(source(text, target).unwrap().to_string(), full);
        }
        assert!(source("a b", &tcp).is_err());
    }
}
