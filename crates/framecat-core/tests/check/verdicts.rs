//! What the answer to one message is called, and how bad that is: the rules of the survey that came
//! before the tool, each a line. Those of the hostile plans are in `hostile_verdicts.rs`.

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
