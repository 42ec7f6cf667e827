//! Samples until they are as wanted, and programs to look at.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use framecat::core::watch::{End, Sample, Socket};
use framecat::watch::{Sampler, Target};

/// Far longer than a kernel needs, so that only a wrong answer takes as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A program in Python, which ends with the test.
pub(crate) struct Python {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Python {
    pub(crate) fn start(code: &str) -> Python {
        let mut child = Command::new("python3")
            .args(["-c", code])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("this test needs python3: {error}"));
        let out = BufReader::new(child.stdout.take().unwrap());
        Python { child, out }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it says next.
    #[track_caller]
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "the program ended after {line:?}");
        line.trim_end().to_owned()
    }

    #[track_caller]
    pub(crate) fn number<N: std::str::FromStr>(&mut self) -> N {
        let line = self.line();
        line.parse().unwrap_or_else(|_| panic!("{line:?} is no number"))
    }

    /// Lets it go on.
    pub(crate) fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// Ends it, and waits until nothing is left of it.
    pub(crate) fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.end();
    }
}

pub(crate) fn sampler(target: Target) -> Sampler {
    Sampler::open(target).unwrap_or_else(|error| panic!("{error}"))
}

/// Takes samples until one is as wanted: what the kernel does cannot be waited for, so it is asked
/// again and again.
#[track_caller]
pub(crate) fn sample_until(sampler: &mut Sampler, wanted: impl Fn(&Sample) -> bool) -> Sample {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let sample = sampler.sample().unwrap_or_else(|error| panic!("{error}"));
        if wanted(&sample) {
            return sample;
        }
        assert!(Instant::now() < give_up, "it is still {sample:#?}");
        std::thread::yield_now();
    }
}

/// The one socket of which this is so, if there is one.
pub(crate) fn one(sample: &Sample, is_it: impl Fn(&Socket) -> bool) -> Option<&Socket> {
    let mut found = sample.sockets.iter().filter(|socket| is_it(socket));
    found.next().filter(|_| found.next().is_none())
}

/// The one socket with these ends.
pub(crate) fn between(sample: &Sample, local: SocketAddr, peer: SocketAddr) -> Option<&Socket> {
    let ends = (End::Inet(local), End::Inet(peer));
    one(sample, |socket| (&socket.local, &socket.peer) == (&ends.0, &ends.1))
}

pub(crate) fn pids(socket: &Socket) -> Vec<u32> {
    socket.owners.iter().map(|owner| owner.pid).collect()
}

/// Whether all that programs have open is ours alone. A program that another test starts has it too,
/// until it runs what it is to run.
pub(crate) fn are_ours_alone(sample: &Sample) -> bool {
    let ours = [std::process::id()];
    let mut open = sample.sockets.iter().filter(|socket| socket.inode != 0);
    open.all(|socket| pids(socket) == ours)
}

pub(crate) fn inode(socket: impl AsFd) -> u32 {
    rustix::fs::fstat(socket).unwrap().st_ino.try_into().unwrap()
}

/// The name of this process, of at most 15 bytes.
pub(crate) fn our_name() -> String {
    std::fs::read_to_string("/proc/self/comm").unwrap().trim_end().to_owned()
}
