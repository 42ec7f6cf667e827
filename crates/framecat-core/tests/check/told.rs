//! Tells an oracle what was learned and what was seen, so that a test is a line.

use framecat_core::check::{CaseId, End, Exchange, Expect, Oracle, Outcome, Seen, severity};

use crate::exchanges::{case, plain};

/// An oracle that has learned these replies to the messages in turn; the connection stayed open.
pub(crate) fn taught(exchange: &Exchange, replies: &[&[u8]]) -> Oracle {
    taught_end(exchange, replies, End::Open)
}

/// The same where the connection ended like that, uncut as well as in turns.
pub(crate) fn taught_end(exchange: &Exchange, replies: &[&[u8]], end: End) -> Oracle {
    let mut oracle = Oracle::new(exchange);
    oracle.learn_reply(replies[0], end, None);
    let blanked: Vec<Vec<u8>> =
        replies.iter().map(|reply| oracle.blanked(reply, None).into_owned()).collect();
    if blanked.len() > 1 {
        oracle.learn_turns(&blanked, end);
    }
    oracle
}

/// What came back while the connection stayed open.
pub(crate) fn came(got: &[u8]) -> Seen {
    ended(got, End::Open)
}

/// What came back, and how the connection ended.
pub(crate) fn ended(got: &[u8], end: End) -> Seen {
    Seen { got: got.to_vec(), got_len: got.len() as u64, end, ..Seen::default() }
}

/// The same where so much of it came before the last piece was written.
pub(crate) fn early(got: &[u8], early: usize) -> Seen {
    Seen { early, ..came(got) }
}

/// What a case came to.
pub(crate) fn outcome(oracle: &Oracle, name: &str, seen: &Seen) -> Outcome {
    oracle.judge(case(name), seen, None)
}

/// How bad that is, by its name as in a report.
pub(crate) fn how_bad(name: &str, outcome: Outcome) -> framecat_core::check::Severity {
    let CaseId { plan, .. } = case(name);
    severity(plan, outcome, false)
}

/// An exchange that expects these bytes.
pub(crate) fn expecting(bytes: &[u8]) -> Exchange {
    Exchange { expect: Some(Expect::Bytes(bytes.to_vec())), ..plain(&[b"hello\n"]) }
}

/// An exchange that expects this pattern.
pub(crate) fn expecting_pattern(pattern: &str) -> Exchange {
    let expect = Some(Expect::Pattern(pattern.parse().unwrap()));
    Exchange { expect, ..plain(&[b"hello\n"]) }
}

/// An exchange with this mask.
pub(crate) fn masking(mask: &str) -> Exchange {
    Exchange { masks: vec![mask.parse().unwrap()], ..plain(&[b"hello\n"]) }
}
