//! Reports as one page that needs nothing else: no network, no script. What a peer sent is in it only
//! escaped, once for terminals and once by the template.

mod case;

use framecat::core::check::{Cell, Cuts, Note, PlanReport, Report, Severity, Verdict};
use framecat::core::diagram::{count, head, marked};
use framecat::core::escape::Printable;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Replay;
use super::baseline::{around, mask_flag};
use super::strip::{Fold, fold};
use super::words::{
    baseline, cuts, mark, noun, outcome, ranges, safe, severity_word, sizes, tally, title, verdict,
};

const STYLE: &str = include_str!("style.css");

/// Nothing may be fetched, and no script may run, whatever should be in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// How many cells a strip has at most: about a screen of a phone.
const CELLS: usize = 600;

/// How many columns the beginning of an answer has.
const ANSWER: usize = 200;

/// How many differences between uncut runs are drawn.
const DIFFERENCES: usize = 20;

/// The page, with the command that replays each case shown.
pub(crate) fn page(reports: &[Report], replay: Replay<'_>) -> String {
    let whole = summary(reports);
    let passes = reports.iter().all(|report| report.verdict == Verdict::Pass);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "framecat check: " (whole) }
                style { (PreEscaped(STYLE)) }
            }
            body { main {
                h1 { "framecat check" }
                p class={ "verdict " (if passes { "pass" } else { "fail" }) } { (whole) }
                @if reports.len() > 1 { (contents(reports)) }
                @for (number, report) in reports.iter().enumerate() {
                    (exchange(number, report, reports.len() == 1, replay))
                }
                footer { "Each cell is a case on a fresh connection: ✓ as uncut, ✗ fails, ○ worth knowing, \
                    – left out or refused." }
            } }
        }
    };
    page.into_string()
}

fn summary(reports: &[Report]) -> String {
    if let [report] = reports {
        return format!("{} {}", title(report), with_verb(report));
    }
    let failed = reports.iter().filter(|report| report.verdict != Verdict::Pass).count();
    match failed {
        0 => format!("all {} pass", count(reports.len(), "exchange")),
        failed => format!("{failed} of {} do not pass", count(reports.len(), "exchange")),
    }
}

fn with_verb(report: &Report) -> String {
    match report.verdict {
        Verdict::Pass => verdict(report),
        _ => format!("· {}", verdict(report)),
    }
}

fn tone(report: &Report) -> &'static str {
    if report.verdict == Verdict::Pass { "pass" } else { "fail" }
}

fn contents(reports: &[Report]) -> Markup {
    html! {
        table {
            thead { tr {
                th { "exchange" } th { "verdict" } th.number { "cases" } th.number.time { "time" }
            } }
            tbody {
                @for (number, report) in reports.iter().enumerate() {
                    tr {
                        td.name { a href={ "#e" (number) } { (title(report)) } }
                        td class=(tone(report)) { (verdict(report)) }
                        td.number { (report.cases) }
                        td.number.time { (seconds(report)) }
                    }
                }
            }
        }
    }
}

fn seconds(report: &Report) -> String {
    format!("{:.2} s", report.elapsed.as_secs_f64())
}

fn exchange(number: usize, report: &Report, alone: bool, replay: Replay<'_>) -> Markup {
    let (once, strips): (Vec<&PlanReport>, Vec<&PlanReport>) = report
        .plans
        .iter()
        .filter(|plan| !plan.cells.is_empty())
        .partition(|plan| plan.cells.len() == 1);
    html! {
        article id={ "e" (number) } {
            // One exchange stands in the page's heading.
            @if !alone {
                h2 { (title(report)) }
                p class=(tone(report)) { (verdict(report)) }
            }
            ul.facts {
                li { b { "target" } code { (safe(&report.target)) } }
                @if report.baseline.runs > 0 {
                    li { b { "messages" } (sizes(report)) }
                    li { b { "uncut" } (baseline(report)) }
                }
                @if report.cuts != Cuts::default() { li { b { "cuts" } (cuts(report.cuts)) } }
                li { b { "run" } (count(report.cases as usize, "case")) " in " (seconds(report)) }
            }
            (uncut(report))
            @for note in &report.notes { (one_note(note)) }
            @for plan in strips { (strip_of(plan, report)) }
            @if !once.is_empty() {
                h3 { "one case each" }
                ul.once { @for plan in once { (single(plan)) } }
            }
            (left_out(report))
            (case::all(report, replay))
        }
    }
}

/// What was said uncut, and where that differs from itself or from what was expected.
fn uncut(report: &Report) -> Markup {
    let baseline = &report.baseline;
    html! {
        @if let Some(mask) = &baseline.proposed_mask {
            p { "A mask that makes the uncut runs alike: " }
            code.replay { (mask_flag(mask)) }
        }
        @if !baseline.differences.is_empty() {
            h3 { "the uncut exchange differs from itself" }
            dl.case {
                @for difference in baseline.differences.iter().take(DIFFERENCES) {
                    @let (before, after) = around(&baseline.reply, difference);
                    dt { "byte " (difference.at.start) }
                    dd {
                        @for bytes in [&difference.first, &difference.other] {
                            @let drawn = marked(before, bytes, after, ANSWER);
                            div.bytes { (drawn.before) mark.differs { (drawn.marked) } (drawn.after) }
                        }
                    }
                }
            }
            @if let Some(more @ 1..) = baseline.differences.len().checked_sub(DIFFERENCES) {
                p.quiet { "and in " (count(more, "more place")) }
            }
        }
        @if report.verdict == Verdict::WrongUncut {
            h3 { "the uncut exchange is not what was expected" }
            dl.case {
                @if let Some(pattern) = &baseline.expected_pattern {
                    dt { "expected" } dd { "what matches " code { (safe(pattern)) } }
                }
                (case::replies(baseline.expected.as_deref(), &baseline.reply))
            }
            @if let Some(expected) = &baseline.expected {
                (case::side_by_side(expected, &baseline.reply))
            }
        } @else if !report.requests.is_empty() {
            (case::uncut_bytes(report))
        }
    }
}

fn one_note(note: &Note) -> Markup {
    html! {
        p class=(severity_word(note.severity)) { (mark(note.severity)) " " (safe(&note.text)) }
        @if !note.stderr.is_empty() {
            details {
                summary { "what it wrote to its standard error" }
                @for line in note.stderr.trim_ascii_end().split(|byte| *byte == b'\n') {
                    div.said { (Printable(line).to_string()) }
                }
            }
        }
    }
}

fn strip_of(plan: &PlanReport, report: &Report) -> Markup {
    let (folds, each) = fold(&plan.cells, CELLS);
    html! {
        section {
            h3 class=(severity_word(plan.severity())) {
                (plan.plan)
                small {
                    (tally(plan))
                    @if each > 1 { " (" (each) " " (noun(plan.plan)) "s a cell)" }
                }
            }
            div.strip role="img" aria-label=(tally(plan)) {
                @for fold in &folds { (cell(fold)) }
            }
            ul.found {
                @for group in &plan.groups {
                    li class=(severity_word(group.severity)) {
                        b { (ranges(&group.ranges, 40)) } (outcome(group))
                    }
                }
            }
            (shapes(plan, report))
        }
    }
}

fn cell(fold: &Fold) -> Markup {
    let Fold { from, to, worst: Cell { severity, outcome, at } } = *fold;
    let place = if from == to { format!("@{at}") } else { format!("@{from}–{to}") };
    html! {
        i class=(severity_word(severity)) title={ (place) " " (outcome.text()) } { (mark(severity)) }
    }
}

fn shapes(plan: &PlanReport, report: &Report) -> Markup {
    if plan.shapes.iter().all(|shape| shape.answer.is_empty()) {
        return html! {};
    }
    html! {
        p.quiet { "What was answered to a part, and to the whole:" }
        dl.case {
            @for shape in &plan.shapes {
                dt { (ranges(&shape.ranges, 8)) }
                dd.bytes {
                    @if shape.answer.is_empty() { span.quiet { "nothing" } }
                    (head(&shape.answer, ANSWER))
                }
            }
            dt { "whole" } dd.bytes { (head(&report.baseline.reply, ANSWER)) }
        }
    }
}

fn single(plan: &PlanReport) -> Markup {
    let severity = plan.severity();
    let group = plan.groups.iter().find(|group| group.severity == severity);
    html! {
        li class=(severity_word(severity)) {
            (plan.plan) " " (mark(severity)) " " @if let Some(group) = group { (outcome(group)) }
        }
    }
}

fn left_out(report: &Report) -> Markup {
    html! {
        @for plan in &report.plans {
            @if let Some(reason) = &plan.skipped {
                p.quiet { (mark(Severity::Refused)) " " (plan.plan) " left out: " (safe(reason)) }
            }
        }
    }
}
