//! Announced lengths and limits at the ends of their ranges, and the framing without seams: what the
//! laws for all framings do not reach.

use crate::read::{byte_by_byte, read};
use framecat_core::framing::{Codec, FrameErrorKind, Framing};

/// Headers that announce 2^62 bytes and the largest number that each can say.
const HUGE: [(&str, &[u8], &[u8]); 9] = [
    ("u64be", b"\x40\0\0\0\0\0\0\0", &[0xff; 8]),
    ("u64le", b"\0\0\0\0\0\0\0\x40", &[0xff; 8]),
    (
        "length:size=8,offset=1,adjust=1048576",
        b"x\x40\0\0\0\0\0\0\0",
        b"x\xff\xff\xff\xff\xff\xff\xff\xff",
    ),
    ("length:size=8,adjust=-8,keep-header", b"\x40\0\0\0\0\0\0\0", &[0xff; 8]),
    ("length:size=8,endian=little,keep-header", b"\0\0\0\0\0\0\0\x40", &[0xff; 8]),
    ("header:20", b"4611686018427387904 ", b"99999999999999999999"),
    (
        "varint",
        b"\x80\x80\x80\x80\x80\x80\x80\x80\x40",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    ),
    ("netstring", b"4611686018427387904:", b"99999999999999999999:"),
    (
        "content-length",
        b"Content-Length: 4611686018427387904\r\n\r\n",
        b"Content-Length: 99999999999999999999999999999999999999\r\n\r\n",
    ),
];

#[test]
fn a_header_that_announces_more_than_the_limit_is_refused_as_soon_as_it_is_whole() {
    for (spec, two_to_the_62, most) in HUGE {
        let codec = Codec::new(spec.parse().unwrap(), 1 << 20).unwrap();
        for header in [two_to_the_62, most] {
            let story = read(&codec, byte_by_byte(header)).without_excerpts();
            assert_eq!(story, read(&codec, [header]).without_excerpts());
            let error = story.end.unwrap_err();
            let too_large = matches!(error.kind, FrameErrorKind::TooLarge { max: 0x100000, .. });
            assert!(too_large && error.offset == 0, "{spec}: {error}");
        }
    }
}

#[test]
fn without_a_limit_a_huge_length_is_waited_for_and_costs_nothing() {
    for (spec, two_to_the_62, most) in HUGE {
        let codec = Codec::new(spec.parse().unwrap(), usize::MAX).unwrap();
        let mut decoder = codec.decoder();
        assert_eq!(decoder.decode(two_to_the_62), Ok(None), "{spec}");
        assert!(decoder.needed().is_some_and(|needed| needed >= 1 << 62), "{spec}");
        // No memory holds 2^64 bytes, so no limit lets them pass.
        let error = codec.decoder().decode(most).unwrap_err();
        assert!(matches!(error.kind, FrameErrorKind::TooLarge { .. }), "{spec}: {error}");
    }
}

#[test]
fn every_framing_works_under_the_largest_limits() {
    for spec in [
        "raw",
        "line",
        "crlf",
        "delim:aab",
        "fixed:5",
        "u32le",
        "header:9",
        "varint",
        "netstring",
        "content-length",
    ] {
        for max in [usize::MAX, usize::MAX - 1, usize::MAX / 2, usize::MAX / 2 - 1] {
            let codec = Codec::new(spec.parse().unwrap(), max).unwrap();
            let mut stream = Vec::new();
            codec.encode(b"hello", &mut stream).unwrap();
            let story = read(&codec, [&stream[..]]);
            assert_eq!((story.messages, story.end), (vec![b"hello".to_vec()], Ok(())), "{spec}");
        }
    }
}

#[test]
fn a_limit_that_leaves_no_room_for_any_message_is_refused_at_the_start() {
    for (spec, max, text) in [
        ("line", 0, "`line` cannot be used with a limit of 0 B a message: it needs 1"),
        ("fixed:9", 8, "`fixed:9` cannot be used with a limit of 8 B a message: it needs 9"),
        (
            "length:size=2,endian=big,offset=4,keep-header",
            5,
            "`length:size=2,endian=big,offset=4,keep-header` cannot be used with a limit of 5 B a \
             message: it needs 6",
        ),
    ] {
        let error = Codec::new(spec.parse().unwrap(), max).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn raw_loses_no_byte_and_never_hands_out_more_than_the_limit() {
    let stream: Vec<u8> = (0..=255).cycle().take(1000).collect();
    for max in [1, 2, 7, 255, 999, 1000, 1001, usize::MAX] {
        let codec = Codec::new(Framing::Raw, max).unwrap();
        for size in [1, 2, 3, 6, 7, 8, 256, 1000] {
            let story = read(&codec, stream.chunks(size));
            assert_eq!(story.messages.concat(), stream);
            assert!(story.messages.iter().all(|m| (1..=max.min(size)).contains(&m.len())));
            assert_eq!(story.end, Ok(()), "a raw stream may end anywhere");
        }
        let mut out = Vec::new();
        assert!(codec.encode(b"", &mut out).is_err(), "it would not be seen");
        codec.encode(b"x", &mut out).unwrap();
        assert_eq!(out, b"x");
    }
}
