//! Text in columns of the screen: what is too long is cut where it tells least, and says that it was.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Which part of a text is kept where it does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Its beginning: names, sentences.
    Head,
    /// Its end: an address has its port there, a path its file.
    Tail,
}

/// On which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// The columns of a terminal that a text takes.
pub(super) fn width(text: &str) -> u16 {
    u16::try_from(Span::raw(text).width()).unwrap_or(u16::MAX)
}

/// A text in at most so many columns.
pub(super) fn fit(text: &str, columns: u16, keep: Keep) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut kept = String::new();
    let mut left = columns - 1;
    let mut take = |c: char| {
        let needed = width(c.encode_utf8(&mut [0; 4]));
        let fits = needed <= left;
        left -= if fits { needed } else { 0 };
        fits
    };
    match keep {
        Keep::Head => {
            kept.extend(text.chars().take_while(|c| take(*c)));
            kept.push('…');
        }
        Keep::Tail => {
            kept.extend(text.chars().rev().take_while(|c| take(*c)));
            kept.push('…');
            kept = kept.chars().rev().collect();
        }
    }
    kept
}

/// Writes a text into the first line of an area.
pub(super) fn put(
    buffer: &mut Buffer,
    area: Rect,
    text: &str,
    (side, keep): (Side, Keep),
    style: Style,
) {
    // A buffer panics where one writes beside it.
    let area = area.intersection(*buffer.area());
    if area.is_empty() {
        return;
    }
    let text = fit(text, area.width, keep);
    let indent = match side {
        Side::Left => 0,
        Side::Right => area.width.saturating_sub(width(&text)),
    };
    buffer.set_stringn(area.x + indent, area.y, &text, (area.width - indent).into(), style);
}

/// Writes pieces of a line into the first line of an area; what does not fit is cut.
pub(super) fn put_line(buffer: &mut Buffer, area: Rect, line: &Line<'_>) {
    let area = area.intersection(*buffer.area());
    if area.is_empty() {
        return;
    }
    buffer.set_line(area.x, area.y, line, area.width);
    if line.width() > area.width.into() {
        buffer.set_stringn(area.right() - 1, area.y, "…", 1, line.style);
    }
}

/// The same at the right end of the line. Returns how many columns it took.
pub(super) fn put_line_right(buffer: &mut Buffer, area: Rect, line: &Line<'_>) -> u16 {
    let taken = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
    put_line(buffer, Rect { x: area.right() - taken, width: taken, ..area }, line);
    taken
}

/// A sentence in lines of so many columns. A word that is longer is cut.
pub(super) fn wrap(text: &str, columns: u16) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = fit(word, columns, Keep::Head);
        let line = lines.last_mut().expect("there is one");
        let gap = if line.is_empty() { "" } else { " " };
        if width(line) + width(gap) + width(&word) <= columns {
            line.push_str(gap);
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

/// The first line of an area, which loses it.
pub(super) fn take_top(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    let top = Rect { height, ..*area };
    area.y += height;
    area.height -= height;
    top
}

/// The last lines of an area, which loses them.
pub(super) fn take_bottom(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    area.height -= height;
    Rect { y: area.bottom(), height, ..*area }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_where_it_tells_least() {
        assert_eq!(fit("127.0.0.1:5050", 14, Keep::Tail), "127.0.0.1:5050");
        assert_eq!(fit("127.0.0.1:5050", 8, Keep::Tail), "….1:5050");
        assert_eq!(fit("redis-server[4711]", 8, Keep::Head), "redis-s…");
        assert_eq!(fit("x", 0, Keep::Head), "");
    }

    #[test]
    fn a_wide_character_is_not_cut_in_two() {
        assert_eq!(fit("中文字", 6, Keep::Head), "中文字");
        assert_eq!(fit("中文字", 5, Keep::Head), "中文…");
        assert_eq!(fit("中文字", 4, Keep::Head), "中…");
        assert_eq!(fit("中文字", 4, Keep::Tail), "…字");
    }

    #[test]
    fn sentences_are_broken_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one seventeen", 7), ["one", "sevent…"]);
        assert_eq!(wrap("", 7), [""]);
    }

    #[test]
    fn nothing_is_written_beside_the_screen() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        put(&mut buffer, Rect::new(2, 0, 9, 3), "abc", (Side::Left, Keep::Head), Style::new());
        put(&mut buffer, Rect::new(9, 9, 9, 3), "abc", (Side::Right, Keep::Head), Style::new());
        assert_eq!(buffer, Buffer::with_lines(["  a…"]));
    }
}
