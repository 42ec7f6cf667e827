//! The table of fields in docs/watch.md: written from what conditions know, or compared with it.
//! `FRAMECAT_WRITE_DOCS=1 cargo test --test watch` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use framecat::core::watch::{FIELDS, Unit};

const OPEN: &str = "<!-- fields -->\n";
const CLOSE: &str = "<!-- /fields -->";

#[test]
fn the_table_of_fields_in_the_documentation_is_what_conditions_know() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/watch.md");
    let page = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (before, rest) = page.split_once(OPEN).expect("the page has the marker where it begins");
    let (written, after) = rest.split_once(CLOSE).expect("the page has the marker where it ends");
    let fields = table();
    if std::env::var_os("FRAMECAT_WRITE_DOCS").is_some() {
        fs::write(&path, [before, OPEN, &fields, CLOSE, after].concat())
            .expect("it can be written");
    } else {
        let how = "FRAMECAT_WRITE_DOCS=1 cargo test --test watch writes it";
        assert_eq!(written, fields, "{}: {how}", path.display());
    }
}

fn table() -> String {
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
