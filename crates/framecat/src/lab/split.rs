//! One big send arrives in several reads.

use framecat_core::lab::{Measured, Value, Verdict};
use framecat_core::sock_diag::SocketRow;

use super::Findings;
use super::bulk::{lengths, letters};
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::ends;

/// What is sent with one call, and what each read has room for.
const BIG: usize = 1 << 20;

/// The reader's SO_RCVBUF, of which the kernel makes twice as much: less than [`BIG`] fits.
const BUFFER: usize = 128 << 10;

struct Found {
    /// What `send` returned.
    taken: usize,
    /// The lengths of the reads.
    reads: Vec<u64>,
    /// What was read is what was sent.
    same: bool,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(0));
    let listener = server.listen(5)?;
    server.receive_buffer(&listener, BUFFER)?;
    let socket = client.connect(&listener)?;
    let accepted = server.accept(&listener)?;
    let end = ends(&socket)?;
    let big = letters(BIG);
    std::thread::scope(|threads| {
        let sender = scene.begin(threads, client.lane, || client.send(&socket, &big))?;
        // It has been taken, or waits for room.
        scene.sleeps(&sender, "send()", &socket)?;
        let some = |row: &SocketRow| row.receive_queue > 0;
        scene.until(server.lane, end.turned(), "the first bytes", some)?;
        let reads = server.recv_until(&accepted, BIG, BIG)?;
        let taken = sender.join()??;
        Ok(Found { taken, reads: lengths(&reads), same: reads.concat() == big })
    })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let whole = self.taken == BIG && self.same;
        if whole && self.reads.len() > 1 { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("sends", 1u32),
            Measured::new("sent", Value::bytes(self.taken)),
            Measured::new("reads", self.reads.len()),
            Measured::new("first", Value::bytes(self.reads.first().copied().unwrap_or(0))),
            Measured::new("lengths", self.reads.clone()),
            Measured::new("same", self.same),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_the_reads() {
        let found = |reads: &[usize], same| {
            let taken = reads.iter().sum();
            let reads = reads.iter().map(|read| *read as u64).collect();
            Found { taken, reads, same }.verdict()
        };
        assert_eq!(found(&[1000, BIG - 1000], true), Verdict::Holds);
        assert_eq!(found(&[BIG], true), Verdict::DoesNotHold);
        assert_eq!(found(&[1000, BIG - 1000], false), Verdict::DoesNotHold, "other bytes");
        assert_eq!(found(&[1000, BIG - 2000], true), Verdict::DoesNotHold, "not all was taken");
    }
}
