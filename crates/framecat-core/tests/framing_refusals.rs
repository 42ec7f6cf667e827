//! What people are told about a message that their framing cannot carry, of which nothing is written.

use framecat_core::framing::{Codec, EncodeError, Framing};

#[test]
fn a_message_that_cannot_be_carried_is_refused_with_the_reason() {
    for (spec, message, text) in [
        (
            "line",
            &b"a\nb"[..],
            r#"the message holds "\n" at byte 1, which `line` takes for its end"#,
        ),
        ("line", b"ab\r", r#"the message holds "\r" at byte 2, which `line` takes for its end"#),
        ("crlf", b"a\rb", r#"the message holds "\r" at byte 1, which `crlf` takes for its end"#),
        ("crlf", b"\n", r#"the message holds "\n" at byte 0, which `crlf` takes for its end"#),
        (
            "delim:ab",
            b"xxabx",
            r#"the message holds "ab" at byte 2, which `delim:ab` takes for its end"#,
        ),
        (
            "delim:aa",
            b"xa",
            "the message runs into its delimiter: `delim:aa` would end it at byte 1",
        ),
        ("fixed:4", b"abc", "a message of 3 B does not fit `fixed:4`, where each has 4 B"),
        (
            "raw",
            b"",
            "an empty message cannot be seen in a raw stream: choose a framing to send one",
        ),
        ("u8", &[0; 256], "a message of 256 B is too long for `u8`, which carries at most 255 B"),
        (
            "header:2",
            &[0; 100],
            "a message of 100 B is too long for `header:2`, which carries at most 99 B",
        ),
        (
            "length:size=1,endian=big,adjust=-6",
            &[0; 250],
            "a message of 250 B is too long for `length:size=1,endian=big,adjust=-6`, which carries at \
             most 249 B",
        ),
        (
            "length:size=1,adjust=2",
            b"a",
            "a message of 1 B is too short: this framing needs at least 2 B in each",
        ),
        (
            "length:size=2,keep-header",
            b"\0",
            "a message of 1 B is too short: this framing needs at least 2 B in each",
        ),
        (
            "length:size=2,keep-header",
            b"\0\x02x",
            "the header inside the message announces 4 B, but the message has 3 B",
        ),
        ("line", &[0; 301], "a message of 301 B is over the limit of 300 B"),
    ] {
        let codec = Codec::new(spec.parse().unwrap(), 300).unwrap();
        let mut out = b"as it was".to_vec();
        let error: EncodeError = codec.encode(message, &mut out).expect_err(spec);
        assert_eq!(error.to_string(), text);
        assert_eq!(out, b"as it was", "{spec}");
    }
}

#[test]
fn a_length_that_can_never_stand_for_a_message_is_refused_where_it_is_written() {
    let error = "length:size=1,adjust=-256".parse::<Framing>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`length:size=1,adjust=-256` is not a framing: adjust takes off more than a length of this \
         size can say"
    );
}
