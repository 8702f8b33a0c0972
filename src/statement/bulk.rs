//! SQLBulkOperations on cursors that are read-only: each operation is refused for its own reason.

use super::{Outcome, Scope};
use crate::diag::{Record, SqlState};
use crate::ffi::consts::*;

pub fn operations(scope: &Scope, operation: i16) -> Outcome {
    let invalid = |text: String| Err(Record::new(SqlState::INVALID_ATTRIBUTE, text));
    let bookmarks = scope.stmt.attributes.use_bookmarks != SQL_UB_OFF;
    match operation {
        // "HY092": what changes rows, while SQL_ATTR_CONCURRENCY is SQL_CONCUR_READ_ONLY.
        SQL_ADD_BY_BULK | SQL_UPDATE_BY_BOOKMARK | SQL_DELETE_BY_BOOKMARK => {
            invalid("The cursor is read-only: rows are neither added nor updated nor deleted".into())
        }
        SQL_FETCH_BY_BOOKMARK if !bookmarks => {
            invalid("Bookmarks are off: set SQL_ATTR_USE_BOOKMARKS before executing".into())
        }
        SQL_FETCH_BY_BOOKMARK => Err(Record::new(
            SqlState::NOT_IMPLEMENTED,
            "Rows are not fetched by many bookmarks at once: SQLFetchScroll(SQL_FETCH_BOOKMARK) goes to one",
        )),
        other => invalid(format!("{other} is no operation of SQLBulkOperations")),
    }
}
