//! What no sound program sends: sizes at the limit and beyond, and garbage. The framings' own decoder is
//! the first target that must refuse it.

use framecat_core::check::{Exchange, Finale, Plan, Streams};
use framecat_core::framing::{Codec, DEFAULT_MAX_MESSAGE, FrameErrorKind, Framing};

use crate::exchanges::{FRAMINGS, at, case, framed, framing, payload, plain, script, streams};

/// An exchange in a framing, with a message that it can carry.
fn some(name: &str) -> Exchange {
    framed(name, &[&payload(7)])
}

fn sizes(streams: &Streams) -> Vec<u64> {
    streams.cases(Plan::Oversize, usize::MAX, 0, None).at
}

/// What a decoder with such a limit says of the bytes.
fn read(framing: &Framing, limit: usize, bytes: &[u8]) -> Result<Option<usize>, FrameErrorKind> {
    let mut decoder = Codec::new(framing.clone(), limit).unwrap().decoder();
    let frame = decoder.decode(bytes).map_err(|error| error.kind)?;
    Ok(frame.map(|frame| frame.payload.len()))
}

#[test]
fn what_is_far_too_long_is_refused_by_the_framing_s_own_decoder() {
    // These say no number that is too large for a program with our default limit, and end at no mark.
    let modest = ["fixed:7", "u8", "u16be", "u16le", "header:1", "header:4"];
    for name in FRAMINGS {
        let streams = streams(&some(name));
        let sizes = sizes(&streams);
        if modest.contains(&name) {
            assert_eq!(sizes, [0; 0], "{name}");
            assert!(streams.senseless(Plan::Oversize).is_some(), "{name}");
            continue;
        }
        let [size] = sizes[..] else { panic!("{name}: {sizes:?}") };
        let script = script(&streams, at(Plan::Oversize, size), 0);
        assert_eq!((script.finale, &script.cuts[..]), (Finale::Finish, &[][..]));
        assert!(size > DEFAULT_MAX_MESSAGE as u64, "{name}: {size}");
        assert!(script.bytes.len() <= 5 << 20, "{name}: {} B are sent", script.bytes.len());
        let framing = framing(name);
        let refused = read(&framing, DEFAULT_MAX_MESSAGE, &script.bytes).unwrap_err();
        let FrameErrorKind::TooLarge { len, max: DEFAULT_MAX_MESSAGE } = refused else {
            panic!("{name}: {refused:?}")
        };
        // With adjust= the number in the header is not the length of the payload.
        if !name.contains("adjust") {
            assert_eq!(len, (!framing.is_terminated()).then_some(size), "{name}");
        }
    }
}

#[test]
fn the_stated_limit_is_reached_to_the_byte_and_then_passed() {
    for name in FRAMINGS {
        let exchange = Exchange { max_message: Some(300), ..some(name) };
        let streams = streams(&exchange);
        let sizes = sizes(&streams);
        let framing = framing(name);
        for size in [300, 301].into_iter().filter(|size| sizes.contains(size)) {
            let script = script(&streams, at(Plan::Oversize, size), 0);
            assert_eq!((script.finale, &script.cuts[..]), (Finale::Nothing, &[][..]));
            assert_eq!(read(&framing, 301, &script.bytes), Ok(Some(size as usize)), "{name}");
            let read = read(&framing, 300, &script.bytes);
            let too_large = matches!(read, Err(FrameErrorKind::TooLarge { .. }));
            assert_eq!(too_large, size == 301, "{name}: {read:?}");
        }
        let carried = !matches!(name, "fixed:7" | "u8" | "header:1");
        assert_eq!(sizes.contains(&300), carried, "{name}");
        assert_eq!(sizes.contains(&301), carried, "{name}");
        assert!(sizes.is_sorted_by(|one, next| one < next), "{name}: {sizes:?}");
    }
}

#[test]
fn a_limit_beyond_what_is_far_too_long_leaves_nothing_that_is() {
    for limit in [(16 << 20) - 1, 64 << 20, u32::MAX as usize, 1 << 40, 1 << 41, usize::MAX] {
        for name in FRAMINGS {
            let exchange = Exchange { max_message: Some(limit), ..some(name) };
            let streams = streams(&exchange);
            let large = |size: u64| size > 1 << 20;
            for size in sizes(&streams) {
                // Making 16 MiB of each would be slow, and one is like the other.
                if size <= limit as u64 + 1 && large(size) && name != "u32be" {
                    continue;
                }
                let script = script(&streams, at(Plan::Oversize, size), 0);
                assert!(script.bytes.len() as u64 <= size + 100, "{name}: {size}");
            }
        }
    }
}

#[test]
fn garbage_follows_from_the_seed_and_each_kind_is_another() {
    let streams = streams(&some("u32be"));
    let all = |seed| -> Vec<Vec<u8>> {
        (1..=8).map(|kind| script(&streams, at(Plan::Garbage, kind), seed).bytes).collect()
    };
    assert_eq!(streams.cases(Plan::Garbage, 0, 0, None).at, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(all(1), all(1));
    let (one, other) = (all(1), all(2));
    let differ: Vec<usize> =
        (0..8).filter(|&kind| one[kind] != other[kind]).map(|i| i + 1).collect();
    assert_eq!(differ, [2, 6, 7], "those with noise in them");
    for (kind, bytes) in one.iter().enumerate() {
        assert!(!bytes.is_empty() && bytes.len() <= 16 << 10);
        assert!(one[..kind].iter().all(|before| before != bytes));
        let script = script(&streams, at(Plan::Garbage, kind as u64 + 1), 1);
        assert_eq!((script.finale, script.cuts.len(), script.slow), (Finale::Finish, 0, false));
    }
    assert_eq!(streams.script(case("garbage@9"), 1), None);
    assert_eq!(streams.script(case("garbage@0"), 1), None);
}

#[test]
fn the_last_kind_of_garbage_is_a_length_that_the_framing_must_not_say() {
    for name in ["u32be", "u64le", "header:4", "netstring", "content-length", "varint"] {
        let streams = streams(&some(name));
        let bytes = script(&streams, case("garbage@8"), 1).bytes;
        let read = read(&framing(name), DEFAULT_MAX_MESSAGE, &bytes);
        // The largest 64-bit number in LEB128 goes on behind nine bytes of ones.
        assert!(read.is_err() || name == "varint", "{name}: {read:?}");
    }
}

#[test]
fn what_says_what_a_message_is_not_needs_a_framing() {
    for exchange in [plain(&[b"hello"]), framed("raw", &[b"hello"])] {
        let streams = streams(&exchange);
        for plan in [Plan::Empty, Plan::Oversize, Plan::Garbage] {
            assert!(streams.senseless(plan).is_some(), "{plan}");
        }
    }
}
