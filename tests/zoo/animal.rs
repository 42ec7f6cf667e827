//! An animal of the zoo: a program with one bug, how it is checked, and what must be found.

use super::findings::Trait;

/// A program with one bug.
///
/// Expectations are written as in `split: closed @1-3; early @5`: a plan, what comes of it in the words
/// of `Outcome::word` (`a|b` where either will do, `any` for whatever), and where. Without a place: in
/// one of its cases at least. A connection that was reset without a reply counts as `closed`.
pub(super) struct Animal {
    /// The name of its file; the table fills it in.
    pub(super) name: &'static str,
    pub(super) language: Language,
    pub(super) side: Side,
    /// The bug, for the table in docs/check.md.
    pub(super) bug: &'static str,
    /// What `framecat check` is told besides where it is.
    pub(super) args: &'static [&'static str],
    /// What fails, all of it.
    pub(super) fails: &'static [&'static str],
    /// What is reported as a property, all of it.
    pub(super) properties: &'static [&'static str],
    /// What may be found besides, where it depends on the seed, or on where the kernel cuts.
    pub(super) perhaps: &'static [&'static str],
    /// What is found of the process.
    pub(super) traits: &'static [Trait],
    /// Whether there are cuts that it does not read.
    pub(super) leaves_unread: bool,
    /// The properties of the corrected twin.
    pub(super) twin: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    C,
    Rust,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    Client,
}

impl Animal {
    pub(super) const fn server(language: Language) -> Animal {
        Animal {
            name: "",
            language,
            side: Side::Server,
            bug: "",
            args: &[],
            fails: &[],
            properties: &[],
            perhaps: &[],
            traits: &[],
            leaves_unread: false,
            twin: &[],
        }
    }

    pub(super) const fn client(language: Language) -> Animal {
        Animal { side: Side::Client, ..Animal::server(language) }
    }

    /// The source, below the folder of the zoo.
    pub(super) fn file(&self) -> String {
        format!("{}/{}.{}", self.language.folder(), self.name, self.language.extension())
    }

    /// Whether the check fails, rather than passing with properties.
    pub(super) fn is_failed(&self) -> bool {
        !self.fails.is_empty() || self.traits.iter().any(|found| found.fails())
    }
}

impl Language {
    pub(super) const ALL: [Language; 3] = [Language::Python, Language::C, Language::Rust];

    pub(super) fn name(self) -> &'static str {
        match self {
            Language::Python => "Python",
            Language::C => "C",
            Language::Rust => "Rust",
        }
    }

    pub(super) fn folder(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::C => "c",
            Language::Rust => "rust",
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Language::Python => "py",
            Language::C => "c",
            Language::Rust => "rs",
        }
    }

    /// The file that the animals of this language share.
    pub(super) fn shared(self) -> &'static str {
        match self {
            Language::Python => "zoo.py",
            Language::C => "zoo.h",
            Language::Rust => "zoo.rs",
        }
    }
}
