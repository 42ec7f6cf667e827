//! Every path that a source file names, in imports and in code, inside macros too: found in its
//! tokens, because a parser of Rust sees no further into a macro than its name.

use std::path::{Component, Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A source file.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file, for messages.
    pub(crate) file: PathBuf,
    /// The module that it is, from the crate's root on.
    module: Vec<String>,
    /// What it names.
    pub(crate) found: Vec<Found>,
}

/// Something that a source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) line: usize,
    pub(crate) how: How,
    /// Its path. One that is relative to a module of this crate begins with `crate`.
    pub(crate) path: Vec<String>,
}

/// How something is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum How {
    /// In code: `a::b`.
    Code,
    /// `use a::b`, under this name.
    Import(String),
    /// `use a::b::*`.
    Glob,
    /// `a!(…)`.
    Macro,
    /// `.a`, a method or a field.
    Member,
    /// `#[path = …]` or `include!(…)`: a file that is elsewhere than its module.
    Elsewhere,
}

impl Source {
    /// Reads a file that lies `within` the folder of its crate's root.
    pub(crate) fn read(file: &Path, within: &Path, text: &str) -> Source {
        let tokens: TokenStream =
            text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let module = module_of(within);
        let mut walk = Walk { module: module.clone(), in_attribute: false, found: Vec::new() };
        walk.tokens(&tokens.into_iter().collect::<Vec<_>>());
        Source { file: file.to_owned(), module, found: walk.found }
    }

    /// The top module that the file belongs to; the root belongs to none.
    pub(crate) fn top(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }

    /// What the crate's root lends a name to: `pub use error::Error` makes `crate::Error` another
    /// name of `crate::error::Error`.
    pub(crate) fn lends(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.found.iter().filter_map(|found| match &found.how {
            How::Import(name) => Some((name.as_str(), &found.path[..])),
            _ => None,
        })
    }
}

fn module_of(within: &Path) -> Vec<String> {
    let names = within.with_extension("");
    let names = names.components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    });
    let mut module: Vec<String> = names.collect();
    if module.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

struct Walk {
    /// The module around the token.
    module: Vec<String>,
    in_attribute: bool,
    found: Vec<Found>,
}

impl Walk {
    fn tokens(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            at += self.next(&tokens[at..], &tokens[..at]);
        }
    }

    /// Looks at the tokens' beginning, and returns how many were used up.
    fn next(&mut self, tokens: &[TokenTree], before: &[TokenTree]) -> usize {
        match tokens {
            // Not `use<'a>`, which is part of a type.
            [TokenTree::Ident(word), next, ..] if *word == "use" && !is(next, '<') => {
                let end = tokens.iter().position(|token| is(token, ';')).unwrap_or(tokens.len());
                self.import(&tokens[1..end], &[]);
                end
            }
            [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body), ..]
                if *word == "mod" && body.delimiter() == Delimiter::Brace =>
            {
                self.module.push(name.to_string());
                self.tokens(&body.stream().into_iter().collect::<Vec<_>>());
                self.module.pop();
                3
            }
            [TokenTree::Ident(word), TokenTree::Ident(krate), name, ..]
                if *word == "extern" && *krate == "crate" =>
            {
                self.add(name, How::Import(String::new()), vec![name.to_string()]);
                3
            }
            [TokenTree::Ident(word), equals, TokenTree::Literal(_), ..]
                if self.in_attribute && *word == "path" && is(equals, '=') =>
            {
                self.add(&tokens[0], How::Elsewhere, vec!["path".into()]);
                3
            }
            [hash, TokenTree::Group(attribute), ..]
                if is(hash, '#') && attribute.delimiter() == Delimiter::Bracket =>
            {
                let around = std::mem::replace(&mut self.in_attribute, true);
                self.tokens(&attribute.stream().into_iter().collect::<Vec<_>>());
                self.in_attribute = around;
                2
            }
            [TokenTree::Ident(_), ..] => self.path(tokens, before),
            [TokenTree::Group(group), ..] => {
                self.tokens(&group.stream().into_iter().collect::<Vec<_>>());
                1
            }
            _ => 1,
        }
    }

    /// A path in code, a macro, or a member.
    fn path(&mut self, tokens: &[TokenTree], before: &[TokenTree]) -> usize {
        let (path, used) = leading_path(tokens);
        let how = match &tokens[used..] {
            [bang, TokenTree::Group(_), ..] if is(bang, '!') => match path.last() {
                Some(name) if name == "include" => How::Elsewhere,
                _ => How::Macro,
            },
            _ if ends_with_dot(before) => How::Member,
            _ => How::Code,
        };
        // What is left of `<T>::now`, whose type may be any. (`::tokio` is `tokio`.)
        let of_a_type = matches!(before, [.., angle, first, second]
            if is(angle, '>') && joined(first) && is(second, ':'));
        let path = if of_a_type { [vec![String::new()], path].concat() } else { path };
        if how != How::Code || path.len() > 1 {
            self.add(&tokens[0], how, path);
        }
        used
    }

    /// The tree behind `use`, or a branch of it.
    fn import(&mut self, tokens: &[TokenTree], prefix: &[String]) {
        let Some(first) = tokens.first() else { return };
        let skipped = tokens.iter().take_while(|token| is(token, ':')).count();
        let (path, used) = leading_path(&tokens[skipped..]);
        let mut full = [prefix, &path].concat();
        let rest = &tokens[skipped + used..];
        let rest = &rest[rest.iter().take_while(|token| is(token, ':')).count()..];
        match rest {
            [TokenTree::Group(branches), ..] => {
                let branches: Vec<TokenTree> = branches.stream().into_iter().collect();
                for branch in branches.split(|token| is(token, ',')) {
                    self.import(branch, &full);
                }
            }
            [star, ..] if is(star, '*') => self.add(first, How::Glob, full),
            _ => {
                // `a::{self}` is `a`.
                if full.len() > 1 && full.last().is_some_and(|last| last == "self") {
                    full.pop();
                }
                let name = match rest {
                    [TokenTree::Ident(word), TokenTree::Ident(name), ..] if *word == "as" => {
                        name.to_string()
                    }
                    _ => full.last().cloned().unwrap_or_default(),
                };
                self.add(first, How::Import(name), full);
            }
        }
    }

    fn add(&mut self, token: &TokenTree, how: How, path: Vec<String>) {
        let path = self.resolved(path);
        self.found.push(Found { line: token.span().start().line, how, path });
    }

    /// A path that begins with `self` or `super`, from the crate's root on.
    fn resolved(&self, path: Vec<String>) -> Vec<String> {
        let up = path.iter().take_while(|name| *name == "super" || *name == "self").count();
        if up == 0 {
            return path;
        }
        let supers = path[..up].iter().filter(|name| *name == "super").count();
        let stay = self.module.len().saturating_sub(supers);
        let around = self.module[..stay].iter().cloned();
        ["crate".to_owned()].into_iter().chain(around).chain(path[up..].iter().cloned()).collect()
    }
}

/// The names at the beginning that `::` joins, and how many tokens they are.
fn leading_path(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut used = 0;
    while let Some(TokenTree::Ident(name)) = tokens.get(used) {
        path.push(name.to_string().trim_start_matches("r#").to_owned());
        used += 1;
        match &tokens[used..] {
            [first, second, TokenTree::Ident(_), ..] if joined(first) && is(second, ':') => {
                used += 2;
            }
            _ => break,
        }
    }
    (path, used)
}

/// Not `..`, which is a range.
fn ends_with_dot(before: &[TokenTree]) -> bool {
    match before {
        [.., first, last] => is(last, '.') && !is(first, '.'),
        [last] => is(last, '.'),
        [] => false,
    }
}

fn joined(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == ':' && p.spacing() == Spacing::Joint)
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}
