//! What one read returned, and the messages found in it.

use std::fmt::Write as _;

/// One read, and what the decoder made of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadSeams {
    /// How many bytes the read returned.
    pub read: usize,
    /// How many bytes of an unfinished message were waiting before it.
    pub waiting_before: usize,
    /// The first messages that it completed, each with the bytes it has on the wire; at most
    /// [`ReadSeams::DRAWN`].
    pub first: Vec<usize>,
    /// How many messages it completed in all.
    pub messages: usize,
    /// How many bytes of an unfinished message are waiting after it.
    pub waiting_after: usize,
    /// How many bytes the unfinished message has in all, where its header has told.
    pub needed: Option<usize>,
}

impl ReadSeams {
    /// How many messages of one read are drawn; the rest are counted.
    pub const DRAWN: usize = 4;

    /// A read from a socket that keeps boundaries: one message of so many bytes.
    pub fn of_packet(bytes: usize) -> ReadSeams {
        let mut seams = ReadSeams { read: bytes, ..ReadSeams::default() };
        seams.add(bytes);
        seams
    }

    /// Adds a message that has `wire` bytes with its framing.
    pub fn add(&mut self, wire: usize) {
        self.messages += 1;
        if self.first.len() < Self::DRAWN {
            self.first.push(wire);
        }
    }

    /// The drawing, in one line: `├─ 12 ─┤` is a message of 12 bytes, `…` is one that goes on in
    /// another read.
    ///
    /// ```
    /// use framecat_core::diagram::ReadSeams;
    /// let mut seams = ReadSeams { read: 29, waiting_after: 8, needed: Some(14), ..Default::default() };
    /// seams.add(12);
    /// seams.add(9);
    /// assert_eq!(seams.draw(), "├─ 12 ─┤├─ 9 ─┤├─ 8 …   2 messages, 8 of 14 B of the next");
    /// ```
    pub fn draw(&self) -> String {
        let mut line = String::new();
        let mut continued = self.waiting_before;
        for &wire in &self.first {
            // Only the first can have begun in an earlier read.
            let _ = match continued {
                0 => write!(line, "├─ {wire} ─┤"),
                before => write!(line, "… {} ─┤", wire - before),
            };
            continued = 0;
        }
        if self.messages > self.first.len() {
            let _ = write!(line, " +{} more ", self.messages - self.first.len());
        }
        if self.waiting_after > 0 {
            let _ = match continued {
                0 => write!(line, "├─ {} …", self.waiting_after),
                before => write!(line, "… {} …", self.waiting_after - before),
            };
        }
        let _ = write!(line, "   {}", count(self.messages, "message"));
        if self.waiting_after > 0 {
            let _ = match self.needed {
                Some(needed) => write!(line, ", {} of {needed} B of the next", self.waiting_after),
                None => write!(line, ", {} B of the next", self.waiting_after),
            };
        }
        line
    }
}

/// A number with its noun: `1 message`, `2 messages`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_over_three_reads() {
        let first = ReadSeams { read: 3, waiting_after: 3, ..Default::default() };
        assert_eq!(first.draw(), "├─ 3 …   0 messages, 3 B of the next");
        let second = ReadSeams {
            read: 2,
            waiting_before: 3,
            waiting_after: 5,
            needed: Some(14),
            ..Default::default()
        };
        assert_eq!(second.draw(), "… 2 …   0 messages, 5 of 14 B of the next");
        let mut third = ReadSeams { read: 9, waiting_before: 5, ..Default::default() };
        third.add(14);
        assert_eq!(third.draw(), "… 9 ─┤   1 message");
    }

    #[test]
    fn a_thousand_messages_stay_one_line() {
        let mut seams = ReadSeams { read: 5000, ..Default::default() };
        for _ in 0..1000 {
            seams.add(5);
        }
        assert_eq!(seams.draw(), "├─ 5 ─┤├─ 5 ─┤├─ 5 ─┤├─ 5 ─┤ +996 more    1000 messages");
    }
}
