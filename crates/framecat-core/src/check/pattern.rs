//! Patterns over bytes: what a reply must look like, what in it may change, and where a step ends.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use regex::bytes::{NoExpand, Regex, RegexBuilder};

use crate::escape::{Escaped, Printable};

/// What a compiled pattern may take in memory, 1 MiB: room for a few thousand characters of it, and
/// none for a mistyped repetition of a repetition.
const SIZE_LIMIT: usize = 1 << 20;

/// A regular expression over bytes, in the syntax of the crate `regex`.
///
/// A reply is bytes, not text: `.` is any byte but LF, classes such as `\w` are ASCII, and `^` and `$`
/// match at the lines' ends too.
#[derive(Clone)]
pub struct Pattern(Regex);

/// A text that is no regular expression: what is wrong with it, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a regular expression: {problem}", Escaped(text.as_bytes()))]
pub struct ParsePatternError {
    text: String,
    problem: String,
}

impl Pattern {
    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is found anywhere in `bytes`.
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }

    /// Where it is found first.
    pub fn find(&self, bytes: &[u8]) -> Option<Range<usize>> {
        self.0.find(bytes).map(|found| found.range())
    }

    /// `bytes` with something else wherever it is found; borrowed where it is not.
    pub fn replace_all<'a>(&self, bytes: &'a [u8], with: &[u8]) -> Cow<'a, [u8]> {
        self.0.replace_all(bytes, NoExpand(with))
    }

    /// How often it is found, from the left, without overlaps.
    pub fn count(&self, bytes: &[u8]) -> usize {
        self.0.find_iter(bytes).count()
    }

    /// Where it is found, from the left, without overlaps.
    pub fn find_all<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.find_iter(bytes).map(|found| found.range())
    }
}

impl FromStr for Pattern {
    type Err = ParsePatternError;

    fn from_str(text: &str) -> Result<Self, ParsePatternError> {
        let mut builder = RegexBuilder::new(text);
        builder.unicode(false).multi_line(true).size_limit(SIZE_LIMIT);
        builder.build().map(Pattern).map_err(|error| ParsePatternError {
            text: text.into(),
            problem: match error {
                regex::Error::CompiledTooBig(limit) => format!("it needs more than {limit} B"),
                error => in_one_line(text, &error.to_string()),
            },
        })
    }
}

/// The crate draws the pattern with a caret below the place; here that is said in words.
fn in_one_line(text: &str, drawing: &str) -> String {
    let what = drawing.lines().rev().find_map(|line| line.trim().strip_prefix("error: "));
    let what = Printable(what.unwrap_or("it cannot be read").as_bytes()).to_string();
    // A pattern of several lines is drawn otherwise, with the numbers of its lines.
    let is_caret = |line: &&str| line.contains('^') && line.bytes().all(|b| b" ^".contains(&b));
    let caret = drawing.lines().skip(2).find(is_caret).and_then(|line| line.find('^'));
    match caret.and_then(|at| at.checked_sub(INDENT)) {
        Some(at) if !text.contains('\n') => format!("{what}, at character {}", at + 1),
        _ => what,
    }
}

/// How far the crate indents its drawing.
const INDENT: usize = 4;

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(self.as_str().as_bytes()).fmt(f)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    #[test]
    fn bytes_are_matched_that_are_no_text() {
        assert!(pattern(r"^\xff.\x00$").is_match(b"\xff\xfe\x00"));
        assert!(pattern("é").is_match("née".as_bytes()));
        assert!(!pattern(r"\w").is_match("é".as_bytes()), "classes are ASCII");
        assert!(pattern("(?i)^date: .*$").is_match(b"HTTP/1.1 200 OK\r\nDATE: now\r\n"));
    }

    #[test]
    fn all_places_are_found_from_the_left() {
        let found: Vec<_> = pattern("[0-9]+").find_all(b"a1b22c").collect();
        assert_eq!(found, [1..2, 3..5]);
        assert_eq!(pattern("[0-9]+").find(b"a1b22c"), Some(1..2));
        assert_eq!(pattern("x").find(b"abc"), None);
    }

    #[test]
    fn two_are_equal_where_their_texts_are() {
        assert_eq!(pattern("a+"), pattern("a+"));
        assert_ne!(pattern("a+"), pattern("aa*"));
        assert_eq!(pattern(r"a\r").to_string(), r"a\\r");
    }

    #[test]
    fn a_bad_pattern_says_in_one_line_what_is_wrong_and_where() {
        let too_big = "it needs more than 1048576 B";
        for (text, problem) in [
            ("a(b", "unclosed group, at character 2"),
            (
                "[z-a]",
                "invalid character class range, the start must be <= the end, at character 2",
            ),
            ("*", "repetition operator missing expression, at character 1"),
            ("a{1000}{1000}{9}", too_big),
            (r"\p{Greek}", "Unicode not allowed here, at character 1"),
            ("é(", "unclosed group, at character 2"),
            ("a\n(", "unclosed group"),
        ] {
            let error = text.parse::<Pattern>().unwrap_err().to_string();
            let text = Escaped(text.as_bytes());
            assert_eq!(error, format!("`{text}` is not a regular expression: {problem}"));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_every_error_is_one_harmless_line(text in any::<String>()) {
            match text.parse::<Pattern>() {
                Ok(pattern) => prop_assert_eq!(pattern.as_str(), text),
                Err(error) => {
                    prop_assert!(error.to_string().chars().all(crate::escape::is_harmless));
                }
            }
        }
    }
}
