//! Where sockets stand, by their cookies.

/// Finds the place of a cookie. In a sample of ten thousand sockets a tree of them took longer to build
/// than everything else that is made of a sample.
#[derive(Debug, Default)]
pub(super) struct Index(Vec<(u64, usize)>);

impl Index {
    /// The index of cookies in this order.
    pub(super) fn of(cookies: impl Iterator<Item = u64>) -> Index {
        // A cookie of 0 is none: nothing is known of such a socket, and two of them are two.
        let mut places: Vec<(u64, usize)> =
            cookies.enumerate().map(|(at, cookie)| (cookie, at)).filter(|(c, _)| *c != 0).collect();
        places.sort_unstable();
        Index(places)
    }

    /// Where the cookie stands first.
    pub(super) fn get(&self, cookie: u64) -> Option<usize> {
        let at = self.0.partition_point(|(known, _)| *known < cookie);
        self.0.get(at).filter(|(known, _)| *known == cookie).map(|(_, at)| *at)
    }

    /// Whether a cookie stands in more than one place.
    pub(super) fn has_doubles(&self) -> bool {
        self.0.windows(2).any(|pair| pair[0].0 == pair[1].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_where_it_stands_first() {
        let index = Index::of([7, 3, 0, 7, 0, 9].into_iter());
        let found = [3, 7, 9].map(|cookie| index.get(cookie));
        assert_eq!(found, [Some(1), Some(0), Some(5)]);
        assert_eq!([0, 1, 8, 10].map(|cookie| index.get(cookie)), [None; 4]);
        assert!(index.has_doubles());
        assert!(!Index::of([0, 0, 1, 2].into_iter()).has_doubles());
    }
}
