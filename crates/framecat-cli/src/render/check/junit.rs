//! Reports as JUnit XML: a test suite an exchange, a test case a plan, and one for the uncut exchange.

use std::time::Duration;

use framecat::core::check::{Note, PlanReport, Report, Severity, Verdict};
use framecat::core::escape::Printable;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::page::Page;
use super::words::{outcome, ranges, safe, tally, title, verdict};
use super::{Detail, Look, Replay, baseline, failure};
use crate::style::Style;

/// The document, with the command that replays each failure.
pub(crate) fn document(reports: &[Report], replay: Replay<'_>) -> String {
    let mut document = quick_junit::Report::new("framecat check");
    let mut time = Duration::ZERO;
    for report in reports {
        document.add_test_suite(suite(report, replay));
        time += report.elapsed;
    }
    document.set_time(time);
    document.to_string().expect("a write into memory succeeds")
}

fn suite(report: &Report, replay: Replay<'_>) -> TestSuite {
    let class = xml(&title(report));
    let mut suite = TestSuite::new(class.clone());
    suite.set_time(report.elapsed);
    suite.add_property(("target", xml(&safe(&report.target)).as_str()));
    let mut cases = vec![uncut(report, replay)];
    cases.extend(report.plans.iter().map(|plan| plan_case(report, plan, replay)));
    cases.extend(report.notes.iter().filter(is_fault).map(fault));
    for mut case in cases {
        case.set_classname(class.clone());
        suite.add_test_case(case);
    }
    let notes: Vec<&str> = report.notes.iter().map(|note| note.text.as_str()).collect();
    if !notes.is_empty() {
        suite.set_system_out(xml(&safe_lines(notes.join("\n").as_bytes())));
    }
    suite
}

/// Whether the uncut exchange is as it should be: without that, nothing else means anything.
fn uncut(report: &Report, replay: Replay<'_>) -> TestCase {
    let kind = match report.verdict {
        Verdict::Pass | Verdict::Fail => return TestCase::new("uncut", TestCaseStatus::success()),
        Verdict::WrongUncut | Verdict::NotDeterministic | Verdict::NoReply => {
            NonSuccessKind::Failure
        }
        Verdict::Setup | Verdict::Unreachable => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(xml(&verdict(report)));
    let mut drawing = drawn(replay, |page| baseline::draw(page, report));
    for note in &report.notes {
        drawing += &format!("{}\n", safe(&note.text));
        drawing += &safe_lines(&note.stderr);
    }
    status.set_description(xml(&drawing));
    TestCase::new("uncut", status)
}

fn plan_case(report: &Report, plan: &PlanReport, replay: Replay<'_>) -> TestCase {
    let name = plan.plan.to_string();
    if let Some(reason) = &plan.skipped {
        let mut status = TestCaseStatus::skipped();
        status.set_message(xml(&safe(reason)));
        return TestCase::new(name, status);
    }
    let with = |severity| plan.groups.iter().filter(move |group| group.severity == severity);
    let found = |severity| {
        let found = with(severity).map(|group| {
            // A plan of one case has no offset to name.
            let place = match plan.cells.len() {
                1 => String::new(),
                _ => format!(" {}", ranges(&group.ranges, 20)),
            };
            format!("{}{place}", outcome(group))
        });
        found.collect::<Vec<_>>().join("; ")
    };
    let mut status = TestCaseStatus::success();
    if plan.severity() == Severity::Fail {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(xml(&format!("{}: {}", tally(plan), found(Severity::Fail))));
        if let Some(group) = with(Severity::Fail).next() {
            status.set_type(group.outcome.word());
            let drawing = drawn(replay, |page| failure::draw(page, report, group, false));
            status.set_description(xml(&drawing));
        }
    }
    let mut case = TestCase::new(name, status);
    case.set_assertions(plan.cells.len());
    let properties = found(Severity::Property);
    if !properties.is_empty() {
        case.set_system_out(xml(&format!("property: {properties}")));
    }
    case
}

fn is_fault(note: &&Note) -> bool {
    note.severity == Severity::Fail
}

fn fault(note: &Note) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(xml(&safe(&note.text)));
    status.set_description(xml(&safe_lines(&note.stderr)));
    TestCase::new("the target as a whole", status)
}

/// What is drawn for a person, without colours.
fn drawn(replay: Replay<'_>, draw: impl FnOnce(&mut Page<'_>)) -> String {
    let look = Look { style: Style::plain(), width: 100, detail: Detail::Usual, replay };
    let mut page = Page::new(&look);
    draw(&mut page);
    page.out
}

/// Lines of somebody else, safe to show.
fn safe_lines(text: &[u8]) -> String {
    let lines = text.trim_ascii_end().split(|byte| *byte == b'\n');
    lines.map(|line| Printable(line).to_string()).collect::<Vec<_>>().join("\n")
}

/// A text of characters that XML 1.0 may hold (section 2.2); controls have been escaped before.
fn xml(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, replay};
    use super::*;

    fn read(report: Report) -> quick_junit::Report {
        let document = document(&[report], &replay);
        quick_junit::Report::deserialize_from_str(&document).expect("what is written reads back")
    }

    #[test]
    fn a_plan_that_fails_is_a_failure_with_its_drawing_and_the_command() {
        let document = document(&[samples::tutorial()], &replay);
        for part in [
            r#"<testsuite name="tcp://127.0.0.1:5050" tests="7" skipped="0" errors="0" failures="3" time="0.060">"#,
            r#"<testcase name="split" classname="tcp://127.0.0.1:5050" assertions="68">"#,
            r#"<failure message="67 of 68 fail: closed without a reply @1–63; answered before the message was whole @65–68" type="closed">"#,
            "  wrote     │5│                  read by the target, then\n            │‹63 spaces›hello│\n",
            "replay it   framecat check 127.0.0.1:5050 --send hello --only split@1\n",
        ] {
            assert!(document.contains(part), "{part}\n{document}");
        }
        assert_eq!(read(samples::tutorial()).failures, 3);
    }

    #[test]
    fn properties_are_told_and_plans_left_out_are_skipped() {
        let report = read(samples::pass());
        assert_eq!((report.failures, report.errors), (0, 0));
        let suite = &report.test_suites[0];
        let skipped = |case: &&TestCase| matches!(case.status, TestCaseStatus::Skipped { .. });
        assert_eq!(suite.test_cases.iter().filter(skipped).count(), 2);
        let half_close = suite.test_cases.iter().find(|case| case.name.as_str() == "half-close");
        let told = half_close.and_then(|case| case.system_out.clone()).expect("it is told");
        assert_eq!(told.as_str(), "property: closed without a reply");
    }

    #[test]
    fn what_is_wrong_uncut_is_a_failure_and_what_is_not_reached_an_error() {
        let report = read(samples::not_deterministic());
        assert_eq!((report.failures, report.errors), (1, 0));
        assert_eq!(read(samples::unreachable()).errors, 1);
    }
}
