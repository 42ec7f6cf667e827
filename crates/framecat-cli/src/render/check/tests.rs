//! What a person sees, to the letter.

use framecat::core::check::Report;

use super::samples::{self, replay};
use super::{Detail, Look, text};
use crate::style::Style;

fn look(width: usize, detail: Detail) -> Look<'static> {
    Look { style: Style::plain(), width, detail, replay: &replay }
}

#[track_caller]
fn shows(report: &Report, width: usize, detail: Detail, expected: &str) {
    let shown = text::report(report, &look(width, detail));
    assert_eq!(shown, expected.strip_prefix('\n').unwrap_or(expected), "\n{shown}");
}

#[test]
fn gen() {
    let u = Detail::Usual;
    for (n, r, w, d) in [("pass", samples::pass(), 80, u), ("tutorial", samples::tutorial(), 100, u), ("nd", samples::not_deterministic(), 80, u),
        ("wrong", samples::wrong_uncut(), 80, u), ("crash", samples::crash(), 80, u), ("long", samples::long(), 80, u), ("client", samples::client(), 60, u), 
        ("noreply", samples::no_reply(), 80, u), ("quiet", samples::tutorial(), 80, Detail::Failures), ("quietpass", samples::pass(), 80, Detail::Failures), ("verbose", samples::tutorial(), 80, Detail::EachKind)] {
        println!("#### {n}\n{}####", text::report(&r, &look(w, d)));
    }
    println!("#### suite\n{}####", text::suite(&samples::all()[..8], &look(80, u)));
}
