//! Conditions from text:
//!
//! ```text
//! any        = all { ("or" | "||") all }
//! all        = one { ("and" | "&&") one }
//! one        = ("not" | "!") one | "(" any ")" | comparison
//! comparison = field operator value
//! trigger    = any [ "for" time ]
//! ```

use std::time::Duration;

use super::fields::{FIELDS, Unit, nearest};
use super::lex::{Place, Token, tokens};
use super::value::{Value, examples, read_time};
use super::{Comparison, Field, Node, Operator, ParseConditionError};
use crate::escape::Printable;

/// So many parentheses and `not`s may stand within each other. Nobody writes more, and each is a call
/// within a call.
const DEEPEST: usize = 32;

/// Of what was found, an error shows so many characters.
const SHOWN: usize = 40;

/// Reads a condition, and the time behind `for` if there is one and its place.
pub(super) fn read(text: &str) -> Result<(Node, Option<(Duration, usize)>), ParseConditionError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let node = parser.any()?;
    let time = parser.time()?;
    match parser.next() {
        (Token::End, _) => Ok((node, time)),
        (Token::Close, at) => refuse(at, "this `)` closes nothing"),
        (token, at) if time.is_some() => {
            refuse(at, format!("found {}: `for` and its time stand at the end", show(token)))
        }
        (token, at) => refuse(at, format!("found {}, expected `and` or `or`", show(token))),
    }
}

struct Parser<'a> {
    /// What is left. The end is never taken off, so there is always one.
    tokens: &'a [Place<'a>],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Place<'a> {
        self.tokens.first().copied().unwrap_or((Token::End, 1))
    }

    fn next(&mut self) -> Place<'a> {
        let place = self.peek();
        if let (true, [_, rest @ ..]) = (place.0 != Token::End, self.tokens) {
            self.tokens = rest;
        }
        place
    }

    /// Takes a sign, or the word for it.
    fn takes(&mut self, sign: Token<'_>, keyword: &str) -> bool {
        let found = match self.peek().0 {
            Token::Word(word) => word.eq_ignore_ascii_case(keyword),
            token => token == sign,
        };
        if found {
            self.next();
        }
        found
    }

    fn any(&mut self) -> Result<Node, ParseConditionError> {
        let mut nodes = vec![self.all()?];
        while self.takes(Token::Or, "or") {
            nodes.push(self.all()?);
        }
        Ok(single(nodes, Node::Any))
    }

    fn all(&mut self) -> Result<Node, ParseConditionError> {
        let mut nodes = vec![self.one()?];
        while self.takes(Token::And, "and") {
            nodes.push(self.one()?);
        }
        Ok(single(nodes, Node::All))
    }

    fn one(&mut self) -> Result<Node, ParseConditionError> {
        let at = self.peek().1;
        if self.takes(Token::Not, "not") {
            return Ok(Node::Not(Box::new(self.within(at, Self::one)?)));
        }
        if self.peek().0 != Token::Open {
            return self.comparison().map(Node::Comparison);
        }
        self.next();
        let node = self.within(at, Self::any)?;
        match self.next() {
            (Token::Close, _) => Ok(node),
            (Token::End, _) => refuse(at, "this `(` is not closed"),
            (Token::Word(word), at) if word.eq_ignore_ascii_case("for") => {
                refuse(at, "found `for`, which stands at the end, behind all parentheses")
            }
            (token, at) => {
                refuse(at, format!("found {}, expected `and`, `or` or `)`", show(token)))
            }
        }
    }

    fn within(
        &mut self,
        at: usize,
        read: impl FnOnce(&mut Self) -> Result<Node, ParseConditionError>,
    ) -> Result<Node, ParseConditionError> {
        if self.depth == DEEPEST {
            return refuse(at, format!("more than {DEEPEST} `(` or `not` within each other"));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn comparison(&mut self) -> Result<Comparison, ParseConditionError> {
        let field = self.field()?;
        let (operator, operator_at) = self.operator(field)?;
        if !operator.compares(field.unit) {
            let operators = Operator::all_of(field.unit);
            return refuse(
                operator_at,
                format!("`{operator}` has no meaning for {}: write {operators}", field.name),
            );
        }
        let (token, at) = self.next();
        let text = match token {
            Token::Word(word) if super::lex::is_bare(word) => word,
            Token::Quoted(text) => text,
            token => {
                let problem = format!(
                    "found {}, where {} is compared with {}",
                    show(token),
                    field.name,
                    examples(field.unit)
                );
                return refuse(at, problem);
            }
        };
        match Value::read(field.unit, operator, text) {
            Some(value) => Ok(Comparison { field, operator, value }),
            None => refuse(at, bad_value(field, text)),
        }
    }

    fn field(&mut self) -> Result<&'static Field, ParseConditionError> {
        let (token, at) = self.next();
        match token {
            Token::Word(word) if super::lex::is_bare(word) => match Field::by_name(word) {
                Some(field) => Ok(field),
                None => refuse(at, unknown(word)),
            },
            Token::End if at == 1 => refuse(at, "nothing; write a comparison such as recvq>0"),
            token => {
                refuse(at, format!("found {}, expected a comparison such as recvq>0", show(token)))
            }
        }
    }

    fn operator(&mut self, field: &Field) -> Result<(Operator, usize), ParseConditionError> {
        match self.next() {
            (Token::Operator(operator), at) => Ok((operator, at)),
            (token, at) => {
                let operators = Operator::all_of(field.unit);
                refuse(
                    at,
                    format!("found {} behind {}, expected {operators}", show(token), field.name),
                )
            }
        }
    }

    fn time(&mut self) -> Result<Option<(Duration, usize)>, ParseConditionError> {
        let at = self.peek().1;
        if !matches!(self.peek().0, Token::Word(word) if word.eq_ignore_ascii_case("for")) {
            return Ok(None);
        }
        self.next();
        let (token, time_at) = self.next();
        let time = match token {
            Token::Word(word) => read_time(word),
            _ => None,
        };
        match time {
            Some(time) => Ok(Some((time, at))),
            None => {
                let examples = examples(Unit::Time);
                refuse(time_at, format!("found {} behind `for`, expected {examples}", show(token)))
            }
        }
    }
}

fn single(mut nodes: Vec<Node>, many: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match (nodes.len(), nodes.pop()) {
        (1, Some(node)) => node,
        (_, last) => {
            nodes.extend(last);
            many(nodes)
        }
    }
}

fn unknown(name: &str) -> String {
    let shown = show(Token::Word(name));
    match nearest(name) {
        Some(near) => format!("there is no field {shown}; did you mean {near}?"),
        None => {
            let names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
            format!("there is no field {shown}; there are {}", names.join(", "))
        }
    }
}

fn bad_value(field: &Field, text: &str) -> String {
    let shown = show(Token::Quoted(text));
    format!("{shown} does not fit {}: expected {}", field.name, examples(field.unit))
}

pub(super) fn refuse<T>(at: usize, problem: impl Into<String>) -> Result<T, ParseConditionError> {
    Err(ParseConditionError { at, problem: problem.into() })
}

/// A token as it was written, or nearly; what is long is cut.
fn show(token: Token<'_>) -> String {
    let text = match token {
        Token::Word(text) | Token::Quoted(text) => text,
        Token::Operator(operator) => return format!("`{operator}`"),
        Token::And => "&&",
        Token::Or => "||",
        Token::Not => "!",
        Token::Open => "(",
        Token::Close => ")",
        Token::End => return "the end".into(),
    };
    let (cut, dots) = match text.char_indices().nth(SHOWN) {
        Some((end, _)) => (&text[..end], "…"),
        None => (text, ""),
    };
    format!("`{}{dots}`", Printable(cut.as_bytes()))
}
