//! Watching sockets: samples of the kernel's tables, with the programs that have the sockets open.
//!
//! What is made of the samples is decided in [`framecat_core::watch`].

use framecat_core::address::Address;
use framecat_core::watch::Sample;

use crate::kernel::AskError;

/// Which sockets to sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Target {
    /// All of this network namespace.
    #[default]
    Everything,
    /// Those that have this address at one of their ends, and what listens for it.
    Address(Address),
    /// TCP and UDP sockets that have this port at one of their ends.
    Port(u16),
    /// Those that this process has open, and what waits in the queues of its listeners.
    Process(u32),
    /// Those of every process of this name (proc_pid_comm(5)).
    Name(String),
}

/// Takes samples.
#[derive(Debug)]
pub struct Sampler {}

impl Sampler {
    /// A sampler for the network namespace that this thread is in.
    ///
    /// # Errors
    /// If the kernel does not say anything of any of its sockets.
    pub fn open(_target: Target) -> Result<Sampler, AskError> {
        todo!()
    }

    /// Takes a sample. It does not wait, and takes some 20 ms where there are 10,000 sockets.
    ///
    /// # Errors
    /// If the kernel does not say anything any more.
    pub fn sample(&mut self) -> Result<Sample, AskError> {
        todo!()
    }
}
