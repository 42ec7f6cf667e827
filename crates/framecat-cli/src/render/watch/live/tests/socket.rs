//! One socket, looked at.

use super::*;
use crate::render::watch::live::samples::{connection, listener, unread};

/// Both ends of a connection, of which the first has not been read by its program.
fn both_ends() -> Vec<Row> {
    let (mut here, mut there) = (unread(1, 65_536), connection(2));
    (here.socket.other, there.socket.other) = (Some(2), Some(1));
    here.other_unread = Some(0);
    there.other_unread = Some(65_536);
    std::mem::swap(&mut there.socket.local, &mut there.socket.peer);
    there.socket.peer = here.socket.local.clone();
    there.socket.local = here.socket.peer.clone();
    vec![here, there]
}

#[test]
fn a_socket_is_told_in_words_with_its_other_end_and_graphs_of_what_it_was() {
    let mut screen = Screen::of(80, 24);
    for bytes in [0, 20_000, 40_000, 65_536] {
        let mut rows = both_ends();
        rows[0].socket.receive_queue = bytes;
        screen.shows(rows);
    }
    screen.presses(KeyCode::Enter);
    assert_eq!(
        screen.text(),
        "\
framecat watch · port 5050 · every 1 s                                  12:00:03
tcp 127.0.0.1:5050 → 127.0.0.1:40001  ESTABLISHED
! its program has not read for 12 s: 64 KiB wait
other end      server[4711]  ESTABLISHED  recvq 0  sendq 0

owner          server[4711]             segments       99 in, 3 out
age            1 min 4 s                last data      in 0s, out 0s ago
in this state  1 min 4 s                last ack       0s ago
receive queue  64 KiB                   rtt            120µs ± 40µs
unread for     12 s                     sent again     0 segments
not sent       0 B                      congestion     10 × 32741 B
not acked      0 B                      windows        peer's 64K, own 32K
peer's queue   0 B                      buffers        in 0 of 128K, out 2.5M
received       1.1 MiB, 2K/s            user           uid 1000
acked          2 KiB, 0/s               inode          1001, cookie 1
── the last 3 s · a sample every 1 s ───────────────────────────────────────────
recvq         64K of 64K                                                    .▃▅█
sendq             0 of 0                                                    ....
rtt       120µs of 120µs                                                    ████
in/s            2K of 2K                                                    ████
out/s             0 of 0                                                    ....


Esc back  ↑↓ next socket  o other end  p pause  ? help  q quit"
    );
}

#[test]
fn a_listener_has_graphs_of_its_own() {
    let mut screen = Screen::of(80, 24);
    screen.shows(vec![listener(1, 2, 5)]).shows(vec![listener(1, 6, 5)]);
    screen.presses(KeyCode::Enter);
    screen.assert_shows("accept queue   6 of 6");
    screen.assert_shows("✗ accept queue full 6/5 for 3 s");
    screen.assert_shows("half-open");
    screen.assert_shows("acceptq               6┤");
}

#[test]
fn one_goes_to_the_other_end_and_back_and_to_the_next_socket() {
    let mut screen = Screen::of(80, 24);
    screen.shows(both_ends());
    screen.presses(KeyCode::Enter);
    screen.assert_shows("tcp 127.0.0.1:5050 → 127.0.0.1:40001");
    screen.presses(KeyCode::Char('o'));
    screen.assert_shows("tcp 127.0.0.1:40001 → 127.0.0.1:5050");
    screen.presses(KeyCode::Up);
    screen.assert_shows("tcp 127.0.0.1:5050 → 127.0.0.1:40001");
    screen.presses(KeyCode::Char('o'));
    screen.presses(KeyCode::Esc);
    assert!(screen.chosen().contains("127.0.0.1:40001 127.0.0.1:5050"), "{}", screen.chosen());
    screen.shows(vec![connection(5)]);
    screen.presses(KeyCode::Enter);
    screen.presses(KeyCode::Char('o'));
    screen.assert_shows("its other end is not among the sockets that are watched");
}

#[test]
fn a_socket_that_is_gone_keeps_its_last_values_and_graphs() {
    let mut screen = Screen::of(80, 24);
    screen.shows(both_ends()).shows(both_ends());
    screen.presses(KeyCode::Enter);
    screen.shows(Vec::new()).shows(Vec::new());
    screen.assert_shows(
        "gone: it was there at 12:00:01 and not at 12:00:02; these are its last values",
    );
    screen.assert_shows("receive queue  64 KiB");
    screen.assert_shows("██");
    screen.presses(KeyCode::Esc);
    screen.assert_shows("no such socket now");
}

#[test]
fn while_it_is_paused_a_socket_stands_still_too() {
    let mut screen = Screen::of(80, 24);
    screen.shows(both_ends()).shows(both_ends());
    screen.presses(KeyCode::Enter);
    screen.presses(KeyCode::Char('p'));
    let before = screen.text();
    screen.shows(Vec::new()).shows(Vec::new());
    assert_eq!(screen.text(), before);
    screen.presses(KeyCode::Char('p'));
    screen.assert_shows("gone");
}

#[test]
fn where_words_do_not_fit_they_are_scrolled_and_the_graphs_stay() {
    let mut screen = Screen::of(80, 24);
    let mut rows = both_ends();
    let finding = rows[0].findings[0];
    rows[0].findings = vec![finding; 12];
    screen.shows(rows);
    screen.presses(KeyCode::Enter);
    screen.assert_shows("PgDn: more");
    screen.assert_shows("out/s");
    screen.assert_shows_not("cookie");
    for _ in 0..9 {
        screen.presses(KeyCode::PageDown);
    }
    screen.assert_shows("PgUp: back");
    screen.assert_shows("cookie");
    screen.presses(KeyCode::PageUp);
    screen.presses(KeyCode::PageUp);
    screen.presses(KeyCode::PageUp);
    screen.assert_shows("tcp 127.0.0.1:5050 →");
}
