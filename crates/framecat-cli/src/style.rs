//! Colours, on a terminal only, and never where `NO_COLOR` is set (no-color.org).

use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style as Ansi};

/// Whether and how to colour what is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    coloured: bool,
}

impl Style {
    /// The style for standard error as it is.
    pub(crate) fn for_stderr() -> Style {
        Style::on(std::io::stderr().is_terminal())
    }

    /// The style for standard output as it is.
    pub(crate) fn for_stdout() -> Style {
        Style::on(std::io::stdout().is_terminal())
    }

    fn on(terminal: bool) -> Style {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Style { coloured: wanted && able && terminal }
    }

    /// Whether colours are wanted and can be shown.
    pub(crate) fn is_coloured(self) -> bool {
        self.coloured
    }

    /// No colours.
    pub(crate) fn plain() -> Style {
        Style { coloured: false }
    }

    pub(crate) fn came(self, text: &str) -> String {
        self.paint(text, AnsiColor::Green.on_default())
    }

    pub(crate) fn left(self, text: &str) -> String {
        self.paint(text, AnsiColor::Yellow.on_default())
    }

    pub(crate) fn error(self, text: &str) -> String {
        self.paint(text, AnsiColor::Red.on_default().bold())
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(text, Ansi::new().bold())
    }

    pub(crate) fn quiet(self, text: &str) -> String {
        self.paint(text, Ansi::new().dimmed())
    }

    fn paint(self, text: &str, style: Ansi) -> String {
        if self.coloured && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
