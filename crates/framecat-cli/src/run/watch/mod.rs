//! `framecat watch`.

mod exporter;
mod live;
mod stream;

use std::fs;
use std::net::ToSocketAddrs as _;
use std::path::Path;

use framecat::Error;
use framecat::core::address::{Address, Host, HostPort};
use framecat::core::sock_diag::State;
use framecat::core::watch::{Frame, Kind, Missing, Socket};
use framecat::watch::{Sampler, Target, process_name};

use super::{Exit, fail};
use crate::args::{Form, WatchArgs, WatchPlan, Watched};

/// Watches, until it is told to end or something happens that ends it.
pub(crate) fn watch(args: WatchArgs) -> Exit {
    let plan = match WatchPlan::try_from(args) {
        Ok(plan) => plan,
        Err(error) => return fail(&error, Exit::Local),
    };
    let target = match target(&plan.subject) {
        Ok(target) => target,
        Err(error) => return fail(&error, Exit::from(&*error)),
    };
    if let Watched::Name(name) = &plan.subject
        && !is_name_of_one(name)
    {
        let problem = format!(
            "no process is named `{}`: `ps -eo comm` shows the names",
            framecat::core::escape::Escaped(name.as_bytes())
        );
        return fail(&problem, Exit::Local);
    }
    let sampler = match Sampler::open(target) {
        Ok(sampler) => sampler,
        Err(error) => return fail(&error, Exit::Local),
    };
    match plan.form.clone() {
        Form::Live => live::run(sampler, plan),
        Form::Prometheus(address) => exporter::run(sampler, plan, &address),
        Form::Text { .. } | Form::Json { .. } | Form::Quiet => stream::run(sampler, plan),
    }
}

/// What to sample: a host name stands for all its addresses.
fn target(watched: &Watched) -> Result<Target, Box<Error>> {
    Ok(match watched {
        Watched::Everything => Target::Everything,
        Watched::Address(address) => Target::Addresses(resolved(address)?),
        Watched::Port(port) => Target::Port(*port),
        Watched::Process(pid) => Target::Process(*pid),
        Watched::Name(name) => Target::Name(name.clone()),
    })
}

fn resolved(address: &Address) -> Result<Vec<Address>, Box<Error>> {
    let (Address::Tcp(at) | Address::Udp(at)) = address else { return Ok(vec![address.clone()]) };
    let Host::Name(name) = &at.host else { return Ok(vec![address.clone()]) };
    let failed = |source| Box::new(Error::Resolve { address: address.clone(), source });
    let found = (name.as_str(), at.port).to_socket_addrs().map_err(failed)?;
    let numbered = found.map(|found| {
        let at = HostPort { host: Host::Ip(found.ip()), port: found.port() };
        match address {
            Address::Udp(_) => Address::Udp(at),
            _ => Address::Tcp(at),
        }
    });
    Ok(numbered.collect())
}

/// Why there is nothing to be watched, as the first frame shows.
fn nothing_to_watch(frame: &Frame) -> Option<String> {
    frame.missing.iter().find_map(|missing| match missing {
        Missing::Ended { pid } => {
            Some(format!("there is no process {pid}: `ps -e` shows those that are"))
        }
        Missing::OtherNamespace { .. } => Some(missing.to_string()),
        _ => None,
    })
}

/// What may have been meant where the first frame is empty.
fn hint(watched: &Watched, frame: &Frame) -> Option<String> {
    if !frame.rows.is_empty() {
        return None;
    }
    match watched {
        Watched::Port(port) if Path::new(&format!("/proc/{port}")).exists() => {
            Some(format!("nothing at port {port}; for the process write pid:{port}"))
        }
        Watched::Port(port) => Some(format!("nothing at port {port}")),
        Watched::Address(address) => Some(match address {
            Address::Tcp(at) | Address::Udp(at) => match listeners_at(at.port) {
                Some(there) => format!("nothing at {address}; port {} is at {there}", at.port),
                None => format!("nothing at {address}, and nothing listens at port {}", at.port),
            },
            _ => format!("nothing at {address}"),
        }),
        _ => None,
    }
}

/// So many listeners are named that may have been meant.
const MEANT: usize = 3;

/// What listens at a port, whichever address it has: `tcp 10.0.0.5:5050, udp *:5050`.
fn listeners_at(port: u16) -> Option<String> {
    let sample = Sampler::open(Target::Port(port)).and_then(|mut sampler| sampler.sample()).ok()?;
    let listens = |socket: &&Socket| {
        let is_open = socket.kind == Kind::Udp || socket.state == State::Listen;
        is_open && socket.local.port() == Some(port)
    };
    let listeners = sample.sockets.iter().filter(listens);
    let mut named: Vec<String> = listeners.map(|it| format!("{} {}", it.kind, it.local)).collect();
    named.sort_unstable();
    named.dedup();
    named.truncate(MEANT);
    (!named.is_empty()).then(|| named.join(", "))
}

/// The process that was watched, if it has ended.
fn ended(frame: &Frame) -> Option<&Missing> {
    frame.missing.iter().find(|missing| matches!(missing, Missing::Ended { .. }))
}

/// Whether a process has this name (proc_pid_comm(5)).
fn is_name_of_one(name: &str) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return true };
    let mut names =
        processes.flatten().filter_map(|entry| fs::read(entry.path().join("comm")).ok());
    let name = process_name(name);
    names.any(|comm| String::from_utf8_lossy(comm.strip_suffix(b"\n").unwrap_or(&comm)) == name)
}
