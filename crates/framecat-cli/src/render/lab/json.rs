//! What was found for a program: one object in a line, as `schemas/lab.json` describes it.

use std::time::Duration;

use framecat::core::escape::Escaped;
use framecat::core::lab::{Event, Lane, Measured, Queue, Value, Verdict, What};
use serde_json::{Map, Value as Json, json};

use super::texts::Told;
use super::values::NO_BREAK;
use super::{Found, Series};
use crate::args::Language;
use crate::render::json as objects;

/// So many bytes of what was sent or read are given: a line stays one that can be read.
const KEPT: usize = 4096;

/// One experiment, without a line end; `kernel` is that of the machine on which it was measured.
pub(crate) fn line(series: &Series, kernel: Option<&str>, language: Language) -> String {
    let told = Told::of(series.experiment, language);
    let tutorials = told.source.split(',').map(str::trim).filter(|source| !source.is_empty());
    let word = |found: &Found| found.report.verdict.word().to_owned();
    let verdicts: Map<String, Json> =
        series.found.iter().map(|found| (word(found), found.times.into())).collect();
    objects::line(&json!({
        "experiment": series.experiment.name(),
        "language": match language { Language::En => "en", Language::Zh => "zh" },
        "claim": told.claim(),
        "tutorials": tutorials.collect::<Vec<_>>(),
        "reference": told.reference,
        "kernel": kernel,
        "runs": series.runs(),
        "verdicts": verdicts,
        "reports": series.found.iter().map(|found| report(found, &told)).collect::<Vec<_>>(),
    }))
}

fn report(found: &Found, told: &Told) -> Json {
    let report = &found.report;
    let line = match report.verdict {
        Verdict::CannotTell => String::new(),
        _ => told.line(report),
    };
    json!({
        "verdict": report.verdict.word(),
        "line": spaced(&line),
        "why": spaced(&told.why(report)),
        "advice": spaced(&told.advice(report)),
        "obstacle": report.obstacle,
        "measured": report.measured.iter().map(|value| measured(value, told)).collect::<Vec<_>>(),
        "timeline": report.timeline.events.iter().map(|it| event(it, told)).collect::<Vec<_>>(),
        "omitted": report.timeline.omitted,
        "seconds": rounded(report.took.as_secs_f64()),
    })
}

fn measured(measured: &Measured, told: &Told) -> Json {
    let mut object = value(measured);
    object["label"] = told.label(measured.name).into();
    object
}

fn value(measured: &Measured) -> Json {
    let (unit, value) = match &measured.value {
        Value::Count(number) => ("count", json!(number)),
        Value::Bytes(bytes) => ("bytes", json!(bytes)),
        Value::Time(time) => ("ms", millis(*time)),
        Value::Ratio(times) if times.is_finite() => ("times", json!(rounded(*times))),
        Value::Truth(truth) => ("truth", json!(truth)),
        Value::Word(word) => ("word", json!(word)),
        Value::Data(bytes) => ("data", json!(Escaped(&bytes[..bytes.len().min(KEPT)]).to_string())),
        Value::Counts(numbers) => ("counts", json!(numbers)),
        Value::Unknown | Value::Ratio(_) => ("unknown", Json::Null),
    };
    let mut object = json!({ "name": measured.name, "unit": unit, "value": value });
    if let Value::Data(bytes) = &measured.value {
        object["len"] = bytes.len().into();
    }
    object
}

fn event(event: &Event, told: &Told) -> Json {
    let mut object = lane(event.lane);
    object["from_ms"] = millis(event.from);
    object["until_ms"] = millis(event.until);
    let more = match &event.what {
        What::Call { call, returned, failed } => json!({
            "what": "call", "call": call, "returned": returned, "failed": failed,
        }),
        What::Queue(queue) => self::queue(queue),
        What::Asleep { of, call } => json!({ "what": "asleep", "of": lane(*of), "call": call }),
        What::Remark { name, values } => json!({
            "what": "remark",
            "name": name,
            "text": spaced(&told.remark(name, values)),
            "values": values.iter().map(value).collect::<Vec<_>>(),
        }),
    };
    if let (Json::Object(object), Json::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}

fn queue(queue: &Queue) -> Json {
    match *queue {
        Queue::Listener { waiting, limit, half_open } => json!({
            "what": "listener", "waiting": waiting, "limit": limit, "half_open": half_open,
        }),
        Queue::Connection { of, state, unread, unacknowledged } => json!({
            "what": "connection", "of": lane(of), "state": state.map(|state| state.to_string()),
            "unread": unread, "unacknowledged": unacknowledged,
        }),
        Queue::Datagrams { of, memory, drops } => json!({
            "what": "datagrams", "of": lane(of), "memory": memory, "drops": drops,
        }),
    }
}

fn lane(lane: Lane) -> Json {
    match lane {
        Lane::Client(number) => json!({ "lane": "client", "number": number }),
        Lane::Kernel => json!({ "lane": "kernel", "number": 0 }),
        Lane::Server(number) => json!({ "lane": "server", "number": number }),
    }
}

fn spaced(text: &str) -> String {
    text.replace(NO_BREAK, " ")
}

fn millis(time: Duration) -> Json {
    rounded(time.as_secs_f64() * 1e3).into()
}

/// To the microsecond, where it is in milliseconds or more: the rest is noise.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;

    use super::super::samples;
    use super::*;

    fn schema() -> Validator {
        let schema = include_str!("../../../../../schemas/lab.json");
        let schema: Json = serde_json::from_str(schema).expect("the schema is JSON");
        jsonschema::draft202012::meta::validate(&schema).expect("the schema is one");
        jsonschema::draft202012::new(&schema).expect("the schema can be used")
    }

    fn parsed(series: &Series) -> Json {
        let line = line(series, Some("6.1.0"), Language::En);
        assert!(!line.contains('\n'), "one line");
        serde_json::from_str(&line).expect("a line is JSON")
    }

    #[test]
    fn every_report_is_as_the_schema_says() {
        let schema = schema();
        for series in samples::all() {
            let object = parsed(&series);
            let errors: Vec<String> = schema
                .iter_errors(&object)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}\n{object:#}");
        }
    }

    #[test]
    fn the_names_and_words_are_those_of_the_contract() {
        let object = parsed(&samples::differing());
        assert_eq!(object["experiment"], "backlog");
        assert_eq!(object["runs"], 20);
        assert_eq!(object["verdicts"], json!({ "does-not-hold": 19, "holds": 1 }));
        assert_eq!(object["tutorials"], json!(["T2", "T4", "T6"]));
        let report = &object["reports"][0];
        assert_eq!(
            report["measured"][0],
            json!({
                "name": "limit", "unit": "count", "value": 5,
                "label": "the limit of the queue, as the kernel keeps it",
            })
        );
        assert_eq!(
            report["timeline"][0],
            json!({
                "lane": "server", "number": 0, "from_ms": 0.04, "until_ms": 0.05,
                "what": "call", "call": "listen(5)", "returned": "0", "failed": false,
            })
        );
        assert_eq!(report["obstacle"], Json::Null);
    }

    #[test]
    fn the_schema_refuses_what_is_wrong_anywhere() {
        let schema = schema();
        let good = parsed(&samples::everything());
        assert!(schema.is_valid(&good));
        for (place, wrong) in [
            ("/experiment", json!("nagle")),
            ("/verdicts", json!({ "perhaps": 1 })),
            ("/runs", json!(0)),
            ("/reports/0/verdict", json!("perhaps")),
            ("/reports/0/measured/0/unit", json!("miles")),
            ("/reports/0/timeline/0/lane", json!("network")),
            ("/reports/0/timeline/0/what", json!("odd")),
            ("/reports/0/timeline/0/from_ms", json!(-1)),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(place).unwrap_or_else(|| panic!("{place} is there")) = wrong;
            assert!(!schema.is_valid(&bad), "{place}");
        }
        let events = good["reports"][0]["timeline"].as_array().expect("events").len();
        let events = (0..events).map(|number| format!("/reports/0/timeline/{number}"));
        let places = ["", "/reports/0", "/reports/0/measured/0"].map(str::to_owned);
        for place in places.into_iter().chain(events) {
            let mut bad = good.clone();
            bad.pointer_mut(&place).expect("it is there")["surplus"] = json!(1);
            assert!(!schema.is_valid(&bad), "a surplus field in `{place}`");
        }
    }
}
