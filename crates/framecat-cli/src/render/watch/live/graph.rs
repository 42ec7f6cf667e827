//! A graph of what a number was: a column a sample, the newest at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cell::{Keep, Side, put, width};
use super::look::Look;

/// Blocks from one eighth of a line to a whole one.
const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const HALVES: [&str; 2] = ["▄", "█"];

/// The columns for what stands before the bars.
const LEGEND: u16 = 24;

/// A graph with its name, its latest value and its scale.
pub(super) struct Graph<'a> {
    pub(super) name: &'static str,
    /// The values, the oldest first; what is not a number was not known.
    pub(super) values: &'a [f32],
    pub(super) shown: fn(f64) -> String,
}

/// How many samples a graph of this width shows.
pub(super) fn samples(width: u16) -> usize {
    width.saturating_sub(LEGEND + 1).into()
}

impl Graph<'_> {
    pub(super) fn draw(&self, area: Rect, buffer: &mut Buffer, look: Look) {
        if area.is_empty() {
            return;
        }
        let most = self.values.iter().copied().filter(|value| !value.is_nan()).fold(0.0, f32::max);
        self.draw_legend(most, Rect { width: LEGEND.min(area.width), ..area }, buffer, look);
        let left = area.x + LEGEND + 1;
        let bars = Rect { x: left, width: area.right().saturating_sub(left), ..area };
        let skipped = self.values.len().saturating_sub(bars.width.into());
        let values = &self.values[skipped..];
        // The newest at the right, however few there are.
        let from = bars.right() - values.len() as u16;
        for (x, value) in (from..).zip(values) {
            draw_bar(*value, most, Rect { x, width: 1, ..bars }, buffer, look);
        }
    }

    /// The name and the latest value; the scale stands at the right, its greatest value at the top.
    fn draw_legend(&self, most: f32, area: Rect, buffer: &mut Buffer, look: Look) {
        let shown = |value: f32| (self.shown)(value.into());
        let latest = self.values.last().filter(|value| !value.is_nan());
        let latest = latest.map_or("-".into(), |value| shown(*value));
        let (left, right) = ((Side::Left, Keep::Head), (Side::Right, Keep::Head));
        put(buffer, area, self.name, left, look.strong());
        if area.height == 1 {
            let text = format!("{latest} of {}", shown(most));
            let name = width(self.name) + 1;
            let area = Rect { x: area.x + name, width: area.width.saturating_sub(name), ..area };
            return put(buffer, area, &text, right, look.quiet());
        }
        let below = Rect { y: area.y + 1, height: 1, ..area };
        put(buffer, below, &format!("  {latest}"), left, look.title());
        let bottom = Rect { y: area.bottom() - 1, height: 1, ..area };
        put(buffer, bottom, "0┤", right, look.quiet());
        // Without anything above 0 there is no scale.
        if most > 0.0 {
            put(buffer, area, &format!("{}┤", shown(most)), right, look.quiet());
        }
    }
}

/// A column: nothing where the value is not known, a point for 0, and something for anything more.
fn draw_bar(value: f32, most: f32, area: Rect, buffer: &mut Buffer, look: Look) {
    if value.is_nan() {
        return;
    }
    let bottom = Rect { y: area.bottom() - 1, height: 1, ..area };
    if value <= 0.0 || most <= 0.0 {
        return put(buffer, bottom, ".", (Side::Left, Keep::Head), look.quiet());
    }
    let blocks: &[&str] = if look.eighths { &EIGHTHS } else { &HALVES };
    let steps = blocks.len();
    let filled =
        (value / most * (steps * usize::from(area.height)) as f32).ceil().max(1.0) as usize;
    for (line, y) in (area.top()..area.bottom()).rev().enumerate() {
        let here = filled.saturating_sub(line * steps).min(steps);
        if here > 0 {
            let cell = Rect { y, height: 1, ..area };
            put(buffer, cell, blocks[here - 1], (Side::Left, Keep::Head), look.graph());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[f32], (width, height): (u16, u16), eighths: bool) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let graph = Graph { name: "recvq", values, shown: |value| format!("{value}") };
        graph.draw(buffer.area, &mut buffer, Look { coloured: false, eighths });
        let line = |cells: &[ratatui::buffer::Cell]| {
            cells
                .iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>()
                .trim_end()
                .to_owned()
        };
        buffer.content.chunks(width.into()).map(line).collect()
    }

    #[test]
    fn the_newest_is_at_the_right_and_the_greatest_at_the_top() {
        assert_eq!(
            drawn(&[0.0, 1.0, 4.0, 8.0, 16.0], (32, 2), true),
            ["recvq                16┤       █", "  16                  0┤   .▁▄██"]
        );
    }

    #[test]
    fn what_is_not_known_is_not_nothing() {
        assert_eq!(drawn(&[1.0, f32::NAN, 0.0], (30, 1), true), ["recvq             0 of 1   █ ."]);
        assert_eq!(drawn(&[f32::NAN], (30, 1), true), ["recvq             - of 0"]);
    }

    #[test]
    fn a_font_without_eighths_gets_halves() {
        assert_eq!(drawn(&[1.0, 5.0, 9.0], (28, 1), false), ["recvq             9 of 9 ▄██"]);
    }

    #[test]
    fn no_size_is_too_small() {
        for width in 1..=20 {
            for height in 0..=3 {
                drawn(&[1.0, 2.0, 3.0], (width, height), true);
            }
        }
    }
}
