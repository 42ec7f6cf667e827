//! No framing takes quadratic time, shown without a clock: each is driven through so many small steps
//! that a look back over what was seen before would keep this test from ending.
//!
//! 4 MiB a byte at a time are 4 million calls. A decoder that starts again at the front in each looks
//! at 10^13 bytes, which takes hours in a debug build; one that goes on where it stopped looks at a few
//! for each call, and all of this takes seconds.

use std::hint::black_box;

use framecat_core::framing::{Codec, Decoder, Framing};

const MESSAGE: usize = 4 << 20;
const LIMIT: usize = 8 << 20;

/// Shows the decoder one byte more in each call. The bytes stand where they are, so all the work is
/// the decoder's own.
fn drip(decoder: &mut Decoder, stream: &[u8]) -> usize {
    let (mut at, mut messages) = (0, 0);
    for end in 1..=stream.len() {
        while let Some(frame) = decoder.decode(&stream[at..end]).unwrap() {
            at += frame.wire.len();
            messages += 1;
            black_box(frame.payload);
        }
    }
    decoder.finish(&stream[at..]).unwrap();
    messages
}

fn codec(spec: &str) -> Codec {
    Codec::new(spec.parse::<Framing>().unwrap(), LIMIT).unwrap()
}

#[test]
fn one_large_message_a_byte_at_a_time() {
    for (spec, byte) in [
        ("line", b'x'),
        ("line", b'\r'),
        ("crlf", b'x'),
        ("delim:\\0", b'x'),
        // Each byte looks like the start of a delimiter.
        ("delim:aaab", b'a'),
        ("delim:ab", b'a'),
        ("fixed:4194304", b'x'),
        ("u32be", b'x'),
        ("length:size=8,endian=little,offset=1000", b'x'),
        ("header:64", b'x'),
        ("varint", b'x'),
        ("netstring", b'x'),
        ("content-length", b'x'),
    ] {
        let codec = codec(spec);
        let mut message = vec![byte; MESSAGE];
        message[MESSAGE - 1] = b'x'; // so that the end of the message is not half of its mark
        let mut stream = Vec::new();
        codec.encode(&message, &mut stream).unwrap();
        assert_eq!(drip(&mut codec.decoder(), &stream), 1, "{spec}");
    }
}

#[test]
fn a_message_that_never_ends_a_byte_at_a_time() {
    // The decoder gives up at the limit, and until then each byte is looked at a few times.
    for spec in ["line", "crlf", "delim:aaab"] {
        let mut decoder = codec(spec).decoder();
        let stream = vec![b'a'; LIMIT + 4];
        let refused = (1..=stream.len()).find(|end| decoder.decode(&stream[..*end]).is_err());
        assert!(refused.is_some_and(|end| end > LIMIT), "{spec}: {refused:?}");
    }
}

#[test]
fn long_header_blocks_a_byte_at_a_time() {
    // A block has 8 KiB at most. That a look back over it is bounded is not enough: 512 of them in a
    // second look at what was seen would be 2 * 10^10 steps.
    let lines = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n".repeat(140);
    let one_line = [&b"X: "[..], &[b'x'; 8000], b"\r\n"].concat();
    let one_a_byte = b"X:\r\n".repeat(2000);
    for fields in [lines, one_line, one_a_byte] {
        let stream = [&fields[..], b"Content-Length: 1\r\n\r\nx"].concat().repeat(512);
        assert_eq!(drip(&mut codec("content-length").decoder(), &stream), 512);
    }
}

#[test]
fn a_million_small_messages_in_one_read() {
    // A look at all that is there, for each message of it, would be 10^12 steps.
    for spec in [
        "line",
        "crlf",
        "delim:\\0",
        "delim:aaab",
        "fixed:1",
        "u16be",
        "header:4",
        "varint",
        "netstring",
        "content-length",
    ] {
        let codec = codec(spec);
        let mut stream = Vec::new();
        for _ in 0..1_000_000 {
            codec.encode(b"x", &mut stream).unwrap();
        }
        let mut decoder = codec.decoder();
        let (mut at, mut messages) = (0, 0);
        while let Some(frame) = decoder.decode(&stream[at..]).unwrap() {
            at += frame.wire.len();
            messages += 1;
        }
        assert_eq!(messages, 1_000_000, "{spec}");
    }
}
