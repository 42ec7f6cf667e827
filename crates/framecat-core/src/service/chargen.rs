//! The pattern of `chargen` (RFC 864): lines of 72 printable characters, each line starting one
//! character later than the one before.

/// The lines of the pattern, one after the other, for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chargen {
    first: u8,
}

impl Chargen {
    /// How many characters a line has, without a line end.
    pub const WIDTH: usize = 72;
    /// The printable characters of ASCII, `!` to `~` and then the space.
    const RING: u8 = b'~' - b' ' + 1;

    /// The next line, without a line end: a framing has its own, and raw bytes want CR LF.
    pub fn next_line(&mut self) -> [u8; Self::WIDTH] {
        let first = self.first;
        self.first = (first + 1) % Self::RING;
        std::array::from_fn(|at| match b'!' + (first + at as u8) % Self::RING {
            0x7f => b' ',
            character => character,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_that_of_the_rfc() {
        let mut chargen = Chargen::default();
        let first = chargen.next_line();
        assert!(first.starts_with(b"!\"#$%&'()*+,-./0123456789:;<=>?@ABC"));
        assert!(first.ends_with(b"efgh"));
        assert!(chargen.next_line().starts_with(b"\"#$"));
        for _ in 2..95 {
            chargen.next_line();
        }
        assert_eq!(chargen.next_line(), first, "the ring has 95 characters");
    }
}
