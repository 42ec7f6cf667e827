//! Any text as a framing, a service, an address, a policy or a text with escapes: it is refused in one
//! line, or what it means prints as a text that means the same.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use framecat_core::address::Address;
use framecat_core::escape::{Escaped, Printable, PrintableLines, unescape};
use framecat_core::framing::Framing;
use framecat_core::queue::SlowPolicy;
use framecat_core::service::Service;
use framecat_fuzz::assert_one_line;

fn check<T>(text: &str)
where
    T: FromStr<Err: Display + Debug + PartialEq> + Display + Debug + PartialEq,
{
    match text.parse::<T>() {
        Ok(value) => {
            assert_one_line(&value.to_string());
            assert_eq!(value.to_string().parse(), Ok(value));
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    assert_eq!(unescape(&Escaped(bytes).to_string()).as_deref(), Ok(bytes));
    assert_one_line(&Printable(bytes).to_string());
    assert_one_line(&PrintableLines(bytes).to_string().replace(['\n', '\t'], ""));
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Err(error) = unescape(text) {
        assert_one_line(&error.to_string());
    }
    check::<Framing>(text);
    check::<Service>(text);
    check::<Address>(text);
    check::<SlowPolicy>(text);
});
