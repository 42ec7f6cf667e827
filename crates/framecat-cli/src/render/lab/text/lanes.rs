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

use framecat::core::diagram::columns;
use framecat::core::lab::Timeline;

use super::super::Look;
use super::super::fit::fit;
use super::super::moments::{Clock, Kind, Moment, Part, moments};
use super::super::texts::Told;
use super::super::words;
use super::super::wrap::hang;

/// Columns between the lanes, and between the times and the first.
const GAP: usize = 2;

/// How many calls of a lane may be under way with a bar each.
const BARS: usize = 4;

/// How far the second line of a text stands to the right.
const HANG: usize = 2;

/// The columns of the times at least.
const LEAST_TIMES: usize = 6;

/// The lines of a timeline.
pub(super) fn draw(timeline: &Timeline, told: &Told, look: &Look) -> Vec<String> {
    let drawing = Drawing::of(moments(timeline, told, look.language, BARS), look);
    let heads = drawing.heads.map(|head| Cell::of(head, |head| look.style.quiet(head)));
    let mut lines = vec![drawing.line("ms", &heads)];
    for moment in &drawing.moments {
        lines.extend(drawing.pause(moment));
        lines.extend(drawing.rows(moment));
    }
    lines
}

struct Drawing<'a> {
    moments: Vec<Moment>,
    look: &'a Look,
    heads: [&'static str; 3],
    /// The columns of each lane.
    lanes: [usize; 3],
    /// The columns of the times.
    times: usize,
    clock: Clock,
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
    fn of(moments: Vec<Moment>, look: &'a Look) -> Drawing<'a> {
        let clock = Clock::of(&moments);
        let end = moments.last().map_or(0, |moment| clock.shown(moment.at).len());
        let times = end.max(LEAST_TIMES);
        let room = look.width.saturating_sub(times + 3 * GAP);
        let heads = words::heads(room, look.language);
        let lanes = fit(&moments, gutter, HANG, heads.map(columns), room);
        Drawing { moments, look, heads, lanes, times, clock }
    }

    /// The lines of a moment.
    fn rows(&self, moment: &Moment) -> Vec<String> {
        let room = self.lanes[moment.column].saturating_sub(gutter(moment));
        let texts = hang(&moment.text, room, HANG);
        let rows = texts.iter().enumerate().map(|(row, text)| {
            let mut cells = [0, 1, 2].map(|column| {
                let own = (column == moment.column).then_some((moment, row));
                self.bars(&moment.bars[column], own)
            });
            let own = std::mem::take(&mut cells[moment.column]);
            cells[moment.column] = own.then(Cell::of(text, |text| self.painted(moment, text)));
            let time = if row == 0 { self.clock.shown(moment.at) } else { String::new() };
            self.line(&time, &cells)
        });
        rows.collect()
    }

    /// The line in front of a moment that says for how long nothing happened.
    fn pause(&self, moment: &Moment) -> Option<String> {
        let pause = words::pause(moment.pause?, self.look.language);
        // A call that begins with the moment has no bar yet.
        let begun = Some(moment.event).filter(|_| moment.part == Part::Begin);
        let before = |place: &Option<usize>| place.filter(|event| begun != Some(*event));
        let mut cells = [0, 1, 2].map(|column| {
            let places: Vec<_> = moment.bars[column].iter().map(before).collect();
            self.bars(&places, None)
        });
        let said = Cell::of(&pause, |pause| self.look.style.quiet(pause));
        cells[1] = std::mem::take(&mut cells[1]).then(said);
        Some(self.line("⋮", &cells))
    }

    /// The bars of a lane beside a line; `own` is the moment that the line is of, if it is in this lane,
    /// and which of its lines.
    fn bars(&self, places: &[Option<usize>], own: Option<(&Moment, usize)>) -> Cell {
        let bar = |place: &Option<usize>| {
            let Some(event) = place else { return ' ' };
            match own.filter(|(moment, _)| moment.event == *event) {
                None => '│',
                Some((moment, row)) => match (moment.part, row) {
                    (Part::Begin, 0) => '┌',
                    (Part::End, 0) => '└',
                    (Part::End, _) => ' ',
                    _ => '│',
                },
            }
        };
        let mut bars: String = places.iter().map(bar).collect();
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
