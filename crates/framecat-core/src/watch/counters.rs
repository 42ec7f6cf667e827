//! The counters of a network namespace, read from the text of the files in /proc/net.
//!
//! netstat and snmp have two lines a group, `Udp: InDatagrams NoPorts …` and `Udp: 17 4 …`
//! (net/ipv4/proc.c, `snmp_seq_show`, `netstat_seq_show`); snmp6 has a line a counter, `Udp6NoPorts 4`
//! (net/ipv6/proc.c, `snmp6_seq_show`). Kernels add counters between others, so that each is looked up
//! by its name.

use super::Counters;

/// The text of the three files, as far as they are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CounterFiles<'a> {
    /// /proc/net/netstat
    pub netstat: Option<&'a str>,
    /// /proc/net/snmp
    pub snmp: Option<&'a str>,
    /// /proc/net/snmp6; a kernel without IPv6, or with `ipv6.disable=1`, does not have it, and has
    /// nothing to count in it.
    pub snmp6: Option<&'a str>,
}

impl CounterFiles<'_> {
    /// The counters, and the names (as nstat(8) has them: the group, then the counter) of those that are
    /// not in the files or not numbers.
    pub fn counters(&self) -> (Counters, Vec<&'static str>) {
        let (tcp_ext, tcp, udp) = (
            Group::find(self.netstat, "TcpExt:"),
            Group::find(self.snmp, "Tcp:"),
            Group::find(self.snmp, "Udp:"),
        );
        let mut missing = Vec::new();
        let mut known = |name: &'static str, value: Option<u64>| {
            if value.is_none() {
                missing.push(name);
            }
            value
        };
        let listen_overflows = known("TcpExtListenOverflows", tcp_ext.value("ListenOverflows"));
        let listen_drops = known("TcpExtListenDrops", tcp_ext.value("ListenDrops"));
        let retransmissions = known("TcpRetransSegs", tcp.value("RetransSegs"));
        let mut udp_no_ports = known("UdpNoPorts", udp.value("NoPorts"));
        let mut udp_buffer_drops = known("UdpRcvbufErrors", udp.value("RcvbufErrors"));
        if let Some(text) = self.snmp6 {
            let no_ports = known("Udp6NoPorts", line(text, "Udp6NoPorts"));
            let buffer_drops = known("Udp6RcvbufErrors", line(text, "Udp6RcvbufErrors"));
            udp_no_ports = sum(udp_no_ports, no_ports);
            udp_buffer_drops = sum(udp_buffer_drops, buffer_drops);
        }
        let counters = Counters {
            listen_overflows,
            listen_drops,
            retransmissions,
            udp_no_ports,
            udp_buffer_drops,
        };
        (counters, missing)
    }
}

/// Half of a sum is no sum. The kernel's counters wrap around, and so does this.
fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.zip(other).map(|(one, other)| one.wrapping_add(other))
}

/// The two lines of a group; both are empty where there is no such group.
struct Group<'a> {
    names: &'a str,
    values: &'a str,
}

impl<'a> Group<'a> {
    fn find(text: Option<&'a str>, title: &str) -> Group<'a> {
        let mut lines =
            text.unwrap_or_default().lines().filter_map(|line| line.strip_prefix(title));
        Group { names: lines.next().unwrap_or_default(), values: lines.next().unwrap_or_default() }
    }

    fn value(&self, name: &str) -> Option<u64> {
        let mut both =
            self.names.split_ascii_whitespace().zip(self.values.split_ascii_whitespace());
        both.find(|(found, _)| *found == name)?.1.parse().ok()
    }
}

fn line(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().map(str::split_ascii_whitespace);
    lines.find_map(|mut words| (words.next() == Some(name)).then(|| words.next())?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETSTAT: &str = "TcpExt: SyncookiesSent ListenOverflows ListenDrops New\n\
        TcpExt: 1 22 333 4\n\
        IpExt: InNoRoutes ListenDrops\n\
        IpExt: 5 6\n";
    const SNMP: &str = "Ip: Forwarding\n\
        Ip: 1\n\
        Tcp: RtoAlgorithm MaxConn RetransSegs\n\
        Tcp: 1 -1 44\n\
        Udp: InDatagrams NoPorts InErrors RcvbufErrors\n\
        Udp: 9 5 7 6\n\
        UdpLite: InDatagrams NoPorts InErrors RcvbufErrors\n\
        UdpLite: 90 50 70 60\n";
    const SNMP6: &str = "Ip6InReceives                   \t40832\n\
        Udp6NoPorts                     \t100\n\
        Udp6RcvbufErrors                \t200\n\
        UdpLite6NoPorts                 \t0\n";

    const ALL: CounterFiles<'_> =
        CounterFiles { netstat: Some(NETSTAT), snmp: Some(SNMP), snmp6: Some(SNMP6) };

    fn counters(overflows: u64, drops: u64, again: u64, ports: u64, buffers: u64) -> Counters {
        Counters {
            listen_overflows: Some(overflows),
            listen_drops: Some(drops),
            retransmissions: Some(again),
            udp_no_ports: Some(ports),
            udp_buffer_drops: Some(buffers),
        }
    }

    #[test]
    fn counters_are_found_by_their_names() {
        assert_eq!(ALL.counters(), (counters(22, 333, 44, 105, 206), vec![]));
        let netstat = "TcpExt: ListenDrops ListenOverflows\nTcpExt: 1 2\n";
        let other = CounterFiles { netstat: Some(netstat), ..ALL };
        assert_eq!(other.counters().0, counters(2, 1, 44, 105, 206), "in another order");
    }

    #[test]
    fn without_ipv6_there_is_nothing_to_add() {
        let files = CounterFiles { snmp6: None, ..ALL };
        assert_eq!(files.counters(), (counters(22, 333, 44, 5, 6), vec![]));
    }

    #[test]
    fn what_is_not_there_is_unknown_and_named() {
        let files = CounterFiles { netstat: None, ..ALL };
        let (found, missing) = files.counters();
        assert_eq!((found.listen_overflows, found.listen_drops), (None, None));
        assert_eq!(found.retransmissions, Some(44));
        assert_eq!(missing, ["TcpExtListenOverflows", "TcpExtListenDrops"]);

        let files = CounterFiles { snmp6: Some("Udp6NoPorts 1\n"), ..ALL };
        let (found, missing) = files.counters();
        assert_eq!((found.udp_no_ports, found.udp_buffer_drops), (Some(6), None));
        assert_eq!(missing, ["Udp6RcvbufErrors"]);

        let (found, missing) = CounterFiles::default().counters();
        assert_eq!(found, Counters::default());
        assert_eq!(missing.len(), 5, "{missing:?}");
    }

    #[test]
    fn what_is_no_number_or_cut_is_unknown() {
        for netstat in [
            "",
            "TcpExt:",
            "TcpExt: ListenOverflows",
            "TcpExt: ListenOverflows\nTcpExt:",
            "TcpExt: ListenOverflows\nTcpExt: -1",
            "TcpExt: ListenOverflows\nTcpExt: x",
            "TcpExt: ListenOverflows\nTcpExt: 99999999999999999999",
        ] {
            let files = CounterFiles { netstat: Some(netstat), ..ALL };
            assert_eq!(files.counters().0.listen_overflows, None, "{netstat:?}");
        }
        let most = format!("Udp6NoPorts {0}\nUdp6RcvbufErrors {0}\n", u64::MAX);
        let files = CounterFiles { snmp6: Some(&most), ..ALL };
        assert_eq!(files.counters().0.udp_no_ports, Some(4), "counters wrap, as the kernel's do");
    }
}
