//! Any messages in any framing: each is refused, with nothing written, or comes out as it went in.
#![no_main]

use framecat_core::framing::Framing;
use framecat_fuzz::{Cuts, Setup, assert_one_line, carries, whole_and_cut};

libfuzzer_sys::fuzz_target!(|input: (Setup, Cuts, Vec<&[u8]>)| {
    let (setup, cuts, mut messages) = input;
    let Some(codec) = setup.codec() else { return };
    let mut stream = Vec::new();
    messages.retain(|message| {
        let before = stream.len();
        let result = codec.encode(message, &mut stream);
        assert_eq!(result.is_ok(), carries(&codec, message), "{result:?}");
        if let Err(error) = &result {
            assert_eq!(before, stream.len());
            assert_one_line(&error.to_string());
        }
        result.is_ok()
    });
    let (whole, cut) = whole_and_cut(&codec, &stream, &cuts);
    assert_eq!(cut.end, Ok(()));
    if codec.framing() == &Framing::Raw {
        assert_eq!(cut.messages.concat(), messages.concat());
    } else {
        assert_eq!(whole.messages, messages);
        assert_eq!(cut, whole);
    }
});
