//! Which rows are listed, in which order, and which is chosen.

use clap::CommandFactory as _;

use super::*;
use crate::render::watch::live::column::Column;
use crate::render::watch::live::samples::{connection, listener, unread};

fn many() -> Vec<Row> {
    (1..=50).map(connection).collect()
}

#[test]
fn the_chosen_socket_stays_chosen_where_it_goes() {
    let mut screen = Screen::of(80, 24);
    screen.shows(many());
    for _ in 0..5 {
        screen.presses(KeyCode::Down);
    }
    assert!(screen.chosen().contains(":40006"));
    screen.shows((3..=50).chain([1, 2]).map(connection).collect());
    assert!(screen.chosen().contains(":40006"));
    screen.assert_shows(" 4 of 50 ");
    screen.shows((40..=80).chain([6]).map(connection).collect());
    assert!(screen.chosen().contains(":40006"), "it is followed to the end");
    screen.assert_shows(" 42 of 42 ");
}

#[test]
fn where_the_chosen_socket_is_gone_the_next_one_is_chosen() {
    let mut screen = Screen::of(80, 24);
    screen.shows(many());
    screen.presses(KeyCode::Down);
    screen.shows(many().into_iter().filter(|row| row.socket.cookie != 2).collect());
    assert!(screen.chosen().contains(":40003"));
    screen.shows(many());
    assert!(screen.chosen().contains(":40003"), "it is that socket now");
    screen.shows(vec![connection(1)]);
    assert!(screen.chosen().contains(":40001"));
    screen.shows(Vec::new());
    screen.assert_shows("no such socket now");
    screen.assert_shows(" 0 of 0 ");
    screen.shows(many());
    assert!(screen.chosen().contains(":40001"));
}

#[test]
fn whoever_has_chosen_nothing_stays_at_the_top() {
    let mut screen = Screen::of(80, 24);
    screen.shows(many());
    screen.shows((20..=30).map(connection).collect());
    assert!(screen.chosen().contains(":40020"));
    screen.presses(KeyCode::Down);
    screen.presses(KeyCode::Home);
    screen.shows(many());
    assert!(screen.chosen().contains(":40001"));
}

#[test]
fn pages_and_ends_are_reached_and_nothing_beyond() {
    let mut screen = Screen::of(80, 24);
    screen.shows(many());
    let first = |screen: &mut Screen| screen.lines()[4].clone();
    screen.presses(KeyCode::Up);
    assert!(screen.chosen().contains(":40001"));
    screen.presses(KeyCode::End);
    assert!(screen.chosen().contains(":40050"));
    screen.presses(KeyCode::Down);
    assert!(screen.chosen().contains(":40050"));
    assert!(first(&mut screen).contains(":40036"), "the last page is full");
    screen.presses(KeyCode::PageUp);
    assert!(screen.chosen().contains(":40035"));
    screen.presses(KeyCode::Char('k'));
    screen.presses(KeyCode::Char('g'));
    assert!(first(&mut screen).contains(":40001"));
    screen.presses(KeyCode::PageDown);
    screen.presses(KeyCode::Char('j'));
    assert!(screen.chosen().contains(":40017"));
}

#[test]
fn rows_are_sorted_by_the_column_that_has_the_arrow_and_listeners_stay_first() {
    let mut screen = Screen::of(80, 24);
    let rows = vec![listener(9, 1, 5), connection(1), unread(2, 100), unread(3, 5000)];
    screen.shows(rows.clone());
    let peers = |screen: &mut Screen| -> Vec<char> {
        let peer = |line: &String| line.split(":4000").nth(1).and_then(|rest| rest.chars().next());
        screen.lines()[4..8].iter().map(|line| peer(line).unwrap_or('*')).collect()
    };
    assert_eq!(peers(&mut screen), ['*', '1', '2', '3']);
    screen.presses(KeyCode::Char('r'));
    assert_eq!(peers(&mut screen), ['*', '3', '2', '1']);
    for title in ["STATE▼", "LOCAL▼", "PEER▼", "RECVQ▼"] {
        screen.presses(KeyCode::Char('s'));
        screen.assert_shows(title);
    }
    assert_eq!(peers(&mut screen), ['*', '3', '2', '1']);
    screen.presses(KeyCode::Char('r'));
    screen.assert_shows("RECVQ▲");
    assert_eq!(peers(&mut screen), ['*', '1', '2', '3']);
    screen.shows(rows);
    screen.presses(KeyCode::Char('r'));
    assert_eq!(peers(&mut screen), ['*', '3', '2', '1']);
    for _ in 0..4 {
        screen.presses(KeyCode::Char('S'));
    }
    screen.assert_shows_not("▼");
    screen.presses(KeyCode::Char('S'));
    screen.assert_shows("OUT/s▼");
}

#[test]
fn what_is_not_known_comes_last_in_either_order() {
    let mut screen = Screen::of(160, 30);
    let mut silent = connection(1);
    silent.socket.tcp = None;
    let mut slow = connection(2);
    slow.socket.tcp.as_mut().unwrap().rtt = Duration::from_millis(80);
    screen.shows(vec![silent, connection(3), slow]);
    screen.view.listing.wanted = Some(Column::Rtt);
    let rtts = |screen: &mut Screen| -> Vec<String> {
        let lines = screen.lines();
        let rtt = |line: &String| line.split_whitespace().nth(8).unwrap().to_owned();
        lines[4..7].iter().map(rtt).collect()
    };
    screen.presses(KeyCode::Char('r'));
    assert_eq!(rtts(&mut screen), ["120µs", "80ms", "-"]);
    screen.presses(KeyCode::Char('r'));
    assert_eq!(rtts(&mut screen), ["80ms", "120µs", "-"]);
}

#[test]
fn every_field_that_one_can_sort_by_has_a_column() {
    let command = crate::args::Cli::command();
    let watch = command.find_subcommand("watch").unwrap();
    let sort = watch.get_arguments().find(|argument| argument.get_id() == "sort").unwrap();
    let names: Vec<_> = sort.get_possible_values();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(Column::of_field(name.get_name()).is_some(), "{}", name.get_name());
    }
}

#[test]
fn problems_alone_can_be_listed_the_worst_first() {
    let mut screen = Screen::of(80, 24);
    let rows = vec![connection(1), unread(2, 100), connection(3), listener(4, 6, 5)];
    screen.shows(rows);
    screen.view.listing.wanted = Some(Column::ReceiveQueue);
    screen.presses(KeyCode::Char('!'));
    screen.assert_shows("PROBLEM▼");
    screen.assert_shows(" 1 of 2 (4 in all) ");
    assert!(screen.lines()[4].starts_with("✗ 127.0.0.1:5050 *"), "{}", screen.text());
    screen.presses(KeyCode::Char('!'));
    screen.assert_shows(" 1 of 4 ");
    screen.assert_shows("RECVQ▼");
    screen.presses(KeyCode::Char('!'));
    screen.shows(vec![connection(1)]);
    screen.assert_shows("nothing is wrong that can be seen from here (! shows all sockets)");
}

#[test]
fn ten_thousand_rows_are_listed_and_a_screen_of_them_is_drawn() {
    let mut screen = Screen::of(80, 24);
    screen.shows((1..=10_000).map(connection).collect());
    screen.presses(KeyCode::End);
    assert!(screen.chosen().contains(":50000"));
    assert_eq!(screen.view.visible.len(), 15, "no more are looked at than there are lines");
}
