//! The words and numbers that all forms of a report share.

use std::time::Duration;

use framecat::core::check::{
    Cuts, End, Group, Outcome, Plan, PlanReport, Report, Sample, Severity, Side, Verdict,
};
use framecat::core::diagram::count;
use framecat::core::escape::Printable;

/// A text of somebody else, safe to show.
pub(super) fn safe(text: &str) -> String {
    Printable(text.as_bytes()).to_string()
}

/// A short time, as a person reads it.
pub(super) fn time(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.1} s"),
    }
}

/// What an exchange is called: its name, or else its target.
pub(super) fn title(report: &Report) -> String {
    safe(report.name.as_deref().unwrap_or(&report.target))
}

/// One cell of a strip.
pub(super) fn mark(severity: Severity) -> char {
    match severity {
        Severity::Pass => '✓',
        Severity::Refused => '–',
        Severity::Property => '○',
        Severity::Fail => '✗',
    }
}

pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Pass => "pass",
        Severity::Refused => "refused",
        Severity::Property => "property",
        Severity::Fail => "fail",
    }
}

pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::WrongUncut => "wrong-uncut",
        Verdict::NotDeterministic => "not-deterministic",
        Verdict::NoReply => "no-reply",
        Verdict::Setup => "setup",
        Verdict::Unreachable => "unreachable",
    }
}

/// The verdict as the end of a line.
pub(super) fn verdict(report: &Report) -> String {
    let plans = report.plans.iter().filter(|plan| plan.severity() == Severity::Fail).count();
    let notes = report.notes.iter().filter(|note| note.severity == Severity::Fail).count();
    match report.verdict {
        Verdict::Pass => "passes".into(),
        Verdict::Fail => match (plans, notes) {
            (0, 0) => "fails".into(),
            (0, 1) => "1 fault of the target as a whole".into(),
            (0, notes) => format!("{notes} faults of the target as a whole"),
            (1, _) => "1 plan fails".into(),
            (plans, _) => format!("{plans} plans fail"),
        },
        Verdict::WrongUncut => "wrong even uncut".into(),
        Verdict::NotDeterministic => "not deterministic".into(),
        Verdict::NoReply => "no reply even uncut".into(),
        Verdict::Setup => "a step before the exchange fails".into(),
        Verdict::Unreachable => "not reached".into(),
    }
}

/// What became of the cuts, for a last line.
pub(super) fn cuts(cuts: Cuts) -> String {
    let not_read = match cuts.not_read {
        0 => String::new(),
        not_read => format!(", {not_read} not read"),
    };
    format!(
        "{} confirmed, {} only timed{not_read}",
        count(cuts.confirmed as usize, "cut"),
        cuts.timed
    )
}

/// Who says that the target has read what came before a cut.
pub(super) fn witness(cuts: Cuts) -> Option<String> {
    match (cuts.confirmed, cuts.timed) {
        (0, 0) => None,
        (_, 0) => Some("cuts witnessed by the kernel".into()),
        (0, _) => Some("cuts timed only".into()),
        (confirmed, timed) => {
            Some(format!("{confirmed} cuts witnessed by the kernel, {timed} timed only"))
        }
    }
}

/// What is sent and what comes back, in bytes.
pub(super) fn sizes(report: &Report) -> String {
    let sizes: Vec<String> =
        report.requests.iter().map(|request| format!("{} B", request.len())).collect();
    let (what, came) = match report.side {
        Side::Server => ("exchange", ""),
        Side::Client => ("answer", " of output"),
    };
    format!("{what} {} → {} B{came}", sizes.join(" + "), report.baseline.reply.len())
}

/// How many of the uncut runs were alike, and in what time.
pub(super) fn baseline(report: &Report) -> String {
    let baseline = &report.baseline;
    format!("baseline {} of {} alike in {}", baseline.alike, baseline.runs, time(baseline.slowest))
}

/// What the cases of a plan are counted by.
pub(super) fn noun(plan: Plan) -> &'static str {
    match plan {
        Plan::Split | Plan::Straddle(_) | Plan::Truncate | Plan::Reset => "offset",
        Plan::Oversize => "size",
        _ => "case",
    }
}

/// Ranges of cells, at most `most` of them: `@1–63,70`.
pub(super) fn ranges(ranges: &[(u64, u64)], most: usize) -> String {
    let shown: Vec<String> = ranges
        .iter()
        .take(most)
        .map(|&(from, to)| if from == to { from.to_string() } else { format!("{from}–{to}") })
        .collect();
    match ranges.len().saturating_sub(most) {
        0 => format!("@{}", shown.join(",")),
        more => format!("@{} and {more} more", shown.join(",")),
    }
}

/// What the cases of a group came to, and how surely.
pub(super) fn outcome(group: &Group) -> String {
    let (times, of) = group.again;
    match of {
        0 | 1 => group.outcome.text().into(),
        of if times == of => group.outcome.text().into(),
        of => format!("{} in {times} of {of} runs", group.outcome.text()),
    }
}

/// What a plan came to, behind its strip.
pub(super) fn tally(plan: &PlanReport) -> String {
    let all = plan.cells.len();
    let with = |severity| plan.cells.iter().filter(|cell| cell.severity == severity).count();
    let result = match plan.severity() {
        Severity::Pass => format!("{all} pass"),
        Severity::Fail => format!("{} of {all} fail", plan.failed()),
        Severity::Property => format!("{} of {all} a property", with(Severity::Property)),
        Severity::Refused => format!("{} of {all} refused", with(Severity::Refused)),
    };
    match plan.of {
        Some(of) if of > all as u64 => {
            format!("{result}; {all} of {}", count(of as usize, noun(plan.plan)))
        }
        _ => result,
    }
}

/// How a case ended, behind what came back.
pub(super) fn ending(side: Side, outcome: Outcome, sample: &Sample) -> String {
    let after = time(sample.after);
    if side == Side::Client {
        return match outcome {
            Outcome::Hung => format!("it did not end in {after}"),
            _ => format!("it ended after {after}"),
        };
    }
    match (sample.got.is_empty(), sample.end) {
        (true, End::Open) => format!("nothing in {after}, and the connection stayed open"),
        (true, End::Closed) => format!("end of stream after {after}"),
        (true, End::Reset) => format!("reset after {after}"),
        (false, End::Open) => format!("after {after}, and the connection stayed open"),
        (false, End::Closed) => format!("then end of stream after {after}"),
        (false, End::Reset) => format!("then reset after {after}"),
    }
}

/// How a case should have ended, where that alone is wrong: a close and a reset are of one class.
pub(super) fn missed_ending(sample: &Sample) -> Option<&'static str> {
    let expected = sample.expected_end.filter(|_| sample.got == sample.expected)?;
    match (expected == End::Open, sample.end == End::Open) {
        (true, false) => Some("and the connection stays open"),
        (false, true) => Some("then end of stream"),
        _ => None,
    }
}

/// What came back beyond what is kept.
pub(super) fn beyond(sample: &Sample) -> Option<String> {
    let kept = sample.got.len();
    (sample.got_len > kept as u64)
        .then(|| format!("{} B came in all, the first {kept} are kept", sample.got_len))
}
