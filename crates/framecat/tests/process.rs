//! Whose a listener is, and whether its program sleeps: of this process and of children.

#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use framecat::core::address::Address;
use framecat::kernel::process::{Asleep, Sleepers, close_waits, listeners, owners};

/// Far longer than a kernel needs, so that only a wrong answer takes as long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program in Python, which ends with the test.
struct Python {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Python {
    fn start(code: &str) -> Python {
        let mut child = Command::new("python3")
            .args(["-c", code])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("this test needs python3: {error}"));
        let out = BufReader::new(child.stdout.take().unwrap());
        Python { child, out }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn wait_for(sleepers: &mut Sleepers, wanted: Asleep) {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let asleep = sleepers.sample();
        if asleep == wanted {
            return;
        }
        assert!(Instant::now() < give_up, "{asleep:?} and not {wanted:?}: {sleepers:#?}");
    }
}

/// Who owns the listener. A program that another test starts has all we have for a moment, until it
/// runs what it is to run, so it is asked again until the answer is as wanted.
fn assert_owners(address: &str, wanted: &[u32]) {
    let at: Address = address.parse().unwrap();
    let give_up = Instant::now() + PATIENCE;
    loop {
        let pids = owners(&listeners(&at).unwrap()).unwrap().pids;
        if pids == wanted {
            return;
        }
        assert!(Instant::now() < give_up, "{address}: {pids:?} and not {wanted:?}");
    }
}

#[tokio::test]
async fn a_listener_is_owned_by_the_process_that_has_it() {
    let us = [std::process::id()];
    for bind in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
        let listener = TcpListener::bind(bind).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_owners(&format!("127.0.0.1:{port}"), &us);
        drop(listener);
    }
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_owners(&format!("[::1]:{port}"), &us);
    assert_owners(&format!("127.0.0.1:{port}"), &[]);
}

#[tokio::test]
async fn a_unix_listener_is_found_by_its_file_and_by_its_abstract_name() {
    let us = [std::process::id()];
    let folder = std::env::temp_dir().join(format!("framecat-owners-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let _listener = UnixListener::bind(folder.join("s")).unwrap();
    std::os::unix::fs::symlink(&folder, folder.join("link")).unwrap();
    let at = folder.display();
    assert_owners(&format!("unix://{at}/s"), &us);
    assert_owners(&format!("unix://{at}/link/s"), &us);
    assert_owners(&format!("unix://{at}/other"), &[]);
    std::fs::remove_dir_all(&folder).unwrap();

    let mut server = Python::start(&format!(
        "import socket, sys
l = socket.socket(socket.AF_UNIX); l.bind('\\0framecat-owners-{}'); l.listen()
print('listens', flush=True); sys.stdin.readline()",
        us[0]
    ));
    assert_eq!(server.line(), "listens");
    let name = format!("unix://@framecat-owners-{}", us[0]);
    assert_owners(&name, &[server.child.id()]);
}

/// Listens, forks a child that shares the listener, then each does as it is told: spin or wait.
const FORKING: &str = "import os, socket, sys, time
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen()
print(l.getsockname()[1], flush=True)
sys.stdin.readline()
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    print(os.getpid(), flush=True)
    os.set_blocking(r, False)
    while True:
        try:
            if os.read(r, 1): break
            os._exit(0)
        except BlockingIOError: pass
    os.set_blocking(r, True)
    print('waits', flush=True)
    os.read(r, 1)
    os._exit(0)
os.close(r)
sys.stdin.readline()
os.write(w, b'!')
sys.stdin.readline()
os.close(w)
os.wait()
print('alone', flush=True)
sys.stdin.readline()";

#[tokio::test]
async fn a_program_sleeps_when_all_its_processes_do() {
    let mut server = Python::start(FORKING);
    let port = server.line();
    let at = format!("127.0.0.1:{port}");
    assert_owners(&at, &[server.child.id()]);
    let mut sleepers = Sleepers::new(&[server.child.id()]).unwrap();
    wait_for(&mut sleepers, Asleep::Asleep);

    server.go_on();
    let child: u32 = server.line().parse().unwrap();
    assert_eq!(sleepers.sample(), Asleep::Running, "the child spins");
    assert!(sleepers.processes().contains(&child), "it was born after the first sample");
    let mut both = vec![server.child.id(), child];
    both.sort_unstable();
    assert_owners(&at, &both);
    let before = sleepers.cpu_time().unwrap();
    let give_up = Instant::now() + PATIENCE;
    while sleepers.cpu_time().unwrap() <= before {
        assert!(Instant::now() < give_up, "it spins and {before:?} do not grow");
    }
    let mut later = Sleepers::new(&[server.child.id()]).unwrap();
    assert_eq!(later.sample(), Asleep::Running, "it was there before the first sample");

    server.go_on();
    assert_eq!(server.line(), "waits");
    wait_for(&mut sleepers, Asleep::Asleep);
    server.go_on();
    assert_eq!(server.line(), "alone");
    wait_for(&mut sleepers, Asleep::Asleep);
    assert_eq!(sleepers.processes(), [server.child.id()]);
    server.go_on();
    wait_for(&mut sleepers, Asleep::Gone);
    assert_eq!(sleepers.cpu_time(), None);
}

#[test]
fn a_thread_that_is_born_later_is_seen() {
    let mut program = Python::start(
        "import sys, threading
stop = False
def spin():
    while not stop: pass
sys.stdin.readline()
t = threading.Thread(target=spin); t.start()
print('spins', flush=True)
sys.stdin.readline()
stop = True; t.join()
print('joined', flush=True)
sys.stdin.readline()",
    );
    let mut sleepers = Sleepers::new(&[program.child.id()]).unwrap();
    wait_for(&mut sleepers, Asleep::Asleep);
    program.go_on();
    assert_eq!(program.line(), "spins");
    assert_eq!(sleepers.sample(), Asleep::Running);
    program.go_on();
    assert_eq!(program.line(), "joined");
    wait_for(&mut sleepers, Asleep::Asleep);
}

#[tokio::test]
async fn connections_that_a_server_does_not_close_are_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    assert_eq!(close_waits(at.port()).unwrap(), 0);
    let accepted: Vec<TcpStream> = (0..3)
        .map(|_| {
            drop(TcpStream::connect(at).unwrap());
            listener.accept().unwrap().0
        })
        .collect();
    let give_up = Instant::now() + PATIENCE;
    loop {
        let count = close_waits(at.port()).unwrap();
        if count == 3 {
            break;
        }
        assert!(Instant::now() < give_up, "{count} of 3");
    }
    drop(accepted);
    assert_eq!(close_waits(at.port()).unwrap(), 0);
}
