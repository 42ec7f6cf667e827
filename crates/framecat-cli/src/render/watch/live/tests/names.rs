//! Names from outside: they are shown, and do nothing else.

use framecat::core::escape::is_harmless;
use framecat::core::watch::Owner;

use super::*;
use crate::render::watch::live::samples::{connection, unix};

/// What a program may call itself and its sockets.
const HOSTILE: [&str; 6] = [
    "\x1b[2J\x1b]0;owned\x07",
    "\u{202e}txt.exe",
    "a\nb\rc\td",
    "中文中文中文中文中文中文中文中文中文中文中文中文",
    "e\u{301}\u{301}\u{301}\u{200d}\u{fe0f}",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
];

fn rows() -> Vec<Row> {
    let named = |(cookie, name): (u64, &&str)| {
        let mut row = unix(cookie, name);
        row.socket.owners = Arc::new([Owner { pid: 1, name: (*name).to_owned() }]);
        row
    };
    let mut rows: Vec<Row> = (1..).zip(&HOSTILE).map(named).collect();
    rows.push(connection(99));
    rows
}

#[test]
fn no_name_reaches_the_terminal_raw() {
    for (width, height) in [(80, 24), (200, 60)] {
        let mut screen = Screen::of(width, height);
        screen.shows(rows());
        for at in 0..rows().len() {
            let table = screen.text();
            screen.presses(KeyCode::Enter);
            let socket = screen.text();
            screen.presses(KeyCode::Esc);
            screen.presses(KeyCode::Down);
            for text in [&table, &socket] {
                let harmful = text.chars().find(|c| *c != '\n' && !is_harmless(*c));
                assert_eq!(harmful, None, "row {at}\n{text}");
            }
        }
    }
}

#[test]
fn no_name_moves_what_stands_behind_it() {
    let mut screen = Screen::of(200, 60);
    screen.shows(rows());
    screen.text();
    let buffer = screen.terminal.backend().buffer();
    let column =
        |y: u16| -> Vec<u16> { (0..200).filter(|x| buffer[(*x, y)].symbol() == "*").collect() };
    let peers = column(4);
    assert_eq!(peers.len(), 1);
    for y in 5..10 {
        assert_eq!(column(y), peers, "line {y}");
    }
}

#[test]
fn the_end_of_a_path_is_what_is_kept_of_it() {
    let mut screen = Screen::of(80, 24);
    let path = "/var/lib/a/path/that/is/far/too/long/for/any/column/of/the/table/end.sock";
    screen.shows(vec![unix(1, path)]);
    screen.assert_shows("/end.sock *");
    screen.assert_shows_not("/var");
}
