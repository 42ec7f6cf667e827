//! A slow or small read gets a piece, and the next read the rest merged with what follows.

use framecat_core::lab::{Measured, Verdict};
use framecat_core::sock_diag::SocketRow;

use super::Findings;
use super::actor::Actor;
use super::bulk::lengths;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::ends;
use super::socket::Socket;

/// What the server says: two messages, a send each.
const SAID: [&[u8]; 2] = [b"first message", b"second message"];

/// Room for the first message, and not for all of it.
const SMALL: usize = 8;

/// Room for all.
const LARGE: usize = 1024;

struct Found {
    /// What a client reads that has room for a piece at first.
    small: Vec<Vec<u8>>,
    /// What a client reads that has room for all and reads late.
    slow: Vec<Vec<u8>>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let listener = scene.server(0).listen(5)?;
    let (client, socket) = say(scene, &listener, 1)?;
    let mut small = vec![client.recv(&socket, SMALL)?];
    let rest = total() - small[0].len();
    small.append(&mut client.recv_until(&socket, LARGE, rest)?);

    let (client, socket) = say(scene, &listener, 2)?;
    let slow = client.recv_until(&socket, LARGE, total())?;
    Ok(Found { small, slow })
}

/// Says both messages to a new client, which has not read when they have come.
fn say<'s>(
    scene: &'s Scene,
    listener: &Socket,
    number: u16,
) -> Result<(Actor<'s>, Socket), Obstacle> {
    let (client, server) = (scene.client(number), scene.server(number));
    let socket = client.connect(listener)?;
    let accepted = server.accept(listener)?;
    for message in SAID {
        server.send(&accepted, message)?;
    }
    let all = |row: &SocketRow| row.receive_queue as usize == total();
    scene.until(client.lane, ends(&socket)?, "both messages", all)?;
    Ok((client, socket))
}

fn total() -> usize {
    SAID.concat().len()
}

/// Whether a read has the end of the first message, or all of it, and something of the second.
fn crosses(reads: &[Vec<u8>]) -> bool {
    let mut from = 0;
    reads.iter().any(|read| {
        let seam = SAID[0].len();
        let crosses = from < seam && seam < from + read.len();
        from += read.len();
        crosses
    })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let whole = |reads: &[Vec<u8>]| reads.concat() == SAID.concat();
        let piece = self.small.first().is_some_and(|read| read.len() < SAID[0].len());
        let small = whole(&self.small) && piece && crosses(&self.small);
        let slow = whole(&self.slow) && crosses(&self.slow);
        if small && slow { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        let said: Vec<u64> = SAID.iter().map(|message| message.len() as u64).collect();
        vec![
            Measured::new("said", said),
            Measured::new("small", lengths(&self.small)),
            Measured::new("small_second", self.small.get(1).cloned()),
            Measured::new("slow", lengths(&self.slow)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_read() {
        let all = SAID.concat();
        let reads = |cuts: &[usize]| -> Vec<Vec<u8>> {
            let ends = cuts.iter().copied().chain([all.len()]);
            let begins = [0].into_iter().chain(cuts.iter().copied());
            begins.zip(ends).map(|(begin, end)| all[begin..end].to_vec()).collect()
        };
        let found = |small: &[usize], slow: &[usize]| {
            Found { small: reads(small), slow: reads(slow) }.verdict()
        };
        let seam = SAID[0].len();
        assert_eq!(found(&[SMALL], &[]), Verdict::Holds);
        assert_eq!(found(&[SMALL, seam], &[]), Verdict::DoesNotHold, "the rest alone");
        assert_eq!(found(&[seam], &[]), Verdict::DoesNotHold, "no piece");
        assert_eq!(found(&[SMALL], &[seam]), Verdict::DoesNotHold, "a message a read");
        let lost = Found { small: reads(&[SMALL]), slow: vec![SAID[0].to_vec()] };
        assert_eq!(lost.verdict(), Verdict::DoesNotHold, "the second is not there");
    }
}
