//! Addresses: where a socket is, as a person writes it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use crate::escape::{Escaped, unescape};

/// Where a socket is. Parses from what a person writes (`5050`, `:5050`, `localhost:5050`,
/// `tcp://[::1]:5050`, `unix:///tmp/x`, `unix://@abstract`) and prints in full, with its scheme.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// `tcp://host:port`
    Tcp(HostPort),
    /// `udp://host:port`
    Udp(HostPort),
    /// `unix:///path` or `unix://@name`: a Unix stream socket
    Unix(UnixName),
    /// `unix-dgram:///path` or `unix-dgram://@name`
    UnixDgram(UnixName),
    /// `unix-seqpacket:///path` or `unix-seqpacket://@name`
    UnixSeqpacket(UnixName),
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// The host.
    pub host: Host,
    /// The port; 0 lets the kernel choose one when listening.
    pub port: u16,
}

/// A host by number or by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// `127.0.0.1`, `[::1]`
    Ip(IpAddr),
    /// `localhost`, or a link-local address with its interface, `fe80::1%eth0`
    Name(String),
}

/// The name of a Unix socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UnixName {
    /// A path in the file system. As in the other name, escapes stand for bytes.
    Path(PathBuf),
    /// A name in Linux's abstract namespace (unix(7)), without the leading zero byte.
    Abstract(Vec<u8>),
    /// No name: a socket that was never bound. It can send and not be answered.
    Unnamed,
}

/// A text that names no address: what was found, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not an address: {problem}", Escaped(text.as_bytes()))]
pub struct ParseAddressError {
    text: String,
    problem: String,
}

const EXAMPLES: &str = "write host:port, :port, [::1]:port, tcp://host:port, udp://host:port, \
    unix:///path, unix-dgram:///path, unix-seqpacket:///path or unix://@name";

impl Address {
    /// Whether the socket keeps the boundaries between messages itself, so that no framing is needed.
    pub fn keeps_boundaries(&self) -> bool {
        match self {
            Address::Udp(_) | Address::UnixDgram(_) | Address::UnixSeqpacket(_) => true,
            Address::Tcp(_) | Address::Unix(_) => false,
        }
    }

    /// Whether the socket has connections, so that a peer can be told to have come and gone.
    pub fn has_connections(&self) -> bool {
        match self {
            Address::Tcp(_) | Address::Unix(_) | Address::UnixSeqpacket(_) => true,
            Address::Udp(_) | Address::UnixDgram(_) => false,
        }
    }

    /// The scheme, as in `tcp://`.
    pub fn scheme(&self) -> &'static str {
        match self {
            Address::Tcp(_) => "tcp",
            Address::Udp(_) => "udp",
            Address::Unix(_) => "unix",
            Address::UnixDgram(_) => "unix-dgram",
            Address::UnixSeqpacket(_) => "unix-seqpacket",
        }
    }
}

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        parse(text).map_err(|problem| ParseAddressError { text: text.into(), problem })
    }
}

fn parse(text: &str) -> Result<Address, String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return match socat_scheme(text) {
            Some(scheme) => Err(format!("that is socat's grammar; here it begins with {scheme}")),
            None => host_port(text).map(Address::Tcp),
        };
    };
    match scheme.to_ascii_lowercase().as_str() {
        "tcp" => host_port(rest).map(Address::Tcp),
        "udp" => host_port(rest).map(Address::Udp),
        "unix" => unix_name(rest).map(Address::Unix),
        "unix-dgram" => unix_name(rest).map(Address::UnixDgram),
        "unix-seqpacket" => unix_name(rest).map(Address::UnixSeqpacket),
        _ => Err(format!("unknown scheme; {EXAMPLES}")),
    }
}

/// What to write instead, for fingers that know socat (`TCP-LISTEN:5050`, `UNIX-CONNECT:/tmp/x`).
fn socat_scheme(text: &str) -> Option<&'static str> {
    let word = text.split_once(':')?.0.to_ascii_uppercase();
    let family = word.split('-').next()?.trim_end_matches(['4', '6']);
    match family {
        "TCP" => Some("tcp://"),
        "UDP" => Some("udp://"),
        "UNIX" => Some("unix://"),
        "ABSTRACT" => Some("unix://@"),
        _ => None,
    }
}

fn host_port(text: &str) -> Result<HostPort, String> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port),
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => ("", text),
        None => return Err(format!("the port is missing; {EXAMPLES}")),
    };
    Ok(HostPort { host: parse_host(host)?, port: parse_port(port)? })
}

fn parse_port(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| format!("the port `{}` is not 0 to 65535", Escaped(text.as_bytes())))
}

fn parse_host(text: &str) -> Result<Host, String> {
    if text.is_empty() {
        return Ok(Host::Ip(Ipv4Addr::LOCALHOST.into()));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        if let Ok(ip) = inner.parse::<Ipv6Addr>() {
            return Ok(Host::Ip(ip.into()));
        }
        return match inner.split_once('%') {
            Some((ip, _)) if ip.parse::<Ipv6Addr>().is_ok() => host_name(inner),
            _ => Err("the text in brackets is not an IPv6 address".into()),
        };
    }
    if text.contains(':') {
        return Err("an IPv6 address stands in brackets, as in [::1]:5050".into());
    }
    text.parse::<Ipv4Addr>().map_or_else(|_| host_name(text), |ip| Ok(Host::Ip(ip.into())))
}

fn host_name(text: &str) -> Result<Host, String> {
    // 253 is the longest name in the DNS (RFC 1035, section 2.3.4).
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '%' | ':');
    if text.len() > 253 || !text.chars().all(sound) {
        return Err("a host name has letters, digits, dots and dashes only".into());
    }
    Ok(Host::Name(text.into()))
}

fn unix_name(text: &str) -> Result<UnixName, String> {
    if let Some(name) = text.strip_prefix('@') {
        let name = unescape(name).map_err(|error| error.to_string())?;
        return match name.len() {
            0 => Err("the abstract name is empty".into()),
            _ => Ok(UnixName::Abstract(name)),
        };
    }
    if text.is_empty() {
        return Err("the path is missing, as in unix:///tmp/x.sock".into());
    }
    let path = unescape(text).map_err(|error| error.to_string())?;
    if path.contains(&0) {
        return Err("a path holds no zero byte".into());
    }
    path_of(path).map(UnixName::Path).ok_or_else(|| "a path is text on this system".into())
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme())?;
        match self {
            Address::Tcp(at) | Address::Udp(at) => at.fmt(f),
            Address::Unix(name) | Address::UnixDgram(name) | Address::UnixSeqpacket(name) => {
                name.fmt(f)
            }
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            Host::Ip(IpAddr::V4(ip)) => write!(f, "{ip}:{}", self.port),
            Host::Name(name) if name.contains(':') => write!(f, "[{name}]:{}", self.port),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

impl fmt::Display for UnixName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnixName::Path(path) => match path.as_os_str().as_encoded_bytes() {
                // A plain `@` in front is the mark of an abstract name.
                [b'@', rest @ ..] => write!(f, "\\x40{}", Escaped(rest)),
                path => Escaped(path).fmt(f),
            },
            UnixName::Abstract(name) => write!(f, "@{}", Escaped(name)),
            UnixName::Unnamed => f.write_str("(unnamed)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_writes_and_what_it_means() {
        for (text, full) in [
            ("5050", "tcp://127.0.0.1:5050"),
            (":5050", "tcp://127.0.0.1:5050"),
            ("localhost:0", "tcp://localhost:0"),
            ("0.0.0.0:80", "tcp://0.0.0.0:80"),
            ("[::1]:80", "tcp://[::1]:80"),
            ("[fe80::1%eth0]:80", "tcp://[fe80::1%eth0]:80"),
            ("TCP://[::]:80", "tcp://[::]:80"),
            ("udp://:53", "udp://127.0.0.1:53"),
            ("unix:///tmp/a b", "unix:///tmp/a b"),
            ("unix://relative.sock", "unix://relative.sock"),
            (r"unix:///tmp/a\\b\n", r"unix:///tmp/a\\b\n"),
            (r"unix:///tmp/\xff", r"unix:///tmp/\xff"),
            (r"unix://\x40file", r"unix://\x40file"),
            ("unix://@name", "unix://@name"),
            ("unix-dgram://@a\\0b", "unix-dgram://@a\\0b"),
            ("unix-seqpacket:///x", "unix-seqpacket:///x"),
        ] {
            let address: Address = text.parse().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(address.to_string(), full);
            assert_eq!(full.parse::<Address>().unwrap(), address, "the full form means the same");
        }
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (text, hint) in [
            ("", "the port `` is not"),
            ("localhost", "the port is missing"),
            ("localhost:", "the port `` is not 0 to 65535"),
            ("localhost:http", "the port `http` is not"),
            ("127.0.0.1:65536", "the port `65536` is not"),
            ("127.0.0.1:+1", "the port `+1` is not"),
            ("::1:80", "in brackets"),
            ("[::1:80", "in brackets"),
            ("[x]:80", "not an IPv6"),
            ("ftp://x:1", "unknown scheme"),
            ("a b:1", "a host name has"),
            ("TCP-LISTEN:80", "socat's grammar; here it begins with tcp://"),
            ("unix://", "the path is missing"),
            ("unix://@", "abstract name is empty"),
            ("unix://@\\q", "unknown escape"),
            ("unix:///a\\0b", "no zero byte"),
            ("unix://\\", "lone backslash"),
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
