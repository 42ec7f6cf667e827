//! What was found for a program: one object in a line, as `schemas/lab.json` describes it.

use super::Series;
use crate::args::Language;

/// One experiment, without a line end.
pub(crate) fn line(_series: &Series, _language: Language) -> String {
    String::new()
}
