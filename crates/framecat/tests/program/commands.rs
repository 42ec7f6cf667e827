//! Commands and places: what is split, and what is filled in.

use framecat::program::{Client, Command, Place, Run, run_client};

use super::PATIENCE;

async fn run(command: &Command, place: &Place) -> Run {
    let client = Client { stdin: None, stdout: 4096, limit: PATIENCE };
    run_client(command, place, &client).await.unwrap_or_else(|error| panic!("{error}"))
}

/// What `printf '<%s>'` prints of the words behind it.
async fn words(text: &str, address: &str) -> String {
    let command = Command::parse(&format!("printf '<%s>' {text}")).unwrap();
    let place = Place::choose(Some(address), &command).unwrap();
    String::from_utf8(run(&command, &place).await.stdout).unwrap()
}

#[tokio::test]
async fn a_text_is_split_as_a_shell_splits_it_and_then_filled_in() {
    let at = "tcp://127.0.0.1:5050";
    for (text, printed) in [
        (r#"a 'b c' "d e" f\ g"#, "<a><b c><d e><f g>"),
        (
            "--port={port} {host}:{port} {addr}",
            "<--port=5050><127.0.0.1:5050><tcp://127.0.0.1:5050>",
        ),
        (r#"'{"port": 1, "a": {}}' {unknown} {}"#, r#"<{"port": 1, "a": {}}><{unknown}><{}>"#),
        ("$HOME ; | '*' {path}", "<$HOME><;><|><*><{path}>"),
    ] {
        assert_eq!(words(text, at).await, printed, "{text}");
    }
}

#[tokio::test]
async fn a_unix_socket_has_a_path_and_the_path_stays_one_word() {
    assert_eq!(words("{path} {port}", "unix:///tmp/a b").await, "</tmp/a b><{port}>");
}

#[tokio::test]
async fn the_shell_is_used_when_it_is_asked_for() {
    let command = Command::shell("echo \"$FRAMECAT_ADDR\" {port} | tr a-z A-Z");
    let place = Place::choose(Some("tcp://127.0.0.1:5050"), &command).unwrap();
    assert_eq!(run(&command, &place).await.stdout, b"TCP://127.0.0.1:5050 5050\n");
}

#[tokio::test]
async fn the_temporary_folder_is_fresh_in_each_run_and_gone_at_the_end() {
    let command = Command::shell("cd {dir} && ls && touch left && mkdir folder && pwd");
    let place = Place::choose(None, &command).unwrap();
    let first = run(&command, &place).await;
    let second = run(&command, &place).await;
    assert!(first.ending.unwrap().is_success(), "{first:?}");
    assert_eq!(first.stdout, second.stdout, "nothing was left of the first run");
    let folder = String::from_utf8(first.stdout).unwrap();
    let folder = std::path::Path::new(folder.trim_end());
    assert!(folder.is_dir());
    drop(place);
    assert!(!folder.exists());
}

#[test]
fn a_place_is_a_free_port_unless_only_a_path_is_asked_for() {
    for (command, address, place) in [
        ("x", None, "tcp://127.0.0.1:"),
        ("x {port} {path}", None, "tcp://127.0.0.1:"),
        ("x {path}", None, "unix:///"),
        ("x", Some("tcp://[::1]:{port}"), "tcp://[::1]:"),
        ("x", Some("localhost:0"), "tcp://localhost:"),
        ("x", Some("unix-seqpacket://{dir}/name"), "unix-seqpacket:///"),
    ] {
        let command = Command::parse(command).unwrap();
        let chosen = Place::choose(address, &command).unwrap().address().to_string();
        assert!(chosen.starts_with(place) && !chosen.ends_with(":0"), "{chosen}");
    }
    let fixed = Place::choose(Some(":5050"), &Command::parse("x").unwrap()).unwrap();
    assert_eq!(fixed.address().to_string(), "tcp://127.0.0.1:5050");
}

#[tokio::test]
async fn what_cannot_be_started_says_what_to_do() {
    let place =
        || Place::at("127.0.0.1:1".parse().unwrap(), &Command::parse("x").unwrap()).unwrap();
    for (text, error) in [
        (
            "no-such-program {port}",
            "cannot start `no-such-program 1`: no such file or directory; `no-such-program` is in no folder of PATH",
        ),
        (
            "/no/such",
            "cannot start `/no/such`: no such file or directory; there is no `/no/such`, or not the interpreter that its first line names",
        ),
        (
            "/dev/null",
            "cannot start `/dev/null`: permission denied; is `/dev/null` a program that you may run? (chmod +x)",
        ),
        (
            "A=b no-such",
            "cannot start `'A=b' no-such`: no such file or directory; it is not run by a shell unless that is asked for (--shell)",
        ),
    ] {
        let command = Command::parse(text).unwrap();
        let client = Client { stdin: None, stdout: 0, limit: PATIENCE };
        let found = run_client(&command, &place(), &client).await.unwrap_err();
        assert_eq!(found.to_string(), error);
        assert_eq!(found.blame(), framecat::Blame::Local);
    }
    let quote = Command::parse("a 'b").unwrap_err().to_string();
    assert_eq!(
        quote,
        "cannot split `a 'b` into words: a quote is not closed, or a backslash ends it"
    );
    let empty = Command::parse(" # nothing").unwrap_err().to_string();
    assert_eq!(empty, "the command is empty: write a program and its arguments");
}
