//! What a person sees, to the letter.

use framecat::core::check::Report;
use framecat::core::diagram::columns;

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
fn everything_that_passes_is_seen_at_a_glance() {
    shows(
        &samples::pass(),
        80,
        Detail::Usual,
        r#"
exchange 6 B → 6 B   baseline 3 of 3 alike in 0.2 ms
cuts witnessed by the kernel
split       ✓✓✓✓✓   5 pass
truncate    ✓✓✓✓✓   5 pass
reset       ✓✓✓✓✓✓✓   7 pass
once each   drip ✓    chunks:7 ✓    half-close ○ closed without a reply
left out    coalesce:2, straddle:2: the target closes after one reply
24 cases · 18 cuts confirmed, 0 only timed · 0.03 s · passes
"#,
    );
}

#[test]
fn the_tutorial_s_server_fails_as_the_design_shows_it() {
    shows(
        &samples::tutorial(),
        100,
        Detail::Usual,
        r#"
exchange 69 B → 12 B   baseline 3 of 3 alike in 0.2 ms   cuts witnessed by the kernel
split       ✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✓✗✗✗✗   67 of 68 fail
              @1–63   closed without a reply          @65–68   answered before the message was whole
truncate    ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✗✗✗✗   4 of 68 fail
              @65–68   answered half a message
              what was answered to a part, and to the whole:
              @1–64    nothing
              @65–68   Msg received
              whole    Msg received
reset       ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓   70 pass
once each   drip ✗ closed without a reply    coalesce:2 ✓    half-close ✓
first failure  split@1   closed without a reply, as @1–63
  wrote     │5│                  read by the target, then
            │‹63 spaces›hello│
  expected  Msg received
  got       end of stream after 0.3 ms
replay it   framecat check 127.0.0.1:5050 --send hello --only split@1
207 cases · 271 cuts confirmed, 0 only timed · 0.06 s · 3 plans fail
"#,
    );
}

#[test]
fn a_target_that_differs_from_itself_is_shown_with_a_mask() {
    shows(
        &samples::not_deterministic(),
        80,
        Detail::Usual,
        r#"
http: a page   tcp://127.0.0.1:5050
exchange 27 B → 75 B   baseline 1 of 3 alike in 0.2 ms
the uncut exchange differs from itself in 1 place
  one run   …\nDate: Mon, 05 Jan 2026 17:00:01 GMT\r\nContent-Length: 0\r\n\r\n
  another   …\nDate: Mon, 05 Jan 2026 17:00:02 GMT\r\nContent-Length: 0\r\n\r\n
                                             ^ at byte 47
mask it     --mask 'Date: [^\r\n]*'
3 cases · 1.00 s · not deterministic
"#,
    );
}

#[test]
fn a_reply_that_is_wrong_even_uncut_stands_below_what_was_expected() {
    shows(
        &samples::wrong_uncut(),
        80,
        Detail::Usual,
        r#"
exchange 6 B → 22 B   baseline 3 of 3 alike in 0.2 ms
the uncut exchange is not what was expected
  expected  +PONG\r\n
  got       -ERR no such command\r\n
            ^ differs at byte 0
3 cases · 0.00 s · wrong even uncut
"#,
    );
}

#[test]
fn no_reply_at_all_shows_what_was_sent() {
    shows(
        &samples::no_reply(),
        80,
        Detail::Usual,
        r#"
exchange 6 B → 0 B
the uncut exchange got no reply
  wrote     │PING\r\n│
  got       nothing in 2.0 s
            is the message whole (a line end, its framing), and is it the right
            server?
3 cases · 0.00 s · no reply even uncut
"#,
    );
}

#[test]
fn a_crash_is_shown_with_what_the_target_said_last() {
    shows(
        &samples::crash(),
        80,
        Detail::Usual,
        r#"
exchange 6 B → 6 B   baseline 3 of 3 alike in 0.2 ms
12 cuts witnessed by the kernel, 4 timed only
split       ✓✓✓✓✓   5 pass
straddle:2  ✓✓✓✓✓✓✓✓✓✗✓   1 of 11 fail
              @10   crashed in 1 of 2 runs
once each   drip ✓
fault       the target uses 98 % of a processor 2 s after the last connection
            was closed, which no idle program does
            │ line one
            │ line two
first failure  straddle:2@10   crashed in 1 of 2 runs
  wrote     │hello\nhell│   read by the target, then
            │o\n│
  expected  hello\nhello\n
  got       hello\n
                   ^ differs at byte 6
            then reset after 0.3 ms
  besides   the target was ended by signal 6 (SIGABRT)
            free(): invalid next size (fast)
            \x1b[31mAborted\x1b[0m
replay it   framecat check 127.0.0.1:5050 --send hello --only straddle:2@10
17 cases · 12 cuts confirmed, 4 only timed, 1 not read · 0.03 s · 1 plan fails
"#,
    );
}

#[test]
fn three_thousand_offsets_take_three_lines() {
    shows(
        &samples::long(),
        80,
        Detail::Usual,
        r#"
exchange 3001 B → 6 B   baseline 3 of 3 alike in 0.2 ms   cuts timed only
split       ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓
     @1021  ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✗✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✗✓✓
     @2041  ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓
            4 of 3000 fail (15 offsets a cell)
              @1234,2000–2002   wrong reply
reset       ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓   20 pass; 20 of 3000 offsets
first failure  split@1234   wrong reply, as @1234,2000–2002
  wrote     │‹1234 × a›│   read by the target, then
            │‹1767 × a›│
  expected  …26936946956966976986997007017027037047057067077087097107117127137…
  got       …26936946956966976986997007017027x37047057067077087097107117127137…
                                             ^ differs at byte 2000
            after 0.3 ms, and the connection stayed open
            10890 B came in all, the first 4096 are kept
replay it   framecat check 127.0.0.1:5050 --send hello --only split@1234
3020 cases · 0 cuts confirmed, 3000 only timed · 0.03 s · 1 plan fails
"#,
    );
}

#[test]
fn a_client_is_judged_by_its_output() {
    shows(
        &samples::client(),
        60,
        Detail::Usual,
        r#"
a client of two lines   python3 client.py 127.0.0.1 {port}
answer 4 B + 4 B → 8 B of output
baseline 3 of 3 alike in 0.2 ms
cuts witnessed by the kernel
split       ✓✓✓✓✓✓✓   7 pass
once each   coalesce:2 ✗ ended with another status in 8 of 20 runs
first failure  coalesce:2   ended with another status in 8 of 20 runs
  wrote     │one\ntwo\n│   end of the stream (FIN)
  expected  one\ntwo\n
  got       one\n
                 ^ differs at byte 4
            it ended after 0.3 ms
  besides   it ended with status 1 instead of 0
replay it   framecat check python3 client.py 127.0.0.1 {port} --send hello --only coalesce:2
8 cases · 18 cuts confirmed, 0 only timed · 0.03 s · 1 plan fails
"#,
    );
}

#[test]
fn quiet_shows_only_what_fails() {
    shows(
        &samples::tutorial(),
        80,
        Detail::Failures,
        r#"
tcp://127.0.0.1:5050
split       ✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✓✗✗✗✗
            67 of 68 fail
              @1–63   closed without a reply
              @65–68   answered before the message was whole
truncate    ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✗✗✗✗
            4 of 68 fail
              @65–68   answered half a message
              what was answered to a part, and to the whole:
              @1–64    nothing
              @65–68   Msg received
              whole    Msg received
once each   drip ✗ closed without a reply
first failure  split@1   closed without a reply, as @1–63
  wrote     │5│                  read by the target, then
            │‹63 spaces›hello│
  expected  Msg received
  got       end of stream after 0.3 ms
replay it   framecat check 127.0.0.1:5050 --send hello --only split@1
207 cases · 271 cuts confirmed, 0 only timed · 0.06 s · 3 plans fail
"#,
    );
}

#[test]
fn quiet_is_one_line_where_all_is_well() {
    shows(
        &samples::pass(),
        80,
        Detail::Failures,
        r#"
24 cases · 18 cuts confirmed, 0 only timed · 0.03 s · passes
"#,
    );
}

#[test]
fn verbose_shows_a_case_of_each_kind() {
    shows(
        &samples::tutorial(),
        80,
        Detail::EachKind,
        r#"
exchange 69 B → 12 B   baseline 3 of 3 alike in 0.2 ms
cuts witnessed by the kernel
reply       Msg received
split       ✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✓✗✗✗✗
            67 of 68 fail
              @1–63   closed without a reply
              @65–68   answered before the message was whole
truncate    ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✗✗✗✗
            4 of 68 fail
              @65–68   answered half a message
              what was answered to a part, and to the whole:
              @1–64    nothing
              @65–68   Msg received
              whole    Msg received
reset       ✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓
       @68  ✓✓   70 pass
once each   drip ✗ closed without a reply    coalesce:2 ✓    half-close ✓
first failure  split@1   closed without a reply, as @1–63
  wrote     │5│                  read by the target, then
            │‹63 spaces›hello│
  expected  Msg received
  got       end of stream after 0.3 ms
replay it   framecat check 127.0.0.1:5050 --send hello --only split@1

failure  split@65   answered before the message was whole, as @65–68
  wrote     │5‹63 spaces›h│   read by the target, then
            │ello│
  expected  Msg received
  got       Msg receivedMsg received
                        ^ differs at byte 12
            after 0.3 ms, and the connection stayed open
replay it   framecat check 127.0.0.1:5050 --send hello --only split@65

failure  drip   closed without a reply
  wrote     │5│ │ │ │ │ │… 57 more …│ │h│e│l│l│   each read by the target, then
            │o│
  expected  Msg received
  got       end of stream after 0.3 ms
replay it   framecat check 127.0.0.1:5050 --send hello --only drip

failure  truncate@65   answered half a message, as @65–68
  wrote     │5‹63 spaces›h│   end of the stream (FIN)
  expected  nothing
  got       Msg received
            ^ differs at byte 0
            after 0.3 ms, and the connection stayed open
replay it   framecat check 127.0.0.1:5050 --send hello --only truncate@65
207 cases · 271 cuts confirmed, 0 only timed · 0.06 s · 3 plans fail
"#,
    );
}

#[test]
fn a_suite_is_a_table() {
    let table = text::suite(&samples::all()[..8], &look(80, Detail::Usual));
    let expected = "\
✓ tcp://127.0.0.1:5050     24    0.03 s   passes
✗ tcp://127.0.0.1:5050    207    0.06 s   3 plans fail
✗ http: a page              3    1.00 s   not deterministic
✗ tcp://127.0.0.1:5050      3    0.00 s   wrong even uncut
✗ tcp://127.0.0.1:5050     17    0.03 s   1 plan fails
✗ tcp://127.0.0.1:5050   3020    0.03 s   1 plan fails
✗ a client of two lines     8    0.03 s   1 plan fails
✗ tcp://127.0.0.1:5050      0    0.03 s   not reached
8 exchanges · 3282 cases · 1.22 s · 7 of 8 do not pass
";
    assert_eq!(table, expected, "\n{table}");
    let failures = text::suite(&samples::all()[..2], &look(80, Detail::Failures));
    assert!(!failures.contains('✓'), "{failures}");
}

#[test]
fn drawings_are_as_wide_as_the_terminal_at_most() {
    let labels = ["  wrote", "  expected", "  got", "  one run", "  another"];
    for report in samples::all() {
        for width in [60, 61, 80, 133] {
            let shown = text::report(&report, &look(width, Detail::EachKind));
            let cells = |line: &&str| ["✓✓", "✗✗"].iter().any(|cells| line.contains(cells));
            let drawing = |line: &&str| labels.iter().any(|label| line.starts_with(label));
            for line in shown.lines().filter(|line| drawing(line) || cells(line)) {
                assert!(columns(line) <= width, "{width}: {line}");
            }
        }
    }
}
