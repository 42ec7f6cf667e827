//! The tables of fields and of problems in docs/watch.md: written from what there is, or compared with it.
//! `FRAMECAT_WRITE_DOCS=1 cargo test --test watch` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use framecat::core::watch::{FIELDS, Unit};

#[test]
fn the_table_of_fields_in_the_documentation_is_what_conditions_know() {
    is_what_stands_in_the_page("fields", &fields());
}

#[test]
fn the_table_of_problems_in_the_documentation_is_what_findings_can_say() {
    is_what_stands_in_the_page("problems", &problems());
}

/// Both tables are in one file, so that one is written at a time.
static PAGE: Mutex<()> = Mutex::new(());

/// Compares a table with what stands between its marks in the page, or writes it there.
#[track_caller]
fn is_what_stands_in_the_page(mark: &str, table: &str) {
    let _one_at_a_time = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/watch.md");
    let page = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (before, rest) = page.split_once(&open).expect("the page has the marker where it begins");
    let (written, after) = rest.split_once(&close).expect("the page has the marker where it ends");
    if std::env::var_os("FRAMECAT_WRITE_DOCS").is_some() {
        fs::write(&path, [before, &open, table, &close, after].concat())
            .expect("it can be written");
    } else {
        let how = "FRAMECAT_WRITE_DOCS=1 cargo test --test watch writes it";
        assert_eq!(written, table, "{}: {how}", path.display());
    }
}

/// The words for what is wrong, with what the source says of each: a variant of `Problem` has its word in
/// `Problem::word`, and its meaning in its documentation.
fn problems() -> String {
    let source = include_str!("../../crates/framecat-core/src/watch/finding.rs");
    let (_, variants) = source.split_once("pub enum Problem {\n").expect("there are problems");
    let (variants, _) = variants.split_once("\n}\n").expect("and an end to them");
    let mut table = String::from("| `problem` | what it is |\n|---|---|\n");
    let (mut meaning, mut count) = (Vec::new(), 0);
    for line in variants.lines() {
        // What is deeper is of a field.
        let Some(line) = line.strip_prefix("    ").filter(|line| !line.starts_with(' ')) else {
            continue;
        };
        if let Some(text) = line.strip_prefix("/// ") {
            meaning.push(text);
        } else if let Some(variant) = line.strip_suffix(" {") {
            let start = format!("Problem::{variant} {{ .. }} => \"");
            let (_, word) = source.split_once(&start).unwrap_or_else(|| panic!("{variant}"));
            let (word, _) = word.split_once('"').expect("a word ends");
            let meaning = std::mem::take(&mut meaning).join(" ");
            assert!(!meaning.is_empty(), "{variant} says what it is");
            writeln!(table, "| `{word}` | {meaning} |").expect("a string takes everything");
            count += 1;
        }
    }
    let words = source.matches("{ .. } => \"").count();
    assert_eq!(count, words, "each problem has its line");
    table
}

fn fields() -> String {
    let mut table = String::from("| field | in | what it is |\n|---|---|---|\n");
    for field in FIELDS {
        let names = [&[field.name], field.aliases].concat();
        let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let (unit, meaning) = (unit(field.unit), field.meaning);
        writeln!(table, "| {names} | {unit} | {meaning} |").expect("a string takes everything");
    }
    table
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "bytes",
        Unit::Count => "number",
        Unit::Time => "time",
        Unit::BytesPerSecond => "bytes/s",
        Unit::PerSecond => "a second",
        Unit::State => "state",
        Unit::Kind => "kind",
        Unit::Severity => "severity",
        Unit::Text => "text",
        _ => "",
    }
}
