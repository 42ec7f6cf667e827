//! An experiment for a person: what is claimed and what will be done before it runs, what happened and
//! what follows from it afterwards.

mod lanes;
mod page;

use std::time::Duration;

use framecat::core::lab::{Experiment, Report, Verdict};

use super::groups::GROUPS;
use super::texts::Told;
use super::values::{NO_BREAK, value};
use super::words::{self, mark, words};
use super::{Look, Series};
use crate::style::Style;
use framecat::core::diagram::columns;
use page::Page;

/// The experiments, a line each where it is wide enough, and how to run them.
pub(crate) fn list(look: &Look) -> String {
    let words = words(look.language);
    let mut page = Page::new(look);
    page.paragraph(words.title);
    let widest = Experiment::ALL.iter().map(|experiment| experiment.name().len()).max();
    let margin = widest.unwrap_or(0) + 4;
    for group in GROUPS {
        page.blank();
        page.line(&look.style.strong(group.title(look.language)));
        for experiment in group.experiments {
            let told = Told::of(*experiment, look.language);
            page.beside(&format!("  {experiment}"), margin, told.claim(), str::to_owned);
        }
    }
    page.blank();
    for (typed, does) in words.usage {
        page.beside(&format!("  {typed}"), 35, does, |text| look.style.quiet(text));
    }
    page.out
}

/// What is said before an experiment runs.
pub(crate) fn heading(experiment: Experiment, look: &Look) -> String {
    let words = words(look.language);
    let told = Told::of(experiment, look.language);
    let mut page = Page::new(look);
    page.rule(experiment.name());
    page.labelled(words.claim, told.claim(), |text| look.style.strong(text));
    if !told.source.is_empty() {
        page.labelled(words.source, &words::source(&told.source, look.language), str::to_owned);
    }
    page.labelled(words.reference, &told.reference, str::to_owned);
    page.labelled(words.plan, told.plan(), str::to_owned);
    page.out
}

/// What was found, behind the heading.
pub(crate) fn findings(series: &Series, look: &Look) -> String {
    let told = Told::of(series.experiment, look.language);
    let mut page = Page::new(look);
    for found in &series.found {
        page.blank();
        draw(&mut page, &found.report, &told);
        draw_verdict(&mut page, series, &found.report, found.times, &told);
    }
    if series.found.len() > 1 {
        page.blank();
        draw_differences(&mut page, series);
    }
    if let Some(found) = series.found.first() {
        page.labelled(words(look.language).advice, &told.advice(&found.report), str::to_owned);
    }
    page.blank();
    page.out
}

/// The verdict of an experiment in a line, for `-q`; one that came to several has one for each.
pub(crate) fn verdict_only(series: &Series, look: &Look) -> String {
    let told = Told::of(series.experiment, look.language);
    let mut out = String::new();
    for found in &series.found {
        let verdict = found.report.verdict;
        let line = words::verdict_line(verdict, &told.line(&found.report), look.language);
        let line = painted(verdict, &line.replace(NO_BREAK, " "), look.style);
        let times = match series.runs() {
            1 => String::new(),
            runs => format!("{}: ", words::times(found.times, runs, look.language)),
        };
        out.push_str(&format!("{}: {times}{line}\n", series.experiment));
    }
    if series.found.len() > 1 {
        let differ = look.style.error(&words::differ(series.runs(), look.language));
        out.push_str(&format!("{}: {differ}\n", series.experiment));
    }
    out
}

/// All that was run, a line each, and a total.
pub(crate) fn summary(all: &[Series], took: Duration, look: &Look) -> String {
    let language = look.language;
    let mut page = Page::new(look);
    let widest = all.iter().map(|series| series.experiment.name().len()).max().unwrap_or(0);
    for series in all {
        let mut name = series.experiment.name();
        for found in &series.found {
            let verdict = found.report.verdict;
            let times = match series.runs() {
                1 => String::new(),
                runs => words::bracketed(&words::times(found.times, runs, language), language),
            };
            let word = words::verdict_alone(verdict, language);
            let shown = format!("{} {word}{times}", mark(verdict));
            page.beside(name, widest + 3, &shown, |text| painted(verdict, text, look.style));
            name = "";
        }
    }
    let (counts, differ) = counts(all);
    page.paragraph(&words::tally(&counts, differ, all.len(), took, language));
    page.out
}

/// How many experiments came to each verdict, and how many to several.
pub(super) fn counts(all: &[Series]) -> (Vec<(Verdict, usize)>, usize) {
    let of = |verdict| all.iter().filter(|series| series.verdict() == Some(verdict)).count();
    let counts = Verdict::ALL.into_iter().map(|verdict| (verdict, of(verdict)));
    let counts = counts.filter(|(_, number)| *number > 0).collect();
    (counts, all.iter().filter(|series| series.verdict().is_none()).count())
}

fn draw(page: &mut Page<'_>, report: &Report, told: &Told) {
    let words = words(page.look.language);
    if !report.timeline.events.is_empty() {
        for line in lanes::draw(&report.timeline, told, page.look) {
            page.line(&line);
        }
        if report.timeline.omitted > 0 {
            let omitted = words::omitted(report.timeline.omitted, page.look.language);
            page.line(&format!("  {}", page.look.style.quiet(&omitted)));
        }
        page.blank();
    }
    // The values stand below each other, behind the longest label that leaves them room.
    let language = page.look.language;
    let values: Vec<String> =
        report.measured.iter().map(|measured| value(&measured.value, language)).collect();
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let room = page.room().saturating_sub(2);
    let value = widest(&mut values.iter().map(|value| columns(value))).min(room * 2 / 5);
    let labels = &mut report.measured.iter().map(|measured| columns(told.label(measured.name)));
    let widest = widest(labels).min(room - value);
    for (number, (measured, value)) in report.measured.iter().zip(&values).enumerate() {
        let label = if number == 0 { words.measured } else { "" };
        page.pair(label, told.label(measured.name), widest, value);
    }
}

fn draw_verdict(page: &mut Page<'_>, series: &Series, report: &Report, times: u32, told: &Told) {
    let (language, style) = (page.look.language, page.look.style);
    let words = words(language);
    let line = words::verdict_line(report.verdict, &told.line(report), language);
    let line = match series.runs() {
        1 => line,
        runs => format!("{}: {line}", words::times(times, runs, language)),
    };
    page.labelled(words.verdict, &line, |text| painted(report.verdict, text, style));
    page.labelled(words.why, &told.why(report), str::to_owned);
}

fn draw_differences(page: &mut Page<'_>, series: &Series) {
    let (language, style) = (page.look.language, page.look.style);
    let differ = words::differ(series.runs(), language);
    page.labelled("", &differ, |text| style.error(text));
}

fn painted(verdict: Verdict, text: &str, style: Style) -> String {
    match verdict {
        Verdict::Holds => style.came(text),
        Verdict::HoldsBut => style.left(text),
        Verdict::DoesNotHold => style.error(text),
        Verdict::CannotTell => style.quiet(text),
    }
}
