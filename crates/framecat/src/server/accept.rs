//! The accept loop of a stream server, its limits, and its end.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use framecat_core::address::Address;
use rustix::io::Errno;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::shared::{Phase, Shared};
use super::{Config, Report, Say, operator, session};
use crate::endpoint::{Listener, Stream};
use crate::observe::{Event, Observer};

/// How long to wait for a descriptor to become free if no session of ours ends.
const DESCRIPTOR_WAIT: Duration = Duration::from_millis(500);

/// Serves until `shutdown` is ready, then drains.
pub(super) async fn run(
    listener: Listener,
    config: Config,
    observer: Arc<dyn Observer>,
    operator: Option<mpsc::Receiver<Say>>,
    shutdown: impl Future<Output = ()>,
) -> Report {
    let shared = Arc::new(Shared::new(config, observer));
    let operator = match operator {
        Some(operator) => Some(tokio::spawn(operator::run(shared.clone(), operator))),
        None => {
            shared.members.unattend();
            None
        }
    };
    tokio::select! {
        () = accept_for_ever(&listener, &shared) => {}
        () = shutdown => {}
    }
    let begin = Instant::now();
    drain(listener, &shared, begin + shared.config.drain).await;
    if let Some(operator) = operator {
        operator.abort();
    }
    Report { drained_in: begin.elapsed(), ..shared.report() }
}

async fn accept_for_ever(listener: &Listener, shared: &Arc<Shared>) {
    let mut said_full = false;
    let mut said_short = false;
    loop {
        poll_fn(|cx| shared.observer.poll_ready(cx)).await;
        wait_for_seat(shared, &mut said_full).await;
        // A failure here is the runtime's end, and then nothing is polled any more.
        let _ = listener.readable().await;
        match accept_all(shared, || listener.try_accept()) {
            Accepted::All => said_short = false,
            Accepted::Full => {}
            Accepted::Failed(error) => {
                if !std::mem::replace(&mut said_short, true) {
                    let hint =
                        if is_shortage(&error) { " until a session ends (ulimit -n)" } else { "" };
                    let reason = format!("{}; clients wait{hint}", crate::reason(&error));
                    shared.observer.on_event(&Event::AcceptPaused { reason: &reason });
                }
                wait_for_descriptor(shared).await;
            }
        }
    }
}

/// At the limit the next clients wait in the kernel's queue, where they cost nothing.
async fn wait_for_seat(shared: &Shared, said_full: &mut bool) {
    let max = shared.config.max_connections;
    if shared.active() < max / 2 {
        *said_full = false;
    }
    while !shared.has_seat() {
        if max > 1 && !*said_full {
            *said_full = true;
            let reason = format!("{max} sessions are active, the limit; the next clients wait");
            shared.observer.on_event(&Event::AcceptPaused { reason: &reason });
        }
        shared.seat_freed().await;
    }
}

async fn wait_for_descriptor(shared: &Shared) {
    tokio::select! {
        () = shared.seat_freed() => {}
        () = sleep_until(Instant::now() + DESCRIPTOR_WAIT) => {}
    }
}

/// Why no more connections were accepted.
enum Accepted {
    /// None waits.
    All,
    /// The limit on sessions is reached.
    Full,
    /// This process can open no more, or something else is wrong that may pass.
    Failed(io::Error),
}

/// Accepts what waits. A connection at a time would let the queue overflow in a burst.
fn accept_all(
    shared: &Arc<Shared>,
    accept: impl Fn() -> io::Result<(Stream, Address)>,
) -> Accepted {
    loop {
        if !shared.has_seat() {
            return Accepted::Full;
        }
        match accept() {
            Ok((stream, peer)) => {
                let (id, seat) = shared.take_seat();
                tokio::spawn(session::run(id, stream, peer, shared.clone(), seat));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Accepted::All,
            // The connection was gone before it was accepted: the next may be there (accept(2)).
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => return Accepted::Failed(error),
        }
    }
}

fn is_shortage(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM))
}

/// Answers what has come, of the clients that wait to be accepted too, until `deadline`.
async fn drain(listener: Listener, shared: &Arc<Shared>, deadline: Instant) {
    shared.phase.send_replace(Phase::Draining);
    while !matches!(accept_all(shared, || listener.accept_now()), Accepted::All) {
        if timeout_at(deadline, wait_for_descriptor(shared)).await.is_err() {
            break;
        }
    }
    drop(listener);
    if timeout_at(deadline, all_gone(shared)).await.is_err() {
        shared.phase.send_replace(Phase::Over);
        all_gone(shared).await;
    }
}

async fn all_gone(shared: &Shared) {
    while shared.active() > 0 {
        shared.seat_freed().await;
    }
}
