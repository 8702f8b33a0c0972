//! SQLCancel and SQLCancelHandle: the calls that do not wait for the call they stop.

use std::sync::atomic::Ordering;

use super::consts::*;
use super::guard;
use crate::handles::{Entry, StatementEntry, find};

fn cancel_statement(token: usize, entry: &StatementEntry) -> i16 {
    if entry.cancel.cancel() {
        return SQL_SUCCESS;
    }
    if entry.pending.lock().is_some() {
        entry.cancel.cancel_ahead();
        return SQL_SUCCESS;
    }
    // Nothing waits. Data at execution are given up now, or by the statement's next call if the family is busy.
    match entry.family.connection.try_lock() {
        Some(mut connection) => {
            let statement = connection.statements.get_mut(entry.key);
            if let Some(statement) = statement.filter(|s| s.token == token && s.state.needs_data()) {
                statement.close();
            }
        }
        None => entry.abandoned.store(true, Ordering::Release),
    }
    SQL_SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLCancel(stmt: Handle) -> i16 {
    guard::unlocked(|| match find(stmt) {
        Some(Entry::Stmt(entry)) => cancel_statement(stmt as usize, &entry),
        _ => SQL_INVALID_HANDLE,
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLCancelHandle(handle_type: i16, handle: Handle) -> i16 {
    guard::unlocked(|| match (handle_type, find(handle)) {
        (SQL_HANDLE_STMT, Some(Entry::Stmt(entry))) => cancel_statement(handle as usize, &entry),
        (SQL_HANDLE_DBC, Some(Entry::Dbc(family))) => {
            family.cancel.cancel();
            SQL_SUCCESS
        }
        _ => SQL_INVALID_HANDLE,
    })
}
