//! The values of flags: durations, sizes, texts with escapes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use framecat::core::escape::{UnescapeError, unescape};

/// A duration: seconds unless it says otherwise (`5`, `1.5`, `200ms`, `5s`, `10m`, `1h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a time such as 5, 1.5s, 200ms, 10m or 1h")]
pub(crate) struct ParseSpanError;

impl FromStr for Span {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, ParseSpanError> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[digits.len()..] {
            "ms" => 0.001,
            "" | "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(ParseSpanError),
        };
        let number: f64 = digits.parse().map_err(|_| ParseSpanError)?;
        // A year is longer than anybody waits, and short enough for every clock.
        let seconds = number * unit;
        if !(0.0..=365.0 * 24.0 * 3600.0).contains(&seconds) {
            return Err(ParseSpanError);
        }
        Ok(Span(Duration::from_secs_f64(seconds)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (self.0.subsec_millis(), seconds) {
            (0, 1..) if seconds.is_multiple_of(3600) => write!(f, "{}h", seconds / 3600),
            (0, 1..) if seconds.is_multiple_of(60) => write!(f, "{}m", seconds / 60),
            (0, _) => write!(f, "{seconds}s"),
            _ => write!(f, "{}ms", self.0.as_millis()),
        }
    }
}

/// A time limit: a duration, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<Duration>);

impl FromStr for Limit {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, ParseSpanError> {
        match text {
            "off" => Ok(Limit(None)),
            _ => text.parse().map(|Span(time)| Limit((!time.is_zero()).then_some(time))),
        }
    }
}

/// A number of bytes: `65536`, `64k`, `1M`, `1MiB` (k, M and G are 1024 and its powers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

/// A text that is no number of bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a number of bytes such as 65536, 64k or 1M")]
pub(crate) struct ParseSizeError;

impl FromStr for Size {
    type Err = ParseSizeError;

    fn from_str(text: &str) -> Result<Self, ParseSizeError> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            _ => return Err(ParseSizeError),
        };
        let number: usize = digits.parse().map_err(|_| ParseSizeError)?;
        // Kernel options and buffers are counted in 32-bit signed integers.
        let bytes = number.checked_mul(unit).filter(|bytes| i32::try_from(*bytes).is_ok());
        bytes.map(Size).ok_or(ParseSizeError)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0"),
            bytes if bytes.is_multiple_of(1 << 20) => write!(f, "{}M", bytes >> 20),
            bytes if bytes.is_multiple_of(1 << 10) => write!(f, "{}k", bytes >> 10),
            bytes => write!(f, "{bytes}"),
        }
    }
}

/// A text with escapes, as the bytes it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Vec<u8>);

impl FromStr for Text {
    type Err = UnescapeError;

    fn from_str(text: &str) -> Result<Self, UnescapeError> {
        unescape(text).map(Text)
    }
}

/// An option that is on unless it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> bool {
        switch == Switch::On
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_seconds_are_the_default() {
        for (text, millis) in
            [("5", 5000), ("1.5", 1500), ("200ms", 200), ("2m", 120_000), ("1h", 3_600_000)]
        {
            assert_eq!(text.parse(), Ok(Span(Duration::from_millis(millis))));
        }
        for text in ["", "s", "-1", "5x", "nan", "inf", "1e99", "1 s"] {
            assert_eq!(text.parse::<Span>(), Err(ParseSpanError), "{text}");
        }
        assert_eq!("off".parse(), Ok(Limit(None)));
    }

    #[test]
    fn times_print_what_they_parse_from() {
        for text in ["5s", "200ms", "2m", "1h", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn sizes_count_in_1024() {
        for (text, bytes) in [("0", 0), ("65536", 65536), ("64k", 65536), ("1MiB", 1 << 20)] {
            assert_eq!(text.parse(), Ok(Size(bytes)));
        }
        for text in ["", "k", "-1", "1.5k", "9999999999999999999999", "4G", "1T"] {
            assert_eq!(text.parse::<Size>(), Err(ParseSizeError), "{text}");
        }
        assert_eq!(Size(1 << 20).to_string(), "1M");
    }
}
