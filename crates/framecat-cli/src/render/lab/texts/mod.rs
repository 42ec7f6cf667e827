//! The texts of the experiments: a TOML file each, with both languages side by side.
//!
//! `{name}` in a text stands for a value that was measured, `{name?so|not}` for one text or the other. What
//! has no text is told by its bare name; the tests see to it that nothing is.

mod fill;

use std::collections::BTreeMap;

use framecat::core::lab::{Experiment, Measured, Report, Verdict};
use serde::Deserialize;

use crate::args::Language;
use fill::fill;
#[cfg(test)]
pub(super) use fill::names;

macro_rules! texts {
    ($($experiment:ident => $name:literal),* $(,)?) => {
        /// The text of an experiment's file.
        fn file(experiment: Experiment) -> &'static str {
            match experiment {
                $(Experiment::$experiment => include_str!(concat!($name, ".toml")),)*
            }
        }
    };
}

texts!(
    Handshake => "handshake",
    AcceptBlocks => "accept-blocks",
    TwoSockets => "two-sockets",
    Backlog => "backlog",
    HalfOpen => "half-open",
    TimeWait => "time-wait",
    RecvBlocks => "recv-blocks",
    EmptyTcp => "empty-tcp",
    EmptyUdp => "empty-udp",
    UdpTruncate => "udp-truncate",
    UdpNobody => "udp-nobody",
    UdpPairs => "udp-pairs",
    StickySender => "sticky-sender",
    StickyReceiver => "sticky-receiver",
    Split => "split",
    SendLoses => "send-loses",
    AckFrees => "ack-frees",
    Pairs => "pairs",
    Crash => "crash",
    Threads => "threads",
    UnixLocal => "unix-local",
    Framing => "framing",
);

/// A file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The tutorials that it is about: `T2, T8`.
    pub(super) source: String,
    /// Manual pages and files of the kernel.
    pub(super) reference: String,
    pub(super) en: Texts,
    pub(super) zh: Texts,
}

/// The texts of an experiment in one language.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    /// What is claimed.
    pub(super) claim: String,
    /// What will be done.
    pub(super) plan: String,
    /// What to do in one's own program.
    pub(super) advice: String,
    /// What each measured value is.
    #[serde(default)]
    pub(super) measured: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) verdicts: Verdicts,
    /// What is said in the timeline.
    #[serde(default)]
    pub(super) remarks: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Verdicts {
    pub(super) holds: Option<Said>,
    pub(super) holds_but: Option<Said>,
    pub(super) does_not_hold: Option<Said>,
    pub(super) cannot_tell: Option<Said>,
}

/// What is said of a verdict.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// What stands behind it in its line.
    #[serde(default)]
    pub(super) line: String,
    /// Two or three sentences.
    pub(super) why: String,
}

impl File {
    pub(super) fn of(experiment: Experiment) -> Result<File, toml::de::Error> {
        toml::from_str(file(experiment))
    }
}

impl Verdicts {
    pub(super) fn of(&self, verdict: Verdict) -> Option<&Said> {
        match verdict {
            Verdict::Holds => self.holds.as_ref(),
            Verdict::HoldsBut => self.holds_but.as_ref(),
            Verdict::DoesNotHold => self.does_not_hold.as_ref(),
            Verdict::CannotTell => self.cannot_tell.as_ref(),
        }
    }
}

/// What is told of an experiment in one language.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) source: String,
    pub(super) reference: String,
    texts: Texts,
    language: Language,
}

impl Told {
    pub(super) fn of(experiment: Experiment, language: Language) -> Told {
        let file = File::of(experiment).unwrap_or_default();
        let mut texts = match language {
            Language::En => file.en,
            Language::Zh => file.zh,
        };
        if texts.claim.is_empty() {
            texts.claim = experiment.name().to_owned();
        }
        Told { source: file.source, reference: file.reference, texts, language }
    }

    pub(super) fn claim(&self) -> &str {
        &self.texts.claim
    }

    pub(super) fn plan(&self) -> &str {
        &self.texts.plan
    }

    /// What to do in one's own program; a run that told nothing gives no advice.
    pub(super) fn advice(&self, report: &Report) -> String {
        match report.verdict {
            Verdict::CannotTell => String::new(),
            _ => fill(&self.texts.advice, &report.measured, self.language),
        }
    }

    /// What a measured value is.
    pub(super) fn label<'a>(&'a self, name: &'a str) -> &'a str {
        self.texts.measured.get(name).map_or(name, String::as_str)
    }

    /// What stands behind the verdict: its line, or the obstacle.
    pub(super) fn line(&self, report: &Report) -> String {
        let said = self.texts.verdicts.of(report.verdict);
        let line = said.map_or("", |said| &said.line);
        match &report.obstacle {
            Some(obstacle) => super::safe(obstacle),
            None => fill(line, &report.measured, self.language),
        }
    }

    /// Why the verdict is what it is; empty where that is not told.
    pub(super) fn why(&self, report: &Report) -> String {
        let said = self.texts.verdicts.of(report.verdict);
        said.map_or_else(String::new, |said| fill(&said.why, &report.measured, self.language))
    }

    /// What is said in the timeline.
    pub(super) fn remark(&self, name: &str, values: &[Measured]) -> String {
        let text = self.texts.remarks.get(name).map_or(name, String::as_str);
        fill(text, values, self.language)
    }
}
