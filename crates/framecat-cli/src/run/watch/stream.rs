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
        let mut next = Instant::now();
        let mut end = None;
        loop {
            let began = Instant::now();
            let exit = match self.sample() {
                Ok(exit) => exit,
                Err(error) => Some(self.fail(&error.to_string(), Exit::Local)),
            };
            let now = Instant::now();
            // A condition may have to hold for as long as the watch lasts: from the first sample to one
            // that is taken when the time is over.
            let end = *end.get_or_insert_with(|| self.plan.time.map(|time| now + time));
            let is_last = self.is_once() || end.is_some_and(|end| began >= end);
            if exit.is_some() || is_last {
                self.tell_skipped(&Zoned::now());
                return exit.unwrap_or(Exit::Done);
            }
            next = (next + self.plan.interval).max(now);
            sleep_until(end.map_or(next, |end| next.min(end))).await;
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
        if let Some(field) = &self.plan.sort {
            order::sort(&mut frame.rows, field);
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

    /// The conditions that have held for so long, and for what.
    fn fired(&mut self, frame: &Frame) -> Vec<(String, Fired)> {
        let mut all = Vec::new();
        for trigger in &mut self.plan.fail_if {
            let fired = trigger.on_frame(frame);
            all.extend(fired.into_iter().map(|fired| (trigger.to_string(), fired)));
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
    fn tell(&self, fired: &[(String, Fired)], frame: &Frame, when: &Zoned) {
        for (condition, fired) in fired.iter().take(FIRED_SHOWN) {
            let row = match fired {
                Fired::Row(index) => frame.rows.get(*index),
                Fired::Frame => None,
            };
            let text = row.map_or_else(|| text::numbers_of_frame(frame), text::numbers);
            if self.is_json() {
                self.write(To::Stderr, &json::fired(condition, row, &text, when.timestamp()));
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
