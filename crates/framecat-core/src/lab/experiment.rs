//! The names of the experiments.

use std::fmt;
use std::str::FromStr;

use crate::escape::Escaped;

/// A claim about sockets that is run for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Experiment {
    /// `listen` does not block; the kernel completes the handshake with no `accept`.
    Handshake,
    /// `accept` waits until the queue of established connections has one.
    AcceptBlocks,
    /// `accept` returns a new socket; closing the listener leaves it working.
    TwoSockets,
    /// `listen(5)` serves 1, queues 5, and the next client gets an error.
    Backlog,
    /// A half-open connection waits in the SYN queue and is dropped after 75 s.
    HalfOpen,
    /// Restarting a server hits "address in use"; SO_REUSEADDR cures it.
    TimeWait,
    /// `recv` on an empty buffer blocks; after the peer closes it returns empty at once.
    RecvBlocks,
    /// An empty TCP send is invisible to the peer.
    EmptyTcp,
    /// An empty datagram arrives as an empty message, so `recvfrom` does not block when empty.
    EmptyUdp,
    /// A UDP read shorter than the datagram loses the rest.
    UdpTruncate,
    /// A UDP send to nobody succeeds and is lost.
    UdpNobody,
    /// Every `sendto` needs its `recvfrom`.
    UdpPairs,
    /// Small sends close together arrive merged, because of Nagle.
    StickySender,
    /// A slow or small read gets a piece, and the next one the rest with what follows.
    StickyReceiver,
    /// One big send arrives in several reads.
    Split,
    /// `send` loses data when the buffer is full, `sendall` does not.
    SendLoses,
    /// The sender's buffer is freed only by the peer's ACK.
    AckFrees,
    /// Every TCP send needs exactly one `recv`.
    Pairs,
    /// Killing the client makes the server's `recv` return empty, for ever.
    Crash,
    /// A thread a client serves many at once; so does readiness with one thread.
    Threads,
    /// Unix sockets talk through the file system, on one host.
    UnixLocal,
    /// A length header cures sticky messages.
    Framing,
}

/// A text that names no experiment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no experiment `{}`; `framecat lab` lists them", Escaped(text.as_bytes()))]
pub struct ParseExperimentError {
    text: String,
}

impl Experiment {
    /// All of them, in the order in which they are best read.
    pub const ALL: [Experiment; 22] = [
        Experiment::Handshake,
        Experiment::AcceptBlocks,
        Experiment::TwoSockets,
        Experiment::Backlog,
        Experiment::HalfOpen,
        Experiment::TimeWait,
        Experiment::RecvBlocks,
        Experiment::EmptyTcp,
        Experiment::EmptyUdp,
        Experiment::UdpTruncate,
        Experiment::UdpNobody,
        Experiment::UdpPairs,
        Experiment::StickySender,
        Experiment::StickyReceiver,
        Experiment::Split,
        Experiment::SendLoses,
        Experiment::AckFrees,
        Experiment::Pairs,
        Experiment::Crash,
        Experiment::Threads,
        Experiment::UnixLocal,
        Experiment::Framing,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Experiment::Handshake => "handshake",
            Experiment::AcceptBlocks => "accept-blocks",
            Experiment::TwoSockets => "two-sockets",
            Experiment::Backlog => "backlog",
            Experiment::HalfOpen => "half-open",
            Experiment::TimeWait => "time-wait",
            Experiment::RecvBlocks => "recv-blocks",
            Experiment::EmptyTcp => "empty-tcp",
            Experiment::EmptyUdp => "empty-udp",
            Experiment::UdpTruncate => "udp-truncate",
            Experiment::UdpNobody => "udp-nobody",
            Experiment::UdpPairs => "udp-pairs",
            Experiment::StickySender => "sticky-sender",
            Experiment::StickyReceiver => "sticky-receiver",
            Experiment::Split => "split",
            Experiment::SendLoses => "send-loses",
            Experiment::AckFrees => "ack-frees",
            Experiment::Pairs => "pairs",
            Experiment::Crash => "crash",
            Experiment::Threads => "threads",
            Experiment::UnixLocal => "unix-local",
            Experiment::Framing => "framing",
        }
    }
}

impl fmt::Display for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Experiment {
    type Err = ParseExperimentError;

    fn from_str(text: &str) -> Result<Self, ParseExperimentError> {
        let found = Experiment::ALL.into_iter().find(|experiment| experiment.name() == text);
        found.ok_or_else(|| ParseExperimentError { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_that_it_parses_from() {
        for (at, experiment) in Experiment::ALL.into_iter().enumerate() {
            assert_eq!(experiment.name().parse(), Ok(experiment));
            assert_eq!(experiment as usize, at, "the list is whole and in order");
        }
        let error = "nagle".parse::<Experiment>().unwrap_err().to_string();
        assert_eq!(error, "there is no experiment `nagle`; `framecat lab` lists them");
    }
}
