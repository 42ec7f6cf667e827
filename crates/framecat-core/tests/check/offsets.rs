//! `--offsets`: some of the offsets of a request that is too long for all.

use std::collections::BTreeSet;

use framecat_core::check::{Cases, Exchange, Plan};

use crate::exchanges::{at, framed, payload, plain, script, streams};

const CUTTING: [Plan; 5] =
    [Plan::Split, Plan::Truncate, Plan::Straddle(2), Plan::Straddle(3), Plan::Reset];

/// The cases that are chosen, without the one of `reset` that is no offset of the request.
fn chosen(exchange: &Exchange, plan: Plan, limit: usize, seed: u64) -> Cases {
    let mut cases = streams(exchange).cases(plan, limit, seed, None);
    if plan == Plan::Reset {
        assert!(cases.at.pop().is_some(), "two requests at once are always among them");
    }
    cases
}

/// The first and the last offset of a plan.
fn ends(exchange: &Exchange, plan: Plan) -> (u64, u64) {
    let all = chosen(exchange, plan, usize::MAX, 0).at;
    (all[0], all[all.len() - 1])
}

#[test]
fn just_so_many_are_chosen_and_the_ends_are_among_them() {
    for len in [3, 40, 300, 5000] {
        for exchange in [plain(&[&payload(len)]), framed("u32be", &[&payload(len), b"next"])] {
            for plan in CUTTING {
                let all = chosen(&exchange, plan, usize::MAX, 0).at.len();
                let (first, last) = ends(&exchange, plan);
                for limit in [2, 3, 4, 5, 10, 33, 100, all - 1, all, all + 1, usize::MAX] {
                    let cases = chosen(&exchange, plan, limit, 1);
                    assert_eq!(cases.at.len(), limit.min(all), "{plan} of {len} B, {limit}");
                    assert!(cases.at.is_sorted_by(|one, next| one < next));
                    assert_eq!(cases.of, (limit < all).then_some(all as u64));
                    // The seams come first: with room for three, both ends and the one seam.
                    if limit > 3 {
                        assert!(cases.at.contains(&first), "{plan} of {len} B, {limit}: {cases:?}");
                        assert!(cases.at.contains(&last), "{plan} of {len} B, {limit}: {cases:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn no_offset_is_none() {
    for plan in CUTTING {
        let cases = chosen(&plain(&[b"0123456789"]), plan, 0, 1);
        assert_eq!(cases.at, [0; 0], "{plan}");
        assert!(cases.of.is_some(), "{plan}");
    }
}

#[test]
fn the_seams_of_joined_messages_are_among_the_few_that_are_cut() {
    let exchange = plain(&[&payload(1000), &payload(500)]);
    for (plan, seams) in
        [(Plan::Straddle(2), &[1000][..]), (Plan::Straddle(5), &[1000, 1500, 2500, 3000])]
    {
        for limit in [seams.len() + 2, 10, 20, 50, 200] {
            let cases = chosen(&exchange, plan, limit, 1);
            for seam in seams {
                assert!(cases.at.contains(seam), "{plan}, {limit}: {seam} is not in {cases:?}");
            }
        }
        let many: BTreeSet<u64> = chosen(&exchange, plan, 400, 1).at.into_iter().collect();
        let around = seams.iter().flat_map(|seam| seam - 16..=seam + 16);
        assert!(around.clone().all(|near| many.contains(&near)), "{plan}: what is around them too");
    }
}

#[test]
fn the_rest_follows_from_the_seed_and_is_spread() {
    let exchange = plain(&[&payload(5000)]);
    let at = |seed| chosen(&exchange, Plan::Split, 100, seed).at;
    assert_eq!(at(1), at(1));
    assert_ne!(at(1), at(2));
    let inside = at(1).iter().filter(|place| (100..4900).contains(*place)).count();
    assert!(inside > 30, "{inside} of 100 are inside");
}

#[test]
fn each_that_is_chosen_has_its_script() {
    let exchange = framed("netstring", &[&payload(2000), &payload(9)]);
    let streams = streams(&exchange);
    for plan in CUTTING {
        for place in streams.cases(plan, 50, 3, None).at {
            script(&streams, at(plan, place), 3);
        }
    }
}
