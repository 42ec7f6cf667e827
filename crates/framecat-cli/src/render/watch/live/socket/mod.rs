//! One socket, all of it: what is wrong with it, its values in words, its other end, and graphs of what
//! they were.

mod values;

use std::sync::Arc;

use framecat::core::watch::{Frame, Row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::View;
use super::cell::{fit, put_line, take_bottom, take_top, width, wrap, Keep};
use super::column::owners;
use super::graph::{Graph, samples};
use super::header::typed;
use super::look::mark;
use super::trace::{Point, SERIES, series};
use crate::render::watch::words;

/// A graph is drawn so high where there is room, and in one line where there is not.
const HIGHEST: u16 = 5;

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

/// The socket that is looked at.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) cookie: u64,
    /// Its last row, and the frame in which that was.
    row: Row,
    frame: Arc<Frame>,
    clock: String,
    /// The time of the first frame that was without it.
    gone: Option<String>,
    /// The first line that is visible, where not all of them are.
    pub(super) top: usize,
}

impl Opened {
    pub(super) fn new(row: &Row, frame: &Arc<Frame>, clock: &str) -> Opened {
        Opened {
            cookie: row.socket.cookie,
            row: row.clone(),
            frame: frame.clone(),
            clock: clock.to_owned(),
            gone: None,
            top: 0,
        }
    }

    /// Another frame is shown. What is gone keeps its last values.
    pub(super) fn on_frame(&mut self, frame: &Arc<Frame>, clock: &str) {
        match frame.rows.iter().find(|row| row.socket.cookie == self.cookie) {
            Some(row) => {
                self.row = row.clone();
                self.frame = frame.clone();
                self.clock = clock.to_owned();
                self.gone = None;
            }
            None => {
                self.gone.get_or_insert_with(|| clock.to_owned());
            }
        }
    }

    /// The row of the socket at its other end, if that is in the same sample.
    pub(super) fn other(&self) -> Option<&Row> {
        let other = self.row.socket.other?;
        self.frame.rows.iter().find(|row| row.socket.cookie == other)
    }
}

impl View {
    pub(super) fn draw_socket(&mut self, mut area: Rect, buffer: &mut Buffer) {
        self.draw_title(take_top(&mut area, 1), buffer);
        self.draw_last_line(take_bottom(&mut area, 1), &KEYS, buffer);
        let Some(opened) = &self.opened else { return };
        let lines = self.told(opened, area.width);
        let graphs = series(&opened.row).len() as u16;
        // The graphs are in one line each before a word is left out.
        let left = area.height.saturating_sub(lines.len() as u16 + 1);
        let height = (left / graphs).clamp(1, HIGHEST);
        let mut below = take_bottom(&mut area, graphs * height + 1);
        let most_top = lines.len().saturating_sub(area.height.into());
        let top = opened.top.min(most_top);
        for line in lines.iter().skip(top) {
            put_line(buffer, take_top(&mut area, 1), line);
        }
        self.draw_graphs(opened, height, &mut below, buffer);
        if let Some(opened) = &mut self.opened {
            opened.top = top;
        }
    }

    /// Everything that is said in words.
    fn told(&self, opened: &Opened, room: u16) -> Vec<Line<'static>> {
        let (look, row) = (self.look, &opened.row);
        let socket = &row.socket;
        let name = format!("{} {} → {}", socket.kind, socket.local, socket.peer);
        let state = format!("  {}", socket.state);
        let name = fit(&name, room.saturating_sub(width(&state)), Keep::Head);
        let mut lines =
            vec![Line::from(vec![Span::styled(name, look.strong()), Span::raw(state)])];
        if let Some(since) = &opened.gone {
            let text = format!(
                "gone: it was there at {} and not at {since}; these are its last values",
                opened.clock
            );
            lines.push(Line::styled(text, look.warning().patch(look.chosen())));
        }
        for finding in &row.findings {
            let style = look.severity(finding.severity);
            let mark = mark(Some(finding.severity));
            for (at, line) in wrap(&finding.to_string(), room.saturating_sub(3)).iter().enumerate() {
                let mark = if at == 0 { mark } else { "" };
                lines.push(Line::styled(format!("{mark:<3}{line}"), style));
            }
        }
        lines.push(Line::default());
        lines.extend(self.values(row, room));
        lines.extend(self.other_end(opened, room));
        lines
    }

    /// The values side by side, as many as fit.
    fn values(&self, row: &Row, room: u16) -> Vec<Line<'static>> {
        let columns = usize::from(room / VALUE).max(1);
        let (short, long): (Vec<_>, Vec<_>) = values::of(row)
            .into_iter()
            .partition(|(_, value)| width(value) < VALUE - NAME);
        let lines = short.len().div_ceil(columns).max(1);
        let value = |(name, value): &(&'static str, String)| {
            let pad = VALUE.saturating_sub(NAME + width(value));
            [
                Span::styled(format!("{name:<width$}", width = usize::from(NAME)), self.look.quiet()),
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
        let unread = other.unread.map_or(String::new(), |unread| {
            format!(" unread for {}", words::lasting_spoken(unread))
        });
        let text = format!(
            "{}  {}  recv-q {}{unread}  send-q {}",
            owners(other),
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
            let text = fit(&finding.to_string(), room.saturating_sub(NAME), Keep::Head);
            let indent = " ".repeat(NAME.into());
            let style = self.look.severity(finding.severity);
            lines.push(Line::from(vec![Span::raw(indent), Span::styled(text, style)]));
        }
        lines
    }

    fn draw_graphs(&self, opened: &Opened, height: u16, area: &mut Rect, buffer: &mut Buffer) {
        let look = self.look;
        let count = samples(area.width);
        let points: Vec<&Point> =
            self.traces.of(opened.cookie).map(|trace| trace.last(count).collect()).unwrap_or_default();
        let span = points.first().zip(points.last()).map(|(first, last)| last.at - first.at);
        let past = match span {
            Some(span) if !span.is_zero() => format!("the last {} ", words::time_spoken(span)),
            _ => "from now on ".to_owned(),
        };
        let every = format!("a sample every {}", typed(self.interval));
        let rule = take_top(area, 1);
        put_line(buffer, rule, &Line::styled("─".repeat(rule.width.into()), look.quiet()));
        let title = Rect { x: rule.x + 2, width: rule.width.saturating_sub(2), ..rule };
        put_line(buffer, title, &Line::styled(format!(" {past}· {every} "), look.quiet()));
        let mut values = Vec::with_capacity(points.len());
        for (at, series) in series(&opened.row).iter().enumerate().take(SERIES) {
            values.clear();
            values.extend(points.iter().map(|point| point.values[at]));
            let graph = Graph { name: series.name, values: &values, shown: series.shown };
            graph.draw(take_top(area, height), buffer, look);
        }
    }
}
