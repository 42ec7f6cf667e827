//! Which network namespace a thread or a process is in (network_namespaces(7)).

use std::path::PathBuf;

use super::process::Pid;

/// A network namespace, as /proc names it: `net:[4026531840]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Namespace(PathBuf);

impl Namespace {
    /// That of this thread. `None` if there is no /proc, or the kernel has no namespaces.
    pub(crate) fn of_this_thread() -> Option<Namespace> {
        std::fs::read_link("/proc/thread-self/ns/net").ok().map(Namespace)
    }

    /// That of the first thread of a process. `None` if it has ended or will not tell, as another
    /// user's does not.
    pub(crate) fn of(pid: Pid) -> Option<Namespace> {
        std::fs::read_link(format!("/proc/{pid}/ns/net")).ok().map(Namespace)
    }
}

/// How many ports the network namespace of this thread has to connect from (ip(7), ip_local_port_range).
pub(crate) fn ports_to_connect_from() -> Option<u32> {
    count(&std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?)
}

fn count(range: &str) -> Option<u32> {
    let mut ends = range.split_ascii_whitespace().map(str::parse::<u32>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    last.checked_sub(first)?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_range_belong_to_it() {
        assert_eq!(count("32768\t60999\n"), Some(28232));
        assert_eq!(count("5 5"), Some(1));
        for broken in ["", "5", "x 5", "6 5", "0 4294967295"] {
            assert_eq!(count(broken), None, "{broken}");
        }
    }
}
