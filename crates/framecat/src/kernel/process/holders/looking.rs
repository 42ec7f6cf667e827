//! Looking at processes: at one, at the likelier ones first, at each in turn.

use std::cmp::Reverse;
use std::sync::Arc;

use framecat_core::watch::Owner;
use rustix::io::Errno;

use super::{Holders, Process, Scope, Seen};
use crate::kernel::process::Pid;
use crate::kernel::process::descriptors::View;

/// So many descriptors are looked at again with each sample: about a millisecond's worth.
const DESCRIPTORS_A_ROUND: u64 = 512;

/// What a process costs to look at that has none, in descriptors.
const PROCESS: u64 = 8;

impl<V: View> Holders<V> {
    /// Whether it is another process than the one that is known, or has another name.
    pub(super) fn identify(&mut self, pid: Pid) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return false };
        let identity = match self.view.identity(pid) {
            Ok(identity) if !identity.has_ended => identity,
            Ok(_) | Err(Errno::NOENT | Errno::SRCH) => return self.remove(pid),
            // Too few descriptors are left to us, or the like: it is as it was.
            Err(_) => return false,
        };
        let had_sockets = !process.opened.is_empty();
        if process.started.is_some_and(|started| started != identity.started) {
            if self.scope != Scope::All {
                return self.remove(pid);
            }
            *process = Process::new(self.nobody.clone());
        }
        process.started = Some(identity.started);
        process.is_of_the_kernel = identity.is_of_the_kernel;
        let name = String::from_utf8_lossy(identity.name);
        if process.alone.first().is_some_and(|owner| owner.name == name) {
            return false;
        }
        process.alone = Arc::new([Owner { pid, name: name.into_owned() }]);
        had_sockets
    }

    fn remove(&mut self, pid: Pid) -> bool {
        self.has_ended = self.scope == Scope::One(pid);
        self.processes.remove(&pid).is_some_and(|process| !process.opened.is_empty())
    }

    /// Looks at those descriptors of a process that may have changed.
    pub(super) fn search(&mut self, pid: Pid, seen: &mut Seen<'_>) -> bool {
        self.look_at(pid, seen, false)
    }

    fn look_at(&mut self, pid: Pid, seen: &mut Seen<'_>, at_all: bool) -> bool {
        let changed = self.identify(pid);
        // What is opened while we look is one more next time.
        let count = self.view.count(pid);
        self.found.clear();
        let Some(process) = self.processes.get_mut(&pid) else { return changed };
        let is_known = |descriptor: u32| {
            let at = process.opened.binary_search_by_key(&descriptor, |opened| opened.descriptor);
            let inode = process.opened.get(at.ok()?)?.inode;
            (!at_all && (seen.is_same)(inode)).then_some(inode)
        };
        match self.view.sockets(pid, &is_known, &mut self.found) {
            Ok(()) => process.is_hidden = false,
            Err(Errno::ACCESS | Errno::PERM) => process.is_hidden = true,
            Err(Errno::NOENT | Errno::SRCH) => return changed | self.remove(pid),
            // Too few descriptors are left to us, or the like.
            Err(_) => return changed,
        }
        (process.is_due, process.count, process.searched) = (false, count, self.round);
        if at_all || process.opened.is_empty() {
            process.looked_at = self.round;
        }
        for opened in &self.found {
            if seen.wanted.remove(&opened.inode) {
                process.fruitful = self.round;
            }
        }
        self.found.sort_unstable_by_key(|opened| opened.descriptor);
        if process.opened == self.found {
            return changed;
        }
        process.opened.clone_from(&self.found);
        true
    }

    /// Looks for what is wanted until it is found: with those with whom something was found before, with
    /// those that have opened or closed something, and if it must be, with all and at all they have.
    pub(super) fn look_for(&mut self, seen: &mut Seen<'_>) -> bool {
        let round = self.round;
        let likely = |process: &Process| process.fruitful != 0 && process.searched != round;
        let mut changed = self.look_with(self.pids(likely), seen, false);
        if !seen.wanted.is_empty() {
            let others = self.pids(|process| process.searched != round && process.may_have(round));
            let is_changed = |pid: &Pid| {
                let before = self.processes.get(pid).and_then(|process| process.count);
                before != self.view.count(*pid)
            };
            let others = others.into_iter().filter(is_changed).collect();
            changed |= self.look_with(others, seen, false);
        }
        if seen.must_be_found {
            changed |= self.look_with(self.pids(|process| process.may_have(round)), seen, true);
        }
        changed
    }

    fn look_with(&mut self, mut pids: Vec<Pid>, seen: &mut Seen<'_>, at_all: bool) -> bool {
        pids.sort_by_cached_key(|pid| {
            let process = self.processes.get(pid);
            Reverse(process.map(|process| (process.fruitful, process.opened.len())))
        });
        let mut changed = false;
        for pid in pids {
            if seen.wanted.is_empty() {
                break;
            }
            changed |= self.look_at(pid, seen, at_all);
        }
        changed
    }

    /// Looks at those that were not looked at for longest. One that has many descriptors waits until
    /// enough is saved for it, and nobody waits for that.
    pub(super) fn take_turns(&mut self, seen: &mut Seen<'_>) -> bool {
        let mut pids = self.pids(|process| process.may_have(self.round));
        pids.sort_by_cached_key(|pid| self.processes.get(pid).map(|process| process.looked_at));
        let mut left = DESCRIPTORS_A_ROUND / 2;
        let mut saved = Some(self.saved + DESCRIPTORS_A_ROUND / 2);
        self.saved = 0;
        let mut changed = false;
        for pid in pids {
            let cost = self.processes.get(&pid).map_or(0, Process::cost);
            if cost <= left {
                left -= cost;
            } else if let Some(saved) = saved.take() {
                let rest = saved.checked_sub(cost);
                self.saved = rest.unwrap_or(saved);
                if rest.is_none() {
                    continue;
                }
            } else {
                continue;
            }
            changed |= self.look_at(pid, seen, true);
        }
        changed
    }
}

impl Process {
    /// Whether it is worth looking at all it has, and that was not done in this round.
    fn may_have(&self, round: u64) -> bool {
        self.looked_at != round && !self.is_of_the_kernel
    }

    fn cost(&self) -> u64 {
        self.count.unwrap_or(self.opened.len() as u64).max(PROCESS)
    }
}
