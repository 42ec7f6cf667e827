//! For how long something has to hold.

use std::time::Duration;

use super::super::super::testing::*;
use super::super::super::{Counters, Fired, Frame, Rates, Socket, Trigger};

const ZERO: Duration = Duration::ZERO;

fn trigger(text: &str) -> Trigger {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The cookies of the sockets for which it fires.
fn fired(trigger: &mut Trigger, at: Duration, sockets: Vec<Socket>) -> Vec<u64> {
    let frame = Script::default().frame(at, sockets);
    let cookie = |fired| match fired {
        Fired::Row(row) => frame.rows[row].socket.cookie,
        Fired::Frame => panic!("it is of rows"),
    };
    trigger.on_frame(&frame).into_iter().map(cookie).collect()
}

#[test]
fn without_a_time_it_fires_at_once() {
    let mut trigger = trigger("recvq>0");
    assert_eq!(trigger.time(), ZERO);
    assert_eq!(fired(&mut trigger, S, vec![reader(1, 5, 5), reader(2, 0, 0)]), [1]);
    assert_eq!(fired(&mut trigger, 2 * S, vec![reader(1, 5, 5), reader(2, 5, 5)]), [1, 2]);
}

#[test]
fn with_a_time_it_fires_when_it_held_so_long_for_one_socket() {
    let mut trigger = trigger("recvq>0 for 2s");
    assert_eq!(trigger.time(), 2 * S);
    let none: [u64; 0] = [];
    assert_eq!(fired(&mut trigger, S, vec![reader(1, 5, 5)]), none);
    assert_eq!(fired(&mut trigger, 2 * S, vec![reader(1, 5, 5), reader(2, 5, 5)]), none);
    assert_eq!(fired(&mut trigger, 3 * S, vec![reader(1, 5, 5), reader(2, 5, 0)]), [1]);
    // The other began anew.
    assert_eq!(fired(&mut trigger, 4 * S, vec![reader(1, 5, 5), reader(2, 5, 5)]), [1]);
    assert_eq!(fired(&mut trigger, 5 * S, vec![reader(1, 5, 0), reader(2, 5, 5)]), none);
    assert_eq!(fired(&mut trigger, 6 * S, vec![reader(2, 5, 5)]), [2]);
}

#[test]
fn a_socket_that_was_away_begins_anew() {
    let mut trigger = trigger("recvq>0 for 1s");
    let none: [u64; 0] = [];
    assert_eq!(fired(&mut trigger, S, vec![reader(1, 5, 5)]), none);
    assert_eq!(fired(&mut trigger, 2 * S, vec![]), none);
    assert_eq!(fired(&mut trigger, 3 * S, vec![reader(1, 5, 5)]), none);
    assert_eq!(fired(&mut trigger, 4 * S, vec![reader(1, 5, 5)]), [1]);
}

#[test]
fn a_socket_without_a_cookie_is_not_known_again() {
    let mut trigger = trigger("recvq>0 for 1s");
    for second in 1..5 {
        assert!(fired(&mut trigger, S * second, vec![reader(0, 5, 5)]).is_empty());
    }
}

#[test]
fn what_is_of_the_frame_fires_once_for_the_frame() {
    let mut trigger = trigger("overflows>0 or count>1 for 2s");
    let frame = |at, overflows, sockets| {
        let mut frame = Script::default().counted(at, sockets, Counters::default());
        frame.rates = Rates { listen_overflows: Some(overflows), ..Rates::default() };
        frame
    };
    let two = || vec![tcp(1), tcp(2)];
    assert_eq!(trigger.on_frame(&frame(S, 0.0, vec![])), []);
    assert_eq!(trigger.on_frame(&frame(2 * S, 3.0, vec![])), []);
    assert_eq!(trigger.on_frame(&frame(3 * S, 0.0, two())), []);
    assert_eq!(trigger.on_frame(&frame(4 * S, 0.0, two())), [Fired::Frame]);
    assert_eq!(trigger.on_frame(&frame(5 * S, 0.0, vec![])), []);
    assert_eq!(trigger.on_frame(&frame(6 * S, 0.0, two())), []);
    assert_eq!(trigger.on_frame(&Frame::default()), []);
}

#[test]
fn a_trigger_prints_as_it_is_read() {
    for (text, printed) in [
        ("recvq>0", "recvq>0"),
        ("recvq > 0 FOR 5", "recvq>0 for 5s"),
        ("recvq>0 for 0s", "recvq>0"),
        ("a=1 or b=2".replace("a=1", "pid=1").replace("b=2", "uid=2").as_str(), "pid=1 or uid=2"),
        ("recvq>0 for 90s", "recvq>0 for 90s"),
        ("recvq>0 for 120s", "recvq>0 for 2m"),
        ("recvq>0 for 0.0015s", "recvq>0 for 1500us"),
    ] {
        assert_eq!(trigger(text).to_string(), printed);
        assert_eq!(trigger(printed), trigger(text));
    }
}

#[test]
fn who_asks_for_a_queue_and_means_the_program_is_told() {
    let row = |text: &str, sockets: [Socket; 6]| {
        let mut script = Script::default();
        let mut last = Vec::new();
        for (second, socket) in (1..).zip(sockets) {
            last = script.frame(S * second, vec![socket]).rows;
        }
        trigger(text).remark(&last[0])
    };
    let reads = [1u64, 2, 3, 4, 5, 6].map(|step| reader(1, 1000 * step, 900));
    let stuck = [1u64, 2, 3, 4, 5, 6].map(|step| reader(1, 1000 * step, 1000 * step as u32));
    let text = "it was being read meanwhile: unread>5s asks for a program that does not read";
    assert_eq!(row("recvq>0 for 5s", reads.clone()).as_deref(), Some(text));
    assert_eq!(row("state=estab and recvq>0 for 5s", reads.clone()).as_deref(), Some(text));
    assert_eq!(row("recvq>0 for 5s", stuck), None);
    assert_eq!(row("unread>=0 for 5s", reads.clone()), None);
    assert_eq!(row("recvq>0", reads), None);

    let mut script = Script::default();
    let served = |second: u32| {
        script.frame(S * second, vec![listener(1, 2, 5), visitor(second.into(), 10 * MS)]).rows[0]
            .clone()
    };
    let last = (10..16).map(served).last().expect("there is one");
    let text = "connections were being accepted meanwhile: unaccepted>5s asks for a program that does not accept";
    assert_eq!(trigger("acceptq>0 for 5s").remark(&last).as_deref(), Some(text));

    let slow = [1u64, 2, 3, 4, 5, 6]
        .map(|step| Socket { other_unread: Some(9), ..writer(1, 1000 * step, 0) });
    let text =
        "the other end was reading meanwhile: peer_unread_for>5s asks for one that does not read";
    assert_eq!(row("peer_unread>0 for 5s", slow).as_deref(), Some(text));
}
