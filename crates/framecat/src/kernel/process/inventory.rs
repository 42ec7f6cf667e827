//! Which processes have which sockets open.
//!
//! A socket is known by its cookie, which is never used again, as an inode is. So an owner is never
//! taken over from a socket that had the same inode before.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use framecat_core::watch::{Owner, Socket};

use super::descriptors::{Proc, View};
use super::holders::{Holders, Scope, Seen};

/// When a socket is looked for again that nobody was seen to have, in samples after the time before: it
/// may have been on its way from one process to another. Or it belongs to one that is hidden, and stays
/// without an owner.
const AGAIN: [u64; 3] = [1, 8, 64];

/// Which processes have which sockets open, kept from one sample to the next.
#[derive(Debug)]
pub(crate) struct Inventory<V = Proc> {
    holders: Holders<V>,
    sockets: HashMap<u64, Known>,
    /// The number of this sample.
    round: u64,
    nobody: Arc<[Owner]>,
    wanted: HashSet<u32>,
}

/// A socket.
#[derive(Debug)]
struct Known {
    inode: u32,
    seen: u64,
    owners: Arc<[Owner]>,
    /// How often it was looked for in vain.
    tries: usize,
    /// When it is looked for, if nobody has it.
    due: u64,
}

impl Inventory {
    /// One that has seen nothing.
    pub(crate) fn new(scope: Scope) -> Inventory {
        Inventory::with(Proc::new(), scope)
    }
}

impl<V: View> Inventory<V> {
    /// One that sees this.
    pub(super) fn with(view: V, scope: Scope) -> Inventory<V> {
        Inventory {
            holders: Holders::new(view, scope),
            sockets: HashMap::new(),
            round: 0,
            nobody: Arc::new([]),
            wanted: HashSet::new(),
        }
    }

    /// Writes into each socket of a sample who has it open.
    pub(crate) fn assign(&mut self, sockets: &mut [Socket]) {
        self.round += 1;
        self.wanted.clear();
        let (mut count, mut must_be_found) = (0, false);
        for socket in sockets.iter().filter(|socket| socket.inode != 0) {
            let known =
                self.sockets.entry(socket.cookie).or_insert_with(|| Known::new(&self.nobody));
            if known.inode != socket.inode {
                // It is new, or was accepted since.
                *known = Known { inode: socket.inode, due: self.round, ..Known::new(&self.nobody) };
            }
            count += usize::from(known.seen != self.round);
            known.seen = self.round;
            if known.owners.is_empty() && known.due <= self.round {
                self.wanted.insert(known.inode);
                must_be_found |= known.tries > 0;
            }
        }
        if self.sockets.len() > count {
            self.sockets.retain(|_, known| known.seen == self.round);
        }
        let is_looking = !self.wanted.is_empty();
        let same = OnceCell::new();
        let is_same = |inode: u32| same.get_or_init(|| owned(&self.sockets)).contains(&inode);
        let mut seen = Seen { wanted: &mut self.wanted, must_be_found, is_same: &is_same };
        if self.holders.look(&mut seen) || is_looking {
            self.take_over();
        }
        for socket in sockets {
            let known = self.sockets.get(&socket.cookie).filter(|_| socket.inode != 0);
            socket.owners = known.map_or(&self.nobody, |known| &known.owners).clone();
        }
    }

    /// Takes over what was found with the processes.
    fn take_over(&mut self) {
        let found = self.holders.owners();
        for known in self.sockets.values_mut() {
            known.owners = found.get(&known.inode).unwrap_or(&self.nobody).clone();
            if known.owners.is_empty() && known.due <= self.round {
                known.due = AGAIN.get(known.tries).map_or(u64::MAX, |later| self.round + later);
                known.tries += 1;
            }
        }
    }

    #[cfg(test)]
    pub(super) fn view(&mut self) -> &mut V {
        self.holders.view()
    }

    /// How many processes do not show what they have open, of those that are wanted.
    pub(crate) fn hidden(&self, is_wanted: impl Fn(&Owner) -> bool) -> usize {
        self.holders.hidden(is_wanted)
    }

    /// Whether a socket was looked for more than once, with a sample between, and no process had it; in the
    /// first sample once is all there is.
    pub(crate) fn is_nobodys(&self, socket: &Socket) -> bool {
        let known = self.sockets.get(&socket.cookie);
        known.is_some_and(|known| known.owners.is_empty() && (known.tries > 1 || self.round == 1))
    }

    /// Whether the one process that is looked at has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.holders.has_ended()
    }

    /// Why no processes are known.
    pub(crate) fn failure(&self) -> Option<&io::Error> {
        self.holders.failure()
    }
}

/// The inodes of those that have owners: they had them before this sample.
fn owned(sockets: &HashMap<u64, Known>) -> HashSet<u32> {
    let owned = sockets.values().filter(|known| !known.owners.is_empty());
    owned.map(|known| known.inode).collect()
}

impl Known {
    fn new(nobody: &Arc<[Owner]>) -> Known {
        Known { inode: 0, seen: 0, owners: nobody.clone(), tries: 0, due: 0 }
    }
}
