//! For a program: one JSON object a line.

use std::io;
use std::time::SystemTime;

use framecat::core::address::Address;
use framecat::core::diagram::ReadSeams;
use framecat::core::escape::is_harmless;
use framecat::observe::{Event, SessionId, Totals};
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Serializer, Value, json};

use super::text::reason_text;

/// Seconds since 1970, to the microsecond.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (since.as_secs_f64() * 1e6).round() / 1e6
}

/// An object with the time it is written.
pub(super) fn stamped(mut object: Value) -> String {
    object["t"] = now().into();
    line(&object)
}

/// An object in a line, of which a terminal obeys nothing. What it is made of must have strings as keys,
/// and nothing that refuses to be written.
pub(super) fn line(object: &impl Serialize) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Harmless);
    object.serialize(&mut serializer).expect("memory takes all of it");
    String::from_utf8(text).expect("JSON is text")
}

/// JSON may hold DEL, the controls above 127 and the marks that turn the direction of text as they are; a
/// terminal obeys them, so they are escaped. They can stand only in strings, keys among them, and all
/// strings come through here.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        // Nearly all is ASCII, and of that a whole string is looked at in a few steps.
        while !rest.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            let Some((at, c)) = rest.char_indices().find(|(_, c)| !is_harmless(*c)) else { break };
            writer.write_all(&rest.as_bytes()[..at])?;
            // Four digits are enough: none of them is above U+FFFF.
            write!(writer, "\\u{:04x}", u32::from(c))?;
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

/// A message; `hex` takes the place of `message` where the bytes are not UTF-8.
pub(super) fn message(session: SessionId, peer: &Address, message: &[u8], out: &mut Vec<u8>) {
    let object = match std::str::from_utf8(message) {
        Ok(text) => json!({
            "session": session, "peer": peer.to_string(), "t": now(), "message": text,
        }),
        Err(_) => json!({
            "session": session, "peer": peer.to_string(), "t": now(), "hex": hex(message),
        }),
    };
    out.extend_from_slice(line(&object).as_bytes());
    out.push(b'\n');
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was said, in numbers.
pub(crate) fn totals(event: &str, totals: Totals) -> Value {
    json!({
        "event": event,
        "messages_in": totals.messages_in,
        "messages_out": totals.messages_out,
        "bytes_in": totals.bytes_in,
        "bytes_out": totals.bytes_out,
        "dropped": totals.dropped,
    })
}

/// An event in a line.
pub(super) fn event(event: &Event<'_>) -> String {
    stamped(match event {
        Event::Connected { session, peer, active } => json!({
            "event": "connected", "session": session, "peer": peer.to_string(), "active": active,
        }),
        Event::Ended { session, peer, reason, totals, after, active } => json!({
            "event": "ended", "session": session, "peer": peer.to_string(),
            "reason": reason_text(reason), "seconds": after.as_secs_f64(),
            "messages_in": totals.messages_in, "messages_out": totals.messages_out,
            "bytes_in": totals.bytes_in, "bytes_out": totals.bytes_out,
            "dropped": totals.dropped, "active": active,
        }),
        Event::AwaitsAnswer { session } => json!({
            "event": "awaits-answer", "session": session,
        }),
        Event::Read { session, seams } => read(*session, seams),
        Event::NotSent { session, problem } => json!({
            "event": "not-sent", "session": session, "problem": problem.to_string(),
        }),
        Event::Oversized { peer, bytes, max } => json!({
            "event": "oversized", "peer": peer.to_string(), "bytes": bytes, "max": max,
        }),
        Event::AcceptPaused { reason } => json!({ "event": "accept-paused", "reason": reason }),
        _ => json!({}),
    })
}

fn read(session: SessionId, seams: &ReadSeams) -> Value {
    json!({
        "event": "read", "session": session, "bytes": seams.read, "messages": seams.messages,
        "waiting_before": seams.waiting_before, "waiting": seams.waiting_after,
        "needed": seams.needed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_reaches_a_terminal_and_the_text_is_the_same() {
        let hostile = "\x1b[2J\u{7f}\u{9b}31m\u{202e}\u{1f600}é";
        let shown = line(&json!({ "message": hostile, hostile: [hostile] }));
        assert!(shown.chars().all(is_harmless), "{shown:?}");
        let read: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!((&read["message"], &read[hostile][0]), (&hostile.into(), &hostile.into()));
    }
}
