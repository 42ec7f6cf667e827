//! The tables of fields and of problems in docs/watch.md: written from what conditions and findings know, or
//! compared with it. `FRAMECAT_WRITE_DOCS=1 cargo test --test watch` writes them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use framecat::core::watch::{FIELDS, PROBLEMS, Unit};

#[test]
fn the_tables_in_the_documentation_are_what_conditions_and_findings_know() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/watch.md");
    let page = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let known = with_table(&page, "fields", &fields());
    let known = with_table(&known, "problems", &problems());
    if std::env::var_os("FRAMECAT_WRITE_DOCS").is_some() {
        fs::write(&path, known).expect("it can be written");
    } else {
        let how = "FRAMECAT_WRITE_DOCS=1 cargo test --test watch writes it";
        assert_eq!(page, known, "{}: {how}", path.display());
    }
}

/// The page with this table between its markers.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = page.split_once(&open).expect("the page has the marker where it begins");
    let (_, after) = rest.split_once(&close).expect("the page has the marker where it ends");
    [before, &open, table, &close, after].concat()
}

fn problems() -> String {
    let mut table = String::from("| problem | what it is |\n|---|---|\n");
    for (word, meaning) in PROBLEMS {
        writeln!(table, "| `{word}` | {meaning} |").expect("a string takes everything");
    }
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
