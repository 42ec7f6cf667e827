//! How much of what was written the other side has not taken: the second place with `unsafe`, for an
//! ioctl that neither the runtime nor rustix has.

use std::os::fd::AsFd;

use nix::libc::{TIOCOUTQ, c_int};
use rustix::io::Errno;
use rustix::ioctl::{Getter, Opcode, ioctl};

/// SIOCOUTQ, which is another name of TIOCOUTQ (include/uapi/linux/sockios.h).
///
/// TCP: the bytes that were written and not acknowledged, sent or not; an end of the stream counts as
/// one (net/ipv4/tcp.c, `tcp_ioctl`). Unix sockets: the memory of what the peer has not read
/// (net/unix/af_unix.c, `unix_outq_len`).
#[allow(unsafe_code)]
pub(super) fn unacknowledged(socket: impl AsFd) -> rustix::io::Result<u32> {
    // The type of an opcode differs between C libraries, its value does not.
    #[allow(clippy::unnecessary_cast)]
    const OUTQ: Opcode = TIOCOUTQ as Opcode;
    // SAFETY: for this opcode the kernel writes one `int` to where the argument points and reads
    // nothing (`tcp_ioctl` and `unix_ioctl`; on descriptors of other kinds `tty_chars_in_buffer`), and
    // a `Getter` points to memory for one.
    let bytes: c_int = unsafe { ioctl(socket, Getter::<OUTQ, c_int>::new())? };
    u32::try_from(bytes).map_err(|_| Errno::OVERFLOW)
}
