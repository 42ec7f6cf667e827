//! Claims about sockets, each run for real: sockets of this process or its children, on loopback.
//!
//! A file an experiment. Each makes its sockets, records what was called and what the kernel had in its
//! queues, and computes its verdict from what it measured in that run. Nothing is concluded from how long
//! something took: a thread sleeps when the kernel says that it does, and nothing came when what was sent
//! later has come.
//!
//! - `scene`: clock, timeline, waiting · `actor`: calls, recorded · `sight`: what the kernel shows
//! - `options`: calls that set one · `bulk`: much at once
//! - `thread`: calls that wait, and the proof that they do · `socket`: sockets, bounded in time
//! - `datagram`: calls of UDP and its queues · `unix`: Unix sockets and their names

mod accept_blocks;
mod ack_frees;
mod actor;
mod backlog;
mod bulk;
mod crash;
mod datagram;
mod empty_tcp;
mod empty_udp;
mod framing;
mod half_open;
mod handshake;
mod obstacle;
mod options;
mod pairs;
mod recv_blocks;
mod round_trip;
mod scene;
mod send_loses;
mod servers;
mod sight;
mod socket;
mod split;
mod sticky_receiver;
mod sticky_sender;
mod thread;
mod threads;
mod time_wait;
mod two_sockets;
mod udp_nobody;
mod udp_pairs;
mod udp_truncate;
mod unix;
mod unix_local;

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

/// Runs an experiment. It waits where the experiment has to, and usually takes less than 5 seconds, except
/// where the kernel's own timers are its subject; each wait is given up after 10 seconds, or 30 where it
/// is for such a timer. It needs no privilege.
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
        Experiment::RecvBlocks => Box::new(recv_blocks::run(scene)?),
        Experiment::EmptyTcp => Box::new(empty_tcp::run(scene)?),
        Experiment::EmptyUdp => Box::new(empty_udp::run(scene)?),
        Experiment::UdpTruncate => Box::new(udp_truncate::run(scene)?),
        Experiment::UdpNobody => Box::new(udp_nobody::run(scene)?),
        Experiment::UdpPairs => Box::new(udp_pairs::run(scene)?),
        Experiment::StickySender => Box::new(sticky_sender::run(scene)?),
        Experiment::StickyReceiver => Box::new(sticky_receiver::run(scene)?),
        Experiment::Split => Box::new(split::run(scene)?),
        Experiment::SendLoses => Box::new(send_loses::run(scene)?),
        Experiment::AckFrees => Box::new(ack_frees::run(scene)?),
        Experiment::Pairs => Box::new(pairs::run(scene)?),
        Experiment::Crash => Box::new(crash::run(scene)?),
        Experiment::Threads => Box::new(threads::run(scene)?),
        Experiment::UnixLocal => Box::new(unix_local::run(scene)?),
        Experiment::Framing => Box::new(framing::run(scene)?),
    })
}
