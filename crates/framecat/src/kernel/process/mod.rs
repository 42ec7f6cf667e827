//! The programs behind sockets: whose a listener is, whether they sleep, what they have cost.
//!
//! sock_diag names a socket by its inode, /proc/PID/fd shows which inodes a process has open, and
//! /proc/PID/task what its threads do (proc(5)). What may not be seen, of other users' processes or
//! behind another PID namespace, is told apart from what is not there.

mod births;
mod descriptors;
mod hiding;
mod holders;
mod inventory;
mod owners;
mod sleepers;
mod stat;
#[cfg(test)]
mod tests;

pub(crate) use descriptors::sockets_of;
pub(crate) use hiding::Hiding;
pub(crate) use holders::Scope;
pub(crate) use inventory::Inventory;
pub use owners::{Owners, close_waits, listeners, owners};
pub(crate) use owners::{listens_for, named, retain_listeners};
pub use sleepers::{Asleep, Sleepers};
pub(crate) use stat::Stat;

/// The number of a process.
pub type Pid = u32;
