//! What the answer to one message is called, and how bad that is: the rules of the survey that came
//! before the tool, each a line.

use framecat_core::check::{
    End, Exchange, Expect, Oracle, Outcome, Plan, Seen, Severity, Token, severity,
};

use crate::exchanges::{case, framed, plain};
use crate::told::{
    came, early, ended, expecting, expecting_pattern, how_bad, masking, outcome, taught, taught_end,
};

const ALONE: [&str; 4] = ["split@3", "drip", "chunks:2", "random:5@1"];

#[test]
fn one_reply_under_the_plans_that_only_cut() {
    use End::{Closed, Open, Reset};
    for (learned, got, end, wanted) in [
        (Open, "ok\n", Open, Outcome::Same),
        (Open, "o", Open, Outcome::Partial),
        (Open, "o", Closed, Outcome::Partial),
        (Open, "ok\nok\n", Open, Outcome::Surplus),
        (Open, "no\n", Open, Outcome::Wrong),
        (Open, "no\n", Closed, Outcome::Wrong),
        (Open, "", Open, Outcome::NoReply),
        (Open, "", Closed, Outcome::Closed),
        (Open, "", Reset, Outcome::Reset),
        (Open, "ok\n", Closed, Outcome::ClosedAfter),
        (Open, "ok\n", Reset, Outcome::ClosedAfter),
        (Closed, "ok\n", Closed, Outcome::Same),
        // A close with unread input sends RST: which of the two is no matter.
        (Closed, "ok\n", Reset, Outcome::Same),
        (Reset, "ok\n", Closed, Outcome::Same),
        (Closed, "ok\n", Open, Outcome::KeptOpen),
    ] {
        let oracle = taught_end(&plain(&[b"hello\n"]), &[b"ok\n"], learned);
        for name in ALONE {
            let found = outcome(&oracle, name, &ended(got.as_bytes(), end));
            assert_eq!(found, wanted, "{name}: {got:?}, {end:?} where it was {learned:?}");
            let bad = if wanted == Outcome::Same { Severity::Pass } else { Severity::Fail };
            assert_eq!(how_bad(name, found), bad, "{name}: {found:?}");
        }
    }
}

#[test]
fn what_comes_too_early_is_a_fault_where_it_is_wrong_or_where_nobody_can_know_the_end() {
    let plain = taught(&plain(&[b"hello\n"]), &[b"ok\n"]);
    let line = taught(&framed("line", &[b"hello"]), &[b"ok\n"]);
    let crlf = taught(&framed("crlf", &[b"hello"]), &[b"ok\n"]);
    let length = taught(&framed("u32be", &[b"hello"]), &[b"ok\n"]);
    for (oracle, name, seen, wanted) in [
        (&plain, "split@3", early(b"err\n", 4), Outcome::Early),
        (&plain, "split@3", early(b"err\nok\n", 4), Outcome::Early),
        // Where the end is optional a right answer may be early; without a framing nobody knows.
        (&plain, "split@3", early(b"ok\n", 3), Outcome::Same),
        (&plain, "split@3", early(b"ok\n", 0), Outcome::Same),
        (&line, "split@5", early(b"ok\n", 3), Outcome::Same),
        (&line, "split@3", early(b"ok\n", 3), Outcome::Early),
        (&crlf, "split@6", early(b"ok\n", 3), Outcome::Same),
        (&length, "split@3", early(b"ok\n", 3), Outcome::Early),
        (&length, "split@8", early(b"ok\n", 1), Outcome::Early),
        (&length, "split@3", early(b"err\n", 4), Outcome::Early),
        (&length, "split@3", early(b"err\n", 0), Outcome::Wrong),
        (&length, "drip", early(b"ok\n", 3), Outcome::Early),
    ] {
        assert_eq!(outcome(oracle, name, &seen), wanted, "{name}: {seen:?}");
    }
    assert_eq!(severity(Plan::Split, Outcome::Early, false), Severity::Fail);
}

#[test]
fn the_next_message_tells_whether_the_target_is_in_step() {
    let oracle = taught(&plain(&[b"hello\n"]), &[b"1\n", b"2\n"]);
    for name in ALONE {
        assert!(oracle.follows(case(name)), "{name}");
        let seen = |got: &[u8]| Seen { followed: true, ..came(got) };
        assert_eq!(outcome(&oracle, name, &seen(b"1\n2\n")), Outcome::Same);
        assert_eq!(outcome(&oracle, name, &seen(b"1\n3\n")), Outcome::OutOfStep);
        assert_eq!(outcome(&oracle, name, &seen(b"1\n")), Outcome::OutOfStep);
        let closed = Seen { end: End::Closed, ..seen(b"1\n2\n") };
        assert_eq!(outcome(&oracle, name, &closed), Outcome::ClosedAfter);
        assert_eq!(how_bad(name, Outcome::OutOfStep), Severity::Fail);
    }
    for name in ["coalesce:2", "straddle:2@1", "half-close", "truncate@1", "slow-reader"] {
        assert!(!oracle.follows(case(name)), "{name}");
    }
    assert!(
        !taught(&plain(&[b"hello\n"]), &[b"1\n"]).follows(case("drip")),
        "nothing is known of it"
    );
    assert_eq!(oracle.in_step(), b"1\n2\n");
    assert!(!oracle.is_in_step(b"1\n2", None) && oracle.is_in_step(b"1\n2\n", None));
}

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

#[test]
fn what_a_mask_covers_may_change_and_nothing_else() {
    let oracle = taught(&masking("[0-9]+"), &[b"n=10;\n"]);
    for (got, wanted) in [
        ("n=9;\n", Outcome::Same),
        ("n=123456;\n", Outcome::Same),
        ("n=;\n", Outcome::Wrong),
        ("m=9;\n", Outcome::Wrong),
        ("n=9", Outcome::Partial),
        ("n=9;\nn=9;\n", Outcome::Surplus),
    ] {
        assert_eq!(outcome(&oracle, "drip", &came(got.as_bytes())), wanted, "{got:?}");
        assert_eq!(oracle.is_complete(case("drip"), got.as_bytes(), None), wanted == Outcome::Same);
    }
    let nul = taught(&masking("x"), &[b"a\0\0b"]);
    assert_eq!(outcome(&nul, "drip", &came(b"a\0\0b")), Outcome::Same, "NULs of the reply's own");
}

#[test]
fn a_token_is_each_connection_s_own() {
    let exchange = Exchange { token: Some(b"NICK".to_vec()), ..plain(&[b"NICK\r\n"]) };
    let (one, other) = (Token::new(b"NICK", 1, 1), Token::new(b"NICK", 1, 2));
    let mut oracle = Oracle::new(&exchange);
    oracle.learn_reply(&one.put_in(b"hi NICK\r\n"), End::Open, Some(&one));
    assert_eq!(oracle.reply().unwrap(), b"hi NICK\r\n");
    let judged = |seen: &Seen| oracle.judge(case("drip"), seen, Some(&other));
    assert_eq!(judged(&came(&other.put_in(b"hi NICK\r\n"))), Outcome::Same);
    assert_eq!(judged(&came(&one.put_in(b"hi NICK\r\n"))), Outcome::Wrong, "another connection's");
    assert_eq!(judged(&came(&other.put_in(b"hi NICK")[..5])), Outcome::Wrong);
    assert!(oracle.is_complete(case("drip"), &other.put_in(b"hi NICK\r\n"), Some(&other)));
}

#[test]
fn expected_bytes_and_patterns_are_held_against_the_uncut_reply() {
    let bytes = Oracle::new(&expecting(b"ok\n"));
    assert!(bytes.is_expected(b"ok\n", None) && !bytes.is_expected(b"ok", None));
    let pattern = Oracle::new(&expecting_pattern("^ok"));
    assert!(pattern.is_expected(b"well\nok!\n", None) && !pattern.is_expected(b"not ok", None));
    assert!(pattern.expects_pattern() && !bytes.expects_pattern());
    let masked = Exchange { expect: Some(Expect::Bytes(b"n=1\n".to_vec())), ..masking("[0-9]+") };
    assert!(Oracle::new(&masked).is_expected(b"n=22\n", None));
    assert!(Oracle::new(&plain(&[b"x"])).is_expected(b"whatever", None));
}

#[test]
fn where_a_pattern_is_expected_the_rest_of_the_reply_is_no_matter() {
    let oracle = taught(&expecting_pattern("^n=[0-9]+$"), &[b"n=10\n"]);
    for (got, wanted) in [
        ("n=10\n", Outcome::Same),
        // Shorter than what was learned.
        ("n=9\n", Outcome::Same),
        ("date\nn=9\nmore\n", Outcome::Same),
        ("no\n", Outcome::Wrong),
        ("n=\n", Outcome::Wrong),
        ("", Outcome::NoReply),
    ] {
        assert_eq!(outcome(&oracle, "split@3", &came(got.as_bytes())), wanted, "{got:?}");
    }
}

#[test]
fn silence_is_an_answer_where_it_is_expected() {
    let oracle = taught(&expecting(b""), &[b"", b""]);
    assert!(oracle.expects_silence());
    for name in ALONE {
        assert!(!oracle.follows(case(name)));
        assert_eq!(outcome(&oracle, name, &came(b"")), Outcome::Same);
        assert_eq!(outcome(&oracle, name, &came(b"x")), Outcome::Surplus);
        assert_eq!(outcome(&oracle, name, &ended(b"", End::Closed)), Outcome::ClosedAfter);
    }
    assert!(!taught(&plain(&[b"x"]), &[b"y"]).expects_silence());
}

#[test]
fn strict_makes_a_fault_of_a_property_and_of_nothing_else() {
    for plan in Plan::ALL {
        for outcome in [
            Outcome::Same,
            Outcome::NotPipelined,
            Outcome::Reordered,
            Outcome::Unanswered,
            Outcome::EndIsMark,
            Outcome::Closed,
            Outcome::NoReply,
            Outcome::Wrong,
            Outcome::Crashed,
            Outcome::Dead,
            Outcome::Endless,
            Outcome::HalfAnswered,
            Outcome::Accepted,
            Outcome::OutOfStep,
        ] {
            let (lenient, strict) = (severity(plan, outcome, false), severity(plan, outcome, true));
            match lenient {
                Severity::Property => assert_eq!(strict, Severity::Fail, "{plan} {outcome:?}"),
                other => assert_eq!(strict, other, "{plan} {outcome:?}"),
            }
        }
        for outcome in [Outcome::Crashed, Outcome::Dead, Outcome::Endless, Outcome::HalfAnswered] {
            assert_eq!(severity(plan, outcome, false), Severity::Fail, "{plan} {outcome:?}");
        }
        assert_eq!(severity(plan, Outcome::NotPipelined, true), Severity::Refused);
    }
}

#[test]
fn an_oracle_that_has_learned_nothing_finds_nothing_wrong() {
    let oracle = Oracle::new(&framed("line", &[b"hi", b"ho"]));
    for plan in Plan::ALL {
        for name in [plan.to_string(), format!("{plan}@1"), format!("{plan}@{}", u64::MAX)] {
            assert_eq!(outcome(&oracle, &name, &came(b"x")), Outcome::Same, "{name}");
            assert!(!oracle.is_complete(case(&name), b"x", None), "{name}");
            assert_eq!(oracle.expected(case(&name)), None, "{name}");
        }
    }
}
