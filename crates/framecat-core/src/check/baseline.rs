//! The uncut runs beside each other: where they differ, and what mask would make them alike.

use super::oracle::BLANK;
use super::{Difference, Pattern};

/// Bytes alike between two places that differ, up to which both are shown as one.
const JOINED: usize = 2;

/// How many bytes before a difference are part of its mask, so that it fits there and not elsewhere.
const CONTEXT: usize = 24;

/// How many differences of a run a mask is made from: a pattern that fits these is likely to fit the
/// rest, and whether it does is tried.
const LOOKED_AT: usize = 256;

/// Nobody wants a mask of more parts than these.
const PARTS: usize = 32;

/// Where `other` differs from `first`.
pub fn differences(first: &[u8], other: &[u8]) -> Vec<Difference> {
    if first.len() != other.len() {
        return (first != other).then(|| difference_of_lengths(first, other)).into_iter().collect();
    }
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    for at in (0..first.len()).filter(|&at| first[at] != other[at]) {
        match ranges.last_mut() {
            Some(last) if at <= last.end + JOINED => last.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
    }
    let difference = |at: std::ops::Range<usize>| Difference {
        first: first[at.clone()].to_vec(),
        other: other[at.clone()].to_vec(),
        at,
    };
    ranges.into_iter().map(difference).collect()
}

fn difference_of_lengths(first: &[u8], other: &[u8]) -> Difference {
    let shorter = first.len().min(other.len());
    let front = (0..shorter).take_while(|&at| first[at] == other[at]).count();
    let alike = |&back: &usize| first[first.len() - 1 - back] == other[other.len() - 1 - back];
    let back = (0..shorter - front).take_while(alike).count();
    let at = front..first.len() - back;
    Difference {
        first: first[at.clone()].to_vec(),
        other: other[front..other.len() - back].to_vec(),
        at,
    }
}

/// A pattern that fits what differs in all runs, and leaves nothing else that does; `None` if none of
/// the usual kinds does.
pub fn propose_mask(runs: &[Vec<u8>]) -> Option<String> {
    let first = runs.first()?;
    let mut parts: Vec<String> = Vec::new();
    for other in &runs[1..] {
        for difference in differences(first, other).iter().take(LOOKED_AT) {
            let part = part(first, other, difference);
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        if parts.len() > PARTS {
            return None;
        }
    }
    let text = parts.join("|");
    let pattern: Pattern = text.parse().ok()?;
    let blanked = |run: &Vec<u8>| pattern.replace_all(run, BLANK).into_owned();
    let alike = runs[1..].iter().all(|run| blanked(run) == blanked(first));
    (alike && !parts.is_empty()).then_some(text)
}

/// What a mask for one difference looks like: what stands before it in its line, and a class that
/// covers the word it is in.
fn part(first: &[u8], other: &[u8], difference: &Difference) -> String {
    let line = memchr::memrchr(b'\n', &first[..difference.at.start]).map_or(0, |at| at + 1);
    let head = &first[line..difference.at.start];
    // A header's value changes as a whole: a date, an id.
    if let Some(colon) = memchr::memchr(b':', head).filter(|&colon| is_name(&head[..colon])) {
        return format!("^{}:[^\\r\\n]*", escaped(&head[..colon]));
    }
    let word = |byte: &u8| byte.is_ascii_alphanumeric();
    let before = head.iter().rev().take_while(|byte| word(byte)).count();
    let start = difference.at.start - before;
    let tail = first[difference.at.end..].iter().take_while(|byte| word(byte)).count();
    let other_end = difference.at.start + difference.other.len();
    let covered = [
        &first[start..difference.at.end + tail],
        &other[start..(other_end + tail).min(other.len())],
    ]
    .concat();
    let context = &first[line.max(start.saturating_sub(CONTEXT))..start];
    format!("{}{}", escaped(context), class(&covered))
}

fn is_name(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

fn class(bytes: &[u8]) -> &'static str {
    let all = |kind: fn(&u8) -> bool| bytes.iter().all(kind);
    match () {
        () if all(u8::is_ascii_digit) => "[0-9]+",
        () if all(|byte| byte.is_ascii_digit() || b":.-/ T".contains(byte)) => "[-0-9:./ T]+",
        () if all(u8::is_ascii_hexdigit) => "[0-9A-Fa-f]+",
        () if all(u8::is_ascii_alphanumeric) => "[0-9A-Za-z]+",
        () if all(u8::is_ascii_graphic) => "[!-~]+",
        () => "[^\\r\\n]+",
    }
}

/// Bytes as a pattern that fits just them.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b' '..=b'~' => text.push_str(&regex::escape(char::from(byte).encode_utf8(&mut [0; 4]))),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(runs: &[&str]) -> Option<String> {
        propose_mask(&runs.iter().map(|run| run.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn differences_of_equal_lengths_are_found_each() {
        let found = differences(b"id=12 at 07:30", b"id=19 at 08:31");
        let places: Vec<_> = found.iter().map(|difference| difference.at.clone()).collect();
        assert_eq!(places, [4..5, 10..14]);
        assert_eq!(found[0].other, b"9");
    }

    #[test]
    fn a_difference_in_length_is_what_stands_between_the_ends() {
        let found = differences(b"n=9;", b"n=10;");
        assert_eq!((found[0].at.clone(), &found[0].other[..]), (2..3, &b"10"[..]));
        assert_eq!(differences(b"ab", b"abab").len(), 1);
        assert_eq!(differences(b"", b"").len(), 0);
    }

    #[test]
    fn a_mask_is_proposed_that_makes_the_runs_alike() {
        for (runs, mask) in [
            (&["count 7\n", "count 8\n", "count 12\n"][..], "count [0-9]+"),
            (
                &[
                    "HTTP/1.1 200 OK\r\nDate: Fri 10:00:01\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nDate: Fri 10:00:02\r\n\r\n",
                ],
                "^Date:[^\\r\\n]*",
            ),
            (&["+OK <71.1@x>\r\n", "+OK <93.2@x>\r\n"], "\\+OK <[-0-9:./ T]+"),
            (&["id a7f3\n", "id 09bc\n"], "id [0-9A-Fa-f]+"),
        ] {
            assert_eq!(proposed(runs).as_deref(), Some(mask));
        }
    }

    #[test]
    fn nothing_is_proposed_that_would_not_do() {
        assert_eq!(proposed(&["same", "same"]), None);
        assert_eq!(proposed(&["one\n", "one\ntwo\n"]), None);
    }
}
