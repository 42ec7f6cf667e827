//! What happened during an experiment, in three lanes: the client's calls, what the kernel had in its
//! queues, the server's calls.

use std::time::Duration;

use super::Measured;
use crate::sock_diag::State;

/// What happened, by when it began.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// The events; of more than [`Timeline::LIMIT`] the first half of so many and the last half: how it
    /// began, and how it came out.
    pub events: Vec<Event>,
    /// How many there were between those two.
    pub omitted: usize,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When it began, counted from the beginning of the experiment.
    pub from: Duration,
    /// When it ended; the same for what has no length.
    pub until: Duration,
    /// Where it happened.
    pub lane: Lane,
    /// What it was.
    pub what: What,
}

/// Who acts, or is looked at. The number tells one of several apart, from 1; 0 where there is but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A client.
    Client(u16),
    /// The kernel, as its tables show it.
    Kernel,
    /// The server, or one of its connections or threads.
    Server(u16),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A system call, and what it returned: `recv(64)`, `12 "Hello World!"`; or the error's name,
    /// `EAGAIN`. What peers sent is escaped.
    Call {
        /// The call.
        call: String,
        /// What it returned.
        returned: String,
        /// It returned an error.
        failed: bool,
    },
    /// What the kernel had in a queue.
    Queue(Queue),
    /// A thread that sleeps in a system call, as the kernel shows it.
    Asleep {
        /// Whose thread.
        of: Lane,
        /// The call.
        call: String,
    },
    /// Something to say at this place: the name of a text of the experiment, and the values in it.
    Remark {
        /// Its name.
        name: &'static str,
        /// Its values.
        values: Vec<Measured>,
    },
}

/// What the kernel had in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// A listener.
    Listener {
        /// Connections that wait for `accept`.
        waiting: u32,
        /// The limit that `listen` set.
        limit: u32,
        /// Handshakes under way.
        half_open: u32,
    },
    /// One end of a connection.
    Connection {
        /// Whose end.
        of: Lane,
        /// Its state; `None` if it is gone.
        state: Option<State>,
        /// Bytes that came and were not read.
        unread: u32,
        /// Bytes written that the peer has not acknowledged.
        unacknowledged: u32,
    },
    /// A datagram socket.
    Datagrams {
        /// Whose.
        of: Lane,
        /// The memory that unread datagrams occupy, in bytes.
        memory: u32,
        /// Datagrams that were dropped, where the kernel tells.
        drops: Option<u32>,
    },
}

impl Timeline {
    /// The most events that are kept: more than anybody reads.
    pub const LIMIT: usize = 120;

    /// Takes in an event that has ended; they may come in any order.
    pub fn push(&mut self, event: Event) {
        let at = self.events.partition_point(|known| known.from <= event.from);
        self.events.insert(at, event);
        if self.events.len() > Self::LIMIT {
            self.events.remove(Self::LIMIT / 2);
            self.omitted += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Event {
        let time = Duration::from_millis(millis);
        let what = What::Remark { name: "x", values: Vec::new() };
        Event { from: time, until: time, lane: Lane::Kernel, what }
    }

    #[test]
    fn events_stand_in_the_order_in_which_they_began() {
        let mut timeline = Timeline::default();
        for millis in [3, 1, 2, 1] {
            timeline.push(at(millis));
        }
        let times: Vec<_> = timeline.events.iter().map(|event| event.from.as_millis()).collect();
        assert_eq!(times, [1, 1, 2, 3]);
    }

    #[test]
    fn of_more_events_than_anybody_reads_the_middle_is_left_out_and_counted() {
        let mut timeline = Timeline::default();
        for millis in 0..130 {
            timeline.push(at(millis));
        }
        assert_eq!((timeline.events.len(), timeline.omitted), (120, 10));
        let times: Vec<_> = timeline.events.iter().map(|event| event.from.as_millis()).collect();
        let kept: Vec<_> = (0..60).chain(70..130).collect();
        assert_eq!(times, kept, "how it began, and how it came out");
    }
}
