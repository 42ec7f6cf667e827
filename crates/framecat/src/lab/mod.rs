//! Claims about sockets, each run for real: sockets of this process or its children, on loopback.
//!
//! A file an experiment. Each makes its sockets, records what was called and what the kernel had in its
//! queues, and computes its verdict from what it measured in that run. Nothing is concluded from how long
//! something took: a thread sleeps when the kernel says that it does, and nothing came when what was sent
//! later has come.
//!
//! - `scene`: clock, timeline, waiting · `actor`: calls, recorded · `sight`: what the kernel shows
//! - `thread`: calls that wait, and the proof that they do · `socket`: sockets, bounded in time

mod accept_blocks;
mod actor;
mod backlog;
mod crash;
mod half_open;
mod handshake;
mod obstacle;
mod options;
mod scene;
mod servers;
mod sight;
mod socket;
mod thread;
mod threads;
mod time_wait;
mod two_sockets;

use std::time::Instant;

use framecat_core::lab::{Experiment, Measured, Report, Timeline, Verdict};

use obstacle::Obstacle;
use scene::Scene;

/// What an experiment has measured, and what follows from that alone.
trait Findings {
    /// The verdict.
    fn verdict(&self) -> Verdict;

    /// What is told, in this order.
    fn measured(&self) -> Vec<Measured>;
}

/// Runs an experiment. It waits where the experiment has to, and takes less than 5 seconds except where
/// the kernel's own timers are its subject. It needs no privilege.
pub fn run(experiment: Experiment) -> Report {
    let began = Instant::now();
    let (outcome, timeline) = match Scene::open() {
        Ok(scene) => (findings(experiment, &scene), scene.into_timeline()),
        Err(obstacle) => (Err(obstacle), Timeline::default()),
    };
    let (verdict, measured, obstacle) = match outcome {
        Ok(found) => (found.verdict(), found.measured(), None),
        Err(obstacle) => (Verdict::CannotTell, Vec::new(), Some(obstacle.to_string())),
    };
    Report { experiment, verdict, measured, timeline, obstacle, took: began.elapsed() }
}

fn findings(experiment: Experiment, scene: &Scene) -> Result<Box<dyn Findings>, Obstacle> {
    Ok(match experiment {
        Experiment::Handshake => Box::new(handshake::run(scene)?),
        Experiment::AcceptBlocks => Box::new(accept_blocks::run(scene)?),
        Experiment::TwoSockets => Box::new(two_sockets::run(scene)?),
        Experiment::Backlog => Box::new(backlog::run(scene)?),
        Experiment::HalfOpen => Box::new(half_open::run(scene)?),
        Experiment::TimeWait => Box::new(time_wait::run(scene)?),
        Experiment::Threads => Box::new(threads::run(scene)?),
        Experiment::Crash => Box::new(crash::run(scene)?),
        _ => return Err(Obstacle::new("it is not built yet")),
    })
}
