//! `framecat check`.

use std::path::Path;
use std::sync::Arc;

use framecat::Blame;
use framecat::check::{self, CheckError, Target, Watcher};
use framecat::core::check::{CaseId, Plan, Report, Severity, Verdict};

use super::signal::{Stop, Stops};
use super::{Exit, Writing, cannot_start, fail, in_runtime};
use crate::args::{Case, CheckArgs, CheckPlan, Subject};
use crate::render::check::{Detail, Look, Progress, html, json, junit, text};
use crate::render::{Sheet, To};

/// Checks, and says what was found.
pub(crate) fn check(args: CheckArgs) -> Exit {
    match CheckPlan::try_from(args) {
        Ok(plan) => in_runtime(run(plan)),
        Err(error) => fail(&error, Exit::Local),
    }
}

async fn run(plan: CheckPlan) -> Exit {
    let sheet = Arc::new(Sheet::default());
    let mut stops = match Stops::catch(sheet.clone()) {
        Ok(stops) => stops,
        Err(error) => return cannot_start(&error),
    };
    let writing = Writing::start(&sheet, None);
    let (exit, stopped) = tokio::select! {
        exit = go_through(&plan, &sheet) => (exit, false),
        // What was not gone through has not passed.
        stop = stops.next() => match stop {
            Stop::Terminate => (Exit::Interrupted, true),
            stop => (Exit::from(stop), true),
        },
    };
    writing.finish(exit, &mut stops, stopped).await
}

/// Goes through all cases, and shows each when it is done.
async fn go_through(plan: &CheckPlan, sheet: &Sheet) -> Exit {
    if matches!(plan.subject, Subject::None) {
        sheet.write(To::Stdout, |out| out.extend_from_slice(listed(plan).as_bytes()));
        return Exit::Done;
    }
    // Before anything is run: a report that cannot be written is not told at the end of an hour.
    if let Err(problem) = open_files(plan) {
        return fail(&problem, Exit::Local);
    }
    let mut reports = Vec::new();
    for case in &plan.cases {
        let bar = Arc::new(Bar(Progress::start()));
        let found = one(plan, case, bar.clone()).await;
        bar.0.finish();
        match found {
            Ok(report) => {
                show(plan, &report, sheet);
                reports.push(report);
            }
            Err(error) => {
                // What was found before is not lost.
                let written = write_files(plan, &reports);
                let exit = fail(&error, exit_of(&error));
                return written.map_or_else(|problem| fail(&problem, Exit::Local), |()| exit);
            }
        }
    }
    if reports.len() > 1 && !plan.json {
        let replay = replay_of(plan);
        let suite = text::suite(&reports, &look(plan, &replay));
        sheet.write(To::Stdout, |out| out.extend_from_slice(suite.as_bytes()));
    }
    match write_files(plan, &reports) {
        Ok(()) => verdict(&reports),
        Err(problem) => fail(&problem, Exit::Local),
    }
}

/// The cases that ship, a line each: what `--case` takes, the usual port, and what is said.
fn listed(plan: &CheckPlan) -> String {
    let name = |case: &Case| case.source.clone().unwrap_or_default();
    let widest = plan.cases.iter().map(|case| name(case).len()).max().unwrap_or(0);
    let mut lines = String::new();
    for case in &plan.cases {
        let port = case.file.port.map(|port| port.to_string()).unwrap_or_default();
        let said = case.file.exchange.name.clone().unwrap_or_default();
        lines.push_str(&format!("{:<widest$}  {port:>5}  {said}\n", name(case)));
    }
    lines
}

async fn one(plan: &CheckPlan, case: &Case, watcher: Arc<Bar>) -> Result<Report, CheckError> {
    let exchange = &case.file.exchange;
    let mut target = match &plan.subject {
        Subject::Running(address) => Target::running(address.clone()),
        Subject::Started { command, address } => {
            let command = match (command, &case.file.start) {
                (Some(command), _) => command.clone(),
                (None, start) => framecat::program::Command::parse(start.as_deref().unwrap_or(""))?,
            };
            Target::start(command, address.clone()).await?
        }
        Subject::Client { listen, command } => {
            return check::client(listen, command, exchange, &plan.config, watcher).await;
        }
        Subject::None => unreachable!("nothing is run for a list"),
    };
    let report = check::server(&mut target, exchange, &plan.config, watcher).await;
    target.end().await;
    report
}

fn show(plan: &CheckPlan, report: &Report, sheet: &Sheet) {
    let replay = replay_of(plan);
    let shown = match plan.json {
        true => json::line(report),
        false => text::report(report, &look(plan, &replay)),
    };
    sheet.write(To::Stdout, |out| {
        out.extend_from_slice(shown.as_bytes());
        if !shown.ends_with('\n') {
            out.push(b'\n');
        }
    });
}

fn look<'a>(plan: &CheckPlan, replay: &'a dyn Fn(&Report, &CaseId) -> String) -> Look<'a> {
    let detail = match (plan.quiet, plan.verbose) {
        (true, _) => Detail::Failures,
        (_, true) => Detail::EachKind,
        _ => Detail::Usual,
    };
    Look::for_stdout(detail, replay)
}

/// The command that replays one case: what was typed, without what chose other cases.
fn replay_of(plan: &CheckPlan) -> impl Fn(&Report, &CaseId) -> String {
    let sources: Vec<(Option<String>, Option<String>)> = plan
        .cases
        .iter()
        .map(|case| (case.file.exchange.name.clone(), case.source.clone()))
        .collect();
    let typed: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    move |report, case| {
        let source = sources.iter().find(|(name, _)| *name == report.name);
        let source = source.and_then(|(_, source)| source.as_deref());
        command(&typed, source, *case)
    }
}

/// `typed` without the choice of plans and files, and with the one case.
fn command(typed: &[String], source: Option<&str>, case: CaseId) -> String {
    let dropped = ["--plan", "--only", "--junit", "--html", "--case"];
    let mut words = vec!["framecat".to_owned(), "check".to_owned()];
    let mut rest = typed.iter().skip(2);
    let mut client = Vec::new();
    while let Some(word) = rest.next() {
        let name = word.split('=').next().unwrap_or_default();
        match word.as_str() {
            "--" => client = rest.by_ref().collect(),
            "--json" | "--quiet" | "-q" | "--verbose" | "-v" => {}
            _ if dropped.contains(&name) => {
                if !word.contains('=') {
                    rest.next();
                }
            }
            _ => words.push(quoted(word)),
        }
    }
    words.extend(source.iter().flat_map(|source| ["--case".to_owned(), quoted(source)]));
    words.extend(["--only".to_owned(), case.to_string()]);
    if !client.is_empty() {
        words.push("--".to_owned());
        words.extend(client.into_iter().map(|word| quoted(word)));
    }
    words.join(" ")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,%+{}".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn write_files(plan: &CheckPlan, reports: &[Report]) -> Result<(), String> {
    let replay = replay_of(plan);
    if let Some(path) = &plan.junit {
        write(path, &junit::document(reports, &replay))?;
    }
    if let Some(path) = &plan.html {
        write(path, &html::page(reports, &replay))?;
    }
    Ok(())
}

/// Makes sure that the reports can be written; what is in the files is left alone until they are.
fn open_files(plan: &CheckPlan) -> Result<(), String> {
    for path in plan.junit.iter().chain(&plan.html) {
        std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
            format!("cannot write {}: {}", path.display(), framecat::reason(&error))
        })?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text)
        .map_err(|error| format!("cannot write {}: {}", path.display(), framecat::reason(&error)))
}

fn verdict(reports: &[Report]) -> Exit {
    let harmless = |report: &Report| report.verdict == Verdict::Pass;
    let found = |report: &Report| harmless(report) || report.verdict == Verdict::Unreachable;
    match reports {
        _ if reports.iter().all(harmless) => Exit::Done,
        _ if reports.iter().all(found) => Exit::Network,
        _ => Exit::Failed,
    }
}

fn exit_of(error: &CheckError) -> Exit {
    match error.blame() {
        Blame::Network => Exit::Network,
        Blame::Local => Exit::Local,
    }
}

/// Moves the bar.
struct Bar(Progress);

impl Watcher for Bar {
    fn on_plan(&self, plan: Plan, cases: usize) {
        self.0.plan(plan, cases);
    }

    fn on_case(&self, severity: Severity) {
        self.0.step(severity == Severity::Fail);
    }
}
