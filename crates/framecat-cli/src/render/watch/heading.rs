//! What stands above the tables: how many sockets there are, and what is worst.

use std::cmp::Reverse;

use framecat::core::diagram::count;
use framecat::core::watch::{Frame, Row};
use jiff::Zoned;

use super::text::{Look, painted, wrapped};
use super::{order, words};

/// When it was, how many sockets there are, and of how many something is to be said.
pub(super) fn summary(frame: &Frame, when: &Zoned, look: Look) -> String {
    let worrying = |row: &&Row| order::worst(row).is_some();
    let time = when.strftime("%H:%M:%S%.3f").to_string();
    let worrying = match frame.rows.iter().filter(worrying).count() {
        0 => String::new(),
        count => format!(" · {}", look.style.error(&format!("{count} in trouble"))),
    };
    format!("{} · {}{worrying}", look.style.strong(&time), count(frame.rows.len(), "socket"))
}

/// With more sockets than this the worst are named above the tables: they do not fit on a screen.
const MANY: usize = 20;

/// So many of the worst are named.
const WORST: usize = 3;

/// What is wrong with the worst of many sockets.
pub(super) fn worst(frame: &Frame, look: Look) -> Vec<String> {
    if frame.rows.len() <= MANY {
        return Vec::new();
    }
    let mut rows: Vec<&Row> = frame.rows.iter().filter(|row| order::worst(row).is_some()).collect();
    rows.sort_by_key(|row| Reverse(order::worst(row)));
    let named = rows.iter().take(WORST).filter_map(|row| Some((row, row.findings.first()?)));
    let lines = named.flat_map(|(Row { socket, .. }, finding)| {
        let (mark, owner) = (words::mark(finding.severity), words::owner(socket));
        let text = format!("  {mark} {} {owner}: {finding}", socket.local);
        let lines = wrapped(&text, "    ", look.width).into_iter();
        lines.map(move |line| painted(&line, finding, look.style))
    });
    lines.collect()
}
