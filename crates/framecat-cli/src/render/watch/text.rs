//! A frame as text: a table of listeners, of TCP, UDP and Unix sockets, what is wrong below each, and
//! what the namespace counts.

use framecat::core::diagram::{columns, count};
use framecat::core::sock_diag::State;
use framecat::core::watch::{Bytes, Count, Finding, Frame, Kind, Rate, Row, Severity, Socket};
use jiff::Zoned;

use super::table::{Column, Kind as Cell, Table};
use super::words::{self, UNKNOWN};
use super::{counters, heading};
use crate::style::Style;

/// How a frame is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// With which colours.
    pub(crate) style: Style,
    /// How many columns a line may have; `None` is no limit.
    pub(crate) width: Option<usize>,
}

impl Look {
    /// As standard output takes it: the width of the terminal, and colours on one.
    pub(crate) fn for_stdout() -> Look {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
        let width = size.map(|size| usize::from(size.ws_col)).filter(|width| *width > 0);
        Look { style: Style::for_stdout(), width }
    }
}

const LISTENERS: &[Column] = &[
    Column { title: "LISTENER", kind: Cell::Word },
    Column { title: "LOCAL", kind: Cell::Name },
    Column { title: "QUEUE", kind: Cell::Number { rank: 0 } },
    Column { title: "HALF-OPEN", kind: Cell::Number { rank: 1 } },
    Column { title: "DROPS/s", kind: Cell::Number { rank: 2 } },
    Column { title: "AGE", kind: Cell::Number { rank: 3 } },
    Column { title: "OWNER", kind: Cell::Owner },
];

const TCP: &[Column] = &[
    Column { title: "TCP", kind: Cell::Word },
    Column { title: "LOCAL", kind: Cell::Name },
    Column { title: "PEER", kind: Cell::Name },
    Column { title: "RECVQ", kind: Cell::Number { rank: 0 } },
    Column { title: "SENDQ", kind: Cell::Number { rank: 0 } },
    Column { title: "RTT", kind: Cell::Number { rank: 2 } },
    Column { title: "IN/s", kind: Cell::Number { rank: 3 } },
    Column { title: "OUT/s", kind: Cell::Number { rank: 4 } },
    Column { title: "AGE", kind: Cell::Number { rank: 1 } },
    Column { title: "OWNER", kind: Cell::Owner },
];

const UDP: &[Column] = &[
    Column { title: "UDP", kind: Cell::Word },
    Column { title: "LOCAL", kind: Cell::Name },
    Column { title: "PEER", kind: Cell::Name },
    Column { title: "RECVQ", kind: Cell::Number { rank: 0 } },
    Column { title: "SENDQ", kind: Cell::Number { rank: 0 } },
    Column { title: "DROPS", kind: Cell::Number { rank: 1 } },
    Column { title: "DROPS/s", kind: Cell::Number { rank: 2 } },
    Column { title: "AGE", kind: Cell::Number { rank: 3 } },
    Column { title: "OWNER", kind: Cell::Owner },
];

const UNIX: &[Column] = &[
    Column { title: "UNIX", kind: Cell::Word },
    Column { title: "STATE", kind: Cell::Word },
    Column { title: "LOCAL", kind: Cell::Name },
    Column { title: "PEER", kind: Cell::Name },
    Column { title: "RECVQ", kind: Cell::Number { rank: 0 } },
    Column { title: "SENDQ", kind: Cell::Number { rank: 0 } },
    Column { title: "AGE", kind: Cell::Number { rank: 1 } },
    Column { title: "OWNER", kind: Cell::Owner },
];

/// A frame, sampled `when`.
pub(crate) fn frame(frame: &Frame, when: &Zoned, look: Look) -> String {
    let mut lines = vec![heading::summary(frame, when, look)];
    lines.extend(heading::worst(frame, look));
    let listens = |row: &Row| row.socket.state == State::Listen;
    let of = |is: fn(Kind) -> bool| move |row: &Row| !listens(row) && is(row.socket.kind);
    section(frame, LISTENERS, listener, listens, look, &mut lines);
    section(frame, TCP, tcp, of(|kind| kind == Kind::Tcp), look, &mut lines);
    section(frame, UDP, udp, of(|kind| kind == Kind::Udp), look, &mut lines);
    section(frame, UNIX, unix, of(|kind| matches!(kind, Kind::Unix(_))), look, &mut lines);
    lines.push(String::new());
    if let Some(text) = counters::namespace(frame) {
        lines.extend(wrapped(&text, "  ", look.width));
    }
    for finding in &frame.findings {
        let text = format!("  {} {finding}", words::mark(finding.severity));
        let text = wrapped(&text, "    ", look.width);
        lines.extend(text.iter().map(|line| painted(line, finding, look.style)));
    }
    for missing in &frame.missing {
        let text = format!("not seen: {missing}");
        lines.extend(wrapped(&text, "  ", look.width).into_iter().map(|l| look.style.quiet(&l)));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The table of some rows, with what is wrong below each; nothing if there are none.
fn section(
    frame: &Frame,
    columns: &[Column],
    cells: fn(&Row) -> Vec<String>,
    wanted: impl Fn(&Row) -> bool,
    look: Look,
    lines: &mut Vec<String>,
) {
    let rows: Vec<&Row> = frame.rows.iter().filter(|row| wanted(row)).collect();
    if rows.is_empty() {
        return;
    }
    let (rows, folded) = folded(rows);
    let mut table = Table::new(columns);
    for row in &rows {
        table.push(cells(row));
    }
    let (heading, drawn) = table.lines(look.width);
    lines.extend([String::new(), look.style.quiet(&heading)]);
    for (row, line) in rows.into_iter().zip(drawn) {
        lines.push(line);
        for finding in &row.findings {
            let text = format!("  {} {finding}", words::mark(finding.severity));
            let text = wrapped(&text, "    ", look.width);
            lines.extend(text.iter().map(|line| painted(line, finding, look.style)));
        }
    }
    if folded > 0 {
        let more = Count(folded as u64);
        let text = format!("{TIME_WAIT} {more} more (--filter state={TIME_WAIT} lists them all)");
        lines.extend(wrapped(&text, "  ", look.width).iter().map(|line| look.style.quiet(line)));
    }
}

const TIME_WAIT: State = State::TimeWait;

/// So many connections in TIME_WAIT are shown beside others.
const FEW: usize = 3;

/// The rows that are shown, and how many are only counted: connections in TIME_WAIT are over, and often so
/// many that nobody finds the others. Where there are no others, they are what was asked for.
fn folded(mut rows: Vec<&Row>) -> (Vec<&Row>, usize) {
    let over = |row: &Row| row.socket.state == TIME_WAIT;
    let count = rows.iter().filter(|row| over(row)).count();
    if count == rows.len() || count <= FEW + 1 {
        return (rows, 0);
    }
    let mut shown = 0;
    rows.retain(|row| {
        shown += usize::from(over(row));
        !over(row) || shown <= FEW
    });
    (rows, count - FEW)
}

pub(super) fn painted(text: &str, finding: &Finding, style: Style) -> String {
    match finding.severity {
        Severity::Note => style.quiet(text),
        Severity::Warning => style.left(text),
        Severity::Error => style.error(text),
    }
}

fn listener(row: &Row) -> Vec<String> {
    let socket = &row.socket;
    vec![
        socket.kind.to_string(),
        socket.local.to_string(),
        words::receive_queue(row),
        row.half_open.map_or(UNKNOWN.into(), |count| words::number(count.into())),
        words::rate_in_column(row.drop_rate),
        words::lasting(row.age),
        words::owner(socket),
    ]
}

fn tcp(row: &Row) -> Vec<String> {
    let socket = &row.socket;
    vec![
        socket.state.to_string(),
        socket.local.to_string(),
        socket.peer.to_string(),
        words::receive_queue(row),
        words::send_queue(row),
        words::round_trip(socket),
        words::byte_rate(row.received_rate),
        words::byte_rate(row.sent_rate),
        words::lasting(row.age),
        words::owner(socket),
    ]
}

fn udp(row: &Row) -> Vec<String> {
    let socket = &row.socket;
    let drops = socket.drops();
    vec![
        socket.state.to_string(),
        socket.local.to_string(),
        socket.peer.to_string(),
        words::receive_queue(row),
        words::send_queue(row),
        drops.map_or(UNKNOWN.into(), |drops| words::number(drops.into())),
        words::rate_in_column(row.drop_rate),
        words::lasting(row.age),
        words::owner(socket),
    ]
}

fn unix(row: &Row) -> Vec<String> {
    let socket = &row.socket;
    let kind = socket.kind.to_string();
    vec![
        // The table is called `UNIX`; `unix` alone is the stream.
        kind.strip_prefix("unix-").unwrap_or("stream").to_owned(),
        socket.state.to_string(),
        socket.local.to_string(),
        socket.peer.to_string(),
        words::receive_queue(row),
        words::send_queue(row),
        words::lasting(row.age),
        words::owner(socket),
    ]
}

/// A socket in a line, with the numbers that a condition may have held for.
pub(crate) fn numbers(row: &Row) -> String {
    let socket = &row.socket;
    let mut parts = match socket.state {
        State::Listen => {
            let mut parts = vec![format!("accept queue {}", words::receive_queue(row))];
            parts.extend(row.unaccepted.map(|lasting| format!("not accepted for {lasting}")));
            parts.extend(row.half_open.map(|count| format!("{} half open", Count(count.into()))));
            parts
        }
        _ => {
            let mut parts = vec![format!("recvq {}", Bytes(socket.receive_queue.into()))];
            parts.extend(row.unread.map(|lasting| format!("unread for {lasting}")));
            parts.push(format!("sendq {}", Bytes(socket.send_queue.into())));
            parts
        }
    };
    parts
        .extend(row.drop_rate.filter(|rate| *rate > 0.0).map(|r| format!("{} dropped/s", Rate(r))));
    parts.push(format!("age {}", row.age));
    parts.extend(row.findings.first().map(ToString::to_string));
    let arrow = match socket.peer.to_string() {
        none if none == "*" => String::new(),
        peer => format!(" ← {peer}"),
    };
    let Socket { kind, state, local, .. } = socket;
    let owner = words::owner(socket);
    format!("{kind} {local}{arrow} {state}, {owner}: {}", parts.join(", "))
}

/// The numbers that are not of one socket.
pub(crate) fn numbers_of_frame(frame: &Frame) -> String {
    let sockets = count(frame.rows.len(), "socket");
    [Some(sockets), counters::namespace(frame)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}

/// A text in lines of at most `width` columns, all but the first behind `indent`. A word that is longer
/// stands alone.
pub(super) fn wrapped(text: &str, indent: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else { return vec![text.to_owned()] };
    let start = text.len() - text.trim_start().len();
    let (mut lines, mut line) = (Vec::new(), text[..start].to_owned());
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}
