//! How much of what a connection sends has to be sent again: over the last seconds, as a moment says little
//! and the whole life of a connection is long ago.

use std::time::Duration;

use super::clocks::Past;
use crate::watch::Socket;
use crate::watch::queues::is_connection;

/// Segments with data, those of longer ago counting less.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Loss {
    /// Sent, those that were sent again included.
    sent: u32,
    /// Sent again.
    again: u32,
    /// Since when they are counted, or were halved.
    time: Duration,
}

/// So often what was counted is halved.
const HALF_LIFE: Duration = Duration::from_secs(10);
/// Fewer are no measure: a burst that was lost once, or probes of its end (`tcp_send_loss_probe`).
const FEWEST: u32 = 10;
/// TCP is slowed down by far less than this, but somebody should look from here on.
const PERCENT: u32 = 5;

impl Loss {
    /// With what was sent since the sample before, so long ago.
    pub(super) fn after(past: Option<&Past>, socket: &Socket, gap: Option<Duration>) -> Loss {
        let tcp = |tcp| Some(tcp).filter(|_| is_connection(socket));
        let Some(((past, then), (now, gap))) =
            past.and_then(|past| Some((past, past.tcp?))).zip(socket.tcp.and_then(tcp).zip(gap))
        else {
            return Loss::default();
        };
        let Some((before, sent)) = then.data_segments.zip(now.data_segments) else {
            return Loss::default();
        };
        let again = now.total_retransmissions.saturating_sub(then.total_retransmissions);
        let loss = Loss {
            // They are counted in 32 bits.
            sent: past.loss.sent.saturating_add(sent.sent.wrapping_sub(before.sent)),
            again: past.loss.again.saturating_add(again),
            time: past.loss.time.saturating_add(gap),
        };
        match loss.time >= HALF_LIFE {
            true => Loss { sent: loss.sent / 2, again: loss.again / 2, time: Duration::ZERO },
            false => loss,
        }
    }

    /// How many of a hundred are sent again, where they are enough to say something.
    pub(super) fn percent(self) -> Option<u32> {
        let sent = u64::from(self.sent.max(self.again));
        let percent = u64::from(self.again) * 100 / sent.max(1);
        let percent = u32::try_from(percent).ok()?;
        (self.again >= FEWEST && percent >= PERCENT).then_some(percent)
    }
}
