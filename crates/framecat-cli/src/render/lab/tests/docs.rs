//! The table of `docs/lab.md` is made of the texts.

use std::fmt::Write as _;

use super::super::groups::GROUPS;
use super::super::texts::Told;
use crate::args::Language::{En, Zh};

/// What stands between these lines of the file.
const FROM: &str = "<!-- the experiments, from their texts -->\n";
const TO: &str = "<!-- the end of the experiments -->\n";

fn table() -> String {
    let mut table = String::new();
    for group in GROUPS {
        let _ = write!(table, "\n### {}\n\n", group.title(En));
        table += "| experiment | claim | tutorials | see also |\n|---|---|---|---|\n";
        for experiment in group.experiments {
            let (en, zh) = (Told::of(*experiment, En), Told::of(*experiment, Zh));
            let _ = writeln!(
                table,
                "| `{experiment}` | {}<br>{} | {} | {} |",
                en.claim(),
                zh.claim(),
                en.source,
                en.reference
            );
        }
    }
    table + "\n"
}

#[test]
fn the_table_says_what_the_texts_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lab.md");
    let file = std::fs::read_to_string(path).expect("docs/lab.md can be read");
    let (_, rest) = file.split_once(FROM).expect("the table begins");
    let (written, _) = rest.split_once(TO).expect("the table ends");
    let table = table();
    assert!(written == table, "between the two marks of docs/lab.md belongs:\n{table}");
}
