//! Which listener takes what goes to an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a socket may be bound to take what goes to `at`, the preferred first: the address itself, then all
/// addresses, and of these IPv4 before IPv6, which takes IPv4 as well (`__inet_lookup_listener` and
/// `compute_score` of net/ipv4/inet_hashtables.c). Those at the first of these where somebody is get it; who
/// shares an address by SO_REUSEPORT shares what comes.
///
/// IPv4 in the clothes of IPv6 is IPv4 here, so a socket's address is to be compared in its canonical form.
/// Whoever connects to all addresses gets to this host's loopback. The kernel's tables do not tell whether
/// `[::]` takes IPv6 only (IPV6_V6ONLY), so it counts for both.
pub fn listening_places(at: SocketAddr) -> [(IpAddr, u16); 3] {
    let any4 = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let any6 = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let ip = match at.ip().to_canonical() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let all = if ip.is_ipv4() { [ip, any4, any6] } else { [ip, any6, any6] };
    all.map(|ip| (ip, at.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_itself_comes_first_and_then_the_wildcards() {
        let places = |at: &str| {
            let at: SocketAddr = at.parse().expect("an address");
            listening_places(at).map(|(ip, port)| SocketAddr::new(ip, port).to_string())
        };
        assert_eq!(places("10.0.0.1:80"), ["10.0.0.1:80", "0.0.0.0:80", "[::]:80"]);
        assert_eq!(places("[::ffff:10.0.0.1]:80"), ["10.0.0.1:80", "0.0.0.0:80", "[::]:80"]);
        assert_eq!(places("[fd00::1]:80"), ["[fd00::1]:80", "[::]:80", "[::]:80"]);
        assert_eq!(places("0.0.0.0:80"), ["127.0.0.1:80", "0.0.0.0:80", "[::]:80"]);
        assert_eq!(places("[::]:80"), ["[::1]:80", "[::]:80", "[::]:80"]);
    }
}
