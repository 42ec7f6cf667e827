//! The table of sockets: as many columns as fit, and of the names as much as fits.

use std::collections::HashMap;

use framecat::core::watch::Row;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::View;
use super::cell::{Keep, Side, put, put_line, take_top, width};
use super::column::{Column, worst};
use crate::render::watch::words;

/// The columns of the screen before the first of the table: the mark.
const MARK: u16 = 2;

/// The columns of the table and how wide they are, as they were drawn last.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// What there is room for, from left to right.
    pub(super) shown: Vec<(Column, u16)>,
    /// The widest text of each column so far, so that they do not move to and fro.
    widest: HashMap<Column, u16>,
    /// The width of the table for which they were laid out.
    room: u16,
}

impl Columns {
    /// Begins anew: other rows are listed.
    pub(super) fn forget(&mut self) {
        self.widest.clear();
    }

    fn have_kind(&self) -> bool {
        self.shown.iter().any(|(column, _)| *column == Column::Kind)
    }

    /// Makes room for these cells in so many columns of the screen.
    fn lay_out(&mut self, problems: bool, cells: &HashMap<Column, u16>, room: u16) {
        if self.room != room {
            self.forget();
            self.room = room;
        }
        for (column, needed) in cells {
            let widest = self.widest.entry(*column).or_default();
            *widest = (*widest).max(*needed);
        }
        let mut chosen = if problems { problem_columns(room) } else { self.choose(room) };
        let order = |column: &Column| Column::OF_SOCKETS.iter().position(|other| other == column);
        // The list of problems has them in order, and one that is not of sockets at its end.
        chosen.sort_by_key(|column| order(column).unwrap_or(usize::MAX));
        let least: Vec<(Column, u16)> =
            chosen.into_iter().map(|column| (column, self.least(column))).collect();
        self.shown = self.spread(least, room);
    }

    /// Those that fit, the most wanted first.
    fn choose(&self, room: u16) -> Vec<Column> {
        let mut chosen = Column::ALWAYS.to_vec();
        let mut used: u16 = chosen.iter().map(|column| self.least(*column) + 1).sum();
        for column in Column::MORE {
            let needed = self.least(column) + 1;
            if used + needed > room + 1 {
                break;
            }
            used += needed;
            chosen.push(column);
        }
        chosen
    }

    /// What is left over goes to the names, from left to right; to the last all of it.
    fn spread(&self, mut columns: Vec<(Column, u16)>, room: u16) -> Vec<(Column, u16)> {
        let gaps = columns.len().saturating_sub(1) as u16;
        let used: u16 = columns.iter().map(|(_, width)| width).sum();
        let mut left = room.saturating_sub(used + gaps);
        for (column, width) in &mut columns {
            let more = self.wanted(*column).saturating_sub(*width).min(left);
            *width += more;
            left -= more;
        }
        if let Some((column, width)) = columns.last_mut()
            && column.least_width().is_some()
        {
            *width += left;
        }
        columns
    }

    fn wanted(&self, column: Column) -> u16 {
        // Behind the title stands the arrow of the column that it is sorted by.
        let title = width(column.title()) + u16::from(column.side() == Side::Left);
        self.widest.get(&column).copied().unwrap_or(0).max(title)
    }

    fn least(&self, column: Column) -> u16 {
        let wanted = self.wanted(column);
        column.least_width().map_or(wanted, |least| least.min(wanted))
    }
}

/// A sentence wants room: a narrow list of problems leaves the state to it.
fn problem_columns(room: u16) -> Vec<Column> {
    let from = usize::from(room < 100);
    Column::OF_PROBLEMS[from..].to_vec()
}

impl View {
    /// Draws the table, and remembers what of it is visible.
    pub(super) fn draw_table(&mut self, mut area: Rect, buffer: &mut Buffer) {
        let Some(frame) = self.shown.as_ref().map(|shown| shown.frame.clone()) else { return };
        let titles = take_top(&mut area, 1);
        self.listing.show(area.height.into());
        let rows: Vec<(&Row, bool)> = self.listing.visible(&frame).collect();
        self.visible = rows.iter().map(|(row, _)| row.socket.cookie).collect();
        self.lay_out(&rows, area.width.saturating_sub(MARK));
        self.draw_titles(titles, buffer);
        for (row, chosen) in &rows {
            self.draw_row(row, *chosen, take_top(&mut area, 1), buffer);
        }
        if rows.is_empty() {
            let text = self.why_empty();
            put_line(buffer, take_top(&mut area, 1), &Line::styled(text, self.look.quiet()));
        }
    }

    fn lay_out(&mut self, rows: &[(&Row, bool)], room: u16) {
        let problems = self.listing.problems;
        let all: &[Column] = if problems { &Column::OF_PROBLEMS } else { &Column::OF_SOCKETS };
        let had_kind = self.columns.have_kind();
        for has_kind in [had_kind, !had_kind] {
            let widest = |column: &Column| {
                let widths = rows.iter().map(|(row, _)| width(&column.cell(row, has_kind)));
                (*column, widths.max().unwrap_or(0))
            };
            let needed = all.iter().map(widest).collect();
            self.columns.lay_out(problems, &needed, room);
            // The state is a longer word where the kind has a column of its own.
            if self.columns.have_kind() == has_kind {
                break;
            }
        }
    }

    fn draw_titles(&self, area: Rect, buffer: &mut Buffer) {
        let look = self.look;
        let mut x = area.x + MARK;
        for (column, width) in &self.columns.shown {
            let cell = Rect { x, width: *width, ..area };
            let mut title = column.title().to_owned();
            if self.listing.sorted_by() == Some(*column) {
                let arrow = if self.listing.reversed { '▲' } else { '▼' };
                title = format!("{title}{arrow}");
            }
            // A number keeps its place; its arrow stands in the gap.
            let over = super::cell::width(&title).saturating_sub(*width).min(1);
            let cell = match column.side() {
                Side::Left => cell,
                Side::Right => Rect { x: cell.x - over, width: cell.width + over, ..cell },
            };
            put(buffer, cell, &title, (column.side(), Keep::Head), look.title());
            x += width + 1;
        }
    }

    fn draw_row(&self, row: &Row, chosen: bool, area: Rect, buffer: &mut Buffer) {
        let look = self.look;
        let severity = worst(row);
        let style = severity.map_or(Style::new(), |severity| look.severity(severity));
        if let Some(severity) = severity {
            let mark = words::mark(severity).to_string();
            put(buffer, area, &mark, (Side::Left, Keep::Head), style);
        }
        let has_kind = self.columns.have_kind();
        let mut x = area.x + MARK;
        for (column, width) in &self.columns.shown {
            let text = column.cell(row, has_kind);
            // What is not there steps back, so that the rest is seen.
            let quiet = matches!(text.as_str(), "0" | "*" | words::UNKNOWN);
            let style = if quiet && !chosen { look.quiet() } else { style };
            let cell = Rect { x, width: *width, ..area };
            put(buffer, cell, &text, (column.side(), column.keep()), style);
            x += width + 1;
        }
        if chosen {
            let style = style.patch(look.chosen());
            buffer.set_style(area.intersection(*buffer.area()), style);
        }
    }

    fn why_empty(&self) -> &'static str {
        match (&self.listing.filter, self.listing.problems) {
            (None, false) => "no such socket now",
            (None, true) => "nothing is wrong that can be seen from here (! shows all sockets)",
            (Some(_), false) => "no socket is as the filter says (/ changes it)",
            (Some(_), true) => "nothing is wrong with what the filter selects",
        }
    }
}
