//! The last bytes of a session that is over.

use std::io;
use std::time::Duration;

use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use crate::endpoint::{Read, Stream};
use crate::session::Scratch;

/// How long to go on reading what a peer still sends after we have ended the session. Closing at once
/// would answer those bytes with a reset, which can overtake the last reply on its way.
const LINGER: Duration = Duration::from_secs(2);

/// Reads and forgets what a peer still sends, until it ends its side too.
pub(super) async fn linger(stream: &Stream) {
    let until_end = async {
        loop {
            let read = Scratch::with(|scratch| {
                scratch.text.resize(scratch.text.capacity().max(4096), 0);
                stream.try_read(&mut scratch.text)
            });
            match read {
                Ok(Read::End) => return,
                Ok(_) => consume_budget().await,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if stream.readable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    };
    let _ = timeout(LINGER, until_end).await;
}
