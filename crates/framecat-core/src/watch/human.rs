//! Numbers as people read them: `64 KiB`, `2 min 5 s`, `1,234`.

use std::fmt;
use std::time::Duration;

/// A number of bytes in powers of 1024, to two digits at least: `0 B`, `999 B`, `1.5 KiB`, `64 KiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

/// A time in its two largest units: `350 ms`, `2.5 s`, `12 s`, `2 min 5 s`, `3 h 4 min`, `2 d 1 h`.
/// What is cut off is not rounded up, so that a text never claims more than was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

/// A number with its thousands apart: `1,234`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u64);

/// So many a second: `0.5`, `12`, `1,234`. Above 10 without a fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(pub f64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        if self.0 < 1024 {
            return f.pad(&format!("{} B", self.0));
        }
        // The largest unit of which there is a whole one: 1024 to the power of `unit + 1`.
        let unit = (self.0.ilog2() / 10) as usize - 1;
        let size = 1u64 << (10 * (unit + 1));
        let (whole, rest) = (self.0 / size, self.0 % size);
        let tenth = u128::from(rest) * 10 / u128::from(size);
        match (whole, tenth) {
            (..10, 1..) => f.pad(&format!("{whole}.{tenth} {}", UNITS[unit])),
            _ => f.pad(&format!("{whole} {}", UNITS[unit])),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        let two = |large: u64, unit: &str, small: u64, smaller: &str| match small {
            0 => format!("{large} {unit}"),
            _ => format!("{large} {unit} {small} {smaller}"),
        };
        f.pad(&match seconds {
            0 if millis == 0 && !self.0.is_zero() => format!("{} µs", self.0.as_micros()),
            0 => format!("{millis} ms"),
            1..10 if millis >= 100 => format!("{seconds}.{} s", millis / 100),
            1..60 => format!("{seconds} s"),
            60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
            3600..86400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
            _ => two(seconds / 86400, "d", seconds % 86400 / 3600, "h"),
        })
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A float is cast to the nearest number that there is, so nothing overflows.
        let tenths = (self.0 * 10.0).round() as u64;
        match tenths {
            0 if self.0 > 0.0 => f.pad("less than 0.1"),
            1..100 if !tenths.is_multiple_of(10) => {
                f.pad(&format!("{}.{}", tenths / 10, tenths % 10))
            }
            _ => f.pad(&Count(self.0.round() as u64).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_by_the_largest_unit_of_which_there_is_one() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (10 * 1024 + 1023, "10 KiB"),
            (65536, "64 KiB"),
            ((1 << 20) - 1, "1023 KiB"),
            (5 << 19, "2.5 MiB"),
            (u64::MAX, "15 EiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    #[test]
    fn a_time_is_never_said_to_be_longer_than_it_is() {
        for (millis, text) in [
            (0, "0 ms"),
            (350, "350 ms"),
            (999, "999 ms"),
            (1000, "1 s"),
            (1099, "1 s"),
            (2599, "2.5 s"),
            (9999, "9.9 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (125_000, "2 min 5 s"),
            (3_600_000, "1 h"),
            (11_099_000, "3 h 4 min"),
            (86_400_000, "1 d"),
            (176_400_000, "2 d 1 h"),
        ] {
            assert_eq!(Span(Duration::from_millis(millis)).to_string(), text);
        }
        assert_eq!(Span(Duration::from_micros(31)).to_string(), "31 µs");
        assert_eq!(Span(Duration::MAX).to_string(), "213503982334601 d 7 h");
    }

    #[test]
    fn thousands_stand_apart() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(Count(count).to_string(), text);
        }
    }

    #[test]
    fn a_rate_has_a_fraction_where_it_is_small() {
        for (rate, text) in [
            (0.0, "0"),
            (0.01, "less than 0.1"),
            (0.5, "0.5"),
            (2.0, "2"),
            (9.94, "9.9"),
            (9.96, "10"),
            (12.6, "13"),
            (1234.4, "1,234"),
            (f64::INFINITY, "18,446,744,073,709,551,615"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(Rate(rate).to_string(), text);
        }
    }

    #[test]
    fn a_width_pads_what_is_shown() {
        assert_eq!(
            format!("{:>8}|{:<8}|", Bytes(1024), Span(Duration::from_secs(3))),
            "   1 KiB|3 s     |"
        );
    }
}
