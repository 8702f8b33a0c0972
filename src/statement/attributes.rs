//! Statement attributes that are no descriptor's field; a connection holds the same as defaults.

use crate::diag::{Diagnostics, Record, SqlState};
use crate::ffi::consts::*;

#[derive(Debug, Clone)]
pub struct Attributes {
    /// Seconds that one call may wait; 0 without limit.
    pub query_timeout: usize,
    /// 0 without limit.
    pub max_rows: usize,
    pub noscan: usize,
    pub retrieve_data: usize,
    pub use_bookmarks: usize,
    /// Of SQLExtendedFetch only.
    pub rowset_size: usize,
    pub metadata_id: usize,
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
            rowset_size: 1,
            metadata_id: 0,
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
            SQL_ATTR_SIMULATE_CURSOR => self.simulate_cursor,
            SQL_SOPT_SS_HIDDEN_COLUMNS => self.hidden_columns,
            SQL_SOPT_SS_NOBROWSETABLE => self.no_browse_table,
            SQL_ATTR_CURSOR_TYPE => SQL_CURSOR_FORWARD_ONLY,
            SQL_ATTR_CONCURRENCY => SQL_CONCUR_READ_ONLY,
            SQL_ATTR_CURSOR_SCROLLABLE
            | SQL_ATTR_CURSOR_SENSITIVITY
            | SQL_ATTR_KEYSET_SIZE
            | SQL_ATTR_MAX_LENGTH
            | SQL_ATTR_ASYNC_ENABLE
            | SQL_ATTR_ENABLE_AUTO_IPD => 0,
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
            SQL_ATTR_USE_BOOKMARKS if value == SQL_UB_OFF => {
                self.use_bookmarks = value;
                Ok(())
            }
            SQL_ATTR_USE_BOOKMARKS if value <= SQL_UB_VARIABLE => {
                substituted(diag, "Bookmarks are not supported; SQL_UB_OFF is used")
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
            SQL_ATTR_CURSOR_TYPE if value == SQL_CURSOR_FORWARD_ONLY => Ok(()),
            SQL_ATTR_CURSOR_TYPE if value <= SQL_CURSOR_STATIC => {
                substituted(diag, "Cursors only move forward; SQL_CURSOR_FORWARD_ONLY is used")
            }
            SQL_ATTR_CONCURRENCY if value == SQL_CONCUR_READ_ONLY => Ok(()),
            SQL_ATTR_CONCURRENCY if (1..=SQL_CONCUR_VALUES).contains(&value) => {
                substituted(diag, "Cursors are read-only; SQL_CONCUR_READ_ONLY is used")
            }
            SQL_ATTR_CURSOR_SCROLLABLE | SQL_ATTR_CURSOR_SENSITIVITY if value == 0 => Ok(()),
            SQL_ATTR_CURSOR_SCROLLABLE if value == 1 => {
                substituted(diag, "Cursors only move forward; SQL_NONSCROLLABLE is used")
            }
            // A streamed result neither shows nor hides later changes on purpose.
            SQL_ATTR_CURSOR_SENSITIVITY if value <= 2 => {
                substituted(diag, "SQL_UNSPECIFIED is used as the cursor's sensitivity")
            }
            SQL_ATTR_KEYSET_SIZE | SQL_ATTR_MAX_LENGTH if value == 0 => Ok(()),
            SQL_ATTR_KEYSET_SIZE => substituted(diag, "There are no keyset cursors; 0 is used"),
            SQL_ATTR_MAX_LENGTH => substituted(diag, "Values are returned whole; 0 is used as their maximal length"),
            SQL_ATTR_ASYNC_ENABLE | SQL_ATTR_ENABLE_AUTO_IPD if value as u32 == 0 => Ok(()),
            SQL_ATTR_ASYNC_ENABLE => Err(Record::new(
                SqlState::NOT_IMPLEMENTED,
                "Asynchronous execution is not supported",
            )),
            SQL_ATTR_ENABLE_AUTO_IPD => Err(Record::new(
                SqlState::NOT_IMPLEMENTED,
                "Parameter descriptors are not filled automatically; SQLDescribeParam describes parameters",
            )),
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
    fn every_cursor_becomes_forward_only_and_read_only() {
        let changed = Some(SqlState::OPTION_VALUE_CHANGED);
        assert_eq!(
            set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC),
            (None, changed, Some(SQL_CURSOR_FORWARD_ONLY))
        );
        assert_eq!(
            set(SQL_ATTR_CONCURRENCY, 2),
            (None, changed, Some(SQL_CONCUR_READ_ONLY))
        );
        assert_eq!(set(SQL_ATTR_KEYSET_SIZE, 10), (None, changed, Some(0)));
        assert_eq!(set(SQL_ATTR_CURSOR_TYPE, 17).0, Some(SqlState::INVALID_ATTRIBUTE_VALUE));
        assert_eq!(set(SQL_ATTR_ASYNC_ENABLE, 1).0, Some(SqlState::NOT_IMPLEMENTED));
    }

    #[test]
    fn values_read_back_and_unknown_ids_are_not_ours() {
        assert_eq!(set(SQL_ATTR_QUERY_TIMEOUT, 30), (None, None, Some(30)));
        assert_eq!(set(SQL_ATTR_MAX_ROWS, 7), (None, None, Some(7)));
        assert!(
            Attributes::default()
                .set(4711, 1, &mut Diagnostics::default())
                .is_none()
        );
    }
}
