//! SQLCancel and SQLCancelHandle: the calls that do not wait for the call they stop.

use super::consts::*;
use super::guard;
use crate::handles::{Entry, StatementEntry, find};
use crate::statement::State;

fn cancel_statement(entry: &StatementEntry) -> i16 {
    if entry.cancel.cancel() {
        return SQL_SUCCESS;
    }
    // Nothing waits. If the family is busy, it is with a call that will not wait for this statement either.
    if let Some(mut connection) = entry.family.connection.try_lock()
        && let Some(statement) = connection.statements.get_mut(entry.key)
        && matches!(statement.state, State::NeedData | State::MustPut | State::CanPut)
    {
        statement.close();
    }
    SQL_SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLCancel(stmt: Handle) -> i16 {
    guard::unlocked(|| match find(stmt) {
        Some(Entry::Stmt(entry)) => cancel_statement(&entry),
        _ => SQL_INVALID_HANDLE,
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLCancelHandle(handle_type: i16, handle: Handle) -> i16 {
    guard::unlocked(|| match (handle_type, find(handle)) {
        (SQL_HANDLE_STMT, Some(Entry::Stmt(entry))) => cancel_statement(&entry),
        (SQL_HANDLE_DBC, Some(Entry::Dbc(family))) => {
            family.cancel.cancel();
            SQL_SUCCESS
        }
        _ => SQL_INVALID_HANDLE,
    })
}
