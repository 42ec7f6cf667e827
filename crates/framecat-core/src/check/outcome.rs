//! What a case can come to, and how bad that can be.

/// What a case came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// What it should.
    Same,
    /// The target died.
    Crashed,
    /// The target no longer answers the plain exchange.
    Dead,
    /// It never stopped sending.
    Endless,
    /// A reply, other than the right one, before the request was whole.
    Early,
    /// An answer of success to a part of the request.
    HalfAnswered,
    /// An answer of success to a message over the limit.
    Accepted,
    /// Another reply.
    Wrong,
    /// The first part of the reply.
    Partial,
    /// The reply, and more behind it.
    Surplus,
    /// Nothing, and the connection stayed open.
    NoReply,
    /// Nothing, and the connection was closed.
    Closed,
    /// Nothing, and the connection was reset.
    Reset,
    /// The reply, and then the connection was closed, which it is not otherwise.
    ClosedAfter,
    /// The reply, but the connection was not closed, which it is otherwise.
    KeptOpen,
    /// The reply, but the next message on the connection was not answered as it should be.
    OutOfStep,
    /// No connection could be had.
    Refused,
    /// A step before the exchange failed.
    Setup,
    /// Of a client: it did not end in time.
    Hung,
    /// Of a client: another exit status.
    OtherStatus,
    /// The replies in another order.
    Reordered,
    /// An empty message was not answered.
    Unanswered,
    /// The end of the stream was taken for the end of the message.
    EndIsMark,
    /// The target says that it does not take several requests at once.
    NotPipelined,
}

impl Outcome {
    /// In a few words, as what the target did.
    pub fn text(self) -> &'static str {
        match self {
            Outcome::Same => "as uncut",
            Outcome::Crashed => "crashed",
            Outcome::Dead => "no longer answers",
            Outcome::Endless => "never stopped sending",
            Outcome::Early => "answered before the message was whole",
            Outcome::HalfAnswered => "answered half a message",
            Outcome::Accepted => "took a message over its limit",
            Outcome::Wrong => "wrong reply",
            Outcome::Partial => "only a part of the reply",
            Outcome::Surplus => "more than the reply",
            Outcome::NoReply => "no reply",
            Outcome::Closed => "closed without a reply",
            Outcome::Reset => "reset without a reply",
            Outcome::ClosedAfter => "closed after the reply",
            Outcome::KeptOpen => "did not close after the reply",
            Outcome::OutOfStep => "out of step: the next message is answered otherwise",
            Outcome::Refused => "took no connection",
            Outcome::Setup => "failed in a step before the exchange",
            Outcome::Hung => "did not end",
            Outcome::OtherStatus => "ended with another status",
            Outcome::Reordered => "replied in another order",
            Outcome::Unanswered => "did not answer an empty message",
            Outcome::EndIsMark => "took the end of the stream for the end of the message",
            Outcome::NotPipelined => "does not take several requests at once",
        }
    }

    /// In one word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Same => "same",
            Outcome::Crashed => "crashed",
            Outcome::Dead => "dead",
            Outcome::Endless => "endless",
            Outcome::Early => "early",
            Outcome::HalfAnswered => "half-answered",
            Outcome::Accepted => "accepted",
            Outcome::Wrong => "wrong",
            Outcome::Partial => "partial",
            Outcome::Surplus => "surplus",
            Outcome::NoReply => "no-reply",
            Outcome::Closed => "closed",
            Outcome::Reset => "reset",
            Outcome::ClosedAfter => "closed-after",
            Outcome::KeptOpen => "kept-open",
            Outcome::OutOfStep => "out-of-step",
            Outcome::Refused => "refused",
            Outcome::Setup => "setup",
            Outcome::Hung => "hung",
            Outcome::OtherStatus => "other-status",
            Outcome::Reordered => "reordered",
            Outcome::Unanswered => "unanswered",
            Outcome::EndIsMark => "end-is-mark",
            Outcome::NotPipelined => "not-pipelined",
        }
    }
}

/// How bad an outcome is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Pass,
    /// The target says that it does not do this, and may.
    Refused,
    /// Worth knowing, and no fault by itself.
    Property,
    /// A fault.
    Fail,
}
