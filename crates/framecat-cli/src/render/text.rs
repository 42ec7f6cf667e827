//! For a person.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use framecat::client;
use framecat::core::address::{Address, Host, HostPort};
use framecat::core::diagram::count;
use framecat::core::escape::{Escaped, Printable, PrintableLines};
use framecat::core::service::Service;
use framecat::observe::{EndReason, Event, SessionId};
use framecat::server::{Config, Report};
use framecat::session::Wire;
use jiff::Zoned;

use super::Scene;
use crate::style::Style;

/// Where the number of active sessions stands, so that it can be read down the page.
const ACTIVE_COLUMN: usize = 60;

/// A longer message is shown by its beginning: a terminal is for looking, a pipe gets all of it.
const SHOWN: usize = 4096;

/// How messages are shown to a person.
pub(super) struct Person {
    scene: Scene,
    /// Whether messages are pieces of a stream without seams.
    raw: bool,
    hex: bool,
    timestamps: bool,
    line_is_open: AtomicBool,
}

impl Person {
    pub(super) fn new(scene: Scene, raw: bool, hex: bool, timestamps: bool) -> Person {
        Person { scene, raw, hex, timestamps, line_is_open: AtomicBool::new(false) }
    }

    /// Whether the last piece of a stream has no line end yet; it is for the caller to end it.
    pub(super) fn take_open_line(&self) -> bool {
        self.line_is_open.swap(false, Ordering::Relaxed)
    }

    pub(super) fn message(&self, session: SessionId, message: &[u8], out: &mut Vec<u8>) {
        let shown = &message[..message.len().min(SHOWN)];
        let piece_of_stream = self.raw && !self.hex && !self.timestamps;
        if piece_of_stream && self.scene == Scene::Connect {
            // Lines keep their shape, wherever the reads have cut them.
            put(out, format_args!("{}", PrintableLines(message)));
            let open = out.last().is_some_and(|last| *last != b'\n');
            return self.line_is_open.store(open, Ordering::Relaxed);
        }
        if self.timestamps {
            put(out, format_args!("{} ", Zoned::now().strftime("%H:%M:%S%.6f")));
        }
        match self.scene {
            Scene::Serve => put(out, format_args!("  #{session} ← ")),
            Scene::Prompt => put(out, format_args!("← ")),
            Scene::Connect => {}
        }
        if self.hex {
            put(out, format_args!("{} B\n", message.len()));
            return hex_dump(message, out);
        }
        put(out, format_args!("{}", Printable(shown)));
        if shown.len() < message.len() {
            put(out, format_args!("… ({} B in all)", message.len()));
        }
        out.push(b'\n');
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a write into memory succeeds");
}

/// Sixteen bytes a line, as hexdump(1) shows them.
fn hex_dump(bytes: &[u8], out: &mut Vec<u8>) {
    for (line, chunk) in bytes.chunks(16).enumerate() {
        let mut digits = String::new();
        for (at, byte) in chunk.iter().enumerate() {
            let _ = write!(digits, "{byte:02x}{}", if at == 7 { "  " } else { " " });
        }
        let text: String = chunk
            .iter()
            .map(|b| if (b' '..=b'~').contains(b) { *b as char } else { '.' })
            .collect();
        put(out, format_args!("{:08x}  {digits:<49} |{text}|\n", line * 16));
    }
}

/// An event in a line.
pub(super) fn event(event: &Event<'_>, scene: Scene, style: Style) -> String {
    match event {
        Event::Connected { session, peer, active } => {
            let text = format!("+ #{session} {}", without_scheme(peer));
            with_active(&style.came(&text), width(&text), *active, style)
        }
        Event::Ended { session, reason, totals, after, active, .. } => {
            let text = format!(
                "- #{session} {} · {} in, {} out · {}",
                reason_text(reason),
                count(totals.messages_in as usize, "message"),
                totals.messages_out,
                seconds(*after),
            );
            let missed = match totals.dropped {
                0 => String::new(),
                dropped => format!(" · it missed {dropped}"),
            };
            let text = text + &missed;
            with_active(&style.left(&text), width(&text), *active, style)
        }
        Event::AwaitsAnswer { session } => {
            format!("  #{session} has said all, and waits for your answer")
        }
        Event::Read { session, seams } => {
            let of = if scene == Scene::Serve { format!("  #{session} ") } else { String::new() };
            style.quiet(&format!("{of}read {:>6} B   {}", seams.read, seams.draw()))
        }
        Event::NotSent { session, problem } => {
            let to = session.map_or(String::new(), |session| format!(" to #{session}"));
            style.error(&format!("! not sent{to}: {problem}"))
        }
        Event::Oversized { peer, bytes, max } => style.error(&format!(
            "! a datagram of {bytes} B from {} is over the limit of {max} B, and lost \
             (--max-message)",
            without_scheme(peer)
        )),
        Event::AcceptPaused { reason } => style.error(&format!("! {reason}")),
        Event::Message { .. } => unreachable!("messages are shown apart"),
        _ => String::new(),
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn with_active(text: &str, width: usize, active: usize, style: Style) -> String {
    let gap = ACTIVE_COLUMN.saturating_sub(width).max(3);
    format!("{text}{:gap$}{}", "", style.quiet(&format!("{active} active")))
}

/// Why a session ended, as the end of a sentence that begins with its number.
pub(super) fn reason_text(reason: &EndReason) -> String {
    match reason {
        EndReason::EndOfStream => "left".into(),
        EndReason::EndMessage(end) => format!("ended by \"{}\"", Escaped(end)),
        EndReason::OneShot => "closed after its one reply".into(),
        EndReason::Reset => "reset the connection".into(),
        EndReason::Idle(time) => format!("was silent for {}", seconds(*time)),
        EndReason::Framing(error) => error.to_string(),
        EndReason::Unanswerable(error) => format!("cannot be answered: {error}"),
        EndReason::Slow => "does not read: its queue is full".into(),
        EndReason::Drained => "closed: the server ends".into(),
        EndReason::Cut => "cut off: the time to drain was over".into(),
        EndReason::Io(problem) => problem.clone(),
        _ => "ended".into(),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn without_scheme(address: &Address) -> String {
    let text = address.to_string();
    text.split_once("://").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

/// What a server is, for its first line.
pub(crate) struct Served<'a> {
    pub(crate) address: &'a Address,
    pub(crate) config: &'a Config,
}

impl std::fmt::Display for Served<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Served { address, config } = self;
        write!(f, "listening on {address} · ")?;
        match (config.requests.framing(), config.replies.framing()) {
            (Some(requests), Some(replies)) if requests == replies => write!(f, "{requests}")?,
            (Some(requests), Some(replies)) => write!(f, "{requests} in, {replies} out")?,
            _ => write!(f, "a message each datagram")?,
        }
        match &config.dialogue.service {
            Service::Reply(text) => write!(f, " · reply \"{}\"", Escaped(text)),
            service => write!(f, " · {service}"),
        }
    }
}

/// The command that talks to a server.
pub(crate) fn talk_to_it(address: &Address, config: &Config) -> String {
    let mut command = format!("framecat connect {}", quoted(&reachable(address)));
    if let (Some(requests), Some(replies)) = (config.requests.framing(), config.replies.framing()) {
        if !config.requests.is_raw() {
            let _ = write!(command, " --frame {}", quoted(&requests.to_string()));
        }
        if replies != requests {
            let _ = write!(command, " --reply-frame {}", quoted(&replies.to_string()));
        }
    }
    if let Some(end) = &config.dialogue.end {
        let _ = write!(command, " --end {}", quoted(&Escaped(end).to_string()));
    }
    command
}

/// An address that a client on this machine can use.
fn reachable(address: &Address) -> String {
    let here = |at: &HostPort| match at.host {
        Host::Ip(ip) if ip.is_unspecified() && ip.is_ipv4() => format!("127.0.0.1:{}", at.port),
        Host::Ip(ip) if ip.is_unspecified() => format!("[::1]:{}", at.port),
        _ => at.to_string(),
    };
    match address {
        Address::Tcp(at) => here(at),
        Address::Udp(at) => format!("udp://{}", here(at)),
        other => other.to_string(),
    }
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=@[]+".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.contains('[') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What a server did in all.
pub(crate) fn summary(report: &Report) -> String {
    let totals = report.totals;
    let mut line = format!(
        "drained in {} · {} · {} · {} B in · {} B out",
        seconds(report.drained_in),
        count(report.sessions as usize, "session"),
        count(totals.messages_in as usize, "message"),
        totals.bytes_in,
        totals.bytes_out,
    );
    if totals.dropped > 0 {
        let _ = write!(line, " · {} dropped", totals.dropped);
    }
    if report.cut > 0 {
        let _ = write!(line, " · {} cut off by the deadline", count(report.cut, "session"));
    }
    line
}

/// What a client did in all.
pub(crate) fn client_summary(report: &client::Report) -> String {
    let totals = report.totals;
    format!(
        "{} sent, {} received · {} B out · {} B in",
        count(totals.messages_out as usize, "message"),
        totals.messages_in,
        totals.bytes_out,
        totals.bytes_in,
    )
}

/// The messages that a wire takes, for a prompt's first line.
pub(crate) fn wire_name(wire: &Wire) -> String {
    wire.framing().map_or("a message each datagram".into(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell_where_needed() {
        assert_eq!(quoted("127.0.0.1:5050"), "127.0.0.1:5050");
        assert_eq!(quoted("!DISCONNECT"), "'!DISCONNECT'");
        assert_eq!(quoted("delim:\\0"), "'delim:\\0'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted("[::1]:80"), "'[::1]:80'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_hex_dump_has_sixteen_bytes_a_line() {
        let mut out = Vec::new();
        hex_dump(b"Hello World! \x1b[2J", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "00000000  48 65 6c 6c 6f 20 57 6f  72 6c 64 21 20 1b 5b 32  |Hello World! .[2|\n\
             00000010  4a                                                |J|\n"
        );
    }
}
