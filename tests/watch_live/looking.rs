//! Looking on: what is wrong, at one socket, through a filter, at a screen that changes its size.

use std::io::Write as _;

use super::sockets::{Deaf, Pair};
use super::tmux::Tmux;

#[test]
fn a_listener_that_does_not_accept_is_seen_and_looked_at() {
    let mut deaf = Deaf::with_backlog(1);
    deaf.knock(2);
    let tmux = Tmux::with_shell(80, 24);
    tmux.watches(&format!("{} --interval 50ms", deaf.port()));
    let screen = tmux.shows("\n✗ LISTEN");
    for part in [" 2/1 ", "accept queue full 2/1", "1 in trouble", "owner watch_live"] {
        assert!(screen.contains(part), "no `{part}` on\n{screen}");
    }
    tmux.presses(&["Enter"]);
    let screen = tmux.shows("accept queue   2 of 2");
    for part in ["✗ accept queue full 2/1", "acceptq", "half-open", "drops/s"] {
        assert!(screen.contains(part), "no `{part}` on\n{screen}");
    }
    tmux.presses(&["Escape"]).shows("LOCAL");
    tmux.presses(&["q"]).ended(0);
}

#[test]
fn one_goes_from_a_socket_to_its_other_end_until_both_are_gone() {
    let pair = Pair::unread();
    let (local, peer) = pair.ends();
    let tmux = Tmux::with_shell(100, 30);
    tmux.watches(&format!("{} --interval 50ms", pair.port())).shows("ESTAB");
    tmux.presses(&["End", "Enter"]).shows("receive queue");
    let (here, there) = (format!("tcp {local} → {peer}"), format!("tcp {peer} → {local}"));
    let is_here = tmux.screen().contains(&here);
    tmux.presses(&["o"]).shows(if is_here { &there } else { &here });
    tmux.presses(&["o"]).shows(if is_here { &here } else { &there });
    drop(pair);
    tmux.shows("gone: it was there at ");
    tmux.presses(&["Left"]).shows("no such socket now");
    tmux.presses(&["q"]).ended(0);
}

#[test]
fn a_bad_filter_is_told_while_it_is_typed_and_a_good_one_is_kept() {
    let pair = Pair::unread();
    let tmux = Tmux::with_shell(80, 24);
    tmux.watches(&pair.port()).shows(" 1 of 3 ");
    tmux.types("/recvq>0 and nonsense").shows("at character 13: ");
    // Enter does not keep it.
    tmux.presses(&["Enter", "C-w", "C-w"]).shows("\nfilter: recvq>0\n");
    tmux.presses(&["Enter"]).shows("── filter: recvq>0 ─");
    tmux.shows(" 1 of 1 (3 in all) ");
    tmux.types("/").presses(&["C-u"]).shows(" 1 of 3 ");
    tmux.presses(&["Escape"]).shows(" 1 of 1 (3 in all) ");
    tmux.presses(&["q"]).ended(0);
}

#[test]
fn the_filter_and_the_order_of_the_command_line_are_where_it_begins() {
    let pair = Pair::unread();
    let tmux = Tmux::with_shell(80, 24);
    tmux.watches(&format!("{} --filter 'state=ESTABLISHED' --sort recvq", pair.port()));
    tmux.shows("filter: state=ESTABLISHED · by RECVQ");
    tmux.shows(" 1 of 2 (3 in all) ");
    tmux.presses(&["q"]).ended(0);
}

#[test]
fn paused_it_stands_still_and_afterwards_shows_what_there_is_then() {
    let mut pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    tmux.watches(&format!("{} --interval 20ms", pair.port())).shows(" 1 of 3 ");
    tmux.types("p").shows("PAUSED");
    let paused = tmux.screen();
    pair.client.write_all(&[0; 5000]).expect("there is room");
    // What waits is in every sample from now on; a key has it drawn.
    let still = tmux.presses(&["Down"]).shows(" 2 of 3 ");
    assert_eq!(rows(&paused), rows(&still), "only the choice has changed");
    tmux.types(" ").shows("4.9K");
    tmux.shows_no("PAUSED");
    tmux.presses(&["q"]).ended(0);
}

fn rows(screen: &str) -> Vec<&str> {
    screen.lines().skip(3).take(5).collect()
}

#[test]
fn a_screen_that_changes_its_size_is_drawn_anew_and_one_that_is_too_small_says_so() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    tmux.watches(&pair.port()).shows("OUT/s");
    tmux.resizes(160, 40).shows("RETR DROPS");
    // A key behind a change of size is not forgotten.
    tmux.resizes(60, 15).presses(&["Down"]);
    let screen = tmux.shows("this terminal is 60x15; 80x24 are needed");
    assert_eq!(screen.trim_end().lines().count(), 1, "{screen}");
    tmux.resizes(100, 30).shows(" 2 of 3 ");
    tmux.resizes(20, 3).presses(&["q"]).resizes(80, 24).ended(0);
}

#[test]
fn what_the_keys_do_is_on_the_screen_that_helps() {
    let pair = Pair::new();
    let tmux = Tmux::with_shell(80, 24);
    tmux.watches(&pair.port()).types("?").shows("longer, shorter interval");
    tmux.types("x").shows("PEER");
    tmux.types("+").shows("every 2 s");
    tmux.types("--").shows("every 500 ms");
    tmux.types("!").shows("nothing is wrong that can be seen from here");
    tmux.types("!sss").shows("PEER▼");
    tmux.types("r").shows("PEER▲");
    tmux.presses(&["q"]).ended(0);
}
