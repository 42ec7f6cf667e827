//! Every TCP send needs exactly one `recv`.

use framecat_core::lab::{Measured, Verdict};
use framecat_core::sock_diag::SocketRow;

use super::Findings;
use super::bulk::lengths;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::ends;

/// Sends that one read takes.
const MANY: usize = 10;

/// What one send carries, of which a read takes one byte.
const ONE: &[u8] = b"0123456789";

struct Found {
    /// The lengths of the reads that took what [`MANY`] sends had carried.
    many: Vec<u64>,
    /// The lengths of the reads that took what one send had carried.
    one: Vec<u64>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(0));
    let listener = server.listen(5)?;
    let socket = client.connect(&listener)?;
    let accepted = server.accept(&listener)?;
    let theirs = ends(&socket)?.turned();

    let mut total = 0;
    for number in 0..MANY {
        total += client.send(&socket, format!("msg {number}").as_bytes())?;
    }
    let queued = |bytes: usize| move |row: &SocketRow| row.receive_queue as usize == bytes;
    scene.until(server.lane, theirs, "all that was sent", queued(total))?;
    let many = lengths(&server.recv_until(&accepted, 1024, total)?);

    let sent = client.send(&socket, ONE)?;
    scene.until(server.lane, theirs, "all that was sent", queued(sent))?;
    let one = lengths(&server.recv_until(&accepted, 1, sent)?);
    Ok(Found { many, one })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let paired = self.many.len() == MANY && self.one.len() == 1;
        if paired { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("many_sends", MANY),
            Measured::new("many_reads", self.many.len()),
            Measured::new("many_lengths", self.many.clone()),
            Measured::new("one_send", 1u32),
            Measured::new("one_reads", self.one.len()),
            Measured::new("one_lengths", self.one.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_how_many_reads_there_were() {
        let found = |many: usize, one: usize| Found { many: vec![5; many], one: vec![1; one] };
        assert_eq!(found(1, 10).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(10, 10).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(1, 1).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(10, 1).verdict(), Verdict::Holds);
    }
}
