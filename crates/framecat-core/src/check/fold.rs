//! Folding cells that came to the same into ranges.

use super::{Cell, End, Outcome, Severity, Shape};

/// Cells that came to the same, as ranges of [`Cell::at`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// What they came to.
    pub outcome: Outcome,
    /// How bad that is.
    pub severity: Severity,
    /// Where, ends included.
    pub ranges: Vec<(u64, u64)>,
    /// How many they are.
    pub count: u64,
}

/// The cells other than [`Outcome::Same`], those of one outcome together: the worst first, then by
/// their first place.
pub fn fold(cells: &[Cell]) -> Vec<Folded> {
    let mut folded: Vec<Folded> = Vec::new();
    let mut last = None;
    for cell in cells {
        let continues = last.replace(cell.outcome) == Some(cell.outcome);
        if cell.outcome == Outcome::Same {
            continue;
        }
        let group = folded.iter_mut().find(|group| group.outcome == cell.outcome);
        match group {
            Some(group) => extend(&mut group.ranges, &mut group.count, cell.at, continues),
            None => folded.push(Folded {
                outcome: cell.outcome,
                severity: cell.severity,
                ranges: vec![(cell.at, cell.at)],
                count: 1,
            }),
        }
    }
    folded.sort_by_key(|group| (std::cmp::Reverse(group.severity), group.ranges[0]));
    folded
}

fn extend(ranges: &mut Vec<(u64, u64)>, count: &mut u64, at: u64, continues: bool) {
    *count += 1;
    match ranges.last_mut().filter(|_| continues) {
        Some(last) => last.1 = at,
        None => ranges.push((at, at)),
    }
}

/// The kinds of answers among many, by what makes two alike: where each was given.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    shapes: Vec<(Vec<u8>, Shape)>,
}

impl Shapes {
    /// How many kinds are told apart; an echo answers each part of a message in a way of its own.
    const MOST: usize = 8;

    /// Adds an answer. `like` is what of it is compared: its first line, without digits, is enough to
    /// tell an error from a success.
    pub fn add(&mut self, at: u64, answer: &[u8], end: End) {
        let like = likeness(answer);
        let found =
            self.shapes.iter_mut().find(|(other, shape)| *other == like && shape.end == end);
        if let Some((_, shape)) = found {
            let continues = shape.ranges.last().is_some_and(|last| last.1 + 1 == at);
            extend(&mut shape.ranges, &mut shape.count, at, continues);
        } else if self.shapes.len() < Self::MOST {
            let answer = answer[..answer.len().min(super::Sample::KEPT)].to_vec();
            let shape = Shape { answer, end, ranges: vec![(at, at)], count: 1 };
            self.shapes.push((like, shape));
        }
    }

    /// The kinds, in the order of their first places.
    pub fn into_shapes(self) -> Vec<Shape> {
        self.shapes.into_iter().map(|(_, shape)| shape).collect()
    }
}

fn likeness(answer: &[u8]) -> Vec<u8> {
    let line = answer.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.iter().take(80).filter(|byte| !byte.is_ascii_digit()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(outcomes: &[(u64, Outcome)]) -> Vec<Cell> {
        let severity = |outcome| match outcome {
            Outcome::Same => Severity::Pass,
            Outcome::EndIsMark => Severity::Property,
            _ => Severity::Fail,
        };
        let cell = |&(at, outcome)| Cell { at, outcome, severity: severity(outcome) };
        outcomes.iter().map(cell).collect()
    }

    #[test]
    fn neighbours_that_came_to_the_same_are_one_range() {
        use Outcome::{Closed, Same, Wrong};
        let folded = fold(&cells(&[(1, Closed), (2, Closed), (3, Same), (4, Closed), (5, Wrong)]));
        assert_eq!(folded[0].outcome, Closed);
        assert_eq!((&folded[0].ranges[..], folded[0].count), (&[(1, 2), (4, 4)][..], 3));
        assert_eq!((&folded[1].ranges[..], folded[1].outcome), (&[(5, 5)][..], Wrong));
    }

    #[test]
    fn cases_that_were_not_run_do_not_break_a_range_and_faults_come_first() {
        use Outcome::{EndIsMark, NoReply};
        let folded = fold(&cells(&[(3, EndIsMark), (10, NoReply), (400, NoReply)]));
        assert_eq!(folded[0].ranges, [(10, 400)]);
        assert_eq!(folded[1].outcome, EndIsMark);
    }

    #[test]
    fn answers_are_alike_by_their_first_line_without_its_numbers() {
        let mut shapes = Shapes::default();
        for (at, answer) in
            [(1, &b""[..]), (2, b""), (3, b"ERR 17\r\n"), (4, b"ERR 18\r\n"), (6, b"")]
        {
            shapes.add(at, answer, End::Closed);
        }
        let shapes = shapes.into_shapes();
        assert_eq!(shapes.len(), 2);
        assert_eq!((&shapes[0].ranges[..], shapes[0].count), (&[(1, 2), (6, 6)][..], 3));
        assert_eq!(shapes[1].answer, b"ERR 17\r\n");
    }
}
