//! Cases: exchanges from files, and those that ship with framecat.

use std::io::Read as _;
use std::path::Path;

use framecat::core::check::{CaseFile, Exchange};
use framecat::core::escape::Escaped;

use super::common::UsageError;

/// An exchange, and what it is called on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// What `--case` takes: a file, or the name of one that ships. `None` is one from flags.
    pub(crate) source: Option<String>,
    pub(crate) file: CaseFile,
}

impl Case {
    /// An exchange from flags.
    pub(crate) fn of(exchange: Exchange) -> Case {
        let file = CaseFile { exchange, about: None, port: None, start: None };
        Case { source: None, file }
    }
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        /// The cases that ship: their names and their texts.
        const SHIPPED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../cases/", $name, ".toml")))),*];
    };
}

shipped!(
    "dns-tcp",
    "ftp",
    "header-64",
    "http",
    "http-chunked",
    "http-keep-alive",
    "imap",
    "irc",
    "length-u32be",
    "line",
    "lsp",
    "memcached",
    "memcached-binary",
    "modbus-tcp",
    "mqtt",
    "netstring",
    "postgresql-startup",
    "redis",
    "redis-inline",
    "smtp",
    "socks5",
    "socks5-connect",
    "websocket-frames",
    "websocket-handshake",
);

/// The cases that a name stands for: a file, all files of a folder, one that ships, or all that do (`*`).
///
/// # Errors
/// A name that is none of these, a file that cannot be read, or one that is no case.
pub(crate) fn find(name: &str) -> Result<Vec<Case>, UsageError> {
    if name == "*" {
        return SHIPPED.iter().map(|(name, text)| shipped(name, text)).collect();
    }
    let path = Path::new(name);
    if path.is_dir() {
        return folder(path);
    }
    if path.is_file() {
        return Ok(vec![file(path)?]);
    }
    match SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        Some((name, text)) => Ok(vec![shipped(name, text)?]),
        None => Err(UsageError(format!(
            "--case `{}`: no such file, and no case that ships with framecat (--list-cases)",
            Escaped(name.as_bytes())
        ))),
    }
}

fn shipped(name: &str, text: &str) -> Result<Case, UsageError> {
    let none = |_: &str| Err("a case that ships reads no files".to_owned());
    let file = CaseFile::parse(text, &none).map_err(|error| problem(name, &error))?;
    Ok(Case { source: Some(name.to_owned()), file })
}

fn folder(path: &Path) -> Result<Vec<Case>, UsageError> {
    let entries = std::fs::read_dir(path).map_err(|error| problem_io(path, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| problem_io(path, &error))?.path();
        if entry.extension().is_some_and(|extension| extension == "toml") {
            files.push(entry);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(problem(&path.display().to_string(), &"the folder has no .toml file"));
    }
    files.iter().map(|path| file(path)).collect()
}

fn file(path: &Path) -> Result<Case, UsageError> {
    let text = std::fs::read_to_string(path).map_err(|error| problem_io(path, &error))?;
    let beside = path.parent().unwrap_or(Path::new("."));
    let read = |name: &str| read_message(&beside.join(name));
    let name = path.display().to_string();
    let file = CaseFile::parse(&text, &read).map_err(|error| problem(&name, &error))?;
    Ok(Case { source: Some(name), file })
}

/// The longest message from a file: it is sent once a case.
const LONGEST: u64 = 16 << 20;

/// A message from a file.
pub(super) fn read_message(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| framecat::reason(&error))?;
    match bytes.len() as u64 > LONGEST {
        true => Err(format!("a message has at most {} MiB", LONGEST >> 20)),
        false => Ok(bytes),
    }
}

fn problem(name: &str, problem: &dyn std::fmt::Display) -> UsageError {
    UsageError(format!("--case {}: {problem}", Escaped(name.as_bytes())))
}

fn problem_io(path: &Path, error: &std::io::Error) -> UsageError {
    problem(&path.display().to_string(), &framecat::reason(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_ships_and_is_sound() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        let shipped: Vec<_> = find("*").unwrap_or_else(|error| panic!("{error}"));
        let listed: Vec<_> = shipped.iter().map(|case| case.source.clone().unwrap()).collect();
        assert_eq!(listed, names);
    }
}
