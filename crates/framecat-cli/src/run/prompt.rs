//! A person at a terminal: a line is a message.

use std::io::{self, IsTerminal as _};
use std::ops::ControlFlow;

use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor, ExternalPrinter as _};

use super::signal::{Stop, Stopper};
use crate::render::AbovePrompt;

/// A line editor, and the means to print above it.
pub(super) struct Prompt {
    editor: Box<DefaultEditor>,
}

/// What a person typed.
enum Typed {
    Line(String),
    /// Ctrl-D: no more will come.
    End,
    /// Ctrl-C.
    Interrupt,
}

impl Prompt {
    /// Whether a person sits at both ends.
    pub(super) fn is_wanted() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    pub(super) fn new() -> rustyline::Result<(Prompt, AbovePrompt)> {
        // Bracketed paste would have to be switched off again by a program that ends while it reads.
        let config = Config::builder().bracketed_paste(false).build();
        let mut editor = Box::new(DefaultEditor::with_config(config)?);
        let mut printer = editor.create_external_printer()?;
        let above = move |text: String| {
            // The terminal is gone: the prompt will notice, and ends the program.
            let _ = printer.print(text);
        };
        Ok((Prompt { editor }, Box::new(above)))
    }

    /// Hands over each line that is typed, until there are no more or nobody wants them.
    pub(super) fn lines(
        mut self,
        stopper: &Stopper,
        mut take: impl FnMut(&str) -> ControlFlow<()>,
    ) {
        loop {
            match self.read() {
                Typed::Line(line) if take(&line).is_continue() => {}
                Typed::Line(_) | Typed::End => return,
                Typed::Interrupt => return stopper.stop(Stop::Interrupt),
            }
        }
    }

    fn read(&mut self) -> Typed {
        match self.editor.readline("> ") {
            Ok(line) => {
                // History is a convenience: a line that it does not take is typed again.
                let _ = self.editor.add_history_entry(&line);
                Typed::Line(line)
            }
            Err(ReadlineError::Interrupted) => Typed::Interrupt,
            Err(_) => Typed::End,
        }
    }
}
