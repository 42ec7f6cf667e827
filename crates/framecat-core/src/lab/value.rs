//! What was measured.

use std::time::Duration;

/// A value that was measured, by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its name within the experiment: lower case, words joined by `_`.
    pub name: &'static str,
    /// The value.
    pub value: Value,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number of things.
    Count(u64),
    /// A number of bytes.
    Bytes(u64),
    /// A time.
    Time(Duration),
    /// How many times as much.
    Ratio(f64),
    /// Whether something is so.
    Truth(bool),
    /// A word that is the same in every language: the name of an error or of a state.
    Word(String),
    /// Bytes that were sent or read.
    Data(Vec<u8>),
    /// Numbers in a row: the lengths of reads, say.
    Counts(Vec<u64>),
    /// It could not be had on this machine.
    Unknown,
}

impl Measured {
    /// `value` by the name of `name`.
    pub fn new(name: &'static str, value: impl Into<Value>) -> Measured {
        Measured { name, value: value.into() }
    }
}

impl Value {
    /// A number of bytes.
    pub fn bytes(number: impl TryInto<u64>) -> Value {
        Value::Bytes(number.try_into().unwrap_or(u64::MAX))
    }
}

macro_rules! count {
    ($($number:ty),+) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Value {
                Value::Count(u64::try_from(number).unwrap_or(u64::MAX))
            }
        }
    )+};
}

count!(u16, u32, u64, usize);

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Truth(truth)
    }
}

impl From<Duration> for Value {
    fn from(time: Duration) -> Value {
        Value::Time(time)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Value {
        Value::Word(word.to_owned())
    }
}

impl From<String> for Value {
    fn from(word: String) -> Value {
        Value::Word(word)
    }
}

impl From<Vec<u8>> for Value {
    fn from(data: Vec<u8>) -> Value {
        Value::Data(data)
    }
}

impl From<Vec<u64>> for Value {
    fn from(numbers: Vec<u64>) -> Value {
        Value::Counts(numbers)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Unknown, Into::into)
    }
}
