//! What a terminal sends for a key, as keys (ECMA-48; ctlseqs of xterm; console_codes(4)).
//!
//! crossterm reads keys too, but forgets one that comes together with a change of size until the next is
//! pressed, and reads a terminal that was hung up for ever.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A longer control sequence is none of a key.
const LONGEST: usize = 32;

const ESC: u8 = 0x1b;

/// Bytes that are not a whole key yet.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pending: Vec<u8>,
}

impl Keys {
    /// Takes what was read.
    pub(super) fn on_bytes(&mut self, bytes: &[u8], mut take: impl FnMut(KeyEvent)) {
        self.pending.extend_from_slice(bytes);
        let mut from = 0;
        while let Some((len, key)) = first(&self.pending[from..]) {
            from += len;
            key.map(&mut take);
        }
        self.pending.drain(..from);
    }

    /// Whether there is the beginning of a key. Esc alone is one, and a key.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Nothing more came: what there is are single keys.
    pub(super) fn give_up(&mut self, mut take: impl FnMut(KeyEvent)) {
        let pending = std::mem::take(&mut self.pending);
        for byte in pending {
            let key = if byte == ESC { Some(KeyCode::Esc.into()) } else { single(byte) };
            key.map(&mut take);
        }
    }
}

/// The first key and how many bytes it takes; a sequence of which there is no key here takes its bytes
/// only. `None` where more has to come.
fn first(bytes: &[u8]) -> Option<(usize, Option<KeyEvent>)> {
    match bytes {
        [] | [ESC] | [ESC, b'O'] => None,
        [ESC, b'[', b'[', rest @ ..] => {
            // The Linux console's F1 to F5 have a second bracket.
            let last = rest.first()?;
            Some((4, (*last == b'A').then(|| KeyCode::F(1).into())))
        }
        [ESC, b'[', rest @ ..] => sequence(rest).map(|(len, key)| (2 + len, key)),
        [ESC, b'O', last, ..] => Some((3, named(*last))),
        // Esc, and another key so soon that both were read at once.
        [ESC, ..] => Some((1, Some(KeyCode::Esc.into()))),
        [byte, ..] if byte.is_ascii() => Some((1, single(*byte))),
        _ => character(bytes),
    }
}

/// A control sequence behind its introducer.
fn sequence(bytes: &[u8]) -> Option<(usize, Option<KeyEvent>)> {
    let end = bytes.iter().position(|byte| !(0x20..0x40).contains(byte));
    let end = end.or_else(|| (bytes.len() > LONGEST).then_some(LONGEST))?;
    let last = bytes[end];
    if !(0x40..0x7f).contains(&last) {
        // It was broken off; the byte that did so stands for itself.
        return Some((end, None));
    }
    let first = bytes[..end].split(|byte| *byte == b';').next().unwrap_or_default();
    let key = match (last, first) {
        (b'~', b"1" | b"7") => Some(KeyCode::Home.into()),
        (b'~', b"4" | b"8") => Some(KeyCode::End.into()),
        (b'~', b"3") => Some(KeyCode::Delete.into()),
        (b'~', b"5") => Some(KeyCode::PageUp.into()),
        (b'~', b"6") => Some(KeyCode::PageDown.into()),
        (b'~', b"11") => Some(KeyCode::F(1).into()),
        (b'~', _) => None,
        (last, _) => named(last),
    };
    Some((end + 1, key))
}

/// A key that is named by the last byte of its sequence.
fn named(last: u8) -> Option<KeyEvent> {
    let code = match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P' => KeyCode::F(1),
        // Of the keypad.
        b'M' => KeyCode::Enter,
        _ => return None,
    };
    Some(code.into())
}

/// A key that is one byte.
fn single(byte: u8) -> Option<KeyEvent> {
    let control = |c| Some(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    match byte {
        b'\r' | b'\n' => Some(KeyCode::Enter.into()),
        b'\t' => Some(KeyCode::Tab.into()),
        0x08 | 0x7f => Some(KeyCode::Backspace.into()),
        0x01..=0x1a => control((byte - 1 + b'a').into()),
        0x1c => control('\\'),
        b' '..0x7f => Some(KeyCode::Char(byte.into()).into()),
        _ => None,
    }
}

/// A character of more than one byte.
fn character(bytes: &[u8]) -> Option<(usize, Option<KeyEvent>)> {
    let chunk = bytes.utf8_chunks().next()?;
    if let Some(c) = chunk.valid().chars().next() {
        return Some((c.len_utf8(), Some(KeyCode::Char(c).into())));
    }
    // What may still become a character is at the end, and shorter than the longest.
    let unfinished = chunk.invalid().len() == bytes.len()
        && std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none());
    (!unfinished).then_some((chunk.invalid().len(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of what was read in these pieces; behind the last, nothing more comes.
    fn keys(pieces: &[&[u8]]) -> Vec<KeyCode> {
        let (mut keys, mut found) = (Keys::default(), Vec::new());
        for piece in pieces {
            keys.on_bytes(piece, |key| found.push(key.code));
            assert!(keys.pending.len() <= LONGEST + 2, "it gathers no more than a sequence");
        }
        keys.give_up(|key| found.push(key.code));
        assert!(!keys.is_waiting());
        found
    }

    #[test]
    fn keys_are_read_in_the_forms_that_terminals_have_for_them() {
        use KeyCode::{Backspace, Char, Delete, Down, End, Enter, F, Home, PageDown, PageUp, Up};
        assert_eq!(keys(&[b"\x1b[A\x1bOB\x1b[1;5A"]), [Up, Down, Up]);
        assert_eq!(
            keys(&[b"\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~"]),
            [Home, End, Home, End, Home, End]
        );
        assert_eq!(keys(&[b"\x1b[5~\x1b[6~\x1b[3~"]), [PageUp, PageDown, Delete]);
        assert_eq!(keys(&[b"\x1bOP\x1b[11~\x1b[[A"]), [F(1), F(1), F(1)]);
        assert_eq!(keys(&[b"q\r\x7f\x08\x1bOM"]), [Char('q'), Enter, Backspace, Backspace, Enter]);
        assert_eq!(keys(&["é中".as_bytes()]), [Char('é'), Char('中')]);
    }

    #[test]
    fn ctrl_makes_a_letter_another_key() {
        let (mut keys, mut found) = (Keys::default(), Vec::new());
        keys.on_bytes(b"\x03\x1a\x1c", |key| found.push(key));
        let control = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        assert_eq!(found, [control('c'), control('z'), control('\\')]);
    }

    #[test]
    fn where_it_is_cut_makes_no_difference() {
        let typed = "a\x1b[1;5A\x1bOB\x1b[6~é中\x1b[[A\r".as_bytes();
        let whole = keys(&[typed]);
        for cut in 0..=typed.len() {
            let (one, two) = typed.split_at(cut);
            assert_eq!(keys(&[one, two]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn esc_alone_is_a_key_and_so_is_what_follows_it_at_once() {
        use KeyCode::{Char, Down, Esc};
        assert_eq!(keys(&[b"\x1b"]), [Esc]);
        assert_eq!(keys(&[b"\x1b!"]), [Esc, Char('!')]);
        assert_eq!(keys(&[b"\x1b\x1b[B"]), [Esc, Down]);
        assert_eq!(keys(&[b"\x1bO"]), [Esc, Char('O')]);
    }

    #[test]
    fn what_is_no_key_here_is_passed_over() {
        use KeyCode::Char;
        // A mouse, a paste, the focus, the answer to a question, a broken sequence, bytes that are no text.
        let nothing = b"\x1b[<0;10;20Mx\x1b[200~y\x1b[Iz\x1b[?62;c\x1b[1;\x01\xff\xc3(\0";
        let found = keys(&[nothing]);
        assert_eq!(found, [KeyCode::Enter, Char('x'), Char('y'), Char('z'), Char('a'), Char('(')]);
        assert_eq!(
            keys(&[&[b"\x1b[".as_slice(), &[b'1'; 999]].concat(), b"q"]).last(),
            Some(&Char('q'))
        );
    }
}
