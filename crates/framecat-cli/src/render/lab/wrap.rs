//! Lines of a given width, in columns of a terminal: a Chinese character takes two.

use framecat::core::diagram::columns;
use unicode_linebreak::{BreakOpportunity, linebreaks};

use super::values::NO_BREAK;

/// A text in lines of at most `width` columns. A line ends where the Unicode line breaking algorithm
/// (Standard Annex 14) lets it: between words, between Chinese characters, and not in front of a closing
/// mark; what is wider than a line is broken anywhere. Line ends of the text are kept, and a space that
/// lets no line end becomes a usual one.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    hang(text, width, 0)
}

/// The same, with all lines but the first moved to the right by `hang`.
pub(super) fn hang(text: &str, width: usize, hang: usize) -> Vec<String> {
    let mut lines =
        Lines { done: Vec::new(), line: String::new(), used: 0, width: width.max(2), hang };
    let mut start = 0;
    for (end, kind) in linebreaks(text) {
        let piece = &text[start..end];
        start = end;
        let bare = piece.trim_end();
        if lines.used > 0 && lines.used + columns(bare) > lines.room() {
            lines.end();
        }
        for c in bare.chars() {
            lines.push(c);
        }
        if kind == BreakOpportunity::Mandatory {
            lines.end();
        } else {
            // Spaces may stand beyond the end of a line: there they are cut off.
            for c in piece[bare.len()..].chars() {
                lines.line.push(c);
                lines.used += columns(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
    lines.done
}

struct Lines {
    done: Vec<String>,
    line: String,
    /// The columns of `line`.
    used: usize,
    width: usize,
    hang: usize,
}

impl Lines {
    /// The columns of the line at hand; a character has up to two.
    fn room(&self) -> usize {
        self.width.saturating_sub(self.indent()).max(2)
    }

    fn indent(&self) -> usize {
        if self.done.is_empty() { 0 } else { self.hang }
    }

    fn push(&mut self, c: char) {
        let columns = columns(c.encode_utf8(&mut [0; 4]));
        if self.used + columns > self.room() {
            self.end();
        }
        self.line.push(c);
        self.used += columns;
    }

    fn end(&mut self) {
        let indent = self.indent();
        let line = std::mem::take(&mut self.line);
        let line = line.replace(NO_BREAK, " ");
        self.done.push(format!("{:indent$}{}", "", line.trim_end()));
        self.used = 0;
    }
}

/// The beginning of a text in at most `width` columns; `…` stands for the rest.
pub(super) fn shortened(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if columns(&short) + columns(c.encode_utf8(&mut [0; 4])) + 1 > width {
            break;
        }
        short.push(c);
    }
    short.truncate(short.trim_end().len());
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_breaks_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("the queue is full", 10), ["the queue", "is full"]);
        assert_eq!(wrap("recv(64) → 12", 8), ["recv(64)", "→ 12"]);
        assert_eq!(wrap("aaaaaaaaaaaa b", 5), ["aaaaa", "aaaaa", "aa b"]);
        assert_eq!(wrap("one\ntwo three", 20), ["one", "two three"]);
        assert!(wrap("", 5).is_empty());
        assert_eq!(wrap("after 3.04\u{a0}s", 10), ["after", "3.04 s"]);
    }

    #[test]
    fn chinese_breaks_between_characters_and_never_before_a_closing_mark() {
        assert_eq!(wrap("队列已满，新的连接", 10), ["队列已满，", "新的连接"]);
        assert_eq!(wrap("队列已经满，新的", 10), ["队列已经", "满，新的"]);
        assert_eq!(wrap("调用 accept 返回", 11), ["调用 accept", "返回"]);
        for line in wrap("三次握手由内核完成，不需要（也不等待）accept。", 9) {
            assert!(columns(&line) <= 9 && !line.starts_with(['，', '。', '）']), "{line}");
        }
    }

    #[test]
    fn what_hangs_is_no_wider_and_nothing_is_lost() {
        let text = "recvfrom(1024, MSG_DONTWAIT) → EAGAIN";
        for width in 6..40 {
            let lines = hang(text, width, 2);
            assert!(lines.iter().all(|line| columns(line) <= width), "{lines:?}");
            let bare = |text: &str| text.replace(' ', "");
            assert_eq!(bare(&lines.concat()), bare(text));
            assert!(lines.iter().skip(1).all(|line| line.starts_with("  ")), "{lines:?}");
        }
        assert_eq!(hang("一二三四五", 6, 2), ["一二三", "  四五"]);
    }

    #[test]
    fn a_shortened_text_says_so_and_fits() {
        assert_eq!(shortened("hello", 5), "hello");
        assert_eq!(shortened("hello world", 7), "hello…");
        assert_eq!(shortened("一二三", 4), "一…");
    }
}
