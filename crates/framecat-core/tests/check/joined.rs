//! What the answers to joined messages are called: they are those to the same messages in turn.

use framecat_core::check::{End, Exchange, Expect, Outcome, Seen, Severity};

use crate::exchanges::{case, framed, plain};
use crate::told::{came, ended, how_bad, outcome, taught};

const JOINED: [&str; 2] = ["coalesce:2", "straddle:2@3"];

#[test]
fn joined_messages_get_what_they_get_in_turn() {
    // A counter: the reply twice would be wrong.
    let oracle = taught(&plain(&[b"hello\n"]), &[b"1\n", b"2\n"]);
    for name in JOINED {
        assert_eq!(oracle.expected(case(name)).as_deref(), Some(&b"1\n2\n"[..]));
        for (got, end, wanted) in [
            ("1\n2\n", End::Open, Outcome::Same),
            ("1\n", End::Open, Outcome::Partial),
            ("1\n1\n", End::Open, Outcome::Wrong),
            ("1\n2\n3\n", End::Open, Outcome::Surplus),
            ("", End::Open, Outcome::NoReply),
            ("", End::Closed, Outcome::Closed),
            ("1\n2\n", End::Closed, Outcome::ClosedAfter),
        ] {
            let found = outcome(&oracle, name, &ended(got.as_bytes(), end));
            assert_eq!(found, wanted, "{name}: {got:?} {end:?}");
        }
    }
    assert_eq!(how_bad("coalesce:2", Outcome::Partial), Severity::Fail);
    assert_eq!(how_bad("coalesce:2", Outcome::NotPipelined), Severity::Refused);
}

#[test]
fn the_end_of_joined_messages_is_that_of_the_last() {
    let exchange = plain(&[b"hello\n", b"quit\n"]);
    let mut oracle = taught(&exchange, &[b"1\n"]);
    oracle.learn_turns(&[b"1\n".to_vec(), b"bye\n".to_vec()], End::Closed);
    assert_eq!(outcome(&oracle, "coalesce:2", &ended(b"1\nbye\n", End::Closed)), Outcome::Same);
    assert_eq!(outcome(&oracle, "coalesce:2", &ended(b"1\nbye\n", End::Open)), Outcome::KeptOpen);
    assert_eq!(outcome(&oracle, "drip", &ended(b"1\n", End::Open)), Outcome::Same);
    assert_eq!(outcome(&oracle, "drip", &ended(b"1\n", End::Closed)), Outcome::OutOfStep);
}

#[test]
fn another_order_is_a_property_or_what_was_asked_for() {
    let pair: &[&[u8]] = &[b"a", b"b"];
    let framed = |unordered| Exchange { unordered, ..framed("u8", pair) };
    let plain = |unordered| Exchange { unordered, ..plain(pair) };
    let replies: [&[u8]; 2] = [b"\x03one", b"\x03two"];
    for (exchange, wanted) in [
        (framed(false), Outcome::Reordered),
        (framed(true), Outcome::Same),
        (plain(false), Outcome::Reordered),
        (plain(true), Outcome::Same),
    ] {
        let oracle = taught(&exchange, &replies);
        for name in JOINED {
            assert_eq!(outcome(&oracle, name, &came(b"\x03one\x03two")), Outcome::Same);
            let got = b"\x03two\x03one";
            assert_eq!(outcome(&oracle, name, &came(got)), wanted, "{exchange:?}");
            assert!(oracle.is_complete(case(name), got, None));
            assert_eq!(outcome(&oracle, name, &came(b"\x03two\x03two")), Outcome::Wrong);
            assert_eq!(outcome(&oracle, name, &came(b"\x03two\x03on")), Outcome::Wrong);
            let closed = outcome(&oracle, name, &ended(got, End::Closed));
            assert_eq!(closed, Outcome::ClosedAfter, "an order is no matter beside an end");
        }
    }
    assert_eq!(how_bad("coalesce:2", Outcome::Reordered), Severity::Property);
    let reply_frame = Some("line".parse().unwrap());
    let oracle = taught(&Exchange { reply_frame, ..framed(false) }, &[b"one\n", b"two\n"]);
    assert_eq!(outcome(&oracle, "coalesce:2", &came(b"two\none\n")), Outcome::Reordered);
}

#[test]
fn without_a_framing_few_replies_are_tried_in_every_order() {
    let replies: [&[u8]; 5] = [b"1\n", b"22\n", b"333\n", b"4444\n", b"55555\n"];
    let oracle = taught(&plain(&[b"a"]), &replies);
    let judged = |name, got: &str| outcome(&oracle, name, &came(got.as_bytes()));
    assert_eq!(judged("coalesce:4", "4444\n22\n1\n333\n"), Outcome::Reordered);
    assert_eq!(judged("coalesce:5", "55555\n4444\n22\n1\n333\n"), Outcome::Wrong);
}

#[test]
fn what_was_due_before_the_last_piece_is_not_early() {
    let oracle = taught(&framed("u8", &[b"hello"]), &[b"\x01a", b"\x01b"]);
    let seen = |early, due| Seen { early, due, ..came(b"\x01a\x01b") };
    for (early, due, wanted) in [
        (0, 0, Outcome::Same),
        (2, 1, Outcome::Same),
        (1, 1, Outcome::Same),
        (4, 2, Outcome::Same),
        (3, 1, Outcome::Early),
        (2, 0, Outcome::Early),
    ] {
        let found = outcome(&oracle, "straddle:2@8", &seen(early, due));
        assert_eq!(found, wanted, "{early} B with {due} due");
    }
}

#[test]
fn more_messages_than_were_learned_are_expected_where_the_replies_repeat_themselves() {
    let single = plain(&[b"a"]);
    let echo = taught(&single, &[b"ok", b"ok"]);
    assert_eq!(echo.expected(case("slow-reader@5")).as_deref(), Some(&b"okokokokok"[..]));
    assert_eq!(echo.reply_bytes(5), Some(10));
    let pairs = taught(&plain(&[b"a", b"b"]), &[b"x", b"yy", b"x", b"yy"]);
    assert_eq!(pairs.expected(case("slow-reader@5")).as_deref(), Some(&b"xyyxyyx"[..]));
    assert_eq!(pairs.reply_bytes(5), Some(7));
    let counter = taught(&single, &[b"1", b"2"]);
    assert_eq!(counter.expected(case("slow-reader@5")), None);
    assert_eq!(counter.reply_bytes(5), None);
    assert_eq!(taught(&single, &[b"ok"]).expected(case("coalesce:2")), None, "one says nothing");
}

#[test]
fn a_slow_reader_may_be_answered_only_so_often_but_not_cut_short() {
    let oracle = taught(&plain(&[b"a"]), &[b"ok\n", b"ok\n"]);
    for (got, end, wanted) in [
        ("ok\nok\nok\nok\n", End::Open, Outcome::Same),
        // A target may take no more than so many requests on one connection.
        ("ok\nok\n", End::Closed, Outcome::Same),
        ("ok\nok\n", End::Open, Outcome::Partial),
        ("ok\nok", End::Closed, Outcome::Partial),
        ("", End::Closed, Outcome::Closed),
        ("ok\nno\n", End::Closed, Outcome::Wrong),
    ] {
        let found = outcome(&oracle, "slow-reader@4", &ended(got.as_bytes(), end));
        assert_eq!(found, wanted, "{got:?} {end:?}");
    }
}

#[test]
fn a_reply_that_is_empty_is_counted_and_waited_for_by_nobody() {
    let expect = Some(Expect::Pattern("x*$".parse().unwrap()));
    for exchange in [plain(&[b"a"]), Exchange { expect, ..plain(&[b"a"]) }] {
        let oracle = taught(&exchange, &[b"", b"", b"", b"x"]);
        for name in ["slow-reader@3", "slow-reader@4", "coalesce:4", "straddle:3@1"] {
            for (got, end) in
                [("", End::Open), ("", End::Closed), ("x", End::Closed), ("xx", End::Reset)]
            {
                // Whatever it is called, it is called something.
                let _ = outcome(&oracle, name, &ended(got.as_bytes(), end));
            }
        }
    }
}
