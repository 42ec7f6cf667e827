//! The order of rows by a field: one for `--sort`, and for each column that a person sorts by.

use std::cmp::Ordering;

use super::super::history::order as by_name;
use super::super::{End, Row};
use super::Field;
use super::fields::What;
use super::seen::{Seen, of_row};
use crate::address::UnixName;
use crate::sock_diag::State;

impl Field {
    /// Which of two rows stands first: of what is measured the one that has most of it, the longest or the
    /// worst; of names, numbers of processes, users and ports the first. What is not known, or the socket has
    /// no such thing, comes last. By what is of the frame all rows are equal.
    pub fn compare(&self, a: &Row, b: &Row) -> Ordering {
        match self.what {
            _ if self.of_frame => Ordering::Equal,
            // These would be written out for each comparison.
            What::Local => ends(&a.socket.local, &b.socket.local),
            What::Peer => ends(&a.socket.peer, &b.socket.peer),
            What::Process => {
                let (a, b) = (a.socket.owners.first(), b.socket.owners.first());
                last_if_none(&a, &b, |a, b| (&a.name, a.pid).cmp(&(&b.name, b.pid)))
            }
            what => {
                let (a, b) = (known(of_row(what, a)), known(of_row(what, b)));
                last_if_none(&a, &b, |a, b| seen(what, a, b))
            }
        }
    }
}

fn last_if_none<T>(a: &Option<T>, b: &Option<T>, order: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => order(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

fn known(seen: Seen) -> Option<Seen> {
    match seen {
        Seen::Unknown => None,
        Seen::Numbers(numbers) if numbers.is_empty() => None,
        Seen::Severity(None) => None,
        seen => Some(seen),
    }
}

/// Two of the same field.
fn seen(what: What, a: &Seen, b: &Seen) -> Ordering {
    let is_a_name = matches!(
        what,
        What::Uid | What::Inode | What::Pid | What::Port | What::LocalPort | What::PeerPort
    );
    match (a, b) {
        (Seen::Number(a), Seen::Number(b)) if is_a_name => a.total_cmp(b),
        (Seen::Number(a), Seen::Number(b)) => b.total_cmp(a),
        (Seen::Numbers(a), Seen::Numbers(b)) => {
            let least = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
            least(a).total_cmp(&least(b))
        }
        (Seen::Time(a), Seen::Time(b)) => b.time.cmp(&a.time),
        (Seen::Severity(a), Seen::Severity(b)) => b.cmp(a),
        (Seen::State(a), Seen::State(b)) => state(*a).cmp(&state(*b)),
        (Seen::Kind(a), Seen::Kind(b)) => by_name::kind(*a).cmp(&by_name::kind(*b)),
        (Seen::Texts(a), Seen::Texts(b)) => a.cmp(b),
        // Of one field there is one of these.
        _ => Ordering::Equal,
    }
}

/// As the kernel numbers them, which is nearly the order of a connection's life.
fn state(state: State) -> u8 {
    state as u8
}

fn ends(a: &End, b: &End) -> Ordering {
    let is_none = |end: &End| match end {
        End::Inet(at) => at.ip().is_unspecified() && at.port() == 0,
        End::Unix(name) => matches!(name, UnixName::Unnamed),
    };
    is_none(a).cmp(&is_none(b)).then_with(|| by_name::ends(a, b))
}
