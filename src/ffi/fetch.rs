//! Binding columns, fetching, SQLGetData, and the cursor calls around them.

use std::ffi::c_void;

use super::consts::*;
use super::guard;
use crate::diag::{Record, SqlState};
use crate::statement::fetch::{self, Rowset};
use crate::statement::state::Call;
use crate::statement::{Done, Outcome, State};

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLBindCol(
    stmt: Handle,
    number: u16,
    c_type: i16,
    value: *mut c_void,
    buffer_length: isize,
    length: *mut isize,
) -> i16 {
    let (value, length) = (value as usize, length as usize);
    guard::stmt("SQLBindCol", stmt, Call::Bind, |scope| {
        fetch::bind_col(scope, number, c_type, value, buffer_length, length)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLFetch(stmt: Handle) -> i16 {
    guard::stmt("SQLFetch", stmt, Call::Fetch, fetch::fetch)
}

fn only_next(orientation: i16) -> Result<(), Record> {
    if orientation == SQL_FETCH_NEXT {
        return Ok(());
    }
    Err(Record::new(
        SqlState::FETCH_TYPE_OUT_OF_RANGE,
        "The cursor only moves forward: use SQL_FETCH_NEXT",
    ))
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLFetchScroll(stmt: Handle, orientation: i16, _offset: isize) -> i16 {
    guard::stmt("SQLFetchScroll", stmt, Call::Fetch, |scope| {
        only_next(orientation)?;
        fetch::fetch(scope)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLExtendedFetch(
    stmt: Handle,
    orientation: u16,
    _offset: isize,
    fetched: *mut usize,
    status: *mut u16,
) -> i16 {
    let (fetched, status) = (fetched as usize, status as usize);
    guard::stmt("SQLExtendedFetch", stmt, Call::ExtendedFetch, |scope| {
        only_next(orientation as i16)?;
        let size = scope.stmt.attributes.rowset_size;
        fetch::fetch_rowset(
            scope,
            &Rowset {
                size,
                status,
                fetched,
                state: State::ExtendedFetched,
            },
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetData(
    stmt: Handle,
    number: u16,
    c_type: i16,
    value: *mut c_void,
    buffer_length: isize,
    length: *mut isize,
) -> i16 {
    let (value, length) = (value as usize, length as usize);
    guard::stmt("SQLGetData", stmt, Call::GetData, |scope| {
        fetch::get_data(scope, number, c_type, value, buffer_length, length)
    })
}

fn unsupported(call: &'static str, stmt: Handle, text: &'static str) -> i16 {
    guard::stmt(call, stmt, Call::Always, |_| -> Outcome {
        Err(Record::new(SqlState::NOT_IMPLEMENTED, text))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetPos(stmt: Handle, _row: usize, _operation: u16, _lock: u16) -> i16 {
    unsupported(
        "SQLSetPos",
        stmt,
        "SQLSetPos is not supported: cursors only move forward and are read-only",
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLBulkOperations(stmt: Handle, _operation: i16) -> i16 {
    unsupported(
        "SQLBulkOperations",
        stmt,
        "SQLBulkOperations is not supported: cursors are read-only",
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLCloseCursor(stmt: Handle) -> i16 {
    guard::stmt("SQLCloseCursor", stmt, Call::CloseCursor, |scope| {
        scope.stmt.close();
        Ok(Done::Success)
    })
}
