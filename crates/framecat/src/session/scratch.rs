//! Memory that the sessions of one thread use in turn.

use std::cell::RefCell;

/// How much one read may return. 64 to 128 KiB is where reading many messages at once stops paying
/// and the second-level cache starts to.
pub(super) const READ_SIZE: usize = 128 * 1024;

/// An unfinished message up to this size is copied in front of the next read, so that it can be found
/// in place; a larger one is read on in memory of its own. The copy is cheap beside the read.
pub(super) const SMALL: usize = 4096;

/// Memory that the sessions of one thread use in turn, never across a wait.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// What reads return; grown by the readers to what they need.
    pub(crate) input: Vec<u8>,
    /// Where replies gather.
    pub(crate) output: Vec<u8>,
    /// Where a service may put a reply.
    pub(crate) text: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Scratch {
    /// Lends this thread's memory.
    ///
    /// # Panics
    /// If `work` calls this again.
    pub(crate) fn with<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
        SCRATCH.with_borrow_mut(work)
    }
}
