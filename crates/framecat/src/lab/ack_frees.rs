//! The sender's buffer is freed only by the peer's ACK.
//!
//! What was written stays in the send queue until it is acknowledged (net/ipv4/tcp_input.c,
//! `tcp_clean_rtx_queue`), and inet_diag tells how much that is: the number that SIOCOUTQ returns too
//! (tcp(7)). Here both are shown: what is acknowledged is freed with nobody having read it, and what is
//! not stays, whether it was read or not.

use framecat_core::lab::{Measured, Value, Verdict};
use framecat_core::sock_diag::{Connection, SocketRow};
use rustix::io::Errno;
use rustix::net::SendFlags;

use super::Findings;
use super::bulk::letters;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::{ends, not_sent, open};
use super::socket::Socket;

/// What is written at first.
const SAID: &[u8] = b"hello";

/// SO_RCVBUF of the server and SO_SNDBUF of the client, and the piece that is written until both are full.
const BUFFER: usize = 16 << 10;

/// Pieces that are written at most.
const PIECES: usize = 64;

/// Rounds in which the acknowledgement may come too soon. It takes 40 ms, a read a fraction of one.
const ROUNDS: u16 = 20;

struct Found {
    /// Acknowledged, and not read: what the server's kernel has, and what the client's still keeps.
    unread: u32,
    kept_unread: u32,
    /// Read, and not acknowledged: what the client's kernel keeps, then, and once it is acknowledged.
    kept_read: u32,
    kept_read_later: u32,
    /// The server's buffer full: what the client's kernel keeps, and after an acknowledgement that has no
    /// more to acknowledge.
    full: u32,
    kept_full: u32,
    /// When the server has read and its kernel acknowledged all.
    drained: u32,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let server = scene.server(0);
    let listener = server.listen(5)?;
    server.receive_buffer(&listener, BUFFER)?;
    let socket = scene.client(0).connect(&listener)?;
    let accepted = server.accept(&listener)?;
    let pair = Pair { scene, end: ends(&socket)?, socket, accepted };

    let (unread, kept_unread) = pair.not_read()?;
    let (kept_read, kept_read_later) = pair.not_acknowledged()?;
    let (written, full) = pair.fill()?;
    let kept_full = pair.still_kept()?;
    let drained = pair.drain(written)?;
    Ok(Found { unread, kept_unread, kept_read, kept_read_later, full, kept_full, drained })
}

/// A connection of the client with the server.
struct Pair<'s> {
    scene: &'s Scene,
    socket: Socket,
    accepted: Socket,
    /// Seen from the client.
    end: Connection,
}

impl Pair<'_> {
    /// How many of the client's bytes the server's kernel has acknowledged.
    fn acknowledged(&self) -> Result<u64, Obstacle> {
        Ok(open(self.scene.connection(self.end)?)?.1.acknowledged)
    }

    /// Waits for the acknowledgement of so many bytes since `before`: what the client's kernel keeps.
    fn kept_after(&self, before: u64, bytes: usize) -> Result<u32, Obstacle> {
        let all = before + bytes as u64;
        let whole = |row: &SocketRow| row.tcp.is_some_and(|tcp| tcp.acknowledged >= all);
        let client = self.scene.client(0).lane;
        let kept = self.scene.until(client, self.end, "an acknowledgement", whole)?.send_queue;
        self.scene.remark("acknowledged", vec![Measured::new("kept", Value::bytes(kept))]);
        Ok(kept)
    }

    /// Writes and does not read: what the server's kernel has, and what the client's keeps.
    fn not_read(&self) -> Result<(u32, u32), Obstacle> {
        let (client, server) = (self.scene.client(0), self.scene.server(0));
        let before = self.acknowledged()?;
        client.send(&self.socket, SAID)?;
        let kept = self.kept_after(before, SAID.len())?;
        let (theirs, _) = self.scene.see_open(server.lane, self.end.turned())?;
        self.scene.remark("not_read", vec![]);
        server.recv(&self.accepted, 64)?;
        Ok((theirs.receive_queue, kept))
    }

    /// Writes and reads before that is acknowledged: what the client's kernel keeps then, and later.
    fn not_acknowledged(&self) -> Result<(u32, u32), Obstacle> {
        let (client, server) = (self.scene.client(0), self.scene.server(0));
        for _ in 0..ROUNDS {
            server.delay_acks(&self.accepted)?;
            let before = self.acknowledged()?;
            client.send(&self.socket, SAID)?;
            server.recv(&self.accepted, 64)?;
            let (row, tcp) = self.scene.see_open(client.lane, self.end)?;
            if tcp.acknowledged == before {
                self.scene.remark("not_acknowledged", vec![]);
                return Ok((row.send_queue, self.kept_after(before, SAID.len())?));
            }
            self.scene.remark("too_soon", vec![]);
        }
        Err(Obstacle::new(format!("in {ROUNDS} rounds what was read was acknowledged at once")))
    }

    /// Writes with nobody reading until there is no room for more in either kernel: how much, and how
    /// much of it the client's kernel keeps.
    fn fill(&self) -> Result<(usize, u32), Obstacle> {
        let client = self.scene.client(0);
        client.send_buffer(&self.socket, BUFFER)?;
        let piece = letters(BUFFER);
        let mut written = 0;
        for _ in 0..PIECES {
            match client.send_with(&self.socket, &piece, SendFlags::DONTWAIT) {
                Ok(taken) => written += taken,
                Err(error) if error.is(Errno::AGAIN) => {
                    let kept = self.settled()?;
                    if kept > 0 {
                        return Ok((written, kept));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Obstacle::new(format!("{PIECES} times {BUFFER} B found room")))
    }

    /// Waits until all that was sent is acknowledged: what is left may not be sent, for want of room.
    fn settled(&self) -> Result<u32, Obstacle> {
        self.scene.wait("an acknowledgement of all that was sent", || {
            let (row, tcp) = open(self.scene.connection(self.end)?)?;
            Ok((not_sent(&tcp)? == row.send_queue).then_some(row.send_queue))
        })
    }

    /// What the client's kernel keeps after an acknowledgement that has no more to acknowledge.
    fn still_kept(&self) -> Result<u32, Obstacle> {
        let (client, server) = (self.scene.client(0), self.scene.server(0));
        self.scene.see(server.lane, self.end.turned())?;
        self.scene.see(client.lane, self.end)?;
        // Each segment of TCP says how far all has come.
        server.send(&self.accepted, SAID)?;
        client.recv(&self.socket, 64)?;
        let (row, _) = self.scene.see_open(client.lane, self.end)?;
        self.scene.remark("full", vec![Measured::new("full", Value::bytes(row.send_queue))]);
        Ok(row.send_queue)
    }

    /// Reads all: what the client's kernel keeps once that is acknowledged.
    fn drain(&self, written: usize) -> Result<u32, Obstacle> {
        let before = self.acknowledged()?;
        let (row, _) = open(self.scene.connection(self.end)?)?;
        self.scene.server(0).recv_quietly(&self.accepted, written)?;
        self.kept_after(before, row.send_queue as usize)
    }
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let said = SAID.len() as u32;
        let freed_unread = self.unread == said && self.kept_unread == 0;
        let kept_though_read = self.kept_read == said && self.kept_read_later == 0;
        let kept_when_full = self.full > 0 && self.kept_full == self.full && self.drained == 0;
        let so = freed_unread && kept_though_read && kept_when_full;
        if so { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("said", Value::bytes(SAID.len())),
            Measured::new("unread", Value::bytes(self.unread)),
            Measured::new("kept_unread", Value::bytes(self.kept_unread)),
            Measured::new("kept_read", Value::bytes(self.kept_read)),
            Measured::new("kept_read_later", Value::bytes(self.kept_read_later)),
            Measured::new("full", Value::bytes(self.full)),
            Measured::new("kept_full", Value::bytes(self.kept_full)),
            Measured::new("drained", Value::bytes(self.drained)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_kept() {
        let so = Found {
            unread: 5,
            kept_unread: 0,
            kept_read: 5,
            kept_read_later: 0,
            full: 9000,
            kept_full: 9000,
            drained: 0,
        };
        assert_eq!(so.verdict(), Verdict::Holds);
        let freed_by_the_read = Found { kept_unread: 5, kept_read: 0, ..so };
        assert_eq!(freed_by_the_read.verdict(), Verdict::DoesNotHold);
        assert_eq!(Found { kept_read: 0, ..so }.verdict(), Verdict::DoesNotHold);
        assert_eq!(Found { kept_full: 0, ..so }.verdict(), Verdict::DoesNotHold, "given up");
        assert_eq!(Found { drained: 9000, ..so }.verdict(), Verdict::DoesNotHold, "never freed");
    }
}
