//! Experiments as one page that needs nothing else: no network, no script. What was read from a socket is
//! in it only escaped, once for terminals and once by the template.

mod drawing;
mod svg;
#[cfg(test)]
mod tests;

use std::time::Duration;

use framecat::core::lab::{Report, Verdict};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::texts::Told;
use super::values::{time, value};
use super::words::{self, mark, words};
use super::{Series, text};
use crate::args::Language;
use drawing::{Drawing, NARROW, WIDE};

const STYLE: &str = include_str!("style.css");

/// Nothing may be fetched, and no script may run, whatever should be in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The page; `kernel` is that of the machine on which it was measured, and `took` how long all took.
pub(crate) fn page(
    all: &[Series],
    kernel: Option<&str>,
    took: Duration,
    language: Language,
) -> String {
    let words = words(language);
    let (counts, differ) = text::counts(all);
    let tally = words::tally(&counts, differ, all.len(), took, language);
    let lang = match language {
        Language::En => "en",
        Language::Zh => "zh-CN",
    };
    let page = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "framecat lab: " (words.page) }
                style { (PreEscaped(STYLE)) }
            }
            body { main {
                header {
                    p.program { "framecat lab" }
                    h1 { (words.page) }
                    p.tally { (tally) @if let Some(kernel) = kernel { " · Linux " (super::safe(kernel)) } }
                    p.legend { (words.not_to_scale) }
                }
                @if all.len() > 1 { (contents(all, language)) }
                @for series in all { (experiment(series, language)) }
            } }
        }
    };
    page.into_string()
}

fn contents(all: &[Series], language: Language) -> Markup {
    html! {
        table.contents { tbody {
            @for series in all {
                @let told = Told::of(series.experiment, language);
                tr {
                    td.name { a href={ "#" (series.experiment.name()) } { (series.experiment.name()) } }
                    td.said { (told.claim()) }
                    td.verdict { @for found in &series.found { (badge(found.report.verdict, language)) " " } }
                }
            }
        } }
    }
}

fn tone(verdict: Verdict) -> &'static str {
    verdict.word()
}

fn badge(verdict: Verdict, language: Language) -> Markup {
    html! {
        span class={ "badge " (tone(verdict)) } {
            (mark(verdict)) " " (words::verdict_alone(verdict, language))
        }
    }
}

fn experiment(series: &Series, language: Language) -> Markup {
    let told = Told::of(series.experiment, language);
    let words = words(language);
    html! {
        article id=(series.experiment.name()) {
            h2 { (series.experiment.name()) }
            blockquote { (told.claim()) }
            @if series.found.len() > 1 {
                p.differ { (words::differ(series.runs(), language)) }
            }
            @for found in &series.found {
                (verdict(series, &found.report, found.times, &told, language))
            }
            dl.facts {
                @if !told.plan().is_empty() { dt { (words.plan) } dd { (told.plan()) } }
                @if !told.source.is_empty() {
                    dt { (words.source) } dd { (words::source(&told.source, language)) }
                }
                @if !told.reference.is_empty() {
                    dt { (words.reference) } dd { (told.reference) }
                }
            }
            @for found in &series.found {
                @if series.found.len() > 1 { h3 { (badge(found.report.verdict, language)) } }
                (timeline(&found.report, &told, language))
                (measured(&found.report, &told, language))
            }
            @if let Some(found) = series.found.first() {
                @let advice = told.advice(&found.report);
                @if !advice.is_empty() { p.advice { b { (words.advice) } (advice) } }
            }
        }
    }
}

fn verdict(
    series: &Series,
    report: &Report,
    times: u32,
    told: &Told,
    language: Language,
) -> Markup {
    let line = words::verdict_line(report.verdict, &told.line(report), language);
    let why = told.why(report);
    html! {
        div class={ "verdict " (tone(report.verdict)) } {
            p.line {
                span.mark { (mark(report.verdict)) " " }
                (line)
                @if series.runs() > 1 {
                    span.times { (words::times(times, series.runs(), language)) }
                }
            }
            @if !why.is_empty() { p.why { (why) } }
        }
    }
}

fn timeline(report: &Report, told: &Told, language: Language) -> Markup {
    let timeline = &report.timeline;
    html! {
        @if !timeline.events.is_empty() {
            h3 { (words(language).timeline) }
            figure {
                @for (size, class) in [(WIDE, "wide"), (NARROW, "narrow")] {
                    (svg::svg(&Drawing::of(timeline, told, language, size), class, language))
                }
                @if timeline.omitted > 0 {
                    figcaption { (words::omitted(timeline.omitted, language)) }
                }
            }
        }
    }
}

fn measured(report: &Report, told: &Told, language: Language) -> Markup {
    let words = words(language);
    html! {
        @if !report.measured.is_empty() {
            h3 { (words.measured) }
            table.measured { tbody {
                @for measured in &report.measured {
                    tr {
                        td { (told.label(measured.name)) }
                        td.value { (value(&measured.value, language)) }
                    }
                }
                tr.took { td { (words.took) } td.value { (time(report.took)) } }
            } }
        }
    }
}
