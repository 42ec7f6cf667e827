//! The states of sockets (include/net/tcp_states.h), and sets of them.

use std::fmt;

/// The state of a socket. UDP uses two of them: [`State::Established`] with a peer, which `connect`
/// gave it, and [`State::Close`] without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// An open connection.
    Established = 1,
    /// We asked for a connection and have no answer yet.
    SynSent = 2,
    /// A peer asked for a connection; the handshake is half done.
    SynRecv = 3,
    /// We closed; the peer has not acknowledged it.
    FinWait1 = 4,
    /// We closed and the peer acknowledged it; it has not closed.
    FinWait2 = 5,
    /// Both have closed; the port waits for stragglers. No program owns it any more.
    TimeWait = 6,
    /// No connection.
    Close = 7,
    /// The peer closed; our program has not.
    CloseWait = 8,
    /// The peer closed, then we did; the peer has not acknowledged it.
    LastAck = 9,
    /// It waits for connections.
    Listen = 10,
    /// Both closed at once; the peer has not acknowledged it.
    Closing = 11,
}

/// A set of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States(u32);

/// The state in which a question names TCP sockets that have a port and neither listen nor connect
/// (since Linux 6.8). It is none of a socket: the rows of the answer say `TCP_CLOSE`.
const BOUND_INACTIVE: u32 = 13;

impl State {
    const NAMES: [(State, &str); 11] = [
        (State::Established, "ESTABLISHED"),
        (State::SynSent, "SYN_SENT"),
        (State::SynRecv, "SYN_RECV"),
        (State::FinWait1, "FIN_WAIT1"),
        (State::FinWait2, "FIN_WAIT2"),
        (State::TimeWait, "TIME_WAIT"),
        (State::Close, "CLOSE"),
        (State::CloseWait, "CLOSE_WAIT"),
        (State::LastAck, "LAST_ACK"),
        (State::Listen, "LISTEN"),
        (State::Closing, "CLOSING"),
    ];

    /// The state behind the kernel's number. `TCP_NEW_SYN_RECV`, 12, is none: the kernel keeps it to
    /// itself and says `TCP_SYN_RECV` (`inet_req_diag_fill`).
    pub(super) fn from_number(number: u8) -> Option<State> {
        Self::NAMES.iter().map(|(state, _)| *state).find(|state| *state as u8 == number)
    }

    fn mask(self) -> u32 {
        match self {
            State::Close => 1 << State::Close as u32 | 1 << BOUND_INACTIVE,
            state => 1 << state as u32,
        }
    }
}

impl States {
    /// Every state.
    pub const ALL: States = States(u32::MAX);

    /// As the question carries it: a bit a state.
    pub(super) fn mask(self) -> u32 {
        self.0
    }
}

impl<const N: usize> From<[State; N]> for States {
    fn from(states: [State; N]) -> Self {
        States(states.into_iter().fold(0, |mask, state| mask | state.mask()))
    }
}

/// The kernel's own name: `FIN_WAIT1`.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = Self::NAMES.iter().find(|(state, _)| state == self).expect("all listed");
        f.pad(name)
    }
}
