//! The order of rows by a field.

use std::cmp::Reverse;

use framecat::core::watch::{Field, Row, Severity};

/// Puts rows in the order of a field, one of those of `--sort`, see [`Field::compare`].
pub(crate) fn sort(rows: &mut [Row], field: &str) {
    if let Some(field) = Field::by_name(field) {
        rows.sort_by(|a, b| field.compare(a, b));
    }
}

/// Puts those first that are in trouble, the worst before the others; the rest keeps its order.
pub(crate) fn troubled_first(rows: &mut [Row]) {
    rows.sort_by_key(|row| Reverse(worst(row)));
}

/// How bad what is wrong with it is, if it is worse than a note.
pub(super) fn worst(row: &Row) -> Option<Severity> {
    let severity = row.findings.first().map(|finding| finding.severity);
    severity.filter(|severity| *severity > Severity::Note)
}
