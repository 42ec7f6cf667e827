//! T2, T6 and T8 as their readers see them: a person types at a terminal. Each line is a message,
//! without its line end, and what comes appears above the prompt.

use crate::support::{Framecat, Peer, Terminal, address_in, came, left};

/// Starts `framecat serve …` at a terminal, and tells where it listens.
fn serve(args: &[&str]) -> (Terminal, String) {
    let terminal = Framecat::at_terminal(&[&["serve", "127.0.0.1:0"], args].concat());
    let line = terminal.shows_line(|line| line.starts_with("listening on "));
    let bare = address_in(&line).trim_start_matches("tcp://").to_owned();
    (terminal, bare)
}

#[test]
fn a_person_answers_at_the_prompt_until_bye() {
    let (mut operator, address) = serve(&["--service", "chat", "--end", "bye", "--backlog", "5"]);
    let mut client = Peer::client("t6_client.py", &[&address]);
    client.stdin_line("hello");
    operator.shows_line(came(1, 1));
    operator.shows_line(|line| line == "  #1 ← hello");
    operator.types("hi");
    client.wait_stdout("server: hi\n");
    client.stdin_line("how are you?");
    operator.shows_line(|line| line == "  #1 ← how are you?");
    operator.types("bye");
    assert_eq!(client.finish().succeeded().stdout(), "server: hi\nserver: bye\n");
    operator.shows_line(left(1, "ended by \"bye\" · 2 messages in, 2 out", 0));
    operator.presses_ctrl(b'c').finish().ended_with(130);
}

#[test]
fn a_person_calls_the_python_server_and_says_bye() {
    let mut server = Peer::server("t6_server.py", &["127.0.0.1:0"]);
    let mut caller = Framecat::at_terminal(&["connect", &server.stream(), "--end", "bye"]);
    caller.types("hello");
    server.wait_stdout("client: hello\n");
    server.stdin_line("hi");
    caller.shows_line(|line| line == "← hi");
    caller.types("bye");
    // The last words are printed above the prompt before the program ends.
    caller.shows("the session is over · 2 messages sent, 1 received");
    caller.finish().succeeded();
    assert!(server.finish().succeeded().stdout().ends_with("client: hello\nclient: bye\n"));
}

#[test]
fn a_person_serves_one_client_after_another_and_need_not_say_who_is_meant() {
    let (mut operator, address) = serve(&["--service", "chat", "--serial", "--backlog", "1024"]);
    for session in 1..=2 {
        let mut client = Peer::client("t8_client.py", &[&address]);
        client.stdin_line("hello");
        operator.shows_line(came(session, 1));
        operator.shows_line(|line| line == format!("  #{session} ← hello"));
        operator.types("hi");
        client.wait_stdout("server: hi\n");
        client.close_stdin().finish().succeeded();
        operator.shows_line(left(session, "left · 1 message in, 1 out", 0));
    }
}

#[test]
fn an_empty_line_is_no_message_and_ctrl_d_ends_the_conversation() {
    let server = Peer::server("t2_server.py", &["127.0.0.1:0"]);
    let mut person = Framecat::at_terminal(&["connect", &server.stream()]);
    person.types("").types("café 中文");
    person.shows_line(|line| line == "← CAFé 中文");
    person.presses_ctrl(b'd');
    person.finish().succeeded();
}

#[test]
fn lines_that_are_pasted_together_are_all_sent() {
    let server = Framecat::serve(&["127.0.0.1:0", "--frame", "line"]);
    let mut person = Framecat::at_terminal(&["connect", &server.stream(), "--frame", "line"]);
    person.pastes(&["one", "two", "three"]);
    server.wait_stdout("one\ntwo\nthree\n");
}
