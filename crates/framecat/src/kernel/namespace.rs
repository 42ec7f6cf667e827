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
