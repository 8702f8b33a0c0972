//! SQLGetStmtAttr and SQLSetStmtAttr: attributes of the statement and fields of its descriptors.

use std::ffi::c_void;

use super::consts::*;
use super::{guard, memory};
use crate::diag::{Record, SqlState};
use crate::handles::{Entry, find};
use crate::statement::state::Call;
use crate::statement::{Descriptor, Done, Field, Outcome, Scope, State};

/// Which of a statement's descriptors an attribute lives in.
#[derive(Clone, Copy)]
enum Home {
    Ard,
    Apd,
    Ird,
    Ipd,
}

/// "SQLSetStmtAttr": the attributes that are header fields of descriptors.
const HEADER_FIELDS: &[(i32, Home, i16)] = &[
    (SQL_ATTR_ROW_ARRAY_SIZE, Home::Ard, SQL_DESC_ARRAY_SIZE),
    (SQL_ATTR_ROW_BIND_TYPE, Home::Ard, SQL_DESC_BIND_TYPE),
    (SQL_ATTR_ROW_BIND_OFFSET_PTR, Home::Ard, SQL_DESC_BIND_OFFSET_PTR),
    (SQL_ATTR_ROW_OPERATION_PTR, Home::Ard, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_ROW_STATUS_PTR, Home::Ird, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_ROWS_FETCHED_PTR, Home::Ird, SQL_DESC_ROWS_PROCESSED_PTR),
    (SQL_ATTR_PARAMSET_SIZE, Home::Apd, SQL_DESC_ARRAY_SIZE),
    (SQL_ATTR_PARAM_BIND_TYPE, Home::Apd, SQL_DESC_BIND_TYPE),
    (SQL_ATTR_PARAM_BIND_OFFSET_PTR, Home::Apd, SQL_DESC_BIND_OFFSET_PTR),
    (SQL_ATTR_PARAM_OPERATION_PTR, Home::Apd, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_PARAM_STATUS_PTR, Home::Ipd, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_PARAMS_PROCESSED_PTR, Home::Ipd, SQL_DESC_ROWS_PROCESSED_PTR),
];

fn key(scope: &Scope, home: Home) -> usize {
    match home {
        Home::Ard => scope.stmt.ard,
        Home::Apd => scope.stmt.apd,
        Home::Ird => scope.stmt.implicit.ird,
        Home::Ipd => scope.stmt.implicit.ipd,
    }
}

fn header_field(attribute: i32) -> Option<(Home, i16)> {
    HEADER_FIELDS
        .iter()
        .find(|(id, ..)| *id == attribute)
        .map(|(_, home, field)| (*home, *field))
}

fn unknown(attribute: i32) -> Record {
    Record::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("{attribute} is no statement attribute of this driver"),
    )
}

fn get(stmt: Handle, attribute: i32, value: usize, length: usize) -> i16 {
    guard::stmt("SQLGetStmtAttr", stmt, Call::StmtAttr, |scope| {
        let token = |key| scope.descriptor(key).map(|descriptor: &Descriptor| descriptor.token);
        let number = match attribute {
            SQL_ATTR_APP_ROW_DESC => token(scope.stmt.ard)?,
            SQL_ATTR_APP_PARAM_DESC => token(scope.stmt.apd)?,
            SQL_ATTR_IMP_ROW_DESC => token(scope.stmt.implicit.ird)?,
            SQL_ATTR_IMP_PARAM_DESC => token(scope.stmt.implicit.ipd)?,
            SQL_ATTR_ROW_NUMBER => match (&scope.stmt.reading, &scope.stmt.cursor) {
                (Some(_), Some(cursor)) if cursor.scrolls() || cursor.stands() => cursor.row_number(),
                (Some(_), Some(cursor)) => cursor.row_number() + 1 - scope.stmt.rowset.max(1),
                _ => return Err(Record::new(SqlState::INVALID_CURSOR_STATE, "No row is current")),
            },
            _ => match header_field(attribute) {
                Some((home, field)) => match scope.descriptor(key(scope, home))?.get(0, field)? {
                    Some(Field::Long(number)) => number as usize,
                    Some(Field::Integer(number)) => number as usize,
                    _ => return Err(unknown(attribute)),
                },
                None => scope.stmt.attributes.get(attribute).ok_or_else(|| unknown(attribute))?,
            },
        };
        memory::write(value, number);
        memory::write(length, size_of::<usize>() as i32);
        Ok(Done::Success)
    })
}

/// The key of an explicit descriptor of this connection; None goes back to the implicit one.
fn application_descriptor(scope: &Scope, stmt: Handle, handle: Handle) -> Result<Option<usize>, Record> {
    if handle.is_null() {
        return Ok(None);
    }
    let invalid = |text: &str| Record::new(SqlState::INVALID_ATTRIBUTE_VALUE, text);
    let (Some(Entry::Desc(descriptor)), Some(Entry::Stmt(statement))) = (find(handle), find(stmt)) else {
        return Err(invalid("The handle is no descriptor"));
    };
    if !std::sync::Arc::ptr_eq(&descriptor.family, &statement.family) {
        return Err(invalid("The descriptor belongs to another connection"));
    }
    let implicit = scope.stmt.implicit;
    if descriptor.key == implicit.ard || descriptor.key == implicit.apd {
        return Ok(Some(descriptor.key));
    }
    match scope.descriptor(descriptor.key)?.explicit {
        true => Ok(Some(descriptor.key)),
        false => Err(Record::new(
            SqlState::AUTOMATIC_DESCRIPTOR,
            "Another statement's implicit descriptor cannot be attached; allocate one with SQLAllocHandle",
        )),
    }
}

fn set(stmt: Handle, attribute: i32, value: usize) -> i16 {
    guard::stmt("SQLSetStmtAttr", stmt, Call::StmtAttr, |scope| -> Outcome {
        match attribute {
            SQL_ATTR_APP_ROW_DESC => {
                let key = application_descriptor(scope, stmt, value as Handle)?;
                scope.stmt.ard = key.unwrap_or(scope.stmt.implicit.ard);
            }
            SQL_ATTR_APP_PARAM_DESC => {
                let key = application_descriptor(scope, stmt, value as Handle)?;
                scope.stmt.apd = key.unwrap_or(scope.stmt.implicit.apd);
            }
            SQL_ATTR_IMP_ROW_DESC | SQL_ATTR_IMP_PARAM_DESC => {
                return Err(Record::new(
                    SqlState::AUTOMATIC_DESCRIPTOR,
                    "Implementation descriptors are the statement's",
                ));
            }
            SQL_ATTR_ROW_NUMBER => {
                return Err(Record::new(
                    SqlState::INVALID_ATTRIBUTE,
                    "SQL_ATTR_ROW_NUMBER can only be read",
                ));
            }
            SQL_ATTR_CURSOR_TYPE
            | SQL_ATTR_CONCURRENCY
            | SQL_ATTR_USE_BOOKMARKS
            | SQL_ATTR_SIMULATE_CURSOR
            | SQL_ATTR_CURSOR_SCROLLABLE
            | SQL_ATTR_CURSOR_SENSITIVITY
                if scope.stmt.cursor.is_some() =>
            {
                return Err(Record::new(
                    SqlState::INVALID_CURSOR_STATE,
                    format!("Attribute {attribute} cannot be set while the cursor is open"),
                ));
            }
            // The same attributes: a prepared statement is prepared for them.
            SQL_ATTR_CURSOR_TYPE
            | SQL_ATTR_CONCURRENCY
            | SQL_ATTR_USE_BOOKMARKS
            | SQL_ATTR_SIMULATE_CURSOR
            | SQL_ATTR_CURSOR_SCROLLABLE
            | SQL_ATTR_CURSOR_SENSITIVITY
                if matches!(scope.stmt.state, State::PreparedNoResults | State::PreparedResults) =>
            {
                return Err(Record::new(
                    SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                    format!("Attribute {attribute} has to be set before the statement is prepared"),
                ));
            }
            _ => match header_field(attribute) {
                Some((home, field)) => {
                    let key = key(scope, home);
                    scope.descriptor_mut(key)?.set(0, field, value)?;
                }
                None => {
                    let set = scope.stmt.set(attribute, value, None);
                    set.ok_or_else(|| unknown(attribute))??;
                }
            },
        }
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetStmtAttr(
    stmt: Handle,
    attribute: i32,
    value: *mut c_void,
    _capacity: i32,
    length: *mut i32,
) -> i16 {
    get(stmt, attribute, value as usize, length as usize)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetStmtAttrW(
    stmt: Handle,
    attribute: i32,
    value: *mut c_void,
    _capacity: i32,
    length: *mut i32,
) -> i16 {
    get(stmt, attribute, value as usize, length as usize)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetStmtAttr(stmt: Handle, attribute: i32, value: *mut c_void, _length: i32) -> i16 {
    set(stmt, attribute, value as usize)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetStmtAttrW(stmt: Handle, attribute: i32, value: *mut c_void, _length: i32) -> i16 {
    set(stmt, attribute, value as usize)
}
