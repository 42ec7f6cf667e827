//! The page: nothing overlaps in its drawings, nothing is fetched, nothing that was read is obeyed.

use std::time::Duration;

use framecat::core::diagram::columns;
use framecat::core::escape::is_harmless;

use super::super::samples;
use super::super::texts::Told;
use super::drawing::{Drawing, NARROW, Size, WIDE, in_columns};
use crate::args::Language;

fn page(language: Language) -> String {
    super::page(&samples::all(), Some("6.1.0"), Duration::from_secs(9), language)
}

/// Every drawing of every sample.
fn drawings() -> Vec<Drawing> {
    let mut drawings = Vec::new();
    for series in samples::all() {
        for language in Language::ALL {
            let told = Told::of(series.experiment, language);
            for found in &series.found {
                for size in [WIDE, NARROW] {
                    let timeline = &found.report.timeline;
                    drawings.push(Drawing::of(timeline, &told, language, size));
                }
            }
        }
    }
    drawings
}

#[test]
fn every_text_of_a_drawing_stays_in_its_lane() {
    for drawing in drawings() {
        let Size { width, font, times, gap, .. } = drawing.size;
        assert!(times < drawing.lanes[0].x);
        for pair in drawing.lanes.windows(2) {
            assert!(pair[0].x + pair[0].gutter + pair[0].texts + gap <= pair[1].x);
        }
        let last = drawing.lanes[2];
        assert!(last.x + last.gutter + last.texts <= width, "{last:?}");
        for row in &drawing.rows {
            let room = in_columns(drawing.lanes[row.moment.column].texts, font);
            for line in &row.lines {
                assert!(columns(line) <= room, "{line} in {room} columns");
            }
            let time = drawing.clock.shown(row.moment.at);
            assert!(columns(&time) <= in_columns(times, font), "{time}");
        }
    }
}

#[test]
fn no_moment_of_a_drawing_lies_on_another() {
    for drawing in drawings() {
        let mut free = drawing.size.line;
        for row in &drawing.rows {
            let pause = row.pause.map_or(0, |(_, height)| height);
            assert!(row.top - pause >= free, "{row:?}");
            let lines = u32::try_from(row.lines.len()).unwrap() * drawing.size.line;
            assert!(row.height >= lines && !row.lines.is_empty(), "{row:?}");
            free = row.top + row.height;
        }
        assert!(drawing.height >= free);
        for bar in drawing.bars() {
            let lane = drawing.lanes[bar.lane];
            let right = drawing.place(bar.lane, bar.place) + drawing.size.pitch / 2;
            assert!(bar.top < bar.bottom && right <= lane.x + lane.gutter, "{bar:?}");
        }
    }
}

#[test]
fn paper_is_changed_between_two_moments() {
    let mut cut = 0;
    for drawing in drawings() {
        let pieces = drawing.pieces();
        let mut next = 0;
        for (top, height) in &pieces {
            assert_eq!(*top, next, "no gap");
            assert!(*height > 0);
            next = top + height;
            let through =
                drawing.rows.iter().find(|row| row.top < next && next < row.top + row.height);
            assert!(through.is_none(), "{through:?}");
        }
        assert_eq!(next, drawing.height, "nothing is left out");
        cut += pieces.len() - 1;
    }
    assert!(cut > 0, "a drawing is longer than a sheet of paper");
}

#[test]
fn calls_that_wait_at_once_have_bars_beside_each_other() {
    let report = samples::crowd();
    let told = Told::of(report.experiment, Language::En);
    let drawing = Drawing::of(&report.timeline, &told, Language::En, WIDE);
    let bars = drawing.bars();
    assert_eq!(bars.len(), 7, "nine calls, room for six bars, of which one ends early");
    for (number, one) in bars.iter().enumerate() {
        for other in &bars[number + 1..] {
            let same = one.lane == other.lane && one.place == other.place;
            assert!(
                !same || one.bottom <= other.top || other.bottom <= one.top,
                "{one:?} {other:?}"
            );
        }
    }
}

#[test]
fn the_page_needs_nothing_from_outside_and_runs_nothing() {
    for language in Language::ALL {
        let page = page(language);
        for outside in ["http:", "https:", "src=", "url(", "@import", "<link", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
        let harmful: Vec<char> = page.chars().filter(|c| *c != '\n' && !is_harmless(*c)).collect();
        assert!(harmful.is_empty(), "{harmful:?}");
        assert!(page.contains("&lt;script&gt;"), "what was read is shown");
    }
    assert!(page(Language::En).contains("<html lang=\"en\">"));
    assert!(page(Language::Zh).contains("<html lang=\"zh-CN\">"));
}

#[test]
fn every_tag_is_closed_in_its_order() {
    let page = page(Language::Zh);
    let mut open: Vec<&str> = Vec::new();
    let mut closed = 0;
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.trim_start_matches('/').split(' ').next().expect("a tag has a name");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "after {closed} tags");
            closed += 1;
        } else if !["!DOCTYPE", "meta"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty() && closed > 500, "{open:?}, {closed}");
}

#[test]
fn an_address_within_the_page_leads_to_each_experiment() {
    let page = page(Language::En);
    for series in samples::all() {
        let name = series.experiment.name();
        assert!(page.contains(&format!("href=\"#{name}\"")), "{name}");
        assert!(page.contains(&format!("<article id=\"{name}\">")), "{name}");
    }
}

#[test]
fn how_often_each_verdict_came_out_is_told() {
    let page = super::page(&[samples::differing()], None, Duration::from_secs(9), Language::En);
    assert!(page.contains("the verdicts of 20 runs differ"));
    assert!(page.contains("19 of 20") && page.contains("1 of 20"));
}
