//! Laws on random values. The seed is fixed: a red build shall be the change's own doing, and looking
//! for new cases is the fuzz targets' task.

use framecat_core::check::{
    Cell, Difference, End, Exchange, Oracle, Outcome, Pattern, Plan, Shapes, Streams, Token,
    differences, fold, propose_mask, severity,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::exchanges::plain;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(0x63_68_65_63_6b),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const OUTCOMES: [Outcome; 6] = [
    Outcome::Same,
    Outcome::Same,
    Outcome::Closed,
    Outcome::Wrong,
    Outcome::EndIsMark,
    Outcome::Reordered,
];

/// Cells in order, with gaps where cases were not run.
fn cells() -> impl Strategy<Value = Vec<Cell>> {
    let step = (1u64..4, prop::sample::select(&OUTCOMES[..]));
    prop::collection::vec(step, 0..60).prop_map(|steps| {
        let mut at = 0;
        let cell = |(step, outcome)| {
            at += step;
            Cell { at, outcome, severity: severity(Plan::Truncate, outcome, false) }
        };
        steps.into_iter().map(cell).collect()
    })
}

/// Text as replies have it, in which numbers and words change.
fn reply() -> impl Strategy<Value = Vec<u8>> {
    let part = prop::sample::select(vec![
        "Date: Fri",
        "id=",
        "a7",
        "09",
        "7",
        "12:30",
        ": ",
        ";",
        " ",
        "\r\n",
        "ok",
        "<",
        "\0",
        "\0\0",
        "\u{e9}",
    ]);
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat().into_bytes())
}

fn is_disjoint(ranges: &[(u64, u64)]) -> bool {
    ranges.iter().all(|(from, to)| from <= to) && ranges.is_sorted_by(|one, next| one.1 < next.0)
}

/// `first` with all that differs put in.
fn applied(first: &[u8], differences: &[Difference]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut from = 0;
    for Difference { at, first: here, other } in differences {
        assert_eq!(&first[at.clone()], &here[..], "what the first has there");
        out.extend_from_slice(&first[from..at.start]);
        out.extend_from_slice(other);
        from = at.end;
    }
    out.extend_from_slice(&first[from..]);
    out
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_folded_covers_each_cell_that_is_not_the_same_just_once(cells in cells()) {
        let folded = fold(&cells);
        for group in &folded {
            prop_assert!(is_disjoint(&group.ranges), "{:?}", group.ranges);
            prop_assert_ne!(group.outcome, Outcome::Same);
        }
        for cell in &cells {
            let holding = folded.iter().flat_map(|group| {
                let holds = |&&(from, to): &&(u64, u64)| (from..=to).contains(&cell.at);
                group.ranges.iter().filter(holds).map(move |_| group.outcome)
            });
            let holding: Vec<Outcome> = holding.collect();
            match cell.outcome {
                Outcome::Same => prop_assert_eq!(holding, []),
                outcome => prop_assert_eq!(holding, [outcome]),
            }
        }
        let bad = cells.iter().filter(|cell| cell.outcome != Outcome::Same).count() as u64;
        prop_assert_eq!(folded.iter().map(|group| group.count).sum::<u64>(), bad);
        prop_assert!(folded.is_sorted_by(|one, next| one.severity >= next.severity));
        let mut outcomes: Vec<Outcome> = folded.iter().map(|group| group.outcome).collect();
        outcomes.sort();
        outcomes.dedup();
        prop_assert_eq!(outcomes.len(), folded.len(), "an outcome has one group");
    }

    #[test]
    fn shapes_hold_each_place_at_most_once_and_are_few(
        answers in prop::collection::vec((1u64..3, 0u8..12, any::<bool>()), 0..80),
    ) {
        let mut shapes = Shapes::default();
        let mut at = 0;
        for (step, kind, closed) in &answers {
            at += step;
            let answer = format!("{} {at}\r\nmore", char::from(b'a' + kind));
            shapes.add(at, answer.as_bytes(), if *closed { End::Closed } else { End::Open });
        }
        let shapes = shapes.into_shapes();
        prop_assert!(shapes.len() <= 8);
        let mut all = Vec::new();
        for shape in &shapes {
            prop_assert!(is_disjoint(&shape.ranges));
            let places = shape.ranges.iter().map(|(from, to)| to - from + 1).sum::<u64>();
            prop_assert_eq!(places, shape.count);
            all.extend(&shape.ranges);
        }
        all.sort();
        prop_assert!(is_disjoint(&all), "a place has one answer");
    }

    #[test]
    fn a_token_keeps_the_width_and_is_taken_out_again(
        placeholder in "[A-Z]{4,12}",
        text in prop::collection::vec("[A-Z <>\r\n]{0,20}", 0..6),
        seed: u64,
        number in 0u64..46_656,
        step in 1u64..46_656,
    ) {
        let token = Token::new(placeholder.as_bytes(), seed, number);
        let sent = text.join(&placeholder).into_bytes();
        let put = token.put_in(&sent);
        prop_assert_eq!(put.len(), sent.len());
        prop_assert_eq!(memchr_count(&put, placeholder.as_bytes()), 0);
        prop_assert_eq!(token.taken_out(&put), sent);
        let value = token.put_in(placeholder.as_bytes());
        prop_assert!(value[0].is_ascii_lowercase() && value.iter().all(u8::is_ascii_alphanumeric));
        if number + step < 46_656 {
            let other = Token::new(placeholder.as_bytes(), seed, number + step);
            prop_assert_ne!(other.put_in(placeholder.as_bytes()), value);
        }
        prop_assert_eq!(Token::new(placeholder.as_bytes(), seed, number), token);
    }

    #[test]
    fn the_differences_put_into_the_first_make_the_other(first in reply(), other in reply()) {
        let found = differences(&first, &other);
        prop_assert_eq!(found.is_empty(), first == other);
        prop_assert!(found.is_sorted_by(|one, next| one.at.end < next.at.start));
        prop_assert_eq!(applied(&first, &found), other);
    }

    #[test]
    fn the_differences_of_equal_lengths_are_where_the_bytes_differ(
        first in prop::collection::vec(any::<u8>(), 0..60),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut other = first.clone();
        for (at, byte) in changes {
            if !other.is_empty() {
                let at = at.index(other.len());
                other[at] = byte;
            }
        }
        let found = differences(&first, &other);
        prop_assert_eq!(applied(&first, &found), &other[..]);
        for at in (0..first.len()).filter(|&at| first[at] != other[at]) {
            prop_assert!(found.iter().any(|difference| difference.at.contains(&at)));
        }
        for Difference { at, .. } in found {
            let ends = [at.start, at.end - 1];
            prop_assert!(ends.iter().all(|&at| first[at] != other[at]), "none is wider than it must be");
        }
    }

    #[test]
    fn a_proposed_mask_makes_all_runs_alike_for_the_oracle(
        runs in prop::collection::vec(reply(), 1..4),
    ) {
        if let Some(mask) = propose_mask(&runs) {
            let mask: Pattern = mask.parse().unwrap();
            let oracle = Oracle::new(&Exchange { masks: vec![mask.clone()], ..plain(&[b"x"]) });
            let first = oracle.blanked(&runs[0], None).into_owned();
            for run in &runs {
                prop_assert_eq!(&*oracle.blanked(run, None), &first[..], "{:?} of {:?}", mask, runs);
            }
        }
    }

    #[test]
    fn random_cuts_of_any_request_stand_inside_it_and_ascend(
        len in 2usize..400, seed: u64, number in 1u32..=100_000,
    ) {
        let streams = Streams::of(&plain(&[&vec![b'x'; len]])).unwrap();
        let case = format!("random:100000@{number}").parse().unwrap();
        let cuts = streams.script(case, seed).unwrap().cuts;
        prop_assert!((1..=8).contains(&cuts.len()));
        prop_assert!(cuts.is_sorted_by(|one, next| one < next));
        prop_assert!(cuts[0] > 0 && cuts[cuts.len() - 1] < len);
    }
}

fn memchr_count(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).filter(|window| *window == needle).count()
}
