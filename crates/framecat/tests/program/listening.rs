//! Waiting until a program listens, and what is said when it does not.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use framecat::core::address::Address;
use framecat::program::{Command, Place, Program, ProgramError};

use super::{PATIENCE, listening, python, soon, start};

fn port(program: &Program) -> u16 {
    let Address::Tcp(at) = program.address() else { panic!("{}", program.address()) };
    at.port
}

#[tokio::test]
async fn one_that_listens_late_is_waited_for_and_not_connected_to() {
    // It tells of the first connection that it gets.
    let command = python(
        "time.sleep(0.2)\ns = listen()\nc, at = s.accept()\nprint(at[1], flush=True)\nrest(s)",
    );
    let mut program = listening(&command).await;
    assert_eq!(program.try_ended(), None);
    let ours = TcpStream::connect(("127.0.0.1", port(&program))).unwrap();
    let first = format!("{}\n", ours.local_addr().unwrap().port());
    soon(async {
        while !program.said().ends_with(b"\n") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(program.said(), first.as_bytes(), "no other connection was the first");
    program.end().await;
}

#[tokio::test]
async fn one_that_ends_first_is_named_with_its_last_words() {
    let command = python("print('a\\n' * 9 + 'bad \\x1b[1m config', file=sys.stderr)\nsys.exit(3)");
    let program = start(&command).await;
    let error = soon(program.wait_listening(PATIENCE)).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("` ended with status 3 before it listened on tcp://127.0.0.1:"),
        "{text}"
    );
    assert!(text.ends_with("; it said:\n  a\n  a\n  a\n  a\n  bad \\x1b[1m config"), "{text}");
    assert_eq!(error.blame(), framecat::Blame::Network);
}

#[tokio::test]
async fn one_that_never_listens_is_given_up() {
    let program = start(&Command::parse("sleep 1000").unwrap()).await;
    let error = program.wait_listening(Duration::from_millis(50)).await.unwrap_err().to_string();
    let address = program.address();
    assert_eq!(
        error,
        format!(
            "`sleep 1000` does not listen on {address} after 50ms, nor anywhere else; \
             it may need longer; it said nothing"
        )
    );
}

#[tokio::test]
async fn one_that_listens_elsewhere_is_told_where() {
    let elsewhere = "s = socket.create_server(('127.0.0.1', 0))\n\
        print(s.getsockname()[1], flush=True)\nrest(s)";
    let program = start(&python(elsewhere)).await;
    let port = soon(async {
        loop {
            let said = String::from_utf8(program.said()).unwrap();
            if said.ends_with('\n') {
                return said.trim_end().to_owned();
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let error = program.wait_listening(Duration::from_millis(50)).await.unwrap_err();
    let ProgramError::NotListening { instead, .. } = &error else { panic!("{error}") };
    assert_eq!(instead[..], [format!("tcp://127.0.0.1:{port}").parse().unwrap()]);
    let hint =
        format!(", but on tcp://127.0.0.1:{port}; is {{port}} where `python3` takes its port?");
    assert!(error.to_string().contains(&hint), "{error}");
}

#[tokio::test]
async fn one_is_not_started_where_another_listens() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("tcp://{}", other.local_addr().unwrap());
    let command = Command::parse("sleep 1000").unwrap();
    let place = Place::choose(Some(&at), &command).unwrap();
    let error = Program::start(&command, place).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("cannot start `sleep 1000`: another program listens on {at}"))
    );
}

#[tokio::test]
async fn unix_sockets_of_each_kind_are_seen() {
    for (address, kind) in [
        ("unix://{path}", "STREAM"),
        ("unix-seqpacket://{path}", "SEQPACKET"),
        ("unix-dgram://{dir}/other name", "DGRAM"),
    ] {
        let text = format!(
            "import socket, sys\ns = socket.socket(socket.AF_UNIX, socket.SOCK_{kind})\n\
             s.bind(sys.argv[1])\nif '{kind}' != 'DGRAM': s.listen()\ninput_never = s.recv if \
             '{kind}' == 'DGRAM' else s.accept\ninput_never(*([1] if '{kind}' == 'DGRAM' else []))"
        );
        let command = Command::words(["python3", "-S", "-c", &text, "{path}"]).unwrap();
        let place = Place::choose(Some(address), &command).unwrap();
        let mut program = Program::start(&command, place).await.unwrap();
        soon(program.wait_listening(PATIENCE)).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(program.try_ended(), None, "{kind}: nobody connected");
        // The socket that is left behind does not keep it from starting again.
        program.restart().await.unwrap();
        soon(program.wait_listening(PATIENCE)).await.unwrap_or_else(|error| panic!("{error}"));
        program.end().await;
    }
}

#[tokio::test]
async fn a_unix_socket_with_a_relative_path_is_seen() {
    let text = "import os, socket, sys\nos.chdir(sys.argv[1])\ns = socket.socket(socket.AF_UNIX)\n\
        s.bind('socket')\ns.listen()\nwhile True: s.accept()";
    let command = Command::words(["python3", "-S", "-c", text, "{dir}"]).unwrap();
    let place = Place::choose(Some("unix://{path}"), &command).unwrap();
    let mut program = Program::start(&command, place).await.unwrap();
    soon(program.wait_listening(PATIENCE)).await.unwrap_or_else(|error| panic!("{error}"));
    program.end().await;
}

#[tokio::test]
async fn one_is_started_again_at_the_same_address() {
    let command = python("s = listen()\nif s.accept(): os.abort()");
    let mut program = listening(&command).await;
    let (address, first) = (program.address().clone(), program.pids());
    drop(TcpStream::connect(("127.0.0.1", port(&program))).unwrap());
    assert_eq!(soon(program.ended()).await.to_string(), "was killed by SIGABRT");
    program.restart().await.unwrap();
    soon(program.wait_listening(PATIENCE)).await.unwrap();
    assert_eq!(program.address(), &address);
    assert_ne!(program.pids(), first);
    assert_eq!(program.try_ended(), None);
    program.end().await;
}
