//! The server that is checked: one that runs already, or one that is started here and started again
//! when it dies.

use std::net::SocketAddr;
use std::time::Duration;

use framecat_core::address::{Address, Host, HostPort};
use framecat_core::sock_diag::{Detail, Family, Protocol, Query, State, States};

use super::CheckError;
use super::eyes::Eyes;
use crate::kernel::process::{Sleepers, close_waits, listeners, owners};
use crate::kernel::{Tables, Witness};
use crate::program::{Command, Ending, Place, Program};

/// How long a program gets to listen.
const START: Duration = Duration::from_secs(30);

/// The server that is checked.
pub struct Target {
    address: Address,
    started: Option<Started>,
}

/// A server that is started here.
struct Started {
    command: Command,
    /// Where it is to listen, with what [`Place::choose`] fills in.
    at: Option<String>,
    program: Program,
}

impl Target {
    /// A server that runs already.
    pub fn running(address: Address) -> Target {
        Target { address, started: None }
    }

    /// A server that is started here, `at` an address as [`Place::choose`] takes it.
    ///
    /// # Errors
    /// If it does not start, or does not listen.
    pub async fn start(command: Command, at: Option<String>) -> Result<Target, CheckError> {
        let program = listening(&command, at.as_deref()).await?;
        let address = program.address().clone();
        Ok(Target { address, started: Some(Started { command, at, program }) })
    }

    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Ends it, if it was started here.
    pub async fn end(&mut self) {
        if let Some(started) = &mut self.started {
            started.program.end().await;
        }
    }

    /// How it has ended, if it was started here and has.
    pub(super) fn ended(&self) -> Option<Ending> {
        self.started.as_ref()?.program.try_ended()
    }

    /// Whether it can be started again.
    pub(super) fn is_ours(&self) -> bool {
        self.started.is_some()
    }

    /// The last of what it wrote to its standard error.
    pub(super) fn said(&self) -> Vec<u8> {
        self.started.as_ref().map(|started| started.program.said()).unwrap_or_default()
    }

    /// How much it has written so far, if it was started here.
    pub(super) fn said_so_far(&self) -> u64 {
        self.started.as_ref().map_or(0, |started| started.program.said_so_far())
    }

    /// What it wrote since then.
    pub(super) fn said_since(&self, place: u64) -> Vec<u8> {
        self.started.as_ref().map_or_else(Vec::new, |started| started.program.said_since(place))
    }

    /// Starts it again, at a new place if the address leaves one open: connections of the old one in
    /// TIME_WAIT would keep a server without SO_REUSEADDR from its port.
    pub(super) async fn restart(&mut self) -> Result<(), CheckError> {
        if let Some(started) = &mut self.started {
            started.program.end().await;
            started.program = listening(&started.command, started.at.as_deref()).await?;
            self.address = started.program.address().clone();
        }
        Ok(())
    }

    /// Looks for what can be seen of it.
    pub(super) async fn eyes(&self, gap: Duration) -> Eyes {
        // What cannot be seen is waited for, and the report counts that.
        Eyes::new(Witness::open().ok(), self.sleepers().await, gap)
    }

    /// The threads of the program that listens, and of those that it starts.
    pub(super) async fn sleepers(&self) -> Option<Sleepers> {
        let mut pids = owners(&self.listeners().await).ok()?.pids;
        pids.extend(self.started.iter().flat_map(|started| started.program.pids()));
        pids.sort_unstable();
        pids.dedup();
        // A server in our own process never rests while we look.
        pids.retain(|pid| *pid != std::process::id());
        if pids.is_empty() { None } else { Sleepers::new(&pids).ok() }
    }

    /// The sockets that listen where it is.
    async fn listeners(&self) -> Vec<u32> {
        let mut found = Vec::new();
        for address in self.numeric().await {
            found.extend(listeners(&address).unwrap_or_default());
        }
        found
    }

    /// Its address, or those that its host's name stands for.
    async fn numeric(&self) -> Vec<Address> {
        let Address::Tcp(HostPort { host: Host::Name(name), port }) = &self.address else {
            return vec![self.address.clone()];
        };
        let found = tokio::net::lookup_host((name.as_str(), *port)).await;
        let at = |ip: SocketAddr| Address::Tcp(HostPort { host: Host::Ip(ip.ip()), port: *port });
        found.map_or_else(|_| Vec::new(), |found| found.map(at).collect())
    }

    /// How many connections its accept queue holds, where that can be seen.
    pub(super) async fn backlog(&self) -> Option<usize> {
        let listeners = self.listeners().await;
        let (protocol, detail) = (Protocol::Tcp, Detail::Queues);
        let states = States::from([State::Listen]);
        let mut tables = Tables::open().ok()?;
        let mut backlog = None;
        for family in [Family::Inet, Family::Inet6] {
            let rows = tables.sockets(&Query { family, protocol, states, detail }).ok()?;
            let ours = rows.iter().filter(|row| listeners.contains(&row.inode));
            backlog = ours.map(|row| row.send_queue as usize).chain(backlog).min();
        }
        backlog
    }

    /// How many connections it has not closed although their clients have.
    pub(super) fn close_waits(&self) -> Option<usize> {
        match &self.address {
            Address::Tcp(at) => close_waits(at.port).ok(),
            _ => None,
        }
    }
}

async fn listening(command: &Command, at: Option<&str>) -> Result<Program, CheckError> {
    let program = Program::start(command, Place::choose(at, command)?).await?;
    program.wait_listening(START).await?;
    Ok(program)
}
