//! The first column of a rowset, bound as UTF-16, by each of the functions that fetch one.

use super::abi::*;
use super::statement::Statement;
use super::text::*;

/// How a program fetches rowsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Fetch,
    Scroll,
    /// The rowset's size is SQL_ROWSET_SIZE then.
    Extended,
}

/// Column-wise.
pub struct Rowset {
    by: By,
    rows: usize,
    values: Vec<[u16; 101]>,
    lengths: Vec<isize>,
    status: Vec<u16>,
    fetched: usize,
}

impl Rowset {
    /// Bound to the statement, which may not know its text yet. It must not move while it is.
    pub fn bound(statement: &Statement, by: By, rows: usize) -> Box<Rowset> {
        let mut rowset = Box::new(Rowset {
            by,
            rows,
            values: vec![[0; 101]; rows],
            lengths: vec![-99; rows],
            status: vec![99; rows],
            fetched: 0,
        });
        if by == By::Extended {
            statement.fine(statement.set(9, rows));
        } else {
            // SQL_ATTR_ROW_ARRAY_SIZE, SQL_ATTR_ROW_STATUS_PTR, SQL_ATTR_ROWS_FETCHED_PTR
            statement.fine(statement.set(27, rows));
            statement.fine(statement.set(25, rowset.status.as_mut_ptr() as usize));
            statement.fine(statement.set(26, (&raw mut rowset.fetched) as usize));
        }
        let (value, lengths) = (rowset.values.as_mut_ptr().cast(), rowset.lengths.as_mut_ptr());
        statement.fine(unsafe { SQLBindCol(statement.handle, 1, C_WCHAR, value, 202, lengths) });
        rowset
    }

    /// The column in all rows that are left.
    pub fn read(&mut self, statement: &Statement) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            let (fetched, status) = (&raw mut self.fetched, self.status.as_mut_ptr());
            let code = match self.by {
                By::Fetch => statement.fetch(),
                By::Scroll => unsafe { SQLFetchScroll(statement.handle, 1, 0) },
                By::Extended => unsafe { SQLExtendedFetch(statement.handle, 1, 0, fetched, status) },
            };
            if code == NO_DATA {
                return found;
            }
            statement.fine(code);
            found.extend(self.taken());
        }
    }

    fn taken(&self) -> Vec<String> {
        let missing = self.rows - self.fetched;
        let wanted: Vec<u16> = [vec![0; self.fetched], vec![3; missing]].concat();
        assert_eq!(self.status, wanted, "SQL_ROW_SUCCESS, then SQL_ROW_NOROW");
        (0..self.fetched)
            .map(|row| String::from_utf16(&self.values[row][..self.lengths[row] as usize / 2]).unwrap())
            .collect()
    }
}
