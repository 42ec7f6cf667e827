//! The keyboard: a thread that reads keys. A terminal is not read without blocking: that would be set for
//! every program that has it open.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use ratatui::crossterm::event::KeyEvent;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::keys::Keys;

/// Keys that wait; more wait in the terminal.
const WAITING: usize = 64;

/// How long the rest of a key may take: a terminal sends it at once, and a network may cut it.
const PIECES: Duration = Duration::from_millis(50);

/// The keys that are pressed.
pub(super) struct Keyboard {
    keys: mpsc::Receiver<io::Result<KeyEvent>>,
    gate: Arc<Gate>,
}

/// Shut while the terminal is another job's: whoever reads from it then is stopped (SIGTTIN).
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Keyboard {
    /// Begins, with the gate shut.
    pub(super) fn start() -> io::Result<Keyboard> {
        let terminal = terminal()?;
        let (sender, keys) = mpsc::channel(WAITING);
        let gate = Arc::new(Gate::default());
        let shared = gate.clone();
        std::thread::Builder::new().name("keyboard".into()).spawn(move || {
            if let Err(error) = read(&terminal, &shared, &sender) {
                // Nobody listens if the program ends.
                let _ = sender.blocking_send(Err(error));
            }
        })?;
        Ok(Keyboard { keys, gate })
    }

    pub(super) fn open(&self) {
        self.gate.set(true);
    }

    pub(super) fn close(&self) {
        self.gate.set(false);
    }

    /// The next key; an error is the last that there is.
    pub(super) async fn next(&mut self) -> io::Result<KeyEvent> {
        match self.keys.recv().await {
            Some(key) => key,
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Gate {
    fn set(&self, open: bool) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
        self.changed.notify_all();
    }

    /// Waits until it is open; says whether it was so before.
    fn pass(&self) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let was_open = *open;
        while !*open {
            open = self.changed.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
        was_open
    }
}

/// Where keys are typed: standard input, or the controlling terminal where that is none.
pub(super) fn terminal() -> io::Result<OwnedFd> {
    if io::stdin().is_terminal() {
        return io::stdin().as_fd().try_clone_to_owned();
    }
    Ok(File::options().read(true).write(true).open("/dev/tty")?.into())
}

/// Reads keys until nobody wants them, or the terminal is gone.
fn read(
    terminal: &OwnedFd,
    gate: &Gate,
    sender: &mpsc::Sender<io::Result<KeyEvent>>,
) -> io::Result<()> {
    let mut keys = Keys::default();
    let mut buffer = [0; 1024];
    // Nobody listens once the program ends; the thread goes with it.
    let send = |key| drop(sender.blocking_send(Ok(key)));
    loop {
        gate.pass();
        let patience = keys.is_waiting().then_some(PIECES);
        if !wait(terminal, patience)? {
            keys.give_up(send);
            continue;
        }
        // What was typed while the gate was shut is for whoever has the terminal.
        if !gate.pass() {
            continue;
        }
        match rustix::io::read(terminal, &mut buffer) {
            // A terminal that was hung up.
            Ok(0) => return Err(Errno::IO.into()),
            Ok(read) => keys.on_bytes(&buffer[..read], send),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits until something can be read; says whether it can.
fn wait(terminal: &OwnedFd, patience: Option<Duration>) -> io::Result<bool> {
    let timeout = patience.map(|time| Timespec::try_from(time).expect("less than a second"));
    let mut readable = [PollFd::new(terminal, PollFlags::IN)];
    loop {
        match poll(&mut readable, timeout.as_ref()) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
