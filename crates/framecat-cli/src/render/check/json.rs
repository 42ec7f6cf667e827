//! A report for a program: one object in a line, as `schemas/check.json` describes it.

use framecat::core::check::{
    Baseline, End, Group, Note, Piece, PlanReport, Report, Sample, Shape, Side, Then,
};
use framecat::core::escape::Escaped;
use serde_json::{Value, json};

use super::words::{severity_word, verdict_word};
use crate::render::json as objects;

/// One exchange, without a line end.
pub(crate) fn line(report: &Report) -> String {
    objects::line(&object(report))
}

fn object(report: &Report) -> Value {
    json!({
        "name": report.name,
        "target": report.target,
        "side": match report.side { Side::Server => "server", Side::Client => "client" },
        "verdict": verdict_word(report.verdict),
        "requests": report.requests.iter().map(|request| whole(request)).collect::<Vec<_>>(),
        "baseline": baseline(&report.baseline),
        "plans": report.plans.iter().map(plan).collect::<Vec<_>>(),
        "notes": report.notes.iter().map(note).collect::<Vec<_>>(),
        "cases": report.cases,
        "cuts": {
            "confirmed": report.cuts.confirmed,
            "timed": report.cuts.timed,
            "not_read": report.cuts.not_read,
        },
        "seconds": rounded(report.elapsed.as_secs_f64()),
    })
}

fn baseline(baseline: &Baseline) -> Value {
    let differences = baseline.differences.iter().map(|difference| {
        json!({
            "at": [difference.at.start, difference.at.end],
            "first": shown(&difference.first),
            "other": shown(&difference.other),
        })
    });
    json!({
        "runs": baseline.runs,
        "alike": baseline.alike,
        "reply": shown(&baseline.reply),
        "reply_len": baseline.reply.len(),
        "end": end(baseline.end),
        "slowest_ms": rounded(baseline.slowest.as_secs_f64() * 1e3),
        "differences": differences.collect::<Vec<_>>(),
        "proposed_mask": baseline.proposed_mask,
        "expected": baseline.expected.as_deref().map(shown),
        "expected_pattern": baseline.expected_pattern,
    })
}

fn plan(plan: &PlanReport) -> Value {
    json!({
        "plan": plan.plan.to_string(),
        "severity": severity_word(plan.severity()),
        "cases": plan.cells.len(),
        "failed": plan.failed(),
        "skipped": plan.skipped,
        "of": plan.of,
        "groups": plan.groups.iter().map(group).collect::<Vec<_>>(),
        "shapes": plan.shapes.iter().map(shape).collect::<Vec<_>>(),
    })
}

fn group(group: &Group) -> Value {
    json!({
        "outcome": group.outcome.word(),
        "text": group.outcome.text(),
        "severity": severity_word(group.severity),
        "ranges": group.ranges,
        "count": group.count,
        "again": group.again,
        "sample": sample(&group.sample),
    })
}

fn shape(shape: &Shape) -> Value {
    json!({
        "answer": shown(&shape.answer),
        "end": end(shape.end),
        "ranges": shape.ranges,
        "count": shape.count,
    })
}

fn sample(sample: &Sample) -> Value {
    json!({
        "case": sample.case.to_string(),
        "wrote": sample.wrote.iter().map(piece).collect::<Vec<_>>(),
        "expected": shown(&sample.expected),
        "expected_len": sample.expected.len(),
        "expected_end": sample.expected_end.map(end),
        "got": shown(&sample.got),
        "got_len": sample.got_len,
        "end": end(sample.end),
        "after_ms": rounded(sample.after.as_secs_f64() * 1e3),
        "remarks": sample.remarks,
    })
}

fn piece(piece: &Piece) -> Value {
    let then = match piece.then {
        Then::Read => "read",
        Then::Timed => "timed",
        Then::NotRead => "not-read",
        Then::Gone => "gone",
        Then::Answered => "answered",
        Then::Nothing => "nothing",
        Then::Finished => "finished",
        Then::Reset => "reset",
    };
    json!({"bytes": shown(&piece.bytes), "len": piece.bytes.len(), "then": then})
}

fn note(note: &Note) -> Value {
    json!({
        "severity": severity_word(note.severity),
        "text": note.text,
        "stderr": shown(&note.stderr),
    })
}

fn end(end: End) -> &'static str {
    match end {
        End::Open => "open",
        End::Closed => "closed",
        End::Reset => "reset",
    }
}

fn whole(bytes: &[u8]) -> String {
    Escaped(bytes).to_string()
}

/// Bytes as text, at most as many as are kept of a reply: a line stays one that can be read.
fn shown(bytes: &[u8]) -> String {
    whole(&bytes[..bytes.len().min(Sample::KEPT)])
}

/// To the microsecond, where it is in milliseconds or more: the rest is noise.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use framecat::core::check::{Outcome, Plan, Severity, Verdict};
    use jsonschema::Validator;

    use super::super::samples;
    use super::*;

    fn schema() -> Validator {
        let schema = include_str!("../../../../../schemas/check.json");
        let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
        jsonschema::draft202012::meta::validate(&schema).expect("the schema is one");
        jsonschema::draft202012::new(&schema).expect("the schema can be used")
    }

    fn parsed(report: &Report) -> Value {
        serde_json::from_str(&line(report)).expect("a line is JSON")
    }

    #[test]
    fn every_report_is_as_the_schema_says() {
        let schema = schema();
        for report in samples::all() {
            let object = parsed(&report);
            let errors: Vec<String> = schema
                .iter_errors(&object)
                .map(|e| format!("{}: {e}", e.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}\n{object:#}");
        }
    }

    #[test]
    fn every_word_is_known_to_the_schema() {
        let schema = schema();
        let mut report = samples::tutorial();
        let group = &mut report.plans[0].groups[0];
        group.sample.wrote =
            [Then::Read, Then::Timed, Then::NotRead, Then::Gone, Then::Answered, Then::Nothing]
                .map(|then| samples::piece("x", then))
                .into();
        group.sample.expected_end = None;
        for outcome in OUTCOMES {
            report.plans[0].groups[0].outcome = outcome;
            assert!(schema.is_valid(&parsed(&report)), "{outcome:?}");
        }
        for severity in [Severity::Pass, Severity::Refused, Severity::Property, Severity::Fail] {
            report.plans[0].groups[0].severity = severity;
            assert!(schema.is_valid(&parsed(&report)), "{severity:?}");
        }
        for verdict in [Verdict::NoReply, Verdict::Setup, Verdict::Unreachable, Verdict::WrongUncut]
        {
            report.verdict = verdict;
            assert!(schema.is_valid(&parsed(&report)), "{verdict:?}");
        }
        for plan in Plan::ALL {
            report.plans[0].plan = plan;
            assert!(schema.is_valid(&parsed(&report)), "{plan:?}");
        }
    }

    const OUTCOMES: [Outcome; 24] = [
        Outcome::Same,
        Outcome::Crashed,
        Outcome::Dead,
        Outcome::Endless,
        Outcome::Early,
        Outcome::HalfAnswered,
        Outcome::Wrong,
        Outcome::Partial,
        Outcome::Surplus,
        Outcome::NoReply,
        Outcome::Closed,
        Outcome::Reset,
        Outcome::ClosedAfter,
        Outcome::OutOfStep,
        Outcome::Accepted,
        Outcome::KeptOpen,
        Outcome::Refused,
        Outcome::Setup,
        Outcome::Hung,
        Outcome::OtherStatus,
        Outcome::Reordered,
        Outcome::Unanswered,
        Outcome::EndIsMark,
        Outcome::NotPipelined,
    ];

    #[test]
    fn the_schema_refuses_what_is_wrong_anywhere() {
        let schema = schema();
        let good = parsed(&samples::tutorial());
        assert!(schema.is_valid(&good));
        for (place, wrong) in [
            ("/verdict", json!("perhaps")),
            ("/cases", json!(-1)),
            ("/cuts/confirmed", json!("many")),
            ("/baseline/end", json!("gone")),
            ("/plans/0/groups/0/outcome", json!("odd")),
            ("/plans/0/groups/0/ranges/0", json!([1])),
            ("/plans/0/groups/0/sample/wrote/0/then", json!("lost")),
            ("/plans/0/groups/0/sample/got", json!("a\\q")),
            ("/plans/0/groups/0/again", json!([1, 2, 3])),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(place).unwrap_or_else(|| panic!("{place} is there")) = wrong;
            assert!(!schema.is_valid(&bad), "{place}");
        }
        for place in
            ["", "/baseline", "/cuts", "/plans/0", "/plans/0/groups/0", "/plans/0/groups/0/sample"]
        {
            let mut bad = good.clone();
            bad.pointer_mut(place).expect("it is there")["surplus"] = json!(1);
            assert!(!schema.is_valid(&bad), "a surplus field in `{place}`");
        }
    }

    #[test]
    fn the_names_and_words_are_those_of_the_contract() {
        let object = parsed(&samples::tutorial());
        assert_eq!(object["verdict"], "fail");
        assert_eq!(object["side"], "server");
        assert_eq!(object["cuts"], json!({"confirmed": 271, "timed": 0, "not_read": 0}));
        assert_eq!(object["seconds"], 0.06);
        let split = &object["plans"][0];
        assert_eq!((&split["plan"], &split["failed"]), (&json!("split"), &json!(67)));
        let group = &split["groups"][0];
        assert_eq!(group["outcome"], "closed");
        assert_eq!(group["ranges"], json!([[1, 63]]));
        assert_eq!(group["again"], json!([2, 2]));
        let sample = &group["sample"];
        assert_eq!(sample["case"], "split@1");
        assert_eq!(sample["wrote"][0], json!({"bytes": "5", "len": 1, "then": "read"}));
        assert_eq!((&sample["end"], &sample["after_ms"]), (&json!("closed"), &json!(0.3)));
    }

    #[test]
    fn a_large_message_is_cut_short_and_says_how_long_it_is() {
        let mut report = samples::long();
        report.plans[0].groups[0].sample.wrote[0].bytes = vec![b'a'; 1 << 20];
        let object = parsed(&report);
        let wrote = &object["plans"][0]["groups"][0]["sample"]["wrote"][0];
        assert_eq!(wrote["len"], 1 << 20);
        assert_eq!(wrote["bytes"].as_str().map(str::len), Some(Sample::KEPT));
    }
}
