//! What is expected of an animal, and how that is compared with what was found.

use std::ops::RangeInclusive;

use super::animal::Animal;
use super::findings::{Cell, Findings, Severity};

/// A line such as `split: closed @1-3; early|wrong @5`, taken apart.
struct Expectation {
    severity: Option<Severity>,
    plan: &'static str,
    words: Vec<&'static str>,
    /// Without: one case at least, wherever.
    at: Option<Vec<RangeInclusive<u64>>>,
    must_be: bool,
}

/// What is not as expected of the program with the bug: empty if all is.
pub(super) fn compare(animal: &Animal, findings: &Findings) -> Vec<String> {
    let mut problems = differences(&expected(animal), findings);
    for found in animal.traits {
        if !findings.has(*found) {
            problems.push(format!("no note says that it {}", found.text()));
        }
    }
    if animal.leaves_unread != (findings.not_read > 0) {
        problems.push(format!("{} cuts were not read", findings.not_read));
    }
    problems.extend(ends_as(animal.is_failed(), findings));
    problems
}

/// What is not as expected of the corrected twin.
pub(super) fn compare_twin(animal: &Animal, findings: &Findings) -> Vec<String> {
    let mut problems = differences(&all(animal.twin, Some(Severity::Property), true), findings);
    problems.extend(findings.grave_notes().map(|note| format!("a note says: {note}")));
    if findings.not_read > 0 {
        problems.push(format!("{} cuts were not read", findings.not_read));
    }
    problems.extend(ends_as(false, findings));
    problems
}

/// Whether this line of the table may come out differently in another run.
pub(super) fn is_certain(animal: &Animal, cell: &Cell) -> bool {
    expected(animal).iter().any(|line| line.must_be && line.allows(cell))
}

fn ends_as(failed: bool, findings: &Findings) -> Option<String> {
    let (verdict, code) = if failed { ("fail", 3) } else { ("pass", 0) };
    let as_expected = (&*findings.verdict, findings.code) == (verdict, Some(code));
    let found = format!("verdict {} and exit {:?}", findings.verdict, findings.code);
    if findings.timed > 0 {
        return Some(format!("{} cuts were only timed", findings.timed));
    }
    (!as_expected).then(|| format!("{found} instead of {verdict} and {code}"))
}

fn expected(animal: &Animal) -> Vec<Expectation> {
    let mut expected = all(animal.fails, Some(Severity::Fail), true);
    expected.extend(all(animal.properties, Some(Severity::Property), true));
    expected.extend(all(animal.perhaps, None, false));
    expected
}

fn all(lines: &[&'static str], severity: Option<Severity>, must_be: bool) -> Vec<Expectation> {
    lines.iter().flat_map(|line| parse(line, severity, must_be)).collect()
}

fn parse(line: &'static str, severity: Option<Severity>, must_be: bool) -> Vec<Expectation> {
    let (plan, outcomes) = line.split_once(": ").expect("a plan, a colon and what comes of it");
    let outcomes = outcomes.split("; ").map(|outcome| {
        let (words, at) = match outcome.split_once(" @") {
            Some((words, at)) => (words, Some(at.split(',').map(range).collect())),
            None => (outcome, None),
        };
        Expectation { severity, plan, words: words.split('|').collect(), at, must_be }
    });
    outcomes.collect()
}

fn range(text: &str) -> RangeInclusive<u64> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    first.parse().expect("a number")..=last.parse().expect("a number")
}

impl Expectation {
    fn is_like(&self, cell: &Cell) -> bool {
        self.severity.is_none_or(|severity| severity == cell.severity)
            && self.plan == cell.plan
            && self.words.iter().any(|word| *word == cell.word || *word == "any")
    }

    fn allows(&self, cell: &Cell) -> bool {
        self.is_like(cell)
            && self.at.as_ref().is_none_or(|at| at.iter().any(|range| range.contains(&cell.at)))
    }
}

fn differences(expected: &[Expectation], findings: &Findings) -> Vec<String> {
    let mut problems = Vec::new();
    for line in expected.iter().filter(|line| line.must_be) {
        let (plan, words) = (line.plan, line.words.join("|"));
        match &line.at {
            None if !findings.cells.iter().any(|cell| line.is_like(cell)) => {
                problems.push(format!("{plan}: {words} is missing"));
            }
            None => {}
            Some(at) => {
                for at in at.iter().cloned().flatten() {
                    if !findings.cells.iter().any(|cell| cell.at == at && line.is_like(cell)) {
                        problems.push(format!("{plan}@{at}: {words} is missing"));
                    }
                }
            }
        }
    }
    for cell in &findings.cells {
        if !expected.iter().any(|line| line.allows(cell)) {
            problems.push(format!("{cell} is not expected"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::animal::Language;
    use super::super::findings::Trait;
    use super::*;

    const CUT: Animal = Animal {
        fails: &["split: closed @1-2; early|wrong @4", "drip: closed"],
        properties: &["half-close: closed"],
        perhaps: &["random: closed"],
        ..Animal::server(Language::C)
    };

    fn report(verdict: &str, groups: &[(&str, &str, &str, &str)], notes: &str) -> Findings {
        let plans = groups.iter().map(|(plan, word, severity, ranges)| {
            format!(
                r#"{{"plan":"{plan}","groups":[{{"outcome":"{word}","severity":"{severity}","ranges":{ranges}}}]}}"#
            )
        });
        let plans = plans.collect::<Vec<_>>().join(",");
        let json = format!(
            r#"{{"verdict":"{verdict}","plans":[{plans}],"notes":[{notes}],"cuts":{{"timed":0,"not_read":0}}}}"#
        );
        Findings::parse(&json, Some(if verdict == "fail" { 3 } else { 0 })).unwrap()
    }

    const AS_EXPECTED: [(&str, &str, &str, &str); 4] = [
        ("split", "reset", "fail", "[[1,2]]"),
        ("split", "wrong", "fail", "[[4,4]]"),
        ("drip", "closed", "fail", "[[0,0]]"),
        ("half-close", "closed", "property", "[[0,0]]"),
    ];

    #[test]
    fn what_is_expected_is_no_problem_with_and_without_what_is_left_to_chance() {
        assert_eq!(compare(&CUT, &report("fail", &AS_EXPECTED, "")), [""; 0]);
        let chance =
            [&AS_EXPECTED[..], &[("random:20", "closed", "fail", "[[3,3],[9,9]]")]].concat();
        assert_eq!(compare(&CUT, &report("fail", &chance, "")), [""; 0]);
    }

    #[test]
    fn an_offset_too_few_or_too_many_another_word_or_severity_is_named() {
        for (at, cell, problems) in [
            (0, ("split", "closed", "fail", "[[1,1]]"), &["split@2: closed is missing"][..]),
            (
                0,
                ("split", "closed", "fail", "[[1,3]]"),
                &["split@3: closed (Fail) is not expected"],
            ),
            (
                3,
                ("half-close", "closed", "fail", "[[0,0]]"),
                &["half-close: closed is missing", "half-close@0: closed (Fail) is not expected"],
            ),
            (
                2,
                ("drip", "no-reply", "fail", "[[0,0]]"),
                &["drip: closed is missing", "drip@0: no-reply (Fail) is not expected"],
            ),
        ] {
            let mut groups = AS_EXPECTED;
            groups[at] = cell;
            assert_eq!(compare(&CUT, &report("fail", &groups, "")), problems);
        }
    }

    #[test]
    fn a_twin_has_nothing_but_what_is_listed() {
        assert_eq!(compare_twin(&CUT, &report("pass", &[], "")), [""; 0]);
        let property = [AS_EXPECTED[3]];
        assert_eq!(compare_twin(&CUT, &report("pass", &property, "")).len(), 1);
        assert_eq!(compare_twin(&CUT, &report("fail", &[], "")).len(), 1);
        let note = r#"{"severity":"property","text":"leaves sockets in CLOSE-WAIT"}"#;
        assert_eq!(compare_twin(&CUT, &report("pass", &[], note)).len(), 1);
        const LISTED: Animal = Animal { twin: CUT.properties, ..CUT };
        assert_eq!(compare_twin(&LISTED, &report("pass", &property, "")), [""; 0]);
        assert_eq!(compare_twin(&LISTED, &report("pass", &[], "")).len(), 1);
    }

    #[test]
    fn a_trait_of_the_process_is_found_in_the_notes() {
        const SPINS: Animal = Animal { traits: &[Trait::Spins], ..Animal::server(Language::C) };
        let note = r#"{"severity":"fail","text":"uses 100 % CPU"}"#;
        assert_eq!(compare(&SPINS, &report("fail", &[], note)), [""; 0]);
        assert_eq!(compare(&SPINS, &report("fail", &[], "")), ["no note says that it spins"]);
    }
}
