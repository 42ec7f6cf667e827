//! The keyboard: a thread that reads keys, as there is no reading that would not block.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyEvent, KeyEventKind};
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc;

/// Keys that wait; more wait in the terminal.
const WAITING: usize = 64;

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

/// Where crossterm reads keys: standard input, or the controlling terminal where that is none.
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
    keys: &mpsc::Sender<io::Result<KeyEvent>>,
) -> io::Result<()> {
    loop {
        gate.pass();
        wait(terminal)?;
        // What was typed while the gate was shut is for whoever has the terminal.
        if !gate.pass() {
            continue;
        }
        while event::poll(Duration::ZERO)? {
            // The size comes with a signal, so that it comes while a key is waited for.
            let Event::Key(key) = event::read()? else { continue };
            if key.kind != KeyEventKind::Release && keys.blocking_send(Ok(key)).is_err() {
                return Ok(());
            }
        }
    }
}

/// Waits for a key. A terminal that is gone is always readable, and crossterm would read it for ever.
fn wait(terminal: &OwnedFd) -> io::Result<()> {
    let mut readable = [PollFd::new(terminal, PollFlags::IN)];
    loop {
        match poll(&mut readable, None) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if readable[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        return Err(rustix::io::Errno::IO.into());
    }
    Ok(())
}
