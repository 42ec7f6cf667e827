//! Whole screens, to the letter.

use framecat::core::watch::{Finding, Missing, Problem, Severity};

use super::*;
use crate::render::watch::live::samples::{connection, datagrams, frame, listener, unix, unread};

fn rows() -> Vec<Row> {
    let mut closing = connection(4);
    closing.socket.state = framecat::core::sock_diag::State::CloseWait;
    let mut half_open = listener(2, 0, 128);
    half_open.half_open = Some(3);
    let rows = [
        vec![listener(1, 6, 5), half_open, connection(3), closing, unread(5, 65_536)],
        vec![datagrams(6), unix(7, "/run/中文.sock")],
    ];
    rows.concat()
}

#[test]
fn a_table_on_the_smallest_screen() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows());
    assert_eq!(
        screen.text(),
        "\
framecat watch · port 5050 · every 1 s                                  12:00:00
2 in trouble · 2 listeners · 3 connections: 2 ESTABLISHED, 1 CLOSE_WAIT · 1 UDP…
namespace: accept queue overflows 0/s · listen drops 0/s · retransmissions 0/s …
  STATE      LOCAL          PEER            RECVQ UNREAD  SENDQ IN/s OUT/s
✗ LISTEN     127.0.0.1:5050 *                 6/5     3s
  LISTEN     127.0.0.1:5050 *               0/128        3 half
  ESTAB      127.0.0.1:5050 127.0.0.1:40003     0             0   2K     0
  CLOSE_WAIT 127.0.0.1:5050 127.0.0.1:40004     0             0   2K     0
! ESTAB      127.0.0.1:5050 127.0.0.1:40005   64K    12s      0   2K     0
  udp        127.0.0.1:5050 *                   0             0    -     -
  unix       /run/中文.sock *                   0             0    -     -








────────────────────────────────────────────────────────────────────── 1 of 7 ──
accept queue full 6/5 for 3 s: the program is not calling accept

owner server[4711]  age 1:04
↑↓ move  Enter look  / filter  ! problems  s sort  p pause  ? help  q quit"
    );
}

#[test]
fn a_wider_screen_has_more_columns() {
    let mut screen = Screen::of(120, 40);
    screen.shows(rows());
    assert_eq!(
        screen.lines()[3..9].join("\n"),
        "  \
  KIND  STATE       LOCAL          PEER            RECVQ UNREAD  SENDQ IN/s OUT/s   RTT RETR DROPS  AGE OWNER
✗ tcp   LISTEN      127.0.0.1:5050 *                 6/5     3s                                  - 1:04 server[4711]
  tcp   LISTEN      127.0.0.1:5050 *               0/128        3 half                           - 1:04 server[4711]
  tcp   ESTABLISHED 127.0.0.1:5050 127.0.0.1:40003     0             0   2K     0 120µs    0       1:04 server[4711]
  tcp   CLOSE_WAIT  127.0.0.1:5050 127.0.0.1:40004     0             0   2K     0 120µs    0       1:04 server[4711]
! tcp   ESTABLISHED 127.0.0.1:5050 127.0.0.1:40005   64K    12s      0   2K     0 120µs    0       1:04 server[4711]"
    );
}

#[test]
fn where_there_is_room_names_are_whole() {
    let mut screen = Screen::of(160, 40);
    let path = "/var/run/a/rather/long/path/to/some.sock";
    screen.shows(vec![connection(1), unix(2, path)]);
    screen.assert_shows(&format!("{path} * "));
}

#[test]
fn a_list_of_problems_says_them_in_the_table() {
    let mut screen = Screen::of(100, 30);
    screen.shows(rows()).presses(KeyCode::Char('!'));
    let lines = screen.lines();
    assert_eq!(
        lines[3..6],
        [
            "  LOCAL          PEER            PROBLEM▼",
            "✗ 127.0.0.1:5050 *               accept queue full 6/5 for 3 s: the program is not calling accept",
            "! 127.0.0.1:5050 127.0.0.1:40005 its program has not read for 12 s: 64 KiB wait",
        ]
    );
}

#[test]
fn what_is_wrong_with_the_namespace_and_what_is_not_seen_stands_above_the_table() {
    let mut screen = Screen::of(80, 24);
    let mut frame = frame(0, rows());
    let problem = Problem::Overflows { rate: 12.0 };
    frame.findings.push(Finding { severity: Severity::Error, problem });
    frame.missing.push(Missing::HiddenProcesses(2));
    frame.rates.listen_overflows = Some(12.0);
    screen.shows_frame(frame);
    let lines = screen.lines();
    assert_eq!(
        lines[2..6].join("\n"),
        "\
namespace: accept queue overflows 12/s · listen drops 0/s · retransmissions 0/s…
✗ connections are being dropped, 12 a second in this network namespace: an
  accept queue is full
2 processes of other users do not show their sockets: run as root to see who ow…"
    );
}

#[test]
fn a_screen_that_is_too_small_says_so_and_shows_all_when_it_grows() {
    let mut screen = Screen::of(60, 15);
    screen.shows(rows());
    assert_eq!(screen.text().trim_end(), "this terminal is 60x15; 80x24 are needed");
    screen.terminal.backend_mut().resize(80, 24);
    screen.assert_shows("PEER");
    screen.terminal.backend_mut().resize(79, 24);
    assert_eq!(screen.text().trim_end(), "this terminal is 79x24; 80x24 are needed");
}

#[test]
fn no_size_breaks_any_screen() {
    for (width, height) in [(1, 1), (7, 3), (79, 24), (80, 24), (81, 25), (133, 31), (500, 90)] {
        let mut screen = Screen::of(width, height);
        screen.text();
        screen.shows(rows());
        for keys in ["", "!", "!/", "recvq>", "\u{1b}", "?", "?", "\r", "o", "\u{1b}"] {
            for c in keys.chars() {
                match c {
                    '\r' => screen.presses(KeyCode::Enter),
                    '\u{1b}' => screen.presses(KeyCode::Esc),
                    c => screen.presses(KeyCode::Char(c)),
                };
            }
            screen.text();
        }
    }
}

#[test]
fn the_help_is_on_the_smallest_screen_as_a_whole() {
    let mut screen = Screen::of(80, 24);
    screen.shows(rows()).presses(KeyCode::Char('?'));
    screen.assert_shows("Ctrl-Z   stop; fg goes on");
    screen
        .assert_shows("what its network namespace counts, for all of its sockets\n\nany key back");
    assert_eq!(screen.presses(KeyCode::Char('x')), Wish::Nothing);
    screen.assert_shows("PEER");
}

#[test]
fn without_colours_everything_is_marked() {
    let mut screen = Screen::of(80, 24);
    screen.view.look.coloured = false;
    screen.shows(rows());
    screen.assert_shows("✗ LISTEN");
    screen.assert_shows("! ESTAB");
    let buffer = screen.terminal.backend().buffer();
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}
