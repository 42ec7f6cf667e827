//! The texts of the experiments: whole, and the same in both languages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use framecat::core::lab::{Experiment, Verdict};

use super::super::texts::{File, Texts, names};

/// The files, by their experiments.
fn files() -> BTreeMap<Experiment, File> {
    let parsed = |experiment| {
        let file = File::of(experiment);
        (experiment, file.unwrap_or_else(|error| panic!("{experiment}: {error}")))
    };
    Experiment::ALL.into_iter().map(parsed).collect()
}

/// Each text of a language, by its place.
fn texts(texts: &Texts) -> BTreeMap<String, &str> {
    let mut all = BTreeMap::from([
        ("claim".to_owned(), texts.claim.as_str()),
        ("plan".to_owned(), &texts.plan),
        ("advice".to_owned(), &texts.advice),
    ]);
    all.extend(
        texts.measured.iter().map(|(name, text)| (format!("measured.{name}"), text.as_str())),
    );
    all.extend(texts.remarks.iter().map(|(name, text)| (format!("remarks.{name}"), text.as_str())));
    for verdict in Verdict::ALL {
        if let Some(said) = texts.verdicts.of(verdict) {
            let place = format!("verdicts.{}", verdict.word());
            all.insert(format!("{place}.line"), &said.line);
            all.insert(format!("{place}.why"), &said.why);
        }
    }
    all
}

#[test]
fn the_files_are_those_of_the_experiments() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/lab/texts");
    let names = std::fs::read_dir(folder).expect("the folder of the texts").map(|entry| {
        entry.expect("a folder can be read to its end").file_name().to_string_lossy().into_owned()
    });
    let there: BTreeSet<String> =
        names.filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned())).collect();
    let known: BTreeSet<String> =
        Experiment::ALL.iter().map(|experiment| experiment.name().to_owned()).collect();
    assert_eq!(there, known);
}

#[test]
fn both_languages_say_the_same_with_the_same_values() {
    for (experiment, file) in files() {
        let (en, zh) = (texts(&file.en), texts(&file.zh));
        assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>(), "{experiment}");
        for (place, text) in &en {
            assert_eq!(names(text), names(zh[place]), "{experiment}, {place}");
        }
    }
}

#[test]
fn no_text_is_empty_but_the_line_of_a_verdict_that_needs_none() {
    for (experiment, file) in files() {
        assert!(!file.source.is_empty() && !file.reference.is_empty(), "{experiment}");
        for language in [&file.en, &file.zh] {
            for (place, text) in texts(language) {
                let needed =
                    !["verdicts.holds.line", "verdicts.cannot-tell.line"].contains(&&*place);
                assert!(!needed || !text.is_empty(), "{experiment}, {place}");
                assert_eq!(text, text.trim(), "{experiment}, {place}");
                assert!(!text.contains("  ") && !text.contains('\n'), "{experiment}, {place}");
            }
        }
    }
}

#[test]
fn what_is_said_before_a_run_needs_no_values() {
    for (experiment, file) in files() {
        for language in [&file.en, &file.zh] {
            for text in [&language.claim, &language.plan] {
                assert!(names(text).is_empty(), "{experiment}: {text}");
            }
        }
    }
}

#[test]
fn what_is_said_of_a_verdict_was_measured() {
    for (experiment, file) in files() {
        let known: BTreeSet<&str> = file.en.measured.keys().map(String::as_str).collect();
        for (place, text) in texts(&file.en) {
            if !place.starts_with("remarks.") {
                let unknown: Vec<_> = names(text).difference(&known).copied().collect();
                assert!(unknown.is_empty(), "{experiment}, {place}: {unknown:?}");
            }
        }
    }
}

#[test]
fn a_file_with_a_word_that_means_nothing_is_refused() {
    let text = include_str!("../texts/handshake.toml");
    assert!(toml::from_str::<File>(text).is_ok());
    for (known, unknown) in [
        ("[en.verdicts.holds]", "[en.verdicts.hold]"),
        ("advice =", "advise ="),
        ("[zh]", "[fr]"),
        ("source =", "sauce ="),
    ] {
        assert!(text.contains(known));
        assert!(toml::from_str::<File>(&text.replacen(known, unknown, 1)).is_err(), "{unknown}");
    }
}
