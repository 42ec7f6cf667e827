//! What bounds a server.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::*;

#[tokio::test]
async fn further_clients_wait_until_a_session_ends() {
    let mut config = config("echo", framed("line"));
    config.max_connections = 2;
    let server = Running::tcp(config).await;
    let mut first = server.client().await;
    let mut second = server.client().await;
    for client in [&mut first, &mut second] {
        send(client, b"hi\n").await;
        expect(client, b"hi\n").await;
    }
    // The third is connected by the kernel and may speak; the server has not accepted it.
    let mut third = server.client().await;
    send(&mut third, b"hello\n").await;
    let line = server.log.line("paused").await;
    assert!(line.contains("2 sessions are active, the limit"), "{line}");
    assert!(!server.log.lines().iter().any(|line| line == "+3"));
    drop(first);
    expect(&mut third, b"hello\n").await;
    server.drained().await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_stops_its_own_writer_only() {
    let server = Running::tcp(config("echo", framed("raw"))).await;
    let mut deaf = server.client().await;
    let mut other = server.client().await;
    // Fill every buffer on the way there and back, until the server takes no more.
    let chunk = vec![b'x'; 1 << 20];
    let mut taken = 0usize;
    while let Ok(written) =
        tokio::time::timeout(Duration::from_millis(300), deaf.write(&chunk)).await
    {
        taken += written.unwrap();
        assert!(taken < 1 << 30, "the server must stop reading");
        send(&mut other, b"still there?").await;
        expect(&mut other, b"still there?").await;
    }
    // Nothing was lost: all that was taken comes back.
    let mut back = 0;
    let mut buffer = vec![0; 1 << 20];
    while back < taken {
        back += soon(deaf.read(&mut buffer)).await.unwrap();
    }
    server.drained().await;
}

#[tokio::test]
async fn a_flood_of_small_requests_with_large_replies_is_answered_in_full() {
    let reply = "r".repeat(100_000);
    let server = Running::tcp(config(&format!("reply:{reply}"), framed("line"))).await;
    let client = server.client().await;
    let (mut reading, mut writing) = client.into_split();
    let requests = 2000;
    let write = tokio::spawn(async move {
        writing.write_all(&vec![b'\n'; requests]).await.unwrap();
        writing.shutdown().await.unwrap();
    });
    let mut total = 0usize;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match soon(reading.read(&mut buffer)).await.unwrap() {
            0 => break,
            read => total += read,
        }
    }
    write.await.unwrap();
    assert_eq!(total, requests * (reply.len() + 1));
    server.drained().await;
}

#[tokio::test]
async fn a_client_that_reads_late_gets_every_reply() {
    let reply = "r".repeat(1000);
    let server = Running::tcp(config(&format!("reply:{reply}"), framed("u16be"))).await;
    let mut client = server.client().await;
    let requests = 200_000;
    send(&mut client, &b"\0\x01q".repeat(requests)).await;
    let mut left = requests * (2 + reply.len());
    let mut buffer = vec![0; 1 << 20];
    while left > 0 {
        left -= soon(client.read(&mut buffer)).await.unwrap();
    }
    server.drained().await;
}

#[tokio::test]
async fn a_message_over_the_limit_is_named_with_both_numbers() {
    let server = Running::tcp(config("echo", framed_at_most("u64be", 1000))).await;
    let mut client = server.client().await;
    send(&mut client, &(1u64 << 62).to_be_bytes()).await;
    assert_eq!(rest(&mut client).await, b"");
    let line = server.log.line("-1").await;
    assert!(line.contains("TooLarge { len: Some(4611686018427387904), max: 1000 }"), "{line}");
    server.drained().await;
}
