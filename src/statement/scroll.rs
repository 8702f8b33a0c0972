//! Where a fetch lands: "Cursor Positioning Rules" of SQLFetchScroll, without any cursor.

/// Where the last rowset lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    BeforeStart,
    Rowset {
        first: usize,
        /// The rowset size it was fetched with.
        size: usize,
    },
    AfterEnd,
}

/// FetchOrientation with what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Next,
    First,
    Last,
    Prior,
    Absolute(isize),
    Relative(isize),
    /// From a bookmark's row.
    Bookmark(usize, isize),
}

/// Where the new rowset starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    BeforeStart,
    AfterEnd,
    /// Possibly beyond the last row, which is then the end: how many rows there are is asked only where a rule needs it.
    Row {
        first: usize,
        /// 01S06: it would have started before the first row.
        clamped: bool,
    },
}

fn row(first: usize) -> Landing {
    Landing::Row { first, clamped: false }
}

const CLAMPED: Landing = Landing::Row {
    first: 1,
    clamped: true,
};

/// `size` is the new rowset's; `last` counts the rows of the result.
pub fn land<E>(
    step: Step,
    at: Position,
    size: usize,
    mut last: impl FnMut() -> Result<usize, E>,
) -> Result<Landing, E> {
    Ok(match (step, at) {
        (Step::Next, Position::BeforeStart) | (Step::First, _) => row(1),
        (Step::Next, Position::Rowset { first, size }) => row(first.saturating_add(size)),
        (Step::Next, Position::AfterEnd) => Landing::AfterEnd,
        (Step::Prior, Position::BeforeStart) => Landing::BeforeStart,
        (Step::Prior, Position::Rowset { first: 1, .. }) => Landing::BeforeStart,
        (Step::Prior, Position::Rowset { first, .. }) if first <= size => CLAMPED,
        (Step::Prior, Position::Rowset { first, .. }) => row(first - size),
        (Step::Prior, Position::AfterEnd) => match last()? {
            last if last < size => CLAMPED,
            last => row(last - size + 1),
        },
        (Step::Last, _) => row(last()?.saturating_sub(size) + 1),
        (Step::Relative(offset), Position::BeforeStart) if offset <= 0 => Landing::BeforeStart,
        (Step::Relative(offset), Position::AfterEnd) if offset >= 0 => Landing::AfterEnd,
        (Step::Relative(offset), Position::Rowset { first, .. }) => match first.checked_add_signed(offset) {
            Some(first) if first >= 1 => row(first),
            None if offset > 0 => Landing::AfterEnd,
            _ if first > 1 && offset.unsigned_abs() <= size => CLAMPED,
            _ => Landing::BeforeStart,
        },
        (Step::Absolute(offset) | Step::Relative(offset), _) => match usize::try_from(offset) {
            Ok(0) => Landing::BeforeStart,
            Ok(first) => row(first),
            Err(_) => {
                let (back, last) = (offset.unsigned_abs(), last()?);
                if back <= last {
                    row(last - back + 1)
                } else if back <= size {
                    CLAMPED
                } else {
                    Landing::BeforeStart
                }
            }
        },
        (Step::Bookmark(bookmark, offset), _) => match bookmark.checked_add_signed(offset) {
            Some(first) if first >= 1 => row(first),
            None if offset > 0 => Landing::AfterEnd,
            _ => Landing::BeforeStart,
        },
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const ROWS: usize = 10;
    const BEFORE: Position = Position::BeforeStart;
    const AFTER: Position = Position::AfterEnd;

    /// A rowset of four from `first` on.
    const fn on(first: usize) -> Position {
        Position::Rowset { first, size: 4 }
    }

    /// Of a result of ten rows: the step, where the cursor is, the new rowset size; then the first row of the new
    /// rowset by the page's tables, 0 before the start, 11 after the end, negative with 01S06.
    const RULES: &[(Step, Position, usize, isize)] = &[
        // SQL_FETCH_NEXT
        (Step::Next, BEFORE, 4, 1),
        (Step::Next, on(1), 4, 5),
        (Step::Next, on(6), 4, 10),
        (Step::Next, on(1), 2, 5), // [1] the size of the previous call
        (Step::Next, on(7), 4, 11),
        (Step::Next, on(9), 4, 11),
        (Step::Next, AFTER, 4, 11),
        // SQL_FETCH_PRIOR
        (Step::Prior, BEFORE, 4, 0),
        (Step::Prior, on(1), 4, 0),
        (Step::Prior, on(2), 4, -1),
        (Step::Prior, on(4), 4, -1),
        (Step::Prior, on(5), 4, 1),
        (Step::Prior, on(9), 4, 5),
        (Step::Prior, on(9), 3, 6), // [2] the new size
        (Step::Prior, AFTER, 11, -1),
        (Step::Prior, AFTER, 10, 1),
        (Step::Prior, AFTER, 4, 7),
        // SQL_FETCH_RELATIVE
        (Step::Relative(3), BEFORE, 4, 3),
        (Step::Relative(11), BEFORE, 4, 11),
        (Step::Relative(-3), AFTER, 4, 8),
        (Step::Relative(-11), AFTER, 4, 0),
        (Step::Relative(-11), AFTER, 11, -1),
        (Step::Relative(0), BEFORE, 4, 0),
        (Step::Relative(-1), BEFORE, 4, 0),
        (Step::Relative(-1), on(1), 4, 0),
        (Step::Relative(-5), on(3), 4, 0),
        (Step::Relative(-4), on(3), 4, -1),
        (Step::Relative(-3), on(3), 4, -1),
        (Step::Relative(-5), on(3), 5, -1), // [3] the new size
        (Step::Relative(-2), on(3), 4, 1),
        (Step::Relative(0), on(3), 4, 3),
        (Step::Relative(7), on(3), 4, 10),
        (Step::Relative(8), on(3), 4, 11),
        (Step::Relative(isize::MAX), on(3), 4, 11),
        (Step::Relative(isize::MIN), on(3), 4, 0),
        (Step::Relative(0), AFTER, 4, 11),
        (Step::Relative(2), AFTER, 4, 11),
        // SQL_FETCH_ABSOLUTE
        (Step::Absolute(-1), BEFORE, 4, 10),
        (Step::Absolute(-10), on(5), 4, 1),
        (Step::Absolute(-11), on(5), 4, 0),
        (Step::Absolute(-11), on(5), 11, -1),
        (Step::Absolute(isize::MIN), on(5), 11, 0),
        (Step::Absolute(0), on(5), 4, 0),
        (Step::Absolute(1), AFTER, 4, 1),
        (Step::Absolute(10), BEFORE, 4, 10),
        (Step::Absolute(11), BEFORE, 4, 11),
        // SQL_FETCH_FIRST
        (Step::First, BEFORE, 4, 1),
        (Step::First, on(5), 4, 1),
        (Step::First, AFTER, 40, 1),
        // SQL_FETCH_LAST
        (Step::Last, BEFORE, 4, 7),
        (Step::Last, on(1), 10, 1),
        (Step::Last, AFTER, 11, 1),
        // SQL_FETCH_BOOKMARK
        (Step::Bookmark(4, -4), on(5), 4, 0),
        (Step::Bookmark(4, -5), on(5), 4, 0),
        (Step::Bookmark(4, -3), on(5), 4, 1),
        (Step::Bookmark(4, 0), BEFORE, 4, 4),
        (Step::Bookmark(4, 6), AFTER, 4, 10),
        (Step::Bookmark(4, 7), on(1), 4, 11),
    ];

    fn landed(step: Step, at: Position, size: usize, rows: usize) -> (isize, bool) {
        let asked = Cell::new(false);
        let count = || -> Result<usize, ()> {
            asked.set(true);
            Ok(rows)
        };
        let first = match land(step, at, size, count).unwrap() {
            Landing::BeforeStart => 0,
            Landing::Row { first, clamped: true } => -(first as isize),
            Landing::Row { first, .. } if first <= rows => first as isize,
            Landing::Row { .. } | Landing::AfterEnd => rows as isize + 1,
        };
        (first, asked.get())
    }

    #[test]
    fn a_rowset_starts_where_the_reference_says() {
        for (step, at, size, wanted) in RULES {
            let (first, _) = landed(*step, *at, *size, ROWS);
            assert_eq!(first, *wanted, "{step:?} from {at:?}, {size} rows");
        }
    }

    #[test]
    fn how_many_rows_there_are_is_asked_only_to_count_from_the_end() {
        for (step, at, size, _) in RULES {
            let backwards = match (step, at) {
                (Step::Last, _) | (Step::Prior, Position::AfterEnd) => true,
                (Step::Absolute(offset), _) | (Step::Relative(offset), Position::AfterEnd) => *offset < 0,
                _ => false,
            };
            assert_eq!(landed(*step, *at, *size, ROWS).1, backwards, "{step:?} from {at:?}");
        }
    }

    #[test]
    fn an_empty_result_has_no_row_to_land_on() {
        for step in [Step::Next, Step::First, Step::Last, Step::Absolute(1)] {
            assert_eq!(landed(step, BEFORE, 4, 0).0, 1, "{step:?}: after the end");
        }
        assert_eq!(landed(Step::Absolute(-9), BEFORE, 4, 0).0, 0);
    }
}
