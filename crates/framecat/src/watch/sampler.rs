//! One sample after another: what is needed of the tables, who owns it, and of that what was asked for.

use std::time::Instant;

use framecat_core::watch::{Missing, Sample, Socket};

use super::gather::Gatherer;
use super::part::Part;
use super::{Target, ends, part};
use crate::kernel::AskError;
use crate::kernel::counters::CounterSource;
use crate::kernel::namespace::Namespace;
use crate::kernel::process::{Inventory, Scope};
use crate::reason;

/// Takes samples.
#[derive(Debug)]
pub struct Sampler {
    parts: Vec<Part>,
    gatherer: Gatherer,
    counters: CounterSource,
    inventory: Inventory,
    namespace: Option<Namespace>,
    began: Instant,
}

impl Sampler {
    /// A sampler for the network namespace that this thread is in. The time of its samples is counted
    /// from now.
    ///
    /// # Errors
    /// If the kernel does not say anything of the sockets that are needed, or an address has a host
    /// name, which the kernel does not know: [`AskError::HostName`]. Who resolves one gets several
    /// addresses, for [`Target::Addresses`].
    pub fn open(target: Target) -> Result<Sampler, AskError> {
        let began = Instant::now();
        let parts = part::of(target)?;
        let scope = match parts[..] {
            [Part::Process(pid)] => Scope::One(pid),
            _ => Scope::All,
        };
        Ok(Sampler {
            gatherer: Gatherer::open(&part::needs(&parts))?,
            parts,
            counters: CounterSource::open(),
            inventory: Inventory::new(scope),
            namespace: Namespace::of_this_thread(),
            began,
        })
    }

    /// Takes a sample. It does not wait. Where there are 10,000 TCP sockets, all of them take some
    /// 20 ms of a core, most of that the kernel's own, and the first sample three times that: it finds
    /// out who has them open, and the others keep it.
    ///
    /// # Errors
    /// If the kernel does not say anything any more.
    pub fn sample(&mut self) -> Result<Sample, AskError> {
        let at = self.began.elapsed();
        let mut missing = Vec::new();
        let mut found = self.gatherer.gather(&mut missing)?;
        let others = ends::pair(&found);
        ends::tell(&mut found, &others);

        let by_owner = self.parts.iter().any(Part::is_by_owner);
        if by_owner {
            self.inventory.assign(&mut found.sockets);
        }
        let mut chosen = vec![false; found.sockets.len()];
        for part in &self.parts {
            part.choose(&mut chosen, &found, &others);
        }
        let mut sockets = found.sockets;
        ends::name_others(&mut sockets, &others, &chosen);
        let mut marks = chosen.into_iter();
        sockets.retain(|_| marks.next() == Some(true));
        if !by_owner {
            self.inventory.assign(&mut sockets);
        }

        let (counters, unknown) = self.counters.read();
        if !unknown.is_empty() {
            missing.push(Missing::Counters(unknown));
        }
        let is_part = !matches!(self.parts[..], [Part::Everything]);
        let mut sample = Sample { at, sockets, counters, missing, is_part, ..Sample::default() };
        self.look_for_missing(&mut sample);
        Ok(sample)
    }
}

impl Sampler {
    /// Adds what could not be seen of the processes.
    fn look_for_missing(&self, sample: &mut Sample) {
        if let [Part::Process(pid)] = self.parts[..] {
            if self.inventory.has_ended() {
                sample.missing.push(Missing::Ended { pid });
            }
            let theirs = Namespace::of(pid);
            if theirs.is_some() && self.namespace.is_some() && theirs != self.namespace {
                sample.missing.push(Missing::OtherNamespace { pid });
            }
        }
        let hidden = self.hidden(sample);
        if hidden > 0 {
            sample.missing.push(Missing::HiddenProcesses(hidden));
        }
        if let Some(error) = self.inventory.failure() {
            let problem = format!("cannot read /proc: {}; no owners are known", reason(error));
            sample.missing.push(Missing::Table(problem));
        }
    }

    /// How many processes may have sockets that were asked for and do not show them.
    fn hidden(&self, sample: &Sample) -> usize {
        if let [part] = &self.parts[..]
            && part.is_by_owner()
        {
            return self.inventory.hidden(|owner| part.is_of(owner));
        }
        // Those of other users hide what they have open; it matters if nobody else has a socket.
        let is_lonely = |socket: &Socket| socket.inode != 0 && socket.owners.is_empty();
        if sample.sockets.iter().any(is_lonely) { self.inventory.hidden(|_| true) } else { 0 }
    }
}
