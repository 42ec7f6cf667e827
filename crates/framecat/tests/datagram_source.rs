//! On a socket that is bound to all addresses, each peer is answered from the one that it spoke to: by
//! the socket itself, and by servers that answer later.

use std::collections::HashSet;
use std::future::{Future, pending};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use framecat::core::address::{Address, Host, HostPort};
use framecat::core::queue::SlowPolicy;
use framecat::core::roster::Target;
use framecat::core::service::Dialogue;
use framecat::endpoint::{Datagram, ListenOptions, PeerName, Received};
use framecat::observe::{Event, Observer};
use framecat::server::{Config, Say, Server};
use framecat::session::Wire;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// A test that waits this long waits for something that will not come.
const PATIENCE: Duration = Duration::from_secs(20);

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it happens within 20 s")
}

async fn bound(address: &str, options: &ListenOptions) -> (Datagram, u16) {
    let socket = Datagram::bind(&address.parse().unwrap(), options).await;
    let socket = socket.unwrap_or_else(|error| panic!("this test needs {address}: {error}"));
    let port = port(socket.address());
    (socket, port)
}

fn port(address: &Address) -> u16 {
    match address {
        Address::Udp(HostPort { port, .. }) => *port,
        other => panic!("{other} is not UDP"),
    }
}

/// A socket that hears everybody, and tells who it was.
async fn anybody(family_of: &str) -> UdpSocket {
    let any = if family_of.contains(':') { "[::]:0" } else { "0.0.0.0:0" };
    let client = UdpSocket::bind(any).await.unwrap();
    client.set_broadcast(true).unwrap();
    client
}

/// Waits for a datagram, which is in the buffer then.
async fn receive(socket: &Datagram, buffer: &mut [u8]) -> Received {
    soon(async {
        loop {
            socket.readable().await.unwrap();
            match socket.try_receive(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return other.unwrap(),
            }
        }
    })
    .await
}

/// Waits for just these bytes, and tells who sent them.
async fn expect(client: &UdpSocket, bytes: &[u8]) -> SocketAddr {
    let mut buffer = [0; 100];
    let (length, from) = soon(client.recv_from(&mut buffer)).await.unwrap();
    assert_eq!(buffer[..length].escape_ascii().to_string(), bytes.escape_ascii().to_string());
    from
}

/// Says something at `called`; who answers, and what the server calls who it heard.
async fn ask_from(client: &UdpSocket, server: &Datagram, called: &str) -> (SocketAddr, PeerName) {
    let called = SocketAddr::new(called.parse().unwrap(), port(server.address()));
    client.send_to(b"ask", called).await.unwrap();
    let mut buffer = [0; 100];
    let heard = receive(server, &mut buffer).await;
    assert_eq!(&buffer[..heard.bytes], b"ask");
    let peer = heard.from.expect("UDP peers have names");
    let Address::Udp(HostPort { host: Host::Ip(_), port }) = server.peer_address(&peer) else {
        panic!("{} is a peer", server.peer_address(&peer));
    };
    assert_eq!(port, client.local_addr().unwrap().port());
    server.try_send_to(b"answer", &peer).unwrap();
    (expect(client, b"answer").await, peer)
}

#[track_caller]
fn assert_from(answerer: SocketAddr, ip: &str, server: &Datagram) {
    assert_eq!(answerer, SocketAddr::new(ip.parse().unwrap(), port(server.address())));
}

#[tokio::test]
async fn each_address_of_the_machine_answers_for_itself() {
    let dual_stack = ListenOptions::default();
    let ipv6_only = ListenOptions { ipv6_only: true, ..ListenOptions::default() };
    let ipv4 = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
    for (all, options, called) in [
        ("udp://0.0.0.0:0", &dual_stack, &ipv4[..]),
        ("udp://[::]:0", &dual_stack, &["::1", "127.0.0.1", "127.0.0.2", "127.0.0.3"][..]),
        ("udp://[::]:0", &ipv6_only, &["::1"][..]),
        ("udp://[::ffff:0.0.0.0]:0", &dual_stack, &ipv4[..]),
    ] {
        let (server, _) = bound(all, options).await;
        for ip in called {
            let (answerer, _) = ask_from(&anybody(ip).await, &server, ip).await;
            assert_from(answerer, ip, &server);
        }
    }
}

#[tokio::test]
async fn a_peer_is_another_at_another_address_and_the_same_at_the_same() {
    for all in ["udp://0.0.0.0:0", "udp://[::]:0"] {
        let (server, _) = bound(all, &ListenOptions::default()).await;
        let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut peers = HashSet::new();
        for ip in ["127.0.0.2", "127.0.0.3", "127.0.0.2"] {
            let (answerer, peer) = ask_from(&client, &server, ip).await;
            assert_from(answerer, ip, &server);
            peers.insert(peer);
        }
        assert_eq!(peers.len(), 2, "{peers:?}");
    }
}

#[tokio::test]
async fn a_broadcast_is_answered_from_an_address_of_the_machine() {
    for all in ["udp://0.0.0.0:0", "udp://[::]:0"] {
        let (server, _) = bound(all, &ListenOptions::default()).await;
        let client = anybody("127.255.255.255").await;
        let (answerer, _) = ask_from(&client, &server, "127.255.255.255").await;
        assert_from(answerer, "127.0.0.1", &server);
    }
}

#[tokio::test]
async fn it_receives_as_every_socket_does() {
    for all in ["udp://0.0.0.0:0", "udp://[::]:0"] {
        let (server, port) = bound(all, &ListenOptions::default()).await;
        let mut buffer = [0; 4];
        let nothing = server.receive_now(&mut buffer).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        assert_eq!(server.try_receive(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);

        let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        client.connect(("127.0.0.2", port)).await.unwrap();
        for datagram in [&b"too long"[..], b"", b"four"] {
            client.send(datagram).await.unwrap();
        }
        soon(server.readable()).await.unwrap();
        let long = server.receive_now(&mut buffer).unwrap();
        assert_eq!((long.bytes, &buffer), (8, b"too "));
        let empty = receive(&server, &mut buffer).await;
        assert_eq!(empty.bytes, 0);
        assert_eq!(receive(&server, &mut buffer).await.bytes, 4);
        assert_eq!(&buffer, b"four");

        server.try_send_to(b"", &empty.from.unwrap()).unwrap();
        assert_eq!(soon(client.recv(&mut [0; 1])).await.unwrap(), 0);
    }
}

/// Tells the messages that came.
struct Messages(mpsc::UnboundedSender<String>);

impl Observer for Messages {
    fn on_event(&self, event: &Event<'_>) {
        if let Event::Message { session, message, .. } = event {
            // The test may have ended.
            let _ = self.0.send(format!("{session}: {}", message.escape_ascii()));
        }
    }
}

struct Running {
    port: u16,
    messages: mpsc::UnboundedReceiver<String>,
    operator: mpsc::Sender<Say>,
}

async fn serve(all: &str, service: &str) -> Running {
    let packets = Wire::Packets { max_message: 1000 };
    let config = Config {
        dialogue: Dialogue::new(service.parse().unwrap()),
        requests: packets.clone(),
        replies: packets,
        max_connections: Config::MAX_CONNECTIONS,
        idle_timeout: None,
        drain: PATIENCE,
        slow: SlowPolicy::DropOldest,
        queue: Config::QUEUE,
    };
    let server = Server::bind(&all.parse().unwrap(), &ListenOptions::default(), config).await;
    let server = server.unwrap_or_else(|error| panic!("this test needs {all}: {error}"));
    let port = port(server.address());
    let (said, messages) = mpsc::unbounded_channel();
    let (operator, says) = mpsc::channel(16);
    // It ends with the test's runtime.
    tokio::spawn(server.run(Arc::new(Messages(said)), Some(says), pending()));
    Running { port, messages, operator }
}

impl Running {
    /// A client that hears only the address that it calls.
    async fn client(&self, ip: &str) -> UdpSocket {
        let own = if ip.contains(':') { "[::1]:0" } else { "127.0.0.1:0" };
        let client = UdpSocket::bind(own).await.unwrap();
        client.connect((ip, self.port)).await.unwrap();
        client
    }

    async fn message(&mut self) -> String {
        soon(self.messages.recv()).await.expect("the server runs")
    }
}

#[tokio::test]
async fn a_room_reaches_everyone_from_the_address_that_each_called() {
    for (all, ips) in [
        ("udp://0.0.0.0:0", &["127.0.0.1", "127.0.0.2", "127.0.0.3"]),
        ("udp://[::]:0", &["::1", "127.0.0.2", "127.0.0.3"]),
    ] {
        let mut server = serve(all, "room").await;
        let mut clients = Vec::new();
        for (at, ip) in ips.iter().enumerate() {
            clients.push(server.client(ip).await);
            clients[at].send(b"hello").await.unwrap();
            assert_eq!(server.message().await, format!("{}: hello", at + 1));
            for others in &clients[..at] {
                expect(others, b"hello").await;
            }
        }
        clients[2].send(b"to all").await.unwrap();
        expect(&clients[0], b"to all").await;
        expect(&clients[1], b"to all").await;
    }
}

#[tokio::test]
async fn an_operator_answers_from_the_address_that_was_called() {
    for (all, ips) in
        [("udp://0.0.0.0:0", &["127.0.0.2", "127.0.0.3"]), ("udp://[::]:0", &["::1", "127.0.0.2"])]
    {
        let mut server = serve(all, "chat").await;
        let clients = [server.client(ips[0]).await, server.client(ips[1]).await];
        for (at, client) in clients.iter().enumerate() {
            client.send(b"hello").await.unwrap();
            assert_eq!(server.message().await, format!("{}: hello", at + 1));
        }
        // Later, and in another order than they came.
        for (at, client) in clients.iter().enumerate().rev() {
            let to = Target::Session(at as u64 + 1);
            server.operator.send(Say { to, message: b"yes".to_vec() }).await.unwrap();
            expect(client, b"yes").await;
        }
    }
}
