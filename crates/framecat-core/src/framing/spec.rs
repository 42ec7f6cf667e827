//! The strings that stand for framings on the command line: each parses from, and prints to, the same.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use super::{Delimiter, Endian, Framing, HeaderWidth, LengthField};
use crate::escape::{Escaped, unescape};

const KNOWN: &str = "raw, line, crlf, delim:BYTES, fixed:N, u8, u16be, u16le, u32be, u32le, u64be, \
    u64le, length:size=N[,endian=big|little][,offset=N][,adjust=N][,keep-header], header:N, varint, \
    netstring, content-length";

/// A text that names no framing: what was found, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a framing: {problem}", Escaped(text.as_bytes()))]
pub struct ParseFramingError {
    text: String,
    problem: String,
}

/// The lengths with a short name of their own.
const NAMED: [(&str, u8, Endian); 7] = [
    ("u8", 1, Endian::Big),
    ("u16be", 2, Endian::Big),
    ("u16le", 2, Endian::Little),
    ("u32be", 4, Endian::Big),
    ("u32le", 4, Endian::Little),
    ("u64be", 8, Endian::Big),
    ("u64le", 8, Endian::Little),
];

impl FromStr for Framing {
    type Err = ParseFramingError;

    fn from_str(text: &str) -> Result<Self, ParseFramingError> {
        parse(text).map_err(|problem| ParseFramingError { text: text.into(), problem })
    }
}

fn parse(text: &str) -> Result<Framing, String> {
    if let Some((_, size, endian)) = NAMED.iter().find(|(name, ..)| *name == text) {
        return Ok(Framing::Length(LengthField::new(*size, *endian).expect("a listed size")));
    }
    match text.split_once(':').map_or((text, None), |(name, value)| (name, Some(value))) {
        ("raw", None) => Ok(Framing::Raw),
        ("line", None) => Ok(Framing::Line),
        ("crlf", None) => Ok(Framing::Crlf),
        ("varint", None) => Ok(Framing::Varint),
        ("netstring", None) => Ok(Framing::Netstring),
        ("content-length", None) => Ok(Framing::ContentLength),
        ("delim", Some(bytes)) => delimiter(bytes),
        ("fixed", Some(size)) => size
            .parse::<NonZeroUsize>()
            .map(Framing::Fixed)
            .map_err(|_| "the size must be a number above 0, as in fixed:16".into()),
        ("header", Some(width)) => {
            width.parse().ok().and_then(HeaderWidth::new).map(Framing::Header).ok_or_else(|| {
                format!("the width must be 1 to {}, as in header:64", HeaderWidth::MAX)
            })
        }
        ("length", Some(fields)) => length(fields).map(Framing::Length),
        ("delim" | "fixed" | "header" | "length", None) => {
            Err("it needs a value, as in delim:\\0, fixed:16, header:64, length:size=2".into())
        }
        _ => Err(format!("known are {KNOWN}")),
    }
}

fn delimiter(text: &str) -> Result<Framing, String> {
    let bytes = unescape(text).map_err(|error| error.to_string())?;
    Delimiter::new(&bytes)
        .map(Framing::Delim)
        .ok_or_else(|| format!("the delimiter must have 1 to {} bytes", Delimiter::MAX))
}

fn length(fields: &str) -> Result<LengthField, String> {
    let mut size = None;
    let mut endian = Endian::Big;
    let mut offset = 0;
    let mut adjust = 0;
    let mut keep_header = false;
    for field in fields.split(',') {
        let number = || format!("`{}` needs a number in range", Escaped(field.as_bytes()));
        match field.split_once('=') {
            Some(("size", value)) => size = Some(value.parse().map_err(|_| number())?),
            Some(("endian", "big")) => endian = Endian::Big,
            Some(("endian", "little")) => endian = Endian::Little,
            Some(("offset", value)) => offset = value.parse().map_err(|_| number())?,
            Some(("adjust", value)) => adjust = value.parse().map_err(|_| number())?,
            None if field == "keep-header" => keep_header = true,
            _ => {
                return Err(format!(
                    "unknown `{}`: known are size=N, endian=big|little, offset=N, adjust=N, \
                     keep-header",
                    Escaped(field.as_bytes())
                ));
            }
        }
    }
    let size = size.ok_or("size=N is missing")?;
    let field = LengthField::new(size, endian)
        .and_then(|field| field.with_offset(offset))
        .and_then(|field| field.with_adjust(adjust))
        .map_err(|error| error.to_string())?;
    Ok(if keep_header { field.with_header_kept() } else { field })
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Framing::Raw => f.write_str("raw"),
            Framing::Line => f.write_str("line"),
            Framing::Crlf => f.write_str("crlf"),
            Framing::Delim(delimiter) => write!(f, "delim:{}", Escaped(delimiter.as_bytes())),
            Framing::Fixed(size) => write!(f, "fixed:{size}"),
            Framing::Length(field) => field.fmt(f),
            Framing::Header(width) => write!(f, "header:{}", width.get()),
            Framing::Varint => f.write_str("varint"),
            Framing::Netstring => f.write_str("netstring"),
            Framing::ContentLength => f.write_str("content-length"),
        }
    }
}

impl fmt::Display for LengthField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, size, endian) in NAMED {
            if LengthField::new(size, endian).as_ref() == Ok(self) {
                return f.write_str(name);
            }
        }
        let endian = match self.endian() {
            Endian::Big => "big",
            Endian::Little => "little",
        };
        write!(f, "length:size={},endian={endian}", self.size())?;
        if self.offset() != 0 {
            write!(f, ",offset={}", self.offset())?;
        }
        if self.adjust() != 0 {
            write!(f, ",adjust={}", self.adjust())?;
        }
        if self.keeps_header() {
            f.write_str(",keep-header")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_prints_what_it_parses_from() {
        for text in [
            "raw",
            "line",
            "crlf",
            "delim:\\0",
            "delim:\\r\\n.\\r\\n",
            "delim:\\x1e",
            "delim:é,:=",
            "fixed:1",
            "u8",
            "u16be",
            "u16le",
            "u32be",
            "u32le",
            "u64be",
            "u64le",
            "length:size=2,endian=big,offset=4,adjust=-6,keep-header",
            "length:size=3,endian=little",
            "header:64",
            "varint",
            "netstring",
            "content-length",
        ] {
            assert_eq!(text.parse::<Framing>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn one_byte_order_of_one_byte_is_the_other() {
        let little: Framing = "length:size=1,endian=little".parse().unwrap();
        assert_eq!(little, "u8".parse().unwrap());
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (text, hint) in [
            ("u24be", "known are raw, line"),
            ("", "known are raw, line"),
            ("Line", "known are raw, line"),
            ("delim", "needs a value"),
            ("delim:", "1 to 64 bytes"),
            ("delim:\\q", "unknown escape"),
            ("fixed:0", "above 0"),
            ("fixed:-1", "above 0"),
            ("header:0", "1 to 1024"),
            ("header:9999999999999999999999", "1 to 1024"),
            ("length:", "unknown ``"),
            ("length:endian=big", "size=N is missing"),
            ("length:size=9", "1 to 8"),
            ("length:size=2,offset=70000", "needs a number"),
            ("length:size=2,offset=2000", "at most 1024"),
            ("length:size=2,adjust=9999999", "between"),
            ("length:size=2,size", "unknown `size`"),
            ("raw:1", "known are"),
            ("\x1b[2J", "`\\x1b[2J` is not a framing"),
        ] {
            let error = text.parse::<Framing>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
