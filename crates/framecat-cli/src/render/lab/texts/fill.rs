//! Values in texts: `{name}` stands for the value of that name, `{name?one|other}` for one text if it is so
//! and for the other if it is not.

use framecat::core::lab::{Measured, Value};

use super::super::values::{NO_BREAK, value};
use crate::args::Language;

/// A piece of a text.
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
    /// A name, what is said if it is so, and what if not.
    Choice(&'a str, &'a str, &'a str),
}

/// `text` with the values in it; a name without a fitting value stands for itself.
pub(super) fn fill(text: &str, values: &[Measured], language: Language) -> String {
    let known = |name: &str| {
        values.iter().find(|measured| measured.name == name).map(|measured| &measured.value)
    };
    pieces(text)
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Name(name) => {
                known(name).map_or_else(|| name.to_owned(), |known| unbroken(known, language))
            }
            Piece::Choice(name, so, not) => match known(name) {
                Some(Value::Truth(true)) => so.to_owned(),
                Some(Value::Truth(false)) => not.to_owned(),
                _ => name.to_owned(),
            },
        })
        .collect()
}

/// A number and its unit stay in one line; what was sent or read may be long.
fn unbroken(known: &Value, language: Language) -> String {
    let shown = value(known, language);
    match known {
        Value::Bytes(_) | Value::Time(_) | Value::Ratio(_) => {
            shown.replace(' ', NO_BREAK.encode_utf8(&mut [0; 4]))
        }
        _ => shown,
    }
}

/// The names in a text.
#[cfg(test)]
pub(in super::super) fn names(text: &str) -> std::collections::BTreeSet<&str> {
    let name = |piece| match piece {
        Piece::Name(name) | Piece::Choice(name, _, _) => Some(name),
        Piece::Text(_) => None,
    };
    pieces(text).filter_map(name).collect()
}

/// Braces around anything else are text.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((piece, behind)) = piece_at(rest) {
            rest = behind;
            return Some(piece);
        }
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find('{').map_or(rest.len(), |at| at + first);
        let (text, behind) = rest.split_at(end);
        rest = behind;
        Some(Piece::Text(text))
    })
}

/// The name or the choice at the beginning of a text, and what comes behind it.
fn piece_at(text: &str) -> Option<(Piece<'_>, &str)> {
    let (within, behind) = text.strip_prefix('{')?.split_once('}')?;
    let (name, choice) = match within.split_once('?') {
        Some((name, choice)) => (name, Some(choice.split_once('|')?)),
        None => (within, None),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let piece = choice.map_or(Piece::Name(name), |(so, not)| Piece::Choice(name, so, not));
    Some((piece, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_places_of_their_names() {
        let values = [Measured::new("limit", 5u32), Measured::new("so", true)];
        let filled = |text| fill(text, &values, Language::Zh);
        assert_eq!(filled("上限 {limit}，{so}"), "上限 5，是");
        assert_eq!(filled("{limit}{limit}"), "55");
        assert_eq!(filled("{other}"), "other", "a missing value shows its name");
        assert_eq!(filled("{ } {Big} {{limit} {"), "{ } {Big} {5 {");
        assert_eq!(names("{b} {a?x|y} {b} {X}").into_iter().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_number_stays_with_its_unit() {
        let values = [Measured::new("time", std::time::Duration::from_secs(3))];
        assert_eq!(fill("after {time}", &values, Language::En), "after 3.00\u{a0}s");
    }

    #[test]
    fn a_choice_says_what_is_so() {
        let values = [Measured::new("so", true), Measured::new("not", false)];
        let filled = |text| fill(text, &values, Language::En);
        assert_eq!(filled("it {so?hangs|ends}, {not?a|b}."), "it hangs, b.");
        assert_eq!(filled("{not? and hangs|}"), "");
        assert_eq!(filled("{other?a|b}"), "other");
        assert_eq!(filled("{so?a}"), "{so?a}", "a choice has two texts");
    }
}
