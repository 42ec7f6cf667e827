//! A length header cures sticky messages.
//!
//! Two readers of the same stream, cut in the same places: the tutorial's, which trusts that one `recv`
//! returns a whole header and another the whole body, and one that keeps what has come until a message is
//! whole. A piece is sent when the kernel shows that all before it was read and that the reader sleeps, so
//! that each cut is one that the reader meets.

use framecat_core::framing::{Codec, Framing};
use framecat_core::lab::{Measured, Verdict};
use framecat_core::sock_diag::Connection;
use rustix::net::Shutdown;

use super::Findings;
use super::actor::Actor;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::{ends, open};
use super::socket::Socket;
use super::thread::Caller;

/// The messages. Each goes behind its length in decimal, padded with spaces to 64 bytes.
const SAID: [&[u8]; 2] = [b"Hello World!", b"second message"];

const HEADER: usize = 64;

/// The longest message: no reader asks for more.
const MAX: usize = 1024;

/// Where the stream is cut.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// Nowhere: both messages come with one write.
    Nowhere,
    /// Inside the first header, between the digits of its `12`.
    Header,
    /// Inside the first body, behind `Hello`.
    Body,
}

impl Cut {
    /// What is said of it in the timeline.
    fn remark(self) -> &'static str {
        match self {
            Cut::Nowhere => "joined",
            Cut::Header => "header",
            Cut::Body => "body",
        }
    }
}

/// A reader, on a thread of its own.
type Reader = fn(Actor<'_>, &Socket) -> Result<Vec<Vec<u8>>, Obstacle>;

/// What the two readers took for messages.
struct Trial {
    tutorial: Vec<Vec<u8>>,
    exact: Vec<Vec<u8>>,
}

struct Found {
    joined: Trial,
    header: Trial,
    body: Trial,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let listener = scene.server(0).listen(5)?;
    let trial = |cut: Cut| -> Result<Trial, Obstacle> {
        scene.remark(cut.remark(), vec![]);
        Ok(Trial {
            tutorial: play(scene, &listener, 1, cut, read_as_the_tutorial)?,
            exact: play(scene, &listener, 2, cut, read_exactly)?,
        })
    };
    Ok(Found { joined: trial(Cut::Nowhere)?, header: trial(Cut::Header)?, body: trial(Cut::Body)? })
}

/// T1's reader: one `recv` for the header, one for the body. It ends where Python raises ValueError.
fn read_as_the_tutorial(server: Actor<'_>, socket: &Socket) -> Result<Vec<Vec<u8>>, Obstacle> {
    let mut messages = Vec::new();
    loop {
        let header = server.recv(socket, HEADER)?;
        if header.is_empty() {
            return Ok(messages);
        }
        let Some(len) = number(&header) else {
            server.scene.remark("no_number", vec![]);
            return Ok(messages);
        };
        took(server, &mut messages, server.recv(socket, len.min(MAX))?);
    }
}

/// What `int()` makes of it.
fn number(header: &[u8]) -> Option<usize> {
    std::str::from_utf8(header).ok()?.trim().parse().ok()
}

/// Reads what is there and keeps it until a message is whole.
fn read_exactly(server: Actor<'_>, socket: &Socket) -> Result<Vec<Vec<u8>>, Obstacle> {
    let mut decoder = codec()?.decoder();
    let (mut messages, mut kept) = (Vec::new(), Vec::new());
    loop {
        let read = server.recv(socket, MAX)?;
        if read.is_empty() {
            return Ok(messages);
        }
        kept.extend_from_slice(&read);
        loop {
            let Ok(found) = decoder.decode(&kept) else {
                server.scene.remark("no_number", vec![]);
                return Ok(messages);
            };
            let Some(frame) = found else { break };
            let (message, len) = (frame.payload.to_vec(), frame.wire.len());
            took(server, &mut messages, message);
            kept.drain(..len);
        }
    }
}

fn took(server: Actor<'_>, messages: &mut Vec<Vec<u8>>, message: Vec<u8>) {
    server.scene.remark("took", vec![Measured::new("message", message.clone())]);
    messages.push(message);
}

fn codec() -> Result<Codec, Obstacle> {
    let framing: Framing = "header:64".parse().map_err(|_| Obstacle::new("no such framing"))?;
    Codec::new(framing, MAX).map_err(|error| Obstacle::new(error.to_string()))
}

/// The stream in pieces.
fn pieces(cut: Cut) -> Result<Vec<Vec<u8>>, Obstacle> {
    let mut stream = Vec::new();
    for message in SAID {
        let encoded = codec()?.encode(message, &mut stream);
        encoded.map_err(|error| Obstacle::new(error.to_string()))?;
    }
    let rest = match cut {
        Cut::Nowhere => return Ok(vec![stream]),
        Cut::Header => stream.split_off(1),
        Cut::Body => stream.split_off(HEADER + "Hello".len()),
    };
    Ok(vec![stream, rest])
}

/// Sends the stream to a reader, who meets the cut: what it took for messages.
fn play(
    scene: &Scene,
    listener: &Socket,
    number: u16,
    cut: Cut,
    reader: Reader,
) -> Result<Vec<Vec<u8>>, Obstacle> {
    let (client, server) = (scene.client(number), scene.server(number));
    let opened = Socket::pair(listener);
    let (socket, accepted) = opened.map_err(|error| CallError::new("connect()".into(), error))?;
    let theirs = ends(&accepted)?;
    std::thread::scope(|threads| {
        let caller = scene.begin(threads, server.lane, || reader(server, &accepted))?;
        let mut sent = 0;
        for piece in pieces(cut)? {
            if !waits(scene, &caller, &accepted, theirs, sent)? {
                break;
            }
            sent += client.send(&socket, &piece)?;
        }
        if waits(scene, &caller, &accepted, theirs, sent)? {
            client.shutdown(&socket, Shutdown::Write)?;
        }
        caller.join()?
    })
}

/// Waits until the reader has read all that was sent and sleeps, or has ended: whether it sleeps.
fn waits<T>(
    scene: &Scene,
    reader: &Caller<'_, T>,
    socket: &Socket,
    theirs: Connection,
    sent: usize,
) -> Result<bool, Obstacle> {
    scene.wait("a reader that has read all", || {
        let (row, tcp) = open(scene.connection(theirs)?)?;
        let all = tcp.received >= sent as u64 && row.receive_queue == 0;
        Ok((all || reader.is_over()).then_some(()))
    })?;
    scene.sleeps(reader, "recv()", socket)
}

/// How many of these are the messages that were sent, from the first on.
fn right(taken: &[Vec<u8>]) -> usize {
    taken.iter().zip(SAID).take_while(|(taken, said)| taken == said).count()
}

/// All messages, and nothing else.
fn all_right(taken: &[Vec<u8>]) -> bool {
    taken.len() == SAID.len() && right(taken) == SAID.len()
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let trials = [&self.joined, &self.header, &self.body];
        let exact = trials.iter().all(|trial| all_right(&trial.exact));
        let tutorial = trials.iter().all(|trial| all_right(&trial.tutorial));
        match (exact, tutorial) {
            (false, _) => Verdict::DoesNotHold,
            (true, false) => Verdict::HoldsBut,
            (true, true) => Verdict::Holds,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("messages", SAID.len()),
            Measured::new("joined_tutorial", right(&self.joined.tutorial)),
            Measured::new("header_tutorial", right(&self.header.tutorial)),
            Measured::new("header_took", self.header.tutorial.first().cloned()),
            Measured::new("body_tutorial", right(&self.body.tutorial)),
            Measured::new("body_took", self.body.tutorial.first().cloned()),
            Measured::new("joined_exact", right(&self.joined.exact)),
            Measured::new("header_exact", right(&self.header.exact)),
            Measured::new("body_exact", right(&self.body.exact)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(tutorial: &[&[u8]], exact: &[&[u8]]) -> Trial {
        let owned = |taken: &[&[u8]]| taken.iter().map(|message| message.to_vec()).collect();
        Trial { tutorial: owned(tutorial), exact: owned(exact) }
    }

    #[test]
    fn the_verdict_follows_from_what_was_taken_for_messages() {
        let both = || trial(&SAID, &SAID);
        let cut =
            |taken: &[&[u8]]| Found { joined: both(), header: trial(taken, &SAID), body: both() };
        assert_eq!(cut(&[b"2"]).verdict(), Verdict::HoldsBut);
        assert_eq!(cut(&[]).verdict(), Verdict::HoldsBut, "it took nothing");
        assert_eq!(cut(&[SAID[0], SAID[1], b"more"]).verdict(), Verdict::HoldsBut);
        assert_eq!(cut(&SAID).verdict(), Verdict::Holds);
        let fails = Found { joined: both(), header: both(), body: trial(&SAID, &[b"Hello"]) };
        assert_eq!(fails.verdict(), Verdict::DoesNotHold, "even exact reading does not help");
    }

    #[test]
    fn the_tutorial_takes_for_a_number_what_python_does() {
        assert_eq!(number(b"12  "), Some(12));
        assert_eq!(number(b"1"), Some(1));
        assert_eq!(number(b"    He"), None);
        assert_eq!(number(b" World!14"), None);
    }
}
