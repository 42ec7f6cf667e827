//! The reading half of a session.

use std::io;
use std::ops::ControlFlow;

use framecat_core::diagram::ReadSeams;
use framecat_core::framing::{Decoder, Frame, FrameError, FrameErrorKind};

use super::Wire;
use super::scratch::{READ_SIZE, SMALL};
use crate::endpoint::{Read, Stream};

/// Takes what a [`Reader`] finds.
pub trait Sink {
    /// One message, in place. Its frame begins at `at` in the batch that [`Sink::end_batch`] is given,
    /// so that frames which stand side by side can be taken together. `Break` stops the reader behind
    /// this message; the next call to [`Reader::pump`] goes on there.
    fn message(&mut self, frame: Frame<'_>, at: usize) -> ControlFlow<()>;

    /// These were the bytes at hand; no more messages of them will come.
    fn end_batch(&mut self, _batch: &[u8]) {}

    /// One read with the messages found in it, if the reader was made to tell.
    fn seams(&mut self, seams: &ReadSeams);
}

/// How far a call to [`Reader::pump`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pumped {
    /// There may be more: call again.
    More,
    /// Nothing more until the stream is readable.
    Blocked,
    /// The sink broke off; there may be whole messages in hand.
    Paused,
    /// The stream has ended, behind a whole message.
    End,
}

/// Why a stream cannot be read further.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The connection died.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The peer broke the framing.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Finds the messages in what a stream delivers.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    /// What was read and not yet handed out: `unread[start..]`.
    unread: Vec<u8>,
    start: usize,
    /// Whether a sink broke off, so that `unread` may hold whole messages.
    paused: bool,
    tells_seams: bool,
    bytes: u64,
}

#[derive(Debug)]
enum Source {
    Framed(Decoder),
    Packets { max_message: usize },
}

impl Reader {
    /// A reader at the start of a stream. With `tells_seams` its sink is told of each read.
    pub fn new(wire: &Wire, tells_seams: bool) -> Reader {
        let source = match wire {
            Wire::Framed(codec) => Source::Framed(codec.decoder()),
            Wire::Packets { max_message } => Source::Packets { max_message: *max_message },
        };
        Reader { source, unread: Vec::new(), start: 0, paused: false, tells_seams, bytes: 0 }
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether an unfinished message is in hand.
    pub fn is_inside_message(&self) -> bool {
        self.start < self.unread.len()
    }

    /// Reads at most once and hands every whole message to `sink`. `input` is memory for the read,
    /// used during the call only.
    ///
    /// # Errors
    /// The stream cannot be read further. What came before was handed out.
    pub fn pump(
        &mut self,
        stream: &Stream,
        input: &mut Vec<u8>,
        sink: &mut impl Sink,
    ) -> Result<Pumped, ReadError> {
        if let Source::Packets { max_message } = self.source {
            return self.pump_packet(stream, max_message, input, sink);
        }
        if self.paused && self.hand_out_unread(0, sink)?.is_break() {
            return Ok(Pumped::Paused);
        }
        let waiting = self.unread.len() - self.start;
        let read =
            if waiting <= SMALL { self.read_shared(stream, input) } else { self.read_own(stream) };
        let read = match read {
            Ok(Read::Bytes(read)) => read,
            Ok(Read::Cut | Read::End) => return self.finish(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Pumped::Blocked),
            Err(error) => return Err(error.into()),
        };
        self.bytes += read as u64;
        let flow = if waiting <= SMALL {
            self.hand_out_shared(&input[..waiting + read], read, sink)?
        } else {
            self.hand_out_unread(read, sink)?
        };
        Ok(if flow.is_break() { Pumped::Paused } else { Pumped::More })
    }

    /// Reads into the shared buffer, behind the little that waits.
    fn read_shared(&mut self, stream: &Stream, input: &mut Vec<u8>) -> io::Result<Read> {
        let waiting = &self.unread[self.start..];
        if input.len() < SMALL + READ_SIZE {
            input.resize(SMALL + READ_SIZE, 0);
        }
        input[..waiting.len()].copy_from_slice(waiting);
        stream.try_read(&mut input[waiting.len()..][..READ_SIZE])
    }

    /// Reads on in the session's own memory. It grows with what has come, never with what a header
    /// announces.
    fn read_own(&mut self, stream: &Stream) -> io::Result<Read> {
        self.unread.drain(..self.start);
        self.start = 0;
        let Source::Framed(decoder) = &self.source else { unreachable!("packets are not kept") };
        let missing =
            decoder.needed().map_or(READ_SIZE, |needed| needed.saturating_sub(self.unread.len()));
        self.unread.reserve(missing.clamp(1, READ_SIZE));
        stream.try_read_behind(&mut self.unread)
    }

    fn hand_out_shared(
        &mut self,
        bytes: &[u8],
        read: usize,
        sink: &mut impl Sink,
    ) -> Result<ControlFlow<()>, FrameError> {
        let (used, flow) = self.hand_out(bytes, read, sink)?;
        self.start = 0;
        if used == bytes.len() {
            // An idle session holds no memory for messages that are long gone.
            self.unread = Vec::new();
        } else {
            self.unread.clear();
            self.unread.extend_from_slice(&bytes[used..]);
        }
        Ok(flow)
    }

    fn hand_out_unread(
        &mut self,
        read: usize,
        sink: &mut impl Sink,
    ) -> Result<ControlFlow<()>, FrameError> {
        let unread = std::mem::take(&mut self.unread);
        let (used, flow) = self.hand_out(&unread[self.start..], read, sink)?;
        self.start += used;
        if self.start == unread.len() {
            self.start = 0;
        } else {
            self.unread = unread;
        }
        Ok(flow)
    }

    /// Hands out the messages at the front of `bytes`, and says how many bytes they took.
    fn hand_out(
        &mut self,
        bytes: &[u8],
        read: usize,
        sink: &mut impl Sink,
    ) -> Result<(usize, ControlFlow<()>), FrameError> {
        let Source::Framed(decoder) = &mut self.source else { unreachable!("packets are whole") };
        let mut seams = self.tells_seams.then(|| ReadSeams {
            read,
            waiting_before: bytes.len() - read,
            ..ReadSeams::default()
        });
        let mut used = 0;
        let mut flow = ControlFlow::Continue(());
        let outcome = loop {
            match decoder.decode(&bytes[used..]) {
                Ok(Some(frame)) => {
                    let at = used;
                    used += frame.wire.len();
                    if let Some(seams) = &mut seams {
                        seams.add(frame.wire.len());
                    }
                    flow = sink.message(frame, at);
                    if flow.is_break() {
                        break Ok(());
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        sink.end_batch(bytes);
        self.paused = flow.is_break();
        if let Some(seams) = &mut seams {
            seams.waiting_after = bytes.len() - used;
            seams.needed = decoder.needed();
            sink.seams(seams);
        }
        outcome.map(|()| (used, flow))
    }

    fn finish(&self) -> Result<Pumped, ReadError> {
        match &self.source {
            Source::Framed(decoder) => decoder.finish(&self.unread[self.start..])?,
            Source::Packets { .. } => {}
        }
        Ok(Pumped::End)
    }

    fn pump_packet(
        &mut self,
        stream: &Stream,
        max_message: usize,
        input: &mut Vec<u8>,
        sink: &mut impl Sink,
    ) -> Result<Pumped, ReadError> {
        if input.len() < max_message {
            input.resize(max_message, 0);
        }
        let read = match stream.try_read(&mut input[..max_message]) {
            Ok(Read::Bytes(read)) => read,
            Ok(Read::End) => return Ok(Pumped::End),
            Ok(Read::Cut) => {
                let kind = FrameErrorKind::TooLarge { len: None, max: max_message };
                return Err(FrameError { offset: self.bytes, kind }.into());
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Pumped::Blocked),
            Err(error) => return Err(error.into()),
        };
        self.bytes += read as u64;
        if self.tells_seams {
            sink.seams(&ReadSeams::of_packet(read));
        }
        let packet = &input[..read];
        let flow = sink.message(Frame { payload: packet, wire: packet }, 0);
        sink.end_batch(packet);
        Ok(if flow.is_break() { Pumped::Paused } else { Pumped::More })
    }
}
