//! Much at once: something to send, and reading on and on, until so many bytes are there or the peer has
//! ended the stream.

use framecat_core::lab::What;
use rustix::io::retry_on_intr;
use rustix::net::{RecvFlags, recv};

use super::actor::Actor;
use super::obstacle::{CallError, Obstacle};
use super::socket::Socket;

impl Actor<'_> {
    /// Reads until `total` bytes are there, at most `len` with each call: what each returned.
    pub(super) fn recv_until(
        &self,
        socket: &Socket,
        len: usize,
        total: usize,
    ) -> Result<Vec<Vec<u8>>, Obstacle> {
        let mut reads = Vec::new();
        let mut rest = total;
        while rest > 0 {
            let read = self.recv(socket, len)?;
            if read.is_empty() || read.len() > rest {
                let (had, read) = (total - rest, read.len());
                return Err(Obstacle::new(format!(
                    "of {total} B that were sent, {had} B and then {read} B were read"
                )));
            }
            rest -= read.len();
            reads.push(read);
        }
        Ok(reads)
    }

    /// Reads `total` bytes, or fewer if the stream ends before: shown as one, for what nobody wants to
    /// follow read by read.
    pub(super) fn recv_quietly(&self, socket: &Socket, total: usize) -> Result<Vec<u8>, CallError> {
        let from = self.scene.now();
        let mut room = vec![0; 65536];
        let (mut taken, mut reads) = (Vec::new(), 0);
        while taken.len() < total {
            let wanted = room.len().min(total - taken.len());
            let outcome = retry_on_intr(|| recv(socket, &mut room[..wanted], RecvFlags::empty()));
            let (read, _) =
                outcome.map_err(|errno| CallError::new("recv()".into(), errno.into()))?;
            reads += 1;
            taken.extend_from_slice(&room[..read]);
            if read == 0 {
                break;
            }
        }
        let (call, returned) = (format!("recv() × {reads}"), taken.len().to_string());
        self.scene.record(from, self.lane, What::Call { call, returned, failed: false });
        Ok(taken)
    }
}

/// So many bytes, which can be told apart: `abc…xyzabc…`.
pub(super) fn letters(len: usize) -> Vec<u8> {
    let mut letters = b"abcdefghijklmnopqrstuvwxyz".repeat(len / 26 + 1);
    letters.truncate(len);
    letters
}

/// The lengths of reads.
pub(super) fn lengths(reads: &[Vec<u8>]) -> Vec<u64> {
    reads.iter().map(|read| read.len() as u64).collect()
}
