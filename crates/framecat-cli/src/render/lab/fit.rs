//! How wide the three lanes of a timeline are.

use framecat::core::diagram::columns;

use super::moments::Moment;
use super::wrap::hang;

/// A lane that can be so wide is not narrower: the longest name of a state, a mark behind it, and the
/// place where a second line begins.
const WORD: usize = "ESTABLISHED,".len() + 1;

/// The widths, in columns, with which a timeline has the fewest lines: a lane of short texts leaves its
/// room to the others. Each is at least as wide as `least` says, and together they take at most `room`,
/// if that allows it. Beside a text stand `gutter` columns of its lane, and its second line stands `hung` to the
/// right.
pub(super) fn fit(
    moments: &[Moment],
    gutter: impl Fn(&Moment) -> usize,
    hung: usize,
    least: [usize; 3],
    room: usize,
) -> [usize; 3] {
    let least = if 3 * WORD <= room { least.map(|least| least.max(WORD)) } else { least };
    let of_lane = |lane| moments.iter().filter(move |moment| moment.column == lane);
    let most = [0, 1, 2].map(|lane| {
        let needed = of_lane(lane).map(|moment| gutter(moment) + columns(&moment.text)).max();
        let others: usize = (0..3).filter(|other| *other != lane).map(|other| least[other]).sum();
        needed.unwrap_or(0).min(room.saturating_sub(others)).max(least[lane])
    });
    // How many lines a lane has at each width: the lanes do not depend on each other.
    let heights = [0, 1, 2].map(|lane| -> Vec<usize> {
        let height = |width: usize| {
            let lines = of_lane(lane)
                .map(|moment| hang(&moment.text, width.saturating_sub(gutter(moment)), hung).len());
            lines.sum()
        };
        (least[lane]..=most[lane]).map(height).collect()
    });
    let mut best = (usize::MAX, usize::MAX, least);
    for client in least[0]..=most[0] {
        for kernel in least[1]..=most[1] {
            let Some(left) = room.checked_sub(client + kernel).filter(|left| *left >= least[2])
            else {
                break;
            };
            let widths = [client, kernel, left.min(most[2])];
            let height = (0..3).map(|lane| heights[lane][widths[lane] - least[lane]]).sum();
            let widest = widths.into_iter().max().unwrap_or(0);
            best = best.min((height, widest, widths));
        }
    }
    best.2
}
