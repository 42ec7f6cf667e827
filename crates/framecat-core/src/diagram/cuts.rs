//! What a check wrote, piece by piece, and where what came back differs from what should have.

use super::bytes::{columns, ends, head, tail};
use crate::check::{Piece, Then};

/// This many pieces that fared alike stand side by side in one row.
const SIDE_BY_SIDE: usize = 3;

/// One or more writes, and what became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The bytes in a box: `│5│`, or several: `│h│e│l│l│o│`.
    pub drawn: String,
    /// How many columns of a terminal that takes.
    pub columns: usize,
    /// What became of it: `read by the target, then`; empty where nothing is to be said.
    pub then: String,
}

/// The rows of a drawing of what was written, each box at most `width` columns wide.
///
/// ```
/// use framecat_core::check::{Piece, Then};
/// use framecat_core::diagram::rows;
/// let wrote = [
///     Piece { bytes: b"5".to_vec(), then: Then::Read },
///     Piece { bytes: format!("{:63}hello", "").into(), then: Then::Nothing },
/// ];
/// let rows = rows(&wrote, 40);
/// assert_eq!(rows[0].drawn, "│5│");
/// assert_eq!(rows[0].then, "read by the target, then");
/// assert_eq!(rows[1].drawn, "│‹63 spaces›hello│");
/// assert_eq!(rows[1].then, "");
/// ```
pub fn rows(wrote: &[Piece], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rest = wrote;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|piece| piece.then == first.then).count();
        let taken = if alike >= SIDE_BY_SIDE { alike } else { 1 };
        let (pieces, behind) = rest.split_at(taken);
        let then = then_text(first.then, behind.is_empty());
        let each = taken > 1 && !then.is_empty();
        let drawn = side_by_side(pieces, width);
        rows.push(Row {
            columns: columns(&drawn),
            drawn,
            then: format!("{}{then}", if each { "each " } else { "" }),
        });
        rest = behind;
    }
    rows
}

/// The boxes of pieces, those in the middle left out where they do not fit.
fn side_by_side(pieces: &[Piece], width: usize) -> String {
    if let [piece] = pieces {
        return match piece.bytes.is_empty() {
            true => "nothing".into(),
            false => format!("│{}│", ends(&piece.bytes, width.saturating_sub(2))),
        };
    }
    // A third of the line at most, so that neighbours can be seen.
    let cell = |piece: &Piece| format!("{}│", ends(&piece.bytes, (width / 3).max(16)));
    let fill = |pieces: &mut dyn Iterator<Item = &Piece>, room: usize| {
        let (mut cells, mut used) = (Vec::new(), 0);
        for piece in pieces {
            let cell = cell(piece);
            used += columns(&cell);
            if used > room {
                break;
            }
            cells.push(cell);
        }
        cells
    };
    let all = fill(&mut pieces.iter(), width.saturating_sub(1));
    if all.len() == pieces.len() {
        return format!("│{}", all.concat());
    }
    let between = format!("… {} more …│", pieces.len());
    let room = width.saturating_sub(1 + columns(&between));
    let first = fill(&mut pieces.iter(), room.div_ceil(2));
    let mut last = fill(&mut pieces[first.len()..].iter().rev(), room / 2);
    last.reverse();
    let left_out = pieces.len() - first.len() - last.len();
    format!("│{}… {left_out} more …│{}", first.concat(), last.concat())
}

/// What became of a piece, before the next or as the end.
fn then_text(then: Then, last: bool) -> &'static str {
    match (then, last) {
        (Then::Read, false) => "read by the target, then",
        (Then::Read, true) => "read by the target",
        (Then::Timed, false) => "a time was waited, then",
        (Then::Timed, true) => "a time was waited",
        (Then::NotRead, false) => "not read in time, then",
        (Then::NotRead, true) => "not read in time",
        (Then::Gone, _) => "the target had closed",
        (Then::Answered, _) => "answered, then",
        (Then::Nothing, false) => "and at once",
        (Then::Nothing, true) => "",
        (Then::Finished, _) => "end of the stream (FIN)",
        (Then::Reset, _) => "reset (RST)",
    }
}

/// Two replies up to where they differ, and from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// What both begin with, as far as it is drawn.
    pub common: String,
    /// How many columns that takes.
    pub columns: usize,
    /// How many bytes both begin with: where the first difference is.
    pub at: usize,
    /// What should have followed.
    pub expected: String,
    /// What followed.
    pub got: String,
}

/// Draws two replies that fit into `width` columns each, so that the first difference stands at the
/// same column of both.
///
/// ```
/// use framecat_core::diagram::beside;
/// let drawn = beside(b"Msg received", b"Msg rejected", 40);
/// assert_eq!((drawn.common.as_str(), drawn.at), ("Msg re", 6));
/// assert_eq!((drawn.expected.as_str(), drawn.got.as_str()), ("ceived", "jected"));
/// ```
pub fn beside(expected: &[u8], got: &[u8], width: usize) -> Beside {
    let equal = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let at = whole_characters(expected, equal).min(whole_characters(got, equal));
    let (rest_expected, rest_got) = (&expected[at..], &got[at..]);
    let longer = columns(&head(rest_expected, width)).max(columns(&head(rest_got, width)));
    let common = tail(&expected[..at], (width / 2).max(width.saturating_sub(longer)));
    let columns = columns(&common);
    // One column is for the mark, where one of them is at its end.
    let room = width.saturating_sub(columns).max(1);
    Beside { at, expected: head(rest_expected, room), got: head(rest_got, room), common, columns }
}

/// The end of the last whole character that ends at `at` or before, where a character goes on there.
fn whole_characters(bytes: &[u8], at: usize) -> usize {
    let begun = bytes[..at].utf8_chunks().last().map_or(0, |chunk| chunk.invalid().len());
    let around = &bytes[at - begun..bytes.len().min(at + 3)];
    let whole = around.utf8_chunks().next().is_some_and(|chunk| !chunk.valid().is_empty());
    if begun > 0 && whole { at - begun } else { at }
}

/// Bytes between others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// What comes before.
    pub before: String,
    /// The bytes themselves.
    pub marked: String,
    /// What follows.
    pub after: String,
}

impl Marked {
    /// A line with `^` under the marked bytes.
    ///
    /// ```
    /// let drawn = framecat_core::diagram::marked(b"id=", b"17", b"\r\n", 40);
    /// assert_eq!(drawn.mark(), "   ^^");
    /// ```
    pub fn mark(&self) -> String {
        let marks = columns(&self.marked).max(1);
        format!("{}{}", " ".repeat(columns(&self.before)), "^".repeat(marks))
    }
}

impl Beside {
    /// Whether both are equal.
    pub fn is_equal(&self) -> bool {
        self.expected.is_empty() && self.got.is_empty()
    }

    /// A line with `^` at the first difference, and where it is.
    pub fn mark(&self) -> String {
        format!("{}^ differs at byte {}", " ".repeat(self.columns), self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(bytes: &[u8], then: Then) -> Piece {
        Piece { bytes: bytes.to_vec(), then }
    }

    #[test]
    fn a_byte_a_write_is_one_row() {
        let mut wrote: Vec<Piece> = b"hello".iter().map(|b| piece(&[*b], Then::Read)).collect();
        wrote.push(piece(b"\n", Then::Nothing));
        let rows = rows(&wrote, 40);
        assert_eq!(rows[0].drawn, "│h│e│l│l│o│");
        assert_eq!(rows[0].then, "each read by the target, then");
        assert_eq!(rows[1].drawn, r"│\n│");
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn many_pieces_stay_within_the_line() {
        for each in [&b"a"[..], b"abcdefghijklmnopqrstuvwxyz", b"\r\n"] {
            let wrote = vec![piece(each, Then::Read); 500];
            let rows = rows(&wrote, 60);
            assert_eq!(rows.len(), 1);
            assert!(rows[0].columns <= 60, "{}", rows[0].drawn);
            assert!(rows[0].drawn.contains(" more …│"), "{}", rows[0].drawn);
        }
    }

    #[test]
    fn an_end_is_named_where_nothing_was_written_before_it() {
        let rows = rows(&[piece(b"", Then::Reset)], 60);
        assert_eq!((rows[0].drawn.as_str(), rows[0].then.as_str()), ("nothing", "reset (RST)"));
    }

    #[test]
    fn a_difference_inside_a_character_is_one_of_characters() {
        let drawn = beside("né".as_bytes(), "nè".as_bytes(), 40);
        assert_eq!((drawn.at, drawn.expected.as_str(), drawn.got.as_str()), (1, "é", "è"));
        let drawn = beside("né".as_bytes(), b"n\xc3(", 40);
        assert_eq!((drawn.at, drawn.expected.as_str(), drawn.got.as_str()), (1, "é", r"\xc3("));
        let drawn = beside(b"\xc3\xc3", b"\xc3\xc4", 40);
        assert_eq!((drawn.at, drawn.common.as_str()), (1, r"\xc3"));
    }

    #[test]
    fn a_part_of_the_reply_shows_what_is_missing() {
        let drawn = beside(b"Msg received", b"Msg", 40);
        assert_eq!(drawn.mark(), "   ^ differs at byte 3");
        assert_eq!((drawn.expected.as_str(), drawn.got.as_str()), (" received", ""));
        assert!(beside(b"a", b"a", 40).is_equal());
    }

    #[test]
    fn long_replies_are_cut_around_the_difference() {
        let mut expected = b"0123456789".repeat(100);
        let mut got = expected.clone();
        expected[700] = b'x';
        got[700] = b'y';
        let drawn = beside(&expected, &got, 40);
        assert_eq!(drawn.common, "…1234567890123456789");
        assert_eq!(drawn.expected, "x123456789012345678…");
        assert_eq!(drawn.got, "y123456789012345678…");
        assert_eq!(drawn.at, 700);
    }
}
