//! Programs that are run to their end.

use std::time::Duration;

use framecat::program::{Client, Command, Ending, Place, Run, run_client};

use super::{PATIENCE, is_there};

async fn run(command: &Command, client: Client) -> Run {
    let place = Place::at("127.0.0.1:5050".parse().unwrap(), command).unwrap();
    run_client(command, &place, &client).await.unwrap_or_else(|error| panic!("{error}"))
}

fn plain() -> Client {
    Client { stdin: None, stdout: 1024, limit: PATIENCE }
}

#[tokio::test]
async fn output_status_and_errors_come_apart() {
    let command = Command::shell("echo out; echo error >&2; exit 4");
    let run = run(&command, plain()).await;
    assert_eq!((&run.stdout[..], run.lost), (&b"out\n"[..], 0));
    assert_eq!(run.stderr, b"error\n");
    assert_eq!((run.ending, run.timed_out), (Some(Ending::Exited(4)), false));
}

#[tokio::test]
async fn standard_input_is_empty_or_what_is_given() {
    assert_eq!(run(&Command::parse("cat").unwrap(), plain()).await.stdout, b"");
    // More than a pipe holds, either way.
    let input: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
    let client = Client { stdin: Some(input.clone()), stdout: 1 << 20, limit: PATIENCE };
    let cat = run(&Command::parse("cat").unwrap(), client.clone()).await;
    assert!(cat.stdout == input);
    let unread = run(&Command::parse("true").unwrap(), client).await;
    assert_eq!(unread.ending, Some(Ending::Exited(0)));
}

#[tokio::test]
async fn output_is_bounded_and_what_is_lost_is_counted() {
    let command = Command::shell("head -c 1000000 /dev/zero");
    let run = run(&command, plain()).await;
    assert_eq!((run.stdout.len(), run.lost), (1024, 1_000_000 - 1024));
    assert_eq!(run.ending, Some(Ending::Exited(0)));
}

#[tokio::test]
async fn one_that_never_ends_is_cut_at_the_limit_with_its_descendants() {
    let command = Command::shell("sleep 1000 & echo $!; yes >&2");
    let client = Client { limit: Duration::from_millis(300), ..plain() };
    let run = run(&command, client).await;
    assert!(run.timed_out && run.after >= Duration::from_millis(300), "{:?}", run.after);
    assert_eq!(run.ending, Some(Ending::Killed(15)));
    assert!(run.stderr.len() <= 64 * 1024);
    let pid = String::from_utf8(run.stdout).unwrap().trim_end().parse().unwrap();
    assert!(!is_there(pid));
}

#[tokio::test]
async fn what_a_client_leaves_behind_does_not_hold_it_up() {
    let command = Command::shell("setsid sleep 1000 & echo $!");
    let run = run(&command, plain()).await;
    assert_eq!((run.ending, run.timed_out), (Some(Ending::Exited(0)), false));
    let pid = String::from_utf8(run.stdout).unwrap().trim_end().parse().unwrap();
    assert!(!is_there(pid));
}

#[tokio::test]
async fn many_run_at_once() {
    let command = Command::shell("cat; echo $FRAMECAT_ADDR");
    let runs = (0..20).map(|n: u32| {
        let command = command.clone();
        let client = Client { stdin: Some(n.to_string().into_bytes()), ..plain() };
        tokio::spawn(async move { run(&command, client).await })
    });
    for (number, run) in runs.collect::<Vec<_>>().into_iter().enumerate() {
        let run = run.await.unwrap();
        assert_eq!(run.stdout, format!("{number}tcp://127.0.0.1:5050\n").as_bytes());
    }
}
