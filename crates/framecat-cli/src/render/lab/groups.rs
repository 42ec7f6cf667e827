//! Experiments by their subject, for the list.

use framecat::core::lab::Experiment::{
    self, AcceptBlocks, AckFrees, Backlog, Crash, EmptyTcp, EmptyUdp, Framing, HalfOpen, Handshake,
    Pairs, RecvBlocks, SendLoses, Split, StickyReceiver, StickySender, Threads, TimeWait,
    TwoSockets, UdpNobody, UdpPairs, UdpTruncate, UnixLocal,
};

use crate::args::Language;

/// Experiments with one subject.
pub(super) struct Group {
    /// What they are about.
    titles: [&'static str; 2],
    /// In the order in which they are best read.
    pub(super) experiments: &'static [Experiment],
}

impl Group {
    pub(super) fn title(&self, language: Language) -> &'static str {
        self.titles[language as usize]
    }
}

/// All experiments.
pub(super) const GROUPS: &[Group] = &[
    Group {
        titles: ["Connections come about", "建立连接"],
        experiments: &[Handshake, AcceptBlocks, TwoSockets, Backlog, HalfOpen, TimeWait],
    },
    Group {
        titles: ["Messages in a stream", "字节流里的消息"],
        experiments: &[StickySender, StickyReceiver, Split, Pairs, Framing],
    },
    Group {
        titles: ["Reading, writing, the end", "读、写与断开"],
        experiments: &[RecvBlocks, EmptyTcp, SendLoses, AckFrees, Crash],
    },
    Group {
        titles: ["Datagrams", "数据报"],
        experiments: &[EmptyUdp, UdpTruncate, UdpNobody, UdpPairs],
    },
    Group {
        titles: ["Many clients, one host", "多客户端与本机通信"],
        experiments: &[Threads, UnixLocal],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_experiment_is_in_one_group() {
        let mut grouped: Vec<Experiment> =
            GROUPS.iter().flat_map(|group| group.experiments).copied().collect();
        grouped.sort();
        assert_eq!(grouped, Experiment::ALL);
    }
}
