//! The screen of one socket.

use std::time::Duration;

use framecat::core::watch::{Row, Span as Lasted};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Opened, values};
use crate::render::watch::live::View;
use crate::render::watch::live::cell::{Keep, fit, put_line, take_bottom, take_top, width, wrap};
use crate::render::watch::live::graph::{Graph, samples};
use crate::render::watch::live::header::typed;
use crate::render::watch::live::trace::{Point, SERIES, series};
use crate::render::watch::words;

/// A graph is drawn so high where there is room, and in one line where there is not.
const HIGHEST: u16 = 8;

/// The columns of a value with its name, and of the name alone.
const VALUE: u16 = 40;
const NAME: u16 = 15;

const KEYS: [(&str, &str); 6] = [
    ("Esc", "back"),
    ("↑↓", "next socket"),
    ("o", "other end"),
    ("p", "pause"),
    ("?", "help"),
    ("q", "quit"),
];

impl View {
    pub(in crate::render::watch::live) fn draw_socket(
        &mut self,
        mut area: Rect,
        buffer: &mut Buffer,
    ) {
        self.draw_title(take_top(&mut area, 1), buffer);
        self.draw_last_line(take_bottom(&mut area, 1), &KEYS, buffer);
        let Some(opened) = &self.opened else { return };
        let lines = self.told(opened, area.width);
        let graphs = series(&opened.row).len() as u16;
        // The graphs are in one line each before a word is left out.
        let left = area.height.saturating_sub(lines.len() as u16 + 1);
        let height = (left / graphs).clamp(1, HIGHEST);
        let room = area.height.saturating_sub(graphs * height + 1);
        let most_top = lines.len().saturating_sub(room.into());
        let top = opened.top.min(most_top);
        for line in lines.iter().skip(top).take(room.into()) {
            put_line(buffer, take_top(&mut area, 1), line);
        }
        let more = match (top, most_top) {
            (_, 0) => "",
            (0, _) => " PgDn: more ",
            _ => " PgUp: back ",
        };
        self.draw_graphs(opened, (height, more), &mut area, buffer);
        if let Some(opened) = &mut self.opened {
            opened.top = top;
        }
    }

    /// Everything that is said in words.
    fn told(&self, opened: &Opened, room: u16) -> Vec<Line<'static>> {
        let (look, row) = (self.look, &opened.row);
        let socket = &row.socket;
        let state = format!("  {}", socket.state);
        let name = match socket.peer.to_string() {
            none if none == "*" => format!("{} {}", socket.kind, socket.local),
            peer => format!("{} {} → {peer}", socket.kind, socket.local),
        };
        let name = fit(&name, room.saturating_sub(width(&state)), Keep::Head);
        let mut lines = vec![Line::from(vec![Span::styled(name, look.strong()), Span::raw(state)])];
        if let Some(since) = &opened.gone {
            let text = format!(
                "gone: it was there at {} and not at {since}; these are its last values",
                opened.clock
            );
            lines.push(Line::styled(text, look.warning().patch(look.chosen())));
        }
        for finding in &row.findings {
            let style = look.severity(finding.severity);
            let mark = words::mark(finding.severity).to_string();
            for (at, line) in wrap(&finding.to_string(), room.saturating_sub(2)).iter().enumerate()
            {
                let mark = if at == 0 { &mark } else { "" };
                lines.push(Line::styled(format!("{mark:<2}{line}"), style));
            }
        }
        lines.extend(self.other_end(opened, room));
        lines.push(Line::default());
        lines.extend(self.values(row, room));
        lines
    }

    /// The values side by side, as many as fit.
    fn values(&self, row: &Row, room: u16) -> Vec<Line<'static>> {
        let columns = usize::from(room / VALUE).max(1);
        let (short, long): (Vec<_>, Vec<_>) =
            values::of(row).into_iter().partition(|(_, value)| width(value) < VALUE - NAME);
        let lines = short.len().div_ceil(columns).max(1);
        let value = |(name, value): &(&'static str, String)| {
            let pad = VALUE.saturating_sub(NAME + width(value));
            [
                Span::styled(
                    format!("{name:<width$}", width = usize::from(NAME)),
                    self.look.quiet(),
                ),
                Span::styled(format!("{value}{}", " ".repeat(pad.into())), Style::new()),
            ]
        };
        // Down one column, then down the next.
        let mut drawn: Vec<Line<'static>> = (0..lines)
            .map(|line| short.iter().skip(line).step_by(lines).flat_map(value).collect())
            .collect();
        drawn.extend(long.iter().map(|long| Line::from_iter(value(long))));
        drawn
    }

    /// The socket at the other end, if it is on this host and in the sample.
    fn other_end(&self, opened: &Opened, room: u16) -> Vec<Line<'static>> {
        let Some(other) = opened.other() else { return Vec::new() };
        let unread = other.unread.map(words::lasting);
        let unread = unread.map_or(String::new(), |unread| format!(" unread for {unread}"));
        let text = format!(
            "{}  {}  recvq {}{unread}  sendq {}",
            words::owner(&other.socket),
            other.socket.state,
            words::receive_queue(other),
            words::send_queue(other)
        );
        let name = format!("{:<width$}", "other end", width = usize::from(NAME));
        let mut lines = vec![Line::from(vec![
            Span::styled(name, self.look.quiet()),
            Span::raw(fit(&text, room.saturating_sub(NAME), Keep::Head)),
        ])];
        if let Some(finding) = other.findings.first() {
            let text = format!("{} {finding}", words::mark(finding.severity));
            let text = fit(&text, room.saturating_sub(NAME), Keep::Head);
            let indent = " ".repeat(NAME.into());
            let style = self.look.severity(finding.severity);
            lines.push(Line::from(vec![Span::raw(indent), Span::styled(text, style)]));
        }
        lines
    }

    fn draw_graphs(
        &self,
        opened: &Opened,
        (height, more): (u16, &str),
        area: &mut Rect,
        buffer: &mut Buffer,
    ) {
        let look = self.look;
        let count = samples(area.width);
        // While the view is paused, samples go on.
        let until = self.shown.as_ref().map_or(Duration::MAX, |shown| shown.frame.at);
        let points: Vec<&Point> = self
            .traces
            .of(opened.cookie)
            .map(|trace| trace.until(until, count).collect())
            .unwrap_or_default();
        let past = points.first().zip(points.last()).map(|(first, last)| last.at - first.at);
        let past = match past {
            Some(past) if !past.is_zero() => format!("the last {} ", Lasted(past)),
            _ => "from now on ".to_owned(),
        };
        let every = format!("a sample every {}", typed(self.interval));
        self.draw_rule_with(&format!(" {past}· {every} "), more, take_top(area, 1), buffer);
        let mut values = Vec::with_capacity(points.len());
        for (at, series) in series(&opened.row).iter().enumerate().take(SERIES) {
            values.clear();
            values.extend(points.iter().map(|point| point.values[at]));
            let graph = Graph { name: series.name, values: &values, shown: series.shown };
            let mut room = take_top(area, height);
            // Between high ones there is a line.
            take_bottom(&mut room, u16::from(height > 2));
            graph.draw(room, buffer, look);
        }
    }
}
