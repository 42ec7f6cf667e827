//! How the kernel tells, at the price of one small read, that a thread or process was born.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// The number that was given last to a thread or process, the last field of /proc/loadavg
/// (fs/proc/loadavg.c; proc_loadavg(5)). While it stays, nobody was born in this PID namespace.
///
/// /proc/PID/task/TID/children would name a process's own, but not every kernel has it
/// (CONFIG_PROC_CHILDREN), and it cannot be asked for changes.
#[derive(Debug)]
pub(super) struct Births {
    file: File,
}

impl Births {
    pub(super) fn open() -> io::Result<Births> {
        Ok(Births { file: File::open("/proc/loadavg")? })
    }

    pub(super) fn last(&self) -> io::Result<u32> {
        let mut room = [0; 128];
        let len = self.file.read_at(&mut room, 0)?;
        let line = room[..len].trim_ascii_end();
        let field = line.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
        let number = std::str::from_utf8(field).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    }
}
