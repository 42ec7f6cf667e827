//! x
use super::Series;
use crate::args::Language;
pub(crate) fn page(_all: &[Series], _language: Language) -> String {
    String::new()
}
