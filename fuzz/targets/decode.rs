//! Any bytes in any framing: the same story however they are cut, and what is canonical is written as
//! it was read.
#![no_main]

use framecat_core::framing::Framing;
use framecat_fuzz::{Cuts, Setup, whole_and_cut};

libfuzzer_sys::fuzz_target!(|input: (Setup, Cuts, &[u8])| {
    let (setup, cuts, stream) = input;
    let Some(codec) = setup.codec() else { return };
    let (whole, cut) = whole_and_cut(&codec, stream, &cuts);
    if codec.framing() == &Framing::Raw {
        assert_eq!(whole.messages.concat(), stream);
        assert_eq!(cut.messages.concat(), stream);
    } else {
        assert_eq!(whole, cut);
    }
    if codec.framing().is_canonical() {
        let mut again = Vec::new();
        whole.messages.iter().for_each(|message| codec.encode(message, &mut again).unwrap());
        assert_eq!(again, stream[..whole.wire]);
    }
});
