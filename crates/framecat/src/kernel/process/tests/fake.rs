//! Processes that are made up.

use std::collections::BTreeMap;
use std::io;

use rustix::io::Errno;

use crate::kernel::process::Pid;
use crate::kernel::process::descriptors::{Identity, Opened, View};

/// Processes that are made up.
#[derive(Debug, Default)]
pub(super) struct Fake {
    pub(super) processes: BTreeMap<Pid, Program>,
    pub(super) births: u32,
    /// An old kernel does not count descriptors.
    pub(super) cannot_count: bool,
    /// Nothing can be opened.
    pub(super) is_exhausted: bool,
    /// Whose descriptors were looked at.
    pub(super) looks: Vec<Pid>,
    /// How often the kernel was asked what a descriptor is.
    pub(super) asked: usize,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) name: String,
    pub(super) started: u64,
    pub(super) is_hidden: bool,
    pub(super) is_of_the_kernel: bool,
    pub(super) sockets: Vec<u32>,
    pub(super) files: u64,
}

impl View for Fake {
    fn births(&self) -> Option<u32> {
        Some(self.births)
    }

    fn pids(&mut self) -> io::Result<Vec<Pid>> {
        Ok(self.processes.keys().copied().collect())
    }

    fn identity(&mut self, pid: Pid) -> rustix::io::Result<Identity<'_>> {
        if self.is_exhausted {
            return Err(Errno::MFILE);
        }
        let program = self.processes.get(&pid).ok_or(Errno::NOENT)?;
        Ok(Identity {
            name: program.name.as_bytes(),
            started: program.started,
            is_of_the_kernel: program.is_of_the_kernel,
            has_ended: false,
        })
    }

    fn count(&mut self, pid: Pid) -> Option<u64> {
        let program = self.processes.get(&pid).filter(|_| !self.cannot_count)?;
        Some(program.files + program.sockets.len() as u64)
    }

    fn sockets(
        &mut self,
        pid: Pid,
        is_known: &dyn Fn(u32) -> Option<u32>,
        found: &mut Vec<Opened>,
    ) -> rustix::io::Result<()> {
        self.looks.push(pid);
        if self.is_exhausted {
            return Err(Errno::MFILE);
        }
        let program = self.processes.get(&pid).ok_or(Errno::NOENT)?;
        if program.is_hidden {
            return Err(Errno::ACCESS);
        }
        for (descriptor, inode) in (0..).zip(&program.sockets) {
            let inode = is_known(descriptor).unwrap_or_else(|| {
                self.asked += 1;
                *inode
            });
            found.push(Opened { descriptor, inode });
        }
        Ok(())
    }
}
