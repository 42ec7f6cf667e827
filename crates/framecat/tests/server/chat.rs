//! The operator answers whom he means.

use framecat::core::roster::Target;
use framecat::server::Say;
use tokio::io::AsyncWriteExt as _;

use crate::support::*;

fn say(to: Target, message: &str) -> Say {
    Say { to, message: message.as_bytes().to_vec() }
}

#[tokio::test]
async fn answers_go_to_whom_they_are_for() {
    let server = Running::tcp(config("chat", framed("line"))).await;
    let mut first = server.client().await;
    server.log.line("+1").await;
    let mut second = server.client().await;
    server.log.line("+2").await;
    send(&mut second, b"from two\n").await;
    server.log.line("2: from two").await;
    send(&mut first, b"from one\n").await;
    server.log.line("1: from one").await;
    server.operator.send(say(Target::Session(1), "to one")).await.unwrap();
    expect(&mut first, b"to one\n").await;
    server.operator.send(say(Target::LongestWaiting, "to two")).await.unwrap();
    expect(&mut second, b"to two\n").await;
    server.operator.send(say(Target::Current, "to two again")).await.unwrap();
    expect(&mut second, b"to two again\n").await;
    server.operator.send(say(Target::Session(7), "to nobody")).await.unwrap();
    assert_eq!(server.log.line("!").await, "!None there is no such session");
    server.drained().await;
}

#[tokio::test]
async fn an_early_answer_waits_for_its_question() {
    let server = Running::tcp(config("chat", framed("line"))).await;
    server.operator.send(say(Target::LongestWaiting, "early")).await.unwrap();
    let mut client = server.client().await;
    send(&mut client, b"question\n").await;
    expect(&mut client, b"early\n").await;
    server.drained().await;
}

#[tokio::test]
async fn early_answers_are_given_although_the_operator_has_left() {
    let server = Running::tcp(config("chat", framed("line"))).await;
    for answer in ["one", "two"] {
        server.operator.send(say(Target::LongestWaiting, answer)).await.unwrap();
    }
    let server = server.without_operator();
    let mut client = server.client().await;
    send(&mut client, b"first\nsecond\nthird\n").await;
    expect(&mut client, b"one\ntwo\n").await;
    client.shutdown().await.unwrap();
    // Nobody is left to answer the third.
    assert_eq!(rest(&mut client).await, b"");
    assert_eq!(server.log.line("-1").await, "-1 EndOfStream");
    server.drained().await;
}

#[tokio::test]
async fn what_is_addressed_does_not_wait_behind_an_early_answer() {
    let server = Running::tcp(config("chat", framed("line"))).await;
    server.operator.send(say(Target::LongestWaiting, "early")).await.unwrap();
    let mut client = server.client().await;
    server.log.line("+1").await;
    server.operator.send(say(Target::Session(1), "addressed")).await.unwrap();
    expect(&mut client, b"addressed\n").await;
    send(&mut client, b"question\n").await;
    expect(&mut client, b"early\n").await;
    server.drained().await;
}

#[tokio::test]
async fn a_client_that_has_said_all_still_gets_its_answer() {
    let server = Running::tcp(config("chat", framed("line"))).await;
    let mut client = server.client().await;
    send(&mut client, b"question\n").await;
    client.shutdown().await.unwrap();
    assert_eq!(server.log.line("?").await, "?1");
    server.operator.send(say(Target::LongestWaiting, "answer")).await.unwrap();
    assert_eq!(rest(&mut client).await, b"answer\n");
    assert_eq!(server.log.line("-1").await, "-1 EndOfStream");
    server.drained().await;
}

#[tokio::test]
async fn without_an_operator_nobody_waits_for_an_answer() {
    let server = Running::tcp(config("chat", framed("line"))).await;
    let mut client = server.client().await;
    send(&mut client, b"question\n").await;
    client.shutdown().await.unwrap();
    server.log.line("?1").await;
    let Running { operator, .. } = &server;
    operator.send(say(Target::Session(9), "the last words")).await.unwrap();
    server.log.line("!").await;
    let server = server.without_operator();
    assert_eq!(rest(&mut client).await, b"");
    assert_eq!(server.log.line("-1").await, "-1 EndOfStream");
    server.drained().await;
}

#[tokio::test]
async fn the_end_ends_the_session_whoever_says_it() {
    let mut config = config("chat", framed("line"));
    config.dialogue.end = Some("bye".into());
    let server = Running::tcp(config).await;
    let mut polite = server.client().await;
    send(&mut polite, b"bye\n").await;
    assert_eq!(rest(&mut polite).await, b"");
    assert_eq!(server.log.line("-1").await, "-1 EndMessage(b\"bye\")");
    let mut other = server.client().await;
    send(&mut other, b"hello\n").await;
    server.log.line("2: hello").await;
    server.operator.send(say(Target::LongestWaiting, "bye")).await.unwrap();
    assert_eq!(rest(&mut other).await, b"bye\n");
    assert_eq!(server.log.line("-2").await, "-2 EndMessage(b\"bye\")");
    server.drained().await;
}

#[tokio::test]
async fn what_cannot_be_carried_is_told_and_not_sent() {
    let server = Running::tcp(config("chat", framed("line"))).await;
    let mut client = server.client().await;
    send(&mut client, b"question\n").await;
    server.log.line("1: ").await;
    server.operator.send(say(Target::Session(1), "two\nlines")).await.unwrap();
    let line = server.log.line("!").await;
    assert!(line.contains("takes for its end"), "{line}");
    server.operator.send(say(Target::Session(1), "one line")).await.unwrap();
    expect(&mut client, b"one line\n").await;
    server.drained().await;
}
