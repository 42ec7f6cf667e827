//! What it is called that comes of half-closes, truncated, empty and oversized messages, and how bad
//! that is.

use framecat_core::check::{End, Exchange, Outcome, Severity};

use crate::exchanges::{case, framed, plain};
use crate::told::{came, ended, expecting_pattern, how_bad, masking, outcome, taught};

#[test]
fn no_answer_to_a_half_closed_connection_is_a_property_and_another_is_a_fault() {
    use Severity::{Fail, Pass, Property};
    let oracle = taught(&plain(&[b"hello\n"]), &[b"ok\n"]);
    for (seen, wanted, bad) in [
        (ended(b"ok\n", End::Closed), Outcome::Same, Pass),
        (ended(b"ok\n", End::Open), Outcome::Same, Pass),
        (ended(b"", End::Closed), Outcome::Closed, Property),
        (ended(b"", End::Reset), Outcome::Reset, Property),
        (ended(b"", End::Open), Outcome::NoReply, Property),
        (ended(b"no\n", End::Closed), Outcome::Wrong, Fail),
        (ended(b"o", End::Closed), Outcome::Partial, Fail),
        (ended(b"ok\nok\n", End::Closed), Outcome::Surplus, Fail),
    ] {
        assert_eq!(outcome(&oracle, "half-close@3", &seen), wanted, "{seen:?}");
        assert_eq!(how_bad("half-close@3", wanted), bad, "{wanted:?}");
    }
}

#[test]
fn success_for_a_part_of_a_message_is_a_fault_unless_only_its_end_is_missing() {
    let text = plain(&[b"hello\r\n"]);
    let half = framed("u16be", &[b"hello"]);
    for (exchange, reply, at, got, wanted) in [
        (&text, &b"ok"[..], 4, &b"ok"[..], Outcome::HalfAnswered),
        (&text, b"ok", 4, b"error", Outcome::Same),
        (&text, b"ok", 4, b"", Outcome::Same),
        (&text, b"ok", 5, b"ok", Outcome::EndIsMark),
        (&text, b"ok", 6, b"ok", Outcome::EndIsMark),
        (&half, b"\0\x02ok", 1, b"\0\x02ok", Outcome::HalfAnswered),
        (&half, b"\0\x02ok", 6, b"\0\x02ok", Outcome::HalfAnswered),
        // An echo of the part that came is an answer of success too.
        (&half, b"\0\x05hello", 4, b"\0\x02he", Outcome::HalfAnswered),
        (&half, b"\0\x05hello", 4, b"\0\x03err", Outcome::Same),
        (&half, b"\0\x07<hello>", 5, b"\0\x05<hel>", Outcome::HalfAnswered),
        (&framed("line", &[b"hello"]), b"hello\n", 2, b"he\n", Outcome::EndIsMark),
        (&framed("line", &[b"hello"]), b"ok\n", 5, b"ok\n", Outcome::EndIsMark),
        (&text, b"", 4, b"", Outcome::Same),
    ] {
        let oracle = taught(exchange, &[reply]);
        let found = outcome(&oracle, &format!("truncate@{at}"), &ended(got, End::Closed));
        assert_eq!(found, wanted, "{reply:?} at {at}: {got:?}");
    }
    assert_eq!(how_bad("truncate@1", Outcome::HalfAnswered), Severity::Fail);
    assert_eq!(how_bad("truncate@1", Outcome::EndIsMark), Severity::Property);
}

#[test]
fn whatever_comes_of_a_reset_or_of_garbage_is_no_matter() {
    let oracle = taught(&framed("u32be", &[b"hello"]), &[b"ok"]);
    for name in ["reset@0", "reset@3", "garbage@1", "garbage@8"] {
        for seen in [came(b""), came(b"err"), ended(b"ok", End::Reset)] {
            assert_eq!(outcome(&oracle, name, &seen), Outcome::Same, "{name}");
        }
        assert_eq!(oracle.expected(case(name)), None);
        assert_eq!(oracle.expected_end(case(name)), None);
        assert!(!oracle.is_complete(case(name), b"ok", None));
    }
}

#[test]
fn an_empty_message_may_be_answered_or_not_but_the_request_must_be() {
    use Outcome::{Closed, NoReply, Reset, Same, Unanswered, Wrong};
    let oracle = taught(&framed("line", &[b"hi"]), &[b"hi\n", b"hi\n"]);
    for (name, got, end, wanted) in [
        ("empty@1", "\nhi\n", End::Open, Same),
        ("empty@1", "error\nhi\n", End::Open, Same),
        ("empty@1", "hi\n", End::Open, Unanswered),
        ("empty@1", "\n", End::Open, Wrong),
        ("empty@1", "", End::Open, NoReply),
        ("empty@1", "", End::Closed, Closed),
        ("empty@1", "error\n", End::Closed, Closed),
        ("empty@1", "", End::Reset, Reset),
        ("empty@2", "hi\n\nhi\n", End::Open, Same),
        ("empty@2", "hi\nhi\n", End::Open, Unanswered),
        ("empty@2", "hi\n", End::Open, Wrong),
        ("empty@2", "hi\n", End::Closed, Closed),
        ("empty@2", "", End::Open, NoReply),
    ] {
        let found = outcome(&oracle, name, &ended(got.as_bytes(), end));
        assert_eq!(found, wanted, "{name}: {got:?} {end:?}");
    }
    for (outcome, bad) in [
        (Unanswered, Severity::Property),
        (Closed, Severity::Property),
        (Reset, Severity::Property),
        (NoReply, Severity::Fail),
        (Wrong, Severity::Fail),
    ] {
        assert_eq!(how_bad("empty@1", outcome), bad, "{outcome:?}");
    }
}

#[test]
fn beside_an_empty_message_a_pattern_says_all_that_the_reply_must_be() {
    let exchange =
        Exchange { frame: Some("line".parse().unwrap()), ..expecting_pattern("^n=[0-9]+$") };
    let exchange = Exchange { messages: vec![b"hello".to_vec()], ..exchange };
    let oracle = taught(&exchange, &[b"n=10\n"]);
    for (name, got, wanted) in [
        ("empty@1", "?\nn=9\n", Outcome::Same),
        ("empty@2", "n=9\n?\nn=11\n", Outcome::Same),
        ("empty@2", "n=9\n?\n", Outcome::Wrong),
        ("empty@1", "n=10\n", Outcome::Unanswered),
        ("empty@1", "?\n", Outcome::Wrong),
        ("empty@1", "", Outcome::NoReply),
    ] {
        assert_eq!(outcome(&oracle, name, &came(got.as_bytes())), wanted, "{name}: {got:?}");
    }
}

#[test]
fn a_message_at_the_limit_must_be_answered_and_one_above_it_must_not() {
    let limited = |max| Exchange { max_message: Some(max), ..framed("u16be", &[b"hello"]) };
    let oracle = taught(&limited(8), &[b"\0\x02ok"]);
    for (size, got, end, wanted) in [
        (8u64, &b"\0\x02ok"[..], End::Open, Outcome::Same),
        (8, b"\0\x08AAAAAAAA", End::Open, Outcome::Same),
        (8, b"", End::Open, Outcome::NoReply),
        (8, b"", End::Closed, Outcome::Closed),
        (8, b"", End::Reset, Outcome::Reset),
        (9, b"\0\x02ok", End::Open, Outcome::Accepted),
        (9, b"\0\x09AAAAAAAAA", End::Open, Outcome::Accepted),
        (9, b"\0\x03err", End::Closed, Outcome::Same),
        (9, b"", End::Closed, Outcome::Same),
        (9, b"", End::Open, Outcome::Same),
        (1 << 40, b"", End::Open, Outcome::Same),
        (1 << 40, b"\0\x02ok", End::Open, Outcome::Same),
    ] {
        let found = outcome(&oracle, &format!("oversize@{size}"), &ended(got, end));
        assert_eq!(found, wanted, "{size}: {got:?} {end:?}");
    }
    assert_eq!(how_bad("oversize@9", Outcome::Accepted), Severity::Fail);
    let unlimited = taught(&framed("u16be", &[b"hello"]), &[b"ok"]);
    assert_eq!(outcome(&unlimited, "oversize@9", &came(b"ok")), Outcome::Same);
    let beyond_all = taught(&limited(usize::MAX), &[b"ok"]);
    assert_eq!(outcome(&beyond_all, "oversize@9", &came(b"ok")), Outcome::Same);
}

#[test]
fn a_masked_answer_of_success_above_the_limit_is_one() {
    let limited = Exchange {
        max_message: Some(64),
        frame: Some("line".parse().unwrap()),
        ..masking("[0-9]+")
    };
    let limited = Exchange { messages: vec![b"hello".to_vec()], ..limited };
    let oracle = taught(&limited, &[b"ok 17\n"]);
    assert_eq!(outcome(&oracle, "oversize@65", &came(b"ok 18\n")), Outcome::Accepted);
    assert_eq!(outcome(&oracle, "oversize@65", &came(b"error 18\n")), Outcome::Same);
}
