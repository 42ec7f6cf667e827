//! What comes before an exchange: a greeting, a login. These parts are never cut.

use framecat_core::check::Pattern;
use framecat_core::escape::Escaped;
use tokio::time::Instant;

use super::conversation::{Conversation, TALKS, Waited};
use super::times::Times;

impl Conversation<'_> {
    /// Does a step: sends, and waits for what it ends with.
    ///
    /// # Errors
    /// What came instead.
    pub(super) async fn step(
        &mut self,
        send: &[u8],
        until: Option<&Pattern>,
    ) -> Result<(), String> {
        let said = || match send {
            [] => "the greeting".to_owned(),
            send => format!("the step `{}`", Escaped(shortened(send))),
        };
        if !self.write(send, false).await {
            return Err(format!("{}: the connection is gone", said()));
        }
        let found = |got: &[u8]| until.is_some_and(|until| until.is_match(got));
        let start = Instant::now();
        loop {
            self.inbox.drain(&self.stream);
            if found(self.inbox.got()) {
                break;
            }
            let Times { silence, quiet, patience, .. } = self.times;
            // Without an end that is known, an answer is over when nothing more comes.
            let (silence, unseen) = match until.is_none() && self.inbox.len() > 0 {
                true => (silence, quiet),
                false => (patience, patience),
            };
            if start.elapsed() > patience * TALKS {
                self.inbox.give_up();
            }
            let over = self.inbox.end().is_some() || self.inbox.is_endless();
            if !over && self.wait(silence, unseen).await == Waited::Readable {
                continue;
            }
            if until.is_none() && self.inbox.len() > 0 && !over {
                break;
            }
            let got = Escaped(shortened(self.inbox.got())).to_string();
            let until = until.map_or_else(|| "an answer".into(), |until| format!("`{until}`"));
            return Err(format!("{}: expected {until}, got `{got}`", said()));
        }
        self.inbox.take();
        Ok(())
    }
}

/// The part of some bytes that is shown in an error.
fn shortened(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(80)]
}
