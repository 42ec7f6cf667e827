//! Any text as a condition, with or without a time behind: it is refused in one line that says where, or
//! it prints as a text that means the same, and says of each socket yes or no.
#![no_main]

use std::net::SocketAddr;
use std::time::Duration;

use framecat_core::sock_diag::{State, TcpInfo};
use framecat_core::watch::{
    Condition, Counters, End, Fired, Frame, Kind, Owner, ParseConditionError, Sample, Socket,
    Trigger, Watch,
};
use framecat_fuzz::assert_one_line;

/// A listener with a visitor, connections at both ends, and one that is over.
fn frames() -> [Frame; 2] {
    let inet = |port| End::Inet(SocketAddr::from(([127, 0, 0, 1], port)));
    let socket = |cookie, state, queue| Socket {
        cookie,
        kind: Kind::Tcp,
        state,
        local: inet(80),
        peer: inet(cookie as u16),
        other: (cookie == 2).then_some(3),
        other_unread: Some(queue),
        was_there: false,
        receive_queue: queue,
        send_queue: 5,
        inode: if cookie == 4 { 0 } else { 1000 },
        uid: None,
        owners: [Owner { pid: 7, name: "server".into() }].into(),
        tcp: (state != State::TimeWait).then(TcpInfo::default),
        memory: None,
    };
    let mut watch = Watch::new();
    [1, 9].map(|second| {
        let states = [State::Listen, State::Established, State::CloseWait, State::Established];
        let mut sockets: Vec<_> =
            (1..).zip(states).map(|(cookie, state)| socket(cookie, state, 6)).collect();
        sockets.push(socket(5, State::TimeWait, 0));
        let counters = Counters { listen_overflows: Some(second), ..Counters::default() };
        let at = Duration::from_secs(second);
        watch.on_sample(Sample { at, sockets, counters, ..Sample::default() })
    })
}

fn refused(text: &str, error: &ParseConditionError) {
    assert_one_line(&error.to_string());
    assert!((1..=text.chars().count() + 1).contains(&error.at), "{error:?}");
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut trigger = match text.parse::<Trigger>() {
        Ok(trigger) => trigger,
        Err(error) => return refused(text, &error),
    };
    let printed = trigger.to_string();
    assert_one_line(&printed);
    assert_eq!(printed.parse(), Ok(trigger.clone()));
    match text.parse::<Condition>() {
        Ok(condition) => assert_eq!(&condition, trigger.condition()),
        Err(error) => refused(text, &error),
    }
    let condition = trigger.condition().clone();
    let opposite: Option<Condition> = format!("not ({condition})").parse().ok();
    for mut frame in frames() {
        for fired in trigger.on_frame(&frame) {
            match fired {
                Fired::Row(at) => assert!(condition.holds(&frame.rows[at], &frame)),
                Fired::Frame => assert!(condition.holds_of_frame(&frame)),
            }
        }
        for (row, opposite) in frame.rows.iter().zip(opposite.iter().cycle()) {
            assert!(!(condition.holds(row, &frame) && opposite.holds(row, &frame)));
        }
        frame.select(&condition);
    }
});
