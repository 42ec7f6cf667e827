//! Any message to the service `time`, at any time in any zone: no panic, and no answer out of
//! proportion.
#![no_main]

use framecat_core::service::{Answer, Service};
use jiff::{Timestamp, tz::TimeZone};

/// The widest pad of a number is 255, and asking for it takes 5 bytes.
const MOST_FOR_A_BYTE: usize = 51;

libfuzzer_sys::fuzz_target!(|input: (i64, u8, &[u8])| {
    let (second, zone, format) = input;
    let zones = ["UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "<-1130>11:30:15", "<+14>-14"];
    let zone = TimeZone::posix(zones[usize::from(zone) % zones.len()]).unwrap();
    // The years -9999 to 9999, all that the calendar has.
    let Ok(time) = Timestamp::from_second(second % 377_705_116_800) else { return };
    let mut scratch = Vec::new();
    let Answer::Bytes(answer) = Service::Time.answer(format, || time.to_zoned(zone), &mut scratch)
    else {
        unreachable!("time answers with bytes")
    };
    assert!(answer.len() <= MOST_FOR_A_BYTE * format.len().max(1), "{} B", answer.len());
});
