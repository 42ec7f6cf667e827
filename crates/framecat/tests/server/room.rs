//! Everyone hears everyone else, and one who does not read stalls nobody.

use std::time::Duration;

use framecat::core::queue::SlowPolicy;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::*;

/// Far more than the queue and all the kernel's buffers between two sockets hold.
const FLOOD: usize = 400;
const MESSAGE: usize = 64 * 1024;

#[tokio::test]
async fn every_message_goes_to_everyone_else() {
    let server = Running::tcp(config("room", framed("line"))).await;
    let mut clients = Vec::new();
    for number in 1..=3 {
        clients.push(server.client().await);
        server.log.line(&format!("+{number}")).await;
    }
    send(&mut clients[0], b"hello\nall\n").await;
    expect(&mut clients[1], b"hello\nall\n").await;
    expect(&mut clients[2], b"hello\nall\n").await;
    send(&mut clients[1], b"hi\n").await;
    expect(&mut clients[0], b"hi\n").await;
    expect(&mut clients[2], b"hi\n").await;
    server.drained().await;
}

#[tokio::test]
async fn one_who_listens_misses_nothing_that_comes_in_one_go() {
    let server = Running::tcp(config("room", framed("line"))).await;
    let mut listener = server.client().await;
    server.log.line("+1").await;
    let mut speaker = server.client().await;
    let said = "a line of the one who speaks\n".repeat(20_000);
    let speak = async { speaker.write_all(said.as_bytes()).await.unwrap() };
    let mut heard = vec![0; said.len()];
    let listen = async { listener.read_exact(&mut heard).await.unwrap() };
    soon(async { tokio::join!(speak, listen) }).await;
    assert!(heard == said.as_bytes());
    server.drained().await;
}

/// A room with one who speaks, one who listens and one who does not read; the one who listens must
/// get everything. Gives back the server, and the deaf client.
async fn flooded(policy: SlowPolicy) -> (Running, TcpStream) {
    let mut config = config("room", framed("u32be"));
    config.slow = policy;
    config.queue = 256 * 1024;
    let server = Running::tcp(config).await;
    let deaf = server.client().await;
    server.log.line("+1").await;
    let mut listener = server.client().await;
    server.log.line("+2").await;
    let mut speaker = server.client().await;
    let mut message = (MESSAGE as u32).to_be_bytes().to_vec();
    message.resize(4 + MESSAGE, b'm');
    for _ in 0..FLOOD {
        send(&mut speaker, &message).await;
        // In step with the one who listens, so that only the deaf one is slow.
        let mut heard = vec![0; message.len()];
        soon(listener.read_exact(&mut heard)).await.unwrap();
        assert!(heard == message);
    }
    (server, deaf)
}

#[tokio::test]
async fn one_who_does_not_read_loses_messages_and_the_others_none() {
    for policy in [SlowPolicy::DropOldest, SlowPolicy::DropNewest] {
        let (server, mut deaf) = flooded(policy).await;
        let (_, report) = server.stop();
        // Whatever is left in the queue can still be read, whole messages only.
        let rest = rest(&mut deaf).await;
        assert_eq!(rest.len() % (4 + MESSAGE), 0, "no message is cut by {policy}");
        let heard = rest.len() / (4 + MESSAGE);
        let dropped = soon(report).await.unwrap().totals.dropped as usize;
        assert!(dropped > 0 && heard + dropped == FLOOD, "{policy}: {heard} + {dropped}");
    }
}

#[tokio::test]
async fn one_who_does_not_read_is_disconnected() {
    let (server, deaf) = flooded(SlowPolicy::Disconnect).await;
    assert_eq!(server.log.line("-1").await, "-1 Slow");
    drop(deaf);
    server.drained().await;
}

#[tokio::test]
async fn to_block_makes_the_speaker_wait_and_loses_nothing() {
    let mut config = config("room", framed("u32be"));
    config.slow = SlowPolicy::Block;
    config.queue = 64 * 1024;
    let server = Running::tcp(config).await;
    let mut slow = server.client().await;
    server.log.line("+1").await;
    let mut speaker = server.client().await;
    let mut message = (MESSAGE as u32).to_be_bytes().to_vec();
    message.resize(4 + MESSAGE, b'm');
    let mut sent = 0;
    loop {
        match tokio::time::timeout(Duration::from_millis(300), speaker.write_all(&message)).await {
            Ok(written) => written.unwrap(),
            Err(_) => break,
        }
        sent += 1;
        assert!(sent < 10_000, "the speaker must be made to wait");
    }
    for _ in 0..sent {
        let mut heard = vec![0; message.len()];
        soon(slow.read_exact(&mut heard)).await.unwrap();
        assert!(heard == message);
    }
    drop((slow, speaker));
    server.drained().await;
}

#[tokio::test]
async fn two_who_flood_each_other_under_block_do_not_lock_up() {
    let mut config = config("room", framed("u32be"));
    config.slow = SlowPolicy::Block;
    config.queue = 64 * 1024;
    let server = Running::tcp(config).await;
    let first = server.client().await;
    server.log.line("+1").await;
    let second = server.client().await;
    server.log.line("+2").await;
    let mut message = (MESSAGE as u32).to_be_bytes().to_vec();
    message.resize(4 + MESSAGE, b'm');
    let talk = |client: TcpStream| {
        let message = message.clone();
        async move {
            let (mut reading, mut writing) = client.into_split();
            let speak = async {
                for _ in 0..FLOOD {
                    writing.write_all(&message).await.unwrap();
                }
            };
            let listen = async {
                let mut heard = vec![0; (4 + MESSAGE) * FLOOD];
                reading.read_exact(&mut heard).await.unwrap();
            };
            tokio::join!(speak, listen);
        }
    };
    soon(async { tokio::join!(talk(first), talk(second)) }).await;
    server.drained().await;
}

#[tokio::test]
async fn what_the_others_framing_cannot_carry_is_reported_and_the_room_goes_on() {
    let mut config = config("room", framed("u8"));
    config.replies = framed("line");
    let server = Running::tcp(config).await;
    let mut speaker = server.client().await;
    server.log.line("+1").await;
    let mut listener = server.client().await;
    server.log.line("+2").await;
    send(&mut speaker, b"\x03a\nb\x02ok").await;
    expect(&mut listener, b"ok\n").await;
    let line = server.log.line("!Some(1)").await;
    assert!(line.contains("holds"), "{line}");
    server.drained().await;
}
