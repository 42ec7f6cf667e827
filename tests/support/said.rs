//! What a server of ours says about its sessions.

use super::Process;

/// The line `+ #1 127.0.0.1:51514   1 active`.
pub(crate) fn came(session: u32, active: u32) -> impl Fn(&str) -> bool {
    let (start, end) = (format!("+ #{session} "), format!(" {active} active"));
    move |line| line.starts_with(&start) && line.ends_with(&end)
}

/// The line `- #1 left · 2 messages in, 2 out · 0.1 s   0 active`, where `reason` is what stands
/// before the time.
pub(crate) fn left(session: u32, reason: &str, active: u32) -> impl Fn(&str) -> bool {
    let (start, end) = (format!("- #{session} {reason} · "), format!(" {active} active"));
    move |line| line.starts_with(&start) && line.ends_with(&end)
}

/// Waits until session 1 came alone, and left alone for this reason.
#[track_caller]
pub(crate) fn wait_left(server: &Process, reason: &str) {
    server.wait_stderr(came(1, 1));
    server.wait_stderr(left(1, reason, 0));
}
