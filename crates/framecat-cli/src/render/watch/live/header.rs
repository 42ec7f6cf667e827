//! The lines above the table: what is watched, since when it is so, how many sockets there are, and what
//! the namespace counts.

use std::fmt::Write as _;
use std::time::Duration;

use framecat::core::escape::Escaped;
use framecat::core::sock_diag::State;
use framecat::core::watch::{Frame, Kind, Missing, Severity};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::View;
use super::cell::{put_line, put_line_right, take_top, wrap};
use super::column::worst;
use crate::args::Watched;
use crate::render::watch::words::{self, COUNTERS};

/// How many sockets of which kind a frame has.
#[derive(Debug, Default)]
pub(super) struct Counts {
    listeners: usize,
    /// TCP connections by their state, in the order of the kernel's numbers.
    connections: Vec<(State, usize)>,
    udp: usize,
    unix: usize,
    /// Those of which there is something to be said that is more than worth knowing.
    in_trouble: usize,
}

impl Counts {
    pub(super) fn of(frame: &Frame) -> Counts {
        let mut counts = Counts::default();
        for row in &frame.rows {
            counts.in_trouble += usize::from(worst(row) > Some(Severity::Note));
            match (row.socket.kind, row.socket.state) {
                (_, State::Listen) => counts.listeners += 1,
                (Kind::Udp, _) => counts.udp += 1,
                (Kind::Unix(_), _) => counts.unix += 1,
                (Kind::Tcp, state) => {
                    match counts.connections.iter_mut().find(|(known, _)| *known == state) {
                        Some((_, count)) => *count += 1,
                        None => counts.connections.push((state, 1)),
                    }
                }
            }
        }
        counts.connections.sort_by_key(|(state, _)| *state as u8);
        counts
    }

    /// `2 listeners · 12 connections: 10 ESTABLISHED, 2 CLOSE_WAIT · 3 UDP`
    fn text(&self) -> String {
        let mut text = counted(self.listeners, "listener");
        let connections: usize = self.connections.iter().map(|(_, count)| count).sum();
        let _ = write!(text, " · {}", counted(connections, "connection"));
        for (at, (state, count)) in self.connections.iter().enumerate() {
            let _ = write!(text, "{} {count} {state}", if at == 0 { ":" } else { "," });
        }
        for (count, kind) in [(self.udp, "UDP"), (self.unix, "Unix")] {
            if count > 0 {
                let _ = write!(text, " · {count} {kind}");
            }
        }
        text
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A time as one types it: `1s`, `200ms`, `2m`.
pub(super) fn typed(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (seconds @ 1.., 0) if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        (seconds @ 1.., 0) => format!("{seconds} s"),
        _ => format!("{} ms", time.as_millis()),
    }
}

/// What is watched, for a title.
pub(crate) fn title(subject: &Watched) -> String {
    match subject {
        Watched::Everything => "everything".into(),
        Watched::Address(address) => address.to_string(),
        Watched::Port(port) => format!("port {port}"),
        Watched::Process(pid) => format!("process {pid}"),
        Watched::Name(name) => format!("programs named {}", Escaped(name.as_bytes())),
    }
}

impl View {
    /// Draws the lines above the table, and takes them off the area.
    pub(super) fn draw_header(&self, area: &mut Rect, buffer: &mut Buffer) {
        self.draw_title(take_top(area, 1), buffer);
        let Some(shown) = &self.shown else { return };
        let look = self.look;
        let mut counts = vec![Span::raw(shown.counts.text())];
        if shown.counts.in_trouble > 0 {
            let text = format!("{} in trouble", shown.counts.in_trouble);
            counts.insert(0, Span::styled(text, look.error()));
            counts.insert(1, Span::raw(" · "));
        }
        put_line(buffer, take_top(area, 1), &Line::from(counts));
        put_line(buffer, take_top(area, 1), &self.namespace(&shown.frame));
        for finding in &shown.frame.findings {
            let style = look.severity(finding.severity);
            let text = wrap(&finding.to_string(), area.width.saturating_sub(2));
            for (at, text) in text.iter().enumerate() {
                let mark = if at == 0 { words::mark(finding.severity) } else { ' ' };
                let line = Line::styled(format!("{mark} {text}"), style);
                put_line(buffer, take_top(area, 1), &line);
            }
        }
        for missing in &shown.frame.missing {
            let is_over = matches!(missing, Missing::Ended { .. });
            let style = if is_over { look.warning() } else { look.quiet() };
            let line = Line::styled(missing.to_string(), style);
            put_line(buffer, take_top(area, 1), &line);
        }
    }

    /// What is watched; at the right, when that was.
    pub(super) fn draw_title(&self, area: Rect, buffer: &mut Buffer) {
        let look = self.look;
        let clock = self.shown.as_ref().map_or("", |shown| &shown.clock);
        let mut right = vec![Span::raw(" "), Span::raw(clock)];
        if self.paused {
            right.insert(0, Span::styled(" PAUSED ", look.warning().patch(look.chosen())));
        }
        let taken = put_line_right(buffer, area, &Line::from(right));
        let left = Line::from(vec![
            Span::styled("framecat watch", look.strong()),
            Span::raw(" · "),
            Span::raw(&self.title),
            Span::styled(format!(" · every {}", typed(self.interval)), look.quiet()),
        ]);
        let width = area.width.saturating_sub(taken + 1);
        put_line(buffer, Rect { width, ..area }, &left);
    }

    /// What the namespace counts: of all its sockets, whichever are watched.
    fn namespace(&self, frame: &Frame) -> Line<'static> {
        let look = self.look;
        let known = COUNTERS.iter().filter_map(|it| Some((it.text, (it.rate)(&frame.rates)?)));
        let mut known: Vec<(&str, f64)> = known.collect();
        // What there is comes first: the line may be too long for all.
        known.sort_by_key(|(_, rate)| *rate <= 0.0);
        let mut spans = vec![Span::styled("namespace: ", look.quiet())];
        for (what, rate) in known {
            if spans.len() > 1 {
                spans.push(Span::styled(" · ", look.quiet()));
            }
            let style = if rate > 0.0 { look.strong() } else { look.quiet() };
            spans.push(Span::styled(format!("{what} {}", words::rate(rate)), style));
        }
        if spans.len() == 1 {
            spans.push(Span::styled("rates from the second sample on", look.quiet()));
        }
        Line::from(spans)
    }
}
