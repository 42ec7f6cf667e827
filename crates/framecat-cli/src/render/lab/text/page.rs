//! Lines on a terminal: labels at the margin, and what stands behind them wrapped to the width.

use framecat::core::diagram::columns;

use super::super::Look;
use super::super::words::margin;
use super::super::wrap::wrap;

/// Text for a person, as it grows.
pub(super) struct Page<'a> {
    pub(super) look: &'a Look,
    pub(super) out: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(look: &'a Look) -> Page<'a> {
        Page { look, out: String::new() }
    }

    /// How many columns stand behind the labels.
    pub(super) fn room(&self) -> usize {
        self.look.width.saturating_sub(margin(self.look.language))
    }

    /// A line as it is.
    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A name with a line behind it, as wide as the page.
    pub(super) fn rule(&mut self, name: &str) {
        let style = self.look.style;
        let rest = self.look.width.saturating_sub(columns(name) + 1);
        self.line(&format!("{} {}", style.strong(name), style.quiet(&"─".repeat(rest))));
    }

    /// A text over the whole width.
    pub(super) fn paragraph(&mut self, text: &str) {
        for line in wrap(text, self.look.width) {
            self.line(&line);
        }
    }

    /// A text with its label at the margin; nothing where there is no text.
    pub(super) fn labelled(&mut self, label: &str, text: &str, paint: impl Fn(&str) -> String) {
        if !text.is_empty() {
            self.beside(&self.look.style.quiet(label), margin(self.look.language), text, paint);
        }
    }

    /// A text beside another that takes `at` columns.
    pub(super) fn beside(
        &mut self,
        label: &str,
        at: usize,
        text: &str,
        paint: impl Fn(&str) -> String,
    ) {
        let mut label = label;
        for line in wrap(text, self.look.width.saturating_sub(at)) {
            let gap = at.saturating_sub(visible(label));
            self.line(&format!("{label}{:gap$}{}", "", paint(&line)));
            label = "";
        }
    }

    /// What was measured beside what it is, which takes `widest` columns or lines of its own.
    pub(super) fn pair(&mut self, label: &str, name: &str, widest: usize, value: &str) {
        let margin = margin(self.look.language);
        let wide = self.room().saturating_sub(widest + 2);
        let names = wrap(name, widest.max(1));
        let values = wrap(value, wide);
        let style = self.look.style;
        for row in 0..names.len().max(values.len()) {
            let line = |lines: &[String]| lines.get(row).cloned().unwrap_or_default();
            let (name, value) = (line(&names), line(&values));
            let label = if row == 0 { label } else { "" };
            let (before, between) =
                (margin.saturating_sub(columns(label)), widest + 2 - columns(&name).min(widest));
            let label = style.quiet(label);
            self.line(&format!(
                "{label}{:before$}{name}{:between$}{}",
                "",
                "",
                style.strong(&value)
            ));
        }
    }
}

/// The columns of a text, without its colours.
fn visible(text: &str) -> usize {
    let mut pieces = text.split("\x1b[");
    let first = columns(pieces.next().unwrap_or_default());
    let rest = pieces.map(|piece| columns(piece.split_once('m').map_or("", |(_, rest)| rest)));
    first + rest.sum::<usize>()
}
