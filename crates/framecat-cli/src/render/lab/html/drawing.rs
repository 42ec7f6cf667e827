//! Where everything of a timeline lies in its drawing: three lanes, time downwards. Only numbers here;
//! `svg` makes shapes of them.

use std::time::Duration;

use framecat::core::diagram::columns;
use framecat::core::lab::{Queue, Timeline, What};
use framecat::core::sock_diag::State;

use super::super::fit::fit;
use super::super::moments::{Clock, Moment, Part, moments};
use super::super::texts::Told;
use super::super::words;
use super::super::wrap::{hang, shortened};
use crate::args::Language;

/// The sizes of a drawing, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) font: u32,
    /// From one line of a text to the next.
    pub(super) line: u32,
    /// What the times take at the left.
    pub(super) times: u32,
    /// Between the lanes.
    pub(super) gap: u32,
    /// From one bar to the next.
    pub(super) pitch: u32,
    /// A piece of the drawing is no higher than this, where its moments allow it: so that paper can be
    /// changed between two.
    pub(super) piece: u32,
    /// The lines of one text.
    pub(super) lines: usize,
}

/// For a screen, and for paper.
pub(super) const WIDE: Size =
    Size { width: 960, font: 13, line: 17, times: 62, gap: 18, pitch: 9, piece: 240, lines: 6 };

/// For a phone.
pub(super) const NARROW: Size = Size {
    width: 360,
    font: 10,
    line: 13,
    times: 40,
    gap: 8,
    pitch: 6,
    piece: u32::MAX,
    lines: 12,
};

/// How many calls of a lane may be under way with a bar each.
const BARS: usize = 6;

/// How far the second line of a text stands to the right, in columns.
const HANG: usize = 1;

/// The width of a column in hundredths of the size of the font. The widest of the usual monospaced fonts
/// has 0.61; a Chinese character takes two columns, and is as wide as the font is high.
const COLUMN: u32 = 62;

/// Above and below a moment.
const PADDING: u32 = 5;

/// What a picture of a queue takes below its text.
const PICTURE: u32 = 13;

/// What a pause takes.
const PAUSE: u32 = 26;

/// A timeline, laid out.
#[derive(Debug)]
pub(super) struct Drawing {
    pub(super) size: Size,
    pub(super) heads: [&'static str; 3],
    pub(super) lanes: [LaneBox; 3],
    pub(super) rows: Vec<Row>,
    pub(super) height: u32,
    /// The most bytes that a queue had: what a full bar stands for.
    pub(super) most_bytes: u32,
    pub(super) clock: Clock,
}

/// A lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaneBox {
    /// Where it begins.
    pub(super) x: u32,
    /// What its bars take.
    pub(super) gutter: u32,
    /// What its texts take at most.
    pub(super) texts: u32,
}

/// A moment.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) moment: Moment,
    pub(super) top: u32,
    pub(super) height: u32,
    /// Its text.
    pub(super) lines: Vec<String>,
    pub(super) picture: Option<Queue>,
    /// The pause above it, which ends where it begins.
    pub(super) pause: Option<(Duration, u32)>,
}

impl Drawing {
    pub(super) fn of(timeline: &Timeline, told: &Told, language: Language, size: Size) -> Drawing {
        let moments = moments(timeline, told, language, BARS);
        let clock = Clock::of(&moments);
        let (heads, lanes) = lanes(&moments, language, size);
        let mut rows: Vec<Row> = Vec::new();
        let mut y = HEAD.max(size.line * 2);
        for moment in moments {
            let pause = moment.pause.map(|pause| (pause, PAUSE));
            y += pause.map_or(0, |(_, height)| height);
            let picture = picture(&timeline.events[moment.event].what);
            let lines = lines(&moment, lanes[moment.column], size);
            let text = size.line * u32::try_from(lines.len()).unwrap_or(u32::MAX);
            let height = text + if picture.is_some() { PICTURE } else { 0 } + PADDING;
            rows.push(Row { moment, top: y, height, lines, picture, pause });
            y += height;
        }
        let bytes = timeline.events.iter().map(|event| bytes_in(&event.what));
        let most_bytes = bytes.max().unwrap_or(0);
        Drawing { size, heads, lanes, rows, height: y + PADDING, most_bytes, clock }
    }

    /// Where the pieces of the drawing begin, and how high each is: they lie between moments.
    pub(super) fn pieces(&self) -> Vec<(u32, u32)> {
        let mut pieces = Vec::new();
        let mut start = 0;
        for row in &self.rows {
            let top = row.top - row.pause.map_or(0, |(_, height)| height);
            let end = row.top + row.height;
            if end - start > self.size.piece && top > start {
                pieces.push((start, top - start));
                start = top;
            }
        }
        pieces.push((start, self.height - start));
        pieces
    }

    /// Where the bar of an event begins and ends, and which place it has in its lane.
    pub(super) fn bars(&self) -> Vec<Bar> {
        let begun = self.rows.iter().filter(|row| row.moment.part == Part::Begin);
        let bar = |from: &Row| {
            let moment = &from.moment;
            let bars = &moment.bars[moment.column];
            let place = bars.iter().position(|bar| *bar == Some(moment.event))?;
            let end = |row: &&Row| row.moment.event == moment.event && row.moment.part == Part::End;
            let until = self.rows.iter().find(end)?;
            let (top, bottom) = (self.middle(from), self.middle(until));
            Some(Bar { lane: moment.column, place, top, bottom, failed: until.moment.failed })
        };
        begun.filter_map(bar).collect()
    }

    /// The middle of the first line of a moment.
    pub(super) fn middle(&self, row: &Row) -> u32 {
        row.top + self.size.line / 2 + 1
    }

    /// The middle of a place for bars.
    pub(super) fn place(&self, lane: usize, place: usize) -> u32 {
        self.lanes[lane].x + pixels_of(place, self.size.pitch) + self.size.pitch / 2
    }
}

/// A call that took long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) lane: usize,
    pub(super) place: usize,
    pub(super) top: u32,
    pub(super) bottom: u32,
    pub(super) failed: bool,
}

/// What the headings take at least.
const HEAD: u32 = 26;

fn lanes(moments: &[Moment], language: Language, size: Size) -> ([&'static str; 3], [LaneBox; 3]) {
    // A call without a bar has its point beside the bars.
    let places = [0, 1, 2].map(|lane| {
        let of_lane = moments.iter().filter(|moment| moment.column == lane);
        of_lane.map(|moment| point(moment) + 1).max().unwrap_or(1)
    });
    let gutters = places.map(|places| pixels_of(places, size.pitch) + 4);
    // A pixel a lane is lost where columns are rounded.
    let taken = size.times + 3 * (size.gap + 1) + gutters.iter().sum::<u32>();
    let room = in_columns(size.width.saturating_sub(taken), size.font);
    let heads = words::heads(room, language);
    // What is left over is shared, so that the lanes fill the width.
    let widths = fit(moments, |_| 0, HANG, heads.map(columns), room);
    let spare = room.saturating_sub(widths.iter().sum()) / 3;
    let mut x = size.times + size.gap;
    let lanes = [0, 1, 2].map(|lane| {
        let texts = in_pixels(widths[lane] + spare, size.font);
        let lane = LaneBox { x, gutter: gutters[lane], texts };
        x += lane.gutter + lane.texts + size.gap;
        lane
    });
    (heads, lanes)
}

/// The place of a moment's point: that of its bar, or the first beside the bars.
pub(super) fn point(moment: &Moment) -> usize {
    let bars = &moment.bars[moment.column];
    let own = bars.iter().position(|bar| *bar == Some(moment.event));
    let free = bars.iter().position(Option::is_none).unwrap_or(bars.len());
    own.unwrap_or(free).min(BARS)
}

/// The lines of a moment's text; what is left out stands in its tooltip.
fn lines(moment: &Moment, lane: LaneBox, size: Size) -> Vec<String> {
    let width = in_columns(lane.texts, size.font);
    let mut lines = hang(&moment.text, width, HANG);
    let all = lines.len();
    lines.truncate(size.lines);
    if let Some(last) = lines.last_mut().filter(|_| all > size.lines) {
        *last = shortened(&format!("{last} …"), width);
    }
    lines
}

/// What is drawn of a queue besides its text.
fn picture(what: &What) -> Option<Queue> {
    match what {
        What::Queue(queue @ Queue::Listener { .. }) => Some(*queue),
        What::Queue(queue) if bytes_in(what) > 0 => Some(*queue),
        _ => None,
    }
}

/// The bytes of which a bar is drawn: the more of both. A SYN is counted, and is no byte of anybody.
fn bytes_in(what: &What) -> u32 {
    match *what {
        What::Queue(Queue::Connection { unread, unacknowledged, state, .. }) => {
            unread.max(if state == Some(State::SynSent) { 0 } else { unacknowledged })
        }
        What::Queue(Queue::Datagrams { memory, .. }) => memory,
        _ => 0,
    }
}

/// How many columns fit.
pub(super) fn in_columns(pixels: u32, font: u32) -> usize {
    usize::try_from(pixels * 100 / (font * COLUMN)).unwrap_or(0)
}

/// What columns take.
pub(super) fn in_pixels(columns: usize, font: u32) -> u32 {
    u32::try_from(columns).map_or(u32::MAX, |columns| (columns * font * COLUMN).div_ceil(100))
}

fn pixels_of(number: usize, each: u32) -> u32 {
    u32::try_from(number).map_or(u32::MAX, |number| number.saturating_mul(each))
}
