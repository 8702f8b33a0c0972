//! What a result set looks like: SQLNumResultCols, SQLDescribeCol, SQLColAttribute, SQLRowCount, SQLMoreResults.

use std::ffi::c_void;

use super::consts::*;
use super::out::{self, Measure, OutText};
use super::text::Form;
use super::{asynchronous, guard, memory};
use crate::diag::{Record, SqlState};
use crate::statement::state::Call;
use crate::statement::{Column, Done, Field, Scope, bookmark, execute};

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLNumResultCols(stmt: Handle, count: *mut i16) -> i16 {
    let count = count as usize;
    guard::stmt("SQLNumResultCols", stmt, Call::NumResultCols, |scope| {
        memory::write(count, out::short(scope.stmt.columns().len()));
        Ok(Done::Success)
    })
}

fn column<'a>(scope: &'a Scope, number: u16) -> Result<&'a Column, Record> {
    let columns = scope.stmt.columns();
    if number == 0 && scope.stmt.attributes.use_bookmarks != SQL_UB_OFF {
        return Ok(bookmark::column());
    }
    usize::from(number)
        .checked_sub(1)
        .and_then(|index| columns.get(index))
        .ok_or_else(|| {
            Record::new(
                SqlState::INVALID_DESCRIPTOR_INDEX,
                format!("Column {number} was asked for, the result set has {}", columns.len()),
            )
        })
}

/// SQLDescribeCol's out-arguments beside the name.
struct Described {
    name_length: usize,
    data_type: usize,
    size: usize,
    decimal_digits: usize,
    nullable: usize,
}

fn describe_col(stmt: Handle, number: u16, name: OutText, described: Described) -> i16 {
    guard::stmt("SQLDescribeCol", stmt, Call::Describe, |scope| {
        let column = column(scope, number)?;
        memory::write(described.data_type, column.sql_type());
        memory::write(described.size, column.kind.size as usize);
        memory::write(described.decimal_digits, column.kind.decimal_digits.unwrap_or(0));
        memory::write(
            described.nullable,
            if column.nullable { SQL_NULLABLE } else { SQL_NO_NULLS },
        );
        let label = column.label.clone();
        let full = name.write_or_warn(&label, scope.wide, &mut scope.stmt.diag)?;
        memory::write(described.name_length, out::short(full));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLDescribeCol(
    stmt: Handle,
    number: u16,
    name: *mut u8,
    capacity: i16,
    name_length: *mut i16,
    data_type: *mut i16,
    size: *mut usize,
    decimal_digits: *mut i16,
    nullable: *mut i16,
) -> i16 {
    let described = Described {
        name_length: name_length as usize,
        data_type: data_type as usize,
        size: size as usize,
        decimal_digits: decimal_digits as usize,
        nullable: nullable as usize,
    };
    describe_col(
        stmt,
        number,
        OutText::new(Form::Narrow, Measure::Characters, name, capacity),
        described,
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLDescribeColW(
    stmt: Handle,
    number: u16,
    name: *mut u16,
    capacity: i16,
    name_length: *mut i16,
    data_type: *mut i16,
    size: *mut usize,
    decimal_digits: *mut i16,
    nullable: *mut i16,
) -> i16 {
    let described = Described {
        name_length: name_length as usize,
        data_type: data_type as usize,
        size: size as usize,
        decimal_digits: decimal_digits as usize,
        nullable: nullable as usize,
    };
    describe_col(
        stmt,
        number,
        OutText::new(Form::Wide, Measure::Characters, name, capacity),
        described,
    )
}

fn col_attribute(stmt: Handle, number: u16, id: u16, text: OutText, length: *mut i16, numeric: *mut isize) -> i16 {
    let (length, numeric) = (length as usize, numeric as usize);
    guard::stmt("SQLColAttribute", stmt, Call::Describe, |scope| {
        let id = id as i16;
        let field = match id {
            SQL_DESC_COUNT | SQL_COLUMN_COUNT => Field::Small(out::short(scope.stmt.columns().len())),
            _ => column(scope, number)?.field(id).ok_or_else(|| {
                Record::new(
                    SqlState::INVALID_DESCRIPTOR_FIELD,
                    format!("{id} is no field of a result column"),
                )
            })?,
        };
        match field {
            Field::Text(value) => {
                let full = text.write_or_warn(&value, scope.wide, &mut scope.stmt.diag)?;
                memory::write(length, out::short(full));
            }
            Field::Small(value) => memory::write(numeric, value as isize),
            Field::Integer(value) => memory::write(numeric, value as isize),
            Field::Long(value) => memory::write(numeric, value),
        }
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLColAttribute(
    stmt: Handle,
    number: u16,
    id: u16,
    text: *mut c_void,
    capacity: i16,
    length: *mut i16,
    numeric: *mut isize,
) -> i16 {
    col_attribute(
        stmt,
        number,
        id,
        OutText::new(Form::Narrow, Measure::Bytes, text, capacity),
        length,
        numeric,
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLColAttributeW(
    stmt: Handle,
    number: u16,
    id: u16,
    text: *mut c_void,
    capacity: i16,
    length: *mut i16,
    numeric: *mut isize,
) -> i16 {
    col_attribute(
        stmt,
        number,
        id,
        OutText::new(Form::Wide, Measure::Bytes, text, capacity),
        length,
        numeric,
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLRowCount(stmt: Handle, count: *mut isize) -> i16 {
    let count = count as usize;
    guard::stmt("SQLRowCount", stmt, Call::RowCount, |scope| {
        memory::write(count, scope.stmt.known_rows().unwrap_or(scope.stmt.row_count));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLMoreResults(stmt: Handle) -> i16 {
    asynchronous::run(stmt, 61, [], |stmt, []| {
        guard::stmt("SQLMoreResults", stmt, Call::MoreResults, execute::more_results)
    })
}
