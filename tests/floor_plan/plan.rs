//! What is refused, and why.

use super::source::{Found, How, Source};

/// A rule that every source file of a crate keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// A module knows only those in its row.
    Knows(&'static [Row]),
    /// Nothing acts: no sockets, files, threads, clocks, environment, chance.
    DecidesOnly,
    /// Nothing is printed or read from a terminal.
    Silent,
}

/// Which other modules of its crate a top module may know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) module: &'static str,
    pub(crate) may_know: &'static [&'static str],
}

/// What acts, by the beginning of its path.
const ACTS: &[&str] = &[
    "async_std",
    "fastrand",
    "framecat",
    "getrandom",
    "libc",
    "mio",
    "nix",
    "rand",
    "rustix",
    "smol",
    "socket2",
    "std::env",
    "std::fs",
    "std::net",
    "std::os::fd",
    "std::os::linux::net",
    "std::os::unix::fs",
    "std::os::unix::io",
    "std::os::unix::net",
    "std::process",
    "std::thread",
    "tokio",
];

/// Values of `std::net` that are only numbers.
const NUMBERS: &[&str] = &[
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "SocketAddr",
    "SocketAddrV4",
    "SocketAddrV6",
    "AddrParseError",
];

/// What asks for the time, the place or chance, by the end of its path, whatever stands before it.
const ASKS: &[&str] = &["now", "system", "try_system", "RandomState"];

/// What the sources name although the rules forbid it, a line each.
pub(crate) fn refused(sources: &[Source], rules: &[Rule]) -> Vec<String> {
    let root = sources.iter().find(|source| source.top().is_none());
    let lent: Vec<(&str, &[String])> = root.iter().flat_map(|root| root.lends()).collect();
    let mut lines = Vec::new();
    for source in sources {
        for found in &source.found {
            for rule in rules {
                if let Some(reason) = rule.refuses(source, found, &lent) {
                    let (file, line) = (source.file.display(), found.line);
                    lines.push(format!("{file}:{line}: `{}`: {reason}", found.path.join("::")));
                }
            }
        }
    }
    lines
}

impl Rule {
    fn refuses(self, source: &Source, found: &Found, lent: &[(&str, &[String])]) -> Option<String> {
        if found.how == How::Elsewhere {
            return Some("a file lies where its module says, or this test does not see it".into());
        }
        match self {
            Rule::Knows(rows) => knows(rows, source, found, lent),
            Rule::DecidesOnly => acts(found),
            Rule::Silent => speaks(found),
        }
    }
}

fn knows(
    rows: &[Row],
    source: &Source,
    found: &Found,
    lent: &[(&str, &[String])],
) -> Option<String> {
    let is_module = |name: &String| rows.iter().any(|row| row.module == name);
    let Some(from) = source.top() else {
        // The root puts the modules together: it knows them all, but by name.
        let lends_all = found.how == How::Glob && found.path.iter().any(is_module);
        return lends_all.then(|| "each name that the root lends must be seen here".into());
    };
    let Some(row) = rows.iter().find(|row| row.module == from) else {
        return Some(format!("`{from}` has no row in the floor plan"));
    };
    if found.path.first()? != "crate" {
        return None;
    }
    let imports = matches!(found.how, How::Import(_) | How::Glob);
    let Some(first) = found.path.get(1) else {
        return imports.then(|| "behind the whole crate any module can hide".into());
    };
    let to = match lent.iter().find(|(name, _)| name == first) {
        // `pub use error::Error` in the root; a path into another crate is not of this plan.
        Some((_, path)) => path.iter().find(|name| *name != "crate")?,
        None => first,
    };
    let known = to == from || row.may_know.contains(&to.as_str());
    (is_module(to) && !known).then(|| format!("`{from}` must not know `{to}`"))
}

fn acts(found: &Found) -> Option<String> {
    let path: Vec<&str> = found.path.iter().map(String::as_str).collect();
    let last = *path.last()?;
    match found.how {
        How::Member => (last == "elapsed").then(|| "it reads the clock".into()),
        _ if path.len() > 1 && ASKS.contains(&last) => {
            Some("time, place and chance are arguments here".into())
        }
        _ => ACTS.iter().find_map(|acts| acts_by_name(&path, &found.how, acts)),
    }
}

fn acts_by_name(path: &[&str], how: &How, acts: &str) -> Option<String> {
    let acts: Vec<&str> = acts.split("::").collect();
    let alike = path.iter().zip(&acts).take_while(|(a, b)| a == b).count();
    let is_number = acts == ["std", "net"] && path.get(2).is_some_and(|it| NUMBERS.contains(it));
    if alike == acts.len() && !is_number {
        // A macro such as `rand!` is no crate.
        return (*how != How::Macro || path.len() > 1)
            .then(|| "the deciding half does not act".into());
    }
    // `use std::os::unix`, `use std::*`: behind them the rest of the path is out of sight.
    let hides = alike == path.len() && matches!(how, How::Import(_) | How::Glob);
    hides.then(|| format!("behind it `{}` can hide", acts.join("::")))
}

fn speaks(found: &Found) -> Option<String> {
    let path: Vec<&str> = found.path.iter().map(String::as_str).collect();
    let speaks = match (&found.how, &path[..]) {
        (How::Macro, [.., name]) => {
            ["print", "println", "eprint", "eprintln", "dbg"].contains(name)
        }
        (How::Member, _) => false,
        (_, [.., "io", name]) => ["stdin", "stdout", "stderr"].contains(name),
        _ => false,
    };
    speaks.then(|| "only the binary speaks".into())
}
