//! The view as a person sees and uses it: frames made by hand go in, a screen comes out.

mod choice;
mod keys;
mod names;
mod screens;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use framecat::core::watch::{Frame, Row};
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Position;

use super::samples::frame;
use super::{Look, Start, View, Wish};

/// A view on a screen.
struct Screen {
    view: View,
    terminal: ratatui::Terminal<TestBackend>,
    cursor: Option<Position>,
    seconds: u64,
}

impl Screen {
    fn of(width: u16, height: u16) -> Screen {
        let view = View::new(Start {
            title: "port 5050".into(),
            look: Look { coloured: true, eighths: true },
            interval: Duration::from_secs(1),
            filter: None,
            sort: None,
        });
        let terminal = ratatui::Terminal::new(TestBackend::new(width, height)).unwrap();
        Screen { view, terminal, cursor: None, seconds: 0 }
    }

    /// The next frame, a second later.
    fn shows(&mut self, rows: Vec<Row>) -> &mut Screen {
        let frame = frame(self.seconds, rows);
        self.shows_frame(frame)
    }

    fn shows_frame(&mut self, frame: Frame) -> &mut Screen {
        let clock = format!("12:00:{:02}", self.seconds);
        self.seconds += 1;
        self.view.on_frame(Arc::new(frame), clock);
        self
    }

    fn presses(&mut self, code: impl Into<KeyCode>) -> Wish {
        self.view.on_key(code.into().into())
    }

    fn presses_ctrl(&mut self, c: char) -> Wish {
        self.view.on_key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
    }

    fn types(&mut self, text: &str) -> &mut Screen {
        for c in text.chars() {
            self.presses(KeyCode::Char(c));
        }
        self
    }

    /// What is to be seen, without the spaces at the end of its lines.
    fn text(&mut self) -> String {
        let Screen { view, terminal, cursor, .. } = self;
        terminal.draw(|frame| *cursor = view.draw(frame.area(), frame.buffer_mut())).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = buffer.content.chunks(buffer.area.width.into()).map(|line| {
            let mut text = String::new();
            let mut hidden = 0;
            for cell in line {
                // A wide character has the cell behind it too.
                if hidden == 0 {
                    text.push_str(cell.symbol());
                    hidden = ratatui::text::Span::raw(cell.symbol()).width().max(1);
                }
                hidden -= 1;
            }
            text.trim_end().to_owned()
        });
        lines.collect::<Vec<String>>().join("\n")
    }

    fn lines(&mut self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    /// The chosen row, as it is on the screen.
    fn chosen(&mut self) -> String {
        let lines = self.lines();
        let buffer = self.terminal.backend().buffer();
        let reversed = |y: u16| {
            let style = buffer[(0, y)].style();
            style.add_modifier.contains(ratatui::style::Modifier::REVERSED)
        };
        let mut chosen = (0..buffer.area.height).filter(|y| reversed(*y));
        let at = chosen.next().expect("a row is chosen");
        assert_eq!(chosen.next(), None, "one row is chosen");
        lines[usize::from(at)].clone()
    }

    #[track_caller]
    fn assert_shows(&mut self, text: &str) {
        let screen = self.text();
        assert!(screen.contains(text), "no `{text}` on\n{screen}");
    }

    #[track_caller]
    fn assert_shows_not(&mut self, text: &str) {
        let screen = self.text();
        assert!(!screen.contains(text), "`{text}` on\n{screen}");
    }
}
