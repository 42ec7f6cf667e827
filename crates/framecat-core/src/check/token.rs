//! Tokens: what must differ between connections, as a nick name or a client's id.

use super::random::Random;

/// What stands for the placeholder on one connection: letters and digits, the first a letter, as wide
/// as the placeholder, so that every offset means the same on each connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    placeholder: Vec<u8>,
    value: Vec<u8>,
}

impl Token {
    /// The token of connection `number`. Numbers apart give values apart as long as the placeholder has
    /// room; another seed begins elsewhere, so that two checks in turn do not meet.
    pub fn new(placeholder: &[u8], seed: u64, number: u64) -> Token {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let start = Random::new(seed, "token", 0).next();
        let mut rest = start.wrapping_add(number);
        let mut value = vec![b't'; placeholder.len()];
        for digit in value.iter_mut().skip(1).rev() {
            *digit = DIGITS[(rest % 36) as usize];
            rest /= 36;
        }
        Token { placeholder: placeholder.to_vec(), value }
    }

    /// `bytes` with the token where the placeholder stood.
    pub fn put_in(&self, bytes: &[u8]) -> Vec<u8> {
        replaced(bytes, &self.placeholder, &self.value)
    }

    /// `bytes` with the placeholder where the token stood.
    pub fn taken_out(&self, bytes: &[u8]) -> Vec<u8> {
        replaced(bytes, &self.value, &self.placeholder)
    }
}

/// Both have the same length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = memchr::memmem::find_iter(&bytes, from).collect();
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_its_own_of_the_same_width() {
        let values: std::collections::BTreeSet<_> =
            (0..2000).map(|number| Token::new(b"NICK", 1, number).put_in(b"<NICK>")).collect();
        assert_eq!(values.len(), 2000);
        assert!(values.iter().all(|value| value.len() == 6 && value[1] == b't'));
    }

    #[test]
    fn what_is_put_in_is_taken_out_again() {
        let token = Token::new(b"NICK", 1, 5);
        let sent = token.put_in(b"NICK NICK\r\n");
        assert_ne!(sent, b"NICK NICK\r\n");
        assert_eq!(token.taken_out(&sent), b"NICK NICK\r\n");
    }
}
