//! The laws that hold for every framing. Each test walks the whole list, so a new framing is held to
//! all of them by one line in `framings`.

mod framings;
mod limits;
mod random;
mod read;

use framecat_core::framing::{Codec, EncodeError, FrameErrorKind, Framing};
use framings::{carries, messages, seamed, symbols, tells_after, with_limit};
use read::{Story, byte_by_byte, read};

/// Above every sample, so that only the tests about limits meet one.
const AMPLE: usize = 1 << 20;

/// Each message that the framing carries, with its bytes on the wire.
fn carried(codec: &Codec) -> Vec<(Vec<u8>, Vec<u8>)> {
    let encoded = messages(codec.framing()).into_iter().filter_map(|message| {
        let mut wire = Vec::new();
        codec.encode(&message, &mut wire).is_ok().then_some((message, wire))
    });
    encoded.collect()
}

/// The story of a stream that holds these messages and ends behind the last.
fn told(messages: &[(Vec<u8>, Vec<u8>)]) -> Story {
    Story {
        messages: messages.iter().map(|(message, _)| message.clone()).collect(),
        wires: messages.iter().map(|(_, wire)| wire.len()).collect(),
        end: Ok(()),
    }
}

fn joined(messages: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    messages.iter().flat_map(|(_, wire)| wire.iter().copied()).collect()
}

/// Every offset of a short stream; of a long one the first and the last and some between, since the
/// middle of a payload is like any other.
fn offsets(len: usize) -> impl Iterator<Item = usize> {
    const EDGE: usize = 1100;
    let step = if len > 3 * EDGE { 4999 } else { 1 };
    (0..len.min(EDGE)).chain((EDGE..len).step_by(step)).chain(len.saturating_sub(70)..=len)
}

#[test]
fn encode_refuses_just_what_cannot_be_carried_and_then_writes_nothing() {
    for framing in seamed() {
        let codec = Codec::new(framing.clone(), AMPLE).unwrap();
        for message in messages(&framing) {
            let mut out = b"before".to_vec();
            let result = codec.encode(&message, &mut out);
            assert_eq!(result.is_ok(), carries(&framing, &message), "{framing}: {result:?}");
            assert!(out.starts_with(b"before"), "{framing} changed what stood there");
            assert!(result.is_ok() || out == b"before", "{framing} wrote some of it: {result:?}");
        }
    }
}

#[test]
fn a_message_survives_every_cut_in_two_and_a_byte_at_a_time() {
    for framing in seamed() {
        let codec = Codec::new(framing.clone(), AMPLE).unwrap();
        let all = carried(&codec);
        assert!(!all.is_empty(), "{framing} carries none of the samples");
        for message in all.chunks(1) {
            let wire = &message[0].1;
            for cut in offsets(wire.len()) {
                let (left, right) = wire.split_at(cut);
                assert_eq!(read(&codec, [left, right]), told(message), "{framing} cut at {cut}");
            }
            assert_eq!(read(&codec, byte_by_byte(wire)), told(message), "{framing} byte by byte");
        }
    }
}

#[test]
fn neighbours_joined_in_one_stream_and_cut_at_every_offset_stay_apart() {
    for framing in seamed() {
        let codec = Codec::new(framing.clone(), AMPLE).unwrap();
        let mut all = carried(&codec);
        all.retain(|(message, _)| message.len() <= 32);
        // Each message has each other one behind it somewhere: what follows must not change it.
        for first in 0..all.len() {
            all.rotate_left(1);
            let order: Vec<_> = all.iter().step_by(first % 5 + 1).cloned().collect();
            assert_eq!(read(&codec, [&joined(&order)[..]]), told(&order), "{framing}");
        }
        all.truncate(8);
        let stream = joined(&all);
        for cut in 0..=stream.len() {
            let (left, right) = stream.split_at(cut);
            assert_eq!(read(&codec, [left, right]), told(&all), "{framing} cut at {cut}");
        }
        for size in 1..=70 {
            assert_eq!(read(&codec, stream.chunks(size)), told(&all), "{framing} by {size}");
        }
    }
}

#[test]
fn an_empty_message_is_a_message() {
    for framing in seamed() {
        let codec = Codec::new(framing.clone(), AMPLE).unwrap();
        assert_eq!(framing.carries_empty(), carries(&framing, b""), "{framing}");
        if framing.carries_empty() {
            let mut stream = Vec::new();
            for _ in 0..3 {
                codec.encode(b"", &mut stream).unwrap();
            }
            let story = read(&codec, byte_by_byte(&stream));
            assert_eq!((story.messages, story.end), (vec![vec![]; 3], Ok(())), "{framing}");
        }
    }
}

#[test]
fn a_stream_that_ends_inside_a_message_says_where_and_what_is_missing() {
    for framing in seamed() {
        let codec = Codec::new(framing.clone(), AMPLE).unwrap();
        let mut all = carried(&codec);
        all.retain(|(message, _)| message.len() <= 300);
        for pair in all.windows(2) {
            let (stream, seam) = (joined(pair), pair[0].1.len());
            for end in offsets(stream.len()) {
                let (story, wire, have) = match end.checked_sub(seam) {
                    Some(have) => (told(&pair[..1]), &pair[1].1, have),
                    None => (told(&[]), &pair[0].1, end),
                };
                if have == 0 || have == wire.len() {
                    continue; // between two messages a stream may end
                }
                let need = tells_after(&framing, wire).filter(|told| have >= *told);
                let need = need.map(|_| wire.len());
                for pieces in
                    [read(&codec, [&stream[..end]]), read(&codec, stream[..end].chunks(3))]
                {
                    assert_eq!(pieces.messages, story.messages, "{framing} ended at {end}");
                    let error = pieces.end.unwrap_err();
                    let kind = FrameErrorKind::Truncated { have, need };
                    assert_eq!((error.offset, error.kind), (end as u64, kind), "{framing}");
                }
            }
        }
    }
}

#[test]
fn the_limit_holds_to_the_byte_on_both_sides_and_at_every_cut() {
    for framing in seamed().filter(|framing| !matches!(framing, Framing::Fixed(_))) {
        let codec = with_limit(&framing, 9);
        let max = codec.max_message();
        let one_more = Codec::new(framing.clone(), max + 1).unwrap();
        let sized = |len: usize| match &framing {
            Framing::Length(field) if field.keeps_header() => {
                let header = usize::from(field.offset()) + usize::from(field.size());
                framings::with_own_header(*field, &vec![b'x'; len - header]).unwrap()
            }
            _ => vec![b'x'; len],
        };
        if !carries(&framing, &sized(max + 1)) {
            continue; // the header ends before the limit does
        }
        let mut stream = Vec::new();
        codec.encode(&sized(max), &mut stream).unwrap();
        let seam = stream.len();
        let refused = codec.encode(&sized(max + 1), &mut stream).unwrap_err();
        assert_eq!(refused, EncodeError::TooLarge { len: max + 1, max }, "{framing}");
        one_more.encode(&sized(max + 1), &mut stream).unwrap();

        let announced = (!framing.is_terminated()).then_some(max as u64 + 1);
        let kind = FrameErrorKind::TooLarge { len: announced, max };
        for cut in offsets(stream.len()) {
            let (left, right) = stream.split_at(cut);
            for story in [read(&codec, [left, right]), read(&codec, byte_by_byte(&stream))] {
                assert_eq!(story.messages, [sized(max)], "{framing} cut at {cut}");
                let error = story.end.unwrap_err();
                assert_eq!((error.offset, &error.kind), (seam as u64, &kind), "{framing}");
            }
        }
    }
}

/// Strings of up to `len` symbols.
fn strings(symbols: &[Vec<u8>], len: u32) -> impl Iterator<Item = Vec<u8>> {
    let base = symbols.len();
    (1..=len).flat_map(move |len| {
        (0..base.pow(len)).map(move |number| {
            (0..len).flat_map(|at| symbols[number / base.pow(at) % base].clone()).collect()
        })
    })
}

#[test]
fn whatever_the_bytes_the_story_is_the_same_for_every_way_of_cutting_them() {
    for framing in seamed() {
        let codec = with_limit(&framing, 3);
        let symbols = symbols(&framing);
        let len = if symbols.len() > 5 { 4 } else { 5 };
        for stream in strings(&symbols, len) {
            let whole = read(&codec, [&stream[..]]).without_excerpts();
            let same = |story: Story, how: std::fmt::Arguments<'_>| {
                assert_eq!(story.without_excerpts(), whole, "{framing} {stream:?} {how}");
            };
            same(read(&codec, byte_by_byte(&stream)), format_args!("byte by byte"));
            if stream.len() <= 5 {
                for cuts in 0..1u32 << (stream.len() - 1) {
                    same(read(&codec, cut_at(&stream, cuts)), format_args!("cut at {cuts:b}"));
                }
            } else if stream.len() < 100 {
                for cut in 1..stream.len() {
                    let (left, right) = stream.split_at(cut);
                    same(read(&codec, [left, right]), format_args!("cut at {cut}"));
                }
            }
        }
    }
}

/// Cuts behind each byte whose bit is set.
fn cut_at(stream: &[u8], cuts: u32) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in 1..=stream.len() {
        if end == stream.len() || cuts >> (end - 1) & 1 == 1 {
            pieces.push(&stream[start..end]);
            start = end;
        }
    }
    pieces
}

#[test]
fn what_was_read_in_a_canonical_framing_is_written_as_the_same_bytes() {
    for framing in seamed() {
        let codec = with_limit(&framing, 3);
        let mut others = 0;
        for stream in strings(&symbols(&framing), 4) {
            let story = read(&codec, [&stream[..]]);
            let mut at = 0;
            for (message, wire) in story.messages.iter().zip(story.wires) {
                let mut again = Vec::new();
                let encoded = codec.encode(message, &mut again);
                others += u32::from(again != stream[at..at + wire]);
                if encoded.is_ok() {
                    let story = read(&codec, [&again[..]]);
                    assert_eq!(story.messages, [&message[..]], "{framing}");
                }
                at += wire;
            }
        }
        assert!(others == 0 || !framing.is_canonical(), "{framing}: {others} came out otherwise");
    }
}

#[test]
fn what_others_write_is_read_at_every_cut() {
    for (spec, stream, messages) in [
        ("line", &b"a\r\n\r\nb\r\r\n"[..], [&b"a"[..], b"", b"b\r"]),
        ("header:4", b"0   0001a2   xy", [b"", b"a", b"xy"]),
        (
            "varint",
            b"\x80\x00\x81\x80\x80\x00a\x82\x80\x80\x80\x80\x80\x80\x80\x80\x00xy",
            [b"", b"a", b"xy"],
        ),
        ("length:size=1,offset=2", b"??\0\xff\xff\x01a\0\r\x02xy", [b"", b"a", b"xy"]),
        (
            "content-length",
            b"CONTENT-LENGTH:0\r\n\r\nContent-Type: a\r\nContent-Length: \t1 \r\n\r\na\
              content-length: 0002\r\nX:\r\nY: :\r\n\r\nxy",
            [b"", b"a", b"xy"],
        ),
    ] {
        let codec = Codec::new(spec.parse().unwrap(), AMPLE).unwrap();
        for cut in 0..=stream.len() {
            let (left, right) = stream.split_at(cut);
            let story = read(&codec, [left, right]);
            assert_eq!((story.messages, story.end), (messages.map(<[u8]>::to_vec).into(), Ok(())));
        }
    }
}
