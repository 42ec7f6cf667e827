//! Messages on their way to a server, many in one piece of memory.

/// A sequence of messages in one piece of memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Messages {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    taken: usize,
}

impl Messages {
    /// Adds a message at the end.
    pub fn push(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
        self.ends.push(self.bytes.len());
    }

    /// The next message; [`Messages::advance`] goes on to the one behind it.
    pub fn peek(&self) -> Option<&[u8]> {
        let end = *self.ends.get(self.taken)?;
        let start = self.taken.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.bytes[start..end])
    }

    /// Goes on to the next message.
    pub fn advance(&mut self) {
        self.taken += 1;
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.taken >= self.ends.len()
    }

    /// How many bytes of messages are left.
    pub fn bytes_left(&self) -> usize {
        let taken = self.taken.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.len() - taken
    }
}

impl From<&[u8]> for Messages {
    /// One message.
    fn from(message: &[u8]) -> Messages {
        let mut messages = Messages::default();
        messages.push(message);
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_as_they_went_in() {
        let mut messages = Messages::default();
        for message in [&b"one"[..], b"", b"three"] {
            messages.push(message);
        }
        assert_eq!(messages.bytes_left(), 8);
        assert_eq!(messages.peek(), Some(&b"one"[..]));
        messages.advance();
        assert_eq!(messages.peek(), Some(&b""[..]));
        messages.advance();
        assert_eq!((messages.peek(), messages.bytes_left()), (Some(&b"three"[..]), 5));
        messages.advance();
        assert!(messages.is_empty() && messages.peek().is_none());
    }
}
