//! What people are told about a broken stream: the byte, the kind and the text, which stays one line.

#[path = "framing_laws/read.rs"]
mod read;

use framecat_core::framing::{Codec, FrameErrorKind};
use read::{byte_by_byte, read};

#[derive(Debug, PartialEq)]
enum Kind {
    Truncated,
    TooLarge,
    BadHeader,
    BadTerminator,
}
use Kind::{BadHeader, BadTerminator, Truncated};

fn kind_of(kind: &FrameErrorKind) -> Kind {
    match kind {
        FrameErrorKind::Truncated { .. } => Truncated,
        FrameErrorKind::TooLarge { .. } => Kind::TooLarge,
        FrameErrorKind::BadHeader { .. } => BadHeader,
        FrameErrorKind::BadTerminator { .. } => BadTerminator,
        other => unimplemented!("{other:?} needs a row of its own"),
    }
}

/// A framing, what a peer sends in it under a limit of 9 bytes, and what is said about that.
type Row = (&'static str, &'static [u8], Kind, u64, &'static str);

/// Reads each row whole and byte by byte. The text is that of the whole.
fn check(rows: &[Row]) {
    for (spec, stream, kind, offset, text) in rows {
        let codec = Codec::new(spec.parse().unwrap(), 9).unwrap();
        let story = read(&codec, [*stream]);
        let slowly = read(&codec, byte_by_byte(stream));
        let error = story.end.clone().expect_err(spec);
        assert_eq!((&kind_of(&error.kind), &error.offset), (kind, offset), "{spec}: {error}");
        assert_eq!(error.to_string(), format!("framing error at byte {offset}: {text}"), "{spec}");
        assert_eq!(slowly.without_excerpts(), story.without_excerpts(), "{spec}: {text}");
        assert!(!error.to_string().contains('\n'));
    }
}

#[test]
fn a_stream_that_ends_too_early_is_told_from_the_other_faults() {
    check(&[
        ("line", b"one\ntwo", Truncated, 7, "the stream ended inside a message, after 3 B"),
        ("crlf", b"one\r\ntwo\r", Truncated, 9, "the stream ended inside a message, after 4 B"),
        ("delim:\\0", b"\0\0x", Truncated, 3, "the stream ended inside a message, after 1 B"),
        ("fixed:4", b"onetwo", Truncated, 6, "the stream ended inside a message, after 2 B of 4 B"),
        ("u16be", b"\0\x01a\0", Truncated, 4, "the stream ended inside a message, after 1 B"),
        ("u16be", b"\0\x05ab", Truncated, 4, "the stream ended inside a message, after 4 B of 7 B"),
        ("header:8", b"5   ", Truncated, 4, "the stream ended inside a message, after 4 B"),
        ("varint", b"\x01a\x80", Truncated, 3, "the stream ended inside a message, after 1 B"),
        (
            "netstring",
            b"0:,5:h",
            Truncated,
            6,
            "the stream ended inside a message, after 3 B of 8 B",
        ),
        (
            "netstring",
            b"5:hello",
            Truncated,
            7,
            "the stream ended inside a message, after 7 B of 8 B",
        ),
        (
            "content-length",
            b"Content-Length: 2\r\n\r\nx",
            Truncated,
            22,
            "the stream ended inside a message, after 22 B of 23 B",
        ),
        ("content-length", b"Con", Truncated, 3, "the stream ended inside a message, after 3 B"),
    ]);
}

#[test]
fn a_message_over_the_limit_is_told_at_its_first_byte() {
    use Kind::TooLarge;
    let endless = "a message is longer than the limit of 9 B";
    let announced = "a message of 10 B is over the limit of 9 B";
    check(&[
        ("line", b"a\n0123456789\n", TooLarge, 2, endless),
        ("line", b"012345678\r\r\n", TooLarge, 0, endless),
        ("crlf", b"0123456789\r\n", TooLarge, 0, endless),
        ("delim:ab", b"0123456789ab", TooLarge, 0, endless),
        ("u8", b"\x01a\x0a", TooLarge, 2, announced),
        ("length:size=2,offset=1,adjust=-3", b"?\0\x0d", TooLarge, 0, announced),
        (
            "length:size=8,offset=1,adjust=1",
            b"?\xff\xff\xff\xff\xff\xff\xff\xff",
            TooLarge,
            0,
            endless,
        ),
        ("header:4", b"10  ", TooLarge, 0, announced),
        ("header:24", b"999999999999999999999999", TooLarge, 0, endless),
        ("varint", b"\x0a", TooLarge, 0, announced),
        ("netstring", b"10:", TooLarge, 0, announced),
        ("netstring", b"99999999999999999999:", TooLarge, 0, endless),
        ("netstring", b"100000000000000000000", TooLarge, 0, endless),
        ("content-length", b"Content-Length: 10\r\n\r\n", TooLarge, 0, announced),
        ("content-length", b"Content-Length: 99999999999999999999\r\n\r\n", TooLarge, 0, endless),
    ]);
}

#[test]
fn a_bad_header_is_quoted_beside_what_would_be_right() {
    let decimal = "expected a decimal length, padded with spaces, found";
    let line = "expected a header line such as `Content-Length: 12`, found";
    let (decimal, line) = (|found| format!("{decimal} {found}"), |found| format!("{line} {found}"));
    let leak = |text: String| -> &'static str { text.leak() };
    check(&[
        (
            "header:64",
            b"GET / HTTP/1.1\r\n\r\n",
            BadHeader,
            0,
            leak(decimal(r#""GET / HTTP/1.1\r\n"…"#)),
        ),
        ("header:4", b"0   1x  ", BadHeader, 5, leak(decimal(r#""x  ""#))),
        ("header:4", b"1 1 ", BadHeader, 2, leak(decimal(r#""1 ""#))),
        ("header:4", b" 1  ", BadHeader, 0, leak(decimal(r#"" 1  ""#))),
        ("header:4", b"-1  ", BadHeader, 0, leak(decimal(r#""-1  ""#))),
        (
            "varint",
            b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            BadHeader,
            1,
            r#"expected a length of at most 64 bits as LEB128, found "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02""#,
        ),
        (
            "netstring",
            b"hello",
            BadHeader,
            0,
            r#"expected a decimal length without leading zeros and a colon, found "hello""#,
        ),
        (
            "netstring",
            b"05:hello,",
            BadHeader,
            0,
            r#"expected a decimal length without leading zeros and a colon, found "05:hello,""#,
        ),
        (
            "netstring",
            b"0:,5;hello,",
            BadHeader,
            4,
            r#"expected a decimal length without leading zeros and a colon, found ";hello,""#,
        ),
        (
            "length:size=2,offset=1,adjust=-3",
            b"?\0\x02",
            BadHeader,
            1,
            r#"expected a length that is not negative once adjusted, found "\0\x02""#,
        ),
        ("content-length", b"hello\r\n", BadHeader, 0, leak(line(r#""hello""#))),
        ("content-length", b"X: 1\r\n: 2\r\n", BadHeader, 6, leak(line(r#"": 2""#))),
        ("content-length", b"\x16\x03\x01", BadHeader, 0, leak(line(r#""\x16\x03\x01""#))),
        ("content-length", b"X: \xc3\xa9\r\n", BadHeader, 3, leak(line(r#""é\r""#))),
        (
            "content-length",
            b"GET http://a/ HTTP/1.1\r\n",
            BadHeader,
            0,
            leak(line(r#""GET http://a/ HT"…"#)),
        ),
        (
            "content-length",
            b"Content-Length : 1\r\n",
            BadHeader,
            0,
            leak(line(r#""Content-Length :"…"#)),
        ),
        (
            "content-length",
            b"Content-Length: 0x1f\r\n\r\n",
            BadHeader,
            16,
            r#"expected a decimal number in Content-Length, found "0x1f""#,
        ),
        (
            "content-length",
            b"Content-Length:\r\n\r\n",
            BadHeader,
            15,
            r#"expected a decimal number in Content-Length, found """#,
        ),
        (
            "content-length",
            b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
            BadHeader,
            19,
            r#"expected one Content-Length, not two, found "Content-Length: "…"#,
        ),
        (
            "content-length",
            b"Content-Type: x\r\n\r\n",
            BadHeader,
            0,
            r#"expected a Content-Length in the header block, found "Content-Type: x\r"…"#,
        ),
        (
            "content-length",
            b"\r\n",
            BadHeader,
            0,
            r#"expected a Content-Length in the header block, found "\r\n""#,
        ),
    ]);
}

#[test]
fn a_header_block_without_end_is_refused() {
    let endless = b"X: y\r\n".repeat(1366).leak();
    let text = r#"expected a header block of at most 8192 bytes, found "X: y\r\nX: y\r\nX: y"…"#;
    check(&[("content-length", endless, BadHeader, 0, text)]);
    let one_line = [&b"X: "[..], &[b'y'; 8189]].concat().leak();
    let text = r#"expected a header block of at most 8192 bytes, found "X: yyyyyyyyyyyyy"…"#;
    check(&[("content-length", one_line, BadHeader, 0, text)]);
}

#[test]
fn a_bad_end_of_a_message_is_told_where_it_stands() {
    let crlf =
        "expected CR LF at the end of each message (the framing `line` takes LF alone), found";
    let header = "expected CR LF at the end of a header line, found";
    let leak = |start: &str, found: &str| -> &'static str { format!("{start} {found}").leak() };
    check(&[
        ("crlf", b"one\r\ntwo\nthree", BadTerminator, 8, leak(crlf, r#""\n""#)),
        ("crlf", b"one\rtwo\r\n", BadTerminator, 3, leak(crlf, r#""\rt""#)),
        ("crlf", b"\r\r\n", BadTerminator, 0, leak(crlf, r#""\r\r""#)),
        (
            "netstring",
            b"5:hello;",
            BadTerminator,
            7,
            r#"expected a comma behind the message, found ";""#,
        ),
        (
            "netstring",
            b"0:0:,",
            BadTerminator,
            2,
            r#"expected a comma behind the message, found "0""#,
        ),
        ("content-length", b"Content-Length: 1\n\n", BadTerminator, 17, leak(header, r#""\n""#)),
        (
            "content-length",
            b"Content-Length: 1\r\r\n",
            BadTerminator,
            17,
            leak(header, r#""\r\r\n""#),
        ),
        (
            "content-length",
            b"X: a\rContent-Length: 1\r\n",
            BadTerminator,
            4,
            leak(header, r#""\rContent-Length:"…"#),
        ),
        ("content-length", b"X: a\r\n\n", BadTerminator, 6, leak(header, r#""\n""#)),
    ]);
}
