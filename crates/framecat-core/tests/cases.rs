//! The cases that ship with framecat: each is read, and tells a person what it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use framecat_core::check::{CaseFile, Plan};
use framecat_core::escape::is_harmless;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases")
}

/// The names of the files without `.toml`, and what is in them.
fn cases() -> Vec<(String, CaseFile)> {
    let files = fs::read_dir(folder()).expect("the project has a folder of cases");
    let mut paths: Vec<_> = files.map(|file| file.expect("it can be listed").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        assert_eq!(path.extension().and_then(|it| it.to_str()), Some("toml"), "{path:?}");
        let text = fs::read_to_string(&path).expect("a case is text");
        let beside = |name: &str| fs::read(folder().join(name)).map_err(|error| error.to_string());
        let case = CaseFile::parse(&text, &beside).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a plain name");
        (name.to_owned(), case)
    };
    paths.into_iter().map(read).collect()
}

/// What has no port that is known by all: these speak wherever they are told to.
const WITHOUT_PORT: [&str; 3] = ["length-u32be", "lsp", "netstring"];

#[test]
fn each_case_is_read_and_has_a_name_of_its_own_a_port_and_words_about_it() {
    let cases = cases();
    assert!(cases.len() >= 24, "{} cases are not all", cases.len());
    let names: BTreeSet<_> = cases.iter().map(|(_, case)| &case.exchange.name).collect();
    assert_eq!(names.len(), cases.len(), "a name stands for one case");
    for (file, case) in &cases {
        let name = case.exchange.name.as_ref().expect("a file names its case");
        assert!(name.len() <= 40, "{file}: {name} does not fit a list");
        let about = case.about.as_ref().unwrap_or_else(|| panic!("{file}: what is it about?"));
        assert!(about.ends_with('.') && about.len() > 30, "{file}: {about}");
        assert!(about.chars().chain(name.chars()).all(is_harmless), "{file}: in one line");
        assert_eq!(case.port.is_none(), WITHOUT_PORT.contains(&file.as_str()), "{file}: its port");
    }
}

#[test]
fn a_target_that_a_case_starts_gets_its_port_and_only_this_machine_reaches_it() {
    let cases = cases();
    let started: Vec<_> =
        cases.iter().filter_map(|(file, case)| Some((file, case.start.as_ref()?))).collect();
    assert!(started.len() >= 8, "{started:?}");
    for (file, start) in started {
        assert_eq!(start.matches("{port}").count(), 1, "{file}: {start}");
        assert!(!start.contains("0.0.0.0"), "{file}: {start}");
    }
}

#[test]
fn a_case_that_picks_its_plans_cuts_at_every_offset_all_the_same() {
    for (file, case) in cases() {
        if let Some(plans) = case.exchange.plans {
            assert!(
                plans.contains(&Plan::Split) && plans.contains(&Plan::Drip),
                "{file}: {plans:?}"
            );
        }
    }
}
