//! A started process with all that descends from it: who lives, and how it ended.
//!
//! We are the reaper of our descendants (PR_SET_CHILD_SUBREAPER, prctl(2)): one whose parent has ended
//! becomes our child, wherever its group and session are. To know whose it was, each program carries
//! two marks that its descendants inherit: an entry in its environment, and a limit of its message
//! queues that is some bytes lower than ours. The second is for daemons that clear their environment,
//! or write their title over it.
//!
//! | the one we wait for | and                     | then                                          |
//! |---------------------|-------------------------|-----------------------------------------------|
//! | runs                |                         | the program lives                             |
//! | ended with status 0 | descendants live        | it is a daemon: wait for the oldest of them   |
//! | ended with status 0 | no descendant lives     | the program ended so, or as a daemon that     |
//! |                     |                         | was there and failed before we looked         |
//! | ended otherwise     |                         | the program ended so, whatever it left behind |

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitOptions, getpid, getrlimit, prlimit, set_child_subreaper,
    waitpid,
};

use super::Ending;
use super::procfs::{self, Process, Stat};

/// What tells the descendants of one program from those of another.
#[derive(Debug)]
pub(super) struct Mark {
    number: u64,
    limit: Option<Rlimit>,
}

/// So many programs run at once that none of them has the limit of another.
const MARKS: u64 = 4096;

/// How often /proc is read for one answer: a program whose processes do nothing but be born and end
/// shall not keep us.
const TRIES: u32 = 16;

/// Where there is no limit, one that nobody reaches.
const UNLIMITED: u64 = 1 << 40;

impl Mark {
    pub(super) const VARIABLE: &str = "FRAMECAT_PROGRAM";

    pub(super) fn new() -> Mark {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let Rlimit { current, maximum } = getrlimit(Resource::Msgqueue);
        let lower = current.unwrap_or(UNLIMITED).checked_sub(1 + number % MARKS);
        Mark { number, limit: lower.map(|lower| Rlimit { current: Some(lower), maximum }) }
    }

    pub(super) fn value(&self) -> String {
        format!("{}.{}", std::process::id(), self.number)
    }

    fn put_on(&self, pid: Pid) {
        if let Some(limit) = &self.limit {
            // It may have become another user's, or have ended: then there is the other mark.
            let _ = prlimit(Some(pid), Resource::Msgqueue, *limit);
        }
    }

    fn is_on(&self, process: Process) -> bool {
        let limit = self.limit.as_ref().and_then(|limit| limit.current);
        (limit.is_some() && procfs::message_queue_limit(process.id) == limit)
            || procfs::has_environment(process.id, &format!("{}={}", Self::VARIABLE, self.value()))
    }
}

/// Makes orphaned descendants our children, from now on and for the whole process.
pub(super) fn adopt_orphans() {
    // Linux has it since 3.4; a sandbox that refuses it only makes daemons harder to find.
    let _ = set_child_subreaper(Some(getpid()));
}

/// A started process and its descendants.
#[derive(Debug)]
pub(super) struct Lineage {
    mark: Mark,
    /// The one whose end is the program's.
    main: Process,
    /// Who was seen to be ours, so that one that sheds both marks is still known.
    known: HashSet<Process>,
    /// How a descendant failed that ended after `main`, and before we looked.
    failed: Option<Ending>,
    ending: Option<Ending>,
    may_daemonise: bool,
    /// It has ended and nobody is left.
    over: bool,
}

impl Lineage {
    /// Of a child of ours that nobody has waited for.
    pub(super) fn new(root: Pid, mark: Mark, may_daemonise: bool) -> Lineage {
        mark.put_on(root);
        let id = root.as_raw_nonzero().get();
        // It is there until it is waited for.
        let started = procfs::stat(id).map_or(0, |stat| stat.process.started);
        let main = Process { id, started };
        let known = HashSet::from([main]);
        Lineage { mark, main, known, failed: None, ending: None, may_daemonise, over: false }
    }

    /// The one whose end is the program's.
    pub(super) fn main(&self) -> Process {
        self.main
    }

    /// All that live, the first of them the oldest. Those that have ended and are our children are
    /// waited for on the way.
    ///
    /// /proc is no snapshot: of one that ends while it is read, a child that was born meanwhile is
    /// missing. So where none is found and somebody has just ended, it is read again.
    pub(super) fn living(&mut self) -> Vec<Process> {
        let mut dead = HashSet::new();
        if self.over {
            return Vec::new();
        }
        for _ in 0..TRIES {
            let members = self.members();
            let (living, ended): (Vec<Stat>, Vec<Stat>) =
                members.into_iter().partition(|stat| stat.lives);
            let mut living: Vec<Process> = living.iter().map(|stat| stat.process).collect();
            living.sort();
            self.bury(&ended, living.contains(&self.main));
            self.known = living.iter().copied().chain([self.main]).collect();
            let before = dead.len();
            dead.extend(ended.iter().map(|stat| stat.process));
            if !living.is_empty() || dead.len() == before {
                // Without one that lives, no more of them can come.
                self.over = living.is_empty() && self.ending.is_some();
                return living;
            }
        }
        Vec::new()
    }

    /// Waits for those that have ended and are our children.
    fn bury(&mut self, ended: &[Stat], main_lives: bool) {
        for stat in ended {
            if stat.parent == own_id() && stat.process != self.main {
                let failed = wait(stat.process).filter(|ending| !ending.is_success());
                self.failed = failed.filter(|_| !main_lives).or(self.failed);
            }
        }
    }

    /// How the program ended, if it has.
    pub(super) fn look(&mut self) -> Option<Ending> {
        while self.ending.is_none() {
            let ending = wait(self.main)?;
            let heir = (ending.is_success() && self.may_daemonise).then(|| self.heir()).flatten();
            let failed = self.failed.take().filter(|_| ending.is_success() && self.may_daemonise);
            match heir {
                Some(heir) => self.main = heir,
                None => self.ending = Some(failed.unwrap_or(ending)),
            }
        }
        self.ending
    }

    /// Of the descendants that live, the oldest that became our child.
    fn heir(&mut self) -> Option<Process> {
        let ours = |process: &Process| {
            procfs::stat(process.id).is_some_and(|stat| stat.parent == own_id())
        };
        self.living().into_iter().find(ours)
    }

    /// Kills all that live, at once.
    pub(super) fn kill(&mut self) -> Vec<Process> {
        let living = self.living();
        for process in &living {
            process.signal(Signal::KILL);
        }
        living
    }

    fn members(&self) -> Vec<Stat> {
        let mut children: HashMap<i32, Vec<Stat>> = HashMap::new();
        let mut found = Vec::new();
        for stat in procfs::all() {
            let known = stat.process == self.main || self.known.contains(&stat.process);
            let adopted = || stat.parent == own_id() && self.mark.is_on(stat.process);
            if known || adopted() {
                found.push(stat);
            }
            children.entry(stat.parent).or_default().push(stat);
        }
        // Each is in the list once: what comes from `children` is taken out of it.
        let mut seen: HashSet<Process> = found.iter().map(|stat| stat.process).collect();
        let mut next = 0;
        while let Some(stat) = found.get(next) {
            let born = children.remove(&stat.process.id).unwrap_or_default();
            found.extend(born.into_iter().filter(|stat| seen.insert(stat.process)));
            next += 1;
        }
        found
    }
}

fn own_id() -> i32 {
    getpid().as_raw_nonzero().get()
}

/// How a child of ours ended, if it has; it is gone then.
fn wait(process: Process) -> Option<Ending> {
    match waitpid(Some(process.pid()?), WaitOptions::NOHANG) {
        Ok(None) | Err(Errno::INTR) => None,
        Ok(Some((_, status))) => Some(Ending::of(status)),
        Err(_) => Some(Ending::Unknown),
    }
}
