//! What is answered, and why sessions end.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::support::*;

#[tokio::test]
async fn requests_in_any_pieces_are_answered_in_order() {
    let server = Running::tcp(config("upper", framed("u16be"))).await;
    let mut client = server.client().await;
    for byte in b"\0\x05hello\0\0\0\x02ab" {
        send(&mut client, &[*byte]).await;
    }
    expect(&mut client, b"\0\x05HELLO\0\0\0\x02AB").await;
    client.shutdown().await.unwrap();
    assert_eq!(rest(&mut client).await, b"");
    assert_eq!(server.log.line("-1").await, "-1 EndOfStream");
    let report = server.drained().await;
    assert_eq!((report.sessions, report.totals.messages_in, report.totals.messages_out), (1, 3, 3));
    assert_eq!((report.totals.bytes_in, report.totals.bytes_out), (13, 13));
}

#[tokio::test]
async fn a_message_larger_than_any_buffer_comes_back_whole() {
    let server = Running::tcp(config("echo", framed("u32be"))).await;
    let mut client = server.client().await;
    let mut message = (1u32 << 20).to_be_bytes().to_vec();
    message.extend((0..1 << 20).map(|at| (at % 251) as u8));
    let (mut reading, mut writing) = client.split();
    let write = async { writing.write_all(&message).await.unwrap() };
    let mut found = vec![0; message.len()];
    let read = async {
        tokio::io::AsyncReadExt::read_exact(&mut reading, &mut found).await.unwrap();
    };
    soon(async { tokio::join!(write, read) }).await;
    assert!(found == message, "the echo is the message");
    server.drained().await;
}

#[tokio::test]
async fn what_stands_behind_an_urgent_byte_is_not_forgotten() {
    let mut config = config("echo", framed("line"));
    config.max_connections = 1;
    let server = Running::tcp(config).await;
    let mut first = server.client().await;
    send(&mut first, b"x\n").await;
    expect(&mut first, b"x\n").await;
    // Everything is with the kernel before the server reads any of it.
    let mut second = server.client().await;
    send(&mut second, b"hello\n").await;
    rustix::net::send(&second, b"!", rustix::net::SendFlags::OOB).unwrap();
    send(&mut second, b"world\n").await;
    drop(first);
    expect(&mut second, b"hello\nworld\n").await;
    server.drained().await;
}

#[tokio::test]
async fn a_framing_error_ends_its_own_session_and_answers_what_came_before() {
    let server = Running::tcp(config("upper", framed("header:4"))).await;
    let mut good = server.client().await;
    let mut bad = server.client().await;
    send(&mut bad, b"1   aGET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(rest(&mut bad).await, b"1   A", "what came before the error is answered");
    let line = server.log.line("-2").await;
    assert!(line.contains("offset: 5"), "{line}");
    send(&mut good, b"2   hi").await;
    expect(&mut good, b"2   HI").await;
    server.drained().await;
}

#[tokio::test]
async fn the_end_message_is_answered_and_ends_the_session() {
    let mut config = config("reply:ok", framed("line"));
    config.dialogue.end = Some("bye".into());
    let server = Running::tcp(config).await;
    let mut client = server.client().await;
    send(&mut client, b"hello\nbye\r\nnever read\n").await;
    assert_eq!(rest(&mut client).await, b"ok\nok\n");
    assert_eq!(server.log.line("-1").await, "-1 EndMessage(b\"bye\")");
    server.drained().await;
}

#[tokio::test]
async fn one_shot_closes_after_one_reply_however_much_was_sent() {
    let mut config = config("reply:ACK!", framed("raw"));
    config.dialogue.one_shot = true;
    let server = Running::tcp(config).await;
    let mut client = server.client().await;
    send(&mut client, &[b'x'; 300_000]).await;
    assert_eq!(rest(&mut client).await, b"ACK!", "no reset overtakes the reply");
    server.drained().await;
}

#[tokio::test]
async fn one_shot_echo_answers_the_first_message_only() {
    let mut config = config("echo", framed("line"));
    config.dialogue.one_shot = true;
    let server = Running::tcp(config).await;
    let mut client = server.client().await;
    send(&mut client, b"one\ntwo\n").await;
    assert_eq!(rest(&mut client).await, b"one\n");
    assert_eq!(server.log.line("-1").await, "-1 OneShot");
    server.drained().await;
}

#[tokio::test]
async fn the_greeting_is_said_first() {
    let mut config = config("discard", framed("line"));
    config.dialogue.greet = Some("welcome".into());
    let server = Running::tcp(config).await;
    let mut client = server.client().await;
    expect(&mut client, b"welcome\n").await;
    send(&mut client, b"anything\n").await;
    client.shutdown().await.unwrap();
    assert_eq!(rest(&mut client).await, b"", "discard answers nothing");
    server.drained().await;
}

#[tokio::test]
async fn chargen_never_stops_for_a_peer_that_only_listens() {
    let server = Running::tcp(config("chargen", framed("raw"))).await;
    let mut client = server.client().await;
    client.shutdown().await.unwrap();
    let mut found = vec![0; 1 << 20];
    soon(tokio::io::AsyncReadExt::read_exact(&mut client, &mut found)).await.unwrap();
    assert!(found.starts_with(b"!\"#$%&'()*+,-./0123456789"));
    assert_eq!(&found[72..76], b"\r\n\"#", "each line starts one character later");
    drop(client);
    assert_eq!(server.log.line("-1").await, "-1 Reset");
    server.drained().await;
}

#[tokio::test]
async fn a_silent_peer_is_sent_away_and_a_talking_one_is_not() {
    let mut config = config("echo", framed("line"));
    config.idle_timeout = Some(Duration::from_millis(300));
    let server = Running::tcp(config).await;
    let mut silent = server.client().await;
    server.log.line("+1").await;
    assert_eq!(rest(&mut silent).await, b"");
    assert_eq!(server.log.line("-1").await, "-1 Idle(300ms)");
    server.drained().await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_carried_ends_the_session_with_the_reason() {
    let mut config = config("echo", framed("raw"));
    config.replies = framed("line");
    let server = Running::tcp(config).await;
    let mut client = server.client().await;
    send(&mut client, b"two\nlines").await;
    assert_eq!(rest(&mut client).await, b"");
    let line = server.log.line("-1").await;
    assert!(line.starts_with("-1 Unanswerable(HoldsTerminator { offset: 3"), "{line}");
    server.drained().await;
}
