//! The sessions of a datagram server: one a peer, begun by its first datagram and ended by silence.

use framecat_core::address::{Address, UnixName};
use framecat_core::service::Service;
use tokio::time::Instant;

use super::{PEER_WAIT, Peer, Server, Session};
use crate::NEVER;
use crate::observe::{EndReason, Event, SessionId, Totals};

impl Server {
    /// The session of a peer, begun if it is new; `None` if there is no room for another.
    pub(super) async fn session_of(&mut self, peer: Peer) -> Option<SessionId> {
        if let Some(session) = self.peers.get(&peer) {
            return Some(*session);
        }
        if self.sessions.len() >= self.config.max_connections {
            if !std::mem::replace(&mut self.said_full, true) {
                let most = self.config.max_connections;
                let reason = format!("{most} sessions are active, the limit; others are not heard");
                self.observer.on_event(&Event::AcceptPaused { reason: &reason });
            }
            return None;
        }
        let id = self.begin(peer);
        if let Some(greet) = self.config.dialogue.greet.clone() {
            self.send(id, &greet).await;
        }
        Some(id)
    }

    fn begin(&mut self, peer: Peer) -> SessionId {
        self.report.sessions += 1;
        let id = self.report.sessions;
        let now = Instant::now();
        let unnamed = Address::UnixDgram(UnixName::Unnamed);
        let address = peer.as_ref().map_or(unnamed, |name| self.socket.peer_address(name));
        let active = self.sessions.len() + 1;
        self.observer.on_event(&Event::Connected { session: id, peer: &address, active });
        let look_at = self.silence_after(now);
        let totals = Totals::default();
        let session = Session {
            peer: peer.clone(),
            address,
            begun: now,
            heard: now,
            look_at,
            totals,
            patience: PEER_WAIT,
        };
        self.sessions.insert(id, session);
        self.peers.insert(peer, id);
        self.silences.insert((look_at, id));
        if self.config.dialogue.service == Service::Chat {
            self.roster.on_join(id);
        }
        id
    }

    fn silence_after(&self, heard: Instant) -> Instant {
        heard + self.config.idle_timeout.unwrap_or(NEVER)
    }

    pub(super) fn next_silence(&self) -> Instant {
        let never = || Instant::now() + NEVER;
        self.silences.first().map_or_else(never, |(at, _)| *at)
    }

    /// Ends the sessions that were silent for too long.
    pub(super) fn end_silent(&mut self) {
        let now = Instant::now();
        while let Some((at, id)) = self.silences.first().copied()
            && at <= now
        {
            let Some(session) = self.sessions.get(&id) else { break };
            let due = self.silence_after(session.heard);
            if due <= now {
                let idle = self.config.idle_timeout.unwrap_or(NEVER);
                self.end(id, &EndReason::Idle(idle));
            } else {
                self.silences.remove(&(at, id));
                self.silences.insert((due, id));
                self.sessions.get_mut(&id).expect("just looked up").look_at = due;
            }
        }
    }

    pub(super) fn end_all(&mut self, reason: &EndReason) {
        let mut all: Vec<SessionId> = self.sessions.keys().copied().collect();
        all.sort_unstable();
        for session in all {
            self.end(session, reason);
        }
    }

    pub(super) fn end(&mut self, id: SessionId, reason: &EndReason) {
        let Some(session) = self.sessions.remove(&id) else { return };
        self.peers.remove(&session.peer);
        self.silences.remove(&(session.look_at, id));
        self.roster.on_leave(id);
        self.said_full = false;
        self.report.totals += session.totals;
        self.report.cut += usize::from(matches!(reason, EndReason::Cut));
        self.observer.on_event(&Event::Ended {
            session: id,
            peer: &session.address,
            reason,
            totals: session.totals,
            after: session.begun.elapsed(),
            active: self.sessions.len(),
        });
    }
}
