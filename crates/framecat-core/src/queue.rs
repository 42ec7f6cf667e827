//! What waits for a peer that reads slowly: a bounded queue, and what happens when it is full.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

/// What happens to a peer whose queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowPolicy {
    /// `drop-oldest`: it misses what has waited longest.
    DropOldest,
    /// `drop-newest`: it misses what comes now.
    DropNewest,
    /// `disconnect`: it is disconnected.
    Disconnect,
    /// `block`: whoever sends waits until it reads.
    Block,
}

/// A text that names no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("known are drop-oldest, drop-newest, disconnect, block")]
pub struct ParseSlowPolicyError;

impl SlowPolicy {
    const NAMES: [(&str, SlowPolicy); 4] = [
        ("drop-oldest", SlowPolicy::DropOldest),
        ("drop-newest", SlowPolicy::DropNewest),
        ("disconnect", SlowPolicy::Disconnect),
        ("block", SlowPolicy::Block),
    ];
}

impl FromStr for SlowPolicy {
    type Err = ParseSlowPolicyError;

    fn from_str(text: &str) -> Result<Self, ParseSlowPolicyError> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text);
        found.map(|(_, policy)| *policy).ok_or(ParseSlowPolicyError)
    }
}

impl fmt::Display for SlowPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, _) = Self::NAMES.iter().find(|(_, policy)| policy == self).expect("all listed");
        f.write_str(name)
    }
}

/// What became of a message that was to be queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// It waits its turn.
    Yes,
    /// It waits its turn, and this many older ones were dropped for it.
    InPlaceOf(u64),
    /// It was dropped.
    No,
    /// The peer is to be disconnected.
    Disconnect,
    /// There is no room yet: offer it again when the peer has read.
    Later,
}

/// A bounded queue of messages for one peer.
#[derive(Debug, Clone)]
pub struct Queue {
    messages: VecDeque<Bytes>,
    bytes: usize,
    capacity: usize,
    policy: SlowPolicy,
    dropped: u64,
}

impl Queue {
    /// A queue of at most `capacity` bytes. One message is always accepted by an empty queue, however
    /// large, so that the limit on messages and this one need not know of each other.
    pub fn new(capacity: usize, policy: SlowPolicy) -> Self {
        Queue { messages: VecDeque::new(), bytes: 0, capacity, policy, dropped: 0 }
    }

    /// Queues a message as the policy allows.
    pub fn push(&mut self, message: Bytes) -> Queued {
        let mut lost = 0;
        while !self.has_room_for(&message) {
            match self.policy {
                SlowPolicy::DropOldest => {
                    self.pop();
                    lost += 1;
                }
                SlowPolicy::DropNewest => {
                    self.dropped += 1;
                    return Queued::No;
                }
                SlowPolicy::Disconnect => return Queued::Disconnect,
                SlowPolicy::Block => return Queued::Later,
            }
        }
        self.dropped += lost;
        self.bytes += message.len();
        self.messages.push_back(message);
        if lost > 0 { Queued::InPlaceOf(lost) } else { Queued::Yes }
    }

    /// Whether a message can be queued without loss.
    pub fn has_room_for(&self, message: &Bytes) -> bool {
        self.messages.is_empty() || self.used() + Self::cost(message) <= self.capacity
    }

    /// Takes the message that has waited longest.
    pub fn pop(&mut self) -> Option<Bytes> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// How many messages were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How much of a queue's capacity a message takes. An empty one takes memory too: without this, a
    /// flood of them would have no bound.
    pub fn cost(message: &Bytes) -> usize {
        message.len() + size_of::<Bytes>()
    }

    fn used(&self) -> usize {
        self.bytes + self.messages.len() * size_of::<Bytes>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(policy: SlowPolicy) -> Queue {
        let room_for_two = 2 * (2 + size_of::<Bytes>());
        let mut queue = Queue::new(room_for_two, policy);
        assert_eq!(queue.push("m1".into()), Queued::Yes);
        assert_eq!(queue.push("m2".into()), Queued::Yes);
        queue
    }

    fn drained(mut queue: Queue) -> Vec<Bytes> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn each_policy_does_what_it_says() {
        let mut queue = filled(SlowPolicy::DropOldest);
        assert_eq!(queue.push("m3".into()), Queued::InPlaceOf(1));
        assert_eq!(queue.dropped(), 1);
        assert_eq!(drained(queue), ["m2", "m3"]);

        let mut queue = filled(SlowPolicy::DropNewest);
        assert_eq!(queue.push("m3".into()), Queued::No);
        assert_eq!(queue.dropped(), 1);
        assert_eq!(drained(queue), ["m1", "m2"]);

        let mut queue = filled(SlowPolicy::Disconnect);
        assert_eq!(queue.push("m3".into()), Queued::Disconnect);

        let mut queue = filled(SlowPolicy::Block);
        assert_eq!(queue.push("m3".into()), Queued::Later);
        assert_eq!(queue.pop().unwrap(), "m1");
        assert_eq!(queue.push("m3".into()), Queued::Yes);
    }

    #[test]
    fn one_message_always_fits_an_empty_queue() {
        for policy in ["drop-oldest", "drop-newest", "disconnect", "block"] {
            let mut queue = Queue::new(1, policy.parse().unwrap());
            assert_eq!(queue.push("larger than the queue".into()), Queued::Yes);
        }
    }

    #[test]
    fn a_flood_of_empty_messages_is_bounded() {
        let mut queue = Queue::new(1000, SlowPolicy::DropOldest);
        for _ in 0..10_000 {
            queue.push(Bytes::new());
        }
        assert!(drained(queue).len() < 1000);
    }

    #[test]
    fn policies_print_what_they_parse_from() {
        for (name, policy) in SlowPolicy::NAMES {
            assert_eq!(name.parse(), Ok(policy));
            assert_eq!(policy.to_string(), name);
        }
        assert!("drop".parse::<SlowPolicy>().is_err());
    }
}
