//! Several replies together: how many bytes they have, whether they repeat themselves, in which order they
//! came.

use super::Oracle;
use crate::framing::{Codec, Decoder};

/// The most that is expected of replies that repeat themselves, which are put together from those that
/// were learned: far more than fills a target's buffers.
const MOST_EXPECTED: usize = 64 << 20;

/// How many joined replies are tried in every order where no framing tells them apart.
const PERMUTED: usize = 4;

impl Oracle {
    /// How many bytes come back for so many messages, where the replies repeat themselves.
    pub fn reply_bytes(&self, messages: usize) -> Option<usize> {
        let lengths: Vec<usize> = self.turns.get(..self.in_pairs)?.iter().map(Vec::len).collect();
        self.repeats().then(|| summed(&lengths, messages))
    }

    /// How many of the replies that were learned are said again and again in those to `count` messages;
    /// `None` where it is not known what comes behind those that were learned.
    pub(super) fn period(&self, count: usize) -> Option<usize> {
        if count <= self.turns.len() {
            return Some(count);
        }
        self.reply_bytes(count).filter(|bytes| *bytes <= MOST_EXPECTED).map(|_| self.in_pairs)
    }

    pub(super) fn replies(&self, period: usize, count: usize) -> impl Iterator<Item = &[u8]> {
        self.turns[..period].iter().cycle().take(count).map(Vec::as_slice)
    }

    /// Whether the replies to the messages, said again, are the same again.
    pub(super) fn repeats(&self) -> bool {
        let pair = self.in_pairs;
        self.turns.len() >= 2 * pair
            && (pair..self.turns.len()).all(|i| self.turns[i] == self.turns[i - pair])
    }

    /// Whether these are the right replies, in another order.
    pub(super) fn is_reordered(&self, count: usize, got: &[u8], expected: &[u8]) -> bool {
        if count < 2 || got.len() != expected.len() {
            return false;
        }
        if let Some(codec) = &self.replies {
            let sorted = |bytes: &[u8]| {
                let mut messages = messages(codec, bytes)?;
                messages.sort();
                Some(messages)
            };
            return sorted(got).is_some_and(|got| Some(got) == sorted(expected));
        }
        count <= PERMUTED.min(self.turns.len()) && permuted(&self.turns[..count], got)
    }
}

/// What `count` of `sizes` come to, taken again and again.
pub(super) fn summed(sizes: &[usize], count: usize) -> usize {
    let (Some(rounds), Some(rest)) =
        (count.checked_div(sizes.len()), count.checked_rem(sizes.len()))
    else {
        return 0;
    };
    let sum = |sizes: &[usize]| sizes.iter().fold(0, |sum: usize, size| sum.saturating_add(*size));
    sum(sizes).saturating_mul(rounds).saturating_add(sum(&sizes[..rest]))
}

/// The messages in `bytes`, if they are whole.
pub(super) fn messages(codec: &Codec, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut decoder: Decoder = codec.decoder();
    let mut rest = bytes;
    let mut messages = Vec::new();
    while let Some(frame) = decoder.decode(rest).ok()? {
        messages.push(frame.payload.to_vec());
        rest = &rest[frame.wire.len()..];
    }
    rest.is_empty().then_some(messages)
}

/// Whether `bytes` end inside a message.
pub(super) fn is_cut(codec: &Codec, bytes: &[u8]) -> bool {
    let mut decoder: Decoder = codec.decoder();
    let mut rest = bytes;
    loop {
        match decoder.decode(rest) {
            Ok(Some(frame)) => rest = &rest[frame.wire.len()..],
            Ok(None) => return !rest.is_empty(),
            // What breaks the framing has no messages that could be whole.
            Err(_) => return false,
        }
    }
}

/// Whether `got` is `parts` in some order.
pub(super) fn permuted(parts: &[Vec<u8>], got: &[u8]) -> bool {
    if parts.is_empty() {
        return got.is_empty();
    }
    (0..parts.len()).any(|first| {
        let Some(rest) = got.strip_prefix(&parts[first][..]) else { return false };
        let mut others = parts.to_vec();
        others.remove(first);
        permuted(&others, rest)
    })
}
