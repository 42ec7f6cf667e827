//! What `check --json` says of an exchange.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// What was found of an exchange.
#[derive(Debug)]
pub(crate) struct Found(Value);

impl Found {
    pub(crate) fn new(line: Value) -> Found {
        Found(line)
    }

    #[track_caller]
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {self}"))
    }

    #[track_caller]
    pub(crate) fn name(&self) -> &str {
        self.text("name")
    }

    #[track_caller]
    pub(crate) fn verdict(&self) -> &str {
        self.text("verdict")
    }

    /// How many cases were run.
    #[track_caller]
    pub(crate) fn cases(&self) -> u64 {
        self.0["cases"].as_u64().unwrap_or_else(|| panic!("no number of cases in {self}"))
    }

    #[track_caller]
    pub(crate) fn seconds(&self) -> f64 {
        self.0["seconds"].as_f64().unwrap_or_else(|| panic!("no time in {self}"))
    }

    /// How many cuts the kernel confirmed, and how many it did not.
    #[track_caller]
    pub(crate) fn cuts(&self) -> (u64, u64) {
        let number = |name| {
            let number = &self.0["cuts"][name];
            number.as_u64().unwrap_or_else(|| panic!("no number of cuts `{name}` in {self}"))
        };
        (number("confirmed"), number("timed") + number("not_read"))
    }

    #[track_caller]
    fn plans(&self) -> &[Value] {
        self.0["plans"].as_array().unwrap_or_else(|| panic!("no plans in {self}"))
    }

    /// How bad it is, what came of a plan; one given by its name alone may have a number.
    #[track_caller]
    pub(crate) fn severity(&self, plan: &str) -> &str {
        let found = self.plans().iter().find(|found| is_plan(found, plan));
        let severity = found.and_then(|found| found["severity"].as_str());
        severity.unwrap_or_else(|| panic!("nothing of {plan} in {self}"))
    }

    /// The places at which a plan fails.
    #[track_caller]
    pub(crate) fn failing(&self, plan: &str) -> BTreeSet<u64> {
        let plans = self.plans().iter().filter(|found| is_plan(found, plan));
        plans.flat_map(failing_ranges).flat_map(|(first, last)| first..=last).collect()
    }

    /// The plans that fail and where, in words: `split at 1–63, 65; drip`.
    #[track_caller]
    pub(crate) fn failures(&self) -> String {
        let failing = self.plans().iter().filter(|plan| plan["severity"] == "fail");
        let words: Vec<_> = failing
            .map(|plan| {
                let name = plan["plan"].as_str().unwrap_or("?");
                match plan["cases"].as_u64() {
                    Some(1) => name.to_owned(),
                    _ => format!("{name} at {}", ranges(&failing_ranges(plan))),
                }
            })
            .collect();
        words.join("; ")
    }
}

fn is_plan(found: &Value, plan: &str) -> bool {
    let name = found["plan"].as_str().unwrap_or_default();
    name == plan || name.split(':').next() == Some(plan)
}

/// Where a plan fails, first and last, from the left.
fn failing_ranges(plan: &Value) -> Vec<(u64, u64)> {
    let groups = plan["groups"].as_array().into_iter().flatten();
    let failing = groups.filter(|group| group["severity"] == "fail");
    let ranges = failing.flat_map(|group| group["ranges"].as_array().into_iter().flatten());
    let mut ranges: Vec<_> =
        ranges.filter_map(|range| Some((range[0].as_u64()?, range[1].as_u64()?))).collect();
    ranges.sort_unstable();
    ranges
}

/// `1–63, 65`: what touches is joined, whatever went wrong there.
fn ranges(ranges: &[(u64, u64)]) -> String {
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for &(first, last) in ranges {
        match joined.last_mut() {
            Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    let word = |&(first, last): &(u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    };
    joined.iter().map(word).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

#[test]
fn a_report_is_put_in_words() {
    let found = Found::new(serde_json::json!({ "plans": [
        { "plan": "split", "severity": "fail", "cases": 9, "groups": [
            { "severity": "fail", "ranges": [[4, 5], [9, 9]] },
            { "severity": "fail", "ranges": [[1, 3]] },
            { "severity": "property", "ranges": [[7, 7]] },
        ] },
        { "plan": "drip", "severity": "fail", "cases": 1, "groups": [] },
        { "plan": "chunks:7", "severity": "pass", "cases": 1, "groups": [] },
    ] }));
    assert_eq!(found.failures(), "split at 1–5, 9; drip");
    assert_eq!(found.failing("split"), [1, 2, 3, 4, 5, 9].into());
    assert_eq!(found.severity("chunks"), "pass");
}
