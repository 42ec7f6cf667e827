//! What conditions mean, how they print, and what is said of texts that are none.

mod errors;
mod fields;
mod laws;
mod order;
mod triggers;

use super::super::testing::*;
use super::super::{Finding, Frame, Problem, Rates, Row, Severity, Socket};
use super::*;
use crate::sock_diag::State;

/// Whether the condition is known to hold for a row.
#[track_caller]
fn holds(condition: &str, row: &Row) -> bool {
    parse(condition).holds(row, &Frame::default())
}

#[track_caller]
fn parse(condition: &str) -> Condition {
    condition.parse().unwrap_or_else(|error| panic!("{condition}: {error}"))
}

/// The row of a socket at first sight.
fn row(socket: Socket) -> Row {
    Script::default().row(S, socket)
}

#[test]
fn comparisons_are_joined_by_and_or_and_not() {
    let row = row(reader(1, 10, 10));
    for (condition, expected) in [
        ("recvq>0", true),
        ("recvq>0 and state=LISTEN", false),
        ("recvq>0 && state=ESTABLISHED", true),
        ("state=LISTEN or recvq>0", true),
        ("state=LISTEN || recvq>10", false),
        ("not state=LISTEN", true),
        ("!state=LISTEN", true),
        ("! ! state = LISTEN", false),
        ("not recvq>0 or recvq=10", true),
        ("not (recvq>0 or recvq=10)", false),
        // `and` binds closer than `or`, and `not` closer than both.
        ("recvq=10 or recvq=1 and recvq=2", true),
        ("(recvq=10 or recvq=1) and recvq=2", false),
        ("not recvq=1 and recvq=2", false),
        ("RECVQ>0 AND NOT State=listen", true),
    ] {
        assert_eq!(holds(condition, &row), expected, "{condition}");
    }
}

#[test]
fn all_comparisons_compare() {
    let row = row(reader(1, 10, 10));
    for (condition, expected) in [
        ("recvq>9", true),
        ("recvq>10", false),
        ("recvq>=10", true),
        ("recvq>=11", false),
        ("recvq<11", true),
        ("recvq<10", false),
        ("recvq<=10", true),
        ("recvq<=9", false),
        ("recvq=10", true),
        ("recvq==9", false),
        ("recvq!=9", true),
        ("recvq!=10", false),
        ("process~ch", true),
        ("process~x", false),
    ] {
        assert_eq!(holds(condition, &row), expected, "{condition}");
    }
}

#[test]
fn what_is_not_known_is_neither_true_nor_false() {
    // A listener has no round-trip time.
    let row = row(listener(1, 0, 5));
    for condition in [
        "rtt>1s",
        "rtt<1s",
        "rtt=1s",
        "rtt!=1s",
        "not rtt>1s",
        "not (rtt>1s or rtt<1s)",
        "rtt>1s and state=LISTEN",
        "rtt>1s or state=CLOSE",
        "not (rtt>1s and state=LISTEN)",
    ] {
        assert!(!holds(condition, &row), "{condition}");
    }
    // It matters only where it could decide.
    for condition in ["rtt>1s or state=LISTEN", "not (rtt>1s and state=CLOSE)"] {
        assert!(holds(condition, &row), "{condition}");
    }
}

#[test]
fn of_a_lower_bound_more_can_be_known_and_less_cannot() {
    let row = row(visitor(1, 10 * S));
    for (condition, expected) in [
        ("age>9s", true),
        ("age>=10s", true),
        ("age!=9s", true),
        ("not age<9s", true),
        ("not age=9s", true),
        // It may be older.
        ("age>11s", false),
        ("age<11s", false),
        ("not age>11s", false),
        ("not age<11s", false),
        ("age=10s", false),
        ("age!=10s", false),
        ("age<=10s", false),
        ("age<9s", false),
    ] {
        assert_eq!(holds(condition, &row), expected, "{condition}");
    }
    let mut script = Script::default();
    script.frame(S, vec![]);
    script.row(2 * S, tcp(1));
    let row = script.row(4 * S, tcp(1));
    for condition in ["age<3s", "age=2s", "age<=2s", "not age>2s", "not age=3s"] {
        assert!(holds(condition, &row), "{condition}");
    }
}

#[test]
fn a_frame_keeps_the_rows_that_a_condition_selects() {
    let mut frame =
        Script::default().frame(S, vec![listener(1, 0, 5), reader(2, 5, 5), reader(3, 0, 0)]);
    frame.select(&parse("recvq>0 and count=3"));
    assert_eq!(frame.rows.len(), 1);
    assert_eq!(frame.rows[0].socket.cookie, 2);
    assert_eq!(frame.at, S);
}

#[test]
fn a_condition_on_the_frame_needs_no_row() {
    let mut frame = Script::default().frame(S, vec![tcp(1), tcp(2)]);
    frame.rates = Rates { listen_overflows: Some(0.5), ..Rates::default() };
    for (condition, expected) in [
        ("count=2", true),
        ("count>2", false),
        ("overflows>0", true),
        ("overflows>=0.5/s and count<3", true),
        ("not overflows>0", false),
        // Not counted here.
        ("udp_drops>=0 or udp_noports>=0 or listen_drops>=0 or ns_retrans>=0", false),
    ] {
        let condition = parse(condition);
        assert!(condition.is_of_frame(), "{condition}");
        assert_eq!(condition.holds_of_frame(&frame), expected, "{condition}");
        assert_eq!(condition.holds(&frame.rows[0], &frame), expected, "{condition}");
    }
    let of_both = parse("count=2 and recvq>=0");
    assert!(!of_both.is_of_frame());
    assert!(of_both.holds(&frame.rows[0], &frame));
    assert!(!of_both.holds_of_frame(&frame));
}

#[test]
fn the_worst_finding_is_its_severity() {
    let with = |severities: &[Severity]| {
        let mut row = row(tcp(1));
        let problem = Problem::Overflows { rate: 1.0 };
        row.findings =
            severities.iter().map(|severity| Finding { severity: *severity, problem }).collect();
        row
    };
    let none = with(&[]);
    let warning = with(&[Severity::Note, Severity::Warning]);
    assert!(holds("severity=none and severity<note and not severity>=note", &none));
    assert!(holds("severity=warning and severity>=warning and severity<error", &warning));
    assert!(!holds("severity>warning", &warning));
    let all = [State::Listen, State::Close];
    assert!(all.iter().all(|state| !holds(&format!("state={state}"), &warning)));
}
