//! Words, quoted texts and signs of a condition, with the character at which each begins.

use super::{Operator, ParseConditionError};
use crate::escape::{Printable, is_harmless};

/// A piece of a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, a keyword, or a value.
    Word(&'a str),
    /// A text in quotes, without them.
    Quoted(&'a str),
    Operator(Operator),
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Not,
    Open,
    Close,
    End,
}

/// A token and the character at which it begins, from 1.
pub(super) type Place<'a> = (Token<'a>, usize);

/// What no bare word contains: these have a meaning of their own.
const SIGNS: &[char] = &['(', ')', '<', '>', '=', '!', '~', '&', '|', '\'', '"'];

/// Words that have a meaning of their own.
pub(super) const KEYWORDS: [&str; 4] = ["and", "or", "not", "for"];

/// Whether this text may stand as a value without quotes.
pub(super) fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|c: char| SIGNS.contains(&c) || c.is_whitespace())
        && !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(text))
}

/// Cuts a text into tokens; the last is the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Place<'_>>, ParseConditionError> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 1);
    loop {
        let blank = rest.len() - rest.trim_start().len();
        at += rest[..blank].chars().count();
        rest = &rest[blank..];
        let (token, length) = token(rest, at)?;
        tokens.push((token, at));
        if token == Token::End {
            return Ok(tokens);
        }
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
}

/// The token at the beginning, and how many bytes it has.
fn token(rest: &str, at: usize) -> Result<(Token<'_>, usize), ParseConditionError> {
    use Operator::{AtLeast, AtMost, Contains, Equal, Greater, Less, NotEqual};
    const TOKENS: [(&str, Token<'_>); 13] = [
        // Longer ones first.
        (">=", Token::Operator(AtLeast)),
        ("<=", Token::Operator(AtMost)),
        ("==", Token::Operator(Equal)),
        ("!=", Token::Operator(NotEqual)),
        ("&&", Token::And),
        ("||", Token::Or),
        (">", Token::Operator(Greater)),
        ("<", Token::Operator(Less)),
        ("=", Token::Operator(Equal)),
        ("~", Token::Operator(Contains)),
        ("!", Token::Not),
        ("(", Token::Open),
        (")", Token::Close),
    ];
    if let Some((sign, token)) = TOKENS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((*token, sign.len()));
    }
    let refuse = |at: usize, problem: String| Err(ParseConditionError { at, problem });
    match rest.chars().next() {
        None => Ok((Token::End, 0)),
        Some(sign @ ('&' | '|')) => {
            let word = if sign == '&' { "and" } else { "or" };
            refuse(at, format!("a single `{sign}`: write `{word}` or `{sign}{sign}`"))
        }
        Some(quote @ ('\'' | '"')) => {
            let Some((text, _)) = rest[1..].split_once(quote) else {
                return refuse(at, format!("the quote {quote} is not closed"));
            };
            harmless(text, at + 1)?;
            Ok((Token::Quoted(text), text.len() + 2))
        }
        Some(_) => {
            let end = rest.find(|c: char| SIGNS.contains(&c) || c.is_whitespace());
            let word = &rest[..end.unwrap_or(rest.len())];
            harmless(word, at)?;
            Ok((Token::Word(word), word.len()))
        }
    }
}

/// Values are compared with what is shown, where control characters stand as escapes; so one in a value
/// would never be found, and shown it could do anything to a terminal.
fn harmless(text: &str, at: usize) -> Result<(), ParseConditionError> {
    match text.chars().enumerate().find(|(_, c)| !is_harmless(*c)) {
        None => Ok(()),
        Some((index, c)) => {
            let shown = c.to_string();
            let problem = format!(
                "the character {0} is not shown as it is: write it as it is shown, {0}",
                Printable(shown.as_bytes())
            );
            Err(ParseConditionError { at: at + index, problem })
        }
    }
}
