//! What a peer sent, and what somebody named, reaches no terminal and no page raw.

use framecat::core::escape::is_harmless;

use super::samples::{self, replay};
use super::{Detail, Look, html, json, junit, text};
use crate::style::Style;

#[track_caller]
fn obeys_nobody(what: &str, shown: &str) {
    let harmful: Vec<char> = shown.chars().filter(|c| *c != '\n' && !is_harmless(*c)).collect();
    assert!(harmful.is_empty(), "{what}: {harmful:?}");
}

#[test]
fn no_control_of_a_peer_passes_in_any_form() {
    for report in samples::all() {
        for detail in [Detail::Failures, Detail::Usual, Detail::EachKind] {
            let look = Look { style: Style::plain(), width: 80, detail, replay: &replay };
            obeys_nobody("text", &text::report(&report, &look));
            obeys_nobody("suite", &text::suite(std::slice::from_ref(&report), &look));
        }
        obeys_nobody("JSON", &json::line(&report));
        obeys_nobody("JUnit", &junit::document(std::slice::from_ref(&report), &replay));
        obeys_nobody("HTML", &html::page(std::slice::from_ref(&report), &replay));
    }
}

#[test]
fn a_report_for_a_program_is_one_line() {
    for report in samples::all() {
        assert!(!json::line(&report).contains('\n'));
    }
}

#[test]
fn nothing_of_a_peer_becomes_a_part_of_a_page() {
    let page = html::page(&[samples::hostile(), samples::pass()], &replay);
    assert!(page.contains("&lt;script&gt;alert(1)"), "it is shown");
    let markup = page.replace("&lt;", "");
    assert!(!markup.contains("<script") && !markup.contains("</pre>"), "it is not obeyed");
    for outside in ["http:", "https:", "src=", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "the page needs nothing from outside: {outside}");
    }
}

#[test]
fn nothing_of_a_peer_becomes_a_part_of_the_xml() {
    let document = junit::document(&[samples::hostile()], &replay);
    let read = quick_junit::Report::deserialize_from_str(&document).expect("it is well-formed");
    assert_eq!(read.test_suites.len(), 1);
    let names: Vec<&str> =
        read.test_suites[0].test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "uncut",
            "split",
            "drip",
            "coalesce:2",
            "half-close",
            "truncate",
            "reset",
            "garbage",
            "the target as a whole"
        ]
    );
}
