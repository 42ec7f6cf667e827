//! Conditions on sockets as a person writes them: `recvq>0 and state=ESTABLISHED`, and with a time
//! behind, `recvq>0 for 5s`, when a watch fails.
//!
//! - `condition/fields.rs` what can be named, as a table
//! - `condition/value.rs` what it is compared with
//! - `condition/lex.rs`, `condition/parse.rs` from text
//! - `condition/seen.rs` what a row says of a field
//! - `condition/order.rs` the order of rows by a field
//! - `condition/trigger.rs` for how long it holds

mod fields;
mod lex;
mod order;
mod parse;
mod seen;
#[cfg(test)]
mod tests;
mod trigger;
mod value;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use self::fields::What;
use self::value::Value;
use super::{Frame, Row};

pub use self::fields::{FIELDS, Field, Unit};
pub use self::trigger::{Fired, Trigger};

/// A condition on a socket, or on a frame: comparisons of [`FIELDS`] with values, joined by `and`, `or`,
/// `not` (or `&&`, `||`, `!`) and parentheses; `not` binds closest, then `and`.
///
/// A comparison with what the kernel does not tell, or the socket has no such thing, is neither true nor
/// false, and neither is its `not`: only what is known to hold selects a row. So `not rtt>1s` selects no
/// listener. Of a time of which only a lower bound is known, `>` can be true and `<` cannot.
///
/// ```
/// use framecat_core::watch::Condition;
///
/// let condition: Condition = "unread > 2 && !(state = estab)".parse().unwrap();
/// assert_eq!(condition.to_string(), "unread>2s and not state=ESTABLISHED");
/// let error = "revcq>0".parse::<Condition>().unwrap_err();
/// assert_eq!(error.to_string(), "at character 1: there is no field `revcq`; did you mean recvq?");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    node: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Comparison(Comparison),
    Not(Box<Node>),
    /// Two or more.
    All(Vec<Node>),
    /// Two or more.
    Any(Vec<Node>),
}

#[derive(Debug, Clone, PartialEq)]
struct Comparison {
    field: &'static Field,
    operator: Operator,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Greater,
    AtLeast,
    Less,
    AtMost,
    Equal,
    NotEqual,
    Contains,
}

/// A text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {problem}")]
pub struct ParseConditionError {
    /// The character at which it goes wrong, from 1.
    pub at: usize,
    /// What was found, and what would be right.
    pub problem: String,
}

impl Condition {
    /// Whether it is known to hold for this row of the frame.
    pub fn holds(&self, row: &Row, frame: &Frame) -> bool {
        self.node.holds(Some(row), frame) == Some(true)
    }

    /// Whether it names this field.
    fn names(&self, what: What) -> bool {
        self.node.names(what)
    }

    /// Whether all that it names is of the frame and not of a row: `count>100 or overflows>0`.
    pub fn is_of_frame(&self) -> bool {
        self.node.is_of_frame()
    }

    /// Whether it is known to hold for the frame as a whole, whatever its rows are. Only what is of the
    /// frame is known here.
    pub fn holds_of_frame(&self, frame: &Frame) -> bool {
        self.node.holds(None, frame) == Some(true)
    }
}

impl Node {
    /// Kleene's three-valued logic: what is not known matters only where it could decide.
    fn holds(&self, row: Option<&Row>, frame: &Frame) -> Option<bool> {
        let decides = |nodes: &[Node], decisive: bool| {
            let mut result = Some(!decisive);
            for node in nodes {
                match node.holds(row, frame) {
                    Some(holds) if holds == decisive => return Some(decisive),
                    Some(_) => {}
                    None => result = None,
                }
            }
            result
        };
        match self {
            Node::Comparison(comparison) => seen::compare(comparison, row, frame),
            Node::Not(node) => node.holds(row, frame).map(|holds| !holds),
            Node::All(nodes) => decides(nodes, false),
            Node::Any(nodes) => decides(nodes, true),
        }
    }

    fn names(&self, what: What) -> bool {
        match self {
            Node::Comparison(comparison) => comparison.field.what == what,
            Node::Not(node) => node.names(what),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().any(|node| node.names(what)),
        }
    }

    fn is_of_frame(&self) -> bool {
        match self {
            Node::Comparison(comparison) => comparison.field.of_frame,
            Node::Not(node) => node.is_of_frame(),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().all(Node::is_of_frame),
        }
    }
}

impl Operator {
    const ALL: [(Operator, &str); 7] = [
        (Operator::Greater, ">"),
        (Operator::AtLeast, ">="),
        (Operator::Less, "<"),
        (Operator::AtMost, "<="),
        (Operator::Equal, "="),
        (Operator::NotEqual, "!="),
        (Operator::Contains, "~"),
    ];

    /// Whether things of this unit can be compared so.
    fn compares(self, unit: Unit) -> bool {
        match (self, unit) {
            (Operator::Equal | Operator::NotEqual, _) => true,
            (Operator::Contains, unit) => is_text(unit),
            (_, unit) => !is_text(unit),
        }
    }

    /// All that compare things of this unit, for an error text.
    fn all_of(unit: Unit) -> String {
        let all = Operator::ALL.iter().filter(|(operator, _)| operator.compares(unit));
        let all: Vec<_> = all.map(|(_, sign)| *sign).collect();
        match all.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(" ")),
            None => String::new(),
        }
    }

    /// Whether it holds between two values in this order.
    fn holds(self, order: Ordering) -> bool {
        match self {
            Operator::Greater => order.is_gt(),
            Operator::AtLeast => order.is_ge(),
            Operator::Less => order.is_lt(),
            Operator::AtMost => order.is_le(),
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Contains => false,
        }
    }
}

fn is_text(unit: Unit) -> bool {
    matches!(unit, Unit::State | Unit::Kind | Unit::Text)
}

impl FromStr for Condition {
    type Err = ParseConditionError;

    fn from_str(text: &str) -> Result<Self, ParseConditionError> {
        match parse::read(text)? {
            (node, None) => Ok(Condition { node }),
            (_, Some((_, at))) => parse::refuse(at, "found `for`: how long has no meaning here"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

/// Reads back as the same; parentheses only where they are needed for that.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nodes, word) = match self {
            Node::Comparison(Comparison { field, operator, value }) => {
                return write!(f, "{}{operator}{value}", field.name);
            }
            Node::Not(node) if matches!(**node, Node::All(_) | Node::Any(_)) => {
                return write!(f, "not ({node})");
            }
            Node::Not(node) => return write!(f, "not {node}"),
            Node::All(nodes) => (nodes, " and "),
            Node::Any(nodes) => (nodes, " or "),
        };
        for (index, node) in nodes.iter().enumerate() {
            let word = if index == 0 { "" } else { word };
            match (self, node) {
                (Node::All(_), Node::All(_) | Node::Any(_)) | (Node::Any(_), Node::Any(_)) => {
                    write!(f, "{word}({node})")?;
                }
                _ => write!(f, "{word}{node}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Operator::ALL.iter().find(|(operator, _)| operator == self);
        f.write_str(sign.map_or("", |(_, sign)| sign))
    }
}
