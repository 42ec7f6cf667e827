//! A session a peer, without connections.

use std::time::Duration;

use framecat::core::roster::Target;
use framecat::server::Say;
use framecat::session::Wire;
use tokio::net::UdpSocket;

use crate::support::*;

fn packets() -> Wire {
    Wire::Packets { max_message: 1000 }
}

async fn client_of(server: &Running) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(("127.0.0.1", server.port())).await.unwrap();
    socket
}

async fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = vec![0; 65536];
    let read = soon(socket.recv(&mut buffer)).await.unwrap();
    buffer.truncate(read);
    buffer
}

#[tokio::test]
async fn each_peer_is_a_session_and_an_empty_datagram_a_message() {
    let server = Running::at("udp://127.0.0.1:0", config("echo", packets())).await;
    let (one, two) = (client_of(&server).await, client_of(&server).await);
    one.send(b"a").await.unwrap();
    assert_eq!(receive(&one).await, b"a");
    two.send(b"").await.unwrap();
    assert_eq!(receive(&two).await, b"");
    one.send(b"b").await.unwrap();
    assert_eq!(receive(&one).await, b"b");
    let lines = server.log.lines();
    assert_eq!(lines, ["+1", "1: a", "+2", "2: ", "1: b"]);
    let report = server.drained().await;
    assert_eq!((report.sessions, report.totals.messages_in, report.totals.messages_out), (2, 3, 3));
}

#[tokio::test]
async fn a_silent_peer_is_forgotten() {
    let mut config = config("echo", packets());
    config.idle_timeout = Some(Duration::from_millis(50));
    let server = Running::at("udp://127.0.0.1:0", config).await;
    let client = client_of(&server).await;
    client.send(b"a").await.unwrap();
    assert_eq!(receive(&client).await, b"a");
    assert_eq!(server.log.line("-1").await, "-1 Idle(50ms)");
    client.send(b"b").await.unwrap();
    assert_eq!(receive(&client).await, b"b");
    server.log.line("+2").await;
    server.drained().await;
}

#[tokio::test]
async fn a_datagram_over_the_limit_is_reported_and_the_next_is_answered() {
    let server = Running::at("udp://127.0.0.1:0", config("upper", packets())).await;
    let client = client_of(&server).await;
    client.send(&[b'x'; 1001]).await.unwrap();
    assert_eq!(server.log.line("oversized").await, "oversized 1001 of 1000");
    client.send(b"ok").await.unwrap();
    assert_eq!(receive(&client).await, b"OK");
    server.drained().await;
}

#[tokio::test]
async fn what_has_come_is_answered_before_the_end() {
    let server = Running::at("udp://127.0.0.1:0", config("upper", packets())).await;
    let client = client_of(&server).await;
    for _ in 0..100 {
        client.send(b"late").await.unwrap();
    }
    let report = server.drained().await;
    assert_eq!(report.totals.messages_out, 100);
    for _ in 0..100 {
        assert_eq!(receive(&client).await, b"LATE");
    }
}

#[tokio::test]
async fn a_room_and_a_chat_need_no_connections() {
    let server = Running::at("udp://127.0.0.1:0", config("room", packets())).await;
    let (one, two) = (client_of(&server).await, client_of(&server).await);
    one.send(b"here").await.unwrap();
    server.log.line("+1").await;
    two.send(b"hello").await.unwrap();
    assert_eq!(receive(&one).await, b"hello");
    server.drained().await;

    let server = Running::at("udp://127.0.0.1:0", config("chat", packets())).await;
    let client = client_of(&server).await;
    client.send(b"question").await.unwrap();
    let answer = Say { to: Target::LongestWaiting, message: b"answer".to_vec() };
    server.operator.send(answer).await.unwrap();
    assert_eq!(receive(&client).await, b"answer");
    server.drained().await;
}

#[tokio::test]
async fn a_peer_without_a_name_is_heard_and_cannot_be_answered() {
    let name = format!("unix-dgram://@framecat-test-{}", std::process::id());
    let server = Running::at(&name, config("echo", packets())).await;
    let target = {
        use std::os::linux::net::SocketAddrExt as _;
        let name = name.strip_prefix("unix-dgram://@").unwrap();
        std::os::unix::net::SocketAddr::from_abstract_name(name).unwrap()
    };
    let nameless = std::os::unix::net::UnixDatagram::unbound().unwrap();
    nameless.send_to_addr(b"hello", &target).unwrap();
    assert_eq!(server.log.line("1: ").await, "1: hello");
    let line = server.log.line("!").await;
    assert!(line.contains("no name to answer to"), "{line}");
    server.drained().await;
}
