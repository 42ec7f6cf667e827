//! One sample after another: what is needed of the tables, who owns it, and of that what was asked for.

use std::time::{Duration, Instant};

use framecat_core::watch::{Hidden, Missing, Sample, Socket};

use super::gather::Gatherer;
use super::part::Part;
use super::{Target, ends, part};
use crate::kernel::AskError;
use crate::kernel::counters::CounterSource;
use crate::kernel::namespace::{Namespace, ports_to_connect_from};
use crate::kernel::process::{Hiding, Inventory, Scope};
use crate::reason;

/// Takes samples.
#[derive(Debug)]
pub struct Sampler {
    parts: Vec<Part>,
    gatherer: Gatherer,
    counters: CounterSource,
    inventory: Inventory,
    hiding: Hiding,
    /// How many ports there are to connect from.
    ports: Option<u32>,
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
            hiding: Hiding::of_this_process(),
            ports: ports_to_connect_from(),
            namespace: Namespace::of_this_thread(),
            began,
        })
    }

    /// The time that a sample taken now would have.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
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
        // Before the processes are looked at: what is counted meanwhile is of the next sample.
        let (counters, unknown) = self.counters.read();
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

        if !unknown.is_empty() {
            missing.push(Missing::Counters(unknown));
        }
        let is_part = !matches!(self.parts[..], [Part::Everything]);
        let mut sample = Sample { at, sockets, counters, missing, is_part, ports: self.ports };
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
        sample.missing.extend(self.hidden(&sample.sockets));
        if let Some(error) = self.inventory.failure() {
            let problem = format!("cannot read /proc: {}; no owners are known", reason(error));
            sample.missing.push(Missing::Table(problem));
        }
    }

    /// What of the owners of the sockets that were asked for is not to be seen.
    fn hidden(&self, sockets: &[Socket]) -> Option<Missing> {
        if let [part] = &self.parts[..]
            && part.is_by_owner()
        {
            let hidden = self.inventory.hidden(|owner| part.is_of(owner));
            return (hidden > 0).then_some(Missing::HiddenProcesses(hidden));
        }
        let lonely = || sockets.iter().filter(|it| it.inode != 0 && it.owners.is_empty());
        let why = self.hiding.why(self.inventory.hidden(|_| true));
        let count = match why {
            // One that is handed on or closed while we look is no news.
            Hidden::Nobody => lonely().filter(|it| self.inventory.is_nobodys(it)).count(),
            _ => lonely().count(),
        };
        (count > 0).then_some(Missing::HiddenOwners { sockets: count, why })
    }
}
