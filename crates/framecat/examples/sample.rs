//! Takes samples and prints what each costs, and the most memory that was in use: `sample [--count N] [--every MS] [--port PORT | --pid PID |
//! --name NAME | --address ADDRESS]`. benches/watch.py runs it.

use std::error::Error;
use std::time::Duration;

use framecat::watch::{Sampler, Target};
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut count, mut pause, mut target) = (3, Duration::ZERO, Target::Everything);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or("a value is missing")?;
        match word.as_str() {
            "--count" => count = value.parse()?,
            "--every" => pause = Duration::from_millis(value.parse()?),
            "--port" => target = Target::Port(value.parse()?),
            "--pid" => target = Target::Process(value.parse()?),
            "--name" => target = Target::Name(value),
            "--address" => target = Target::Addresses(vec![value.parse()?]),
            _ => return Err(format!("no such option: {word}").into()),
        }
    }
    let mut sampler = Sampler::open(target)?;
    for number in 0..count {
        if number > 0 {
            std::thread::sleep(pause);
        }
        let before = cpu_time();
        let sample = sampler.sample()?;
        // What is given back is a part of the price.
        let (sockets, missing) = (sample.sockets.len(), sample.missing);
        let owned = sample.sockets.iter().filter(|socket| !socket.owners.is_empty()).count();
        drop(sample.sockets);
        let millis = (cpu_time() - before).as_secs_f64() * 1e3;
        println!("{millis:.3} ms, {sockets} sockets, {owned} owned");
        if number == 0 {
            missing.iter().for_each(|missing| eprintln!("{missing}"));
        }
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(())
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::from_secs(time.tv_sec as u64) + Duration::from_nanos(time.tv_nsec as u64)
}
