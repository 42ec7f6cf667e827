//! The table of real programs in docs/check.md, rendered from what `check` says of them.

use std::env;
use std::fs;
use std::path::Path;

use super::found::Found;
use super::list::{PROGRAMS, checked};
use super::program::Program;

const BEGIN: &str = "<!-- programs -->\n";
const END: &str = "<!-- /programs -->";

const HEAD: &str = "\
| program | version | exchange | verdict | fails | cases | cuts confirmed, not | time |
|---|---|---|---|---|--:|--:|--:|
";

/// What another machine, or another run on it, may see otherwise: the version and the time.
const ITS_OWN: [usize; 3] = [1, 6, 7];

fn row(program: &Program, exchange: &Found) -> String {
    let (confirmed, others) = exchange.cuts();
    format!(
        "| {} | {} | {} | {} | {} | {} | {confirmed}, {others} | {:.1} s |\n",
        program.name,
        program.version(),
        exchange.name(),
        exchange.verdict(),
        exchange.failures(),
        exchange.cases(),
        exchange.seconds(),
    )
}

fn table() -> String {
    let rows = PROGRAMS.iter().flat_map(|program| {
        checked(program.name).exchanges.iter().map(move |exchange| row(program, exchange))
    });
    HEAD.to_owned() + &rows.collect::<String>()
}

/// The cells of a table without those that are another machine's own.
fn compared(table: &str) -> Vec<Vec<&str>> {
    table.lines().map(cells).collect()
}

fn cells(line: &str) -> Vec<&str> {
    let cells = line.trim_matches('|').split('|').map(str::trim).enumerate();
    cells.filter(|(at, _)| !ITS_OWN.contains(at)).map(|(_, cell)| cell).collect()
}

#[test]
fn the_table_in_the_documentation_is_what_check_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/check.md");
    let text = fs::read_to_string(&path).expect("docs/check.md is there");
    let marks = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (table, after) = rest.split_once(END)?;
        Some((before, table, after))
    });
    let (before, found, after) = marks.expect("docs/check.md has a place for the table");
    let table = table();
    if env::var_os("FRAMECAT_WRITE_DOCS").is_some() {
        fs::write(&path, [before, BEGIN, &table, END, after].concat()).expect("it can be written");
        return;
    }
    assert_eq!(
        compared(found),
        compared(&table),
        "docs/check.md is not what check says now:\n{table}\n\
         FRAMECAT_WRITE_DOCS=1 cargo test --test programs writes it anew"
    );
}
