//! The sockets that are watched.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::path::PathBuf;

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with};

/// A listener whose program never calls `accept`, and those who want in.
pub(super) struct Deaf {
    listener: TcpListener,
    clients: Vec<TcpStream>,
}

impl Deaf {
    /// With this limit to the accept queue, which holds one more.
    pub(super) fn with_backlog(backlog: i32) -> Deaf {
        let (family, kind) = (AddressFamily::INET, SocketType::STREAM);
        let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None).expect("a socket");
        bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        listen(&socket, backlog).expect("it is bound");
        Deaf { listener: socket.into(), clients: Vec::new() }
    }

    pub(super) fn port(&self) -> String {
        self.address().port().to_string()
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("it is bound")
    }

    /// So many more want in.
    pub(super) fn knock(&mut self, times: usize) {
        let address = self.address();
        let new = (0..times).map(|_| TcpStream::connect(address).expect("there is room"));
        self.clients.extend(new);
    }
}

/// A connection of which both ends are ours.
pub(super) struct Pair {
    /// The listener stays, with an empty queue.
    pub(super) listener: TcpListener,
    pub(super) server: TcpStream,
    pub(super) client: TcpStream,
}

impl Pair {
    pub(super) fn new() -> Pair {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let client = TcpStream::connect(address).expect("it listens");
        let (server, _) = listener.accept().expect("somebody connected");
        Pair { listener, server, client }
    }

    /// With something that the server has not read.
    pub(super) fn unread() -> Pair {
        let mut pair = Pair::new();
        pair.client.write_all(b"hello").expect("there is room");
        pair
    }

    /// With a server that has read all.
    pub(super) fn read() -> Pair {
        let mut pair = Pair::unread();
        pair.server.read_exact(&mut [0; 5]).expect("it was written");
        pair
    }

    pub(super) fn port(&self) -> String {
        self.listener.local_addr().expect("it is bound").port().to_string()
    }

    /// The server's end as it is shown.
    pub(super) fn ends(&self) -> (String, String) {
        let local = self.server.local_addr().expect("it is connected");
        let peer = self.server.peer_addr().expect("it is connected");
        (local.to_string(), peer.to_string())
    }
}

/// The program that only sleeps: by another name, or with a socket, it is another one.
pub(super) fn sleep() -> PathBuf {
    std::env::split_paths(&std::env::var_os("PATH").expect("a path"))
        .map(|folder| folder.join("sleep"))
        .find(|path| path.is_file())
        .expect("there is a sleep")
}
