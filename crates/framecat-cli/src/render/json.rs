//! For a program: one JSON object a line.

use std::io::Write as _;
use std::time::SystemTime;

use framecat::core::address::Address;
use framecat::core::diagram::ReadSeams;
use framecat::observe::{Event, SessionId, Totals};
use serde_json::{Value, json};

use super::text::reason_text;

/// Seconds since 1970, to the microsecond.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (since.as_secs_f64() * 1e6).round() / 1e6
}

/// An object with the time it is written.
pub(super) fn stamped(mut object: Value) -> String {
    object["t"] = now().into();
    object.to_string()
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
    writeln!(out, "{object}").expect("a write into memory succeeds");
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
