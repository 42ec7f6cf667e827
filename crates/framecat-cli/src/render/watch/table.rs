//! Columns for text: as wide as what stands in them, and where the line is too short for all of them,
//! names are cut and the least columns left out. A number is shown whole or not at all.

use framecat::core::diagram::columns;

use super::words::UNKNOWN;

/// Between two columns.
const GAP: usize = 1;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) kind: Kind,
}

/// What stands in a column, and what may be done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words that stay.
    Word,
    /// A name; its end tells most: `…/app.sock`, `….0.0.1:5050`.
    Name,
    /// A program with its number, which is kept: `redis-s…[4711]`.
    Owner,
    /// A number; those with a higher rank are left out first, and those with 0 never.
    Number { rank: u8 },
}

/// The fewest columns that a name is cut to, and what tells a port from another still fits.
const NARROWEST: usize = 12;

/// Rows under a heading.
#[derive(Debug)]
pub(super) struct Table<'a> {
    columns: &'a [Column],
    rows: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(columns: &'a [Column]) -> Table<'a> {
        Table { columns, rows: Vec::new() }
    }

    /// Adds a row: a cell a column.
    pub(super) fn push(&mut self, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// The heading and the rows, in lines of at most `width` columns; `None` is no limit.
    pub(super) fn lines(&self, width: Option<usize>) -> (String, Vec<String>) {
        let widths = self.widths(width.unwrap_or(usize::MAX));
        let titles = self.columns.iter().map(|column| column.title);
        let heading = self.line(titles, &widths);
        let rows = self.rows.iter().map(|row| self.line(row.iter().map(String::as_str), &widths));
        (heading, rows.collect())
    }

    /// How wide each column is drawn; `None` is left out.
    fn widths(&self, line: usize) -> Vec<Option<usize>> {
        let mut widths: Vec<Option<usize>> =
            (0..self.columns.len()).map(|at| self.natural(at)).collect();
        while taken(&widths) > line {
            let over = taken(&widths) - line;
            if !self.cut_names(&mut widths, over) && !self.leave_out(&mut widths) {
                break;
            }
        }
        widths
    }

    /// As wide as what stands in it; a number that is known in no row says nothing.
    fn natural(&self, at: usize) -> Option<usize> {
        let column = self.columns[at];
        let cells = || self.rows.iter().map(|row| row[at].as_str());
        let says_nothing = cells().all(|cell| cell.is_empty() || cell == UNKNOWN);
        if matches!(column.kind, Kind::Number { rank: 1.. }) && says_nothing {
            return None;
        }
        cells().chain([column.title]).map(columns).max()
    }

    /// Makes the widest name narrower; whether there was one to make so.
    fn cut_names(&self, widths: &mut [Option<usize>], over: usize) -> bool {
        let names = self.columns.iter().zip(widths.iter_mut());
        let names = names.filter(|(column, _)| matches!(column.kind, Kind::Name | Kind::Owner));
        let mut names: Vec<&mut usize> = names.filter_map(|(_, width)| width.as_mut()).collect();
        names.sort_unstable_by_key(|width| std::cmp::Reverse(**width));
        let next = names.get(1).map_or(NARROWEST, |width| **width);
        match names.first_mut() {
            Some(widest) if **widest > NARROWEST => {
                // Down to the next one at a time, so that all are cut alike.
                let least = if **widest > next { next } else { **widest - 1 };
                **widest = least.max(NARROWEST).max(widest.saturating_sub(over));
                true
            }
            _ => false,
        }
    }

    /// Leaves out the column that matters least; whether there was one.
    fn leave_out(&self, widths: &mut [Option<usize>]) -> bool {
        let rank = |at: usize| match self.columns[at].kind {
            Kind::Number { rank } => rank,
            _ => 0,
        };
        let shown = (0..widths.len()).filter(|at| widths[*at].is_some() && rank(*at) > 0);
        match shown.max_by_key(|at| rank(*at)) {
            Some(least) => {
                widths[least] = None;
                true
            }
            None => false,
        }
    }

    fn line<'c>(&self, cells: impl Iterator<Item = &'c str>, widths: &[Option<usize>]) -> String {
        let mut line = String::new();
        for ((cell, column), width) in cells.zip(self.columns).zip(widths) {
            let Some(width) = *width else { continue };
            if !line.is_empty() {
                line.push_str(&" ".repeat(GAP));
            }
            let cell = match column.kind {
                Kind::Name => cut_front(cell, width),
                Kind::Owner => cut_owner(cell, width),
                Kind::Word | Kind::Number { .. } => cell.to_owned(),
            };
            let space = " ".repeat(width.saturating_sub(columns(&cell)));
            match column.kind {
                Kind::Number { .. } => line.extend([space, cell]),
                _ => line.extend([cell, space]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// How many columns a line takes.
fn taken(widths: &[Option<usize>]) -> usize {
    let shown = widths.iter().flatten();
    (shown.clone().sum::<usize>() + GAP * shown.count()).saturating_sub(GAP)
}

/// The end of a text, in at most `width` columns.
fn cut_front(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let fits = |from: &usize| columns(&text[*from..]) < width;
    let from = text.char_indices().map(|(at, _)| at).find(fits).unwrap_or(text.len());
    format!("…{}", &text[from..])
}

/// A program's name in at most `width` columns with its number; the number alone may be too wide.
fn cut_owner(text: &str, width: usize) -> String {
    let (name, number) = text.split_at(text.rfind('[').unwrap_or(text.len()));
    cut_back(name, width.saturating_sub(columns(number))) + number
}

/// The beginning of a text, in at most `width` columns.
fn cut_back(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let fits = |c: &char| {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        room.checked_sub(wide).map(|left| room = left).is_some()
    };
    let head: String = text.chars().take_while(fits).collect();
    head + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column { title: "STATE", kind: Kind::Word },
        Column { title: "LOCAL", kind: Kind::Name },
        Column { title: "RECVQ", kind: Kind::Number { rank: 0 } },
        Column { title: "RTT", kind: Kind::Number { rank: 1 } },
        Column { title: "AGE", kind: Kind::Number { rank: 2 } },
        Column { title: "OWNER", kind: Kind::Owner },
    ];

    fn table(rows: &[[&str; 6]]) -> Table<'static> {
        let mut table = Table::new(COLUMNS);
        for row in rows {
            table.push(row.iter().map(|cell| (*cell).to_owned()).collect());
        }
        table
    }

    fn two() -> Table<'static> {
        table(&[
            ["ESTABLISHED", "127.0.0.1:5050", "1.2M", "30µs", "2:05", "redis-server[4711]"],
            ["LISTEN", "*:80", "0", "-", "3s", "x[1]"],
        ])
    }

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let (heading, rows) = two().lines(None);
        assert_eq!(heading, "STATE       LOCAL          RECVQ  RTT  AGE OWNER");
        assert_eq!(rows[0], "ESTABLISHED 127.0.0.1:5050  1.2M 30µs 2:05 redis-server[4711]");
        assert_eq!(rows[1], "LISTEN      *:80               0    -   3s x[1]");
    }

    #[test]
    fn names_are_cut_before_a_number_is_left_out_and_a_number_is_never_cut() {
        let (_, rows) = two().lines(Some(60));
        assert_eq!(rows[0], "ESTABLISHED 127.0.0.1:5050  1.2M 30µs 2:05 redis-serv…[4711]");
        let (_, rows) = two().lines(Some(50));
        assert_eq!(rows[0], "ESTABLISHED ….0.0.1:5050  1.2M 30µs redis…[4711]");
        let (_, rows) = two().lines(Some(20));
        assert_eq!(rows[0], "ESTABLISHED ….0.0.1:5050  1.2M redis…[4711]", "what must stay stays");
    }

    #[test]
    fn no_line_is_wider_than_it_may_be_as_long_as_there_is_something_to_give() {
        for width in 43..70 {
            let (heading, rows) = two().lines(Some(width));
            for line in rows.iter().chain([&heading]) {
                assert!(columns(line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_column_in_which_nothing_is_known_is_left_out_unless_it_always_stands_there() {
        let (heading, _) = table(&[["CLOSE", "*:53", "-", "-", "1s", "x[1]"]]).lines(None);
        assert_eq!(heading, "STATE LOCAL RECVQ AGE OWNER");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(cut_back("中文中文", 5), "中文…");
        assert_eq!(cut_front("中文中文", 4), "…文");
        assert_eq!(cut_front("中文中文", 8), "中文中文");
    }
}
