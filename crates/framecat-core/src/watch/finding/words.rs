//! The words for problems, and what they mean.

use super::Problem;

/// All words of [`Problem::word`], each with its meaning in a line. Documents are made of this table.
pub const PROBLEMS: &[(&str, &str)] = &[
    (
        "accept-queue-full",
        "a listener: its accept queue is longer than its limit, and nobody else gets in",
    ),
    (
        "not-accepting",
        "a listener: connections have waited for long, though there is room for more",
    ),
    ("accept-queue-filling", "a listener: its accept queue stays longer than half of its limit"),
    ("connections-dropped", "a listener drops connections, or attempts at them"),
    (
        "overflows-while-full",
        "the same, where the kernel does not count by the listener: its queue is full while queues overflow",
    ),
    ("half-open", "a listener: handshakes do not come to their end"),
    ("not-accepted", "a connection waits to be accepted"),
    ("peer-not-accepting", "the program at the other end has not accepted the connection"),
    ("not-reading", "the program does not read what waits for it"),
    ("not-draining", "the program does not read, or too slowly, of a socket that counts no bytes"),
    ("peer-not-reading", "the program at the other end, on this host, does not read what was sent"),
    ("zero-window", "the peer offers no window, or none that the next segment fits in"),
    ("probes-unanswered", "the peer does not answer to probes of its window, or to keepalives"),
    ("loss", "much of what is sent has to be sent again"),
    ("retransmitting", "what was sent is sent again and not acknowledged"),
    ("no-answer", "no answer to the attempt to connect"),
    ("close-wait", "the peer has closed, the program has not"),
    ("fin-wait2", "the program has closed, the peer has not"),
    ("datagrams-dropped", "a UDP socket drops what comes"),
    ("buffer-full", "a UDP socket whose receive buffer is full: what comes now is dropped"),
    ("overflows", "the namespace: accept queues overflow"),
    (
        "namespace-drops-datagrams",
        "the namespace: datagrams are dropped because receive buffers are full",
    ),
    ("time-wait-pile", "many sockets in TIME_WAIT"),
    ("ports-taken", "ports to connect to one address from run out"),
];

impl Problem {
    /// A word for it, for programs: `accept-queue-full`.
    pub fn word(&self) -> &'static str {
        match self {
            Problem::AcceptQueueFull { .. } => "accept-queue-full",
            Problem::NotAccepting { .. } => "not-accepting",
            Problem::AcceptQueueFilling { .. } => "accept-queue-filling",
            Problem::ConnectionsDropped { .. } => "connections-dropped",
            Problem::OverflowsWhileFull { .. } => "overflows-while-full",
            Problem::HalfOpen { .. } => "half-open",
            Problem::NotAccepted { .. } => "not-accepted",
            Problem::PeerNotAccepting { .. } => "peer-not-accepting",
            Problem::NotReading { .. } => "not-reading",
            Problem::NotDraining { .. } => "not-draining",
            Problem::PeerNotReading { .. } => "peer-not-reading",
            Problem::ZeroWindow { .. } => "zero-window",
            Problem::ProbesUnanswered { .. } => "probes-unanswered",
            Problem::Loss { .. } => "loss",
            Problem::Retransmitting { .. } => "retransmitting",
            Problem::NoAnswer { .. } => "no-answer",
            Problem::CloseWait { .. } => "close-wait",
            Problem::FinWait2 { .. } => "fin-wait2",
            Problem::DatagramsDropped { .. } => "datagrams-dropped",
            Problem::BufferFull { .. } => "buffer-full",
            Problem::Overflows { .. } => "overflows",
            Problem::NamespaceDropsDatagrams { .. } => "namespace-drops-datagrams",
            Problem::TimeWaitPile { .. } => "time-wait-pile",
            Problem::PortsTaken { .. } => "ports-taken",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_that_is_used_is_in_the_table_and_each_in_the_table_is_used() {
        let source = include_str!("words.rs");
        let (_, used) = source.split_once("match self {").expect("it has one");
        let (used, _) = used.split_once("#[cfg(test)]").expect("it has one");
        let mut used: Vec<&str> = used.split('"').skip(1).step_by(2).collect();
        let mut known: Vec<&str> = PROBLEMS.iter().map(|(word, _)| *word).collect();
        used.sort_unstable();
        known.sort_unstable();
        assert_eq!(used, known);
        assert!(known.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
