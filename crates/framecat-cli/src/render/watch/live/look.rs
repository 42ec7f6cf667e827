//! How things look: colours where they are wanted, and the same said without them where they are not.

use framecat::core::watch::Severity;
use ratatui::style::{Color, Modifier, Style};

/// What a terminal can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Whether colours are wanted; bold, dim and reversed are there always.
    pub(crate) coloured: bool,
    /// Whether its font has blocks of an eighth of a line; the Linux console's has halves only.
    pub(crate) eighths: bool,
}

impl Look {
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn quiet(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The line that is chosen.
    pub(super) fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The names of columns and of keys.
    pub(super) fn title(self) -> Style {
        self.colour(Color::Cyan)
    }

    pub(super) fn graph(self) -> Style {
        self.colour(Color::Green)
    }

    /// What somebody has to know who would otherwise take this view for another.
    pub(super) fn warning(self) -> Style {
        self.severity(Severity::Warning)
    }

    pub(super) fn error(self) -> Style {
        self.severity(Severity::Error)
    }

    pub(super) fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.colour(Color::Red).add_modifier(Modifier::BOLD),
            Severity::Warning => self.colour(Color::Yellow),
            Severity::Note => self.colour(Color::Blue),
        }
    }

    fn colour(self, colour: Color) -> Style {
        if self.coloured { Style::new().fg(colour) } else { Style::new() }
    }
}
