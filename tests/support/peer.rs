//! The Python peers of tests/peers.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use super::framecat::{address_in, surroundings};
use super::{PATIENCE, Process, Server};

/// A Python peer.
pub(crate) struct Peer;

impl Peer {
    /// Starts a server, and returns as soon as it says where it listens.
    #[track_caller]
    pub(crate) fn server(script: &str, args: &[&str]) -> Server {
        let process = Peer::client(script, args);
        let line = process.wait_stdout_line(|line| line.starts_with("listening on "));
        Server::new(process, address_in(&line))
    }

    /// Starts any other peer; its standard input is open.
    #[track_caller]
    pub(crate) fn client(script: &str, args: &[&str]) -> Process {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers").join(script);
        assert!(path.is_file(), "there is no peer {}", path.display());
        let mut command = Command::new("python3");
        // -B: nothing is left in the source tree. -S: a third of its start goes into a search for
        // installed packages, of which the peers need none.
        command.args(["-B", "-S"]).arg(path).args(args).env("PYTHONUTF8", "1");
        surroundings(&mut command);
        Process::start(command, format!("python3 {script} {}", args.join(" ")))
    }
}

/// Asks the kernel for its sockets (t9_netlink.py) until a row is as wanted, and returns it. A queue
/// in the kernel cannot be waited for, so it is asked again and again.
#[track_caller]
pub(crate) fn wait_kernel(kind: &str, port: &str, wanted: impl Fn(&[&str]) -> bool) -> String {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let rows = Peer::client("t9_netlink.py", &[kind, port]).finish().succeeded().stdout();
        let found = rows.lines().find(|row| wanted(&row.split(' ').collect::<Vec<_>>()));
        if let Some(row) = found {
            return row.to_owned();
        }
        assert!(Instant::now() < give_up, "the kernel's sockets at {port} are still\n{rows}");
    }
}
