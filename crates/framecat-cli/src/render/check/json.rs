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
