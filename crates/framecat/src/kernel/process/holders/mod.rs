//! The processes there are and the sockets that each has open, kept from one sample to the next.
//!
//! To look at every descriptor of every process costs more than all tables of sockets together. So
//! what was found is kept, and looked at again:
//!
//! - of a process that is new, or has another number of descriptors than it had;
//! - of those with sockets, the likelier ones first, while a socket is looked for that none of these
//!   has; in both, what was open and is still there is taken to be open with whom it was;
//! - of all, while a socket is looked for that was not found with the sample before;
//! - of each in turn, a few with each sample, for what nothing else shows.

mod looking;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::sync::Arc;

use framecat_core::watch::Owner;

use super::Pid;
use super::descriptors::{Opened, View};

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
    /// What is saved for the next that has many descriptors, in descriptors.
    saved: u64,
    /// The process that was asked last.
    asked: Pid,
    /// Why no processes are known.
    failure: Option<io::Error>,
    nobody: Arc<[Owner]>,
    /// Room for what is found.
    found: Vec<Opened>,
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
    /// It is new, or something has happened to it.
    is_due: bool,
    /// When something was looked for with it.
    searched: u64,
    /// When all of its descriptors were looked at.
    looked_at: u64,
    /// When something was found with it that was looked for: it may happen again.
    fruitful: u64,
    /// Its sockets, by the descriptors, rising.
    opened: Vec<Opened>,
}

/// The sockets of a sample.
pub(super) struct Seen<'a> {
    /// The inodes of those that are looked for. They are taken out when they are found.
    pub(super) wanted: &'a mut HashSet<u32>,
    /// Some of these were not found before. What is not found at once is as likely to have been closed
    /// since the kernel told of it.
    pub(super) must_be_found: bool,
    /// Whether the socket of this inode was there before, with an owner, and is the same one.
    pub(super) is_same: &'a dyn Fn(u32) -> bool,
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
            saved: 0,
            asked: 0,
            failure: None,
            nobody: Arc::new([]),
            found: Vec::new(),
        }
    }

    /// Looks again where it seems worth it, and for what is wanted. Whether anything is not as it was.
    pub(super) fn look(&mut self, seen: &mut Seen<'_>) -> bool {
        self.round += 1;
        let mut changed = self.list() | self.ask();
        // Who had a socket of this number has to show that it is not another now.
        let has_one = |process: &Process| {
            process.opened.iter().any(|opened| seen.wanted.contains(&opened.inode))
        };
        for pid in self.pids(|process| process.is_due || has_one(process)) {
            changed |= self.search(pid, seen);
        }
        changed |= self.look_for(seen);
        changed | self.take_turns(seen)
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
            changed |= !stays && !process.opened.is_empty();
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
            !process.is_due && (!process.opened.is_empty() || self.scope != Scope::All)
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
            if let Some(process) = self.processes.get_mut(&pid) {
                process.is_due = process.count != count;
            }
        }
        changed
    }

    /// Who has each socket open.
    pub(super) fn owners(&self) -> HashMap<u32, Arc<[Owner]>> {
        let all = self.processes.iter();
        let mut pairs: Vec<(u32, Pid)> = all
            .flat_map(|(pid, process)| process.opened.iter().map(|opened| (opened.inode, *pid)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
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
            is_due: true,
            searched: 0,
            looked_at: 0,
            fruitful: 0,
            opened: Vec::new(),
        }
    }
}
