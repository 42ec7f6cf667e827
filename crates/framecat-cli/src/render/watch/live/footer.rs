//! The lines below the table: what is listed, what is wrong with the chosen socket, and the keys.

use framecat::core::watch::Row;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::View;
use super::cell::{put_line, put_line_right, take_bottom, take_top, width, wrap};
use super::column::Column;

/// Lines for what is wrong with the chosen socket, and one for what the table has no room for; a higher
/// screen has one more.
const LEAST_LINES: u16 = 3;
const MOST_LINES: u16 = 4;

/// The keys that are used most, for the last line.
const KEYS: [(&str, &str); 8] = [
    ("↑↓", "move"),
    ("Enter", "look"),
    ("/", "filter"),
    ("!", "problems"),
    ("s", "sort"),
    ("p", "pause"),
    ("?", "help"),
    ("q", "quit"),
];

impl View {
    /// How many lines there are below the table, where `room` are for both.
    pub(super) fn footer_height(&self, room: u16) -> u16 {
        let last = if self.entry.is_some() { 2 } else { 1 };
        (room / 8).clamp(LEAST_LINES, MOST_LINES) + 1 + last
    }

    /// Draws the lines below the table. Returns where the cursor stands.
    pub(super) fn draw_footer(&self, mut area: Rect, buffer: &mut Buffer) -> Option<Position> {
        let cursor = match &self.entry {
            Some(entry) => Some(entry.draw(take_bottom(&mut area, 2), buffer, self.look)),
            None => {
                self.draw_last_line(take_bottom(&mut area, 1), &KEYS, buffer);
                None
            }
        };
        self.draw_rule(take_top(&mut area, 1), buffer);
        if let Some(shown) = &self.shown
            && let Some(row) = self.listing.chosen(&shown.frame)
        {
            self.draw_chosen(row, area, buffer);
        }
        cursor
    }

    /// The keys; or, until the next one is pressed, what was the matter with the last.
    pub(super) fn draw_last_line(&self, area: Rect, keys: &[(&str, &str)], buffer: &mut Buffer) {
        let look = self.look;
        if let Some(note) = &self.note {
            return put_line(buffer, area, &Line::styled(note.as_str(), look.warning()));
        }
        let mut spans = Vec::new();
        for (key, what) in keys {
            spans.push(Span::styled(format!("{key} "), look.title()));
            spans.push(Span::styled(format!("{what}  "), look.quiet()));
        }
        put_line(buffer, area, &Line::from(spans));
    }

    /// A line with what is listed, and which of them is chosen.
    fn draw_rule(&self, area: Rect, buffer: &mut Buffer) {
        let listing = &self.listing;
        let all = self.shown.as_ref().map_or(0, |shown| shown.frame.rows.len());
        let mut place = format!(" {} of {} ", listing.place(), listing.len());
        if listing.len() < all {
            place.push_str(&format!("({all} in all) "));
        }
        let mut told = Vec::new();
        if listing.problems {
            told.push("problems only".to_owned());
        }
        if let Some(filter) = &listing.filter {
            told.push(format!("filter: {filter}"));
        }
        let reversed = if listing.reversed { ", reversed" } else { "" };
        match listing.sorted_by() {
            Some(column) => told.push(format!("by {}{reversed}", column.title())),
            None if listing.reversed => told.push("reversed".to_owned()),
            None => {}
        }
        let mut told = told.join(" · ");
        if !told.is_empty() {
            told = format!(" {told} ");
        }
        self.draw_rule_with(&told, &place, area, buffer);
    }

    /// A line from side to side, with something said in it at either end.
    pub(super) fn draw_rule_with(&self, left: &str, right: &str, area: Rect, buffer: &mut Buffer) {
        let look = self.look;
        let rule = "─".repeat(area.width.into());
        put_line(buffer, area, &Line::styled(rule, look.quiet()));
        let within = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let bright = |style: Style| style.remove_modifier(Modifier::DIM);
        let right = Line::styled(right, bright(Style::new()));
        let taken = put_line_right(buffer, within, &right);
        let within = Rect { width: within.width.saturating_sub(taken + 1), ..within };
        put_line(buffer, within, &Line::styled(left, bright(look.title())));
    }

    /// What is wrong with it, the worst first, and last what the table has no room for.
    fn draw_chosen(&self, row: &Row, mut area: Rect, buffer: &mut Buffer) {
        let more = take_bottom(&mut area, 1);
        put_line(buffer, more, &self.left_out(row, area.width));
        for finding in &row.findings {
            let style = self.look.severity(finding.severity);
            for line in wrap(&finding.to_string(), area.width) {
                put_line(buffer, take_top(&mut area, 1), &Line::styled(line, style));
            }
        }
    }

    /// What is known of it and stands in no column.
    fn left_out(&self, row: &Row, room: u16) -> Line<'static> {
        let shown = |column: &Column| self.columns.shown.iter().any(|(other, _)| other == column);
        let mut spans = Vec::new();
        let mut used = 0;
        let wanted = [
            Column::Owner,
            Column::ReceiveQueue,
            Column::SendQueue,
            Column::Received,
            Column::Sent,
            Column::Rtt,
            Column::Retransmissions,
            Column::Age,
        ];
        for column in wanted.into_iter().filter(|column| !shown(column)) {
            let text = column.cell(row, true);
            if text.is_empty() {
                continue;
            }
            let title = column.title().to_lowercase();
            used += width(&title) + width(&text) + 3;
            if used > room + 2 {
                break;
            }
            spans.push(Span::styled(format!("{title} "), self.look.quiet()));
            spans.push(Span::styled(format!("{text}  "), Style::new()));
        }
        Line::from(spans)
    }
}
