//! Bytes as text that is safe to print, and text with escapes as bytes.
//!
//! A peer may send anything, terminal escape sequences among it. Whatever shows a peer's bytes to a
//! person goes through [`Escaped`] or [`Printable`].

use std::fmt::{self, Write as _};

/// Shows bytes unambiguously: printable text as it is, everything else (and the backslash) as an
/// escape that [`unescape`] reads back.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a [u8]);

/// Shows bytes to a person: like [`Escaped`], but a backslash stands for itself.
#[derive(Debug, Clone, Copy)]
pub struct Printable<'a>(pub &'a [u8]);

/// Shows bytes of a stream without seams to a person: like [`Printable`], but line ends and
/// tabulators keep their effect.
#[derive(Debug, Clone, Copy)]
pub struct PrintableLines<'a>(pub &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(self.0, f, |c| c != '\\' && is_harmless(c))
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(self.0, f, is_harmless)
    }
}

impl fmt::Display for PrintableLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A lone CR would let a peer overwrite what stands in the line; CR LF is a line end.
        let mut rest = self.0;
        while let Some(at) = memchr::memmem::find(rest, b"\r\n") {
            write_escaped(&rest[..at], f, |c| matches!(c, '\n' | '\t') || is_harmless(c))?;
            f.write_char('\n')?;
            rest = &rest[at + 2..];
        }
        write_escaped(rest, f, |c| matches!(c, '\n' | '\t') || is_harmless(c))
    }
}

/// Whether a terminal shows `c` as a character and does nothing else.
///
/// Refused besides the C0 and C1 controls: the marks that turn the direction of text, with which a
/// peer could make a line read as something else (Unicode Technical Report 36, section 3.3).
pub fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

fn write_escaped(
    bytes: &[u8],
    f: &mut fmt::Formatter<'_>,
    harmless: impl Fn(char) -> bool,
) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                c if harmless(c) => f.write_char(c)?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\0' => f.write_str("\\0")?,
                c => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        write!(f, "\\x{byte:02x}")?;
                    }
                }
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
        }
    }
    Ok(())
}

/// Why a text with escapes does not stand for bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnescapeError {
    /// A backslash is followed by something that has no meaning.
    #[error(
        "unknown escape `\\{}` at byte {at}: known are \\0 \\n \\r \\t \\e \\\\ and \\xHH",
        Printable(found.to_string().as_bytes())
    )]
    Unknown {
        /// Where the backslash stands.
        at: usize,
        /// The character behind it.
        found: char,
    },
    /// `\x` without two hexadecimal digits behind it.
    #[error("`\\x` at byte {at} needs two hexadecimal digits, as in \\x1e")]
    Hex {
        /// Where the backslash stands.
        at: usize,
    },
    /// The text ends in a lone backslash.
    #[error("the text ends in a lone backslash: write \\\\ for one")]
    Lone,
}

/// Reads a text with the escapes `\0 \n \r \t \e \\ \xHH` into the bytes it stands for.
///
/// # Errors
/// A backslash that starts none of these, with its place in the text.
///
/// ```
/// use framecat_core::escape::unescape;
/// assert_eq!(unescape(r"a\0\x1e").unwrap(), b"a\0\x1e");
/// ```
pub fn unescape(text: &str) -> Result<Vec<u8>, UnescapeError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next().ok_or(UnescapeError::Lone)?.1 {
            '0' => bytes.push(0),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'e' => bytes.push(0x1b),
            '\\' => bytes.push(b'\\'),
            'x' => {
                let mut digit = || chars.next().and_then(|(_, c)| c.to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else {
                    return Err(UnescapeError::Hex { at });
                };
                bytes.push((high << 4 | low) as u8);
            }
            found => return Err(UnescapeError::Unknown { at, found }),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_controls_never_pass() {
        let hostile = "\x1b]0;owned\x07\x1b[2J\u{9b}31m\u{202e}txt".as_bytes();
        for shown in [
            Escaped(hostile).to_string(),
            Printable(hostile).to_string(),
            PrintableLines(hostile).to_string(),
        ] {
            assert_eq!(shown, r"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\xe2\x80\xaetxt");
        }
    }

    #[test]
    fn marks_that_turn_the_direction_of_text_never_pass() {
        let marks = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}";
        for mark in marks.chars() {
            assert!(Printable(mark.to_string().as_bytes()).to_string().starts_with("\\x"));
        }
    }

    #[test]
    fn an_error_shows_no_control_character_either() {
        let error = unescape("\\\x1b[2J").unwrap_err();
        assert!(error.to_string().starts_with(r"unknown escape `\\x1b` at byte 0"), "{error}");
    }

    #[test]
    fn text_in_any_script_stays_readable() {
        assert_eq!(Printable("é 中文 C:\\x".as_bytes()).to_string(), "é 中文 C:\\x");
        assert_eq!(Escaped(b"C:\\x\xff").to_string(), r"C:\\x\xff");
    }

    #[test]
    fn lines_keep_their_ends_but_not_a_lone_carriage_return() {
        assert_eq!(PrintableLines(b"a\r\nb\n\tc\rd").to_string(), "a\nb\n\tc\\rd");
    }

    #[test]
    fn what_is_escaped_reads_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unescape(&Escaped(&all).to_string()).unwrap(), all);
    }

    #[test]
    fn a_bad_escape_names_its_place() {
        assert_eq!(unescape(r"ab\q"), Err(UnescapeError::Unknown { at: 2, found: 'q' }));
        assert_eq!(unescape(r"\x1"), Err(UnescapeError::Hex { at: 0 }));
        assert_eq!(unescape("\\"), Err(UnescapeError::Lone));
    }
}
