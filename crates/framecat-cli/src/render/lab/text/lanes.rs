//! A timeline in three columns: the client's calls, the kernel's queues, the server's calls, with the times
//! at the left.
//!
//! ```text
//!       ms  client calls             kernel queues            server calls
//!     0.12                                                    ┌ accept() …
//!     0.31                           server sleeps in         │
//!                                    accept()                 │
//!     0.42  connect() → 0                                     │
//!     0.50                                                    └ accept() → a new socket
//! ```

use std::time::Duration;

use framecat::core::diagram::columns;
use framecat::core::lab::Timeline;

use super::super::Look;
use super::super::moments::{Kind, Moment, Part, moments};
use super::super::texts::Told;
use super::super::words::{self, words};
use super::super::wrap::{hang, shortened};

/// Columns between the lanes, and between the times and the first.
const GAP: usize = 2;

/// How many calls of a lane may be under way with a bar each.
const BARS: usize = 4;

/// What a peer sent makes no text longer than this.
const LONGEST: usize = 160;

/// How far the second line of a text stands to the right.
const HANG: usize = 2;

/// The columns of the times at least.
const LEAST_TIMES: usize = 6;

/// Below this length of a timeline the times have two digits behind the point.
const PRECISE: Duration = Duration::from_millis(100);

/// The lines of a timeline.
pub(super) fn draw(timeline: &Timeline, told: &Told, look: &Look) -> Vec<String> {
    let drawing = Drawing::of(moments(timeline, told, look.language, BARS), timeline, look);
    let heads =
        words(look.language).lanes.map(|head| Cell::of(head, |head| look.style.quiet(head)));
    let mut lines = vec![drawing.line("ms", &heads)];
    for moment in &drawing.moments {
        lines.extend(drawing.pause(moment));
        lines.extend(drawing.rows(moment));
    }
    lines
}

struct Drawing<'a> {
    moments: Vec<Moment>,
    timeline: &'a Timeline,
    look: &'a Look,
    /// The columns of each lane.
    lanes: [usize; 3],
    /// The columns of the times.
    times: usize,
    /// The digits of the milliseconds behind the point.
    digits: usize,
}

/// What stands in a lane, and how many columns it takes without its colours.
#[derive(Debug, Clone, Default)]
struct Cell {
    shown: String,
    columns: usize,
}

impl Cell {
    fn of(text: &str, paint: impl FnOnce(&str) -> String) -> Cell {
        Cell { shown: paint(text), columns: columns(text) }
    }

    fn then(self, next: Cell) -> Cell {
        Cell { shown: self.shown + &next.shown, columns: self.columns + next.columns }
    }
}

impl<'a> Drawing<'a> {
    fn of(moments: Vec<Moment>, timeline: &'a Timeline, look: &'a Look) -> Drawing<'a> {
        let end = moments.last().map_or(Duration::ZERO, |moment| moment.at);
        let digits = if end < PRECISE { 2 } else { 1 };
        let times = LEAST_TIMES.max(clock(end, digits).len());
        let room = look.width.saturating_sub(times + 3 * GAP);
        let mut drawing = Drawing { moments, timeline, look, lanes: [0; 3], times, digits };
        drawing.lanes = drawing.best(room);
        drawing
    }

    fn text(&self, moment: &Moment) -> String {
        let text = shortened(&moment.text, LONGEST);
        if moment.part != Part::End {
            return text;
        }
        let event = &self.timeline.events[moment.event];
        let long = event.until.saturating_sub(event.from);
        format!("{text}, {}", words::after(long, self.look.language))
    }

    /// The widths of the lanes with which the drawing has the fewest lines: a lane of short texts leaves
    /// its room to the others.
    fn best(&self, room: usize) -> [usize; 3] {
        let least = words(self.look.language).lanes.map(columns);
        let most = [0, 1, 2].map(|lane| {
            let texts = self.moments.iter().filter(|moment| moment.column == lane);
            let needed = texts.map(|moment| gutter(moment) + columns(&self.text(moment))).max();
            let others: usize =
                (0..3).filter(|other| *other != lane).map(|other| least[other]).sum();
            needed.unwrap_or(0).min(room.saturating_sub(others)).max(least[lane])
        });
        // How many lines a lane has at each width.
        let heights = [0, 1, 2].map(|lane| -> Vec<usize> {
            (least[lane]..=most[lane]).map(|width| self.height(lane, width)).collect()
        });
        let mut best = (usize::MAX, usize::MAX, least);
        for client in least[0]..=most[0] {
            for kernel in least[1]..=most[1] {
                let server = room.saturating_sub(client + kernel).clamp(least[2], most[2]);
                let widths = [client, kernel, server];
                if widths.iter().sum::<usize>() > room.max(least.iter().sum()) {
                    continue;
                }
                let height = (0..3).map(|lane| heights[lane][widths[lane] - least[lane]]).sum();
                let widest = client.max(kernel).max(server);
                best = best.min((height, widest, widths));
            }
        }
        best.2
    }

    /// How many lines the moments of a lane take.
    fn height(&self, lane: usize, width: usize) -> usize {
        let texts = self.moments.iter().filter(|moment| moment.column == lane);
        let lines = texts.map(|moment| {
            hang(&self.text(moment), width.saturating_sub(gutter(moment)), HANG).len()
        });
        lines.sum()
    }

    /// The lines of a moment.
    fn rows(&self, moment: &Moment) -> Vec<String> {
        let room = self.lanes[moment.column].saturating_sub(gutter(moment));
        let texts = hang(&self.text(moment), room, HANG);
        let rows = texts.iter().enumerate().map(|(row, text)| {
            let mut cells = [0, 1, 2].map(|column| self.bars(moment, column, row));
            let own = std::mem::take(&mut cells[moment.column]);
            cells[moment.column] = own.then(Cell::of(text, |text| self.painted(moment, text)));
            let time = if row == 0 { clock(moment.at, self.digits) } else { String::new() };
            self.line(&time, &cells)
        });
        rows.collect()
    }

    /// The line in front of a moment that says for how long nothing happened.
    fn pause(&self, moment: &Moment) -> Option<String> {
        let pause = words::pause(moment.pause?, self.look.language);
        // A call that begins with the moment has no bar yet.
        let mut before = moment.clone();
        before.column = usize::MAX;
        let begun = Some(moment.event).filter(|_| moment.part == Part::Begin);
        for place in before.bars.iter_mut().flatten().filter(|place| **place == begun) {
            *place = None;
        }
        let mut cells = [0, 1, 2].map(|column| self.bars(&before, column, 0));
        let said = Cell::of(&pause, |pause| self.look.style.quiet(pause));
        cells[1] = std::mem::take(&mut cells[1]).then(said);
        Some(self.line("⋮", &cells))
    }

    /// The bars of a lane beside a line of a moment.
    fn bars(&self, moment: &Moment, column: usize, row: usize) -> Cell {
        let bar = |place: &Option<usize>| match (place, moment.part, row) {
            (None, _, _) => ' ',
            (Some(event), _, _) if *event != moment.event || column != moment.column => '│',
            (_, Part::Begin, 0) => '┌',
            (_, Part::End, 0) => '└',
            (_, Part::End, _) => ' ',
            _ => '│',
        };
        let mut bars: String = moment.bars[column].iter().map(bar).collect();
        if !bars.is_empty() {
            bars.push(' ');
        }
        Cell::of(&bars, |bars| self.look.style.quiet(bars))
    }

    fn painted(&self, moment: &Moment, text: &str) -> String {
        let style = self.look.style;
        match moment.kind {
            _ if moment.failed => style.error(text),
            Kind::Call | Kind::Queue => text.to_owned(),
            Kind::Asleep => style.quiet(text),
            Kind::Remark => style.strong(text),
        }
    }

    fn line(&self, time: &str, cells: &[Cell; 3]) -> String {
        let before = self.times.saturating_sub(columns(time));
        let mut line = format!("{:before$}{}", "", self.look.style.quiet(time));
        for (cell, width) in cells.iter().zip(self.lanes) {
            let behind = width.saturating_sub(cell.columns);
            line += &format!("{:GAP$}{}{:behind$}", "", cell.shown, "");
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// The columns of the bars beside a moment, and of the space behind them.
fn gutter(moment: &Moment) -> usize {
    match moment.bars[moment.column].len() {
        0 => 0,
        bars => bars + 1,
    }
}

fn clock(at: Duration, digits: usize) -> String {
    format!("{:.digits$}", at.as_secs_f64() * 1e3)
}
