//! Statement attributes that are no descriptor's field; a connection holds the same as defaults.

use crate::diag::{Diagnostics, Record, SqlState};
use crate::ffi::consts::*;
use crate::ffi::memory::Address;

#[derive(Debug, Clone)]
pub struct Attributes {
    /// Seconds that one call may wait; 0 without limit.
    pub query_timeout: usize,
    /// 0 without limit.
    pub max_rows: usize,
    pub noscan: usize,
    pub retrieve_data: usize,
    pub use_bookmarks: usize,
    /// Where SQL_FETCH_BOOKMARK finds its bookmark.
    pub fetch_bookmark: Address,
    /// SQL_CURSOR_STATIC; otherwise SQL_CURSOR_FORWARD_ONLY. SQL_ATTR_CURSOR_SCROLLABLE and _SENSITIVITY follow from it.
    pub scrollable: bool,
    /// Of SQLExtendedFetch only.
    pub rowset_size: usize,
    pub metadata_id: usize,
    pub async_enable: usize,
    /// SQLPrepare fills the IPD.
    pub enable_auto_ipd: usize,
    pub simulate_cursor: usize,
    pub hidden_columns: usize,
    pub no_browse_table: usize,
}

impl Default for Attributes {
    fn default() -> Self {
        Attributes {
            query_timeout: 0,
            max_rows: 0,
            noscan: 0,
            retrieve_data: SQL_RD_ON,
            use_bookmarks: SQL_UB_OFF,
            fetch_bookmark: 0,
            scrollable: false,
            rowset_size: 1,
            metadata_id: 0,
            async_enable: 0,
            enable_auto_ipd: 0,
            simulate_cursor: SQL_SC_NON_UNIQUE,
            hidden_columns: 0,
            no_browse_table: 0,
        }
    }
}

impl Attributes {
    /// None: not an attribute of this list.
    pub fn get(&self, id: i32) -> Option<usize> {
        Some(match id {
            SQL_ATTR_QUERY_TIMEOUT => self.query_timeout,
            SQL_ATTR_MAX_ROWS => self.max_rows,
            SQL_ATTR_NOSCAN => self.noscan,
            SQL_ATTR_RETRIEVE_DATA => self.retrieve_data,
            SQL_ATTR_USE_BOOKMARKS => self.use_bookmarks,
            SQL_ROWSET_SIZE => self.rowset_size,
            SQL_ATTR_METADATA_ID => self.metadata_id,
            SQL_ATTR_ASYNC_ENABLE => self.async_enable,
            SQL_ATTR_ENABLE_AUTO_IPD => self.enable_auto_ipd,
            SQL_ATTR_SIMULATE_CURSOR => self.simulate_cursor,
            SQL_SOPT_SS_HIDDEN_COLUMNS => self.hidden_columns,
            SQL_SOPT_SS_NOBROWSETABLE => self.no_browse_table,
            SQL_ATTR_FETCH_BOOKMARK_PTR => self.fetch_bookmark,
            SQL_ATTR_CURSOR_TYPE if self.scrollable => SQL_CURSOR_STATIC,
            SQL_ATTR_CURSOR_TYPE => SQL_CURSOR_FORWARD_ONLY,
            SQL_ATTR_CURSOR_SCROLLABLE if self.scrollable => SQL_SCROLLABLE,
            SQL_ATTR_CURSOR_SENSITIVITY if self.scrollable => SQL_INSENSITIVE,
            SQL_ATTR_CONCURRENCY => SQL_CONCUR_READ_ONLY,
            SQL_ATTR_CURSOR_SCROLLABLE | SQL_ATTR_CURSOR_SENSITIVITY | SQL_ATTR_KEYSET_SIZE | SQL_ATTR_MAX_LENGTH => 0,
            _ => return None,
        })
    }

    /// None: not an attribute of this list. Substitutes post 01S02.
    pub fn set(&mut self, id: i32, value: usize, diag: &mut Diagnostics) -> Option<Result<(), Record>> {
        // Numbers come as SQLULEN, but many applications fill only the lower half.
        let boolean = |place: &mut usize| match value as u32 {
            0 | 1 => {
                *place = value as u32 as usize;
                Ok(())
            }
            _ => Err(invalid(id, value)),
        };
        let mut number = 0;
        let substituted = |diag: &mut Diagnostics, what: &str| {
            diag.warn(SqlState::OPTION_VALUE_CHANGED, what);
            Ok(())
        };
        Some(match id {
            SQL_ATTR_QUERY_TIMEOUT => {
                self.query_timeout = value;
                Ok(())
            }
            SQL_ATTR_MAX_ROWS => {
                self.max_rows = value;
                Ok(())
            }
            SQL_ATTR_NOSCAN => boolean(&mut self.noscan),
            SQL_ATTR_RETRIEVE_DATA => boolean(&mut self.retrieve_data),
            SQL_ATTR_METADATA_ID => boolean(&mut self.metadata_id),
            SQL_ATTR_USE_BOOKMARKS if value as u32 as usize <= SQL_UB_VARIABLE => {
                self.use_bookmarks = value as u32 as usize;
                Ok(())
            }
            SQL_ATTR_FETCH_BOOKMARK_PTR => {
                self.fetch_bookmark = value;
                Ok(())
            }
            SQL_ROWSET_SIZE if value > 0 => {
                self.rowset_size = value;
                Ok(())
            }
            SQL_ATTR_SIMULATE_CURSOR if value <= 2 => {
                self.simulate_cursor = value;
                Ok(())
            }
            SQL_SOPT_SS_HIDDEN_COLUMNS => boolean(&mut self.hidden_columns),
            SQL_SOPT_SS_NOBROWSETABLE => boolean(&mut self.no_browse_table),
            SQL_ATTR_CURSOR_TYPE if value as u32 as usize <= SQL_CURSOR_STATIC => {
                let kind = value as u32 as usize;
                self.scrollable = kind != SQL_CURSOR_FORWARD_ONLY;
                match kind {
                    SQL_CURSOR_FORWARD_ONLY | SQL_CURSOR_STATIC => Ok(()),
                    _ => substituted(diag, "Scrollable cursors are static; SQL_CURSOR_STATIC is used"),
                }
            }
            SQL_ATTR_CONCURRENCY if value == SQL_CONCUR_READ_ONLY => Ok(()),
            SQL_ATTR_CONCURRENCY if (1..=SQL_CONCUR_VALUES).contains(&value) => {
                substituted(diag, "Cursors are read-only; SQL_CONCUR_READ_ONLY is used")
            }
            SQL_ATTR_CURSOR_SCROLLABLE => boolean(&mut number).map(|()| self.scrollable = number == SQL_SCROLLABLE),
            SQL_ATTR_CURSOR_SENSITIVITY => match value as u32 as usize {
                SQL_UNSPECIFIED => Ok(()),
                // "SQLSetStmtAttr": it makes the cursor a static one.
                SQL_INSENSITIVE => {
                    self.scrollable = true;
                    Ok(())
                }
                SQL_SENSITIVE => substituted(diag, "No cursor shows later changes; its sensitivity stays as it was"),
                _ => Err(invalid(id, value)),
            },
            SQL_ATTR_KEYSET_SIZE | SQL_ATTR_MAX_LENGTH if value == 0 => Ok(()),
            SQL_ATTR_KEYSET_SIZE => substituted(diag, "There are no keyset cursors; 0 is used"),
            SQL_ATTR_MAX_LENGTH => substituted(diag, "Values are returned whole; 0 is used as their maximal length"),
            SQL_ATTR_ASYNC_ENABLE => boolean(&mut self.async_enable),
            SQL_ATTR_ENABLE_AUTO_IPD => boolean(&mut self.enable_auto_ipd),
            _ if self.get(id).is_some() => Err(invalid(id, value)),
            _ => return None,
        })
    }
}

fn invalid(id: i32, value: usize) -> Record {
    Record::new(
        SqlState::INVALID_ATTRIBUTE_VALUE,
        format!("{value} is no value of statement attribute {id}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(id: i32, value: usize) -> (Option<SqlState>, Option<SqlState>, Option<usize>) {
        let mut attributes = Attributes::default();
        let mut diag = Diagnostics::default();
        let error = attributes.set(id, value, &mut diag).unwrap().err().map(|r| r.state);
        (error, diag.get(1).map(|r| r.state), attributes.get(id))
    }

    #[test]
    fn every_cursor_becomes_static_or_forward_only_and_read_only() {
        let changed = Some(SqlState::OPTION_VALUE_CHANGED);
        for (asked, warning, got) in [(0, None, 0), (1, changed, 3), (2, changed, 3), (3, None, 3)] {
            assert_eq!(set(SQL_ATTR_CURSOR_TYPE, asked), (None, warning, Some(got)), "{asked}");
        }
        assert_eq!(
            set(SQL_ATTR_CONCURRENCY, 2),
            (None, changed, Some(SQL_CONCUR_READ_ONLY))
        );
        assert_eq!(set(SQL_ATTR_KEYSET_SIZE, 10), (None, changed, Some(0)));
        assert_eq!(set(SQL_ATTR_CURSOR_TYPE, 17).0, Some(SqlState::INVALID_ATTRIBUTE_VALUE));
        assert_eq!(set(SQL_ATTR_ENABLE_AUTO_IPD, 1), (None, None, Some(1)));
        assert_eq!(
            set(SQL_ATTR_ENABLE_AUTO_IPD, 2).0,
            Some(SqlState::INVALID_ATTRIBUTE_VALUE)
        );
    }

    /// "SQLSetStmtAttr": type, scrollability and sensitivity change one another. Each row: what is set, one after the
    /// other, then the three as they read.
    #[test]
    fn the_attributes_of_a_cursor_follow_one_another() {
        const TYPE: i32 = SQL_ATTR_CURSOR_TYPE;
        const SCROLLABLE: i32 = SQL_ATTR_CURSOR_SCROLLABLE;
        const SENSITIVITY: i32 = SQL_ATTR_CURSOR_SENSITIVITY;
        type Set = (i32, usize);
        const CASES: &[(&[Set], [usize; 3])] = &[
            (&[], [0, 0, 0]),
            (&[(TYPE, 3)], [3, 1, 1]),
            (&[(TYPE, 1)], [3, 1, 1]),
            (&[(TYPE, 3), (TYPE, 0)], [0, 0, 0]),
            (&[(SCROLLABLE, 1)], [3, 1, 1]),
            (&[(SCROLLABLE, 1), (SCROLLABLE, 0)], [0, 0, 0]),
            (&[(TYPE, 3), (SCROLLABLE, 0)], [0, 0, 0]),
            (&[(SENSITIVITY, 1)], [3, 1, 1]),
            (&[(TYPE, 3), (SENSITIVITY, 0)], [3, 1, 1]),
            (&[(SENSITIVITY, 2)], [0, 0, 0]),
            (&[(TYPE, 3), (SENSITIVITY, 2)], [3, 1, 1]),
            (&[(TYPE, 3), (SQL_ATTR_CONCURRENCY, 1)], [3, 1, 1]),
        ];
        for (given, wanted) in CASES {
            let mut attributes = Attributes::default();
            for (id, value) in *given {
                let done = attributes.set(*id, *value, &mut Diagnostics::default());
                assert!(matches!(done, Some(Ok(()))), "{given:?}");
            }
            let got = [TYPE, SCROLLABLE, SENSITIVITY].map(|id| attributes.get(id).unwrap());
            assert_eq!(got, *wanted, "{given:?}");
        }
        assert_eq!(set(SCROLLABLE, 2).0, Some(SqlState::INVALID_ATTRIBUTE_VALUE));
        assert_eq!(set(SENSITIVITY, 3).0, Some(SqlState::INVALID_ATTRIBUTE_VALUE));
    }

    #[test]
    fn values_read_back_and_unknown_ids_are_not_ours() {
        assert_eq!(set(SQL_ATTR_QUERY_TIMEOUT, 30), (None, None, Some(30)));
        assert_eq!(set(SQL_ATTR_MAX_ROWS, 7), (None, None, Some(7)));
        assert_eq!(set(SQL_ATTR_ASYNC_ENABLE, 1), (None, None, Some(1)));
        assert!(
            Attributes::default()
                .set(4711, 1, &mut Diagnostics::default())
                .is_none()
        );
    }
}
