//! What a field is compared with: sizes, times, rates, states, texts; from text and back.

use std::fmt;
use std::time::Duration;

use super::super::{Kind, Severity};
use super::Operator;
use super::fields::{Unit, alike};
use super::lex::is_bare;
use crate::sock_diag::{State, UnixKind};

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Bytes, counts and rates, less than 2^53.
    Number(f64),
    Time(Duration),
    State(State),
    Kind(Kind),
    /// `None` is less than a note.
    Severity(Option<Severity>),
    Text(String),
}

/// Below it all whole numbers are exact.
const LEAST_INEXACT: f64 = (1u64 << 53) as f64;
/// A year, as everywhere in framecat: longer than anybody waits.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

const KINDS: [Kind; 5] = [
    Kind::Tcp,
    Kind::Udp,
    Kind::Unix(UnixKind::Stream),
    Kind::Unix(UnixKind::Dgram),
    Kind::Unix(UnixKind::Seqpacket),
];

const SEVERITIES: [(&str, Option<Severity>); 4] = [
    ("none", None),
    ("note", Some(Severity::Note)),
    ("warning", Some(Severity::Warning)),
    ("error", Some(Severity::Error)),
];

/// As ss(8) and RFC 9293 call them, where that is not the kernel's name in small letters.
const STATES: [(&str, State); 12] = [
    ("estab", State::Established),
    ("listening", State::Listen),
    ("syn_received", State::SynRecv),
    ("syn_rcvd", State::SynRecv),
    ("fin_wait_1", State::FinWait1),
    ("fin_wait_2", State::FinWait2),
    ("timewait", State::TimeWait),
    ("closewait", State::CloseWait),
    ("closed", State::Close),
    ("unconn", State::Close),
    ("lastack", State::LastAck),
    ("synsent", State::SynSent),
];

const ALL_STATES: [State; 11] = [
    State::Established,
    State::SynSent,
    State::SynRecv,
    State::FinWait1,
    State::FinWait2,
    State::TimeWait,
    State::Close,
    State::CloseWait,
    State::LastAck,
    State::Listen,
    State::Closing,
];

impl Value {
    /// Reads a value of a field with this unit, for this comparison; `None` if it is none.
    pub(super) fn read(unit: Unit, operator: Operator, text: &str) -> Option<Value> {
        match unit {
            Unit::State | Unit::Kind if operator == Operator::Contains => {
                Some(Value::Text(text.to_owned()))
            }
            Unit::Text => Some(Value::Text(text.to_owned())),
            Unit::Bytes => number(text, BYTES).map(Value::Number),
            Unit::BytesPerSecond => number(a_second(text), BYTES).map(Value::Number),
            Unit::Count => number(text, NO_UNITS).map(Value::Number),
            Unit::PerSecond => number(a_second(text), NO_UNITS).map(Value::Number),
            Unit::Time => time(text).map(Value::Time),
            Unit::State => state(text).map(Value::State),
            Unit::Kind => {
                KINDS.into_iter().find(|kind| alike(&kind.to_string(), text)).map(Value::Kind)
            }
            Unit::Severity => {
                let found = SEVERITIES.into_iter().find(|(name, _)| alike(name, text));
                found.map(|(_, severity)| Value::Severity(severity))
            }
        }
    }
}

/// What a value of this unit looks like.
pub(super) fn examples(unit: Unit) -> String {
    match unit {
        Unit::Bytes => "a number of bytes such as 512, 5k, 64KiB or 1.5M".into(),
        Unit::Count => "a number".into(),
        Unit::Time => "a time such as 5s, 200ms or 2m".into(),
        Unit::BytesPerSecond => "a number of bytes a second such as 512, 5k or 1.5M".into(),
        Unit::PerSecond => "a number a second such as 12 or 0.5".into(),
        Unit::State => format!("one of {}", list(ALL_STATES)),
        Unit::Kind => format!("one of {}", list(KINDS)),
        Unit::Severity => format!("one of {}", list(SEVERITIES.map(|(name, _)| name))),
        Unit::Text => "a text".into(),
    }
}

fn list<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}

fn state(text: &str) -> Option<State> {
    let by_name = ALL_STATES.into_iter().find(|state| alike(&state.to_string(), text));
    by_name.or_else(|| STATES.iter().find(|(name, _)| alike(name, text)).map(|(_, state)| *state))
}

type Units = &'static [(&'static str, f64)];

const NO_UNITS: Units = &[("", 1.0)];
/// In 1024, as all sizes of framecat.
const BYTES: Units = &[
    ("", 1.0),
    ("b", 1.0),
    ("k", 1024.0),
    ("kib", 1024.0),
    ("m", 1048576.0),
    ("mib", 1048576.0),
    ("g", 1073741824.0),
    ("gib", 1073741824.0),
];

fn a_second(text: &str) -> &str {
    text.strip_suffix("/s").unwrap_or(text)
}

/// Digits, perhaps with a fraction, and a unit. Nothing else of what a float can be written as.
fn split(text: &str) -> Option<(&str, &str)> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    (all_digits(whole) && all_digits(fraction)).then(|| text.split_at(digits.len()))
}

fn number(text: &str, units: Units) -> Option<f64> {
    let (digits, unit) = split(text)?;
    let (_, size) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let number = digits.parse::<f64>().ok()? * size;
    (number < LEAST_INEXACT).then_some(number)
}

fn time(text: &str) -> Option<Duration> {
    let (digits, unit) = split(text)?;
    let unit: u128 = match unit.to_ascii_lowercase().as_str() {
        "us" => 1_000,
        "ms" => 1_000_000,
        "" | "s" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    // What is finer than a nanosecond is cut off.
    let fraction = &fraction[..fraction.len().min(15)];
    let whole = u128::from(whole.parse::<u64>().ok()?) * unit;
    let rest = fraction.parse::<u128>().ok()? * unit / 10u128.pow(fraction.len() as u32);
    let time = Duration::from_nanos(u64::try_from(whole + rest).ok()?);
    (time <= LONGEST).then_some(time)
}

/// As it is read. A unit is used where the number stays whole.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Time(time) => write_time(f, *time),
            Value::State(state) => write!(f, "{state}"),
            Value::Kind(kind) => write!(f, "{kind}"),
            Value::Severity(None) => f.write_str("none"),
            Value::Severity(Some(severity)) => write!(f, "{severity}"),
            Value::Text(text) if is_bare(text) => f.write_str(text),
            Value::Text(text) if text.contains('\'') => write!(f, "\"{text}\""),
            Value::Text(text) => write!(f, "'{text}'"),
        }
    }
}

/// `2m`, `90s`, `200ms`, `1500us`; less than that as a fraction of it.
pub(super) fn write_time(f: &mut fmt::Formatter<'_>, time: Duration) -> fmt::Result {
    const UNITS: [(&str, u128); 5] = [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
    ];
    let nanos = time.as_nanos();
    match UNITS.iter().find(|(_, size)| nanos.is_multiple_of(*size)) {
        _ if nanos == 0 => f.write_str("0s"),
        Some((unit, size)) => write!(f, "{}{unit}", nanos / size),
        None => write!(f, "{}.{:03}us", nanos / 1000, nanos % 1000),
    }
}

/// Reads a time, as behind `for`.
pub(super) fn read_time(text: &str) -> Option<Duration> {
    time(text)
}
