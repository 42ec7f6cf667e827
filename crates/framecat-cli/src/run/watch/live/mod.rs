//! The live view: keys, frames and signals come in, the screen goes out. What is shown is decided in
//! [`crate::render::watch::live`].

mod job;
mod keyboard;
mod keys;
mod sampling;
mod screen;
mod signals;

use std::io;
use std::sync::Arc;

use framecat::core::watch::Frame;
use framecat::watch::Sampler;
use jiff::Zoned;

use super::super::signal::Stop;
use super::super::{Exit, cannot_start, fail, in_runtime};
use super::{hint, nothing_to_watch, stream};
use crate::args::{Form, WatchPlan, Watched};
use crate::render::watch::live::{Look, Start, View, Wish, title};
use crate::style::Style;

use keyboard::Keyboard;
use sampling::{Sampled, Sampling};
use screen::Screen;
use signals::{Signal, Signals};

/// Shows what is sampled until the person leaves. Where the terminal can only write lines, they are
/// shown one after the other.
pub(super) fn run(sampler: Sampler, plan: WatchPlan) -> Exit {
    if !screen::is_possible() {
        return stream::run(sampler, WatchPlan { form: Form::Text { once: false }, ..plan });
    }
    in_runtime(watch(sampler, plan))
}

async fn watch(sampler: Sampler, plan: WatchPlan) -> Exit {
    // Before the screen is changed: from then on nothing ends us that does not restore it.
    let signals = match Signals::catch() {
        Ok(signals) => signals,
        Err(error) => return cannot_start(&error),
    };
    let screen = match Screen::open() {
        Ok(screen) => screen,
        Err(error) => return cannot_use(&error),
    };
    let keyboard = match Keyboard::start() {
        Ok(keyboard) => keyboard,
        Err(error) => return cannot_use(&error),
    };
    let view = View::new(Start {
        title: title(&plan.subject),
        look: look(),
        interval: plan.interval,
        filter: plan.filter,
        sort: plan.sort.as_deref(),
    });
    let sampling = Sampling::start(sampler, plan.interval);
    let mut live = Live { view, screen, keyboard, sampling, signals, has_stopped: false };
    let end = live.go_on(&plan.subject).await;
    live.screen.leave().await;
    match end {
        End::Asked(exit) => exit,
        End::Sampling(problem) => fail(&problem, Exit::Local),
        End::Terminal(error) => match error.raw_os_error() {
            // EIO is a terminal that was hung up.
            Some(5) => Exit::Unread,
            _ if error.kind() == io::ErrorKind::BrokenPipe => Exit::Unread,
            _ => cannot_use(&error),
        },
    }
}

fn cannot_use(error: &io::Error) -> Exit {
    let problem = format!("cannot use the terminal: {}; try --once", framecat::reason(error));
    fail(&problem, Exit::Local)
}

fn look() -> Look {
    let console = std::env::var_os("TERM").is_some_and(|term| term == "linux");
    Look { coloured: Style::for_stdout().is_coloured(), eighths: !console }
}

/// Why the view ends.
enum End {
    /// Somebody asked for it.
    Asked(Exit),
    /// No sample could be taken, or there is nothing to be watched.
    Sampling(String),
    /// The terminal takes nothing more, or is gone.
    Terminal(io::Error),
}

impl From<Stop> for End {
    fn from(stop: Stop) -> End {
        End::Asked(stop.into())
    }
}

struct Live {
    view: View,
    screen: Screen,
    keyboard: Keyboard,
    sampling: Sampling,
    signals: Signals,
    /// Whether we have stopped our own job, and the signal has not come back yet.
    has_stopped: bool,
}

impl Live {
    /// Goes on until something ends it.
    async fn go_on(&mut self, subject: &Watched) -> End {
        // The screen is taken when there is something to be shown.
        tokio::select! {
            sampled = self.sampling.next() => match sampled {
                Sampled::Failed(problem) => return End::Sampling(problem),
                Sampled::Frame(frame) => {
                    if let Some(problem) = nothing_to_watch(&frame) {
                        return End::Sampling(problem);
                    }
                    if let Some(hint) = hint(subject, &frame) {
                        self.view.note(hint);
                    }
                    self.show(frame);
                }
            },
            stop = self.signals.stop() => return stop.into(),
        }
        if let Err(error) = self.enter() {
            return End::Terminal(error);
        }
        loop {
            // A terminal that is slow gets fewer screens, not a queue of them.
            if self.view.has_changed() && self.screen.is_ready() {
                self.screen.draw(&mut self.view);
            }
            let end = tokio::select! {
                key = self.keyboard.next() => match key {
                    Ok(key) => { let wish = self.view.on_key(key); self.grant(wish).await }
                    Err(error) => Some(End::Terminal(error)),
                },
                sampled = self.sampling.next() => match sampled {
                    Sampled::Frame(frame) => { self.show(frame); self.enter_again() }
                    Sampled::Failed(problem) => Some(End::Sampling(problem)),
                },
                signal = self.signals.next() => self.on_signal(signal).await,
                written = self.screen.written() => written.err().map(End::Terminal),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn show(&mut self, frame: Arc<Frame>) {
        self.view.on_frame(frame, Zoned::now().strftime("%H:%M:%S").to_string());
    }

    /// Does what a key asks for.
    async fn grant(&mut self, wish: Wish) -> Option<End> {
        match wish {
            Wish::Nothing => {}
            Wish::Interval(interval) => self.sampling.set_interval(interval),
            Wish::Redraw => return self.enter().err().map(End::Terminal),
            Wish::Suspend => self.suspend(Some(job::stop_others)).await,
            Wish::Quit => return Some(End::Asked(Exit::Done)),
            Wish::Interrupt => return Some(Stop::Interrupt.into()),
        }
        None
    }

    async fn on_signal(&mut self, signal: Signal) -> Option<End> {
        match signal {
            Signal::Stop(stop) => return Some(stop.into()),
            Signal::Resize => {
                self.screen.resize();
                self.view.on_resize();
            }
            // What we sent to our own job has come back.
            Signal::Suspend if std::mem::take(&mut self.has_stopped) => {}
            Signal::Suspend => self.suspend(None).await,
            Signal::Resume => return self.enter().err().map(End::Terminal),
        }
        None
    }

    /// Gives the screen back and stops, and first `others` of this job.
    async fn suspend(&mut self, others: Option<fn()>) {
        if job::is_orphaned() || !self.signals.may_suspend() {
            return self.view.note("there is no shell to go back to: q ends it");
        }
        self.keyboard.close();
        self.screen.leave().await;
        // The shell may have gone meanwhile, and whoever stops then stays so.
        if job::is_orphaned() {
            return;
        }
        if let Some(stop) = others {
            self.has_stopped = true;
            stop();
        }
        job::stop();
    }

    /// Takes the screen when it is ours again: not every shell tells a job that runs already.
    fn enter_again(&mut self) -> Option<End> {
        if self.screen.is_taken() {
            return None;
        }
        self.enter().err().map(End::Terminal)
    }

    /// Takes the screen, if it is ours: in the background it is another job's.
    fn enter(&mut self) -> io::Result<()> {
        if job::is_in_foreground() {
            self.screen.enter()?;
            self.keyboard.open();
            self.view.on_resize();
        }
        Ok(())
    }
}
