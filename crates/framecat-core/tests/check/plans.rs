//! What each plan writes, where it cuts, and how it ends, told a second time.

use std::collections::BTreeSet;

use framecat_core::check::{Exchange, Finale, Plan, Script, Streams};

use crate::exchanges::{all, at, case, framed, payload, plain, plans, script, streams, wires};

const SEED: u64 = 7;

/// `count` messages in turn, joined.
fn joined(wires: &[Vec<u8>], count: usize) -> Vec<u8> {
    (0..count).flat_map(|i| wires[i % wires.len()].iter().copied()).collect()
}

fn open(bytes: Vec<u8>, cuts: Vec<usize>) -> Script {
    Script { bytes, cuts, finale: Finale::Nothing, slow: false }
}

/// What the definition of a plan says its cases are: those that can be told without a seed.
fn defined(exchange: &Exchange, plan: Plan) -> Option<Vec<(u64, Script)>> {
    let wires = wires(exchange);
    let whole = wires[0].clone();
    let len = whole.len();
    let one = |script| Some(vec![(0, script)]);
    match plan {
        Plan::Split => Some((1..len).map(|k| (k as u64, open(whole.clone(), vec![k]))).collect()),
        Plan::Drip => one(open(whole, (1..len).collect())),
        Plan::Chunks(size) => {
            let cuts = (1..len).filter(|k| k % size as usize == 0).collect();
            one(open(whole, cuts))
        }
        Plan::Coalesce(count) => one(open(joined(&wires, count as usize), vec![])),
        Plan::Straddle(count) => {
            let bytes = joined(&wires, count as usize);
            let cut = |k: usize| (k as u64, open(bytes.clone(), vec![k]));
            Some((1..bytes.len()).map(cut).collect())
        }
        Plan::HalfClose => {
            let script = Script { finale: Finale::Finish, ..open(whole, vec![]) };
            Some((1..=8).map(|number| (number, script.clone())).collect())
        }
        Plan::Truncate => {
            let first =
                |k: usize| Script { finale: Finale::Finish, ..open(whole[..k].to_vec(), vec![]) };
            Some((1..len).map(|k| (k as u64, first(k))).collect())
        }
        Plan::Reset => {
            let reset =
                |bytes: Vec<u8>, cuts| Script { finale: Finale::Reset, ..open(bytes, cuts) };
            let inside = |k: usize| if k > 0 && k < len { vec![k] } else { vec![] };
            let mut cases: Vec<_> =
                (0..=len).map(|k| (k as u64, reset(whole[..k].to_vec(), inside(k)))).collect();
            if exchange.pipelining {
                let two = joined(&wires, 2);
                cases.push((two.len() as u64, reset(two, vec![])));
            }
            Some(cases)
        }
        Plan::SlowReader => {
            let slow = |count| Script { slow: true, ..open(joined(&wires, count), vec![]) };
            Some(vec![(1, slow(1)), (16, slow(16))])
        }
        _ => None,
    }
}

fn listed(streams: &Streams, plan: Plan) -> Vec<u64> {
    streams.cases(plan, usize::MAX, SEED, Some(16)).at
}

#[test]
fn every_case_writes_what_the_definition_of_its_plan_says() {
    for exchange in all() {
        let streams = streams(&exchange);
        for plan in plans() {
            let Some(defined) = defined(&exchange, plan) else { continue };
            let places: Vec<u64> = defined.iter().map(|(at, _)| *at).collect();
            assert_eq!(listed(&streams, plan), places, "{plan} of {exchange:?}");
            for (place, wanted) in defined {
                assert_eq!(script(&streams, at(plan, place), SEED), wanted, "{plan}@{place}");
            }
        }
    }
}

#[test]
fn cuts_ascend_and_stand_inside() {
    for exchange in all() {
        let streams = streams(&exchange);
        for plan in plans() {
            for place in listed(&streams, plan) {
                let script = script(&streams, at(plan, place), SEED);
                let inside = 1..script.bytes.len() + usize::from(plan == Plan::Reset);
                assert!(script.cuts.is_sorted_by(|one, next| one < next), "{plan}@{place}");
                assert!(script.cuts.iter().all(|cut| inside.contains(cut)), "{plan}@{place}");
            }
        }
    }
}

#[test]
fn each_case_that_is_listed_has_a_script_and_no_other_has() {
    for exchange in all() {
        let streams = streams(&exchange);
        for plan in plans() {
            let cases = streams.cases(plan, usize::MAX, SEED, Some(16));
            let known: BTreeSet<u64> = cases.at.iter().copied().collect();
            assert_eq!(known.len(), cases.at.len(), "{plan} lists a case twice");
            assert!(cases.at.is_sorted(), "{plan}");
            assert_eq!(cases.of, None, "{plan} lists all");
            let tried = (0..700).chain((1..64).map(|bit| 1 << bit)).chain([u64::MAX]);
            for place in tried.chain(known.iter().copied()) {
                // How many requests fill the buffers is the caller's to say.
                if plan == Plan::SlowReader && place > 1 {
                    continue;
                }
                let script = streams.script(at(plan, place), SEED);
                let is_known = known.contains(&place);
                assert_eq!(script.is_some(), is_known, "{plan}@{place} of {exchange:?}");
            }
        }
    }
}

#[test]
fn a_plan_of_one_case_needs_no_number_and_takes_none() {
    let streams = streams(&plain(&[b"0123456789"]));
    for plan in ["drip", "chunks:3", "coalesce:2"] {
        assert_eq!(listed(&streams, plan.parse().unwrap()), [0]);
        let without = streams.script(case(plan), SEED);
        assert!(without.is_some());
        assert_eq!(streams.script(case(&format!("{plan}@0")), SEED), without);
        assert_eq!(streams.script(case(&format!("{plan}@5")), SEED), None, "{plan}@5");
    }
    for plan in ["split", "straddle:2", "truncate", "random:5", "garbage"] {
        assert_eq!(streams.script(case(plan), SEED), None, "{plan} needs a number");
    }
    assert_eq!(
        streams.script(case("half-close"), SEED).map(|script| script.finale),
        Some(Finale::Finish)
    );
}

#[test]
fn a_request_of_one_byte_has_no_seam_and_no_script_that_would_need_one() {
    let streams = streams(&plain(&[b"x"]));
    for plan in ["split", "drip", "chunks:7", "random:20", "truncate"] {
        let plan: Plan = plan.parse().unwrap();
        assert!(streams.senseless(plan).is_some(), "{plan}");
        for place in listed(&streams, plan) {
            assert!(script(&streams, at(plan, place), SEED).cuts.is_empty());
        }
        let _ = streams.script(at(plan, 1), SEED);
    }
    assert_eq!(listed(&streams, Plan::Straddle(2)), [1]);
    assert_eq!(listed(&streams, Plan::Reset), [0, 1, 2]);
}

#[test]
fn random_cuts_follow_from_the_seed_and_are_others_for_another() {
    let streams = streams(&plain(&[&payload(300)]));
    let cuts = |seed: u64| -> Vec<Vec<usize>> {
        (1..=50).map(|number| script(&streams, at(Plan::Random(50), number), seed).cuts).collect()
    };
    assert_eq!(cuts(1), cuts(1));
    let alike = cuts(1).iter().zip(cuts(2)).filter(|(one, other)| *one == other).count();
    assert!(alike < 5, "{alike} of 50 are alike");
    let distinct: BTreeSet<_> = cuts(1).into_iter().collect();
    assert!(distinct.len() > 40, "{} of 50 are distinct", distinct.len());
    assert!(distinct.iter().all(|cuts| (1..=8).contains(&cuts.len())));
    let places: BTreeSet<usize> = (0..100).flat_map(cuts).flatten().collect();
    assert!(places.first() == Some(&1) && places.last() == Some(&299), "every offset has its turn");
    let twenty = script(&streams, at(Plan::Random(20), 3), 1);
    assert_eq!(twenty.cuts, cuts(1)[2], "how many there are does not change those that there are");
}

#[test]
fn an_empty_message_comes_before_and_between() {
    for (framing, empty, request) in [
        ("u32be", &b"\0\0\0\0"[..], &b"\0\0\0\x02hi"[..]),
        ("line", b"\n", b"hi\n"),
        ("netstring", b"0:,", b"2:hi,"),
        ("content-length", b"Content-Length: 0\r\n\r\n", b"Content-Length: 2\r\n\r\nhi"),
    ] {
        let streams = streams(&framed(framing, &[b"hi"]));
        let before = script(&streams, case("empty@1"), SEED);
        assert_eq!(before, open([empty, request].concat(), vec![empty.len()]), "{framing}");
        let between = script(&streams, case("empty@2"), SEED);
        assert_eq!(between, open([request, empty, request].concat(), vec![]), "{framing}");
    }
    for exchange in [plain(&[b"hi"]), framed("fixed:2", &[b"hi"])] {
        let streams = streams(&exchange);
        assert!(streams.senseless(Plan::Empty).is_some());
        assert_eq!(listed(&streams, Plan::Empty), [0; 0], "there is no empty message to send");
    }
}

#[test]
fn slow_reader_is_run_once_or_also_with_as_many_requests_as_fill_the_buffers() {
    let streams = streams(&plain(&[b"ab", b"c"]));
    let cases = |many| streams.cases(Plan::SlowReader, 9, SEED, many).at;
    assert_eq!(cases(None), [1]);
    assert_eq!(cases(Some(1)), [1]);
    assert_eq!(cases(Some(3)), [1, 3]);
    assert_eq!(script(&streams, case("slow-reader@3"), SEED).bytes, b"abcab");
    assert_eq!(script(&streams, case("slow-reader"), SEED).bytes, b"ab");
}
