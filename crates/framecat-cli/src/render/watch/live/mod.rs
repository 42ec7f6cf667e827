//! The live view: a table of sockets, and one socket in all its detail. Frames and keys come in, a
//! screen comes out; nothing here reads a terminal or writes to one.

mod cell;
mod column;
mod entry;
mod footer;
mod graph;
mod header;
mod help;
mod keys;
mod listing;
mod look;
#[cfg(test)]
mod samples;
mod socket;
mod table;
#[cfg(test)]
mod tests;
mod trace;

use std::sync::Arc;
use std::time::Duration;

use framecat::core::watch::{Condition, Frame};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

pub(crate) use header::title;
pub(crate) use keys::Wish;
pub(crate) use look::Look;

use cell::{put_line, take_bottom};
use column::Column;
use entry::Entry;
use header::Counts;
use listing::Listing;
use socket::Opened;
use table::Columns;
use trace::Traces;

/// On less the table has no columns and a socket no graphs.
const LEAST: (u16, u16) = (80, 24);

/// The live view.
pub(crate) struct View {
    /// What is watched.
    title: String,
    look: Look,
    interval: Duration,
    /// The last frame, and the one that is shown: another one, while it is paused.
    newest: Option<Shown>,
    shown: Option<Shown>,
    paused: bool,
    listing: Listing,
    columns: Columns,
    /// The sockets that are visible in the table.
    visible: Vec<u64>,
    traces: Traces,
    /// The socket that is looked at, if it is not the table.
    opened: Option<Opened>,
    /// The filter that is being typed.
    entry: Option<Entry>,
    help: bool,
    /// What was the matter with the last key.
    note: Option<String>,
    /// Whether something is not on the screen yet.
    changed: bool,
}

/// A frame, and what is said of it as a whole.
#[derive(Debug, Clone)]
struct Shown {
    frame: Arc<Frame>,
    /// The time of day.
    clock: String,
    counts: Arc<Counts>,
}

/// How the view begins.
pub(crate) struct Start<'a> {
    pub(crate) title: String,
    pub(crate) look: Look,
    pub(crate) interval: Duration,
    pub(crate) filter: Option<Condition>,
    /// The name of a field.
    pub(crate) sort: Option<&'a str>,
}

impl View {
    pub(crate) fn new(start: Start<'_>) -> View {
        let sorted_by = start.sort.and_then(Column::of_field);
        View {
            title: start.title,
            look: start.look,
            interval: start.interval,
            newest: None,
            shown: None,
            paused: false,
            listing: Listing::new(start.filter, sorted_by),
            columns: Columns::default(),
            visible: Vec::new(),
            traces: Traces::default(),
            opened: None,
            entry: None,
            help: false,
            note: None,
            changed: true,
        }
    }

    /// Takes the next frame, of this time of day. While the view is paused it is kept and not shown.
    pub(crate) fn on_frame(&mut self, frame: Arc<Frame>, clock: String) {
        let kept = self.opened.as_ref().map(|opened| opened.cookie);
        self.traces.on_frame(&frame, &self.visible, kept);
        let counts = Arc::new(Counts::of(&frame));
        self.newest = Some(Shown { frame, clock, counts });
        if !self.paused {
            self.show_newest();
        }
    }

    /// Says something until the next key is pressed.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.note = Some(note.into());
        self.changed = true;
    }

    /// Whether something is not on the screen yet.
    pub(crate) fn has_changed(&self) -> bool {
        self.changed
    }

    /// The screen is another one, or empty.
    pub(crate) fn on_resize(&mut self) {
        self.changed = true;
    }

    fn show_newest(&mut self) {
        self.shown.clone_from(&self.newest);
        self.changed = true;
        if let (Some(opened), Some(shown)) = (&mut self.opened, &self.shown) {
            opened.on_frame(&shown.frame, &shown.clock);
        }
        self.list();
    }

    fn list(&mut self) {
        if let Some(shown) = &self.shown {
            self.listing.list(&shown.frame);
        }
    }

    /// Draws all of it. Returns where the cursor stands, if it is to be seen.
    pub(crate) fn draw(&mut self, mut area: Rect, buffer: &mut Buffer) -> Option<Position> {
        self.changed = false;
        let (width, height) = LEAST;
        if area.width < width || area.height < height {
            let found = format!("{}x{}", area.width, area.height);
            let text = format!("this terminal is {found}; {width}x{height} are needed");
            put_line(buffer, area, &Line::raw(text));
            return None;
        }
        if self.help {
            self.draw_help(area, buffer);
            return None;
        }
        if self.opened.is_some() {
            self.draw_socket(area, buffer);
            return None;
        }
        self.draw_header(&mut area, buffer);
        // The table first: below it stands what it has no room for.
        let height = self.footer_height(area.height);
        let below = take_bottom(&mut area, height);
        self.draw_table(area, buffer);
        self.draw_footer(below, buffer)
    }
}
