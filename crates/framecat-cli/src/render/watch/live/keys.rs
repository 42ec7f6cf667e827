//! What the keys do.

use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::View;
use super::column::Column;
use super::entry::{Entry, Typed};
use super::listing::Step;
use super::socket::Opened;

/// What a key asks of the program; everything else it does to the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Nothing,
    /// A sample so often.
    Interval(Duration),
    /// The screen is to be drawn anew, whatever another program has written there.
    Redraw,
    /// Ctrl-Z.
    Suspend,
    /// `q`.
    Quit,
    /// Ctrl-C.
    Interrupt,
}

/// The intervals that one can step through. What is shorter is for `--interval`.
const INTERVALS: [u64; 9] = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

impl View {
    /// Takes a key.
    pub(crate) fn on_key(&mut self, key: KeyEvent) -> Wish {
        self.changed = true;
        self.note = None;
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            // Wherever one is.
            KeyCode::Char('c' | '\\') if control => Wish::Interrupt,
            KeyCode::Char('z') if control => Wish::Suspend,
            KeyCode::Char('l') if control => Wish::Redraw,
            _ if self.entry.is_some() => self.on_entry_key(key),
            // Of the other keys with Ctrl none is a letter.
            KeyCode::Char(_) if control => Wish::Nothing,
            _ if self.help => {
                self.help = false;
                if key.code == KeyCode::Char('q') { Wish::Quit } else { Wish::Nothing }
            }
            code => self.on_command(code),
        }
    }

    fn on_command(&mut self, code: KeyCode) -> Wish {
        match code {
            KeyCode::Char('q') => return Wish::Quit,
            KeyCode::Char('?') | KeyCode::F(1) => self.help = true,
            KeyCode::Char('p' | ' ') => self.pause(),
            KeyCode::Char('+') => return self.step_interval(true),
            KeyCode::Char('-') => return self.step_interval(false),
            _ if self.opened.is_some() => self.on_socket_key(code),
            _ => self.on_table_key(code),
        }
        Wish::Nothing
    }

    fn on_table_key(&mut self, code: KeyCode) {
        match code {
            KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') => self.open_chosen(),
            KeyCode::Char('/') => self.entry = Some(Entry::new(self.listing.filter.clone())),
            KeyCode::Char('!') => {
                self.listing.problems = !self.listing.problems;
                self.columns.forget();
                self.list();
            }
            KeyCode::Char('s') => self.sort(false),
            KeyCode::Char('S') => self.sort(true),
            KeyCode::Char('r') => {
                self.listing.reversed = !self.listing.reversed;
                self.list();
            }
            _ => self.step(code),
        }
    }

    fn on_socket_key(&mut self, code: KeyCode) {
        let Some(opened) = &mut self.opened else { return };
        match code {
            KeyCode::Esc | KeyCode::Left | KeyCode::Backspace | KeyCode::Char('h') => {
                self.opened = None;
            }
            KeyCode::PageDown => opened.top = opened.top.saturating_add(5),
            KeyCode::PageUp => opened.top = opened.top.saturating_sub(5),
            KeyCode::Char('o') => self.open_other(),
            KeyCode::Up | KeyCode::Down | KeyCode::Char('j' | 'k') => {
                self.step(code);
                self.open_chosen();
            }
            _ => {}
        }
    }

    fn on_entry_key(&mut self, key: KeyEvent) -> Wish {
        let Some(entry) = &mut self.entry else { return Wish::Nothing };
        let typed = entry.on_key(key);
        let filter = match (typed, entry.filter()) {
            (Typed::Nothing, _) | (Typed::Text | Typed::Keep, Err(_)) => return Wish::Nothing,
            (Typed::Leave, _) => entry.before.take(),
            (Typed::Text | Typed::Keep, Ok(filter)) => filter,
        };
        if typed != Typed::Text {
            self.entry = None;
        }
        self.listing.filter = filter;
        self.columns.forget();
        self.list();
        Wish::Nothing
    }

    fn step(&mut self, code: KeyCode) {
        let step = match code {
            KeyCode::Up | KeyCode::Char('k') => Step::Up,
            KeyCode::Down | KeyCode::Char('j') => Step::Down,
            KeyCode::PageUp => Step::PageUp,
            KeyCode::PageDown => Step::PageDown,
            KeyCode::Home | KeyCode::Char('g') => Step::First,
            KeyCode::End | KeyCode::Char('G') => Step::Last,
            _ => return,
        };
        if let Some(shown) = &self.shown {
            self.listing.step(step, &shown.frame);
        }
    }

    fn sort(&mut self, back: bool) {
        let columns: Vec<Column> = self.columns.shown.iter().map(|(column, _)| *column).collect();
        if let Some(shown) = &self.shown {
            self.listing.sort_by_next(&columns, back, &shown.frame);
        }
    }

    fn pause(&mut self) {
        self.paused = !self.paused;
        if !self.paused && self.newest.is_some() {
            self.show_newest();
        }
    }

    fn open_chosen(&mut self) {
        if let Some(shown) = &self.shown
            && let Some(row) = self.listing.chosen(&shown.frame)
        {
            self.opened = Some(Opened::new(row, &shown.frame, &shown.clock));
            let cookie = row.socket.cookie;
            self.listing.choose_socket(cookie, &shown.frame);
        }
    }

    fn open_other(&mut self) {
        let Some((opened, shown)) = self.opened.as_ref().zip(self.shown.as_ref()) else { return };
        let row = opened.other().and_then(|other| {
            shown.frame.rows.iter().find(|row| row.socket.cookie == other.socket.cookie)
        });
        match row {
            Some(row) => {
                self.listing.choose_socket(row.socket.cookie, &shown.frame);
                self.opened = Some(Opened::new(row, &shown.frame, &shown.clock));
            }
            None => self.note("its other end is not among the sockets that are watched"),
        }
    }

    fn step_interval(&mut self, longer: bool) -> Wish {
        let mut steps = INTERVALS.map(Duration::from_millis).into_iter();
        let next = match longer {
            true => steps.find(|step| *step > self.interval),
            false => steps.rfind(|step| *step < self.interval),
        };
        match next {
            Some(interval) => {
                self.interval = interval;
                Wish::Interval(interval)
            }
            None => {
                self.note("no step further; --interval takes any time from 10ms on");
                Wish::Nothing
            }
        }
    }
}
