//! `send` loses data when the buffer is full, `sendall` does not.
//!
//! `send` that does not wait takes what there is room for, and says how much that is (send(2);
//! net/ipv4/tcp.c, `tcp_sendmsg_locked`).

use framecat_core::lab::{Measured, Value, Verdict};
use framecat_core::sock_diag::Connection;
use rustix::net::SendFlags;

use super::Findings;
use super::bulk::letters;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::ends;
use super::socket::Socket;

/// What is to be sent, in bytes.
const BLOCK: usize = 1 << 19;

/// SO_SNDBUF and SO_RCVBUF: so small that the block fills both.
const BUFFER: usize = 64 << 10;

/// Calls of the one that sends the rest, at most: each finds the buffers empty.
const CALLS: usize = 64;

struct Found {
    /// What `send` said that it took.
    taken: usize,
    /// What came of it, and whether that is its beginning, byte by byte.
    came: usize,
    same: bool,
    /// What each `send` of the program took that sends the rest.
    parts: Vec<u64>,
    /// What came of that, and whether it is the block.
    parts_came: usize,
    whole: bool,
    /// A `send` that waits slept, with nobody reading.
    slept: bool,
    /// What it took at last.
    waited: usize,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let server = scene.server(0);
    let listener = server.listen(5)?;
    server.receive_buffer(&listener, BUFFER)?;
    let block = letters(BLOCK);

    let (taken, came) = once(scene, &listener, &block)?;
    let (parts, all) = rest_too(scene, &listener, &block)?;
    let (slept, waited) = waiting(scene, &listener, &block)?;
    Ok(Found {
        taken,
        came: came.len(),
        same: block.starts_with(&came),
        parts,
        parts_came: all.len(),
        whole: all == block,
        slept,
        waited,
    })
}

/// A program that sends once and takes no notice of what `send` returns: that, and what comes.
fn once(scene: &Scene, listener: &Socket, block: &[u8]) -> Result<(usize, Vec<u8>), Obstacle> {
    let (client, server) = (scene.client(1), scene.server(1));
    let (socket, accepted, end) = pair(scene, listener, 1)?;
    let taken = client.send_with(&socket, block, SendFlags::DONTWAIT)?;
    if taken == block.len() {
        return Err(Obstacle::new("all of the block found room: no buffer was full"));
    }
    let kept = "what was taken in one kernel or the other";
    let (ours, theirs) = scene.wait(kept, || {
        let ours = scene.connection(end)?;
        let theirs = scene.connection(end.turned())?;
        let both = ours.zip(theirs);
        Ok(both.filter(|(a, b)| (a.send_queue + b.receive_queue) as usize == taken))
    })?;
    scene.show(client.lane, Some(&ours));
    scene.show(server.lane, Some(&theirs));
    scene.remark("ignored", vec![Measured::new("missing", Value::bytes(block.len() - taken))]);
    client.close(socket);
    let came = server.recv_quietly(&accepted, block.len())?;
    Ok((taken, came))
}

/// A program that sends what is left, as `sendall` does: what each call took, and what comes.
fn rest_too(
    scene: &Scene,
    listener: &Socket,
    block: &[u8],
) -> Result<(Vec<u64>, Vec<u8>), Obstacle> {
    let (client, server) = (scene.client(2), scene.server(2));
    let (socket, accepted, end) = pair(scene, listener, 2)?;
    let (mut parts, mut all) = (Vec::new(), Vec::new());
    let mut rest = block;
    while !rest.is_empty() {
        if parts.len() == CALLS {
            return Err(Obstacle::new(format!("{CALLS} calls of send took {} B", all.len())));
        }
        let taken = client.send_with(&socket, rest, SendFlags::DONTWAIT)?;
        parts.push(taken as u64);
        rest = &rest[taken..];
        // The reader makes room, and no call finds the buffer full.
        all.append(&mut server.recv_quietly(&accepted, taken)?);
        scene.wait("room in the send buffer", || {
            Ok(scene.connection(end)?.filter(|row| row.send_queue == 0))
        })?;
    }
    client.close(socket);
    all.append(&mut server.recv_quietly(&accepted, 1)?);
    Ok((parts, all))
}

/// A `send` that waits for room: whether it slept, and what it took.
fn waiting(scene: &Scene, listener: &Socket, block: &[u8]) -> Result<(bool, usize), Obstacle> {
    let (client, server) = (scene.client(3), scene.server(3));
    let (socket, accepted, _) = pair(scene, listener, 3)?;
    std::thread::scope(|threads| {
        let sender = scene.begin(threads, client.lane, || client.send(&socket, block))?;
        let slept = scene.sleeps(&sender, "send()", &socket)?;
        server.recv_quietly(&accepted, block.len())?;
        Ok((slept, sender.join()??))
    })
}

/// A client's end and the server's, with small buffers.
fn pair(
    scene: &Scene,
    listener: &Socket,
    number: u16,
) -> Result<(Socket, Socket, Connection), Obstacle> {
    let client = scene.client(number);
    let socket = client.connect(listener)?;
    client.send_buffer(&socket, BUFFER)?;
    let accepted = scene.server(number).accept(listener)?;
    let end = ends(&socket)?;
    Ok((socket, accepted, end))
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        // Lost is what `send` said that it took, and what did not come.
        let send_loses = self.came < self.taken || !self.same;
        let sendall_loses = self.parts_came != BLOCK || !self.whole;
        if send_loses && !sendall_loses { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("asked", Value::bytes(BLOCK)),
            Measured::new("taken", Value::bytes(self.taken)),
            Measured::new("came", Value::bytes(self.came)),
            Measured::new("missing", Value::bytes(BLOCK.saturating_sub(self.came))),
            Measured::new("lost", Value::bytes(self.taken.saturating_sub(self.came))),
            Measured::new("parts", self.parts.clone()),
            Measured::new("parts_came", Value::bytes(self.parts_came)),
            Measured::new("slept", self.slept),
            Measured::new("waited", Value::bytes(self.waited)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_came() {
        let found = |taken, came, parts_came| Found {
            taken,
            came,
            same: true,
            parts: vec![taken as u64],
            parts_came,
            whole: parts_came == BLOCK,
            slept: true,
            waited: BLOCK,
        };
        assert_eq!(found(1000, 1000, BLOCK).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(1000, 999, BLOCK).verdict(), Verdict::Holds, "one byte was lost");
        let other = Found { same: false, ..found(1000, 1000, BLOCK) };
        assert_eq!(other.verdict(), Verdict::Holds, "other bytes came");
        assert_eq!(found(1000, 999, BLOCK - 1).verdict(), Verdict::DoesNotHold, "both lose");
    }
}
