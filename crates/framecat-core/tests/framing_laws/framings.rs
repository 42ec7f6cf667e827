//! The framings that the laws are applied to, with messages for each, and what a framing must do told
//! a second time, as plainly as can be, so that the laws have something to hold the code against.

use framecat_core::framing::{Codec, Endian, Framing, LengthField};

/// Every framing that has seams, and the odd corners of those with parameters.
const SEAMED: [&str; 33] = [
    "line",
    "crlf",
    "delim:\\0",
    "delim:aa",
    "delim:aab",
    "delim:abab",
    "delim:\\r\\n.\\r\\n",
    "fixed:1",
    "fixed:7",
    "u8",
    "u16be",
    "u16le",
    "u32be",
    "u32le",
    "u64be",
    "u64le",
    "length:size=3,endian=big",
    "length:size=3,endian=little,offset=2",
    "length:size=4,endian=little,adjust=-4",
    "length:size=1,endian=big,adjust=2",
    "length:size=1,endian=big,adjust=-255",
    "length:size=2,endian=big,offset=4,adjust=-6",
    "length:size=2,endian=big,offset=4,adjust=-6,keep-header",
    "length:size=5,endian=little,offset=1,adjust=3,keep-header",
    "length:size=8,endian=big,adjust=-1048576",
    "length:size=1,endian=big,offset=1024",
    "header:1",
    "header:3",
    "header:20",
    "header:64",
    "varint",
    "netstring",
    "content-length",
];

/// The list, parsed.
pub(crate) fn seamed() -> impl Iterator<Item = Framing> {
    SEAMED.iter().map(|spec| spec.parse().unwrap_or_else(|error| panic!("{spec}: {error}")))
}

/// With a limit, or the next one above it that leaves room for a message at all.
pub(crate) fn with_limit(framing: &Framing, max: usize) -> Codec {
    (max..).find_map(|max| Codec::new(framing.clone(), max).ok()).expect("some limit will do")
}

/// Messages to try, whether or not the framing can carry them.
pub(crate) fn messages(framing: &Framing) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = [
        &b""[..],
        b"a",
        b"aa",
        b"xa",
        b"xaab",
        b"aba",
        b"hello",
        b"\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"a\rb",
        b"a\r",
        b"a\n",
        b"\r\n.",
        b"\r\n.\r\n",
        b".",
        b",",
        b"5:hello,",
        b" ",
        b"12",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\0\0\0\x06\0\x06",
        b"Content-Length: 3\r\n\r\nabc",
    ]
    .map(<[u8]>::to_vec)
    .into();
    messages.push((0..=255).collect());
    messages
        .extend([9, 10, 99, 100, 127, 128, 255, 256, 257, 999, 1000].map(|len| vec![b'x'; len]));
    messages.extend([65_535, 65_536].map(|len| vec![b'x'; len]));
    match framing {
        Framing::Fixed(size) => {
            for message in &mut messages {
                let mut padded = message.clone();
                padded.resize(size.get(), b'.');
                *message = padded;
            }
            messages.extend([vec![], vec![b'x'; size.get() + 1], vec![b'x'; size.get() - 1]]);
        }
        Framing::Length(field) if field.keeps_header() => {
            let own: Vec<_> =
                messages.iter().filter_map(|rest| with_own_header(*field, rest)).collect();
            messages.extend(own);
        }
        _ => {}
    }
    messages
}

/// `rest` behind the header that announces it, for `keep-header`.
pub(crate) fn with_own_header(field: LengthField, rest: &[u8]) -> Option<Vec<u8>> {
    let value = u64::try_from(rest.len() as i64 - i64::from(field.adjust())).ok()?;
    let mut message = header(field, value, 0xee)?;
    message.extend_from_slice(rest);
    Some(message)
}

/// The header that says `value`, with `other` in the bytes that are not the length.
pub(crate) fn header(field: LengthField, value: u64, other: u8) -> Option<Vec<u8>> {
    let size = usize::from(field.size());
    let (length, zeros) = match field.endian() {
        Endian::Big => (value.to_be_bytes()[8 - size..].to_vec(), &value.to_be_bytes()[..8 - size]),
        Endian::Little => (value.to_le_bytes()[..size].to_vec(), &value.to_le_bytes()[size..]),
    };
    let fits = zeros.iter().all(|byte| *byte == 0);
    fits.then(|| [vec![other; usize::from(field.offset())], length].concat())
}

/// Whether `framing` can carry `message`.
pub(crate) fn carries(framing: &Framing, message: &[u8]) -> bool {
    match framing {
        Framing::Raw => !message.is_empty(),
        Framing::Line => !message.contains(&b'\n') && !message.ends_with(b"\r"),
        Framing::Crlf => !message.contains(&b'\n') && !message.contains(&b'\r'),
        Framing::Delim(delimiter) => {
            let delimiter = delimiter.as_bytes();
            let wire = [message, delimiter].concat();
            wire.windows(delimiter.len()).position(|at| at == delimiter) == Some(message.len())
        }
        Framing::Fixed(size) => message.len() == size.get(),
        Framing::Length(field) if field.keeps_header() => {
            let header = usize::from(field.offset()) + usize::from(field.size());
            let Some(rest) = message.get(header..) else { return false };
            with_own_header(*field, rest).is_some_and(|whole| {
                whole[usize::from(field.offset())..] == message[usize::from(field.offset())..]
            })
        }
        Framing::Length(field) => {
            let value = message.len() as i128 - i128::from(field.adjust());
            (0..1i128 << (8 * field.size())).contains(&value)
        }
        Framing::Header(width) => message.len().to_string().len() <= width.get(),
        Framing::Varint | Framing::Netstring | Framing::ContentLength => true,
        _ => unimplemented!("a new framing needs its rule here"),
    }
}

/// After how many bytes of a frame its whole length is known, where it is known before its end.
pub(crate) fn tells_after(framing: &Framing, wire: &[u8]) -> Option<usize> {
    match framing {
        Framing::Fixed(_) => Some(1),
        Framing::Length(field) => Some(usize::from(field.offset()) + usize::from(field.size())),
        Framing::Header(width) => Some(width.get()),
        Framing::Varint => wire.iter().position(|byte| *byte < 0x80).map(|last| last + 1),
        Framing::Netstring => wire.iter().position(|byte| *byte == b':').map(|colon| colon + 1),
        Framing::ContentLength => wire.windows(4).position(|at| at == b"\r\n\r\n").map(|at| at + 4),
        _ => None,
    }
}

/// The building blocks of streams that are nearly right: strings of them reach every branch of the
/// decoder, which random bytes hardly would.
pub(crate) fn symbols(framing: &Framing) -> Vec<Vec<u8>> {
    let bytes = |bytes: &[u8]| bytes.iter().map(|byte| vec![*byte]).collect();
    match framing {
        Framing::Line | Framing::Crlf => bytes(b"a\r\n."),
        Framing::Delim(delimiter) => {
            let mut distinct = [delimiter.as_bytes(), b"x"].concat();
            distinct.sort_unstable();
            distinct.dedup();
            bytes(&distinct)
        }
        Framing::Header(_) => bytes(b"019 x"),
        Framing::Varint => bytes(b"\x00\x01\x02\x80\x81\xff"),
        Framing::Netstring => bytes(b"012:,"),
        Framing::Length(field) => {
            let lengths = (0..=3i64).map(|rest| (rest - i64::from(field.adjust())).max(0) as u64);
            let mut symbols: Vec<_> =
                lengths.filter_map(|value| header(*field, value, b'h')).collect();
            symbols.extend([vec![0], vec![0xff; usize::from(field.size())]]);
            symbols
        }
        Framing::ContentLength => {
            let lines = [
                "Content-Length: 1\r\n",
                "content-length:2",
                "Content-Length: x",
                "\r\n",
                "\r",
                "\n",
                "X: y",
                "a",
            ];
            lines.map(|line| line.as_bytes().to_vec()).into()
        }
        _ => bytes(b"a\xff"),
    }
}
