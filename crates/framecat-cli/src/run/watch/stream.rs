//! A sample each interval, as text or as JSON, until the time is over or a condition has held for too
//! long.

use std::sync::Arc;
use std::time::Duration;

use framecat::core::diagram::count;
use framecat::core::watch::{Fired, Frame, Watch};
use framecat::kernel::AskError;
use framecat::watch::Sampler;
use jiff::Zoned;
use tokio::time::{Instant, sleep_until};

use super::{ended, hint, nothing_to_watch};
use crate::args::{Form, WatchPlan};
use crate::render::watch::{json, order, text};
use crate::render::{Sheet, To};
use crate::run::signal::Stops;
use crate::run::{Exit, Writing, cannot_start, in_runtime};
use crate::style::Style;

/// Of so many sockets it is said that a condition has held; of more, how many.
const FIRED_SHOWN: usize = 10;

/// Shows a sample each interval.
pub(super) fn run(sampler: Sampler, plan: WatchPlan) -> Exit {
    in_runtime(go(sampler, plan))
}

async fn go(sampler: Sampler, plan: WatchPlan) -> Exit {
    let sheet = Arc::new(Sheet::default());
    let mut stops = match Stops::catch(sheet.clone()) {
        Ok(stops) => stops,
        Err(error) => return cannot_start(&error),
    };
    let writing = Writing::start(&sheet, None);
    let mut stream = Stream { sampler, watch: Watch::new(), plan, sheet, last: None, skipped: 0 };
    let (exit, stopped) = tokio::select! {
        exit = stream.go_on() => (exit, false),
        stop = stops.next() => (stop.into(), true),
    };
    writing.finish(exit, &mut stops, stopped).await
}

/// When samples are taken, in their own time: one each interval, and the last when the time is over.
#[derive(Debug)]
struct Ticks {
    interval: Duration,
    due: Duration,
    end: Option<Duration>,
}

impl Ticks {
    /// After the first sample. A condition may have to hold for as long as the watch lasts: from this
    /// sample to one that is taken when the time is over.
    fn new(first: Duration, plan: &WatchPlan) -> Ticks {
        let end = plan.time.map(|time| first.saturating_add(time));
        Ticks { interval: plan.interval, due: first, end }
    }

    fn is_over(&self, at: Duration) -> bool {
        self.end.is_some_and(|end| at >= end)
    }

    /// When the next is due, if the one before was ready `now`. One that nearly coincides with the end is
    /// the last: of two so near to each other no rate is worth anything.
    fn next(&mut self, now: Duration) -> Duration {
        self.due = self.due.saturating_add(self.interval).max(now);
        let end = self.end.filter(|end| self.due.saturating_add(self.interval / 4) >= *end);
        self.due = end.unwrap_or(self.due);
        self.due
    }
}

struct Stream {
    sampler: Sampler,
    watch: Watch,
    plan: WatchPlan,
    sheet: Arc<Sheet>,
    /// When the sample before was taken.
    last: Option<Duration>,
    /// So many samples were not shown, since the one that was shown last.
    skipped: u32,
}

impl Stream {
    async fn go_on(&mut self) -> Exit {
        let mut ticks = None;
        loop {
            let exit = match self.sample() {
                Ok(exit) => exit,
                Err(error) => Some(self.fail(&error.to_string(), Exit::Local)),
            };
            let at = self.last.unwrap_or_default();
            let ticks = ticks.get_or_insert_with(|| Ticks::new(at, &self.plan));
            if exit.is_some() || self.is_once() || ticks.is_over(at) {
                self.tell_skipped(&Zoned::now());
                return exit.unwrap_or(Exit::Done);
            }
            let now = self.sampler.now();
            sleep_until(Instant::now() + ticks.next(now).saturating_sub(now)).await;
        }
    }

    fn is_once(&self) -> bool {
        matches!(self.plan.form, Form::Text { once: true } | Form::Json { once: true })
    }

    /// Takes a sample and shows it; how the program ends, if that ends it.
    fn sample(&mut self) -> Result<Option<Exit>, AskError> {
        let when = Zoned::now();
        let mut frame = self.watch.on_sample(self.sampler.sample()?);
        let is_first = self.last.is_none();
        if is_first && let Some(problem) = nothing_to_watch(&frame) {
            return Ok(Some(self.fail(&problem, Exit::Local)));
        }
        if is_first && let Some(hint) = hint(&self.plan.subject, &frame) {
            self.say("hint", &hint, &when);
        }
        if let Some(filter) = &self.plan.filter {
            frame.select(filter);
        }
        match &self.plan.sort {
            Some(field) => order::sort(&mut frame.rows, field),
            None if self.is_json() => {}
            None => order::troubled_first(&mut frame.rows),
        }
        // Whoever reads may take his time; what is seen, and for how long, does not depend on him.
        if self.sheet.has_room() {
            self.tell_skipped(&when);
            self.show(&frame, &when);
        } else {
            self.skipped += 1;
        }
        self.last = Some(frame.at);
        let fired = self.fired(&frame);
        if !fired.is_empty() {
            self.tell(&fired, &frame, &when);
            return Ok(Some(Exit::Failed));
        }
        Ok(ended(&frame).map(|ended| {
            self.say("ended", &ended.to_string(), &when);
            Exit::Done
        }))
    }

    /// The conditions that have held for so long, by their places, and for what.
    fn fired(&mut self, frame: &Frame) -> Vec<(usize, Fired)> {
        let mut all = Vec::new();
        for (at, trigger) in self.plan.fail_if.iter_mut().enumerate() {
            all.extend(trigger.on_frame(frame).into_iter().map(|fired| (at, fired)));
        }
        all
    }

    fn show(&self, frame: &Frame, when: &Zoned) {
        let line = match self.plan.form {
            Form::Json { .. } => {
                let interval = self.last.map(|last| frame.at.saturating_sub(last));
                json::frame(frame, when.timestamp(), interval)
            }
            // All is said in the line of its end.
            Form::Text { .. } if ended(frame).is_some() => return,
            Form::Text { .. } => {
                let between = if self.last.is_some() { "\n" } else { "" };
                between.to_owned() + text::frame(frame, when, text::Look::for_stdout()).trim_end()
            }
            _ => return,
        };
        self.write(To::Stdout, &line);
    }

    fn tell_skipped(&mut self, when: &Zoned) {
        if self.skipped > 0 {
            let samples = count(self.skipped as usize, "sample");
            self.say("skipped", &format!("{samples} not shown: nobody reads so fast"), when);
            self.skipped = 0;
        }
    }

    /// Says which conditions have held, and for what.
    fn tell(&self, fired: &[(usize, Fired)], frame: &Frame, when: &Zoned) {
        for (at, fired) in fired.iter().take(FIRED_SHOWN) {
            let trigger = &self.plan.fail_if[*at];
            let condition = trigger.to_string();
            let row = match fired {
                Fired::Row(index) => frame.rows.get(*index),
                Fired::Frame => None,
            };
            let text = match row {
                Some(row) => match trigger.remark(row) {
                    Some(remark) => format!("{} ({remark})", text::numbers(row)),
                    None => text::numbers(row),
                },
                None => text::numbers_of_frame(frame),
            };
            if self.is_json() {
                self.write(To::Stderr, &json::fired(&condition, row, &text, when.timestamp()));
            } else {
                self.say("fired", &format!("{condition}: {text}"), when);
            }
        }
        if fired.len() > FIRED_SHOWN {
            self.say("fired", &format!("and {} more", fired.len() - FIRED_SHOWN), when);
        }
    }

    fn fail(&self, problem: &str, exit: Exit) -> Exit {
        self.say("error", problem, &Zoned::now());
        exit
    }

    /// Says something of the watch itself.
    fn say(&self, event: &str, text: &str, when: &Zoned) {
        let line = match self.is_json() {
            true => json::said(event, text, when.timestamp()),
            false => format!("{}{text}", Style::for_stderr().error("framecat: ")),
        };
        self.write(To::Stderr, &line);
    }

    fn is_json(&self) -> bool {
        matches!(self.plan.form, Form::Json { .. })
    }

    fn write(&self, to: To, line: &str) {
        self.sheet.write(to, |out| {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        });
    }
}

#[cfg(test)]
mod tests {
    use framecat::watch::Target;

    use super::*;
    use crate::args::Watched;

    #[test]
    fn what_nobody_reads_is_not_kept_and_yet_looked_at() {
        let sheet = Arc::new(Sheet::default());
        sheet.write(To::Stdout, |out| {
            while out.len() < 1 << 20 {
                out.push(b'x');
            }
        });
        let plan = WatchPlan {
            subject: Watched::Port(1),
            filter: None,
            fail_if: vec!["count=0 and udp_drops>=0".parse().unwrap()],
            interval: Duration::from_secs(1),
            time: None,
            sort: None,
            form: Form::Text { once: false },
        };
        let sampler = Sampler::open(Target::Port(1)).unwrap();
        let watch = Watch::new();
        let mut stream = Stream { sampler, watch, plan, sheet, last: None, skipped: 0 };
        // No rate is known in the first.
        assert_eq!(stream.sample().unwrap(), None);
        assert_eq!(stream.sample().unwrap(), Some(Exit::Failed));
        assert_eq!(stream.skipped, 2);
    }

    /// When samples are taken, each of which takes so long, in milliseconds.
    fn taken(interval: u64, time: u64, each: u64) -> Vec<u64> {
        let millis = Duration::from_millis;
        let (interval, end) = (millis(interval), Some(millis(7 + time)));
        let mut ticks = Ticks { interval, due: millis(7), end };
        let mut at = millis(7);
        let mut taken = vec![7];
        while !ticks.is_over(at) {
            let now = at + millis(each);
            at = ticks.next(now).max(now);
            taken.push(u64::try_from(at.as_millis()).unwrap());
        }
        taken
    }

    #[test]
    fn the_last_sample_is_taken_when_the_time_is_over_and_none_just_before() {
        assert_eq!(taken(1000, 3000, 26), [7, 1007, 2007, 3007]);
        assert_eq!(taken(1000, 2600, 26), [7, 1007, 2007, 2607]);
        assert_eq!(taken(1000, 2400, 26), [7, 1007, 2007, 2407]);
        assert_eq!(taken(1000, 2200, 26), [7, 1007, 2207]);
        assert_eq!(taken(1000, 300, 26), [7, 307]);
        assert_eq!(taken(10, 50, 20), [7, 27, 47, 67], "a slow sample puts off those after it");
    }
}
