//! Lines on a terminal: labels at the margin, and what stands behind them wrapped to the width.

use framecat::core::diagram::columns;

use super::Look;

/// How many columns the labels take.
const MARGIN: usize = 12;

/// Text for a person, as it grows.
pub(super) struct Page<'a> {
    pub(super) look: &'a Look<'a>,
    pub(super) out: String,
}

/// A text, and how many columns it takes without its colours.
pub(super) struct Item {
    shown: String,
    columns: usize,
}

impl Item {
    /// A text that is painted.
    pub(super) fn painted(text: &str, paint: impl FnOnce(&str) -> String) -> Item {
        Item { shown: paint(text), columns: columns(text) }
    }

    /// Two texts side by side.
    pub(super) fn then(mut self, next: Item) -> Item {
        self.shown += &next.shown;
        self.columns += next.columns;
        self
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(look: &'a Look<'a>) -> Page<'a> {
        Page { look, out: String::new() }
    }

    /// How many columns stand behind the labels.
    pub(super) fn room(&self) -> usize {
        self.look.width.saturating_sub(MARGIN).max(1)
    }

    /// A line as it is.
    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A line that belongs to what stands above it.
    pub(super) fn labelled(&mut self, label: &str, text: &str) {
        self.at_margin(&format!("  {label}"), text);
    }

    /// A line with its label at the margin.
    pub(super) fn at_margin(&mut self, label: &str, text: &str) {
        let gap = MARGIN.saturating_sub(columns(label)).max(1);
        let line = format!("{label}{:gap$}{text}", "");
        self.line(line.trim_end());
    }

    /// Items one behind the other, as many in a line as fit.
    pub(super) fn flow(&mut self, label: &str, items: impl IntoIterator<Item = Item>, gap: usize) {
        let mut label = label;
        for line in lines(items, gap, self.room()) {
            self.at_margin(std::mem::take(&mut label), &line);
        }
    }

    /// Texts one behind the other from the margin on.
    pub(super) fn paragraph(&mut self, texts: impl Iterator<Item = String>, gap: usize) {
        let items = texts.map(|text| Item::painted(&text, str::to_owned));
        for line in lines(items, gap, self.look.width) {
            self.line(&line);
        }
    }

    /// A sentence, wrapped between its words.
    pub(super) fn sentence(&mut self, label: &str, text: &str, paint: impl Fn(&str) -> String) {
        let words = text.split(' ').filter(|word| !word.is_empty());
        let words = words.map(|word| Item::painted(word, str::to_owned));
        let mut label = label;
        for line in lines(words, 1, self.room()) {
            self.at_margin(std::mem::take(&mut label), &paint(&line));
        }
    }
}

fn lines(items: impl IntoIterator<Item = Item>, gap: usize, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for item in items {
        match lines.last_mut() {
            Some(line) if used + gap + item.columns <= width => {
                line.push_str(&" ".repeat(gap));
                line.push_str(&item.shown);
                used += gap + item.columns;
            }
            _ => {
                used = item.columns;
                lines.push(item.shown);
            }
        }
    }
    lines
}
