//! The answer of `time`: the local time in the format that the message asks for.

use jiff::Zoned;
use jiff::fmt::strtime::{BrokenDownTime, Config, PosixCustom};

/// What an empty message asks for. In the C locale, `%X` is `%H:%M:%S`.
pub const DEFAULT_FORMAT: &str = "%Y-%m-%d-%X";

/// A longer message is no format. Some conversions make fifty bytes out of one, so without a bound a
/// peer could have the server hold fifty times the limit on messages for it.
const LONGEST_FORMAT: usize = 4096;

/// Puts the time into `out`. What is no conversion of strftime(3) stays as it is, as in the C
/// library; bytes that are not UTF-8 become U+FFFD.
pub(super) fn format(format: &[u8], now: &Zoned, out: &mut Vec<u8>) {
    out.clear();
    if format.len() > LONGEST_FORMAT {
        out.extend_from_slice(format);
        return;
    }
    let format = if format.is_empty() { DEFAULT_FORMAT.as_bytes() } else { format };
    let config = Config::new().custom(PosixCustom::new()).lenient(true);
    let mut text = String::new();
    BrokenDownTime::from(now)
        .format_with_config(&config, format, &mut text)
        .expect("a lenient format into memory succeeds");
    out.extend_from_slice(text.as_bytes());
}
