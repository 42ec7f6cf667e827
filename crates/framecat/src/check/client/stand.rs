//! Where clients are met: a listener that they are pointed to, one run at a time.

use std::path::Path;

use framecat_core::address::{Address, HostPort, UnixName};
use tempfile::TempDir;

use super::super::CheckError;
use crate::endpoint::{ListenOptions, Listener, SocketOptions, Stream};
use crate::program::{Command, Place, ProgramError};

/// A listener, and what a command's placeholders stand for there.
pub(super) struct Stand {
    pub(super) listener: Listener,
    pub(super) place: Place,
    /// The folder of a Unix socket. It is not the command's `{dir}`, which is emptied before each run.
    _folder: Option<TempDir>,
}

impl Stand {
    /// Listens on `address`, in which `{path}` and `{dir}` of a Unix socket stand for a temporary one.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub(super) async fn open(
        address: &Address,
        command: &Command,
        socket: &SocketOptions,
    ) -> Result<Stand, CheckError> {
        let folder = match leaves_open(address) {
            Some(Open::Path(_)) => Some(folder()?),
            _ => None,
        };
        let address = match (leaves_open(address), &folder) {
            (Some(Open::Path(path)), Some(folder)) => filled(path, folder.path()),
            _ => address.clone(),
        };
        let options = ListenOptions { socket: socket.clone(), ..ListenOptions::default() };
        let listener = Listener::bind(&address, &options).await.map_err(Box::new)?;
        let place = Place::at(listener.address().clone(), command)?;
        Ok(Stand { listener, place, _folder: folder })
    }

    /// Closes the connections that an earlier run has left behind.
    pub(super) fn clear(&self) {
        while self.listener.accept_now().is_ok() {}
    }

    /// Waits for the next connection. It can be dropped and called again.
    pub(super) async fn accept(&self) -> Stream {
        loop {
            match self.listener.try_accept() {
                Ok((stream, _)) => return stream,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    // An error of the wait is one of the next accept.
                    let _ = self.listener.readable().await;
                }
                // One that is gone already, or no descriptor for it: others may follow.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        }
    }
}

/// What an address leaves to be chosen.
enum Open<'a> {
    Port,
    Path(&'a str),
}

fn leaves_open(address: &Address) -> Option<Open<'_>> {
    match address {
        Address::Tcp(HostPort { port: 0, .. }) => Some(Open::Port),
        Address::Unix(UnixName::Path(path)) => {
            let path = path.to_str()?;
            (path.contains("{path}") || path.contains("{dir}")).then_some(Open::Path(path))
        }
        _ => None,
    }
}

/// Whether many can listen on an address, each in a place of its own.
pub(super) fn is_for_many(address: &Address) -> bool {
    leaves_open(address).is_some()
}

fn folder() -> Result<TempDir, ProgramError> {
    let folder = tempfile::Builder::new().prefix("framecat-").tempdir();
    folder.map_err(|source| ProgramError::Folder { source })
}

fn filled(path: &str, folder: &Path) -> Address {
    let socket = folder.join("socket");
    let path = path
        .replace("{path}", &socket.to_string_lossy())
        .replace("{dir}", &folder.to_string_lossy());
    Address::Unix(UnixName::Path(path.into()))
}
