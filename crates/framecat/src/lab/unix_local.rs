//! Unix sockets talk through the file system, on one host.
//!
//! What `bind` makes is a file of a type of its own, and `connect` finds the socket by that file
//! (net/unix/af_unix.c, `unix_find_bsd`; unix(7)). The file is a name and nothing else: bytes go from one
//! socket's queue to the other's, and a name in the abstract namespace needs no file.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt as _;

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use framecat_core::sock_diag::State;

use super::Findings;
use super::obstacle::{CallError, Obstacle};
use super::round_trip::{self, Compared};
use super::scene::Scene;
use super::socket::Socket;
use super::unix::Name;

const SAID: &[u8] = b"hello";

const BACKLOG: u16 = 5;

struct Found {
    made: Made,
    used: Used,
    moved: Moved,
    removed: Removed,
    bare: Bare,
    compared: Compared,
}

/// What the listener is in the file system and in the kernel's tables.
struct Made {
    /// The file is of the type S_IFSOCK.
    is_socket: bool,
    /// The table of TCP or of UDP has the listener.
    has_port: bool,
}

/// While a connection is used.
struct Used {
    /// Bytes that were sent and not read.
    unread: u32,
    /// The length of the file then.
    size: u64,
    /// What was read of them.
    read: Vec<u8>,
}

/// After the file was renamed.
struct Moved {
    /// What `connect` by the old name returned: an error's name, or 0.
    old_name: String,
    /// The same by the new one.
    new_name: String,
}

/// After the file was removed.
struct Removed {
    /// What `connect` returned: an error's name, or 0.
    connect: String,
    /// The listener is still there, and listens.
    listens: bool,
    /// What the connection read that was made before.
    read: Vec<u8>,
}

/// A listener in the abstract namespace.
struct Bare {
    /// The kernel knows of a file for it.
    has_file: bool,
    /// What was read over it.
    read: Vec<u8>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let folder = tempfile::Builder::new().prefix("lab").tempdir();
    let folder = folder.map_err(|error| Obstacle::new(format!("no temporary folder: {error}")))?;
    let old = Name::file(folder.path(), "old.sock")?;
    let new = Name::file(folder.path(), "new.sock")?;
    let listener = scene.server(0).listen_unix(&old, BACKLOG)?;
    let made = made(scene, &listener, &old)?;
    let connection = connected(scene, &listener, &old, 1)?;
    let used = used(scene, &old, &connection)?;
    let moved = moved(scene, &listener, (&old, &new))?;
    let removed = removed(scene, &listener, &new, &connection)?;
    let bare = bare(scene)?;
    // Whoever ends the program now leaves nothing behind.
    drop(folder);
    let compared = round_trip::compare()?;
    scene.remark("compared", compared.measured());
    Ok(Found { made, used, moved, removed, bare, compared })
}

/// A connection: the client's socket, and the server's.
fn connected(
    scene: &Scene,
    listener: &Socket,
    name: &Name,
    number: u16,
) -> Result<(Socket, Socket), CallError> {
    let client = scene.client(number).connect_unix(name)?;
    Ok((client, scene.server(number).accept(listener)?))
}

fn made(scene: &Scene, listener: &Socket, name: &Name) -> Result<Made, Obstacle> {
    let is_socket = metadata(name)?.file_type().is_socket();
    let has_port = scene.has_port(listener)?;
    let values = vec![Measured::new("is_socket", is_socket), Measured::new("has_port", has_port)];
    scene.remark("made", values);
    Ok(Made { is_socket, has_port })
}

fn used(
    scene: &Scene,
    name: &Name,
    (client, accepted): &(Socket, Socket),
) -> Result<Used, Obstacle> {
    scene.client(1).send(client, SAID)?;
    let unread = scene.see_unix(Lane::Server(1), accepted)?.receive_queue;
    let size = metadata(name)?.len();
    scene.remark("size", vec![Measured::new("size", Value::bytes(size))]);
    Ok(Used { unread, size, read: scene.server(1).recv(accepted, 64)? })
}

fn metadata(name: &Name) -> Result<fs::Metadata, CallError> {
    let told = name.path.as_ref().map(fs::symlink_metadata);
    let told = told.unwrap_or_else(|| Err(io::ErrorKind::InvalidInput.into()));
    told.map_err(|error| CallError::new("lstat()".into(), error))
}

fn moved(scene: &Scene, listener: &Socket, names: (&Name, &Name)) -> Result<Moved, Obstacle> {
    let (old, new) = names;
    scene.server(0).rename(old, new)?;
    let old_name = told(&scene.client(2).connect_unix(old));
    let by_new = scene.client(2).connect_unix(new);
    let new_name = told(&by_new);
    if by_new.is_ok() {
        scene.server(2).accept(listener)?;
    }
    Ok(Moved { old_name, new_name })
}

fn removed(
    scene: &Scene,
    listener: &Socket,
    name: &Name,
    (client, accepted): &(Socket, Socket),
) -> Result<Removed, Obstacle> {
    scene.server(0).unlink(name)?;
    let connect = told(&scene.client(3).connect_unix(name));
    scene.remark("removed", Vec::new());
    let listens = scene.see_unix_listener(listener)?.state == State::Listen;
    scene.client(1).send(client, SAID)?;
    let read = scene.server(1).recv(accepted, 64)?;
    Ok(Removed { connect, listens, read })
}

fn bare(scene: &Scene) -> Result<Bare, Obstacle> {
    scene.remark("abstract", Vec::new());
    let (listener, name) = scene.server(0).listen_abstract(BACKLOG)?;
    let has_file = scene.see_unix_listener(&listener)?.file.is_some();
    let (client, accepted) = connected(scene, &listener, &name, 4)?;
    scene.client(4).send(&client, SAID)?;
    Ok(Bare { has_file, read: scene.server(4).recv(&accepted, 64)? })
}

/// What a call returned, where only its failure matters.
fn told<T>(outcome: &Result<T, CallError>) -> String {
    outcome.as_ref().err().map_or_else(|| "0".into(), CallError::name)
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let Found { made, used, moved, removed, bare, .. } = self;
        let found_by_file =
            moved.old_name == "ENOENT" && moved.new_name == "0" && removed.connect == "ENOENT";
        let by_file = made.is_socket && !made.has_port && used.read == SAID && found_by_file;
        let only_a_name = used.unread > 0 && used.size == 0 && removed.read == SAID;
        let without = !bare.has_file && bare.read == SAID;
        match (by_file, only_a_name || without) {
            (true, true) => Verdict::HoldsBut,
            (true, false) => Verdict::Holds,
            (false, _) => Verdict::DoesNotHold,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        let Found { made, used, moved, removed, bare, compared } = self;
        let mut measured = vec![
            Measured::new("is_socket", made.is_socket),
            Measured::new("has_port", made.has_port),
            Measured::new("read", used.read.clone()),
            Measured::new("unread", Value::bytes(used.unread)),
            Measured::new("size", Value::bytes(used.size)),
            Measured::new("old_name", moved.old_name.clone()),
            Measured::new("new_name", moved.new_name.clone()),
            Measured::new("removed", removed.connect.clone()),
            Measured::new("listens", removed.listens),
            Measured::new("removed_read", removed.read.clone()),
            Measured::new("abstract_file", bare.has_file),
            Measured::new("abstract_read", bare.read.clone()),
        ];
        measured.extend(compared.measured());
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn so() -> Found {
        let time = Duration::from_micros(10);
        Found {
            made: Made { is_socket: true, has_port: false },
            used: Used { unread: 5, size: 0, read: SAID.to_vec() },
            moved: Moved { old_name: "ENOENT".into(), new_name: "0".into() },
            removed: Removed { connect: "ENOENT".into(), listens: true, read: SAID.to_vec() },
            bare: Bare { has_file: false, read: SAID.to_vec() },
            compared: Compared { rounds: 1, unix: time, tcp: time },
        }
    }

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        assert_eq!(so().verdict(), Verdict::HoldsBut);

        let mut through_the_file = so();
        through_the_file.used.size = 5;
        through_the_file.bare.has_file = true;
        assert_eq!(through_the_file.verdict(), Verdict::Holds);

        let mut by_a_port = so();
        by_a_port.made.has_port = true;
        assert_eq!(by_a_port.verdict(), Verdict::DoesNotHold);

        let mut without_the_file = so();
        without_the_file.removed.connect = "0".into();
        assert_eq!(without_the_file.verdict(), Verdict::DoesNotHold);
    }

    #[test]
    fn the_verdict_does_not_follow_from_times() {
        let mut slow = so();
        slow.compared.unix = Duration::from_secs(1);
        assert_eq!(slow.verdict(), Verdict::HoldsBut);
    }
}
