//! What a check found, for a person and for programs: each function makes a text of [`Report`]s and
//! touches nothing else.
//!
//! - [`text`]: for a person, on a terminal or in a log
//! - [`json`]: a line an exchange, for programs; `schemas/check.json` describes it
//! - [`junit`]: for those who run tests
//! - [`html`]: one page with everything, to be kept and sent on
//! - [`Progress`]: how far a check is, while it runs

mod baseline;
mod failure;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
mod page;
mod progress;
#[cfg(test)]
mod safety;
#[cfg(test)]
mod samples;
mod strip;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod words;

use std::io;

use framecat::core::check::{CaseId, Report};

pub(crate) use progress::Progress;

use crate::style::Style;

/// The command that replays one case of an exchange.
pub(crate) type Replay<'a> = &'a dyn Fn(&Report, &CaseId) -> String;

/// How a report is shown to a person.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    /// With which colours.
    pub(crate) style: Style,
    /// How many columns a line may have.
    pub(crate) width: usize,
    /// How much is shown.
    pub(crate) detail: Detail,
    /// Names the command that replays a case.
    pub(crate) replay: Replay<'a>,
}

/// How much of a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What fails, and the last line (`-q`).
    Failures,
    /// What a person wants to see first.
    Usual,
    /// A case of each kind in full (`-v`).
    EachKind,
}

impl<'a> Look<'a> {
    /// The width where standard output is no terminal.
    pub(crate) const WIDTH: usize = 80;

    /// As standard output takes it: the width of the terminal, and colours on one.
    pub(crate) fn for_stdout(detail: Detail, replay: Replay<'a>) -> Look<'a> {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
        let width = size.map(|size| usize::from(size.ws_col)).filter(|width| *width > 0);
        // Narrower than 40 nothing can be drawn; wider than 200 nobody finds the next line.
        let width = width.map_or(Self::WIDTH, |width| width.clamp(40, 200));
        Look { style: Style::for_stdout(), width, detail, replay }
    }
}
