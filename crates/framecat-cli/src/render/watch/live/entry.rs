//! The line in which a filter is typed.

use framecat::core::escape::is_harmless;
use framecat::core::watch::Condition;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::cell::{put_line, take_top, width};
use super::look::Look;

/// A longer filter is a mistake: a paste, say.
const LONGEST: usize = 1000;

/// A filter that is being typed.
#[derive(Debug, Default)]
pub(super) struct Entry {
    text: String,
    /// The character before which the next one goes.
    at: usize,
    /// What was there before, for whoever changes their mind.
    pub(super) before: Option<Condition>,
}

/// What a key did to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    Text,
    /// Enter.
    Keep,
    /// Esc.
    Leave,
    Nothing,
}

impl Entry {
    pub(super) fn new(before: Option<Condition>) -> Entry {
        let text = before.as_ref().map_or(String::new(), ToString::to_string);
        Entry { at: text.chars().count(), text, before }
    }

    /// What the text means: nothing typed is no filter.
    pub(super) fn filter(&self) -> Result<Option<Condition>, String> {
        match self.text.trim() {
            "" => Ok(None),
            // Not trimmed: the character that an error names is counted from the first.
            _ => self.text.parse().map(Some).map_err(|error| format!("{error}")),
        }
    }

    pub(super) fn on_key(&mut self, key: KeyEvent) -> Typed {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Typed::Keep,
            KeyCode::Esc => return Typed::Leave,
            KeyCode::Char('u') if control => {
                self.text.drain(..self.byte(self.at));
                self.at = 0;
            }
            KeyCode::Char('w') if control => self.cut_word(),
            KeyCode::Char('a') if control => self.at = 0,
            KeyCode::Char('e') if control => self.at = self.text.chars().count(),
            KeyCode::Char(c) if !control && is_harmless(c) && self.text.len() < LONGEST => {
                self.text.insert(self.byte(self.at), c);
                self.at += 1;
            }
            KeyCode::Backspace if self.at > 0 => {
                self.at -= 1;
                self.text.remove(self.byte(self.at));
            }
            KeyCode::Delete if self.at < self.text.chars().count() => {
                self.text.remove(self.byte(self.at));
            }
            KeyCode::Left => self.at = self.at.saturating_sub(1),
            KeyCode::Right => self.at = (self.at + 1).min(self.text.chars().count()),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.chars().count(),
            _ => return Typed::Nothing,
        }
        Typed::Text
    }

    fn cut_word(&mut self) {
        let before = &self.text[..self.byte(self.at)];
        let kept = before.trim_end().rfind(' ').map_or(0, |space| space + 1);
        let cut = before[kept..].chars().count();
        self.text.drain(kept..self.byte(self.at));
        self.at -= cut;
    }

    fn byte(&self, at: usize) -> usize {
        self.text.char_indices().nth(at).map_or(self.text.len(), |(byte, _)| byte)
    }

    /// Draws it into two lines; returns where the cursor stands.
    pub(super) fn draw(&self, mut area: Rect, buffer: &mut Buffer, look: Look) -> Position {
        let line = take_top(&mut area, 1);
        let prompt = "filter: ";
        // A text that is longer than the line is shown by what is before the cursor.
        let room = line.width.saturating_sub(width(prompt) + 1);
        let mut from = 0;
        let before = |from: usize| width(&self.text[self.byte(from)..self.byte(self.at)]);
        while before(from) > room {
            from += 1;
        }
        let seen = &self.text[self.byte(from)..];
        let spans = vec![Span::styled(prompt, look.title()), Span::raw(seen)];
        put_line(buffer, line, &Line::from(spans));
        let told = match self.filter() {
            Ok(_) => Line::styled(EXAMPLES, look.quiet()),
            Err(error) => Line::styled(error, look.error()),
        };
        put_line(buffer, area, &told);
        Position { x: line.x + width(prompt) + before(from), y: line.y }
    }
}

const EXAMPLES: &str =
    "such as  recvq>0 and state=CLOSE_WAIT   not owner=nginx   Enter keeps it, Esc leaves it";
