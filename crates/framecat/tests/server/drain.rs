//! What becomes of sessions when the server is told to end.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::support::*;

#[tokio::test]
async fn what_has_come_is_answered_before_the_end() {
    let server = Running::tcp(config("upper", framed("line"))).await;
    let mut client = server.client().await;
    // The bytes are with the server's kernel before it is told to end, and no wait lies between.
    send(&mut client, b"one\ntwo\n").await;
    let report = server.drained().await;
    assert_eq!(rest(&mut client).await, b"ONE\nTWO\n");
    assert_eq!((report.totals.messages_in, report.totals.messages_out, report.cut), (2, 2, 0));
}

#[tokio::test]
async fn what_a_client_that_reads_late_has_sent_is_answered_too() {
    let server = Running::tcp(config("echo", framed("raw"))).await;
    let mut client = server.client().await;
    let chunk = vec![b'x'; 1 << 20];
    let mut sent = 0;
    let patience = Duration::from_millis(300);
    while let Ok(written) = tokio::time::timeout(patience, client.write(&chunk)).await {
        sent += written.unwrap();
    }
    let (log, report) = server.stop();
    assert_eq!(rest(&mut client).await.len(), sent);
    assert_eq!(log.line("-1").await, "-1 Drained");
    assert_eq!(soon(report).await.unwrap().totals.bytes_in as usize, sent);
}

#[tokio::test]
async fn clients_in_the_accept_queue_are_answered_too() {
    let mut config = config("upper", framed("line"));
    config.max_connections = 1;
    let server = Running::tcp(config).await;
    let mut first = server.client().await;
    send(&mut first, b"a\n").await;
    expect(&mut first, b"A\n").await;
    let mut queued = Vec::new();
    for _ in 0..5 {
        let mut client = server.client().await;
        send(&mut client, b"waiting\n").await;
        queued.push(client);
    }
    let report = server.drained().await;
    for client in &mut queued {
        assert_eq!(rest(client).await, b"WAITING\n");
    }
    assert_eq!((report.sessions, report.cut), (6, 0));
}

#[tokio::test]
async fn a_message_that_is_under_way_may_be_finished() {
    let server = Running::tcp(config("upper", framed("u16be"))).await;
    let mut client = server.client().await;
    send(&mut client, b"\0\x05he").await;
    send(&mut client, b"").await;
    server.log.line("+1").await;
    let (log, report) = server.stop();
    send(&mut client, b"llo").await;
    assert_eq!(rest(&mut client).await, b"\0\x05HELLO");
    assert_eq!(log.line("-1").await, "-1 Drained");
    assert_eq!(soon(report).await.unwrap().cut, 0);
}

#[tokio::test]
async fn the_deadline_cuts_what_is_not_finished_and_counts_it() {
    let mut config = config("echo", framed("u16be"));
    config.drain = Duration::from_millis(100);
    let server = Running::tcp(config).await;
    let mut stuck = server.client().await;
    let mut idle = server.client().await;
    send(&mut stuck, b"\0\x05he").await;
    send(&mut idle, b"\0\x01x").await;
    expect(&mut idle, b"\0\x01x").await;
    server.log.line("+1").await;
    let log = server.log.clone();
    let report = server.drained().await;
    assert_eq!((report.sessions, report.cut), (2, 1));
    assert_eq!(log.line("-1").await, "-1 Cut");
    assert_eq!(log.line("-2").await, "-2 Drained");
}
