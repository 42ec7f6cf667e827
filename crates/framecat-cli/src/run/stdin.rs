//! Standard input, cut into messages.

use std::io::{self, Read as _};
use std::ops::ControlFlow;

use framecat::client::Messages;
use framecat::core::framing::{Codec, CodecError, FrameError, Framing};

/// How much one read of standard input may return.
const READ_SIZE: usize = 64 * 1024;

/// Why standard input could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error("standard input: {0}")]
    Frame(#[from] FrameError),
    #[error("standard input: {}", framecat::reason(.0))]
    Io(#[from] io::Error),
}

/// Standard input, to be cut into messages.
pub(super) struct Input {
    codec: Codec,
    /// Whether empty messages are passed on; a stream without framing cannot carry them.
    empty: bool,
}

impl Input {
    pub(super) fn new(framing: Framing, max: usize, empty: bool) -> Result<Input, CodecError> {
        Ok(Input { codec: Codec::new(framing, max)?, empty })
    }

    /// Reads to the end, on this thread, and hands over the messages of each read together. `Break`
    /// says that nobody wants more.
    pub(super) fn read(
        self,
        mut take: impl FnMut(Messages) -> ControlFlow<()>,
    ) -> Result<(), InputError> {
        let mut decoder = self.codec.decoder();
        let mut buffer = Vec::new();
        loop {
            let kept = buffer.len();
            buffer.resize(kept + READ_SIZE, 0);
            let read = read_once(&mut buffer[kept..])?;
            buffer.truncate(kept + read);
            let mut batch = Messages::default();
            let mut used = 0;
            let mut outcome = loop {
                match decoder.decode(&buffer[used..]) {
                    Ok(Some(frame)) => {
                        used += frame.wire.len();
                        self.add(&mut batch, frame.payload);
                    }
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error.into()),
                }
            };
            buffer.drain(..used);
            if read == 0 && outcome.is_ok() {
                outcome = self.add_last(&mut batch, &buffer, decoder.finish(&buffer));
            }
            // What came before an error is as good as it was.
            let flow = if batch.is_empty() { ControlFlow::Continue(()) } else { take(batch) };
            if read == 0 || outcome.is_err() || flow.is_break() {
                return outcome;
            }
        }
    }

    fn add(&self, batch: &mut Messages, message: &[u8]) {
        if self.empty || !message.is_empty() {
            batch.push(message);
        }
    }

    /// The last line of a text may lack its line end; elsewhere a rest is an error.
    fn add_last(
        &self,
        batch: &mut Messages,
        rest: &[u8],
        end: Result<(), FrameError>,
    ) -> Result<(), InputError> {
        match end {
            Err(_) if self.codec.framing().is_terminated() => self.add(batch, rest),
            end => end?,
        }
        Ok(())
    }
}

fn read_once(buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match io::stdin().lock().read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
