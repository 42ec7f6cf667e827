//! Small sends close together arrive merged, because of Nagle.
//!
//! Nagle's algorithm keeps a small segment back while another small one is not acknowledged (RFC 896;
//! net/ipv4/tcp_output.c, `tcp_nagle_check`). On loopback an acknowledgement is mostly there before the
//! next `send`, and nothing is kept back. So the server is made to delay its acknowledgements, and what
//! counts is a round in which the kernel shows that none had come when all was written.

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use framecat_core::sock_diag::{Connection, SocketRow, TcpInfo};

use super::Findings;
use super::bulk::lengths;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::{ends, not_sent, open, segments_sent};
use super::socket::Socket;

/// As many small segments as a new connection may send with none acknowledged: more would merge for
/// another reason (RFC 6928).
const SENDS: usize = 10;

/// Rounds in which the acknowledgement may come too soon. It takes 40 ms, the sends a fraction of one.
const ROUNDS: u16 = 20;

struct Found {
    /// With Nagle's algorithm, and no acknowledgement while all was written.
    nagle: Way,
    /// What it kept back then, in bytes.
    kept: u32,
    /// With TCP_NODELAY, read when all had come.
    no_delay: Way,
}

/// How the messages went.
struct Way {
    /// Segments with data that the sender's kernel sent.
    segments: u32,
    /// The lengths of the server's reads.
    reads: Vec<u64>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let listener = scene.server(0).listen(5)?;
    for number in 1..=ROUNDS {
        if let Some((nagle, kept)) = with_nagle(scene, &listener, number)? {
            let no_delay = without_nagle(scene, &listener, number + 1)?;
            return Ok(Found { nagle, kept, no_delay });
        }
        scene.remark("too_soon", Vec::new());
    }
    Err(Obstacle::new(format!("in {ROUNDS} rounds an acknowledgement came before all was written")))
}

/// `msg 0`, `msg 1` …: all of one length.
fn messages() -> impl Iterator<Item = Vec<u8>> {
    (0..SENDS).map(|number| format!("msg {number}").into_bytes())
}

fn total() -> usize {
    messages().map(|message| message.len()).sum()
}

/// What was sent, and what was kept back; `None` if an acknowledgement came too soon.
fn with_nagle(
    scene: &Scene,
    listener: &Socket,
    number: u16,
) -> Result<Option<(Way, u32)>, Obstacle> {
    let (client, server) = (scene.client(number), scene.server(number));
    let socket = client.connect(listener)?;
    let accepted = server.accept(listener)?;
    server.delay_acks(&accepted)?;
    for message in messages() {
        client.send(&socket, &message)?;
    }
    // The server reads at once: what is merged behind this, the sender has merged.
    let first = server.recv(&accepted, 1024)?;
    let end = ends(&socket)?;
    let (row, tcp) = scene.see_open(client.lane, end)?;
    if row.send_queue as usize != total() {
        return Ok(None);
    }
    let kept = not_sent(&tcp)?;
    let values = vec![Measured::new("kept", Value::bytes(kept)), Measured::new("held", kept > 0)];
    scene.remark("kept", values);
    acknowledged(scene, client.lane, end, &tcp)?;
    let rest = total() - first.len();
    let came = |row: &SocketRow| row.receive_queue as usize == rest;
    scene.until(server.lane, end.turned(), "the rest", came)?;
    let mut reads = vec![first];
    reads.append(&mut server.recv_until(&accepted, 1024, rest)?);
    let (_, tcp) = open(scene.connection(end)?)?;
    Ok(Some((Way { segments: segments_sent(&tcp)?, reads: lengths(&reads) }, kept)))
}

/// Waits for the acknowledgement that the server's kernel delays, and tells how long it took.
fn acknowledged(scene: &Scene, of: Lane, end: Connection, tcp: &TcpInfo) -> Result<(), Obstacle> {
    let from = scene.now();
    let before = tcp.acknowledged;
    let more = |row: &SocketRow| row.tcp.is_some_and(|tcp| tcp.acknowledged > before);
    scene.until(of, end, "an acknowledgement", more)?;
    let held = tcp.not_sent.is_some_and(|kept| kept > 0);
    let values = vec![Measured::new("waited", scene.now() - from), Measured::new("held", held)];
    scene.remark("acknowledged", values);
    Ok(())
}

fn without_nagle(scene: &Scene, listener: &Socket, number: u16) -> Result<Way, Obstacle> {
    let (client, server) = (scene.client(number), scene.server(number));
    let socket = client.connect(listener)?;
    let accepted = server.accept(listener)?;
    client.no_delay(&socket)?;
    for message in messages() {
        client.send(&socket, &message)?;
    }
    // The server reads late.
    let end = ends(&socket)?;
    let all = |row: &SocketRow| row.receive_queue as usize == total();
    scene.until(server.lane, end.turned(), "all messages", all)?;
    let (_, tcp) = open(scene.connection(end)?)?;
    let segments = segments_sent(&tcp)?;
    let apart = segments as usize == SENDS;
    let values = vec![Measured::new("segments", segments), Measured::new("apart", apart)];
    scene.remark("no_delay", values);
    let reads = server.recv_until(&accepted, 1024, total())?;
    Ok(Way { segments, reads: lengths(&reads) })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let sends = SENDS as u32;
        let merged = self.nagle.segments < sends && self.nagle.reads.len() < SENDS;
        let because_of_nagle = self.nagle.segments < self.no_delay.segments;
        let merged_all_the_same = self.no_delay.reads.len() < SENDS;
        match (merged && because_of_nagle, merged_all_the_same) {
            (false, _) => Verdict::DoesNotHold,
            (true, true) => Verdict::HoldsBut,
            (true, false) => Verdict::Holds,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("sends", SENDS),
            Measured::new("kept", Value::bytes(self.kept)),
            Measured::new("nagle_segments", self.nagle.segments),
            Measured::new("nagle_reads", self.nagle.reads.clone()),
            Measured::new("no_delay_segments", self.no_delay.segments),
            Measured::new("no_delay_reads", self.no_delay.reads.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |nagle: (u32, &[u64]), no_delay: (u32, &[u64])| {
            let way = |(segments, reads): (u32, &[u64])| Way { segments, reads: reads.to_vec() };
            Found { nagle: way(nagle), kept: 45, no_delay: way(no_delay) }.verdict()
        };
        let apart = [5; SENDS];
        assert_eq!(found((2, &[5, 45]), (10, &[50])), Verdict::HoldsBut);
        assert_eq!(found((2, &[5, 45]), (10, &apart)), Verdict::Holds);
        assert_eq!(found((10, &apart), (10, &apart)), Verdict::DoesNotHold);
        assert_eq!(found((10, &[50]), (10, &[50])), Verdict::DoesNotHold, "the reader merged");
        assert_eq!(found((2, &[5, 45]), (2, &[50])), Verdict::DoesNotHold, "not Nagle's work");
    }
}
