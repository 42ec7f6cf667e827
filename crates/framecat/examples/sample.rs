//! Takes samples of all sockets, `--count N` of them, and prints what each costs. benches/watch.py runs
//! it.

use std::error::Error;

use framecat::watch::{Sampler, Target};
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (mut count, mut target) = (3, Target::Everything);
    while let Some(word) = words.next() {
        let value = words.next().ok_or("a value is missing")?;
        match word.as_str() {
            "--count" => count = value.parse()?,
            "--port" => target = Target::Port(value.parse()?),
            "--pid" => target = Target::Process(value.parse()?),
            "--name" => target = Target::Name(value),
            "--address" => target = Target::Address(value.parse()?),
            _ => return Err(format!("no such option: {word}").into()),
        }
    }
    let mut sampler = Sampler::open(target)?;
    for _ in 0..count {
        let before = cpu_seconds();
        let sample = sampler.sample()?;
        let millis = (cpu_seconds() - before) * 1e3;
        let owned = sample.sockets.iter().filter(|socket| !socket.owners.is_empty()).count();
        println!(
            "{millis:.3} ms {} sockets {owned} owned {:?}",
            sample.sockets.len(),
            sample.missing
        );
    }
    Ok(())
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
