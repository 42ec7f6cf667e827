//! Bytes in a line of a given width: what is long is shortened, and says by how much.
//!
//! Columns are those of a terminal. Every byte goes through [`Escaped`], so that a line is one line and
//! obeys nobody; a long run of one byte is counted: `‹63 spaces›`.

use unicode_width::UnicodeWidthChar as _;

use super::Marked;
use crate::escape::Escaped;

/// From this many equal bytes on they are counted: `‹63 spaces›` is no longer than what it stands for.
const RUN: usize = 16;

/// How many bytes from the end are looked at to draw an end: more than any line has columns.
const LOOKED_AT: usize = 4096;

/// How many columns of a terminal a text without controls takes.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// What is drawn at once: a character, the escape of a byte, or a run.
struct Atom {
    text: String,
    bytes: usize,
    columns: usize,
}

/// The atoms of some bytes, from the first on.
struct Atoms<'a>(&'a [u8]);

impl Iterator for Atoms<'_> {
    type Item = Atom;

    fn next(&mut self) -> Option<Atom> {
        let first = *self.0.first()?;
        let run = self.0.iter().take_while(|byte| **byte == first).count();
        let (bytes, text) = if run >= RUN {
            (run, run_text(run, first))
        } else {
            let bytes = first_character(self.0);
            (bytes, Escaped(&self.0[..bytes]).to_string())
        };
        self.0 = &self.0[bytes..];
        let columns = columns(&text);
        Some(Atom { text, bytes, columns })
    }
}

fn run_text(run: usize, byte: u8) -> String {
    match byte {
        b' ' => format!("‹{run} spaces›"),
        byte => format!("‹{run} × {}›", Escaped(&[byte])),
    }
}

/// How many bytes the first character has; 1 for what is no UTF-8.
fn first_character(bytes: &[u8]) -> usize {
    let beginning = &bytes[..bytes.len().min(4)];
    let chunk = beginning.utf8_chunks().next().expect("there is a byte");
    chunk.valid().chars().next().map_or(1, char::len_utf8)
}

/// As much of the beginning as fits into `width` columns, and how many bytes that is.
fn beginning(bytes: &[u8], width: usize) -> (String, usize) {
    let (mut text, mut shown, mut used) = (String::new(), 0, 0);
    for atom in Atoms(bytes) {
        used += atom.columns;
        if used > width {
            break;
        }
        text.push_str(&atom.text);
        shown += atom.bytes;
    }
    (text, shown)
}

/// As much of the end as fits into `width` columns, and how many bytes that is.
fn ending(bytes: &[u8], width: usize) -> (String, usize) {
    let mut from = bytes.len().saturating_sub(LOOKED_AT);
    if from > 0 {
        // Neither from the middle of a character nor from that of a run.
        from += bytes[from..].iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
        while from > 0 && bytes[from - 1] == bytes[from] {
            from -= 1;
        }
    }
    let looked_at = &bytes[from..];
    let atoms: Vec<Atom> = Atoms(looked_at).collect();
    let (mut first, mut shown, mut used) = (atoms.len(), 0, 0);
    while first > 0 && used + atoms[first - 1].columns <= width {
        first -= 1;
        used += atoms[first].columns;
        shown += atoms[first].bytes;
    }
    (atoms[first..].iter().map(|atom| atom.text.as_str()).collect(), shown)
}

/// The beginning of some bytes in at most `width` columns; `…` stands for the rest.
///
/// ```
/// use framecat_core::diagram::head;
/// assert_eq!(head(b"+PONG\r\n", 20), r"+PONG\r\n");
/// assert_eq!(head(b"+PONG\r\n", 6), "+PONG…");
/// ```
pub fn head(bytes: &[u8], width: usize) -> String {
    let (text, shown) = beginning(bytes, width);
    if shown == bytes.len() {
        return text;
    }
    beginning(bytes, width.saturating_sub(1)).0 + "…"
}

/// The end of some bytes in at most `width` columns; `…` stands for what comes before.
pub fn tail(bytes: &[u8], width: usize) -> String {
    let (text, shown) = beginning(bytes, width);
    if shown == bytes.len() {
        return text;
    }
    format!("…{}", ending(bytes, width.saturating_sub(1)).0)
}

/// The beginning and the end of some bytes in at most `width` columns, and how many are between.
///
/// ```
/// use framecat_core::diagram::ends;
/// assert_eq!(ends(b"0123456789abcdefghijklmnopqrstuvwxyz", 24), "01234567… 20 B …stuvwxyz");
/// assert_eq!(ends(&[b' '; 63], 24), "‹63 spaces›");
/// ```
pub fn ends(bytes: &[u8], width: usize) -> String {
    let (text, shown) = beginning(bytes, width);
    if shown == bytes.len() {
        return text;
    }
    // As wide as the number can become.
    let between = format!("… {} B …", bytes.len()).chars().count();
    let room = width.saturating_sub(between);
    let (first, from) = beginning(bytes, room.div_ceil(2));
    let (last, to) = ending(&bytes[from..], room / 2);
    format!("{first}… {} B …{last}", bytes.len() - from - to)
}

/// Some bytes, with those before and behind them, in at most `width` columns: at least half of them
/// are for the bytes and what follows.
pub fn marked(before: &[u8], bytes: &[u8], after: &[u8], width: usize) -> Marked {
    let behind = columns(&head(bytes, width)) + columns(&head(after, width));
    let before = tail(before, (width / 2).max(width.saturating_sub(behind)));
    let room = width.saturating_sub(columns(&before));
    let marked = ends(bytes, room);
    let after = head(after, room.saturating_sub(columns(&marked)));
    Marked { before, marked, after }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wider_than_asked_and_what_fits_is_whole() {
        let texts: [&[u8]; 5] = [
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "日本語のテキストはふたつのカラムをとる".as_bytes(),
            &[0xff; 40],
            &[b'a'; 5000],
            b"a\x1b[31mb\xe2\x80\xaec\xc3",
        ];
        for text in texts {
            let whole = head(text, usize::MAX);
            assert!(!whole.contains('…'));
            for width in 16..80 {
                for drawn in [head(text, width), tail(text, width), ends(text, width)] {
                    assert!(columns(&drawn) <= width, "{width}: {drawn}");
                    assert!(columns(&whole) > width || drawn == whole, "{width}: {drawn}");
                    assert!(!drawn.contains(['\x1b', '\u{202e}', '\n']), "{drawn:?}");
                }
            }
        }
    }

    #[test]
    fn a_long_run_of_any_byte_is_counted_once() {
        for (byte, name) in [(0xff, r"\xff"), (0xc3, r"\xc3"), (0, r"\0"), (b'a', "a")] {
            let bytes = [&b"<"[..], &vec![byte; 1 << 20], b">"].concat();
            let drawn = format!("<‹1048576 × {name}›>");
            assert_eq!([head(&bytes, 40), tail(&bytes, 40), ends(&bytes, 40)], [&*drawn; 3]);
        }
    }

    #[test]
    fn characters_are_not_cut_where_the_end_of_a_long_text_begins() {
        let long = "é".repeat(3001);
        let end = tail(&[long.as_bytes(), b"x"].concat(), 11);
        assert_eq!(end, "…éééééééééx");
    }

    #[test]
    fn a_difference_keeps_its_place_in_a_long_reply() {
        let drawn = marked(&[b'-'; 10], b"17:00:01", b" GMT", 80);
        assert_eq!(drawn.before, "----------");
        assert_eq!(drawn.marked, "17:00:01");
        let reply = b"HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 ".repeat(20);
        let drawn = marked(&reply, b"17:00:01", b" GMT\r\nServer: x\r\n\r\n", 40);
        let Marked { before, marked, after } = &drawn;
        assert_eq!(
            format!("{before}|{marked}|{after}"),
            r"…: Mon, 05 Jan 2026 |17:00:01| GMT\r\nSer…"
        );
    }
}
