//! Each experiment, run for real: its verdict on Linux, and that its report can be told.
//!
//! `cargo test -p framecat --test lab NAME -- --nocapture` shows what happened.

#![cfg(target_os = "linux")]

use framecat::core::lab::{Experiment, Report, Verdict, What};
use framecat::lab::run;

#[track_caller]
fn assert_verdict(experiment: Experiment, wanted: Verdict) {
    let report = run(experiment);
    show(&report);
    assert_eq!(report.verdict, wanted, "{experiment}: {:?}", report.obstacle);
    assert!(report.obstacle.is_none());
    assert!(!report.measured.is_empty(), "a verdict follows from what was measured");
    let calls =
        report.timeline.events.iter().filter(|event| matches!(event.what, What::Call { .. }));
    assert!(calls.count() > 1, "the timeline shows what was called");
    let mut names: Vec<&str> = report.measured.iter().map(|measured| measured.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), report.measured.len(), "a name stands for one value");
}

fn show(report: &Report) {
    println!("{}: {:?} in {:?}", report.experiment, report.verdict, report.took);
    for event in &report.timeline.events {
        println!(
            "  {:>9.3?} +{:<9.3?} {:?} {:?}",
            event.from,
            event.until - event.from,
            event.lane,
            event.what
        );
    }
    println!("  and {} more", report.timeline.omitted);
    for measured in &report.measured {
        println!("  {} = {:?}", measured.name, measured.value);
    }
    println!("  {:?}", report.obstacle);
}

macro_rules! experiments {
    ($($name:ident: $experiment:ident => $verdict:ident;)+) => {
        $(#[test]
        fn $name() {
            assert_verdict(Experiment::$experiment, Verdict::$verdict);
        })+

        const TESTED: &[Experiment] = &[$(Experiment::$experiment),+];
    };
}

experiments! {
    handshake: Handshake => Holds;
    accept_blocks: AcceptBlocks => Holds;
    two_sockets: TwoSockets => Holds;
    backlog: Backlog => DoesNotHold;
    half_open: HalfOpen => HoldsBut;
    time_wait: TimeWait => HoldsBut;
    recv_blocks: RecvBlocks => HoldsBut;
    empty_tcp: EmptyTcp => Holds;
    empty_udp: EmptyUdp => HoldsBut;
    udp_truncate: UdpTruncate => Holds;
    udp_nobody: UdpNobody => HoldsBut;
    udp_pairs: UdpPairs => DoesNotHold;
    sticky_sender: StickySender => HoldsBut;
    sticky_receiver: StickyReceiver => Holds;
    split: Split => Holds;
    send_loses: SendLoses => DoesNotHold;
    ack_frees: AckFrees => Holds;
    pairs: Pairs => DoesNotHold;
    crash: Crash => HoldsBut;
    threads: Threads => Holds;
    unix_local: UnixLocal => HoldsBut;
    framing: Framing => HoldsBut;
}

#[test]
fn every_experiment_is_here() {
    assert!(Experiment::ALL.iter().all(|experiment| TESTED.contains(experiment)));
}
