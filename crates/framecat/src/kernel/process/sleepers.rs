//! Whether programs sleep: the second witness beside an empty receive queue. What was read is processed
//! when the threads that could do so all wait again.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use super::Pid;
use super::births::Births;
use super::stat::Stat;

/// After so many births at once it is quicker to list all processes than to ask for each number.
const MANY: u32 = 200;

/// A number that nobody has is looked for again for so long: on a busy machine a fork may be put off.
const BORN: Duration = Duration::from_millis(50);

/// So long after its birth a new thread may be about to appear, and nobody is said to sleep.
const APPEARS: Duration = Duration::from_millis(2);

/// What one sample of some processes has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asleep {
    /// Every thread waits for something to happen.
    Asleep,
    /// One thread at least runs, is about to, or waits for a disk.
    Running,
    /// The processes have ended.
    Gone,
    /// It is not to be seen: /proc could not be read, or not so many files opened.
    Unseen,
}

/// Processes with all their threads and all their descendants, watched for whether they sleep.
///
/// Those born since the last sample are taken in. A process whose parent was born *and* ended between
/// two samples is missed: it has another parent then. So is, for this sample, one that is born during it.
#[derive(Debug)]
pub struct Sleepers {
    births: Births,
    /// The number given last when the lists were complete.
    last: u32,
    /// Numbers given of late whose owners are not to be seen: the kernel gives a number some time before
    /// the new thread can be found by it (kernel/fork.c, `copy_process`).
    unborn: Vec<(Pid, Instant)>,
    processes: Vec<Pid>,
    /// The one that was found running stands first: it is the likeliest to run still.
    threads: Vec<Thread>,
}

#[derive(Debug)]
struct Thread {
    pid: Pid,
    tid: Pid,
    stat: File,
}

impl Sleepers {
    /// Watches these processes; those that have ended already are left out.
    ///
    /// # Errors
    /// If /proc does not show them.
    pub fn new(pids: &[Pid]) -> io::Result<Sleepers> {
        let births = Births::open()?;
        let last = births.last()?;
        let (unborn, processes, threads) = Default::default();
        let mut sleepers = Sleepers { births, last, unborn, processes, threads };
        for pid in pids {
            sleepers.take_in(*pid)?;
        }
        sleepers.take_in_all()?;
        Ok(sleepers)
    }

    /// The processes that are watched; one that ended since the last sample is still among them.
    pub fn processes(&self) -> &[Pid] {
        &self.processes
    }

    /// Looks at all threads once. Where there are several they are looked at twice: one that was asleep
    /// when it was looked at may have been woken by one that was looked at later.
    pub fn sample(&mut self) -> Asleep {
        match self.try_sample() {
            Ok(asleep) => asleep,
            Err(_) => Asleep::Unseen,
        }
    }

    fn try_sample(&mut self) -> io::Result<Asleep> {
        self.take_in_newborn()?;
        if self.is_any_being_born()? {
            return Ok(Asleep::Running);
        }
        let passes = if self.threads.len() > 1 { 2 } else { 1 };
        for _ in 0..passes {
            if let Some(running) = self.running()? {
                self.threads.swap(0, running);
                return Ok(Asleep::Running);
            }
        }
        Ok(if self.threads.is_empty() { Asleep::Gone } else { Asleep::Asleep })
    }

    /// Where the first thread stands that runs. Those that have ended are taken out.
    fn running(&mut self) -> io::Result<Option<usize>> {
        let mut at = 0;
        while let Some(thread) = self.threads.get(at) {
            match read(&thread.stat)? {
                Some(stat) if !stat.is_at_rest() => return Ok(Some(at)),
                Some(stat) if !stat.has_ended() => at += 1,
                _ => {
                    let pid = self.threads.swap_remove(at).pid;
                    if !self.threads.iter().any(|thread| thread.pid == pid) {
                        self.processes.retain(|known| *known != pid);
                    }
                }
            }
        }
        Ok(None)
    }

    /// How much time the processes have spent on a CPU, with that of children they have waited for.
    /// `None` if none of them is to be seen. It is no less than before, except when a child ended for
    /// which nobody waits.
    pub fn cpu_time(&self) -> Option<Duration> {
        let mut total = None;
        for pid in &self.processes {
            let Ok(line) = fs::read(format!("/proc/{pid}/stat")) else { continue };
            let Some(stat) = Stat::parse(&line) else { continue };
            *total.get_or_insert(0u64) += stat.ticks;
        }
        let a_second = rustix::param::clock_ticks_per_second().max(1);
        total.map(|ticks| {
            Duration::from_secs(ticks / a_second)
                + Duration::from_secs(1).mul_f64((ticks % a_second) as f64 / a_second as f64)
        })
    }

    fn take_in_newborn(&mut self) -> io::Result<()> {
        let last = self.births.last()?;
        if last == self.last {
            return Ok(());
        }
        // The numbers rise until they begin anew (kernel/pid.c, `alloc_pid`).
        if last > self.last && last - self.last <= MANY {
            for born in self.last + 1..=last {
                if !self.take_in_if_ours(born)? {
                    self.unborn.push((born, Instant::now()));
                }
            }
        } else {
            self.take_in_all()?;
        }
        self.last = last;
        Ok(())
    }

    /// Whether somebody may be about to appear who is one of ours. Those who do are taken in.
    fn is_any_being_born(&mut self) -> io::Result<bool> {
        let mut young = false;
        for (born, since) in std::mem::take(&mut self.unborn) {
            let age = since.elapsed();
            if !self.take_in_if_ours(born)? && age < BORN {
                self.unborn.push((born, since));
                young |= age < APPEARS;
            }
        }
        Ok(young)
    }

    /// A new number is a new thread of ours, a child's, or none of our business; `false` if nobody is to
    /// be seen who has it: not yet, or no longer.
    fn take_in_if_ours(&mut self, born: Pid) -> io::Result<bool> {
        for at in 0..self.processes.len() {
            if self.take_in_thread(self.processes[at], born)? {
                return Ok(true);
            }
        }
        let Some(stat) = unless_ended(fs::read(format!("/proc/{born}/stat")))? else {
            return Ok(false);
        };
        if Stat::parse(&stat).is_some_and(|stat| self.processes.contains(&stat.parent)) {
            self.take_in(born)?;
        }
        Ok(true)
    }

    /// Looks at every process there is, and at every thread of ours.
    fn take_in_all(&mut self) -> io::Result<()> {
        for at in 0..self.processes.len() {
            self.take_in_threads(self.processes[at])?;
        }
        let mut strangers = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<Pid>().ok()) else {
                continue;
            };
            // One that may not be seen is none of a program whose stat may be.
            let Ok(line) = fs::read(format!("/proc/{pid}/stat")) else { continue };
            if let Some(stat) = Stat::parse(&line) {
                strangers.push((pid, stat.parent));
            }
        }
        // A child's number may be lower than its parent's: go on until no more are found.
        loop {
            let (ours, rest): (Vec<_>, Vec<_>) = strangers
                .into_iter()
                .filter(|(pid, _)| !self.processes.contains(pid))
                .partition(|(_, parent)| self.processes.contains(parent));
            if ours.is_empty() {
                return Ok(());
            }
            for (pid, _) in ours {
                self.take_in(pid)?;
            }
            strangers = rest;
        }
    }

    fn take_in(&mut self, pid: Pid) -> io::Result<()> {
        if !self.processes.contains(&pid) {
            self.processes.push(pid);
        }
        self.take_in_threads(pid)
    }

    fn take_in_threads(&mut self, pid: Pid) -> io::Result<()> {
        let Some(entries) = unless_ended(fs::read_dir(format!("/proc/{pid}/task")))? else {
            return Ok(());
        };
        for entry in entries {
            let Some(entry) = unless_ended(entry)? else { break };
            if let Some(tid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
                self.take_in_thread(pid, tid)?;
            }
        }
        Ok(())
    }

    /// Whether there is such a thread.
    fn take_in_thread(&mut self, pid: Pid, tid: Pid) -> io::Result<bool> {
        if self.threads.iter().any(|thread| (thread.pid, thread.tid) == (pid, tid)) {
            return Ok(true);
        }
        let Some(stat) = unless_ended(File::open(format!("/proc/{pid}/task/{tid}/stat")))? else {
            return Ok(false);
        };
        self.threads.push(Thread { pid, tid, stat });
        Ok(true)
    }
}

/// `None` of a thread that has ended.
fn read(stat: &File) -> io::Result<Option<Stat>> {
    // A line has about 52 fields, the name with at most 64 bytes.
    let mut room = [0; 1024];
    match unless_ended(stat.read_at(&mut room, 0))? {
        None | Some(0) => Ok(None),
        Some(len) => match Stat::parse(&room[..len]) {
            None => Err(io::ErrorKind::InvalidData.into()),
            stat => Ok(stat),
        },
    }
}

/// `None` where a process or thread has ended: its files are gone (ENOENT), or, once opened, say ESRCH.
fn unless_ended<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) => match rustix::io::Errno::from_io_error(&error) {
            Some(rustix::io::Errno::NOENT | rustix::io::Errno::SRCH) => Ok(None),
            _ => Err(error),
        },
    }
}
