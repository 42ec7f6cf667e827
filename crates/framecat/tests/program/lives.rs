//! Descendants, daemons and endings.

use framecat::program::{Command, Ending, Program};

use super::{is_there, listening, python, soon, start};

/// Waits until the program has written this many lines, and returns them as process ids.
async fn pids_said(program: &Program, count: usize) -> Vec<u32> {
    soon(async {
        loop {
            let said = String::from_utf8(program.said()).unwrap();
            if said.matches('\n').count() >= count {
                return said.lines().map(|line| line.parse().expect(&said)).collect();
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

fn kill(pid: u32, signal: &str) {
    let status = std::process::Command::new("kill").arg(signal).arg(pid.to_string()).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn a_flood_does_not_block_and_its_end_is_kept() {
    let command = python(
        "sys.stderr.write('x' * 1000000 + 'y' * 20)\nsys.stdout.write('z' * 9)\nsys.stdout.flush()\n\
         s = listen()\nrest(s)",
    );
    let mut program = listening(&command).await;
    let said = program.said();
    assert_eq!(said.len(), 64 * 1024);
    assert!(said.ends_with(&[&[b'x'; 50][..], &[b'y'; 20], &[b'z'; 9]].concat()));
    program.end().await;
}

#[tokio::test]
async fn nothing_is_left_whatever_it_does_to_stay() {
    // One ignores SIGTERM, one leaves the session too, one clears its environment as well, and each
    // has a child of its own. Their parents end.
    let command = python(
        "
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.fork()
    os.write(2, b'%d\\n' % os.getpid())
    while True: signal.pause()
SLEEP = 'import os,signal,sys; signal.signal(15, signal.SIG_IGN); os.fork(); ' \\
    'os.write(2, b\"%d\\\\n\" % os.getpid())\\nwhile True: signal.pause()'
def orphan(act):
    if os.fork() == 0:
        if os.fork() == 0: act()
        os._exit(0)
    os.wait()
orphan(stubborn)
orphan(lambda: (os.setsid(), stubborn()))
orphan(lambda: (os.setsid(), os.execve(sys.executable, ['x', '-S', '-c', SLEEP], {})))
s = listen()
rest(s)",
    );
    for drop_it in [false, true] {
        let mut program = listening(&command).await;
        let mut pids = pids_said(&program, 6).await;
        let mut seen = program.pids();
        pids.push(seen[0]);
        pids.sort_unstable();
        seen.sort_unstable();
        assert_eq!(seen, pids, "all are known");
        if drop_it {
            drop(program);
        } else {
            assert_eq!(program.end().await, Some(Ending::Killed(15)));
        }
        let left: Vec<_> = pids.iter().filter(|pid| is_there(**pid)).collect();
        assert!(left.is_empty(), "{left:?} of {pids:?} are left");
    }
}

#[tokio::test]
async fn others_of_our_children_are_left_alone() {
    let mut stranger = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
    let mut other = listening(&python("rest(listen())")).await;
    let mut program = listening(&python("rest(listen())")).await;
    assert_eq!(program.pids().len(), 1);
    program.end().await;
    assert_eq!(other.try_ended(), None);
    assert!(stranger.try_wait().unwrap().is_none());
    other.end().await;
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_daemon_lives_on_and_its_own_end_is_the_programs() {
    // It forks twice, leaves the session, and clears its environment, as daemons do.
    let command = python(
        "
DAEMON = '''
import os, socket, sys
os.write(2, b'%d\\\\n' % os.getpid())
s = socket.create_server((\"127.0.0.1\", int(sys.argv[1])))
while True: s.accept()
'''
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
os.execve(sys.executable, ['x', '-S', '-c', DAEMON, sys.argv[1]], {})",
    );
    let program = listening(&command).await;
    let pid = pids_said(&program, 1).await[0];
    assert_eq!(program.try_ended(), None);
    assert_eq!(program.pids(), [pid]);
    kill(pid, "-SEGV");
    assert_eq!(soon(program.ended()).await.to_string(), "was killed by SIGSEGV");
    assert!(!is_there(pid), "it was waited for");

    let mut program = listening(&command).await;
    let pid = pids_said(&program, 1).await[0];
    program.end().await;
    assert!(!is_there(pid));
}

#[tokio::test]
async fn a_daemon_that_ended_before_we_looked_is_named_all_the_same() {
    let program = start(&python(
        "if os.fork() == 0: os._exit(5)\nos.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)",
    ))
    .await;
    let main = program.pids()[0];
    // Both have ended, and nobody was there to be told.
    soon(async {
        while !std::fs::read_to_string(format!("/proc/{main}/stat")).unwrap().contains(") Z") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(soon(program.ended()).await, Ending::Exited(5));
}

#[tokio::test]
async fn a_crash_is_one_although_descendants_live() {
    let command = python(
        "if os.fork() == 0: signal.pause()\ns = listen()\nos.write(2, b'%d\\n' % os.getpid())\nrest(s)",
    );
    let mut program = listening(&command).await;
    let pid = pids_said(&program, 1).await[0];
    kill(pid, "-KILL");
    assert_eq!(soon(program.ended()).await.to_string(), "was killed by SIGKILL");
    assert_eq!(program.pids().len(), 1, "its child is still there");
    assert_eq!(program.end().await, Some(Ending::Killed(9)), "its end does not change");
    assert!(program.pids().is_empty());
}

#[tokio::test]
async fn the_end_comes_with_all_that_was_said_and_waits_for_no_heir_of_the_pipe() {
    let command = python(
        "if os.fork() == 0: signal.pause()\nos.write(2, b'x' * 60000 + b'last')\nos._exit(7)",
    );
    let program = start(&command).await;
    assert_eq!(soon(program.ended()).await.to_string(), "ended with status 7");
    assert!(program.said().ends_with(b"xlast") && program.said().len() == 60004);
}

#[tokio::test]
async fn one_that_ended_before_is_not_waited_for_twice() {
    let mut program = start(&Command::parse("true").unwrap()).await;
    assert_eq!(soon(program.ended()).await, Ending::Exited(0));
    assert_eq!(soon(program.ended()).await, Ending::Exited(0));
    assert_eq!(program.end().await, Some(Ending::Exited(0)));
    assert_eq!(program.try_ended(), Some(Ending::Exited(0)));
}
