//! What an experiment found, for a person and for programs, in English or Chinese: each function makes a
//! text of [`Series`] and touches nothing else.
//!
//! - [`text`]: for a person, on a terminal or in a log
//! - [`json`]: a line an experiment, for programs; `schemas/lab.json` describes it
//! - [`html`]: one page with everything and the timelines drawn, to be kept and sent on
//! - [`Progress`]: that an experiment is still running
//!
//! What they say comes from `texts`, a file an experiment, and `words`, what is said of all of them.

mod fit;
mod groups;
pub(crate) mod html;
pub(crate) mod json;
mod moments;
mod progress;
mod series;
pub(crate) mod text;
mod texts;
mod values;
mod words;
mod wrap;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::io;

use framecat::core::escape::Printable;

pub(crate) use progress::Progress;
pub(crate) use series::{Found, Series};

use crate::args::Language;
use crate::style::Style;

/// How an experiment is shown to a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// With which colours.
    pub(crate) style: Style,
    /// How many columns a line may have.
    pub(crate) width: usize,
    /// In which language.
    pub(crate) language: Language,
}

impl Look {
    /// The width where standard output is no terminal.
    const WIDTH: usize = 80;

    /// As standard output takes it: the width of the terminal, and colours on one.
    pub(crate) fn for_stdout(language: Language) -> Look {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
        let width = size.map(|size| usize::from(size.ws_col)).filter(|width| *width > 0);
        // Narrower than 40 three lanes cannot be drawn; wider than 140 nobody finds the next line.
        let width = width.map_or(Self::WIDTH, |width| width.clamp(40, 140));
        Look { style: Style::for_stdout(), width, language }
    }
}

/// A text that somebody else made, safe to show.
fn safe(text: &str) -> String {
    Printable(text.as_bytes()).to_string()
}
