//! Preparing and executing statements, their parameters and cursor names.

use std::ffi::c_void;

use super::consts::*;
use super::out::{self, Measure, OutText};
use super::text::{Form, Text};
use super::{asynchronous, guard, memory};
use crate::diag::{Record, SqlState};
use crate::handles::Slab;
use crate::metadata::types;
use crate::statement::parameters::{self, Arguments};
use crate::statement::state::Call;
use crate::statement::{Done, Statement, execute};

fn prepare(stmt: Handle, text: Text) -> i16 {
    asynchronous::run(stmt, 19, [text], |stmt, [text]| {
        guard::stmt("SQLPrepare", stmt, Call::Prepare, |scope| {
            let text = text.required(scope.wide)?;
            execute::prepare(scope, &text)
        })
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLPrepare(stmt: Handle, text: *const u8, length: i32) -> i16 {
    prepare(stmt, Text::narrow(text, length))
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLPrepareW(stmt: Handle, text: *const u16, length: i32) -> i16 {
    prepare(stmt, Text::wide(text, length))
}

fn exec_direct(stmt: Handle, text: Text) -> i16 {
    asynchronous::run(stmt, 11, [text], |stmt, [text]| {
        guard::stmt("SQLExecDirect", stmt, Call::ExecDirect, |scope| {
            let text = text.required(scope.wide)?;
            execute::exec_direct(scope, &text)
        })
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLExecDirect(stmt: Handle, text: *const u8, length: i32) -> i16 {
    exec_direct(stmt, Text::narrow(text, length))
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLExecDirectW(stmt: Handle, text: *const u16, length: i32) -> i16 {
    exec_direct(stmt, Text::wide(text, length))
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLExecute(stmt: Handle) -> i16 {
    asynchronous::run(stmt, 12, [], |stmt, []| {
        guard::stmt("SQLExecute", stmt, Call::Execute, execute::execute)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLNumParams(stmt: Handle, count: *mut i16) -> i16 {
    let count = count as usize;
    guard::stmt("SQLNumParams", stmt, Call::NumParams, |scope| {
        let parameters = scope.stmt.plan.as_ref().map_or(0, |plan| plan.parameters.len());
        memory::write(count, out::short(parameters));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLDescribeParam(
    stmt: Handle,
    number: u16,
    data_type: *mut i16,
    size: *mut usize,
    decimal_digits: *mut i16,
    nullable: *mut i16,
) -> i16 {
    let (data_type, size) = (data_type as usize, size as usize);
    let (decimal_digits, nullable) = (decimal_digits as usize, nullable as usize);
    guard::stmt("SQLDescribeParam", stmt, Call::NumParams, |scope| {
        let parameters = scope
            .stmt
            .plan
            .as_ref()
            .map(|plan| plan.parameters.clone())
            .unwrap_or_default();
        let field = usize::from(number)
            .checked_sub(1)
            .and_then(|index| parameters.get(index))
            .ok_or_else(|| {
                Record::new(
                    SqlState::INVALID_DESCRIPTOR_INDEX,
                    format!(
                        "Parameter {number} was asked for, the statement has {}",
                        parameters.len()
                    ),
                )
            })?;
        let kind = types::of_field(field);
        memory::write(data_type, kind.sql.concise);
        memory::write(size, kind.size as usize);
        memory::write(decimal_digits, kind.decimal_digits.unwrap_or(0));
        memory::write(nullable, SQL_NULLABLE);
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLBindParameter(
    stmt: Handle,
    number: u16,
    direction: i16,
    c_type: i16,
    sql_type: i16,
    column_size: usize,
    decimal_digits: i16,
    value: *mut c_void,
    buffer_length: isize,
    length: *mut isize,
) -> i16 {
    let arguments = Arguments {
        number,
        direction,
        c_type,
        sql_type,
        column_size,
        decimal_digits,
        value: value as usize,
        buffer_length,
        length: length as usize,
    };
    guard::stmt("SQLBindParameter", stmt, Call::Bind, |scope| {
        parameters::bind(scope, arguments)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLParamData(stmt: Handle, value: *mut *mut c_void) -> i16 {
    let value = value as usize;
    guard::stmt("SQLParamData", stmt, Call::ParamData, |scope| {
        parameters::param_data(scope, value)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLPutData(stmt: Handle, data: *mut c_void, length: isize) -> i16 {
    let data = data as usize;
    guard::stmt("SQLPutData", stmt, Call::PutData, |scope| {
        parameters::put_data(scope, data, length)
    })
}

/// SQL_MAX_CURSOR_NAME_LEN
const LONGEST_NAME: usize = 128;

fn set_cursor_name(stmt: Handle, name: Text) -> i16 {
    // Under one lock: of two threads that set the same name one is told so.
    let others = |statements: &Slab<Statement>, own: usize| -> Vec<String> {
        let others = statements.iter().filter(|(key, _)| *key != own);
        others.map(|(_, other)| other.cursor_name.clone()).collect()
    };
    guard::stmt_among(
        "SQLSetCursorName",
        stmt,
        Call::SetCursorName,
        others,
        |scope, others| {
            let name = name.required(scope.wide)?;
            let reserved = ["SQL_CUR", "SQLCUR"]
                .iter()
                .any(|p| name.get(..p.len()).is_some_and(|n| n.eq_ignore_ascii_case(p)));
            let invalid = |text: String| Err(Record::new(SqlState::INVALID_CURSOR_NAME, text));
            if name.is_empty() || reserved {
                return invalid("A cursor name is not empty and does not start with SQL_CUR or SQLCUR".into());
            }
            if name.chars().count() > LONGEST_NAME {
                return invalid(format!("A cursor name has at most {LONGEST_NAME} characters"));
            }
            if others.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
                return Err(Record::new(
                    SqlState::DUPLICATE_CURSOR_NAME,
                    format!("Another statement's cursor is named {name}"),
                ));
            }
            scope.stmt.cursor_name = name;
            Ok(Done::Success)
        },
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetCursorName(stmt: Handle, name: *const u8, length: i16) -> i16 {
    set_cursor_name(stmt, Text::narrow(name, length))
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetCursorNameW(stmt: Handle, name: *const u16, length: i16) -> i16 {
    set_cursor_name(stmt, Text::wide(name, length))
}

fn get_cursor_name(stmt: Handle, output: OutText, length: *mut i16) -> i16 {
    let length = length as usize;
    guard::stmt("SQLGetCursorName", stmt, Call::StmtAttr, |scope| {
        let full = output.write_or_warn(&scope.stmt.cursor_name, scope.wide, &mut scope.stmt.diag)?;
        memory::write(length, out::short(full));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetCursorName(stmt: Handle, name: *mut u8, capacity: i16, length: *mut i16) -> i16 {
    get_cursor_name(
        stmt,
        OutText::new(Form::Narrow, Measure::Characters, name, capacity),
        length,
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetCursorNameW(stmt: Handle, name: *mut u16, capacity: i16, length: *mut i16) -> i16 {
    get_cursor_name(
        stmt,
        OutText::new(Form::Wide, Measure::Characters, name, capacity),
        length,
    )
}
