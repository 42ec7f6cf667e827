//! The terminal as it was before a prompt changed it.

use std::io::{self, Write as _};
use std::sync::Arc;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal as it was. The editor changes it while it reads, and the program may end meanwhile.
#[derive(Clone)]
pub(super) struct Terminal(Option<Arc<Termios>>);

impl Terminal {
    pub(super) fn remember() -> Terminal {
        Terminal(tcgetattr(io::stdin()).ok().map(Arc::new))
    }

    /// Makes the terminal what it was, and wipes away the prompt that nobody will answer.
    pub(super) fn restore(&self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
