//! The signals of a program that has the screen: what ends it must restore the terminal first, and so
//! must what stops it.

use std::io;

use tokio::signal::unix::{Signal as Caught, SignalKind};

use crate::run::signal::{Stop, catch, ignored_signals, received};

/// What has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Stop(Stop),
    /// SIGTSTP: Ctrl-Z at a shell with job control.
    Suspend,
    /// SIGCONT: it was stopped, and goes on.
    Resume,
    /// SIGWINCH: the screen has another size.
    Resize,
}

/// Where they can be waited for.
pub(super) struct Signals {
    interrupt: Option<Caught>,
    quit: Option<Caught>,
    terminate: Option<Caught>,
    hangup: Option<Caught>,
    suspend: Option<Caught>,
    resume: Option<Caught>,
    resize: Option<Caught>,
}

impl Signals {
    /// Catches them from now on, but for those that whoever started us wants ignored.
    pub(super) fn catch() -> io::Result<Signals> {
        let ignored = ignored_signals();
        let catch = |kind| catch(kind, ignored);
        Ok(Signals {
            interrupt: catch(SignalKind::interrupt())?,
            quit: catch(SignalKind::quit())?,
            terminate: catch(SignalKind::terminate())?,
            hangup: catch(SignalKind::hangup())?,
            suspend: catch(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            resume: catch(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            resize: catch(SignalKind::window_change())?,
        })
    }

    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            () = received(&mut self.interrupt) => Signal::Stop(Stop::Interrupt),
            // It asks for a core dump; what it is wanted for at a terminal is to get out.
            () = received(&mut self.quit) => Signal::Stop(Stop::Interrupt),
            () = received(&mut self.terminate) => Signal::Stop(Stop::Terminate),
            () = received(&mut self.hangup) => Signal::Stop(Stop::Terminate),
            () = received(&mut self.suspend) => Signal::Suspend,
            () = received(&mut self.resume) => Signal::Resume,
            () = received(&mut self.resize) => Signal::Resize,
        }
    }

    /// Whether whoever started us lets us be stopped.
    pub(super) fn may_suspend(&self) -> bool {
        self.suspend.is_some()
    }

    /// The next that ends the program; there is nothing yet that the others are for.
    pub(super) async fn stop(&mut self) -> Stop {
        loop {
            if let Signal::Stop(stop) = self.next().await {
                return stop;
            }
        }
    }
}
