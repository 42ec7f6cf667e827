//! Restarting a server hits "address in use"; SO_REUSEADDR cures it.
//!
//! The side that closes first keeps the connection in TIME_WAIT, and with it the port (RFC 9293 3.6.1).

use std::net::SocketAddr;

use framecat_core::lab::{Lane, Measured, Verdict};
use framecat_core::sock_diag::{State, States};
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{SocketType, bind, listen};

use super::Findings;
use super::actor::{Actor, ok};
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::local;
use super::socket::Socket;

struct Found {
    /// The server closed first: what a restart without SO_REUSEADDR got.
    server_first: Option<String>,
    /// That was EADDRINUSE.
    in_use: bool,
    /// The same with SO_REUSEADDR, which the server before had too: it listens.
    cured: bool,
    /// With SO_REUSEADDR, where the server before did not have it.
    cured_alone: bool,
    /// The client closed first: a restart without SO_REUSEADDR listens.
    client_first: bool,
}

/// Who closes first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Server,
    Client,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    scene.remark("server_first", Vec::new());
    let at = serve_once(scene, First::Server, false)?;
    let plain = restart(&scene.server(2), at, false)?;
    let alone = restart(&scene.server(3), at, true)?;

    scene.remark("with_reuse", Vec::new());
    let at = serve_once(scene, First::Server, true)?;
    let cured = restart(&scene.server(2), at, true)?.is_ok();

    scene.remark("client_first", Vec::new());
    let at = serve_once(scene, First::Client, false)?;
    let client_first = restart(&scene.server(2), at, false)?.is_ok();
    Ok(Found {
        server_first: plain.as_ref().err().map(CallError::name),
        in_use: plain.is_err_and(|error| error.is(Errno::ADDRINUSE)),
        cured,
        cured_alone: alone.is_ok(),
        client_first,
    })
}

/// A server with one client, until both are closed and one end is in TIME_WAIT: where it was.
fn serve_once(scene: &Scene, first: First, reuse: bool) -> Result<SocketAddr, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(1));
    let listener = bound(&server, SocketAddr::from(([127, 0, 0, 1], 0)), reuse)?;
    let at = local(&listener)?;
    let socket = client.connect(&listener)?;
    let accepted = server.accept(&listener)?;
    let from = local(&socket)?;
    match first {
        First::Server => {
            server.close(accepted);
            client.recv(&socket, 64)?;
            client.close(socket);
        }
        First::Client => {
            client.close(socket);
            server.recv(&accepted, 64)?;
            server.close(accepted);
        }
    }
    server.close(listener);
    let (keeps, lane) = match first {
        First::Server => (at, Lane::Server(1)),
        First::Client => (from, Lane::Client(0)),
    };
    let waiting = States::from([State::TimeWait]);
    let row = scene.wait("a connection in TIME_WAIT", || {
        let rows = scene.rows(keeps.port(), waiting)?;
        Ok(rows.into_iter().find(|row| row.local == keeps))
    })?;
    scene.show(lane, Some(&row));
    Ok(at)
}

/// A server is started where another was: whether it listens.
///
/// # Errors
/// If another program has taken the port meanwhile, which says nothing of TIME_WAIT.
fn restart(
    server: &Actor<'_>,
    at: SocketAddr,
    reuse: bool,
) -> Result<Result<(), CallError>, Obstacle> {
    let outcome = bound(server, at, reuse).map(|listener| server.close(listener));
    if outcome.is_err() {
        let rows = server.scene.rows(at.port(), States::ALL)?;
        if rows.iter().any(|row| row.state != State::TimeWait) {
            return Err(Obstacle::new(format!("another program has taken port {}", at.port())));
        }
    }
    Ok(outcome)
}

fn bound(server: &Actor<'_>, at: SocketAddr, reuse: bool) -> Result<Socket, CallError> {
    let socket = Socket::new(SocketType::STREAM);
    let socket = socket.map_err(|error| CallError::new("socket()".into(), error))?;
    if reuse {
        server.call("SO_REUSEADDR = 1", ok, || Ok(set_socket_reuseaddr(&socket, true)?))?;
    }
    let port = if at.port() == 0 { "bind(:0)" } else { "bind(the same port)" };
    server.call(port, ok, || Ok(bind(&socket, &at)?))?;
    server.call("listen(5)", ok, || Ok(listen(&socket, 5)?))?;
    Ok(socket)
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        match (self.in_use && self.cured, self.client_first) {
            (true, true) => Verdict::HoldsBut,
            (true, false) => Verdict::Holds,
            (false, _) => Verdict::DoesNotHold,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("server_first", self.server_first.clone()),
            Measured::new("cured_alone", self.cured_alone),
            Measured::new("cured", self.cured),
            Measured::new("client_first", self.client_first),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |in_use, cured, client_first| Found {
            server_first: None,
            in_use,
            cured,
            cured_alone: true,
            client_first,
        };
        assert_eq!(found(true, true, true).verdict(), Verdict::HoldsBut);
        assert_eq!(found(true, true, false).verdict(), Verdict::Holds, "whoever closes first");
        assert_eq!(found(false, true, true).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(true, false, true).verdict(), Verdict::DoesNotHold);
    }
}
