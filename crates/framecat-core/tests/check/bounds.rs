//! What may take neither long nor much memory, shown without a clock: each is driven so often, or asked
//! for so much, that the test would not end otherwise.

use framecat_core::check::{
    CaseId, End, Exchange, MOST_REQUESTS, Oracle, Plan, differences, propose_mask,
};

use crate::exchanges::{at, case, framed, payload, plain, plans, streams};
use crate::told::{came, masking, outcome, taught};

#[test]
fn a_case_of_any_number_takes_little() {
    let exchanges =
        [plain(&[&payload(300)]), framed("u32be", &[&payload(300), b"x"]), framed("line", &[b"x"])];
    for exchange in exchanges {
        let streams = streams(&exchange);
        let oracle = taught(&exchange, &[&[b'x'; 100], &[b'x'; 100], &[b'x'; 100], &[b'x'; 100]]);
        let silent = taught(&exchange, &[b"", b"", b"", b""]);
        for plan in plans() {
            for number in (0..64).map(|bit| 1 << bit).chain([u64::MAX, u64::MAX - 1]) {
                let case = at(plan, number);
                let most = 16 << 20;
                let script = streams.script(case, 1);
                assert!(script.is_none_or(|script| script.bytes.len() <= most), "{case}");
                let expected = oracle.expected(case);
                assert!(expected.is_none_or(|expected| expected.len() <= 64 << 20), "{case}");
                let _ =
                    (outcome(&oracle, &case.to_string(), &came(b"x")), oracle.expected_end(case));
                let _ = (oracle.reply_bytes(number as usize), silent.expected(case));
            }
        }
    }
}

#[test]
fn a_slow_reader_of_a_large_request_does_not_send_it_many_times() {
    let large = streams(&plain(&[&payload(10_000)]));
    let many = |many| large.cases(Plan::SlowReader, 10, 1, Some(many)).at;
    assert_eq!(many(1000), [1, 1000]);
    assert_eq!(many(MOST_REQUESTS as u64), [1], "640 MB would be sent");
    assert_eq!(large.script(at(Plan::SlowReader, MOST_REQUESTS as u64), 1), None);
    let huge = streams(&plain(&[&payload(20 << 20)]));
    assert!(huge.script(case("slow-reader@1"), 1).is_some(), "once is always possible");
    let small = streams(&plain(&[b"x"]));
    assert_eq!(small.script(at(Plan::SlowReader, MOST_REQUESTS as u64 + 1), 1), None);
}

/// Asks whether the reply is whole at every few bytes of it.
fn asked_all_along(oracle: &Oracle, case: CaseId, reply: &[u8]) -> Vec<usize> {
    let asked = (0..=reply.len()).step_by(16);
    asked.filter(|&len| oracle.is_complete(case, &reply[..len], None)).collect()
}

#[test]
fn a_large_reply_that_comes_in_small_reads_is_not_looked_at_from_the_front_each_time() {
    // 4 MiB in 262,144 reads: a look at all that has come would be 5 * 10^11 bytes.
    const LEN: usize = 4 << 20;
    let one = plain(&[b"x"]);
    let large = vec![b'x'; LEN];
    let oracle = taught(&one, &[&large]);
    assert_eq!(asked_all_along(&oracle, case("split@1"), &large), [LEN]);
    let small = [b'x'; 64];
    let oracle = taught(&one, &[&small, &small]);
    let many = at(Plan::SlowReader, (LEN / small.len()) as u64);
    assert_eq!(asked_all_along(&oracle, many, &large), [LEN]);
    let unordered = taught(&Exchange { unordered: true, ..one.clone() }, &[&large, &small]);
    let both = [&large[..], &small].concat();
    assert_eq!(asked_all_along(&unordered, case("coalesce:2"), &both), [LEN + small.len()]);
    assert!(!unordered.is_in_step(&large, None) && unordered.is_in_step(&both, None));
}

#[test]
fn with_masks_only_the_last_part_of_a_large_reply_is_looked_at_again() {
    let line = b"n=123456 and much that stays as it is in each of the replies...\n";
    let oracle = taught(&masking("^n=[0-9]+"), &[line, line]);
    let many = at(Plan::SlowReader, 1024);
    let large = line.repeat(1024);
    assert_eq!(asked_all_along(&oracle, many, &large), [large.len()]);
    // What is blanked may be shorter than what stands there then.
    let short = taught(&masking("x?"), &[b"ab"]);
    assert!(short.is_complete(case("drip"), b"ab", None));
}

#[test]
fn runs_that_differ_everywhere_get_no_mask_and_soon() {
    // Differences at 600,000 places of one line: to look back over the line for each would be 10^12 bytes.
    let run = |byte: &[u8]| [byte, b"......"].concat().repeat(600_000);
    let (one, other) = (run(b"a"), run(b"b"));
    assert_eq!(differences(&one, &other).len(), 600_000);
    let _ = propose_mask(&[one, other]);
    let lines = |from: usize| -> Vec<u8> {
        (0..100_000).flat_map(|i| format!("{i:x} is {}\n", i + from).into_bytes()).collect()
    };
    assert_eq!(propose_mask(&[lines(100_000), lines(200_000)]), None);
}

#[test]
fn an_end_does_not_make_a_reply_of_many_parts_slow_to_judge() {
    let oracle = taught(&plain(&[b"x"]), &[b"y", b"y"]);
    let mut seen = came(&[b'y'; MOST_REQUESTS - 1]);
    seen.end = End::Closed;
    let case = at(Plan::SlowReader, MOST_REQUESTS as u64);
    assert_eq!(oracle.judge(case, &seen, None), framecat_core::check::Outcome::Same);
}
