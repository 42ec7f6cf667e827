//! A report for a person.

use framecat::core::check::{CaseId, Note, PlanReport, Report, Severity, Shape, Verdict};
use framecat::core::diagram::{columns, count, head};
use framecat::core::escape::Printable;

use super::page::{Item, Page};
use super::strip::{fold, stretches};
use super::words::{
    baseline, cuts, mark, noun, outcome, ranges, safe, sizes, tally, title, verdict, witness,
};
use super::{Detail, Look, baseline as uncut, failure};
use crate::style::Style;

/// How many lines of cells a strip may have.
const LINES: usize = 3;

/// How many lines of a standard error are shown: the last ones tell why it ended.
const STDERR_LINES: usize = 8;

/// How many ranges of a group are named; the rest are counted.
const RANGES: usize = 6;

/// What was found of one exchange, with a line end behind the last line.
pub(crate) fn report(report: &Report, look: &Look<'_>) -> String {
    let mut page = Page::new(look);
    let failures_only = look.detail == Detail::Failures;
    if !failures_only {
        draw_head(&mut page, report);
    } else if report.verdict != Verdict::Pass {
        page.line(&look.style.strong(&title(report)));
    }
    uncut::draw(&mut page, report);
    draw_plans(&mut page, report);
    for note in &report.notes {
        if !failures_only || note.severity == Severity::Fail || report.plans.is_empty() {
            draw_note(&mut page, note);
        }
    }
    draw_samples(&mut page, report);
    page.line(&last_line(report, look.style));
    page.out
}

/// What was found of a suite: a line an exchange, and a total.
pub(crate) fn suite(reports: &[Report], look: &Look<'_>) -> String {
    let mut page = Page::new(look);
    let shown =
        |report: &&Report| look.detail != Detail::Failures || report.verdict != Verdict::Pass;
    let name =
        |report: &Report| head(report.name.as_ref().unwrap_or(&report.target).as_bytes(), 40);
    let names: Vec<String> = reports.iter().map(name).collect();
    let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0);
    for (report, name) in reports.iter().zip(&names).filter(|(report, _)| shown(report)) {
        let gap = widest - columns(name);
        let numbers =
            format!("{:>6}  {:>8}", report.cases, format!("{:.2} s", report.elapsed.as_secs_f64()));
        let (mark, verdict) = judged(report, look.style);
        page.line(&format!("{mark} {name}{:gap$}{}   {verdict}", "", look.style.quiet(&numbers)));
    }
    let cases: u64 = reports.iter().map(|report| report.cases).sum();
    let seconds: f64 = reports.iter().map(|report| report.elapsed.as_secs_f64()).sum();
    let failed = reports.iter().filter(|report| report.verdict != Verdict::Pass).count();
    let result = match failed {
        0 => look.style.came("all pass"),
        failed => look.style.error(&format!("{failed} of {} do not pass", reports.len())),
    };
    let exchanges = count(reports.len(), "exchange");
    page.line(&format!(
        "{exchanges} · {} · {seconds:.2} s · {result}",
        count(cases as usize, "case")
    ));
    page.out
}

/// A report in one line.
pub(super) fn last_line(report: &Report, style: Style) -> String {
    let mut parts = vec![count(report.cases as usize, "case")];
    if witness(report.cuts).is_some() || report.cuts.not_read > 0 {
        parts.push(cuts(report.cuts));
    }
    parts.push(format!("{:.2} s", report.elapsed.as_secs_f64()));
    parts.push(judged(report, style).1);
    parts.join(" · ")
}

fn judged(report: &Report, style: Style) -> (String, String) {
    let verdict = verdict(report);
    match report.verdict {
        Verdict::Pass => (style.came("✓"), style.came(&verdict)),
        _ => (style.error("✗"), style.error(&verdict)),
    }
}

fn draw_head(page: &mut Page<'_>, report: &Report) {
    let style = page.look.style;
    if let Some(name) = &report.name {
        page.line(&format!(
            "{}   {}",
            style.strong(&safe(name)),
            style.quiet(&safe(&report.target))
        ));
    }
    if report.baseline.runs == 0 {
        return;
    }
    let alike = (report.verdict != Verdict::NoReply).then(|| baseline(report));
    let parts = [Some(sizes(report)), alike, witness(report.cuts)];
    page.paragraph(parts.into_iter().flatten(), 3);
    if page.look.detail == Detail::EachKind {
        let room = page.room();
        page.at_margin("reply", &head(&report.baseline.reply, room));
    }
}

fn draw_plans(page: &mut Page<'_>, report: &Report) {
    let failures_only = page.look.detail == Detail::Failures;
    let ran: Vec<&PlanReport> = report
        .plans
        .iter()
        .filter(|plan| !plan.cells.is_empty())
        .filter(|plan| !failures_only || plan.severity() == Severity::Fail)
        .collect();
    let (single, strips): (Vec<_>, Vec<_>) = ran.iter().partition(|plan| plan.cells.len() == 1);
    for plan in strips {
        draw_strip(page, plan);
        draw_groups(page, plan);
        draw_shapes(page, plan, &report.baseline.reply);
    }
    let style = page.look.style;
    let items: Vec<Item> = single.into_iter().map(|plan| single_cell(plan, style)).collect();
    if !items.is_empty() {
        page.flow("once each", items, 4);
    }
    if !failures_only {
        draw_skipped(page, report);
    }
}

/// A plan with its one cell: `drip ✗ no reply`, or the one case of it that was run: `split@17 ✓`.
fn single_cell(plan: &PlanReport, style: Style) -> Item {
    let severity = plan.severity();
    let at = plan.cells.first().map(|cell| cell.at).filter(|at| *at > 0);
    let mut text = format!("{} {}", CaseId { plan: plan.plan, at }, mark(severity));
    if let Some(group) = plan.groups.first().filter(|group| group.severity == severity) {
        text += &format!(" {}", outcome(group));
    }
    Item::painted(&text, |text| painted(severity, text, style))
}

fn painted(severity: Severity, text: &str, style: Style) -> String {
    match severity {
        Severity::Pass => style.came(text),
        Severity::Refused => style.quiet(text),
        Severity::Property => style.left(text),
        Severity::Fail => style.error(text),
    }
}

fn draw_strip(page: &mut Page<'_>, plan: &PlanReport) {
    let style = page.look.style;
    let (folds, each) = fold(&plan.cells, LINES * page.room());
    let mut tally = tally(plan);
    if each > 1 {
        tally += &format!(" ({each} {}s a cell)", noun(plan.plan));
    }
    let last = folds.len().div_ceil(page.room()).saturating_sub(1);
    for (number, line) in folds.chunks(page.room()).enumerate() {
        // What continues says where: the offset of its first cell.
        let label = match number {
            0 => plan.plan.to_string(),
            _ => format!("{:>10}", format!("@{}", line[0].from)),
        };
        let cells: String = stretches(line)
            .into_iter()
            .map(|(severity, cells)| {
                painted(severity, &mark(severity).to_string().repeat(cells), style)
            })
            .collect();
        if number < last {
            page.at_margin(&label, &cells);
        } else if line.len() + 3 + columns(&tally) <= page.room() {
            page.at_margin(&label, &format!("{cells}   {}", style.quiet(&tally)));
        } else {
            page.at_margin(&label, &cells);
            page.at_margin("", &style.quiet(&tally));
        }
    }
}

fn draw_groups(page: &mut Page<'_>, plan: &PlanReport) {
    let style = page.look.style;
    let items = plan.groups.iter().map(|group| {
        let text = format!("{}   {}", ranges(&group.ranges, RANGES), outcome(group));
        Item::painted("  ", str::to_owned)
            .then(Item::painted(&text, |text| painted(group.severity, text, style)))
    });
    page.flow("", items, 8);
}

/// The answers to a part of the request, each beside the reply to the whole.
fn draw_shapes(page: &mut Page<'_>, plan: &PlanReport, whole: &[u8]) {
    let answers = |shape: &&Shape| !shape.answer.is_empty();
    if plan.shapes.iter().filter(answers).count() == 0 {
        return;
    }
    let style = page.look.style;
    let labels: Vec<String> = plan.shapes.iter().map(|shape| ranges(&shape.ranges, 3)).collect();
    let widest = labels.iter().map(|label| columns(label)).max().unwrap_or(0).max("whole".len());
    let room = page.room().saturating_sub(widest + 5).max(8);
    page.at_margin("", &style.quiet("  what was answered to a part, and to the whole:"));
    let mut line = |label: &str, answer: &[u8]| {
        let gap = widest - columns(label);
        let answer = if answer.is_empty() { style.quiet("nothing") } else { head(answer, room) };
        page.at_margin("", &format!("  {label}{:gap$}   {answer}", ""));
    };
    for (shape, label) in plan.shapes.iter().zip(&labels) {
        line(label, &shape.answer);
    }
    line("whole", whole);
}

/// Plans that were left out, those of one reason together.
fn draw_skipped(page: &mut Page<'_>, report: &Report) {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for plan in &report.plans {
        let Some(reason) = plan.skipped.as_deref() else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, plans)) => plans.push(plan.plan.to_string()),
            None => reasons.push((reason, vec![plan.plan.to_string()])),
        }
    }
    let style = page.look.style;
    for (reason, plans) in reasons {
        let text = format!("{}: {}", plans.join(", "), safe(reason));
        page.sentence("left out", &text, |word| style.quiet(word));
    }
}

fn draw_note(page: &mut Page<'_>, note: &Note) {
    let style = page.look.style;
    let label = if note.severity == Severity::Fail { "fault" } else { "note" };
    page.sentence(label, &safe(&note.text), |word| painted(note.severity, word, style));
    let lines: Vec<&[u8]> = note.stderr.trim_ascii_end().split(|byte| *byte == b'\n').collect();
    let left_out = lines.len().saturating_sub(STDERR_LINES);
    for line in lines.iter().skip(left_out).filter(|line| !line.is_empty()) {
        let line = Printable(line.trim_ascii_end()).to_string();
        page.at_margin("", &style.quiet(&format!("│ {line}")));
    }
}

fn draw_samples(page: &mut Page<'_>, report: &Report) {
    let first = report.first_failure();
    if let Some(group) = first {
        failure::draw(page, report, group, true);
    }
    if page.look.detail != Detail::EachKind {
        return;
    }
    for group in report.plans.iter().flat_map(|plan| &plan.groups) {
        if first.is_none_or(|first| !std::ptr::eq(first, group)) {
            page.line("");
            failure::draw(page, report, group, false);
        }
    }
}
