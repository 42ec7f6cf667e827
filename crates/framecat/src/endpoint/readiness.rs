//! Registering a socket with the runtime: one of two places with `unsafe`.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Puts a socket under the runtime's readiness. It must be called from within a runtime.
#[allow(unsafe_code)]
pub(crate) fn register(socket: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is open for as long as it lives and always returns the same descriptor, and
    // the `AsyncFd` owns it: no code here takes it out by a mutable reference.
    Ok(unsafe { AsyncFd::register_with_interest(socket, interest)? })
}
