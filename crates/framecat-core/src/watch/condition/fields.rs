//! What a condition can name. Help texts and documents are made of this table.

/// Something that a condition can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// In what it is measured.
    pub unit: Unit,
    /// Whether it is of the frame and not of a row.
    pub of_frame: bool,
    /// What it is, in a line.
    pub meaning: &'static str,
    /// What is looked at.
    pub(super) what: What,
}

/// In what a field is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes: `512`, `5k`, `64KiB`, `1.5M`; k, M and G are 1024 and its powers.
    Bytes,
    /// A number.
    Count,
    /// A time: `5` and `5s` are seconds, `200us`, `200ms`, `2m`, `1h`.
    Time,
    /// Bytes a second: `1M`, `1M/s`.
    BytesPerSecond,
    /// So many a second: `0.5`, `12`, `12/s`.
    PerSecond,
    /// A state, as the kernel, netstat or ss call it: `CLOSE_WAIT`, `close-wait`, `ESTAB`.
    State,
    /// A family and type: `tcp`, `udp`, `unix`, `unix-dgram`, `unix-seqpacket`.
    Kind,
    /// How bad: `none`, `note`, `warning`, `error`.
    Severity,
    /// A text as it is shown.
    Text,
}

/// What is looked at. Of the times it says of what sockets they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    State,
    Kind,
    Process,
    Pid,
    Uid,
    Inode,
    Local,
    Peer,
    Port,
    LocalPort,
    PeerPort,
    ReceiveQueue,
    SendQueue,
    Unsent,
    Unacknowledged,
    PeerUnread,
    PeerUnreadFor,
    AcceptQueue,
    Backlog,
    HalfOpen,
    Unread,
    Unaccepted,
    UnacknowledgedFor,
    Full,
    ZeroWindow,
    InState,
    Age,
    Rtt,
    CongestionWindow,
    OwnWindow,
    PeerWindow,
    Retransmissions,
    Retries,
    Drops,
    ReceivedRate,
    SentRate,
    RetransmissionRate,
    DropRate,
    Severity,
    Count,
    Overflows,
    ListenDrops,
    NamespaceRetransmissions,
    UdpDrops,
    UdpNoPorts,
}

const fn row(name: &'static str, unit: Unit, what: What, meaning: &'static str) -> Field {
    Field { name, aliases: &[], unit, of_frame: false, meaning, what }
}

const fn frame(name: &'static str, unit: Unit, what: What, meaning: &'static str) -> Field {
    Field { name, aliases: &[], unit, of_frame: true, meaning, what }
}

const fn alias(field: Field, aliases: &'static [&'static str]) -> Field {
    Field { aliases, ..field }
}

/// All that a condition can name, in the order in which a person is shown it.
pub const FIELDS: &[Field] = &[
    row("state", Unit::State, What::State, "the state of the socket"),
    alias(row("kind", Unit::Kind, What::Kind, "its family and type"), &["proto"]),
    alias(
        row("process", Unit::Text, What::Process, "the name of a program that has it open"),
        &["owner"],
    ),
    row("pid", Unit::Count, What::Pid, "the process of such a program"),
    row("uid", Unit::Count, What::Uid, "the user who owns it"),
    row("inode", Unit::Count, What::Inode, "its inode; 0 while no program has it"),
    row("local", Unit::Text, What::Local, "its own address"),
    row("peer", Unit::Text, What::Peer, "its peer's address"),
    row("port", Unit::Count, What::Port, "the port of either end"),
    row("lport", Unit::Count, What::LocalPort, "its own port"),
    row("pport", Unit::Count, What::PeerPort, "its peer's port"),
    row("recvq", Unit::Bytes, What::ReceiveQueue, "waits for the program; not of listeners"),
    row("sendq", Unit::Bytes, What::SendQueue, "waits for the peer; not of listeners"),
    row("unsent", Unit::Bytes, What::Unsent, "written and not sent; TCP"),
    row("unacked", Unit::Bytes, What::Unacknowledged, "sent and not acknowledged; TCP"),
    row("peer_unread", Unit::Bytes, What::PeerUnread, "waits at the other end, if that is here"),
    row("acceptq", Unit::Count, What::AcceptQueue, "connections in the accept queue; listeners"),
    row("backlog", Unit::Count, What::Backlog, "the limit of the accept queue; listeners"),
    row("halfopen", Unit::Count, What::HalfOpen, "handshakes under way; TCP listeners"),
    row("unread", Unit::Time, What::Unread, "the program has not read what waits"),
    row("peer_unread_for", Unit::Time, What::PeerUnreadFor, "the other end has not read that"),
    row("unaccepted", Unit::Time, What::Unaccepted, "the oldest connection waits for accept"),
    row("unacked_for", Unit::Time, What::UnacknowledgedFor, "nothing was acknowledged; TCP"),
    row("full", Unit::Time, What::Full, "the accept queue is over its limit; listeners"),
    row("zero_window", Unit::Time, What::ZeroWindow, "the peer offers no window; TCP"),
    row("state_for", Unit::Time, What::InState, "it has been in its state"),
    row("age", Unit::Time, What::Age, "it has been there"),
    row("rtt", Unit::Time, What::Rtt, "the round-trip time; TCP"),
    row("cwnd", Unit::Count, What::CongestionWindow, "the congestion window in segments; TCP"),
    row("rwnd", Unit::Bytes, What::OwnWindow, "the window offered to the peer; TCP"),
    row("peerwnd", Unit::Bytes, What::PeerWindow, "the window that the peer offers; TCP"),
    row("retrans", Unit::Count, What::Retransmissions, "segments sent again in all; TCP"),
    row("retries", Unit::Count, What::Retries, "what was sent last was sent again so often; TCP"),
    row("drops", Unit::Count, What::Drops, "dropped by it in all; UDP and listeners"),
    row("in", Unit::BytesPerSecond, What::ReceivedRate, "received a second; TCP"),
    row("out", Unit::BytesPerSecond, What::SentRate, "sent a second, without repeats; TCP"),
    row("retrans_rate", Unit::PerSecond, What::RetransmissionRate, "segments sent again; TCP"),
    row("drop_rate", Unit::PerSecond, What::DropRate, "dropped by it; UDP and listeners"),
    row("severity", Unit::Severity, What::Severity, "the worst that is found wrong with it"),
    frame("count", Unit::Count, What::Count, "rows that are shown"),
    frame(
        "overflows",
        Unit::PerSecond,
        What::Overflows,
        "connections that found a full accept queue",
    ),
    frame("listen_drops", Unit::PerSecond, What::ListenDrops, "connections dropped by listeners"),
    frame("ns_retrans", Unit::PerSecond, What::NamespaceRetransmissions, "segments sent again"),
    frame("udp_drops", Unit::PerSecond, What::UdpDrops, "datagrams dropped, receive buffer full"),
    frame("udp_noports", Unit::PerSecond, What::UdpNoPorts, "datagrams to a port with nobody"),
];

impl Field {
    /// The field of this name, whatever its case and whether it is written with `-` or `_`.
    pub fn by_name(name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.names().any(|known| alike(known, name)))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// Whether two names are the same to a person.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let plain = |c: char| if c == '-' { '_' } else { c.to_ascii_lowercase() };
    a.chars().map(plain).eq(b.chars().map(plain))
}

/// What was probably meant by a name that nobody knows.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    // A longer one is none of these misspelt, and need not be compared with them.
    if name.chars().count() > 20 {
        return None;
    }
    let names = FIELDS.iter().flat_map(Field::names);
    let near = names.map(|known| (distance(known, &name.to_ascii_lowercase()), known));
    // With two letters of a short name changed, anything is near.
    let most = if name.chars().count() < 5 { 1 } else { 2 };
    near.filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|it| it.1)
}

/// How many letters must be changed, added, left out or exchanged with their neighbour to make one of
/// the other (the optimal string alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
