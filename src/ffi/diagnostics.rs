//! SQLGetDiagRec and SQLGetDiagField: the only calls that leave the records as they are.

use std::ffi::c_void;

use super::consts::*;
use super::out::{self, Measure, OutText};
use super::text::Form;
use super::{guard, memory};
use crate::convert::WideChar;
use crate::diag::{Diagnostics, Record};
use crate::handles::{Connection, Entry, find};

/// What diagnostics are read with.
struct Reader<'a> {
    diag: &'a Diagnostics,
    wide: WideChar,
    odbc2: bool,
    statement: bool,
    /// SQL_DIAG_SERVER_NAME.
    server: &'a str,
}

/// Runs `body` on the diagnostics of `handle`, which must be of `handle_type`.
fn read(handle_type: i16, handle: Handle, body: impl FnOnce(Reader) -> i16) -> i16 {
    guard::unlocked(|| {
        let Some(entry) = find(handle) else {
            return SQL_INVALID_HANDLE;
        };
        match (handle_type, entry) {
            (SQL_HANDLE_ENV, Entry::Env(environment)) => {
                let odbc2 = environment.odbc2();
                let state = environment.state.lock();
                let wide = super::text::default_wide();
                body(Reader {
                    diag: &state.diag,
                    wide,
                    odbc2,
                    statement: false,
                    server: "",
                })
            }
            (SQL_HANDLE_DBC, Entry::Dbc(family)) => {
                let connection = family.connection.lock();
                body(reader(&connection, &connection.diag, family.environment.odbc2(), false))
            }
            (SQL_HANDLE_STMT, Entry::Stmt(entry)) => {
                let connection = entry.family.connection.lock();
                match connection
                    .statements
                    .get(entry.key)
                    .filter(|s| s.token == handle as usize)
                {
                    Some(stmt) => body(reader(&connection, &stmt.diag, entry.family.environment.odbc2(), true)),
                    None => SQL_INVALID_HANDLE,
                }
            }
            (SQL_HANDLE_DESC, Entry::Desc(entry)) => {
                let connection = entry.family.connection.lock();
                match connection
                    .descriptors
                    .get(entry.key)
                    .filter(|d| d.token == handle as usize)
                {
                    Some(desc) => body(reader(&connection, &desc.diag, entry.family.environment.odbc2(), false)),
                    None => SQL_INVALID_HANDLE,
                }
            }
            _ => SQL_INVALID_HANDLE,
        }
    })
}

fn reader<'a>(connection: &'a Connection, diag: &'a Diagnostics, odbc2: bool, statement: bool) -> Reader<'a> {
    let server = connection.session.as_ref().map_or("", |session| {
        let settings = session.settings();
        if settings.dsn.is_empty() {
            settings.domain.as_str()
        } else {
            settings.dsn.as_str()
        }
    });
    Reader {
        diag,
        wide: connection.wide,
        odbc2,
        statement,
        server,
    }
}

impl Reader<'_> {
    fn state(&self, record: &Record) -> &'static str {
        if self.odbc2 {
            record.state.odbc2()
        } else {
            record.state.code()
        }
    }
}

fn get_record(
    handle: (i16, Handle),
    number: i16,
    state: OutText,
    native: *mut i32,
    message: OutText,
    length: *mut i16,
) -> i16 {
    let (native, length) = (native as usize, length as usize);
    read(handle.0, handle.1, |reader| {
        if number < 1 || message.capacity < 0 {
            return SQL_ERROR;
        }
        let Some(record) = reader.diag.get(number as usize) else {
            return SQL_NO_DATA;
        };
        if state.write(reader.state(record), reader.wide).is_err() {
            return SQL_ERROR;
        }
        memory::write(native, record.native);
        match message.write(record.message(), reader.wide) {
            Ok(outcome) => {
                memory::write(length, out::short(outcome.length));
                if outcome.truncated {
                    SQL_SUCCESS_WITH_INFO
                } else {
                    SQL_SUCCESS
                }
            }
            Err(_) => SQL_ERROR,
        }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDiagRec(
    handle_type: i16,
    handle: Handle,
    number: i16,
    state: *mut u8,
    native: *mut i32,
    message: *mut u8,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    let state = OutText::new(Form::Narrow, Measure::Characters, state, 6);
    let message = OutText::new(Form::Narrow, Measure::Characters, message, capacity);
    get_record((handle_type, handle), number, state, native, message, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDiagRecW(
    handle_type: i16,
    handle: Handle,
    number: i16,
    state: *mut u16,
    native: *mut i32,
    message: *mut u16,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    let state = OutText::new(Form::Wide, Measure::Characters, state, 6);
    let message = OutText::new(Form::Wide, Measure::Characters, message, capacity);
    get_record((handle_type, handle), number, state, native, message, length)
}

/// The value of a diagnostic field.
enum Value<'a> {
    Text(&'a str),
    /// SQLRETURN
    Small(i16),
    Integer(i32),
    Long(isize),
}

fn header_field<'a>(reader: &Reader<'a>, id: i16) -> Option<Value<'a>> {
    let diag = reader.diag;
    Some(match id {
        SQL_DIAG_NUMBER => Value::Integer(diag.len() as i32),
        SQL_DIAG_RETURNCODE => Value::Small(diag.return_code),
        SQL_DIAG_ROW_COUNT if reader.statement => Value::Long(diag.row_count),
        SQL_DIAG_CURSOR_ROW_COUNT if reader.statement => Value::Long(diag.cursor_row_count),
        SQL_DIAG_DYNAMIC_FUNCTION if reader.statement => Value::Text(diag.dynamic_function),
        SQL_DIAG_DYNAMIC_FUNCTION_CODE if reader.statement => Value::Integer(diag.dynamic_function_code),
        _ => return None,
    })
}

fn record_field<'a>(reader: &Reader<'a>, record: &'a Record, id: i16) -> Option<Value<'a>> {
    Some(match id {
        SQL_DIAG_SQLSTATE => Value::Text(reader.state(record)),
        SQL_DIAG_NATIVE => Value::Integer(record.native),
        SQL_DIAG_MESSAGE_TEXT => Value::Text(record.message()),
        SQL_DIAG_CLASS_ORIGIN => Value::Text(record.state.class_origin()),
        SQL_DIAG_SUBCLASS_ORIGIN => Value::Text(record.state.subclass_origin()),
        SQL_DIAG_CONNECTION_NAME => Value::Text(""),
        SQL_DIAG_SERVER_NAME => Value::Text(reader.server),
        SQL_DIAG_ROW_NUMBER if reader.statement => Value::Long(record.row),
        SQL_DIAG_COLUMN_NUMBER if reader.statement => Value::Integer(record.column),
        _ => return None,
    })
}

fn get_field(handle: (i16, Handle), number: i16, id: i16, value: OutText, length: *mut i16) -> i16 {
    let length = length as usize;
    read(handle.0, handle.1, |reader| {
        let field = match header_field(&reader, id) {
            Some(field) => Some(field),
            None if number < 1 => return SQL_ERROR,
            None => match reader.diag.get(number as usize) {
                None => return SQL_NO_DATA,
                Some(record) => record_field(&reader, record, id),
            },
        };
        let address = value.address;
        match field {
            Some(Value::Text(text)) => match value.write(text, reader.wide) {
                Ok(outcome) => {
                    memory::write(length, out::short(outcome.length));
                    return if outcome.truncated {
                        SQL_SUCCESS_WITH_INFO
                    } else {
                        SQL_SUCCESS
                    };
                }
                Err(_) => return SQL_ERROR,
            },
            Some(Value::Small(number)) => memory::write(address, number),
            Some(Value::Integer(number)) => memory::write(address, number),
            Some(Value::Long(number)) => memory::write(address, number),
            None => return SQL_ERROR,
        }
        SQL_SUCCESS
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDiagField(
    handle_type: i16,
    handle: Handle,
    number: i16,
    id: i16,
    value: *mut c_void,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    let value = OutText::new(Form::Narrow, Measure::Bytes, value, capacity);
    get_field((handle_type, handle), number, id, value, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDiagFieldW(
    handle_type: i16,
    handle: Handle,
    number: i16,
    id: i16,
    value: *mut c_void,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    let value = OutText::new(Form::Wide, Measure::Bytes, value, capacity);
    get_field((handle_type, handle), number, id, value, length)
}
