//! The witness: what it sees of real peers, in every family, as they read, half-close and go.

#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use framecat::core::address::Address;
use framecat::endpoint::{ConnectOptions, ListenOptions, Listener, Stream};
use framecat::kernel::{Link, Sight, Witness};
use rustix::net::sockopt;

/// Far longer than a kernel needs, so that only a wrong answer takes as long.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection of ours and what looks at it.
struct Watched {
    stream: Stream,
    link: Link,
    witness: Witness,
}

impl Watched {
    async fn connect(address: &str) -> Watched {
        let address: Address = address.parse().unwrap();
        let stream = Stream::connect(&address, &ConnectOptions::default()).await.unwrap();
        let link = Link::new(&stream).unwrap();
        Watched { stream, link, witness: Witness::open().unwrap() }
    }

    fn look(&mut self) -> Sight {
        self.witness.look(&self.stream, &mut self.link).unwrap()
    }

    async fn write(&self, bytes: &[u8]) {
        self.stream.writable().await.unwrap();
        assert_eq!(self.stream.try_write(bytes).unwrap(), bytes.len());
    }

    /// What a kernel knows cannot be waited for, so it is asked again and again.
    #[track_caller]
    fn wait_for(&mut self, wanted: Sight) {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let sight = self.look();
            if sight == wanted {
                return;
            }
            assert!(Instant::now() < give_up, "{sight:?} and not {wanted:?}");
        }
    }
}

fn take(peer: &mut impl std::io::Read, len: usize) {
    peer.read_exact(&mut vec![0; len]).unwrap();
}

async fn reads_are_seen(listener: TcpListener, at: &str) {
    let mut ours = Watched::connect(at).await;
    assert_eq!(ours.look(), Sight::Unread(0), "nobody has accepted it");
    ours.write(b"hello").await;
    ours.wait_for(Sight::Unread(5));
    let (mut peer, _) = listener.accept().unwrap();
    assert_eq!(ours.look(), Sight::Unread(5), "accepted is not read");
    take(&mut peer, 2);
    assert_eq!(ours.look(), Sight::Unread(3));
    take(&mut peer, 3);
    ours.wait_for(Sight::Read);
    assert!(ours.link.is_seen());

    ours.stream.finish().unwrap();
    ours.wait_for(Sight::Unread(1));
    assert_eq!(peer.read(&mut [0; 9]).unwrap(), 0);
    ours.wait_for(Sight::Read);
    drop(peer);
    ours.wait_for(Sight::Gone);
}

#[tokio::test]
async fn a_read_is_seen_over_ipv4() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    reads_are_seen(listener, &at.to_string()).await;
}

#[tokio::test]
async fn a_read_is_seen_over_ipv6() {
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let at = listener.local_addr().unwrap();
    reads_are_seen(listener, &at.to_string()).await;
}

#[tokio::test]
async fn a_read_of_a_dual_stack_server_is_seen_over_ipv4() {
    let listener = TcpListener::bind("[::]:0").unwrap();
    let at = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    reads_are_seen(listener, &at).await;
}

#[tokio::test]
async fn a_client_of_ours_is_seen_as_a_server_is() {
    for (bind, ip) in [("127.0.0.1:0", "127.0.0.1"), ("[::]:0", "127.0.0.1"), ("[::]:0", "::1")] {
        let address: Address = bind.parse().unwrap();
        let listener = Listener::bind(&address, &ListenOptions::default()).await.unwrap();
        let Address::Tcp(at) = listener.address() else { panic!("{bind}") };
        let mut peer = TcpStream::connect((ip, at.port)).unwrap();
        listener.readable().await.unwrap();
        let (stream, _) = listener.try_accept().unwrap();
        let link = Link::new(&stream).unwrap();
        let mut ours = Watched { stream, link, witness: Witness::open().unwrap() };
        ours.write(b"hello").await;
        ours.wait_for(Sight::Unread(5));
        take(&mut peer, 5);
        ours.wait_for(Sight::Read);
        // Its end that is half-closed still has its program.
        peer.shutdown(Shutdown::Write).unwrap();
        ours.write(b"more").await;
        ours.wait_for(Sight::Unread(4));
        take(&mut peer, 4);
        ours.wait_for(Sight::Read);
        drop(peer);
        ours.wait_for(Sight::Gone);
    }
}

#[tokio::test]
async fn a_connection_that_is_not_accepted_before_it_has_data_is_not_gone() {
    // No safe function sets TCP_DEFER_ACCEPT, so the peer is Python's.
    let code = "import socket, sys
l = socket.socket(); l.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)
l.bind(('127.0.0.1', 0)); l.listen(); print(l.getsockname()[1], flush=True)
sys.stdin.readline(); c, _ = l.accept(); c.recv(9); print('read', flush=True); sys.stdin.readline()";
    let mut server = Python::start(code);
    let port = server.line();
    let mut ours = Watched::connect(&format!("127.0.0.1:{port}")).await;
    assert_eq!(ours.look(), Sight::Unread(0), "half a handshake, as far as the server knows");
    ours.write(b"hello").await;
    ours.wait_for(Sight::Unread(5));
    server.go_on();
    assert_eq!(server.line(), "read");
    ours.wait_for(Sight::Read);
    server.go_on();
    ours.wait_for(Sight::Gone);
}

/// A peer in Python, which ends with the test.
struct Python {
    child: std::process::Child,
    out: std::io::BufReader<std::process::ChildStdout>,
}

impl Python {
    fn start(code: &str) -> Python {
        use std::process::{Command, Stdio};
        let mut child = Command::new("python3")
            .args(["-c", code])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("this test needs python3: {error}"));
        let out = std::io::BufReader::new(child.stdout.take().unwrap());
        Python { child, out }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut self.out, &mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_peer_that_cannot_be_seen_is_told_from_one_that_is_gone() {
    // A socket that is bound to an interface is not found without it: as unseen as one of another
    // network namespace, and to be had without privileges.
    let code = "import socket, sys
l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo')
l.bind(('127.0.0.1', 0)); l.listen(); print(l.getsockname()[1], flush=True)
c, _ = l.accept(); print(len(c.recv(9)), flush=True); sys.stdin.readline()";
    let mut server = Python::start(code);
    let port = server.line();
    let mut ours = Watched::connect(&format!("127.0.0.1:{port}")).await;
    assert_eq!(ours.look(), Sight::Unseen);
    ours.write(b"hello").await;
    assert_eq!(server.line(), "5");
    assert_eq!(ours.look(), Sight::Unseen, "nothing is claimed of it");
    assert!(!ours.link.is_seen());
    ours.stream.finish().unwrap();
    assert_eq!(ours.look(), Sight::Unseen);
    server.go_on();
    ours.wait_for(Sight::Gone);
}

#[tokio::test]
async fn a_reset_connection_is_gone_also_with_bytes_under_way() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ours = Watched::connect(&listener.local_addr().unwrap().to_string()).await;
    let (peer, _) = listener.accept().unwrap();
    sockopt::set_socket_recv_buffer_size(peer.as_fd(), 1).unwrap();
    // More than the peer's window: some of it stays with us.
    ours.stream.writable().await.unwrap();
    while ours.stream.try_write(&[0; 65536]).is_ok() {}
    ours.wait_for(Sight::Unacknowledged);
    drop(peer);
    ours.wait_for(Sight::Gone);
    assert!(ours.link.is_seen());
}

#[tokio::test]
async fn bytes_that_arrived_are_known_before_they_are_acknowledged() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ours = Watched::connect(&listener.local_addr().unwrap().to_string()).await;
    let (mut peer, _) = listener.accept().unwrap();
    // After some exchanges the peer waits with its acknowledgements for an answer to carry them.
    let mut unacknowledged = 0;
    for _ in 0..20 {
        ours.write(b"ask").await;
        take(&mut peer, 3);
        unacknowledged += u32::from(ours.stream.unacknowledged().unwrap() > 0);
        assert_eq!(ours.look(), Sight::Read);
        peer.write_all(b"answer").unwrap();
        ours.stream.readable().await.unwrap();
        ours.stream.try_read(&mut [0; 64]).unwrap();
    }
    assert!(unacknowledged > 0, "this kernel acknowledges at once: the test shows nothing");
    ours.write(b"last").await;
    ours.wait_for(Sight::Unread(4));
    ours.stream.finish().unwrap();
    ours.wait_for(Sight::Unread(5));
    take(&mut peer, 4);
    assert_eq!(ours.look(), Sight::Unread(1));
    assert_eq!(peer.read(&mut [0; 9]).unwrap(), 0);
    assert_eq!(ours.look(), Sight::Read);
}

async fn unix_reads_are_seen(address: &str) {
    let address: Address = address.parse().unwrap();
    let listener = Listener::bind(&address, &ListenOptions::default()).await.unwrap();
    let mut ours = Watched::connect(&listener.address().to_string()).await;
    assert_eq!(ours.look(), Sight::Unread(0), "nobody has accepted it");
    ours.write(b"hello").await;
    assert!(matches!(ours.look(), Sight::Unread(5..)), "{:?}", ours.look());
    assert!(!ours.link.is_seen());
    listener.readable().await.unwrap();
    let (peer, _) = listener.try_accept().unwrap();
    assert_eq!(ours.look(), Sight::Unread(5));
    assert!(ours.link.is_seen());
    peer.readable().await.unwrap();
    peer.try_read(&mut [0; 64]).unwrap();
    assert_eq!(ours.look(), Sight::Read);
    ours.write(b"again").await;
    assert_eq!(ours.look(), Sight::Unread(5));
    drop(peer);
    assert_eq!(ours.look(), Sight::Gone);

    // One that is never accepted.
    let mut ours = Watched::connect(&listener.address().to_string()).await;
    ours.write(b"hello").await;
    drop(listener);
    assert_eq!(ours.look(), Sight::Gone);
}

#[tokio::test]
async fn a_read_is_seen_on_unix_sockets() {
    let folder = std::env::temp_dir().join(format!("framecat-witness-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    unix_reads_are_seen(&format!("unix://{}/s", folder.display())).await;
    unix_reads_are_seen(&format!("unix-seqpacket://{}/q", folder.display())).await;
    unix_reads_are_seen(&format!("unix://@framecat-witness-{}", std::process::id())).await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn an_empty_packet_is_unread_until_it_is_read() {
    let name = format!("unix-seqpacket://@framecat-witness-empty-{}", std::process::id());
    let address: Address = name.parse().unwrap();
    let listener = Listener::bind(&address, &ListenOptions::default()).await.unwrap();
    let mut ours = Watched::connect(&name).await;
    listener.readable().await.unwrap();
    let (peer, _) = listener.try_accept().unwrap();
    assert_eq!(ours.look(), Sight::Read);
    ours.write(b"").await;
    assert!(matches!(ours.look(), Sight::Unread(1..)));
    peer.readable().await.unwrap();
    peer.try_read(&mut [0; 64]).unwrap();
    assert_eq!(ours.look(), Sight::Read);
}
