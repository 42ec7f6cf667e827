//! Why /proc may not show who has a socket open.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use framecat_core::watch::Hidden;

/// The inode of the PID namespace that the machine started with (`PROC_PID_INIT_INO` of
/// include/linux/proc_ns.h).
const FIRST_PID_NAMESPACE: u64 = 0xEFFF_FFFC;

/// What keeps processes from being seen that are there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hiding {
    /// This is another PID namespace than the machine's first.
    in_pid_namespace: bool,
    /// /proc is mounted with `hidepid`.
    by_mount: bool,
}

impl Hiding {
    pub(crate) fn of_this_process() -> Hiding {
        let namespace = fs::metadata("/proc/self/ns/pid").map(|namespace| namespace.ino());
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        Hiding {
            in_pid_namespace: namespace.is_ok_and(|inode| inode != FIRST_PID_NAMESPACE),
            by_mount: hides(&mounts),
        }
    }

    /// Why a socket has no owner that can be seen, where so many processes do not show theirs.
    pub(crate) fn why(self, hidden: usize) -> Hidden {
        match self {
            _ if hidden > 0 => Hidden::Processes(hidden),
            Hiding { by_mount: true, .. } if !rustix::process::geteuid().is_root() => {
                Hidden::ProcMount
            }
            Hiding { in_pid_namespace: true, .. } => Hidden::PidNamespace,
            _ => Hidden::Nobody,
        }
    }
}

/// Whether the mounts of /proc/self/mountinfo have a /proc that hides processes (proc_pid_mountinfo(5)):
/// `hidepid=0`, which is the default, is not shown. `ptraceable` hides from root too that has not the
/// right; then there is nothing else to be said either.
fn hides(mounts: &str) -> bool {
    let is_proc = |line: &&str| line.split(' ').nth(4) == Some("/proc");
    // The last one mounted there is the one that is seen.
    let options = mounts.lines().rfind(is_proc).and_then(|line| line.rsplit(' ').next());
    options.is_some_and(|all| all.split(',').any(|option| option.starts_with("hidepid=")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proc_that_hides_processes_is_told_by_its_options() {
        let line = "24 1 0:22 / /proc rw,relatime shared:5 - proc proc rw";
        assert!(!hides(line));
        assert!(!hides(""));
        assert!(hides(&format!("{line},hidepid=invisible,gid=4")));
        assert!(!hides(&format!("{line},hidepid=2\n{line}")), "the last one is seen");
        assert!(!hides("30 1 0:5 / /jail/proc rw - proc proc rw,hidepid=2"));
    }

    #[test]
    fn the_reason_is_the_one_that_applies() {
        let open = Hiding { in_pid_namespace: false, by_mount: false };
        assert_eq!(open.why(3), Hidden::Processes(3));
        assert_eq!(open.why(0), Hidden::Nobody);
        let inside = Hiding { in_pid_namespace: true, ..open };
        assert_eq!(inside.why(0), Hidden::PidNamespace);
        assert_eq!(inside.why(1), Hidden::Processes(1));
    }
}
