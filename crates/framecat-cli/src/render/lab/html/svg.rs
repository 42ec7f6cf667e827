//! A timeline as a drawing, in pieces between which paper may be changed.

use framecat::core::lab::Queue;
use maud::{Markup, html};

use super::super::moments::{Kind, Part};
use super::super::words::{self, words};
use super::drawing::{Bar, Drawing, Row, in_pixels, point};
use crate::args::Language;

/// How wide a box of a queue is, and how far it is from one to the next.
const BOX: (u32, u32) = (8, 11);

const LANES: [&str; 3] = ["client", "kernel", "server"];

/// The drawing; `class` says where it is shown.
pub(super) fn svg(drawing: &Drawing, class: &str, language: Language) -> Markup {
    let bars = drawing.bars();
    html! {
        div class={ "drawing " (class) } {
            @for (top, height) in drawing.pieces() {
                svg viewBox={ "0 " (top) " " (drawing.size.width) " " (height) }
                    font-size=(drawing.size.font) role="img" aria-label=(words(language).timeline)
                {
                    (lifelines(drawing, top, height))
                    @if top == 0 { (heads(drawing)) }
                    @for row in rows_in(drawing, top, height) { (pause(drawing, row, language)) }
                    @for bar in bars.iter().filter(|bar| bar.top < top + height && bar.bottom >= top) {
                        (bar_of(drawing, *bar))
                    }
                    @for row in rows_in(drawing, top, height) { (moment(drawing, row)) }
                }
            }
        }
    }
}

fn rows_in(drawing: &Drawing, top: u32, height: u32) -> impl Iterator<Item = &Row> {
    drawing.rows.iter().filter(move |row| (top..top + height).contains(&row.top))
}

fn heads(drawing: &Drawing) -> Markup {
    let baseline = drawing.size.line;
    html! {
        text.time x=(drawing.size.times) y=(baseline) { "ms" }
        @for (lane, head) in drawing.heads.iter().enumerate() {
            @let x = drawing.lanes[lane].x + drawing.lanes[lane].gutter;
            text class={ "head " (LANES[lane]) } x=(x) y=(baseline) { (head) }
        }
    }
}

/// The line of each lane, from the headings on.
fn lifelines(drawing: &Drawing, top: u32, height: u32) -> Markup {
    let from = top.max(drawing.size.line + 8);
    html! {
        @for (lane, name) in LANES.iter().enumerate() {
            @let x = drawing.place(lane, 0);
            line class={ "life " (name) } x1=(x) y1=(from) x2=(x) y2=(top + height) {}
        }
    }
}

/// A stretch in which nothing happened: as wide as the drawing, and not as high as it was long.
fn pause(drawing: &Drawing, row: &Row, language: Language) -> Markup {
    let Some((length, height)) = row.pause else { return html! {} };
    let (top, middle) = (row.top - height, row.top - height / 2);
    html! {
        rect.pause x="0" y=(top + 4) width=(drawing.size.width) height=(height - 8) {}
        text.said x=(drawing.size.width / 2) y=(middle + drawing.size.font / 3) {
            (words::pause(length, language))
        }
    }
}

fn bar_of(drawing: &Drawing, bar: Bar) -> Markup {
    let width = drawing.size.pitch - 3;
    let x = drawing.place(bar.lane, bar.place) - width / 2;
    let class = if bar.failed { "bar failed" } else { "bar" };
    html! {
        rect class={ (class) " " (LANES[bar.lane]) } x=(x) y=(bar.top) width=(width)
            height=(bar.bottom - bar.top) rx="2" {}
    }
}

fn moment(drawing: &Drawing, row: &Row) -> Markup {
    let moment = &row.moment;
    let lane = drawing.lanes[moment.column];
    let x = lane.x + lane.gutter;
    let baseline = |line: usize| {
        let line = u32::try_from(line).unwrap_or(0);
        row.top + line * drawing.size.line + drawing.size.line * 3 / 4
    };
    let class = match moment.kind {
        _ if moment.failed => "failed",
        Kind::Call if moment.part == Part::Begin => "begun",
        Kind::Call => "call",
        Kind::Queue => "queue",
        Kind::Asleep => "asleep",
        Kind::Remark => "remark",
    };
    html! {
        g class={ (class) " " (LANES[moment.column]) } {
            title { (drawing.clock.shown(moment.at)) " ms: " (moment.text) }
            line.guide x1=(drawing.size.times + 4) y1=(drawing.middle(row)) x2=(lane.x)
                y2=(drawing.middle(row)) {}
            text.time x=(drawing.size.times) y=(baseline(0)) { (drawing.clock.shown(moment.at)) }
            @if moment.kind == Kind::Call {
                circle cx=(drawing.place(moment.column, point(moment))) cy=(drawing.middle(row))
                    r=(drawing.size.pitch / 2 - 1) {}
            }
            text {
                @for (number, line) in row.lines.iter().enumerate() {
                    // Spaces at the beginning are not drawn: the line is moved instead.
                    @let moved = in_pixels(indent(line), drawing.size.font);
                    tspan x=(x + moved) y=(baseline(number)) { (line.trim_start()) }
                }
            }
            @if let Some(queue) = &row.picture {
                @let y = row.top + row.height - 15;
                (picture(drawing, queue, (x, y), lane.texts))
            }
        }
    }
}

/// The spaces at the beginning of a line.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn picture(drawing: &Drawing, queue: &Queue, (x, y): (u32, u32), room: u32) -> Markup {
    match *queue {
        Queue::Listener { waiting, limit, half_open } => {
            boxes(x, y, room, waiting, limit, half_open)
        }
        Queue::Connection { unread, unacknowledged, .. } => html! {
            @if unread > 0 { (bytes(drawing, "unread", (x, y), room, unread)) }
            @if unacknowledged > 0 {
                (bytes(drawing, "unacknowledged", (x, y + 5), room, unacknowledged))
            }
        },
        Queue::Datagrams { memory, .. } => bytes(drawing, "unread", (x, y), room, memory),
    }
}

/// A listener's queue: a box for each place, those beyond the limit and handshakes under way apart; one
/// box, filled so far, where there are too many.
fn boxes(x: u32, y: u32, room: u32, waiting: u32, limit: u32, half_open: u32) -> Markup {
    let places = limit.max(waiting);
    let fit = u64::from(room) >= (u64::from(places) + u64::from(half_open) + 1) * u64::from(BOX.1);
    if !fit {
        let width = room.saturating_sub(2);
        let filled = u64::from(width) * u64::from(waiting) / u64::from(places.max(1));
        return html! {
            rect.place x=(x) y=(y) width=(width) height=(BOX.0) {}
            rect.filled x=(x) y=(y) width=(filled) height=(BOX.0) {}
        };
    }
    html! {
        @for place in 0..places {
            @let filled = if place < waiting { "filled" } else { "place" };
            @let class = if place >= limit { "over" } else { filled };
            rect class=(class) x=(x + place * BOX.1) y=(y) width=(BOX.0) height=(BOX.0) {}
        }
        @for place in 0..half_open {
            rect.half x=(x + (places + place) * BOX.1 + BOX.1 / 2) y=(y) width=(BOX.0) height=(BOX.0) {}
        }
    }
}

/// Bytes as a bar, beside the most bytes of this timeline.
fn bytes(drawing: &Drawing, class: &str, (x, y): (u32, u32), room: u32, bytes: u32) -> Markup {
    let room = room.min(160).saturating_sub(2);
    let width = u64::from(room) * u64::from(bytes) / u64::from(drawing.most_bytes.max(1));
    html! {
        rect class=(class) x=(x) y=(y) width=(width.max(2)) height="4" rx="1" {}
    }
}
