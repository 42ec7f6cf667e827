//! The fields of a case file, as they are written.

use serde::Deserialize;
use toml::Spanned;

use crate::escape::Printable;

/// What a file may say. Each value knows its place, for the errors that only its meaning shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) about: Option<String>,
    pub(super) port: Option<Spanned<u16>>,
    pub(super) start: Option<String>,
    pub(super) frame: Option<Spanned<String>>,
    pub(super) reply_frame: Option<Spanned<String>>,
    pub(super) max_message: Option<Spanned<usize>>,
    pub(super) greeting: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) before: Vec<Spanned<WrittenStep>>,
    pub(super) send: Option<Spanned<String>>,
    pub(super) send_hex: Option<Spanned<String>>,
    pub(super) send_file: Option<Spanned<String>>,
    pub(super) then: Option<Spanned<String>>,
    pub(super) then_hex: Option<Spanned<String>>,
    pub(super) then_file: Option<Spanned<String>>,
    pub(super) expect: Option<Spanned<String>>,
    pub(super) expect_hex: Option<Spanned<String>>,
    pub(super) expect_regex: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) masks: Vec<Spanned<String>>,
    pub(super) token: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) unordered: bool,
    pub(super) pipelining: Option<bool>,
    pub(super) plans: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenStep {
    pub(super) send: Option<Spanned<String>>,
    pub(super) send_hex: Option<Spanned<String>>,
    pub(super) send_file: Option<Spanned<String>>,
    pub(super) until: Option<Spanned<String>>,
}

/// Bytes in hexadecimal digits, with white space wherever one likes between them.
pub(super) fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (place, c) in text.chars().enumerate().filter(|(_, c)| !c.is_whitespace()) {
        let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or_else(|| {
            format!(
                "`{}` at character {} is not hexadecimal",
                Printable(c.to_string().as_bytes()),
                place + 1
            )
        })?;
        high = match high {
            None => Some(digit),
            Some(high) => {
                bytes.push(high << 4 | digit);
                None
            }
        };
    }
    match high {
        Some(_) => Err("a byte is two digits, and the last has only one".into()),
        None => Ok(bytes),
    }
}
