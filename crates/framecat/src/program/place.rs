//! Where a program shall listen: a free port or a path in a temporary folder.

use std::ffi::OsString;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use framecat_core::address::{Address, Host, HostPort, UnixName};
use framecat_core::escape::Escaped;
use tempfile::TempDir;

use super::command::fill;
use super::{Command, ProgramError};

/// Where a program shall listen, or where we listen for it, and its temporary folder, which goes when
/// this does.
#[derive(Debug)]
pub struct Place {
    address: Address,
    dir: Option<TempDir>,
}

impl Place {
    /// A place for a server. Without an address it is a free TCP port of 127.0.0.1, or a Unix socket
    /// if only `{path}` stands in the command. In an address, `{port}` (as port 0) stands for a free
    /// port, `{path}` and `{dir}` for what they stand for in the command.
    ///
    /// The port was free a moment ago and nobody holds it: another program may be quicker.
    ///
    /// # Errors
    /// If the address is none, the host is not of this machine, or a temporary folder cannot be made.
    pub fn choose(address: Option<&str>, command: &Command) -> Result<Place, ProgramError> {
        let unix = command.mentions(&["{path}"]) && !command.mentions(&["{port}"]);
        let text = address.unwrap_or(if unix { "unix://{path}" } else { "tcp://127.0.0.1:{port}" });
        let needs_dir = ["{path}", "{dir}"].iter().any(|name| text.contains(name));
        let dir = folder(needs_dir || command.mentions(&["{dir}"]))?;
        let text = fill(text.as_bytes(), |name| match (name, &dir) {
            ("port", _) => Some(b"0".to_vec()),
            ("host", _) => Some(b"127.0.0.1".to_vec()),
            ("path", Some(dir)) => Some(escaped(dir.path().join("socket"))),
            ("dir", Some(dir)) => Some(escaped(dir.path().into())),
            _ => None,
        });
        let mut address: Address = String::from_utf8_lossy(&text).parse()?;
        if let Address::Tcp(at) | Address::Udp(at) = &address
            && at.port == 0
        {
            let at = at.clone();
            let port = free_port(&address, &at)
                .map_err(|source| ProgramError::NoPort { address: address.clone(), source })?;
            address = match address {
                Address::Udp(_) => Address::Udp(HostPort { port, ..at }),
                _ => Address::Tcp(HostPort { port, ..at }),
            };
        }
        Ok(Place { address, dir })
    }

    /// A place that is known already: where we listen, for a client.
    ///
    /// # Errors
    /// If the command has `{dir}` and a temporary folder cannot be made.
    pub fn at(address: Address, command: &Command) -> Result<Place, ProgramError> {
        Ok(Place { address, dir: folder(command.mentions(&["{dir}"]))? })
    }

    /// The address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What the name of a placeholder stands for.
    pub(super) fn value(&self, name: &str) -> Option<Vec<u8>> {
        match (name, &self.address) {
            ("addr", address) => Some(address.to_string().into_bytes()),
            ("port", Address::Tcp(at) | Address::Udp(at)) => Some(at.port.to_string().into()),
            ("host", Address::Tcp(at) | Address::Udp(at)) => Some(match &at.host {
                Host::Ip(ip) => ip.to_string().into(),
                Host::Name(name) => name.clone().into(),
            }),
            (
                "path",
                Address::Unix(UnixName::Path(path))
                | Address::UnixDgram(UnixName::Path(path))
                | Address::UnixSeqpacket(UnixName::Path(path)),
            ) => Some(bytes(path.clone())),
            ("dir", _) => self.dir.as_ref().map(|dir| bytes(dir.path().into())),
            _ => None,
        }
    }

    /// Empties the temporary folder: a socket or a pid file that an earlier run left behind would keep
    /// many a program from starting.
    pub(super) fn empty(&self) -> Result<(), ProgramError> {
        let Some(dir) = &self.dir else { return Ok(()) };
        let emptied = || {
            for entry in std::fs::read_dir(dir.path())? {
                let entry = entry?;
                match entry.file_type()?.is_dir() {
                    true => std::fs::remove_dir_all(entry.path())?,
                    false => std::fs::remove_file(entry.path())?,
                }
            }
            Ok(())
        };
        emptied().map_err(|source| ProgramError::Folder { source })
    }
}

fn folder(wanted: bool) -> Result<Option<TempDir>, ProgramError> {
    let new = || tempfile::Builder::new().prefix("framecat-").tempdir();
    wanted.then(new).transpose().map_err(|source| ProgramError::Folder { source })
}

fn free_port(address: &Address, at: &HostPort) -> io::Result<u16> {
    let host = match &at.host {
        Host::Ip(ip) => ip.to_string(),
        Host::Name(name) => name.clone(),
    };
    let bound = match address {
        Address::Udp(_) => UdpSocket::bind((host, 0))?.local_addr()?,
        _ => TcpListener::bind((host, 0))?.local_addr()?,
    };
    Ok(bound.port())
}

fn bytes(path: PathBuf) -> Vec<u8> {
    OsString::from(path).into_vec()
}

/// As an address carries a path.
fn escaped(path: PathBuf) -> Vec<u8> {
    Escaped(&bytes(path)).to_string().into_bytes()
}
