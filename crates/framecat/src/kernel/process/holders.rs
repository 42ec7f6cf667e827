//! The processes there are and the sockets that each has open, kept from one sample to the next.
//!
//! To look at every descriptor of every process costs more than all tables of sockets together. So
//! what was found is kept, and looked at again:
//!
//! - of a process that is new, or has another number of descriptors than it had;
//! - of all, the likelier ones first, while a socket is looked for that is with none of these;
//! - of each in turn, a few with each sample, for what nothing else shows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::sync::Arc;

use framecat_core::watch::Owner;
use rustix::io::Errno;

use super::Pid;
use super::descriptors::View;

/// So many descriptors are looked at again with each sample: about a millisecond's worth.
const DESCRIPTORS_A_ROUND: u64 = 512;

/// What a process costs to look at that has none, in descriptors.
const PROCESS: u64 = 8;

/// So many processes with sockets are asked with each sample whether they are still the same: another
/// millisecond or two.
const ASKED_A_ROUND: usize = 256;

/// Whose descriptors are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of every process.
    All,
    /// Those of one process.
    One(Pid),
}

/// The processes and their sockets.
#[derive(Debug)]
pub(super) struct Holders<V> {
    view: V,
    scope: Scope,
    /// The number of this sample.
    round: u64,
    births: Option<u32>,
    processes: BTreeMap<Pid, Process>,
    /// The one process that is looked at has ended.
    has_ended: bool,
    /// What may still be spent on looking at each in turn, in descriptors.
    credit: u64,
    /// The process that was asked last.
    asked: Pid,
    /// Why no processes are known.
    failure: Option<io::Error>,
    nobody: Arc<[Owner]>,
    /// Room for what is found.
    found: Vec<u32>,
}

#[derive(Debug)]
struct Process {
    /// It as the only owner of its sockets.
    alone: Arc<[Owner]>,
    /// When it started; `None` before it was looked at.
    started: Option<u64>,
    is_of_the_kernel: bool,
    /// It does not show what it has open.
    is_hidden: bool,
    /// How many descriptors it had when it was looked at.
    count: Option<u64>,
    /// When it was looked at; 0 wants it looked at now.
    looked_at: u64,
    /// When something was found with it that was looked for: it may happen again.
    fruitful: u64,
    /// The inodes of its sockets, rising, each once.
    inodes: Vec<u32>,
}

impl<V: View> Holders<V> {
    pub(super) fn new(view: V, scope: Scope) -> Holders<V> {
        Holders {
            view,
            scope,
            round: 0,
            births: None,
            processes: BTreeMap::new(),
            has_ended: false,
            credit: 0,
            asked: 0,
            failure: None,
            nobody: Arc::new([]),
            found: Vec::new(),
        }
    }

    /// Looks again where it seems worth it, and for the sockets that are `wanted`; those that are found
    /// are taken out. Whether anything is not as it was.
    pub(super) fn look(&mut self, wanted: &mut HashSet<u32>) -> bool {
        self.round += 1;
        let mut changed = self.list() | self.ask();
        // Who had a socket of this number has to show that it is not another now.
        let has_one = |process: &Process| process.inodes.iter().any(|one| wanted.contains(one));
        let due = |process: &Process| process.looked_at == 0 || has_one(process);
        for pid in self.pids(due) {
            changed |= self.look_at(pid, wanted);
        }
        if !wanted.is_empty() {
            changed |= self.look_for(wanted);
        }
        changed | self.take_turns(wanted)
    }

    fn pids(&self, which: impl Fn(&Process) -> bool) -> Vec<Pid> {
        let pids = self.processes.iter().filter(|(_, process)| which(process));
        pids.map(|(pid, _)| *pid).collect()
    }

    /// Brings the list of processes up to date, if one was born. Of those that end, it is enough to
    /// hear when they are asked.
    fn list(&mut self) -> bool {
        let births = self.view.births();
        if births.is_some() && births == self.births {
            return false;
        }
        let pids = match self.scope {
            Scope::One(_) if self.has_ended => Ok(Vec::new()),
            Scope::One(pid) => Ok(vec![pid]),
            Scope::All => self.view.pids(),
        };
        let pids = match pids {
            Ok(pids) => pids,
            Err(error) => {
                self.failure = Some(error);
                return false;
            }
        };
        (self.births, self.failure) = (births, None);
        let mut changed = false;
        self.processes.retain(|pid, process| {
            let stays = pids.binary_search(pid).is_ok();
            changed |= !stays && !process.inodes.is_empty();
            stays
        });
        for pid in pids {
            self.processes.entry(pid).or_insert_with(|| Process::new(self.nobody.clone()));
        }
        changed
    }

    /// Asks processes that have sockets whether they are still the same, have the same name, and as
    /// many descriptors.
    fn ask(&mut self) -> bool {
        let is_asked = |process: &Process| {
            process.looked_at != 0 && (!process.inodes.is_empty() || self.scope != Scope::All)
        };
        let mut pids = self.pids(is_asked);
        let next = pids.partition_point(|pid| *pid <= self.asked);
        pids.rotate_left(next);
        pids.truncate(ASKED_A_ROUND);
        self.asked = pids.last().copied().unwrap_or_default();
        let mut changed = false;
        for pid in pids {
            changed |= self.identify(pid);
            let count = self.view.count(pid);
            if let Some(process) = self.processes.get_mut(&pid)
                && process.count != count
            {
                process.looked_at = 0;
            }
        }
        changed
    }

    /// Whether it is another process than the one that is known, or has another name.
    fn identify(&mut self, pid: Pid) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return false };
        let identity = match self.view.identity(pid) {
            Ok(identity) if !identity.has_ended => identity,
            Ok(_) | Err(Errno::NOENT | Errno::SRCH) => return self.remove(pid),
            // Too few descriptors are left to us, or the like: it is as it was.
            Err(_) => return false,
        };
        if process.started.is_some_and(|started| started != identity.started) {
            if self.scope != Scope::All {
                return self.remove(pid);
            }
            *process = Process::new(self.nobody.clone());
        }
        process.started = Some(identity.started);
        process.is_of_the_kernel = identity.is_of_the_kernel;
        let is_known = |owner: &Owner| owner.name.as_bytes() == identity.name;
        if process.alone.first().is_some_and(is_known) {
            return false;
        }
        let name = String::from_utf8_lossy(identity.name).into_owned();
        process.alone = Arc::new([Owner { pid, name }]);
        true
    }

    fn remove(&mut self, pid: Pid) -> bool {
        self.has_ended = self.scope == Scope::One(pid);
        self.processes.remove(&pid).is_some_and(|process| !process.inodes.is_empty())
    }

    /// Looks at all descriptors of a process.
    fn look_at(&mut self, pid: Pid, wanted: &mut HashSet<u32>) -> bool {
        let changed = self.identify(pid);
        // What is opened while we look is one more next time.
        let count = self.view.count(pid);
        self.found.clear();
        let shown = self.view.sockets(pid, &mut self.found);
        let Some(process) = self.processes.get_mut(&pid) else { return changed };
        match shown {
            Ok(()) => process.is_hidden = false,
            Err(Errno::ACCESS | Errno::PERM) => process.is_hidden = true,
            Err(Errno::NOENT | Errno::SRCH) => return changed | self.remove(pid),
            Err(_) => return changed,
        }
        (process.count, process.looked_at) = (count, self.round);
        for inode in &self.found {
            if wanted.remove(inode) {
                process.fruitful = self.round;
            }
        }
        self.found.sort_unstable();
        self.found.dedup();
        if process.inodes == self.found {
            return changed;
        }
        process.inodes.clone_from(&self.found);
        true
    }

    /// Looks at those that were not looked at yet, until all that is wanted was found.
    fn look_for(&mut self, wanted: &mut HashSet<u32>) -> bool {
        let mut pids = self.pids(|process| process.may_have(self.round));
        pids.sort_by_cached_key(|pid| {
            let process = self.processes.get(pid);
            Reverse(process.map(|process| (process.fruitful, process.inodes.len())))
        });
        let mut changed = false;
        for pid in pids {
            if wanted.is_empty() {
                break;
            }
            changed |= self.look_at(pid, wanted);
        }
        changed
    }

    /// Looks at those that were not looked at for longest.
    fn take_turns(&mut self, wanted: &mut HashSet<u32>) -> bool {
        let mut pids = self.pids(|process| process.may_have(self.round));
        pids.sort_by_cached_key(|pid| self.processes.get(pid).map(|process| process.looked_at));
        self.credit += DESCRIPTORS_A_ROUND;
        let mut changed = false;
        for pid in pids {
            // One with many descriptors is waited for until there is enough for it.
            let cost = self.processes.get(&pid).map_or(0, Process::cost);
            let Some(left) = self.credit.checked_sub(cost) else { return changed };
            self.credit = left;
            changed |= self.look_at(pid, wanted);
        }
        self.credit = 0;
        changed
    }

    /// Who has each socket open.
    pub(super) fn owners(&self) -> HashMap<u32, Arc<[Owner]>> {
        let all = self.processes.iter();
        let mut pairs: Vec<(u32, Pid)> = all
            .flat_map(|(pid, process)| process.inodes.iter().map(|inode| (*inode, *pid)))
            .collect();
        pairs.sort_unstable();
        // Those that are shared are often shared by the same.
        let mut shared: HashMap<Vec<Pid>, Arc<[Owner]>> = HashMap::new();
        let mut owners = HashMap::with_capacity(pairs.len());
        for one in pairs.chunk_by(|(inode, _), (next, _)| inode == next) {
            let alone = |pid: &Pid| self.processes.get(pid).map(|process| &process.alone);
            let found = match one {
                [(_, pid)] => alone(pid).cloned(),
                several => {
                    let pids: Vec<Pid> = several.iter().map(|(_, pid)| *pid).collect();
                    let of_all = |pids: &Vec<Pid>| {
                        pids.iter().filter_map(alone).flat_map(|owner| owner.to_vec()).collect()
                    };
                    Some(shared.entry(pids).or_insert_with_key(of_all).clone())
                }
            };
            owners.extend(one.first().map(|(inode, _)| *inode).zip(found));
        }
        owners
    }

    #[cfg(test)]
    pub(super) fn view(&mut self) -> &mut V {
        &mut self.view
    }

    /// How many processes do not show what they have open: all, or those of one name.
    pub(super) fn hidden(&self, is_wanted: impl Fn(&Owner) -> bool) -> usize {
        let hidden = |process: &&Process| {
            process.is_hidden && !process.is_of_the_kernel && process.alone.iter().any(&is_wanted)
        };
        self.processes.values().filter(hidden).count()
    }

    /// Whether the one process that is looked at has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Why no processes are known.
    pub(super) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }
}

impl Process {
    fn new(nobody: Arc<[Owner]>) -> Process {
        Process {
            alone: nobody,
            started: None,
            is_of_the_kernel: false,
            is_hidden: false,
            count: None,
            looked_at: 0,
            fruitful: 0,
            inodes: Vec::new(),
        }
    }

    /// Whether it is worth looking at, and was not in this round.
    fn may_have(&self, round: u64) -> bool {
        self.looked_at != round && !self.is_of_the_kernel
    }

    fn cost(&self) -> u64 {
        self.count.unwrap_or(self.inodes.len() as u64).max(PROCESS)
    }
}
