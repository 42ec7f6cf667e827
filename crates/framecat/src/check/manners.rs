//! How a target treats its other clients while one is idle, or has said half of something.

use framecat_core::check::{Outcome, Severity, Then};

use super::learn::{Learned, plain};
use super::trial::{Trial, filled};

/// Learns whether one connection keeps another waiting.
pub(super) async fn learn_manners(trial: &Trial, learned: &mut Learned) {
    if trial.oracle.expects_silence() {
        return;
    }
    if let Ok((idle, _)) = trial.connect(trial.times, 0, false, true).await {
        learned.serial = !answers(trial).await;
        drop(idle);
    }
    if learned.serial {
        let text = "serves one connection at a time: the others wait for their turn";
        learned.note(Severity::Property, text);
        return;
    }
    let request = trial.streams.request();
    if request.len() < 2 {
        return;
    }
    let Ok((mut talk, token)) = trial.connect(trial.times, 0, false, true).await else { return };
    let half = filled(token.as_ref(), &request[..request.len() / 2]).into_owned();
    if !talk.write(&half, false).await || talk.cut().await != Then::Read {
        return;
    }
    match plain(trial).await {
        Outcome::Same => {}
        Outcome::Refused => {
            let len = half.len();
            let text = format!("takes no connections any more after half a message ({len} B)");
            learned.note(Severity::Fail, text);
            learned.gone = true;
        }
        _ => {
            let text = "a client that has sent half a message keeps all others waiting";
            learned.note(Severity::Fail, text);
            learned.serial = true;
        }
    }
}

/// Whether the plain exchange is answered now.
async fn answers(trial: &Trial) -> bool {
    plain(trial).await == Outcome::Same
}
