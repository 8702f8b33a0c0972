//! Binding columns, fetching, SQLGetData, and the cursor calls around them.

use std::ffi::c_void;

use super::consts::*;
use super::{asynchronous, guard};
use crate::statement::fetch::{self, Rowset};
use crate::statement::state::Call;
use crate::statement::{Done, State, bulk};

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
    asynchronous::run(stmt, 13, [], |stmt, []| {
        guard::stmt("SQLFetch", stmt, Call::Fetch, fetch::fetch)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLFetchScroll(stmt: Handle, orientation: i16, offset: isize) -> i16 {
    asynchronous::run(stmt, 1021, [], move |stmt, []| {
        guard::stmt("SQLFetchScroll", stmt, Call::Fetch, |scope| {
            fetch::scroll(scope, orientation, offset)
        })
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLExtendedFetch(
    stmt: Handle,
    orientation: u16,
    offset: isize,
    fetched: *mut usize,
    status: *mut u16,
) -> i16 {
    let (fetched, status) = (fetched as usize, status as usize);
    asynchronous::run(stmt, 59, [], move |stmt, []| {
        guard::stmt("SQLExtendedFetch", stmt, Call::ExtendedFetch, |scope| {
            let rowset = Rowset {
                size: scope.stmt.attributes.rowset_size,
                status,
                fetched,
                state: State::ExtendedFetched,
            };
            // FetchOffset is the bookmark itself.
            let step = fetch::step(scope, orientation as i16, offset, |_| {
                Ok((usize::try_from(offset).unwrap_or(0), 0))
            })?;
            fetch::fetch_rowset(scope, &rowset, step)
        })
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

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetPos(stmt: Handle, row: usize, operation: u16, lock: u16) -> i16 {
    guard::stmt("SQLSetPos", stmt, Call::SetPos, |scope| {
        fetch::set_pos(scope, row, operation, lock)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLBulkOperations(stmt: Handle, operation: i16) -> i16 {
    guard::stmt("SQLBulkOperations", stmt, Call::BulkOperations, |scope| {
        bulk::operations(scope, operation)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLCloseCursor(stmt: Handle) -> i16 {
    guard::stmt("SQLCloseCursor", stmt, Call::CloseCursor, |scope| {
        scope.stmt.close();
        Ok(Done::Success)
    })
}
