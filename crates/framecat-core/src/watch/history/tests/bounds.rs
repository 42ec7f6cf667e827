//! That no clock claims more than is true, whatever happens between samples: simulated ends of
//! connections, of which everything is known.

use std::time::Duration;

use proptest::prelude::*;

use super::super::super::testing::*;
use super::super::super::{Lasting, Socket};
use crate::sock_diag::State;

/// What happens in a connection, so many milliseconds after what happened before.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// Bytes come.
    Comes(u8),
    /// The program reads so many of those that wait.
    Reads(u8),
    /// The peer closes.
    Ends,
    /// A program has nothing to do with this: the peer acknowledges something.
    Acknowledges,
    /// A sample is taken.
    Sample,
}

fn events() -> impl Strategy<Value = Vec<(u16, Event)>> {
    let event = prop_oneof![
        3 => any::<u8>().prop_map(Event::Comes),
        3 => any::<u8>().prop_map(Event::Reads),
        1 => Just(Event::Ends),
        1 => Just(Event::Acknowledges),
        6 => Just(Event::Sample),
    ];
    proptest::collection::vec((0u16..3000, event), 1..60)
}

/// The receiving end of a connection.
#[derive(Debug, Default)]
struct Receiver {
    now: Duration,
    /// When each byte came that waits, the end of the stream among them.
    waiting: std::collections::VecDeque<Duration>,
    received: u64,
    last_data: Duration,
    last_ack: Duration,
    last_read: Duration,
    ended: Option<Duration>,
}

impl Receiver {
    fn happens(&mut self, event: Event) {
        match event {
            Event::Comes(count) if self.ended.is_none() => {
                self.waiting.extend(std::iter::repeat_n(self.now, count.into()));
                self.received += u64::from(count);
                if count > 0 {
                    (self.last_data, self.last_ack) = (self.now, self.now);
                }
            }
            Event::Reads(count) => {
                let count = usize::from(count).min(self.waiting.len());
                self.waiting.drain(..count);
                if count > 0 {
                    self.last_read = self.now;
                }
            }
            Event::Ends if self.ended.is_none() => {
                self.ended = Some(self.now);
                self.waiting.push_back(self.now);
                self.received += 1;
                self.last_ack = self.now;
            }
            Event::Acknowledges => self.last_ack = self.now,
            _ => {}
        }
    }

    fn socket(&self) -> Socket {
        tcp_with(1, |socket, tcp| {
            socket.receive_queue = self.waiting.len() as u32;
            if self.ended.is_some() {
                socket.state = State::CloseWait;
            }
            tcp.received = self.received;
            tcp.last_data_received = self.now - self.last_data;
            tcp.last_ack_received = self.now - self.last_ack;
            // Nothing was sent since it was opened.
            tcp.last_data_sent = self.now;
        })
    }

    /// For how long something has waited and nothing was read.
    fn idle(&self) -> Option<Duration> {
        let oldest = self.waiting.front()?;
        Some(self.now - *oldest.max(&self.last_read))
    }
}

/// Never too long, and where the beginning was seen not too short either, but for the time between two
/// samples.
fn is_true(claim: Lasting, truth: Duration, gap: Duration) -> bool {
    claim.time <= truth && (!claim.seen_to_begin || truth <= claim.time + gap)
}

proptest! {
    #[test]
    fn no_clock_claims_more_than_is_true(events in events(), from_the_start in any::<bool>()) {
        let mut script = Script::default();
        let mut receiver = Receiver::default();
        let mut last_sample = Duration::ZERO;
        let mut longest_gap = Duration::ZERO;
        if from_the_start {
            script.frame(Duration::ZERO, vec![]);
        }
        for (after, event) in events {
            receiver.now += MS * u32::from(after);
            receiver.happens(event);
            if !matches!(event, Event::Sample) {
                continue;
            }
            let now = receiver.now;
            longest_gap = longest_gap.max(now - last_sample);
            last_sample = now;
            let row = script.row(now, receiver.socket());
            prop_assert!(is_true(row.age, now, longest_gap), "{:?} at {now:?}", row.age);
            let in_state = now - receiver.ended.unwrap_or_default();
            prop_assert!(is_true(row.in_state, in_state, longest_gap), "{:?}", row.in_state);
            prop_assert_eq!(row.unread.is_some(), receiver.idle().is_some());
            let Some((claim, idle)) = row.unread.zip(receiver.idle()) else { continue };
            if claim.seen_to_begin {
                prop_assert!(is_true(claim, idle, longest_gap), "{claim:?}, in truth {idle:?}");
            } else {
                // At first sight it is how long the newest has waited.
                let oldest = receiver.waiting.front().copied().unwrap_or_default();
                prop_assert!(claim.time <= now - oldest, "{claim:?}");
            }
        }
    }
}
