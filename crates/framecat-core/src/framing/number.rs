//! Decimal numbers in headers.

use std::io::Write as _;

/// The value of ASCII digits; `None` if it does not fit 64 bits.
pub(super) fn parse(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// Appends `value` in decimal.
pub(super) fn push(value: usize, out: &mut Vec<u8>) {
    write!(out, "{value}").expect("a write into memory succeeds");
}

/// How many of the first bytes are digits.
pub(super) fn leading_digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}
