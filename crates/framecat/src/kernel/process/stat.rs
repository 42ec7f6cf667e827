//! The line of /proc/PID/stat (proc_pid_stat(5); fs/proc/array.c, `do_task_stat`).

/// What the line says of a process, or of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    /// What it does: field 3.
    pub(crate) state: u8,
    /// The process that started its process, or took it over: field 4.
    pub(crate) parent: u32,
    /// The bits of its kind, `PF_…` of include/linux/sched.h: field 9.
    pub(crate) flags: u32,
    /// Clock ticks spent, with those of children that were waited for: fields 14 to 17.
    pub(crate) ticks: u64,
    /// How many threads its process has: field 20.
    pub(crate) threads: u32,
    /// When it started, in clock ticks since the machine did: field 22. A number is used again by
    /// another process; the pair is not.
    pub(crate) started: u64,
}

/// `PF_KTHREAD`.
const KERNEL_THREAD: u32 = 0x0020_0000;

impl Stat {
    /// The second field is the program's name in parentheses, in which any bytes may stand, also
    /// spaces and parentheses; no field behind it has any, so it ends at the last one.
    pub(crate) fn parse(line: &[u8]) -> Option<Stat> {
        let end = line.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(line.get(end + 1..)?).ok()?;
        let mut fields = rest.split_ascii_whitespace();
        let state = *fields.next()?.as_bytes().first()?;
        let mut ticks = 0u64;
        let parent = fields.next()?.parse().ok()?;
        let flags = fields.nth(4)?.parse().ok()?;
        // Fields 10 to 13.
        fields.nth(3)?;
        for _ in 14..=17 {
            // cutime and cstime are signed in the manual page; they are not below 0.
            ticks = ticks.saturating_add(fields.next()?.parse().ok()?);
        }
        let threads = fields.nth(2)?.parse().ok()?;
        let started = fields.nth(1)?.parse().ok()?;
        Some(Stat { state, parent, flags, ticks, threads, started })
    }

    /// The program's name, of at most 15 bytes, of any kind; a kernel thread's may be longer.
    pub(crate) fn name(line: &[u8]) -> Option<&[u8]> {
        let begin = line.iter().position(|byte| *byte == b'(')? + 1;
        let end = line.iter().rposition(|byte| *byte == b')')?;
        line.get(begin..end)
    }

    /// A thread of the kernel: it has no descriptors.
    pub(crate) fn is_kernel_thread(&self) -> bool {
        self.flags & KERNEL_THREAD != 0
    }

    /// It does nothing until something outside happens to it. Not D: what waits for a disk goes on by
    /// itself. T and t: stopped, it does not. Z and X: it has ended. I: an idle thread of the kernel.
    pub(crate) fn is_at_rest(&self) -> bool {
        matches!(self.state, b'S' | b'T' | b't' | b'Z' | b'X' | b'x' | b'I')
    }

    /// Nothing is left of the process but its exit status.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x') && self.threads <= 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEHIND: &str = "S 1 4242 4242 0 -1 4194560 190 80 0 0 17 4 30 2 20 0 3 0 2047 1 2 3";

    const STAT: Stat =
        Stat { state: b'S', parent: 1, flags: 4_194_560, ticks: 53, threads: 3, started: 2047 };

    #[test]
    fn a_name_may_have_spaces_and_parentheses() {
        for name in ["cat", "", "a b", "tricky) R 9", "((", ")(", "\u{e9})"] {
            let line = format!("4242 ({name}) {BEHIND}\n");
            let stat = Stat::parse(line.as_bytes());
            assert_eq!(stat, Some(STAT), "{line}");
            assert_eq!(Stat::name(line.as_bytes()), Some(name.as_bytes()));
        }
        let broken = [b"1 (\xff\xfe) ".as_slice(), BEHIND.as_bytes()].concat();
        assert!(Stat::parse(&broken).is_some(), "a name need not be text");
    }

    #[test]
    fn a_line_that_is_cut_says_nothing() {
        let line = format!("4242 (cat) {BEHIND}");
        let last = line.find("2047").unwrap();
        for len in 0..last {
            assert_eq!(Stat::parse(&line.as_bytes()[..len]), None, "{len} B");
        }
    }

    #[test]
    fn a_disk_is_no_rest_and_a_zombie_has_ended() {
        let stat = |state| Stat { state, threads: 1, ..STAT };
        for (state, at_rest) in [(b'S', true), (b'R', false), (b'D', false), (b'T', true)] {
            assert_eq!(stat(state).is_at_rest(), at_rest);
        }
        assert!(stat(b'Z').has_ended());
        assert!(!Stat { threads: 2, ..stat(b'Z') }.has_ended(), "only its first thread has");
    }

    #[test]
    fn threads_of_the_kernel_are_told_by_their_flags() {
        assert!(!STAT.is_kernel_thread());
        let line = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 2 0 0";
        assert!(Stat::parse(line.as_bytes()).unwrap().is_kernel_thread());
    }
}
