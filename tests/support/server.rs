//! A server that has said where it listens, ours or a peer's.

use std::ops::{Deref, DerefMut};

use super::Process;

/// A server that has said where it listens.
pub(crate) struct Server {
    process: Process,
    address: String,
}

impl Server {
    pub(super) fn new(process: Process, address: &str) -> Server {
        Server { process, address: address.to_owned() }
    }

    /// The address as it was announced.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The address as a client on this machine takes it, without a scheme: `127.0.0.1:5050`,
    /// `[::1]:5050`, `/path` or `@name`. This is how the Python peers write addresses.
    pub(crate) fn bare(&self) -> String {
        let bare = self.address.split_once("://").map_or(&*self.address, |(_, rest)| rest);
        match (bare.strip_prefix("0.0.0.0:"), bare.strip_prefix("[::]:")) {
            (Some(port), _) => format!("127.0.0.1:{port}"),
            (_, Some(port)) => format!("[::1]:{port}"),
            _ => bare.to_owned(),
        }
    }

    /// Where a client of ours finds its stream socket.
    pub(crate) fn stream(&self) -> String {
        stream(&self.bare())
    }

    /// Where a client of ours finds its datagram socket.
    pub(crate) fn datagram(&self) -> String {
        datagram(&self.bare())
    }

    /// The port, of an address that has one.
    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().expect("splitting gives at least one piece")
    }
}

/// The stream socket at an address that has no scheme.
pub(crate) fn stream(bare: &str) -> String {
    with_scheme(bare, "tcp", "unix")
}

/// The datagram socket at an address that has no scheme.
pub(crate) fn datagram(bare: &str) -> String {
    with_scheme(bare, "udp", "unix-dgram")
}

fn with_scheme(bare: &str, inet: &str, unix: &str) -> String {
    let scheme = if bare.starts_with(['/', '@']) { unix } else { inet };
    format!("{scheme}://{bare}")
}

impl Deref for Server {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}
