//! Whom the operator of a chat answers: who is there, who waits for an answer, who was meant last.

use std::collections::BTreeMap;

/// Whom a line of the operator's is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// This session.
    Session(u64),
    /// The session that has waited longest for an answer: for a program that answers in turn.
    LongestWaiting,
    /// The session that was answered last, or the only one there is: for a person at a prompt.
    Current,
}

/// Why a line is for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nobody {
    /// The session has ended, or never was.
    Gone,
    /// No session is active.
    Empty,
    /// So many are active, and it is not clear which is meant.
    Ambiguous(usize),
    /// No session waits for an answer yet.
    NotYet,
}

/// The sessions of a chat.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    sessions: BTreeMap<u64, Waiting>,
    current: Option<u64>,
    turn: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    unanswered: u64,
    /// When its turn to be answered came; lower is earlier.
    since: u64,
}

impl Roster {
    /// A session has begun.
    pub fn on_join(&mut self, session: u64) {
        self.sessions.insert(session, Waiting::default());
    }

    /// A session has ended.
    pub fn on_leave(&mut self, session: u64) {
        self.sessions.remove(&session);
    }

    /// A session has said something.
    pub fn on_message(&mut self, session: u64) {
        self.turn += 1;
        if let Some(waiting) = self.sessions.get_mut(&session) {
            if waiting.unanswered == 0 {
                waiting.since = self.turn;
            }
            waiting.unanswered += 1;
        }
    }

    /// The operator has answered a session.
    pub fn on_answer(&mut self, session: u64) {
        self.turn += 1;
        self.current = Some(session);
        if let Some(waiting) = self.sessions.get_mut(&session) {
            waiting.unanswered = waiting.unanswered.saturating_sub(1);
            waiting.since = self.turn;
        }
    }

    /// How many messages of a session have no answer yet.
    pub fn unanswered(&self, session: u64) -> u64 {
        self.sessions.get(&session).map_or(0, |waiting| waiting.unanswered)
    }

    /// The session that a line for `target` goes to.
    ///
    /// # Errors
    /// It goes to nobody, for now or at all.
    pub fn choose(&self, target: Target) -> Result<u64, Nobody> {
        match target {
            Target::Session(session) if self.sessions.contains_key(&session) => Ok(session),
            Target::Session(_) => Err(Nobody::Gone),
            Target::LongestWaiting => self.longest_waiting().ok_or(Nobody::NotYet),
            Target::Current => self.current(),
        }
    }

    fn longest_waiting(&self) -> Option<u64> {
        let waiting = self.sessions.iter().filter(|(_, waiting)| waiting.unanswered > 0);
        waiting.min_by_key(|(_, waiting)| waiting.since).map(|(session, _)| *session)
    }

    fn current(&self) -> Result<u64, Nobody> {
        if let Some(current) = self.current.filter(|id| self.sessions.contains_key(id)) {
            return Ok(current);
        }
        match (self.sessions.len(), self.sessions.keys().next()) {
            (1, Some(only)) => Ok(*only),
            (0, _) => Err(Nobody::Empty),
            (active, _) => Err(Nobody::Ambiguous(active)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(sessions: &[u64]) -> Roster {
        let mut roster = Roster::default();
        for session in sessions {
            roster.on_join(*session);
        }
        roster
    }

    #[test]
    fn a_program_answers_in_the_order_of_the_questions() {
        let mut roster = roster(&[1, 2, 3]);
        assert_eq!(roster.choose(Target::LongestWaiting), Err(Nobody::NotYet));
        for session in [2, 1, 2] {
            roster.on_message(session);
        }
        let mut answered = Vec::new();
        while let Ok(session) = roster.choose(Target::LongestWaiting) {
            roster.on_answer(session);
            answered.push(session);
        }
        assert_eq!(answered, [2, 1, 2]);
    }

    #[test]
    fn a_person_goes_on_with_the_one_answered_last() {
        let mut roster = roster(&[1]);
        assert_eq!(roster.choose(Target::Current), Ok(1), "the only one is meant");
        roster.on_join(2);
        assert_eq!(roster.choose(Target::Current), Err(Nobody::Ambiguous(2)));
        roster.on_answer(2);
        assert_eq!(roster.choose(Target::Current), Ok(2));
        roster.on_leave(2);
        assert_eq!(roster.choose(Target::Current), Ok(1));
        roster.on_leave(1);
        assert_eq!(roster.choose(Target::Current), Err(Nobody::Empty));
    }

    #[test]
    fn a_session_that_left_is_not_answered() {
        let mut roster = roster(&[1, 2]);
        roster.on_message(1);
        roster.on_leave(1);
        assert_eq!(roster.choose(Target::Session(1)), Err(Nobody::Gone));
        assert_eq!(roster.choose(Target::LongestWaiting), Err(Nobody::NotYet));
        assert_eq!(roster.choose(Target::Session(2)), Ok(2));
    }
}
