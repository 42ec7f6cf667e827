//! One case in full: what was written and cut where, what should have come back and what did.

use framecat::core::check::{Group, Outcome, Report, Severity};
use framecat::core::diagram::{Row, beside, head, rows};

use super::Look;
use super::page::Page;
use super::words::{beyond, ending, missed_ending, outcome, ranges, safe};

/// The least that is left for a box, however narrow the line.
const BOX: usize = 16;

/// Draws the sample of a group.
pub(super) fn draw(page: &mut Page<'_>, report: &Report, group: &Group, first: bool) {
    let Look { style, replay, .. } = page.look;
    let sample = &group.sample;
    let case = sample.case.to_string();
    let what = match (group.severity, first) {
        (Severity::Fail, true) => "first failure",
        (Severity::Fail, false) => "failure",
        (Severity::Refused, _) => "refused",
        _ => "property",
    };
    let mut found = outcome(group);
    if group.count > 1 {
        found += &format!(", as {}", ranges(&group.ranges, 4));
    }
    page.line(&format!("{}  {}   {found}", style.strong(what), style.strong(&case)));
    // Where nobody was there to talk to, or the talk ended before the exchange, the remarks say all.
    if !matches!(group.outcome, Outcome::Refused | Outcome::Setup) {
        draw_written(page, group);
        draw_replies(page, report, group);
    }
    let mut label = "besides";
    for remark in sample.remarks.iter().flat_map(|remark| remark.lines()) {
        page.labelled(label, &safe(remark));
        label = "";
    }
    let command = safe(&replay(report, &sample.case));
    // Not wrapped: it is to be copied.
    page.line(&format!("{}   {command}", style.strong("replay it")));
}

fn draw_written(page: &mut Page<'_>, group: &Group) {
    // As wide as the longest of what can become of a piece.
    let room = page.room().saturating_sub("   each read by the target, then".len()).max(BOX);
    let rows = rows(&group.sample.wrote, room);
    let widest = rows.iter().map(|row| row.columns).max().unwrap_or(0);
    let mut label = "wrote";
    for Row { drawn, columns, then } in rows {
        let gap = widest - columns + 3;
        let then = page.look.style.quiet(&then);
        page.labelled(label, format!("{drawn}{:gap$}{then}", "").trim_end());
        label = "";
    }
}

fn draw_replies(page: &mut Page<'_>, report: &Report, group: &Group) {
    let sample = &group.sample;
    let style = page.look.style;
    let drawn = beside(&sample.expected, &sample.got, page.room().saturating_sub(1));
    let expected = format!("{}{}", drawn.common, style.came(&drawn.expected));
    let nothing = style.quiet("nothing");
    page.labelled("expected", if sample.expected.is_empty() { &nothing } else { &expected });
    if let Some(end) = missed_ending(sample) {
        page.labelled("", end);
    }
    let ending = ending(report.side, group.outcome, sample);
    if sample.got.is_empty() {
        page.labelled("got", &ending);
        return;
    }
    page.labelled("got", &format!("{}{}", drawn.common, style.error(&drawn.got)));
    let all_kept = sample.got_len <= sample.got.len() as u64;
    if !drawn.is_equal() && (all_kept || !drawn.got.is_empty()) {
        page.labelled("", &style.error(&drawn.mark()));
    }
    page.labelled("", &ending);
    if let Some(beyond) = beyond(sample) {
        page.labelled("", &head(beyond.as_bytes(), page.room()));
    }
}
