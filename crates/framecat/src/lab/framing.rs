//! A length header cures sticky messages.
//!
//! Two readers of the same stream, cut in the same places: the tutorial's, which trusts that one `recv`
//! returns a whole header and another the whole body, and one that keeps what has come until a message is
//! whole. A piece is sent when a reader wants more and the kernel shows that all before was read, so that
//! each cut is one that the reader meets.

use std::collections::VecDeque;

use framecat_core::framing::{Codec, Framing};
use framecat_core::lab::{Measured, Verdict};
use framecat_core::sock_diag::SocketRow;

use super::Findings;
use super::actor::Actor;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::{ends, open};
use super::socket::Socket;

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

/// A reader: what it takes for messages.
type Reader = fn(&mut Stream<'_>) -> Result<Vec<Vec<u8>>, Obstacle>;

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
        let read = |number, reader: Reader| -> Result<Vec<Vec<u8>>, Obstacle> {
            reader(&mut Stream::open(scene, &listener, number, cut)?)
        };
        Ok(Trial { tutorial: read(1, read_as_the_tutorial)?, exact: read(2, read_exactly)? })
    };
    Ok(Found { joined: trial(Cut::Nowhere)?, header: trial(Cut::Header)?, body: trial(Cut::Body)? })
}

/// T1's reader: one `recv` for the header, one for the body. It ends where Python raises ValueError.
fn read_as_the_tutorial(stream: &mut Stream<'_>) -> Result<Vec<Vec<u8>>, Obstacle> {
    let mut messages = Vec::new();
    while let Some(header) = stream.recv(HEADER)? {
        let Some(len) = number(&header) else {
            stream.gave_up();
            break;
        };
        let Some(body) = stream.recv(len.min(MAX))? else { break };
        stream.took(&mut messages, body);
    }
    Ok(messages)
}

/// What `int()` makes of it.
fn number(header: &[u8]) -> Option<usize> {
    std::str::from_utf8(header).ok()?.trim().parse().ok()
}

/// Reads what is there and keeps it until a message is whole.
fn read_exactly(stream: &mut Stream<'_>) -> Result<Vec<Vec<u8>>, Obstacle> {
    let mut decoder = codec()?.decoder();
    let (mut messages, mut kept) = (Vec::new(), Vec::new());
    while let Some(mut read) = stream.recv(MAX)? {
        kept.append(&mut read);
        loop {
            let Ok(found) = decoder.decode(&kept) else {
                stream.gave_up();
                return Ok(messages);
            };
            let Some(frame) = found else { break };
            let (message, len) = (frame.payload.to_vec(), frame.wire.len());
            stream.took(&mut messages, message);
            kept.drain(..len);
        }
    }
    Ok(messages)
}

fn codec() -> Result<Codec, Obstacle> {
    let framing: Framing = "header:64".parse().map_err(|_| Obstacle::new("no such framing"))?;
    Codec::new(framing, MAX).map_err(|error| Obstacle::new(error.to_string()))
}

/// The stream in pieces.
fn pieces(cut: Cut) -> Result<VecDeque<Vec<u8>>, Obstacle> {
    let mut stream = Vec::new();
    for message in SAID {
        let encoded = codec()?.encode(message, &mut stream);
        encoded.map_err(|error| Obstacle::new(error.to_string()))?;
    }
    let rest = match cut {
        Cut::Nowhere => return Ok(VecDeque::from([stream])),
        Cut::Header => stream.split_off(1),
        Cut::Body => stream.split_off(HEADER + "Hello".len()),
    };
    Ok(VecDeque::from([stream, rest]))
}

/// A stream on its way to a reader.
struct Stream<'s> {
    /// The reader's number.
    number: u16,
    client: Actor<'s>,
    server: Actor<'s>,
    socket: Socket,
    accepted: Socket,
    /// What is not sent.
    pieces: VecDeque<Vec<u8>>,
}

impl Stream<'_> {
    fn open<'s>(
        scene: &'s Scene,
        listener: &Socket,
        number: u16,
        cut: Cut,
    ) -> Result<Stream<'s>, Obstacle> {
        let (client, server) = (scene.client(number), scene.server(number));
        let pair = Socket::pair(listener);
        let (socket, accepted) = pair.map_err(|error| CallError::new("connect()".into(), error))?;
        Ok(Stream { number, client, server, socket, accepted, pieces: pieces(cut)? })
    }

    /// One `recv`. If there is nothing to read, the next piece comes first: it is what the call would
    /// have waited for. `None` where the stream ends.
    fn recv(&mut self, len: usize) -> Result<Option<Vec<u8>>, Obstacle> {
        if self.unread()? == 0 {
            let Some(piece) = self.pieces.pop_front() else { return Ok(None) };
            self.client.send(&self.socket, &piece)?;
            let whole = |row: &SocketRow| row.receive_queue as usize == piece.len();
            let Actor { scene, lane, .. } = self.server;
            scene.until(lane, ends(&self.accepted)?, "the whole piece", whole)?;
        }
        Ok(Some(self.server.recv(&self.accepted, len)?))
    }

    /// What has come and was not read, as the kernel shows it.
    fn unread(&self) -> Result<usize, Obstacle> {
        let (row, _) = open(self.server.scene.connection(ends(&self.accepted)?)?)?;
        Ok(row.receive_queue as usize)
    }

    /// Takes in what a reader took for a message.
    fn took(&self, messages: &mut Vec<Vec<u8>>, message: Vec<u8>) {
        let took = Measured::new("message", message.clone());
        self.server.scene.remark("took", vec![Measured::new("reader", self.number), took]);
        messages.push(message);
    }

    /// Takes in that a reader found no number where a header should be.
    fn gave_up(&self) {
        self.server.scene.remark("no_number", vec![Measured::new("reader", self.number)]);
    }
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
