//! `framecat lab`: the flags, and what they mean.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use framecat::core::escape::Escaped;
use framecat::core::lab::Experiment;

use super::common::UsageError;

/// Run the claims about sockets for real, and see what is so
///
/// Each experiment makes sockets of its own on this machine, shows what was called and what the kernel
/// had in its queues, and ends in a verdict from what it measured. It needs no privileges and no
/// network. Without names the experiments are listed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  framecat lab                                the experiments, a line each
  framecat lab backlog                        one of them
  framecat lab sticky-sender sticky-receiver split
  framecat lab --all --html lab.html          all of them; a page to keep
  framecat lab backlog --lang zh              in Chinese
  framecat lab --all --repeat 20 --quiet      does each verdict come out every time?

Exit status: 0 they ran, whatever the verdicts (a claim that does not hold is no failure of yours),
3 an experiment came to different verdicts, 2 wrong usage.")]
pub(crate) struct LabArgs {
    /// Which experiments to run
    #[arg(value_name = "EXPERIMENT", conflicts_with = "all")]
    experiments: Vec<String>,
    /// Run them all: about ten seconds
    #[arg(long)]
    all: bool,
    /// Run each so many times, and count how often each verdict comes out
    #[arg(long, value_name = "N", default_value_t = NonZeroU32::MIN)]
    repeat: NonZeroU32,
    /// The language [default: Chinese if LC_ALL, LC_MESSAGES or LANG says zh, else English]
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// A JSON object an experiment, one a line
    #[arg(long)]
    json: bool,
    /// Write a page for a browser: one file, with the timelines drawn
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Show the verdicts, a line each, and nothing else
    #[arg(short, long, conflicts_with = "json")]
    quiet: bool,
}

/// The language of what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// English.
    En,
    /// Chinese, in simplified characters.
    Zh,
}

impl Language {
    /// Both.
    #[cfg(test)]
    pub(crate) const ALL: [Language; 2] = [Language::En, Language::Zh];

    /// What the environment asks for, which `get` reads: the first of the variables that is set and not
    /// empty decides (locale(7)).
    fn of_environment(get: impl Fn(&str) -> Option<String>) -> Language {
        let set = |name: &&str| get(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default();
        // zh_CN.UTF-8, zh-Hans, zh; but zha is Zhuang.
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Language::Zh } else { Language::En }
    }
}

/// What `lab` is to do.
#[derive(Debug)]
pub(crate) struct LabPlan {
    /// In the order in which they run; none is run for a list.
    pub(crate) experiments: Vec<Experiment>,
    pub(crate) repeat: NonZeroU32,
    pub(crate) language: Language,
    pub(crate) html: Option<PathBuf>,
    pub(crate) show: LabShow,
}

/// What is shown on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LabShow {
    /// All of an experiment.
    Whole,
    /// The verdict, in a line.
    Verdict,
    /// A JSON object.
    Json,
}

impl TryFrom<LabArgs> for LabPlan {
    type Error = UsageError;

    fn try_from(args: LabArgs) -> Result<LabPlan, UsageError> {
        let experiments = match args.all {
            true => Experiment::ALL.into(),
            false => named(&args.experiments)?,
        };
        let show = match (args.json, args.quiet) {
            (true, _) => LabShow::Json,
            (_, true) => LabShow::Verdict,
            _ => LabShow::Whole,
        };
        let repeats = args.repeat > NonZeroU32::MIN;
        if experiments.is_empty() && (show != LabShow::Whole || args.html.is_some() || repeats) {
            let problem = "nothing to run: name experiments, or take --all";
            return Err(UsageError(problem.into()));
        }
        let read = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into());
        let language = args.lang.unwrap_or_else(|| Language::of_environment(read));
        Ok(LabPlan { experiments, repeat: args.repeat, language, html: args.html, show })
    }
}

/// The experiments of these names, each once.
fn named(names: &[String]) -> Result<Vec<Experiment>, UsageError> {
    let mut experiments = Vec::new();
    for name in names {
        let experiment = name.parse().map_err(|_| unknown(name))?;
        if !experiments.contains(&experiment) {
            experiments.push(experiment);
        }
    }
    Ok(experiments)
}

fn unknown(name: &str) -> UsageError {
    let near = match &near(name)[..] {
        [] => String::new(),
        [one] => format!("did you mean {one}? "),
        [most @ .., last] => format!("did you mean {} or {last}? ", most.join(", ")),
    };
    let shown = Escaped(name.as_bytes());
    UsageError(format!("there is no experiment `{shown}`\n  {near}`framecat lab` lists them"))
}

/// From this likeness on a name may have been meant: what clap takes for its own tips.
const ALIKE: f64 = 0.8;

/// How many names are proposed.
const PROPOSED: usize = 4;

/// The experiments whose names are near to a text, the nearest first.
fn near(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let likeness = |name: &str| {
        let holds = text.len() > 2 && (name.contains(&text) || text.contains(name));
        if holds { 1.0 } else { strsim::jaro_winkler(&text, name) }
    };
    let names = Experiment::ALL.into_iter().map(Experiment::name);
    let mut near: Vec<(f64, &str)> =
        names.map(|name| (likeness(name), name)).filter(|(alike, _)| *alike >= ALIKE).collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(PROPOSED).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides_the_language() {
        let of = |set: &[(&str, &str)]| {
            let set: Vec<(String, String)> =
                set.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            Language::of_environment(|name| {
                set.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            })
        };
        assert_eq!(of(&[]), Language::En);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Language::Zh);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_GB.UTF-8")]), Language::En);
        assert_eq!(of(&[("LC_MESSAGES", "zh_TW"), ("LANG", "de_DE")]), Language::Zh);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Language::En);
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "zh")]), Language::Zh, "empty counts as unset");
        assert_eq!(of(&[("LANG", "zha_CN.UTF-8")]), Language::En, "Zhuang");
    }

    #[test]
    fn names_that_are_near_are_proposed() {
        assert_eq!(near("baklog"), ["backlog"]);
        assert_eq!(near("sticky"), ["sticky-sender", "sticky-receiver"]);
        assert_eq!(near("stiky-sender")[0], "sticky-sender");
        assert_eq!(near("udp").len(), 4);
        assert_eq!(near("TimeWait"), ["time-wait"]);
        assert!(near("xyzzy").is_empty());
        assert!(near("").is_empty());
        assert_eq!(
            unknown("sticky").to_string(),
            "there is no experiment `sticky`\n  did you mean sticky-sender or sticky-receiver? \
             `framecat lab` lists them"
        );
        assert_eq!(
            unknown("\x1b[2J").to_string(),
            "there is no experiment `\\x1b[2J`\n  `framecat lab` lists them"
        );
    }

    #[test]
    fn an_experiment_named_twice_runs_once() {
        let names: Vec<String> = ["split", "pairs", "split"].map(Into::into).into();
        assert_eq!(named(&names).unwrap(), [Experiment::Split, Experiment::Pairs]);
    }
}
