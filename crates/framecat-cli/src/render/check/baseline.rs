//! Where even the uncut exchange is not as it should be: what differs, and what to do.

use framecat::core::check::{Baseline, Difference, Report, Verdict};
use framecat::core::diagram::{beside, count, ends, head, marked};

use super::page::Page;
use super::words::{safe, time};
use crate::render::text::quoted;

/// How many differences are drawn; the rest are counted.
const DRAWN: usize = 5;

/// How many bytes around a difference can matter to a line.
const AROUND: usize = 1024;

/// Says what is wrong with the uncut runs, where something is.
pub(super) fn draw(page: &mut Page<'_>, report: &Report) {
    let baseline = &report.baseline;
    match report.verdict {
        Verdict::WrongUncut => draw_wrong(page, baseline),
        Verdict::NoReply => draw_nothing(page, report),
        _ => {}
    }
    if !baseline.differences.is_empty() {
        draw_differences(page, baseline);
    }
    if let Some(mask) = &baseline.proposed_mask {
        page.at_margin("mask it", &mask_flag(mask));
    }
}

/// The flag that makes the runs alike.
pub(super) fn mask_flag(mask: &str) -> String {
    format!("--mask {}", safe(&quoted(mask)))
}

fn draw_wrong(page: &mut Page<'_>, baseline: &Baseline) {
    let style = page.look.style;
    page.line(&style.strong("the uncut exchange is not what was expected"));
    let room = page.room();
    if let Some(pattern) = &baseline.expected_pattern {
        page.labelled("expected", &format!("what matches {}", head(pattern.as_bytes(), room - 13)));
        page.labelled("got", &style.error(&ends(&baseline.reply, room)));
        return;
    }
    let Some(expected) = &baseline.expected else { return };
    let drawn = beside(expected, &baseline.reply, room - 1);
    page.labelled("expected", &format!("{}{}", drawn.common, style.came(&drawn.expected)));
    page.labelled("got", &format!("{}{}", drawn.common, style.error(&drawn.got)));
    if !drawn.is_equal() {
        page.labelled("", &style.error(&drawn.mark()));
    }
}

fn draw_nothing(page: &mut Page<'_>, report: &Report) {
    page.line(&page.look.style.strong("the uncut exchange got no reply"));
    let mut label = "wrote";
    for request in &report.requests {
        page.labelled(label, &format!("│{}│", ends(request, page.room() - 2)));
        label = "";
    }
    let waited = time(report.baseline.slowest);
    page.labelled("got", &format!("nothing in {waited}"));
    let hint = "is the message whole (a line end, its framing), and is it the right server?";
    page.sentence("", hint, str::to_owned);
}

fn draw_differences(page: &mut Page<'_>, baseline: &Baseline) {
    let places = count(baseline.differences.len(), "place");
    let heading = format!("the uncut exchange differs from itself in {places}");
    page.line(&page.look.style.strong(&heading));
    for difference in baseline.differences.iter().take(DRAWN) {
        draw_difference(page, &baseline.reply, difference);
    }
    if let Some(more @ 1..) = baseline.differences.len().checked_sub(DRAWN) {
        page.labelled("", &format!("and in {}", count(more, "more place")));
    }
}

fn draw_difference(page: &mut Page<'_>, reply: &[u8], difference: &Difference) {
    let (before, after) = around(reply, difference);
    let style = page.look.style;
    let longer = difference.first.len().max(difference.other.len());
    // Both with the room of the longer one, so that what comes before stands at the same column.
    let longest =
        if difference.first.len() == longer { &difference.first } else { &difference.other };
    let frame = marked(before, longest, after, page.room());
    let same_before = |bytes: &[u8]| {
        let mut drawn = marked(before, bytes, after, page.room());
        drawn.before.clone_from(&frame.before);
        drawn
    };
    let (first, other) = (same_before(&difference.first), same_before(&difference.other));
    let line = |drawn: &framecat::core::diagram::Marked| {
        format!("{}{}{}", drawn.before, style.left(&drawn.marked), drawn.after)
    };
    page.labelled("one run", &line(&first));
    page.labelled("another", &line(&other));
    let marks = if longest == &difference.first { &first } else { &other };
    page.labelled("", &style.left(&format!("{} at byte {}", marks.mark(), difference.at.start)));
}

/// What the first run has before and behind a difference; the report may say anything.
pub(super) fn around<'a>(reply: &'a [u8], difference: &Difference) -> (&'a [u8], &'a [u8]) {
    let start = difference.at.start.min(reply.len());
    let end = difference.at.end.clamp(start, reply.len());
    let (before, after) = (&reply[..start], &reply[end..]);
    (&before[before.len().saturating_sub(AROUND)..], &after[..after.len().min(AROUND)])
}
