//! What the keys do, and what the columns mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::View;
use super::cell::{put_line, take_bottom, take_top, wrap};

const KEYS: [(&str, &str); 14] = [
    ("↑ ↓ j k", "move; PgUp PgDn Home End"),
    ("Enter →", "look at the socket"),
    ("Esc ←", "back"),
    ("o", "go to its other end"),
    ("/", "filter: recvq>0 and age>60s"),
    ("!", "only what has problems"),
    ("s S", "sort by the next column"),
    ("r", "the other way round"),
    ("p Space", "pause: the view stands still"),
    ("+ -", "longer, shorter interval"),
    ("Ctrl-L", "draw anew"),
    ("Ctrl-Z", "stop; fg goes on"),
    ("q", "quit"),
    ("Ctrl-C", "quit with status 130"),
];

const COLUMNS: [(&str, &str); 10] = [
    (
        "RECVQ",
        "bytes that were not read yet (UDP: memory); of a listener 6/5: 6 connections wait for \
         accept, the limit is 5, and one more than the limit fits",
    ),
    ("UNREAD", "for how long; of a listener, for how long nobody accepted"),
    ("SENDQ", "12K+4K: not sent + not acknowledged; 3 half: 3 are half open"),
    ("IN/s OUT/s", "bytes a second"),
    ("RTT", "round-trip time"),
    ("RETR", "segments sent again since the connection began"),
    ("DROPS", "dropped by this socket: datagrams, connections of a listener"),
    ("AGE", "how long it has been there; 3s+ is 3 s or longer"),
    ("✗ ! ·", "error: somebody is kept out, or data is lost; warning; worth knowing"),
    ("namespace", "what its network namespace counts, for all of its sockets"),
];

impl View {
    pub(super) fn draw_help(&self, mut area: Rect, buffer: &mut Buffer) {
        self.draw_title(take_top(&mut area, 1), buffer);
        self.draw_last_line(take_bottom(&mut area, 1), &[("any key", "back")], buffer);
        take_top(&mut area, 1);
        // The keys in two columns: both lists are on the smallest screen.
        let half = KEYS.len().div_ceil(2);
        for (left, right) in KEYS[..half].iter().zip(&KEYS[half..]) {
            let line = take_top(&mut area, 1);
            self.draw_entry(line, 9, *left, buffer);
            let right_half = Rect { x: line.x + 40, width: line.width.saturating_sub(40), ..line };
            self.draw_entry(right_half, 9, *right, buffer);
        }
        take_top(&mut area, 1);
        for (name, meaning) in COLUMNS {
            for (at, text) in wrap(meaning, area.width.saturating_sub(12)).iter().enumerate() {
                let name = if at == 0 { name } else { "" };
                self.draw_entry(take_top(&mut area, 1), 12, (name, text), buffer);
            }
        }
    }

    fn draw_entry(
        &self,
        area: Rect,
        column: usize,
        (name, text): (&str, &str),
        buffer: &mut Buffer,
    ) {
        let name = Span::styled(format!("{name:<column$}"), self.look.title());
        put_line(buffer, area, &Line::from(vec![name, Span::raw(text)]));
    }
}
