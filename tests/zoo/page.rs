//! The table of the zoo in docs/check.md: written from what was found, or compared with it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::animal::{Animal, Language, Side};
use super::build::folder;
use super::expectation::is_certain;
use super::findings::{Findings, Trait, grouped, places};
use super::table::ANIMALS;
use super::visit::visit;

const OPEN: &str = "<!-- zoo -->\n";
const CLOSE: &str = "<!-- /zoo -->";

#[test]
fn the_table_in_the_documentation_is_what_was_found() {
    let path = page();
    let page = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (before, rest) = page.split_once(OPEN).expect("the page has the marker where it begins");
    let (written, after) = rest.split_once(CLOSE).expect("the page has the marker where it ends");
    let found = table();
    if std::env::var_os("FRAMECAT_WRITE_DOCS").is_some() {
        fs::write(&path, [before, OPEN, &found, CLOSE, after].concat()).expect("it can be written");
    } else {
        let how = "FRAMECAT_WRITE_DOCS=1 cargo test --test zoo writes it";
        assert_eq!(written, found, "{}: {how}", path.display());
    }
}

#[test]
fn every_program_in_the_folder_is_in_the_table() {
    for language in Language::ALL {
        let folder = folder().join(language.folder());
        let files = fs::read_dir(&folder).expect("the folder can be read").flatten();
        let names = files.map(|file| file.file_name().into_string().expect("a plain name"));
        let mut found: Vec<String> = names
            .filter(|name| name != language.shared())
            .filter(|name| Path::new(name).extension().is_some_and(|e| e == language.extension()))
            .map(|name| format!("{}/{name}", language.folder()))
            .collect();
        found.sort();
        let of_language = ANIMALS.iter().filter(|animal| animal.language == language);
        let mut known: Vec<String> = of_language.map(Animal::file).collect();
        known.sort();
        assert_eq!(found, known);
    }
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/check.md")
}

fn table() -> String {
    let mut table = String::from("| program | in | its bug | found by |\n|---|---|---|---|\n");
    for animal in ANIMALS {
        let side = if animal.side == Side::Client { ", client" } else { "" };
        let (name, language) = (animal.name.replace('_', " "), animal.language.name());
        let found = found(animal, &visit(animal).buggy);
        writeln!(
            table,
            "| [{name}](../tests/zoo/{}) | {language}{side} | {} | {found} |",
            animal.file(),
            animal.bug,
        )
        .expect("a string takes everything");
    }
    table
}

/// What will be found in any run: not where the seed or the kernel has a part in it.
fn found(animal: &Animal, findings: &Findings) -> String {
    let certain = findings.cells.iter().filter(|cell| is_certain(animal, cell));
    let mut found: Vec<String> = Vec::new();
    for group in grouped(certain) {
        let first = group[0];
        let places = places(group.iter().map(|cell| cell.at));
        // A plan of one case has no places, and the number of a slow reader's requests says nothing.
        let single = ["drip", "chunks", "coalesce", "half-close", "slow-reader"];
        let at = if single.contains(&&*first.plan) { "" } else { &format!(" @{places}") };
        let severity = match first.severity {
            super::findings::Severity::Property => " (a property)",
            _ => "",
        };
        found.push(format!("`{}{at}` {}{severity}", first.plan, first.word));
    }
    for known in [Trait::Spins, Trait::KeepsSockets] {
        if animal.traits.contains(&known) && findings.has(known) {
            found.push(known.text().into());
        }
    }
    found.join(" · ")
}
