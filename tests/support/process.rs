//! A process under test: its output is gathered as it comes, so that neither side ever blocks.

use std::fmt;
use std::io::{Read, Write};
use std::os::fd::AsFd as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use super::Output;
use super::seen::{Missing, Seen, Streams, contains, gather, lossy};

/// How long to wait for what must come. Nothing takes this long, however busy the machine is: it only
/// ends a test that would hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running process.
pub(crate) struct Process {
    /// What was started, as one would type it.
    name: String,
    child: Child,
    stdin: Option<Box<dyn Write + Send>>,
    seen: Arc<Seen>,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts `command` with a pipe at each of its standard streams.
    #[track_caller]
    pub(crate) fn start(mut command: Command, name: String) -> Process {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(command, &name);
        let stdin = Box::new(child.stdin.take().expect("it is piped"));
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        Process::watch(child, name, stdin, stdout, stderr)
    }

    /// Starts `command` at a terminal: it reads what is written to `keyboard`, and what it writes to
    /// either standard stream comes out of `screen`, which counts as its standard output.
    #[track_caller]
    pub(super) fn start_at(
        command: Command,
        name: String,
        keyboard: impl Write + Send + 'static,
        screen: impl Read + Send + 'static,
    ) -> Process {
        let child = spawn(command, &name);
        Process::watch(child, name, Box::new(keyboard), screen, std::io::empty())
    }

    fn watch(
        child: Child,
        name: String,
        stdin: Box<dyn Write + Send>,
        stdout: impl Read + Send + 'static,
        stderr: impl Read + Send + 'static,
    ) -> Process {
        let seen = Arc::new(Seen::default());
        gather(stdout, seen.clone(), |streams| &mut streams.stdout);
        gather(stderr, seen.clone(), |streams| &mut streams.stderr);
        Process { name, child, stdin: Some(stdin), seen, status: None }
    }

    /// Types a line.
    #[track_caller]
    pub(crate) fn stdin_line(&mut self, line: &str) -> &mut Process {
        self.stdin_bytes(format!("{line}\n"))
    }

    /// Writes bytes to its standard input, in one write.
    #[track_caller]
    pub(crate) fn stdin_bytes(&mut self, bytes: impl AsRef<[u8]>) -> &mut Process {
        let stdin = self.stdin.as_mut().expect("its standard input is open");
        if let Err(error) = stdin.write_all(bytes.as_ref()) {
            panic!("{self}\nit does not read its standard input: {error}");
        }
        self
    }

    /// Ends its standard input.
    pub(crate) fn close_stdin(&mut self) -> &mut Process {
        self.stdin = None;
        self
    }

    /// Gives it all of its standard input, and waits for its end.
    #[track_caller]
    pub(crate) fn with_stdin(&mut self, bytes: impl AsRef<[u8]>) -> Output {
        let mut stdin = self.stdin.take().expect("its standard input is open");
        let bytes = bytes.as_ref().to_vec();
        // On a thread, because a process may end, or stand still, before it has read everything.
        let writing = thread::spawn(move || drop(stdin.write_all(&bytes)));
        let output = self.finish();
        writing.join().expect("it does not panic");
        output
    }

    /// Waits until its standard output contains these bytes.
    #[track_caller]
    pub(crate) fn wait_stdout(&self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let what = format!("\"{}\" on stdout", bytes.escape_ascii());
        self.wait_stdout_for(&what, |seen| contains(seen, bytes).then_some(()));
    }

    /// Waits until `look` finds something in its standard output.
    #[track_caller]
    pub(crate) fn wait_stdout_for<T>(&self, what: &str, look: impl Fn(&[u8]) -> Option<T>) -> T {
        self.wait(what, |streams| (look(&streams.stdout.bytes), streams.stdout.ended))
    }

    /// Waits for a line of its standard output, from its first on, and returns it.
    #[track_caller]
    pub(crate) fn wait_stdout_line(&self, wanted: impl Fn(&str) -> bool) -> String {
        self.wait("a line on stdout", |streams| {
            (streams.stdout.find_line(&wanted), streams.stdout.ended)
        })
    }

    /// Waits for a line of its standard error, from its first on, and returns it.
    #[track_caller]
    pub(crate) fn wait_stderr(&self, wanted: impl Fn(&str) -> bool) -> String {
        self.wait("a line on stderr", |streams| {
            (streams.stderr.find_line(&wanted), streams.stderr.ended)
        })
    }

    /// Waits until its standard error contains this text, which need not be a line: a prompt is none.
    #[track_caller]
    pub(crate) fn wait_stderr_text(&self, text: &str) {
        let what = format!("`{text}` on stderr");
        self.wait(&what, |streams| {
            let found = contains(&streams.stderr.bytes, text.as_bytes());
            (found.then_some(()), streams.stderr.ended)
        });
    }

    /// What it has written to its standard output until now.
    pub(crate) fn stdout_so_far(&self) -> Vec<u8> {
        self.seen.streams().stdout.bytes.clone()
    }

    /// What it has written to its standard error until now.
    pub(crate) fn stderr_so_far(&self) -> String {
        lossy(&self.seen.streams().stderr.bytes)
    }

    /// Sends it a signal. It has not been waited for, so its process id is still its own.
    pub(crate) fn signal(&mut self, signal: Signal) -> &mut Process {
        if self.status.is_none() {
            let pid = Pid::from_child(&self.child);
            kill_process(pid, signal).unwrap_or_else(|error| panic!("{self}\n{signal:?}: {error}"));
        }
        self
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    #[track_caller]
    pub(crate) fn terminate(&mut self) -> Output {
        self.signal(Signal::TERM).finish()
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub(crate) fn finish(&mut self) -> Output {
        self.finish_within(PATIENCE)
    }

    /// The same for one that may work for longer than [`PATIENCE`]. It is asked to end before this fails,
    /// so that it can end what it has started itself.
    #[track_caller]
    pub(crate) fn finish_within(&mut self, patience: Duration) -> Output {
        if !self.ends_within(patience) {
            self.signal(Signal::TERM).ends_within(PATIENCE);
            panic!("{self}\nit did not end within {patience:?}");
        }
        let status = self.child.wait().expect("it has ended");
        self.status = Some(status);
        self.wait("the end of its output", |streams| {
            let ended = streams.stdout.ended && streams.stderr.ended;
            (ended.then_some(()), ended)
        });
        let streams = self.seen.streams();
        Output {
            name: self.name.clone(),
            code: status.code(),
            bytes: streams.stdout.bytes.clone(),
            stderr: lossy(&streams.stderr.bytes),
        }
    }

    #[track_caller]
    fn ends_within(&self, patience: Duration) -> bool {
        let pidfd = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty());
        let pidfd = pidfd.expect("it was not waited for yet");
        let patience = Timespec::try_from(patience).expect("a few seconds");
        let mut ended = [PollFd::from_borrowed_fd(pidfd.as_fd(), PollFlags::IN)];
        match poll(&mut ended, Some(&patience)) {
            Ok(ready) => ready > 0,
            Err(error) => panic!("{self}\ncannot wait for its end: {error}"),
        }
    }

    #[track_caller]
    fn wait<T>(&self, what: &str, look: impl Fn(&Streams) -> (Option<T>, bool)) -> T {
        match self.seen.wait(PATIENCE, look) {
            Ok(found) => found,
            Err(Missing::Ended) => panic!("{self}\nit ended without {what}"),
            Err(Missing::Late) => panic!("{self}\n{PATIENCE:?} without {what}"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{self}");
        }
        if self.status.is_none() {
            // It may have ended by itself, and then there is nothing to kill.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// All that is known about it, for whoever has to find out what went wrong.
impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let streams = self.seen.streams();
        writeln!(f, "--- `{}`", self.name)?;
        writeln!(f, "--- stdout: {}", lossy(&streams.stdout.bytes))?;
        write!(f, "--- stderr: {}", lossy(&streams.stderr.bytes))
    }
}

#[track_caller]
fn spawn(mut command: Command, name: &str) -> Child {
    // A test that cannot run must not pass: not without the binary, and not without python3.
    command.spawn().unwrap_or_else(|error| panic!("this test needs to run `{name}`: {error}"))
}
