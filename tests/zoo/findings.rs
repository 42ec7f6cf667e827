//! What `framecat check --json` found, as far as the zoo compares it.

use std::fmt;
use std::sync::LazyLock;

use serde_json::Value;

/// What was found of one program.
#[derive(Debug, Clone)]
pub(super) struct Findings {
    pub(super) verdict: String,
    /// The exit code of the check.
    pub(super) code: Option<i32>,
    /// The cases that fail or show a property.
    pub(super) cells: Vec<Cell>,
    pub(super) notes: Vec<(Severity, String)>,
    pub(super) timed: u64,
    pub(super) not_read: u64,
}

/// A case that fails or shows a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Without its number: `straddle`.
    pub(super) plan: String,
    pub(super) at: u64,
    pub(super) word: String,
    pub(super) severity: Severity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Pass,
    Refused,
    Property,
    Fail,
}

/// What can be found of a process rather than of its replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trait {
    /// It uses the processor while there is nothing to do.
    Spins,
    /// It leaves sockets in CLOSE-WAIT.
    KeepsSockets,
}

impl Trait {
    pub(super) fn text(self) -> &'static str {
        match self {
            Trait::Spins => "spins",
            Trait::KeepsSockets => "leaves sockets in CLOSE-WAIT",
        }
    }

    /// Whether the check fails for it.
    pub(super) fn fails(self) -> bool {
        self == Trait::Spins
    }

    fn is_in(self, note: &str) -> bool {
        match self {
            Trait::Spins => note.contains("spin") || note.contains("CPU"),
            Trait::KeepsSockets => note.contains("CLOSE-WAIT"),
        }
    }
}

/// Whether a line is what `schemas/check.json` promises, and tells of each case that fails.
pub(super) fn keeps_schema(line: &str) -> Result<(), String> {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../schemas/check.json"));
        jsonschema::validator_for(&schema.expect("the schema is JSON")).expect("it is a schema")
    });
    let report: Value = serde_json::from_str(line.trim()).map_err(|error| error.to_string())?;
    SCHEMA.validate(&report).map_err(|error| format!("{}: {error}", error.instance_path()))?;
    for plan in list(&report, "plans")? {
        let fails = list(plan, "groups")?.iter().filter(|group| group["severity"] == "fail");
        let told: u64 = fails.filter_map(|group| group["count"].as_u64()).sum();
        if plan["failed"] != told {
            return Err(format!("of {} failures {told} are told: {plan}", plan["failed"]));
        }
    }
    Ok(())
}

impl Findings {
    /// Takes the one line of `--json` apart.
    pub(super) fn parse(json: &str, code: Option<i32>) -> Result<Findings, String> {
        let report: Value = serde_json::from_str(json.trim())
            .map_err(|error| format!("not one line of JSON: {error}"))?;
        let mut cells = Vec::new();
        for plan in list(&report, "plans")? {
            let name = text(plan, "plan")?;
            let name = name.split(':').next().unwrap_or(name);
            for group in list(plan, "groups")? {
                cells.extend(cells_of(name, group)?);
            }
        }
        cells.retain(|cell| cell.severity >= Severity::Property);
        let notes = list(&report, "notes")?
            .iter()
            .map(|note| Ok((severity(note)?, text(note, "text")?.to_owned())))
            .collect::<Result<_, String>>()?;
        let cuts = &report["cuts"];
        Ok(Findings {
            verdict: text(&report, "verdict")?.to_owned(),
            code,
            cells,
            notes,
            timed: number(&cuts["timed"])?,
            not_read: number(&cuts["not_read"])?,
        })
    }

    pub(super) fn has(&self, wanted: Trait) -> bool {
        self.notes.iter().any(|(_, note)| wanted.is_in(note))
    }

    /// The notes that say more than a pass.
    pub(super) fn grave_notes(&self) -> impl Iterator<Item = &str> {
        let grave = self.notes.iter().filter(|(severity, _)| *severity >= Severity::Property);
        grave.map(|(_, note)| note.as_str())
    }
}

/// A cell for each case of a group.
fn cells_of(plan: &str, group: &Value) -> Result<Vec<Cell>, String> {
    // How a connection ends, by FIN or by RST, depends on whether there was something unread.
    let word = match text(group, "outcome")? {
        "reset" => "closed",
        word => word,
    };
    let severity = severity(group)?;
    let mut cells = Vec::new();
    for range in list(group, "ranges")? {
        for at in number(&range[0])?..=number(&range[1])? {
            cells.push(Cell { plan: plan.into(), at, word: word.into(), severity });
        }
    }
    Ok(cells)
}

fn severity(value: &Value) -> Result<Severity, String> {
    Ok(match text(value, "severity")? {
        "pass" => Severity::Pass,
        "refused" => Severity::Refused,
        "property" => Severity::Property,
        "fail" => Severity::Fail,
        other => return Err(format!("there is no severity `{other}`")),
    })
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], String> {
    let list = value[name].as_array().ok_or_else(|| format!("`{name}` is not a list"))?;
    Ok(list)
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    value[name].as_str().ok_or_else(|| format!("`{name}` is not a text"))
}

fn number(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| format!("{value} is not a number"))
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}: {} ({:?})", self.plan, self.at, self.word, self.severity)
    }
}

/// In the words of the table, so that it can be compared with it by eye.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "verdict {}, exit {:?}", self.verdict, self.code)?;
        for group in grouped(&self.cells) {
            let places = places(group.iter().map(|cell| cell.at));
            let first = group[0];
            writeln!(f, "{:?} {}: {} @{places}", first.severity, first.plan, first.word)?;
        }
        for (severity, note) in &self.notes {
            writeln!(f, "{severity:?} note: {note}")?;
        }
        write!(f, "{} cuts only timed, {} not read", self.timed, self.not_read)
    }
}

/// The cells that came to the same, in the order of the first of each.
pub(super) fn grouped<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<Vec<&'a Cell>> {
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for cell in cells {
        let alike = |group: &&mut Vec<&Cell>| {
            let first = group[0];
            (first.severity, &first.plan, &first.word) == (cell.severity, &cell.plan, &cell.word)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups
}

/// Numbers folded into ranges: `1-3,7`.
pub(super) fn places(numbers: impl Iterator<Item = u64>) -> String {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    let runs = numbers.chunk_by(|one, next| one + 1 == *next);
    let runs = runs.map(|run| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(",")
}
