//! What a process that has ended leaves.

use super::seen::lossy;

/// What a process that has ended leaves.
#[derive(Debug)]
pub(crate) struct Output {
    /// What was started, as one would type it.
    pub(super) name: String,
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output, to the byte.
    pub(crate) bytes: Vec<u8>,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Output {
    /// Standard output as text.
    pub(crate) fn stdout(&self) -> String {
        lossy(&self.bytes)
    }

    /// Fails unless it ended with 0.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Output {
        self.ended_with(0)
    }

    /// Fails unless it ended with `code`.
    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Output {
        assert_eq!(
            self.code,
            Some(code),
            "`{}`\n--- stdout: {}\n--- stderr: {}",
            self.name,
            self.stdout(),
            self.stderr
        );
        self
    }
}
