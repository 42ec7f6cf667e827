//! What the keys do to the view, and what they ask of the program.

use super::*;
use crate::render::watch::live::samples::{connection, unread};

fn rows() -> Vec<Row> {
    vec![connection(1), unread(2, 100)]
}

#[test]
fn q_and_ctrl_c_end_it_from_anywhere() {
    for keys in [&[][..], &[KeyCode::Char('?')], &[KeyCode::Enter]] {
        let mut screen = Screen::of(80, 24);
        screen.shows(rows());
        for key in keys {
            screen.presses(*key);
        }
        assert_eq!(screen.presses_ctrl('c'), Wish::Interrupt);
        assert_eq!(screen.presses_ctrl('z'), Wish::Suspend);
        assert_eq!(screen.presses_ctrl('l'), Wish::Redraw);
        assert_eq!(screen.presses(KeyCode::Char('q')), Wish::Quit);
    }
    let mut screen = Screen::of(80, 24);
    screen.shows(rows()).types("/q");
    screen.assert_shows("filter: q");
    assert_eq!(screen.presses_ctrl('c'), Wish::Interrupt, "a filter is being typed");
}

#[test]
fn paused_it_stands_still_and_then_shows_what_is_there_now() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows());
    screen.presses(KeyCode::Char('p'));
    screen.shows(vec![connection(3)]).shows(vec![connection(4)]);
    screen.assert_shows(":40002");
    screen.assert_shows("PAUSED  12:00:00");
    screen.presses(KeyCode::Char('j'));
    assert!(screen.chosen().contains(":40002"), "one can look round");
    screen.presses(KeyCode::Char(' '));
    screen.assert_shows(":40004");
    screen.assert_shows_not("PAUSED");
}

#[test]
fn a_frame_while_it_is_paused_is_no_reason_to_draw() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows());
    screen.text();
    assert!(!screen.view.has_changed());
    screen.shows(rows());
    assert!(screen.view.has_changed());
    screen.presses(KeyCode::Char('p'));
    screen.text();
    screen.shows(rows());
    assert!(!screen.view.has_changed());
}

#[test]
fn the_interval_goes_in_steps_from_whatever_it_was() {
    let mut screen = Screen::of(80, 24);
    screen.view.interval = Duration::from_millis(300);
    screen.shows(rows());
    let step = |screen: &mut Screen, key| screen.presses(KeyCode::Char(key));
    assert_eq!(step(&mut screen, '+'), Wish::Interval(Duration::from_millis(500)));
    assert_eq!(step(&mut screen, '+'), Wish::Interval(Duration::from_secs(1)));
    screen.assert_shows("every 1 s");
    for millis in [500, 200, 100] {
        assert_eq!(step(&mut screen, '-'), Wish::Interval(Duration::from_millis(millis)));
    }
    screen.assert_shows("every 100 ms");
    assert_eq!(step(&mut screen, '-'), Wish::Nothing);
    screen.assert_shows("no step further");
    step(&mut screen, 'j');
    screen.assert_shows_not("no step further");
}

#[test]
fn a_filter_is_tried_while_it_is_typed_and_kept_with_enter() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows());
    screen.types("/recvq>0");
    screen.assert_shows("filter: recvq>0");
    screen.assert_shows(" 1 of 1 (2 in all) ");
    assert_eq!(screen.cursor, Some(Position { x: 15, y: 22 }));
    screen.presses(KeyCode::Enter);
    screen.assert_shows_not("Enter keeps it");
    screen.assert_shows("filter: recvq>0");
    assert_eq!(screen.cursor, None);
    screen.shows(rows());
    screen.assert_shows(" 1 of 1 (2 in all) ");
}

#[test]
fn a_mistake_in_a_filter_is_told_under_it_and_kept_by_nobody() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows());
    screen.types("/recvq>0 and bogus=1");
    let lines = screen.lines();
    assert_eq!(lines[22], "filter: recvq>0 and bogus=1");
    assert!(lines[23].starts_with("at character 13: "), "{}", lines[23]);
    screen.presses(KeyCode::Enter);
    screen.assert_shows("at character 13: ");
    screen.presses_ctrl('w');
    screen.presses_ctrl('w');
    screen.presses(KeyCode::Enter);
    screen.assert_shows("── filter: recvq>0 ─");
}

#[test]
fn whoever_leaves_a_filter_has_the_one_before() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows());
    screen.types("/recvq>0").presses(KeyCode::Enter);
    screen.types("/").presses_ctrl('u');
    screen.assert_shows(" 1 of 2 ");
    screen.types("recvq=0");
    screen.assert_shows(":40001");
    screen.presses(KeyCode::Esc);
    screen.assert_shows("── filter: recvq>0 ─");
    screen.types("/").presses_ctrl('u');
    screen.presses(KeyCode::Enter);
    screen.assert_shows_not("filter:");
}

#[test]
fn a_filter_is_edited_like_any_line() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows()).types("/acvq>中");
    for key in [
        KeyCode::Backspace,
        KeyCode::Char('9'),
        KeyCode::Home,
        KeyCode::Delete,
        KeyCode::Char('r'),
        KeyCode::Char('e'),
        KeyCode::End,
        KeyCode::Left,
        KeyCode::Char('1'),
        KeyCode::Right,
        KeyCode::Right,
        KeyCode::Char('0'),
    ] {
        screen.presses(key);
    }
    screen.assert_shows("filter: recvq>190");
    screen.types("\u{202e}\u{7}");
    screen.assert_shows("filter: recvq>190\n");
    screen.types(&"9".repeat(2000));
    let lines = screen.lines();
    assert!(lines[22].len() <= 80 && lines[22].ends_with("999"), "{}", lines[22]);
    assert!(screen.cursor.unwrap().x < 80);
}
