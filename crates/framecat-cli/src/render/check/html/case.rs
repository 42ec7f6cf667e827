//! One case in full: what was written, what should have come back and what did, as text and as bytes.

use framecat::core::check::{Group, Report, Severity};
use framecat::core::diagram::{Beside, beside, ends, rows};
use maud::{Markup, html};

use super::super::Replay;
use super::super::words::{beyond, ending, missed_ending, outcome, ranges, safe, severity_word};

/// How many columns of bytes are drawn; they wrap.
const DRAWN: usize = 240;

/// How many bytes a line of hexadecimal digits has: more do not fit on a phone.
const A_LINE: usize = 8;

/// How many lines are shown before and from a difference on.
const LINES: (usize, usize) = (4, 24);

/// Every kind of outcome with its sample; the first failure is open.
pub(super) fn all(report: &Report, replay: Replay<'_>) -> Markup {
    let first = report.first_failure();
    let groups = || report.plans.iter().flat_map(|plan| &plan.groups);
    html! {
        @if groups().next().is_some() {
            h3 { "one case of each kind" }
            @for group in groups() {
                @let open = first.is_some_and(|first| std::ptr::eq(first, group));
                (one(report, group, open, replay))
            }
        }
    }
}

fn one(report: &Report, group: &Group, open: bool, replay: Replay<'_>) -> Markup {
    let sample = &group.sample;
    html! {
        details open[open] {
            summary class=(severity_word(group.severity)) {
                b { (sample.case) } (outcome(group))
                @if group.count > 1 { ", as " (ranges(&group.ranges, 8)) }
            }
            dl.case {
                dt { "wrote" }
                dd {
                    @for row in rows(&sample.wrote, DRAWN) {
                        div.write {
                            span.bytes { (inside(&row.drawn)) }
                            span { (row.then) }
                        }
                    }
                }
                (replies(Some(&sample.expected), &sample.got))
                dt { "end" }
                dd {
                    @let end = ending(report.side, group.outcome, sample);
                    (end.strip_prefix("then ").unwrap_or(&end))
                    @if let Some(end) = missed_ending(sample) { " (expected: " (end) ")" }
                    @if let Some(beyond) = beyond(sample) { " · " (beyond) }
                }
                @if !sample.remarks.is_empty() {
                    dt { "besides" }
                    dd { @for line in sample.remarks.iter().flat_map(|remark| remark.lines()) {
                        div.said { (safe(line)) }
                    } }
                }
                dt { "replay it" }
                dd { code.replay { (safe(&replay(report, &sample.case))) } }
            }
            @if group.severity == Severity::Fail || !sample.got.is_empty() {
                (side_by_side(&sample.expected, &sample.got))
            }
        }
    }
}

/// What should have come and what did, the difference marked.
pub(super) fn replies(expected: Option<&[u8]>, got: &[u8]) -> Markup {
    let Beside { common, expected: missing, got: instead, at, .. } =
        beside(expected.unwrap_or(got), got, DRAWN);
    let differs = !(missing.is_empty() && instead.is_empty());
    html! {
        @if let Some(expected) = expected {
            dt { "expected" }
            dd.bytes {
                @if expected.is_empty() { span.quiet { "nothing" } }
                (common) @if !missing.is_empty() { mark.expected { (missing) } }
            }
        }
        dt { "got" }
        dd.bytes {
            @if got.is_empty() { span.quiet { "nothing" } } @else {
                (common) @if !instead.is_empty() { mark { (instead) } }
                @if differs { " " span.quiet { "(differs at byte " (at) ")" } }
            }
        }
    }
}

/// Both as hexadecimal digits and text, from a little before the first difference on.
pub(super) fn side_by_side(expected: &[u8], got: &[u8]) -> Markup {
    let at = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    html! {
        details {
            summary { "the bytes" }
            div.sides {
                div.expected { p.quiet { "expected, " (expected.len()) " B" } (hex(expected, Some(got), at)) }
                div { p.quiet { "got, " (got.len()) " B" } (hex(got, Some(expected), at)) }
            }
        }
    }
}

/// What was sent and what came back uncut.
pub(super) fn uncut_bytes(report: &Report) -> Markup {
    html! {
        details {
            summary { "the exchange, uncut" }
            dl.case {
                @for request in &report.requests {
                    dt { "wrote" } dd.bytes { (ends(request, DRAWN)) }
                }
                dt { "got" } dd.bytes { (ends(&report.baseline.reply, DRAWN)) }
            }
            div.sides {
                @for request in &report.requests {
                    div { p.quiet { "wrote, " (request.len()) " B" } (hex(request, None, 0)) }
                }
                @let reply = &report.baseline.reply;
                div { p.quiet { "got, " (reply.len()) " B" } (hex(reply, None, 0)) }
            }
        }
    }
}

fn hex(bytes: &[u8], other: Option<&[u8]>, at: usize) -> Markup {
    let from = (at / A_LINE).saturating_sub(LINES.0) * A_LINE;
    let to = bytes.len().min(from + (LINES.0 + LINES.1) * A_LINE);
    let shown = bytes.get(from..to).unwrap_or_default();
    let differs = |at: usize| other.is_some_and(|other| other.get(at) != bytes.get(at));
    html! {
        div.hex {
            @if shown.is_empty() { "nothing" }
            @for (line, chunk) in shown.chunks(A_LINE).enumerate() {
                @let start = from + line * A_LINE;
                (format!("{start:04x}  "))
                @for (place, byte) in chunk.iter().enumerate() {
                    @if differs(start + place) { mark { (format!("{byte:02x}")) } }
                    @else { (format!("{byte:02x}")) }
                    " "
                }
                (" ".repeat(3 * (A_LINE - chunk.len()) + 1))
                (chunk.iter().map(|byte| text(*byte)).collect::<String>()) "\n"
            }
            @if to < bytes.len() { "… " (bytes.len() - to) " B more" }
        }
    }
}

/// What stands between the walls of a box: the page draws them itself.
fn inside(drawn: &str) -> &str {
    drawn.strip_prefix('│').and_then(|rest| rest.strip_suffix('│')).unwrap_or(drawn)
}

fn text(byte: u8) -> char {
    if (b' '..=b'~').contains(&byte) { byte.into() } else { '·' }
}
