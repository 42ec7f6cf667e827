//! The values of a socket with their names, in words.

use framecat::core::diagram::count;
use framecat::core::sock_diag::{Memory, State, TcpInfo};
use framecat::core::watch::{Bytes, Lasting, Row, Span};

use crate::render::watch::words;

/// A value and its name.
type Value = (&'static str, String);

/// All that is known of it, in the order in which one asks.
pub(super) fn of(row: &Row) -> Vec<Value> {
    let socket = &row.socket;
    let mut values = Vec::new();
    values.push(("owner", owners(row)));
    values.push(("age", row.age.to_string()));
    values.push(("in this state", row.in_state.to_string()));
    match socket.state {
        State::Listen => listener(row, &mut values),
        _ => queues(row, &mut values),
    }
    if let Some(tcp) = socket.tcp.as_ref().filter(|_| socket.state != State::Listen) {
        traffic(row, tcp, &mut values);
        path(row, tcp, &mut values);
    }
    if let Some(memory) = &socket.memory {
        buffers(row, memory, &mut values);
    }
    if let Some(uid) = socket.uid {
        values.push(("user", format!("uid {uid}")));
    }
    values.push(("inode", format!("{}, cookie {:x}", socket.inode, socket.cookie)));
    values
}

fn owners(row: &Row) -> String {
    let owners: Vec<String> = row.socket.owners.iter().map(ToString::to_string).collect();
    match (&owners[..], row.socket.inode) {
        ([], 0) => "none: no program has it".into(),
        ([], _) => "not to be seen from here".into(),
        _ => owners.join(", "),
    }
}

fn add(values: &mut Vec<Value>, name: &'static str, lasting: Option<Lasting>) {
    values.extend(lasting.map(|lasting| (name, lasting.to_string())));
}

fn listener(row: &Row, values: &mut Vec<Value>) {
    let socket = &row.socket;
    // The kernel queues one more than the limit that `listen` was told.
    let room = u64::from(socket.send_queue) + 1;
    values.push(("accept queue", format!("{} of {room}", socket.receive_queue)));
    values.push(("backlog", socket.send_queue.to_string()));
    add(values, "oldest waits", row.unaccepted);
    add(values, "full for", row.full);
    if let Some(half_open) = row.half_open {
        values.push(("half-open", half_open.to_string()));
    }
}

fn queues(row: &Row, values: &mut Vec<Value>) {
    let socket = &row.socket;
    values.push(("receive queue", Bytes(socket.receive_queue.into()).to_string()));
    add(values, "unread for", row.unread);
    add(values, "not accepted", row.unaccepted);
    match (row.unsent, row.unacknowledged) {
        (Some(unsent), Some(sent)) => {
            values.push(("not sent", Bytes(unsent.into()).to_string()));
            values.push(("not acked", Bytes(sent.into()).to_string()));
        }
        _ => values.push(("send queue", Bytes(socket.send_queue.into()).to_string())),
    }
    add(values, "no ack for", row.unacknowledged_for);
    if let Some(other) = row.other_unread {
        values.push(("peer's queue", Bytes(other.into()).to_string()));
    }
}

fn traffic(row: &Row, tcp: &TcpInfo, values: &mut Vec<Value>) {
    let with_rate =
        |bytes: u64, rate: Option<f64>| format!("{}, {}/s", Bytes(bytes), words::byte_rate(rate));
    values.push(("received", with_rate(tcp.received, row.received_rate)));
    values.push(("acked", with_rate(tcp.acknowledged, row.sent_rate)));
    if let Some(segments) = tcp.data_segments {
        let both = format!("{} in, {} out", segments.received, segments.sent);
        values.push(("segments", both));
    }
    let (came, went) = (words::time(tcp.last_data_received), words::time(tcp.last_data_sent));
    values.push(("last data", format!("in {came}, out {went} ago")));
    values.push(("last ack", format!("{} ago", words::time(tcp.last_ack_received))));
}

fn path(row: &Row, tcp: &TcpInfo, values: &mut Vec<Value>) {
    if !tcp.rtt.is_zero() {
        let (rtt, strays) = (words::time(tcp.rtt), words::time(tcp.rtt_variation));
        values.push(("rtt", format!("{rtt} ± {strays}")));
    }
    let rate = row.retransmission_rate.filter(|rate| *rate > 0.0);
    let rate = rate.map_or(String::new(), |rate| format!(", {}", words::rate(rate)));
    values.push((
        "sent again",
        format!("{}{rate}", count(tcp.total_retransmissions as usize, "segment")),
    ));
    if tcp.retransmits > 0 {
        values.push(("retries now", tcp.retransmits.to_string()));
    }
    if tcp.probes > 0 {
        values.push(("probes", format!("{} not answered", tcp.probes)));
    }
    values.push(("congestion", format!("{} × {} B", tcp.congestion_window, tcp.send_mss)));
    let window = |window: Option<u32>| {
        window.map_or(words::UNKNOWN.into(), |window| words::bytes(window.into()))
    };
    let (peer, own) = (window(tcp.peer_window), window(tcp.own_window));
    values.push(("windows", format!("peer's {peer}, own {own}")));
    add(values, "no window for", row.zero_window);
    if let Some(limited) = tcp.window_limited.filter(|time| !time.is_zero()) {
        values.push(("held back", format!("{} by window", Span(limited))));
    }
}

fn buffers(row: &Row, memory: &Memory, values: &mut Vec<Value>) {
    let (used, limit) = (memory.receive_used, memory.receive_limit);
    if row.socket.state != State::Listen {
        let (used, limit) = (words::bytes(used.into()), words::bytes(limit.into()));
        let send = words::bytes(memory.send_limit.into());
        values.push(("buffers", format!("in {used} of {limit}, out {send}")));
    }
    if let Some(drops) = row.socket.drops() {
        let rate = row.drop_rate.filter(|rate| *rate > 0.0);
        let rate = rate.map_or(String::new(), |rate| format!(", {}", words::rate(rate)));
        values.push(("drops", format!("{drops}{rate}")));
    }
}
