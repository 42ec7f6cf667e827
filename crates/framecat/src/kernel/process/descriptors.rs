//! What /proc shows of processes and the sockets that they have open (proc_pid_fd(5)).

use std::io;
use std::mem::MaybeUninit;
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RawDir, openat, readlinkat_raw, statat};
use rustix::io::{Errno, read};

use super::Pid;
use super::births::Births;
use super::stat::Stat;

/// What the [inventory](super::Inventory) asks; a test has answers of its own.
pub(crate) trait View: std::fmt::Debug {
    /// Changes when a process is born. `None` if that is not known.
    fn births(&self) -> Option<u32>;

    /// The numbers of all processes, in rising order.
    fn pids(&mut self) -> io::Result<Vec<Pid>>;

    /// Who a process is.
    fn identity(&mut self, pid: Pid) -> rustix::io::Result<Identity<'_>>;

    /// How many descriptors it has open; `None` if that is not to be had without counting.
    fn count(&mut self, pid: Pid) -> Option<u64>;

    /// Adds the sockets that it has open, by the descriptors. Of a descriptor of which the inode `is_known`
    /// it does not ask the kernel: that costs most.
    fn sockets(
        &mut self,
        pid: Pid,
        is_known: &dyn Fn(u32) -> Option<u32>,
        found: &mut Vec<Opened>,
    ) -> rustix::io::Result<()>;
}

/// A socket that a process has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) descriptor: u32,
    pub(crate) inode: u32,
}

/// Who a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity<'a> {
    /// The name of its program.
    pub(crate) name: &'a [u8],
    /// When it started: a number may be another's later, this then differs.
    pub(crate) started: u64,
    /// A thread of the kernel, which has no descriptors.
    pub(crate) is_of_the_kernel: bool,
    /// Nothing is left of it but its exit status.
    pub(crate) has_ended: bool,
}

/// So many bytes of a folder's entries are read at once: some 1,000 entries.
const ENTRIES: usize = 32 * 1024;

/// The processes of this machine, as far as this PID namespace has them.
#[derive(Debug)]
pub(crate) struct Proc {
    births: Option<Births>,
    line: [u8; 1024],
    entries: Vec<u8>,
}

impl Proc {
    pub(crate) fn new() -> Proc {
        let entries = Vec::with_capacity(ENTRIES);
        // A line has about 52 fields, the name with at most 64 bytes.
        Proc { births: Births::open().ok(), line: [0; 1024], entries }
    }
}

impl View for Proc {
    fn births(&self) -> Option<u32> {
        self.births.as_ref()?.last().ok()
    }

    fn pids(&mut self) -> io::Result<Vec<Pid>> {
        let mut pids = Vec::new();
        let mut entries =
            RawDir::new(folder(Path::new("/proc"))?, self.entries.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            pids.extend(number(entry?.file_name().to_bytes()));
        }
        pids.sort_unstable();
        Ok(pids)
    }

    fn identity(&mut self, pid: Pid) -> rustix::io::Result<Identity<'_>> {
        let file = openat(CWD, format!("/proc/{pid}/stat"), READ, Mode::empty())?;
        let len = read(&file, &mut self.line)?;
        let line = &self.line[..len];
        let stat = Stat::parse(line).zip(Stat::name(line));
        let (stat, name) = stat.ok_or(Errno::INVAL)?;
        Ok(Identity {
            name,
            started: stat.started,
            is_of_the_kernel: stat.is_kernel_thread(),
            has_ended: stat.has_ended(),
        })
    }

    fn count(&mut self, pid: Pid) -> Option<u64> {
        // The size of the folder is their number since Linux 6.2, and was 0 before
        // (fs/proc/fd.c, `proc_fd_getattr`).
        let stat = statat(CWD, format!("/proc/{pid}/fd"), AtFlags::empty()).ok()?;
        u64::try_from(stat.st_size).ok().filter(|count| *count > 0)
    }

    fn sockets(
        &mut self,
        pid: Pid,
        is_known: &dyn Fn(u32) -> Option<u32>,
        found: &mut Vec<Opened>,
    ) -> rustix::io::Result<()> {
        read_sockets(pid, is_known, &mut self.entries, found)
    }
}

/// As [`View::sockets`], with room for the folder's entries.
fn read_sockets(
    pid: Pid,
    is_known: &dyn Fn(u32) -> Option<u32>,
    entries: &mut Vec<u8>,
    found: &mut Vec<Opened>,
) -> rustix::io::Result<()> {
    let folder = folder(Path::new(&format!("/proc/{pid}/fd")))?;
    let mut entries = RawDir::new(&folder, entries.spare_capacity_mut());
    // Longer than `socket:[4294967295]`. What does not fit is cut, and is no socket.
    let mut room = [MaybeUninit::uninit(); 32];
    while let Some(entry) = entries.next() {
        let entry = entry?;
        // `.` and `..` are no numbers.
        let Some(descriptor) = number(entry.file_name().to_bytes()) else { continue };
        let inode = is_known(descriptor).or_else(|| {
            // It may be closed while we look.
            let (link, _) = readlinkat_raw(&folder, entry.file_name(), &mut room).ok()?;
            number(link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?)
        });
        found.extend(inode.map(|inode| Opened { descriptor, inode }));
    }
    Ok(())
}

/// The inodes of the sockets that a process has open, one for each descriptor.
///
/// # Errors
/// If it has ended, or does not show them.
pub(crate) fn sockets_of(pid: Pid) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    read_sockets(pid, &|_| None, &mut Vec::with_capacity(ENTRIES), &mut found)?;
    Ok(found.into_iter().map(|opened| opened.inode).collect())
}

const READ: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC);

fn folder(path: &Path) -> rustix::io::Result<OwnedFd> {
    openat(CWD, path, READ | OFlags::DIRECTORY, Mode::empty())
}

/// A decimal number that 32 bits hold.
fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
