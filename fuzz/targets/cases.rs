//! Any text as a case file, a plan, a case's name or a pattern: it is refused in one line, or it makes
//! sense. A case that is read passes its own test.
#![no_main]

use framecat_core::check::{CaseFile, CaseId, Pattern, Plan};
use framecat_fuzz::assert_one_line;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let disk = |path: &str| match path.len() {
        0 => Err("no name".to_owned()),
        _ => Ok(path.as_bytes().to_vec()),
    };
    match CaseFile::parse(text, &disk) {
        Ok(case) => assert_eq!(case.exchange.verify(), Ok(())),
        Err(error) => {
            assert!((1..=text.split('\n').count()).contains(&error.line()));
            assert_one_line(&error.to_string());
        }
    }
    match text.parse::<Pattern>() {
        Ok(pattern) => {
            assert_one_line(&pattern.to_string());
            assert_eq!(pattern.is_match(text.as_bytes()), pattern.find(text.as_bytes()).is_some());
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
    match text.parse::<CaseId>() {
        Ok(case) => assert_eq!(case.to_string().parse(), Ok(case)),
        Err(error) => assert_one_line(&error.to_string()),
    }
    if let Err(error) = text.parse::<Plan>() {
        assert_one_line(&error.to_string());
    }
});
