//! A timeline as moments, one below the other: a call that took long has two, its beginning and its end,
//! so that what happened meanwhile stands between them. Text and page are drawn from these.

use std::time::Duration;

use framecat::core::diagram::columns;
use framecat::core::lab::{Event, Lane, Timeline, What};

use super::texts::Told;
use super::values::NO_BREAK;
use super::words;
use super::wrap::shortened;
use crate::args::Language;

/// From here on a call took long, whatever else happened.
const LONG: Duration = Duration::from_millis(1);

/// A pause from here on is told.
const PAUSE: Duration = Duration::from_millis(100);

/// One from here on is told where it is a fourth of the whole.
const SHORT_PAUSE: Duration = Duration::from_millis(10);

/// What a peer sent makes no text longer than this.
const LONGEST: usize = 160;

/// A text that was sent or read stays in one line if it is no wider.
const TOGETHER: usize = 16;

/// Below this length of a timeline the milliseconds have two digits behind the point.
const PRECISE: Duration = Duration::from_millis(100);

/// Wider calls are named without their arguments where they end.
const REPEATED: usize = 16;

/// Something to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    /// When.
    pub(super) at: Duration,
    /// In which of the three lanes: client, kernel, server.
    pub(super) column: usize,
    pub(super) part: Part,
    /// What is said; safe to show.
    pub(super) text: String,
    /// A call that returned an error.
    pub(super) failed: bool,
    pub(super) kind: Kind,
    /// The event it comes from.
    pub(super) event: usize,
    /// The time before it in which nothing happened, if that was long.
    pub(super) pause: Option<Duration>,
    /// The calls under way in each lane while it is drawn, its own among them: each keeps its place from
    /// its beginning to its end.
    pub(super) bars: [Vec<Option<usize>>; 3],
}

/// Which part of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// The beginning of a call that took long.
    Begin,
    /// Its end.
    End,
}

/// What is said by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Call,
    Queue,
    Asleep,
    Remark,
}

/// The moments of a timeline in order, with at most `bars` bars beside each other in a lane.
pub(super) fn moments(
    timeline: &Timeline,
    told: &Told,
    language: Language,
    bars: usize,
) -> Vec<Moment> {
    let events = &timeline.events;
    let mut moments: Vec<Moment> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let moment = |at, part| Moment {
            at,
            column: column(event.lane),
            part,
            text: text(event, part, told, language),
            failed: matches!(event.what, What::Call { failed: true, .. }) && part != Part::Begin,
            kind: kind(&event.what),
            event: number,
            pause: None,
            bars: Default::default(),
        };
        if is_long(event, events) {
            moments.push(moment(event.from, Part::Begin));
            moments.push(moment(event.until, Part::End));
        } else {
            moments.push(moment(event.from, Part::Whole));
        }
    }
    // What ended at a time made room for what began then.
    moments.sort_by_key(|moment| (moment.at, moment.part != Part::End, moment.event));
    place_bars(&mut moments, bars);
    let fourth = moments.last().map_or(Duration::ZERO, |moment| moment.at / 4);
    let told = PAUSE.min(SHORT_PAUSE.max(fourth));
    let mut before = Duration::ZERO;
    for moment in &mut moments {
        moment.pause = Some(moment.at.saturating_sub(before)).filter(|pause| *pause >= told);
        before = moment.at;
    }
    moments
}

/// The times of a timeline, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    digits: usize,
}

impl Clock {
    pub(super) fn of(moments: &[Moment]) -> Clock {
        let precise = moments.last().is_none_or(|moment| moment.at < PRECISE);
        Clock { digits: if precise { 2 } else { 1 } }
    }

    pub(super) fn shown(self, at: Duration) -> String {
        format!("{:.*}", self.digits, at.as_secs_f64() * 1e3)
    }
}

/// The column of a lane.
pub(super) fn column(lane: Lane) -> usize {
    match lane {
        Lane::Client(_) => 0,
        Lane::Kernel => 1,
        Lane::Server(_) => 2,
    }
}

/// Whether a call took long: a millisecond, or so long that somebody else began something meanwhile.
fn is_long(event: &Event, events: &[Event]) -> bool {
    let meanwhile = |other: &Event| {
        other.lane != event.lane && event.from < other.from && other.from < event.until
    };
    matches!(event.what, What::Call { .. })
        && (event.until.saturating_sub(event.from) >= LONG || events.iter().any(meanwhile))
}

/// Gives each call that took long a place in its lane, from its beginning to its end.
fn place_bars(moments: &mut [Moment], most: usize) {
    let mut open: [Vec<Option<usize>>; 3] = Default::default();
    for moment in moments {
        let places = &mut open[moment.column];
        if moment.part == Part::Begin {
            // One for whom there is no place has its beginning and its end, and no bar between them.
            if let Some(free) = places.iter().position(Option::is_none) {
                places[free] = Some(moment.event);
            } else if places.len() < most {
                places.push(Some(moment.event));
            }
        }
        moment.bars.clone_from(&open);
        let places = &mut open[moment.column];
        if moment.part == Part::End {
            for place in places.iter_mut().filter(|place| **place == Some(moment.event)) {
                *place = None;
            }
        }
        while places.last().is_some_and(Option::is_none) {
            places.pop();
        }
    }
}

fn kind(what: &What) -> Kind {
    match what {
        What::Call { .. } => Kind::Call,
        What::Queue(_) => Kind::Queue,
        What::Asleep { .. } => Kind::Asleep,
        What::Remark { .. } => Kind::Remark,
    }
}

fn text(event: &Event, part: Part, told: &Told, language: Language) -> String {
    let text = match &event.what {
        What::Call { call, returned, .. } => {
            let call = words::call(&super::safe(call), language);
            let returned = words::call(&super::safe(returned), language);
            let who = number(event.lane);
            match part {
                Part::Whole => format!("{who}{call} →{NO_BREAK}{returned}"),
                Part::Begin => format!("{who}{call} …"),
                Part::End => {
                    let text = format!("{who}{} →{NO_BREAK}{returned}", repeated(&call));
                    let long = event.until.saturating_sub(event.from);
                    return together(&shortened(&text, LONGEST)) + &words::after(long, language);
                }
            }
        }
        What::Queue(queue) => words::queue(queue, language),
        What::Asleep { of, call } => {
            words::asleep(*of, &words::call(&super::safe(call), language), language)
        }
        What::Remark { name, values } => told.remark(name, values),
    };
    match part {
        Part::Whole if kind(&event.what) != Kind::Call => shortened(&text, LONGEST),
        _ => together(&shortened(&text, LONGEST)),
    }
}

/// `#2 `, where there are several.
fn number(lane: Lane) -> String {
    match lane {
        Lane::Client(number @ 1..) | Lane::Server(number @ 1..) => format!("#{number}{NO_BREAK}"),
        _ => String::new(),
    }
}

/// A call whose lines end where they should: not within a short text that was sent or read, and not
/// between a number and its unit.
fn together(call: &str) -> String {
    let parts = call.split('"').enumerate().map(|(number, part)| {
        let quoted = number % 2 == 1 && columns(part) <= TOGETHER;
        if quoted { part.replace(' ', &NO_BREAK.to_string()) } else { part.to_owned() }
    });
    let joined = parts.collect::<Vec<_>>().join("\"");
    joined.replace(" B)", &format!("{NO_BREAK}B)"))
}

/// A call where it ends: `recv(64)`, or `send()` of a long one.
fn repeated(call: &str) -> String {
    match call.split_once('(') {
        Some((name, _)) if call.chars().count() > REPEATED => format!("{name}()"),
        _ => call.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use framecat::core::lab::Experiment;

    use super::*;

    fn call(lane: Lane, from: u64, until: u64) -> Event {
        let what = What::Call { call: "recv(64)".into(), returned: "0".into(), failed: false };
        Event { from: Duration::from_micros(from), until: Duration::from_micros(until), lane, what }
    }

    fn of(events: Vec<Event>) -> Vec<Moment> {
        let told = Told::of(Experiment::Pairs, Language::En);
        moments(&Timeline { events, omitted: 0 }, &told, Language::En, 4)
    }

    #[test]
    fn a_call_has_two_moments_if_it_took_long_or_somebody_acted_meanwhile() {
        let (client, server) = (Lane::Client(0), Lane::Server(0));
        let parts = |events| of(events).iter().map(|moment| moment.part).collect::<Vec<_>>();
        assert_eq!(parts(vec![call(server, 0, 999)]), [Part::Whole]);
        assert_eq!(parts(vec![call(server, 0, 1000)]), [Part::Begin, Part::End]);
        let meanwhile = vec![call(server, 0, 50), call(client, 20, 25)];
        assert_eq!(parts(meanwhile), [Part::Begin, Part::Whole, Part::End]);
        let behind = vec![call(server, 0, 50), call(client, 50, 60)];
        assert_eq!(parts(behind), [Part::Whole, Part::Whole]);
    }

    #[test]
    fn a_pause_is_told_where_it_is_long_or_a_great_part_of_the_whole() {
        let server = Lane::Server(0);
        let pauses = |times: &[u64]| {
            let events = times.iter().map(|millis| call(server, millis * 1000, millis * 1000));
            of(events.collect()).iter().filter_map(|moment| moment.pause).count()
        };
        assert_eq!(pauses(&[0, 9]), 0, "under 10 ms nothing is a pause");
        assert_eq!(pauses(&[0, 40]), 1);
        assert_eq!(pauses(&[0, 15, 30, 45, 60, 75, 90]), 0, "each is a sixth");
        assert_eq!(pauses(&[0, 100, 200, 300, 3000]), 4, "100 ms are a pause anywhere");
    }
}
