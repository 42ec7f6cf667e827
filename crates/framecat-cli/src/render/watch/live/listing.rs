//! Which rows are listed, in which order, and which of them is chosen.

use framecat::core::sock_diag::State;
use framecat::core::watch::{Condition, Frame, Row};

use super::column::Column;

/// Which rows are listed, in which order, and which of them is chosen.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) filter: Option<Condition>,
    /// Only rows with which something is wrong.
    pub(super) problems: bool,
    /// What the person wants the rows sorted by.
    pub(super) wanted: Option<Column>,
    pub(super) reversed: bool,
    /// The listed rows, by their index in the frame.
    order: Vec<usize>,
    /// The socket that the person has chosen, by its cookie; as long as none is, it is the first row,
    /// whichever that is.
    chosen: Option<u64>,
    /// Where the chosen row stands in the order.
    at: usize,
    /// The first row that is visible, and how many are.
    top: usize,
    height: usize,
}

/// Where to go in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Listing {
    pub(super) fn new(filter: Option<Condition>, sorted_by: Option<Column>) -> Listing {
        Listing { filter, wanted: sorted_by, ..Listing::default() }
    }

    /// Lists the rows of a frame anew: it is another one, or other rows are wanted.
    pub(super) fn list(&mut self, frame: &Frame) {
        let listed = |row: &Row| {
            (!self.problems || !row.findings.is_empty())
                && self.filter.as_ref().is_none_or(|filter| filter.holds(row, frame))
        };
        self.order.clear();
        let rows = frame.rows.iter().enumerate();
        self.order.extend(rows.filter(|(_, row)| listed(row)).map(|(index, _)| index));
        self.sort(frame);
        self.find_chosen(frame);
    }

    /// The column that the rows are sorted by; `None` is the order of the frame. The list of problems has
    /// the worst first, unless it is sorted by a column that it has.
    pub(super) fn sorted_by(&self) -> Option<Column> {
        let shown = |column: &Column| !self.problems || Column::OF_PROBLEMS.contains(column);
        self.wanted.filter(shown).or(self.problems.then_some(Column::Problem))
    }

    /// Listeners stay first: what waits for them is counted in connections. But problems are alike.
    fn sort(&mut self, frame: &Frame) {
        let (column, reversed) = (self.sorted_by(), self.reversed);
        match column {
            None if reversed => self.order.reverse(),
            None => return,
            // Equal ones stay in the order of the frame.
            Some(column) => self
                .order
                .sort_by(|a, b| column.compare(&frame.rows[*a], &frame.rows[*b], reversed)),
        }
        if column != Some(Column::Problem) {
            self.order.sort_by_key(|index| frame.rows[*index].socket.state != State::Listen);
        }
    }

    /// The chosen socket stays chosen where it went; the next one, where it is gone.
    fn find_chosen(&mut self, frame: &Frame) {
        let Some(cookie) = self.chosen else {
            self.at = 0;
            return;
        };
        let is_chosen = |index: &usize| frame.rows[*index].socket.cookie == cookie;
        match self.order.iter().position(is_chosen) {
            Some(at) => self.at = at,
            None => self.choose(self.at, frame),
        }
    }

    fn choose(&mut self, at: usize, frame: &Frame) {
        self.at = at.min(self.order.len().saturating_sub(1));
        // An empty list keeps no choice.
        self.chosen = self.order.get(self.at).map(|index| frame.rows[*index].socket.cookie);
    }

    /// Chooses this socket, if it is listed.
    pub(super) fn choose_socket(&mut self, cookie: u64, frame: &Frame) {
        let is_it = |index: &usize| frame.rows[*index].socket.cookie == cookie;
        if let Some(at) = self.order.iter().position(is_it) {
            self.choose(at, frame);
        }
    }

    pub(super) fn step(&mut self, step: Step, frame: &Frame) {
        let page = self.height.max(1);
        let at = match step {
            Step::Up => self.at.saturating_sub(1),
            Step::Down => self.at + 1,
            Step::PageUp => self.at.saturating_sub(page),
            Step::PageDown => self.at + page,
            Step::First => 0,
            Step::Last => usize::MAX,
        };
        self.choose(at, frame);
        if step == Step::First {
            // Whoever goes to the top stays at the top.
            self.chosen = None;
        }
    }

    /// So many rows can be seen: scrolls to where the chosen one is among them.
    pub(super) fn show(&mut self, height: usize) {
        self.height = height;
        let last_top = self.order.len().saturating_sub(height);
        self.top = self.top.min(last_top).min(self.at);
        self.top = self.top.max((self.at + 1).saturating_sub(height));
    }

    /// The visible rows, and whether each is the chosen one.
    pub(super) fn visible<'a>(
        &self,
        frame: &'a Frame,
    ) -> impl Iterator<Item = (&'a Row, bool)> + use<'a, '_> {
        let visible = self.order.iter().enumerate().skip(self.top).take(self.height);
        visible.map(|(at, index)| (&frame.rows[*index], at == self.at))
    }

    pub(super) fn chosen<'a>(&self, frame: &'a Frame) -> Option<&'a Row> {
        self.order.get(self.at).map(|index| &frame.rows[*index])
    }

    /// How many rows are listed.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The place of the chosen row among them, from 1; 0 if there is none.
    pub(super) fn place(&self) -> usize {
        (self.at + 1).min(self.order.len())
    }

    /// Sorts by the next of these columns, or by the one before; behind the last comes the order of the
    /// frame.
    pub(super) fn sort_by_next(&mut self, columns: &[Column], back: bool, frame: &Frame) {
        let at = self.wanted.and_then(|by| columns.iter().position(|column| *column == by));
        self.wanted = match (at, back) {
            (None, false) => columns.first().copied(),
            (None, true) => columns.last().copied(),
            (Some(at), false) => columns.get(at + 1).copied(),
            (Some(at), true) => at.checked_sub(1).map(|at| columns[at]),
        };
        self.reversed = false;
        self.list(frame);
    }
}
