//! What is started: words, or a line for a shell, with placeholders for where it shall listen.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use framecat_core::escape::Printable;

use super::{Place, ProgramError};

/// A program and its arguments.
///
/// `{port}`, `{host}`, `{addr}` (in full, `tcp://127.0.0.1:1234`), `{path}` (of a Unix socket) and
/// `{dir}` (a temporary folder) stand for values of a [`Place`]. They are filled in after the text was
/// split into words, so that no value can become two words. Every other brace stays as it is: JSON may
/// be an argument. In a shell's line a value stands as it is: write `"{dir}"` where the temporary
/// folder may have a space in its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    words: Box<[Vec<u8>]>,
    shell: bool,
}

impl Command {
    /// Splits a text into words as a POSIX shell does: quotes, backslashes and comments. Nothing else of
    /// a shell is there.
    ///
    /// # Errors
    /// If a quote is not closed, or there is no word.
    ///
    /// ```
    /// use framecat::program::Command;
    /// let command = Command::parse("server --name 'two words' --port {port}").unwrap();
    /// assert_eq!(command.to_string(), "server --name 'two words' --port '{port}'");
    /// assert!(Command::parse("server 'unclosed").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Command, ProgramError> {
        let words = shlex::bytes::split(text.as_bytes())
            .ok_or_else(|| ProgramError::Quote { text: text.into() })?;
        Self::of(words)
    }

    /// A program and its arguments, as they are.
    ///
    /// # Errors
    /// If there is no word.
    pub fn words<W: Into<OsString>>(
        words: impl IntoIterator<Item = W>,
    ) -> Result<Command, ProgramError> {
        Self::of(words.into_iter().map(|word| word.into().into_vec()).collect())
    }

    /// A line for `sh -c`.
    pub fn shell(line: impl Into<OsString>) -> Command {
        Command { words: [line.into().into_vec()].into(), shell: true }
    }

    fn of(words: Vec<Vec<u8>>) -> Result<Command, ProgramError> {
        match words.first() {
            Some(program) if !program.is_empty() => {
                Ok(Command { words: words.into(), shell: false })
            }
            _ => Err(ProgramError::Empty),
        }
    }

    /// Whether one of the placeholders stands in it, as in `{port}`.
    pub fn mentions(&self, placeholders: &[&str]) -> bool {
        placeholders.iter().any(|placeholder| {
            self.words
                .iter()
                .any(|word| memchr::memmem::find(word, placeholder.as_bytes()).is_some())
        })
    }

    /// The same with the values of a place.
    pub(super) fn filled(&self, place: &Place) -> Command {
        let words = self.words.iter().map(|word| fill(word, |name| place.value(name))).collect();
        Command { words, shell: self.shell }
    }

    /// As the system takes it.
    pub(super) fn to_std(&self) -> std::process::Command {
        let os = |word: &Vec<u8>| std::ffi::OsStr::from_bytes(word).to_owned();
        let mut words = self.words.iter().map(os);
        if self.shell {
            let mut command = std::process::Command::new("sh");
            command.arg("-c").args(words);
            return command;
        }
        // `of` refused an empty one.
        let mut command = std::process::Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }

    /// The program, as it was written.
    pub(super) fn program(&self) -> &[u8] {
        match &self.words[..] {
            [program, ..] if !self.shell => program,
            _ => b"sh",
        }
    }

    /// Whether a word means something to a shell only.
    pub(super) fn looks_like_shell(&self) -> bool {
        const ALONE: [&[u8]; 9] = [b"|", b"||", b"&&", b";", b"&", b">", b">>", b"<", b"2>&1"];
        let assigns = self.words.first().is_some_and(|word| word.contains(&b'='));
        !self.shell && (assigns || self.words.iter().any(|word| ALONE.contains(&&word[..])))
    }
}

/// As one would type it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shell {
            return self.words.iter().try_for_each(|line| Printable(line).fmt(f));
        }
        let quoter = shlex::bytes::Quoter::new().allow_nul(true);
        for (number, word) in self.words.iter().enumerate() {
            let space = if number == 0 { "" } else { " " };
            let quoted = quoter.quote(word).unwrap_or(word.into());
            write!(f, "{space}{}", Printable(&quoted))?;
        }
        Ok(())
    }
}

/// Puts values where their names stand in braces. A value is not searched again.
pub(super) fn fill(text: &[u8], value: impl Fn(&str) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut filled = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = memchr::memchr(b'{', rest) {
        filled.extend_from_slice(&rest[..open]);
        rest = &rest[open..];
        let found = memchr::memchr(b'}', rest).and_then(|close| {
            let name = std::str::from_utf8(&rest[1..close]).ok()?;
            Some((close, value(name)?))
        });
        match found {
            Some((close, value)) => {
                filled.extend_from_slice(&value);
                rest = &rest[close + 1..];
            }
            None => {
                filled.push(b'{');
                rest = &rest[1..];
            }
        }
    }
    filled.extend_from_slice(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_in_braces_are_filled_in() {
        let value = |name: &str| (name == "port").then(|| b"{port}80".to_vec());
        for (text, filled) in [
            ("--port={port}", "--port={port}80"),
            (r#"{"port": {port}}"#, r#"{"port": {port}80}"#),
            ("{other} {} { port} {", "{other} {} { port} {"),
            ("{{port}}", "{{port}80}"),
        ] {
            assert_eq!(fill(text.as_bytes(), value), filled.as_bytes(), "{text}");
        }
    }
}
