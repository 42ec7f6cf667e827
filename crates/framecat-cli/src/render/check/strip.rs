//! A strip: one cell an offset, or several offsets a cell where there are too many.

use framecat::core::check::{Cell, Severity};

/// A cell as it is drawn: one case, or several neighbours of which it shows the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fold {
    /// The first of its cases.
    pub(super) from: u64,
    /// The last of them.
    pub(super) to: u64,
    /// The worst of them.
    pub(super) worst: Cell,
}

/// Folds cells into at most `most`, each of equally many cases; and of how many.
pub(super) fn fold(cells: &[Cell], most: usize) -> (Vec<Fold>, usize) {
    let each = cells.len().div_ceil(most.max(1)).max(1);
    let folds = cells.chunks(each).map(|cells| {
        let first = cells[0];
        let worse = |worst: Cell, cell: &Cell| match cell.severity > worst.severity {
            true => *cell,
            false => worst,
        };
        Fold {
            from: first.at,
            to: cells[cells.len() - 1].at,
            worst: cells[1..].iter().fold(first, worse),
        }
    });
    (folds.collect(), each)
}

/// Neighbours of one severity, as they are painted: how bad, and how many.
pub(super) fn stretches(folds: &[Fold]) -> Vec<(Severity, usize)> {
    let alike = folds.chunk_by(|a, b| a.worst.severity == b.worst.severity);
    alike.map(|stretch| (stretch[0].worst.severity, stretch.len())).collect()
}

#[cfg(test)]
mod tests {
    use framecat::core::check::Outcome;

    use super::*;

    #[test]
    fn one_failure_among_many_offsets_is_seen() {
        let cell = |at| match at {
            1234 => Cell { at, outcome: Outcome::Closed, severity: Severity::Fail },
            _ => Cell { at, outcome: Outcome::Same, severity: Severity::Pass },
        };
        let cells: Vec<Cell> = (1..3000).map(cell).collect();
        let (folds, each) = fold(&cells, 204);
        assert_eq!(each, 15);
        assert_eq!(folds.len(), 200);
        assert_eq!((folds[0].from, folds[0].to), (1, 15));
        assert_eq!(folds.last().map(|fold| fold.to), Some(2999));
        let worst: Vec<&Fold> =
            folds.iter().filter(|fold| fold.worst.severity == Severity::Fail).collect();
        assert_eq!(worst.len(), 1);
        assert_eq!(worst[0].worst.at, 1234);
        let stretches = stretches(&folds);
        assert_eq!(stretches, [(Severity::Pass, 82), (Severity::Fail, 1), (Severity::Pass, 117)]);
    }

    #[test]
    fn few_cells_are_one_a_case() {
        let cell = Cell { at: 1, outcome: Outcome::Same, severity: Severity::Pass };
        assert_eq!(fold(&[cell; 3], 3).1, 1);
        assert_eq!(fold(&[cell; 3], 0).1, 3);
        assert_eq!(fold(&[], 10), (vec![], 1));
    }
}
