//! The order of rows by a field.

use framecat::core::watch::{Field, Row};

/// Puts rows in the order of a field, one of those of `--sort`, see [`Field::compare`].
pub(crate) fn sort(rows: &mut [Row], field: &str) {
    if let Some(field) = Field::by_name(field) {
        rows.sort_by(|a, b| field.compare(a, b));
    }
}
