//! Values as a person reads them.

use std::time::Duration;

use framecat::core::diagram::{columns, head};
use framecat::core::escape::Printable;
use framecat::core::lab::Value;

use crate::args::Language;

/// How many columns of bytes that were sent or read are shown.
const DATA: usize = 40;

/// How many numbers of a row are shown; the rest are counted.
const ROW: usize = 12;

/// From here on the digits of a number are grouped.
const GROUPED: u64 = 10_000;

/// Between a number and its unit where a line may end: it is written as a space.
pub(super) const NO_BREAK: char = '\u{a0}';

/// A value, safe to show.
pub(super) fn value(value: &Value, language: Language) -> String {
    match (value, language) {
        (Value::Count(number), _) => grouped(*number),
        (Value::Bytes(bytes), language) => bytes_of(*bytes, language),
        (Value::Time(length), _) => time(*length),
        (Value::Ratio(times), language) => ratio(*times, language),
        (Value::Truth(true), Language::En) => "yes".into(),
        (Value::Truth(false), Language::En) => "no".into(),
        (Value::Truth(true), Language::Zh) => "是".into(),
        (Value::Truth(false), Language::Zh) => "否".into(),
        (Value::Word(word), _) => Printable(word.as_bytes()).to_string(),
        (Value::Data(bytes), language) => data(bytes, language),
        (Value::Counts(numbers), language) => row(numbers, language),
        (Value::Unknown, Language::En) => "not known here".into(),
        (Value::Unknown, Language::Zh) => "此处无法得知".into(),
    }
}

/// A time, with the digits that mean something.
pub(super) fn time(length: Duration) -> String {
    let seconds = length.as_secs_f64();
    let (number, unit) = match seconds {
        0.0 => return "0 s".into(),
        // What would be rounded up to 1000 is of the next unit.
        _ if seconds < 999.5e-6 => (seconds * 1e6, "µs"),
        _ if seconds < 999.5e-3 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    let digits = match number {
        _ if number < 9.995 => 2,
        _ if number < 99.95 => 1,
        _ => 0,
    };
    format!("{number:.digits$} {unit}")
}

pub(super) fn bytes_of(bytes: u64, language: Language) -> String {
    let number = grouped(bytes);
    match (language, bytes) {
        (Language::En, 1) => format!("{number} byte"),
        (Language::En, _) => format!("{number} bytes"),
        (Language::Zh, _) => format!("{number} 字节"),
    }
}

/// A number whose digits are grouped where it has many: `212,992`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    if number < GROUPED {
        return digits;
    }
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

fn ratio(times: f64, language: Language) -> String {
    let number = match times {
        _ if !times.is_finite() => return value(&Value::Unknown, language),
        _ if times < 0.995 => format!("{times:.2}"),
        _ if times < 9.95 => format!("{times:.1}"),
        _ => format!("{times:.0}"),
    };
    match language {
        Language::En => format!("{number} times"),
        Language::Zh => format!("{number} 倍"),
    }
}

fn data(bytes: &[u8], language: Language) -> String {
    let shown = head(bytes, DATA);
    // A lone `…` may have been sent, but not in what fits.
    let whole = columns(&shown) < DATA || !shown.ends_with('…');
    let shown = super::words::call(&shown, language);
    match whole {
        true => format!("\"{shown}\""),
        false => format!("\"{shown}\" ({})", bytes_of(bytes.len() as u64, language)),
    }
}

fn row(numbers: &[u64], language: Language) -> String {
    let shown: Vec<String> = numbers.iter().take(ROW).map(u64::to_string).collect();
    let shown = shown.join(", ");
    match (numbers.len(), language) {
        (0, Language::En) => "none".into(),
        (0, Language::Zh) => "无".into(),
        (all, Language::En) if all > ROW => format!("{shown}, … ({} in all)", grouped(all as u64)),
        (all, Language::Zh) if all > ROW => format!("{shown}, …（共 {} 个）", grouped(all as u64)),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};

    #[test]
    fn a_value_reads_as_its_language_writes_it() {
        for (given, en, zh) in [
            (Value::Count(4096), "4096", "4096"),
            (Value::Count(1_234_567), "1,234,567", "1,234,567"),
            (Value::Bytes(1), "1 byte", "1 字节"),
            (Value::Bytes(212_992), "212,992 bytes", "212,992 字节"),
            (Value::Ratio(0.5), "0.50 times", "0.50 倍"),
            (Value::Ratio(2.31), "2.3 times", "2.3 倍"),
            (Value::Ratio(31.7), "32 times", "32 倍"),
            (Value::Ratio(f64::NAN), "not known here", "此处无法得知"),
            (Value::Truth(true), "yes", "是"),
            (Value::Truth(false), "no", "否"),
            (Value::Word("ECONNREFUSED".into()), "ECONNREFUSED", "ECONNREFUSED"),
            (Value::Data(b"hi\n".to_vec()), r#""hi\n""#, r#""hi\n""#),
            (Value::Counts(vec![3, 5]), "3, 5", "3, 5"),
            (Value::Counts(vec![]), "none", "无"),
            (Value::Unknown, "not known here", "此处无法得知"),
        ] {
            assert_eq!((value(&given, En), value(&given, Zh)), (en.into(), zh.into()));
        }
    }

    #[test]
    fn what_is_long_is_shortened_and_counted() {
        let numbers = Value::Counts((1..=120).collect());
        assert_eq!(value(&numbers, En), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, … (120 in all)");
        assert_eq!(value(&numbers, Zh), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, …（共 120 个）");
        let text = "abc".repeat(30);
        assert_eq!(
            value(&Value::Data(text.into_bytes()), En),
            "\"abcabcabcabcabcabcabcabcabcabcabcabcabc…\" (90 bytes)"
        );
        assert_eq!(value(&Value::Data(vec![b'x'; 65536]), En), "\"‹65536 × x›\"");
    }

    #[test]
    fn a_time_has_the_digits_that_mean_something() {
        for (nanos, shown) in [
            (0, "0 s"),
            (850, "0.85 µs"),
            (12_340, "12.3 µs"),
            (999_800, "1.00 ms"),
            (1_234_000, "1.23 ms"),
            (203_400_000, "203 ms"),
            (999_900_000, "1.00 s"),
            (3_021_000_000, "3.02 s"),
            (75_000_000_000, "75.0 s"),
        ] {
            assert_eq!(time(Duration::from_nanos(nanos)), shown);
        }
    }

    #[test]
    fn nothing_that_was_read_is_obeyed() {
        for given in [Value::Word("\x1b[2J".into()), Value::Data(b"\x1b[2J".to_vec())] {
            assert!(!value(&given, En).contains('\x1b'));
        }
    }
}
