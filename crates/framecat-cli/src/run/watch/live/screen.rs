//! The screen: taken, drawn on, and given back as it was, however the program ends.

#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as sync;

use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::cursor::{Hide, MoveTo, Show};
use ratatui::crossterm::queue;
use ratatui::crossterm::style::{Attribute, SetAttribute};
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Position, Rect};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::termios::tcgetwinsize;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::render::watch::live::View;
use crate::run::LAST_WORDS;

/// What a terminal that does not know its size is taken for: a serial line, say.
const USUAL: (u16, u16) = (80, 24);

/// A larger screen is used in part: anybody may set any size (TIOCSWINSZ), and it is drawn in memory.
const LARGEST: (u16, u16) = (1000, 500);

/// Whether standard output is a terminal that can do more than lines, and there is a keyboard.
pub(super) fn is_possible() -> bool {
    let able = std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
    able && io::stdout().is_terminal() && super::keyboard::terminal().is_ok()
}

/// The screen. It is drawn in memory; a thread writes it out, so that a terminal that takes its time
/// delays neither keys nor signals.
pub(super) struct Screen {
    /// What the terminal shows, and what it shall show next.
    shown: Buffer,
    next: Buffer,
    /// What is to be written before the next drawing.
    first: Vec<u8>,
    paper: sync::SyncSender<Vec<u8>>,
    written: mpsc::Receiver<io::Result<()>>,
    /// Whether the thread is writing.
    writing: bool,
    taken: Arc<Taken>,
}

/// Whether the screen is taken, and has to be given back.
#[derive(Default)]
struct Taken(AtomicBool);

impl Screen {
    /// Gets ready; the screen is taken by [`Screen::enter`].
    pub(super) fn open() -> io::Result<Screen> {
        let taken = Arc::new(Taken::default());
        let before = std::panic::take_hook();
        let on_panic = taken.clone();
        std::panic::set_hook(Box::new(move |info| {
            // What is said of the panic would go with the screen.
            on_panic.give_back();
            before(info);
        }));
        let (paper, sheets) = sync::sync_channel::<Vec<u8>>(1);
        let (tell, written) = mpsc::channel(1);
        let shared = taken.clone();
        std::thread::Builder::new().name("screen".into()).spawn(move || {
            for sheet in sheets {
                let result = if shared.is() { write_all(&sheet) } else { Ok(()) };
                if tell.blocking_send(result).is_err() {
                    return;
                }
            }
        })?;
        Ok(Screen {
            shown: Buffer::empty(Rect::ZERO),
            next: Buffer::empty(Rect::ZERO),
            first: Vec::new(),
            paper,
            written,
            writing: false,
            taken,
        })
    }

    /// Takes the screen, or takes it anew: after another program had it, nothing on it is ours.
    pub(super) fn enter(&mut self) -> io::Result<()> {
        // What another program has set meanwhile is not what is to be restored.
        disable_raw_mode()?;
        enable_raw_mode()?;
        self.taken.set(true);
        queue!(self.first, EnterAlternateScreen, Hide)?;
        self.resize();
        Ok(())
    }

    /// It may have another size: everything is drawn anew.
    pub(super) fn resize(&mut self) {
        let (columns, rows) = size();
        let area = Rect::new(0, 0, columns, rows);
        self.next = Buffer::empty(area);
        self.shown = Buffer::empty(area);
        // A write into memory succeeds.
        let _ = queue!(self.first, SetAttribute(Attribute::Reset), Clear(ClearType::All));
    }

    /// Whether it is ours.
    pub(super) fn is_taken(&self) -> bool {
        self.taken.is()
    }

    /// Whether it is ours and something can be drawn now.
    pub(super) fn is_ready(&self) -> bool {
        !self.writing && self.taken.is()
    }

    /// Draws the view, and has written what is not there already.
    pub(super) fn draw(&mut self, view: &mut View) {
        self.next.reset();
        let cursor = view.draw(self.next.area, &mut self.next);
        let mut sheet = std::mem::take(&mut self.first);
        // A write into memory succeeds.
        let _ = self.write_difference(&mut sheet, cursor);
        std::mem::swap(&mut self.shown, &mut self.next);
        self.send(sheet);
    }

    fn write_difference(&self, sheet: &mut Vec<u8>, cursor: Option<Position>) -> io::Result<()> {
        queue!(sheet, Hide)?;
        CrosstermBackend::new(&mut *sheet).draw(self.shown.diff_iter(&self.next))?;
        if let Some(Position { x, y }) = cursor {
            queue!(sheet, MoveTo(x, y), Show)?;
        }
        Ok(())
    }

    fn send(&mut self, sheet: Vec<u8>) {
        // There is room: the thread has written what it was given before. It ends with us only.
        self.writing = self.paper.send(sheet).is_ok();
    }

    /// Waits until what was drawn is written.
    pub(super) async fn written(&mut self) -> io::Result<()> {
        if !self.writing {
            return std::future::pending().await;
        }
        let result = self.written.recv().await;
        self.writing = false;
        result.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }

    /// Gives it back as it was.
    pub(super) async fn leave(&mut self) {
        if !self.taken.is() {
            return;
        }
        // A terminal that takes nothing is not waited for for ever.
        let _ = timeout(LAST_WORDS, async {
            if self.writing {
                self.written().await?;
            }
            self.send(leaving());
            self.written().await
        })
        .await;
        self.taken.set(false);
        // A terminal that is gone needs nothing.
        let _ = disable_raw_mode();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.taken.give_back();
    }
}

impl Taken {
    fn is(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn set(&self, taken: bool) {
        self.0.store(taken, Ordering::SeqCst);
    }

    /// Gives the screen back from wherever something went wrong; nothing is drawn from then on.
    fn give_back(&self) {
        if self.0.swap(false, Ordering::SeqCst) {
            // There is nothing left to be done if it does not work.
            let _ = write_all(&leaving());
            let _ = disable_raw_mode();
        }
    }
}

/// What has a terminal show what it showed before. One that has no second screen, as Linux' own, goes on
/// below.
fn leaving() -> Vec<u8> {
    let (_, rows) = size();
    let mut bytes = Vec::new();
    // A write into memory succeeds.
    let _ = queue!(
        bytes,
        SetAttribute(Attribute::Reset),
        MoveTo(0, rows - 1),
        Clear(ClearType::CurrentLine),
        LeaveAlternateScreen,
        Show
    );
    bytes
}

/// Writes to the terminal, past the buffer and the lock of [`io::stdout`]: a panic must not wait for them.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    let stdout = io::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(&stdout, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            // Whoever shares the terminal with us has set it so.
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn size() -> (u16, u16) {
    let told = tcgetwinsize(io::stdout()).map_or((0, 0), |size| (size.ws_col, size.ws_row));
    let (columns, rows) = if told.0 == 0 || told.1 == 0 { USUAL } else { told };
    (columns.min(LARGEST.0), rows.min(LARGEST.1))
}
