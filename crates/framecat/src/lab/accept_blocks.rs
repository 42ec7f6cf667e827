//! `accept` waits until the queue of established connections has one.

use framecat_core::lab::{Measured, Verdict};
use rustix::io::Errno;

use super::Findings;
use super::obstacle::Obstacle;
use super::scene::Scene;

struct Found {
    /// The thread slept in `accept` while the queue was empty.
    slept: bool,
    /// Connections in the queue then.
    waiting: u32,
    /// It returned, once there was a client, with that client's connection.
    woken: bool,
    /// Connections in the queue before the second call of `accept`.
    waiting_again: u32,
    /// That call returned with the second client's connection, although nothing else came.
    returned: bool,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let server = scene.server(0);
    let listener = server.listen(5)?;
    std::thread::scope(|threads| {
        let caller = scene.begin(threads, server.lane, || server.accept(&listener))?;
        let slept = scene.sleeps(&caller, "accept()", &listener)?;
        let waiting = scene.see_listening(&listener)?.waiting;
        let first = scene.client(1).connect(&listener)?;
        let accepted = caller.join()??;
        let woken = is_its_peer(&accepted, &first);

        // A second client connects while nobody accepts.
        let second = scene.client(2).connect(&listener)?;
        let waiting_again = scene.wait("a connection in the queue", || {
            Ok(Some(scene.listening(&listener)?.waiting).filter(|waiting| *waiting > 0))
        })?;
        scene.see_listening(&listener)?;
        // Nobody else comes: that it returns says that it does not wait. A thread that is seen asleep
        // for a moment would say nothing: it may wait for a lock within the call.
        let returned = match server.accept(&listener) {
            Ok(accepted) => is_its_peer(&accepted, &second),
            Err(error) if error.is(Errno::AGAIN) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Found { slept, waiting, woken, waiting_again, returned })
    })
}

fn is_its_peer(accepted: &super::socket::Socket, client: &super::socket::Socket) -> bool {
    let (Ok(accepted), Ok(client)) = (accepted.connection(), client.connection()) else {
        return false;
    };
    accepted.turned() == client
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let waits = self.slept && self.waiting == 0 && self.woken;
        let returns = self.returned && self.waiting_again > 0;
        if waits && returns { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("waiting", self.waiting),
            Measured::new("slept", self.slept),
            Measured::new("woken", self.woken),
            Measured::new("waiting_again", self.waiting_again),
            Measured::new("returned", self.returned),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let so = Found { slept: true, waiting: 0, woken: true, waiting_again: 1, returned: true };
        assert_eq!(so.verdict(), Verdict::Holds);
        assert_eq!(Found { slept: false, ..so }.verdict(), Verdict::DoesNotHold);
        assert_eq!(Found { returned: false, ..so }.verdict(), Verdict::DoesNotHold);
        assert_eq!(Found { woken: false, ..so }.verdict(), Verdict::DoesNotHold);
    }
}
