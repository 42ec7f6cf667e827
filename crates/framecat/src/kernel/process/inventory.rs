//! Which processes have which sockets open.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::sync::Arc;

use framecat_core::watch::{Owner, Socket};

use super::Pid;

/// Whose descriptors are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of every process.
    All,
    /// Those of one process.
    One(Pid),
}

/// Which processes have which sockets open.
#[derive(Debug)]
pub(crate) struct Inventory {
    scope: Scope,
    hidden: usize,
    nobody: Arc<[Owner]>,
}

impl Inventory {
    /// One that has seen nothing.
    pub(crate) fn new(scope: Scope) -> Inventory {
        Inventory { scope, hidden: 0, nobody: Arc::new([]) }
    }

    /// Writes into each socket who has it open.
    pub(crate) fn assign(&mut self, sockets: &mut [Socket]) {
        self.hidden = 0;
        let pids = match self.scope {
            Scope::All => pids(),
            Scope::One(pid) => vec![pid],
        };
        let mut found: HashMap<u32, Vec<Owner>> = HashMap::new();
        for pid in pids {
            let inodes = match sockets_of(pid) {
                Ok(inodes) => inodes,
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    self.hidden += 1;
                    continue;
                }
                Err(_) => continue,
            };
            let Ok(name) = fs::read(format!("/proc/{pid}/comm")) else { continue };
            let name = String::from_utf8_lossy(name.trim_ascii_end()).into_owned();
            for inode in inodes {
                let owners = found.entry(inode).or_default();
                if owners.last().is_none_or(|owner| owner.pid != pid) {
                    owners.push(Owner { pid, name: name.clone() });
                }
            }
        }
        for socket in sockets {
            socket.owners = match found.get(&socket.inode) {
                Some(owners) => owners.as_slice().into(),
                None => self.nobody.clone(),
            };
        }
    }

    /// How many processes do not show what they have open.
    pub(crate) fn hidden(&self) -> usize {
        self.hidden
    }

    /// Whether the one process that is looked at has ended.
    pub(crate) fn has_ended(&self) -> bool {
        match self.scope {
            Scope::All => false,
            Scope::One(pid) => fs::metadata(format!("/proc/{pid}")).is_err(),
        }
    }
}

fn pids() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let mut pids: Vec<Pid> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    pids
}

fn sockets_of(pid: Pid) -> io::Result<Vec<u32>> {
    let inode = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.flatten().filter_map(inode).collect())
}
