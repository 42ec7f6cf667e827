//! What a person sees, to the letter; and that no text is missing, too wide or obeyed.

mod docs;
mod shown;
mod texts;

use framecat::core::diagram::columns;
use framecat::core::escape::is_harmless;

use super::{Look, samples, text};
use crate::args::Language;
use crate::style::Style;

fn look(language: Language, width: usize) -> Look {
    Look { style: Style::plain(), width, language }
}

/// All that a person is shown of all samples.
fn everything_shown(look: &Look) -> String {
    let mut shown = text::list(look);
    for series in samples::all() {
        shown += &text::heading(series.experiment, look);
        shown += &text::findings(&series, look);
    }
    shown + &text::summary(&samples::all(), std::time::Duration::from_secs(9), look)
}

#[test]
fn no_line_is_wider_than_it_may_be() {
    for language in Language::ALL {
        for width in [40, 61, 80, 100, 140] {
            for line in everything_shown(&look(language, width)).lines() {
                assert!(columns(line) <= width, "{width} columns: {line}");
            }
        }
    }
}

#[test]
fn nothing_that_was_read_is_obeyed_by_a_terminal() {
    for language in Language::ALL {
        let look = look(language, 80);
        let verdicts = samples::all().into_iter().map(|series| text::verdict_only(&series, &look));
        let shown = everything_shown(&look) + &verdicts.collect::<String>();
        let harmful: Vec<char> = shown.chars().filter(|c| *c != '\n' && !is_harmless(*c)).collect();
        assert!(harmful.is_empty(), "{harmful:?}");
        assert!(!shown.contains('\u{a0}'), "a space that only the page knows");
    }
}
