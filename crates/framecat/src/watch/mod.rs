//! Watching sockets: samples of the kernel's tables, with the programs that have the sockets open.
//!
//! What is made of the samples is decided in [`framecat_core::watch`].

mod ends;
mod gather;
mod part;
mod sampler;
mod select;
mod shape;
#[cfg(test)]
mod tests;

use framecat_core::address::Address;

pub use part::process_name;
pub use sampler::Sampler;

/// Which sockets to sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Target {
    /// All of this network namespace.
    #[default]
    Everything,
    /// Those that have this address at one of their ends, and what listens for it: a wildcard may, and
    /// then also what waits in its queue that came to another address. A wildcard address is every
    /// address of this host, `[::]` those of IPv4 too. A host has no name here, see [`Sampler::open`].
    Address(Address),
    /// As [`Target::Address`], any of these: a host name may stand for several.
    Addresses(Vec<Address>),
    /// TCP and UDP sockets that have this port at one of their ends.
    Port(u16),
    /// Those that this process has open, and what no process has open, not yet or no longer, of the
    /// connections to its TCP listeners. Its children are not looked at.
    Process(u32),
    /// As [`Target::Process`], every process of this name (proc_pid_comm(5)).
    Name(String),
}
