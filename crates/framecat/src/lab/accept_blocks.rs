//! `accept` waits until the queue of established connections has one.

use framecat_core::lab::{Measured, Verdict};

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
    /// `accept` on a queue that has one already: it slept.
    slept_again: bool,
    /// Connections in the queue before that call.
    waiting_again: u32,
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
        let _second = scene.client(2).connect(&listener)?;
        let waiting_again = scene.wait("a connection in the queue", || {
            Ok(Some(scene.listening(&listener)?.waiting).filter(|waiting| *waiting > 0))
        })?;
        scene.see_listening(&listener)?;
        let caller = scene.begin(threads, server.lane, || server.accept(&listener))?;
        let slept_again = scene.sleeps(&caller, "accept()", &listener)?;
        caller.join()??;
        Ok(Found { slept, waiting, woken, slept_again, waiting_again })
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
        let returns = !self.slept_again && self.waiting_again > 0;
        if waits && returns { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("waiting", self.waiting),
            Measured::new("slept", self.slept),
            Measured::new("woken", self.woken),
            Measured::new("waiting_again", self.waiting_again),
            Measured::new("slept_again", self.slept_again),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let so =
            Found { slept: true, waiting: 0, woken: true, slept_again: false, waiting_again: 1 };
        assert_eq!(so.verdict(), Verdict::Holds);
        assert_eq!(Found { slept: false, ..so }.verdict(), Verdict::DoesNotHold);
        assert_eq!(Found { slept_again: true, ..so }.verdict(), Verdict::DoesNotHold);
        assert_eq!(Found { woken: false, ..so }.verdict(), Verdict::DoesNotHold);
    }
}
