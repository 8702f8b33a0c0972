//! Bookmarks: column 0 of a scrollable cursor, the row's number in eight bytes.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, BinaryArray, Int64Array};
use arrow::datatypes::{DataType, Field, Schema};

use super::descriptor::Binding;
use super::{Attributes, Column, Done, Outcome, Statement, columns};
use crate::convert::{Progress, WideChar, Written};
use crate::diag::{Record, SqlState};
use crate::ffi::consts::*;
use crate::ffi::memory::{self, Place};

const LENGTH: usize = size_of::<usize>();

/// What column 0 is ("SQLDescribeCol"): SQL_BINARY where bookmarks have variable length.
pub const SQL_TYPE: i16 = SQL_BINARY;

/// Column 0 as SQLDescribeCol and SQLColAttribute show it.
pub fn column() -> &'static Column {
    static COLUMN: LazyLock<Arc<[Column]>> = LazyLock::new(|| {
        let field = Field::new("", DataType::FixedSizeBinary(LENGTH as i32), false);
        columns::of_schema(&Schema::new(vec![field]))
    });
    &COLUMN[0]
}

pub fn invalid() -> Record {
    Record::new(
        SqlState::INVALID_BOOKMARK,
        "SQL_ATTR_FETCH_BOOKMARK_PTR points to no bookmark of this cursor",
    )
}

pub fn allowed_by(attributes: &Attributes) -> Result<(), Record> {
    match attributes.use_bookmarks {
        SQL_UB_OFF => Err(Record::new(
            SqlState::INVALID_DESCRIPTOR_INDEX,
            "Column 0 is a bookmark: set SQL_ATTR_USE_BOOKMARKS before executing",
        )),
        _ => Ok(()),
    }
}

pub fn allowed(stmt: &Statement) -> Result<(), Record> {
    allowed_by(&stmt.attributes)
}

/// SQL_C_VARBOOKMARK is SQL_C_BINARY, SQL_C_BOOKMARK an unsigned number.
fn is_binary(c_type: i16) -> Result<bool, Record> {
    match c_type {
        SQL_C_BINARY | SQL_C_DEFAULT => Ok(true),
        SQL_C_ULONG | SQL_C_UBIGINT => Ok(false),
        _ => Err(Record::new(
            SqlState::INVALID_C_TYPE,
            "A bookmark is read as SQL_C_VARBOOKMARK or SQL_C_BOOKMARK",
        )),
    }
}

/// Before a fetch writes through it.
pub fn check(binding: &Binding) -> Result<(), Record> {
    if is_binary(binding.concise)? && binding.octet_length < LENGTH as isize {
        return Err(Record::new(
            SqlState::INVALID_LENGTH,
            format!(
                "A bookmark takes {LENGTH} bytes, column 0 is bound to {}",
                binding.octet_length
            ),
        ));
    }
    Ok(())
}

/// Writes the bookmark of row `number`.
pub fn write(number: usize, place: &Place, wide: WideChar, progress: &mut Progress) -> Outcome {
    let (cells, sql_type): (Box<dyn Array>, _) = if is_binary(place.c_type)? {
        (
            Box::new(BinaryArray::from_iter_values([number.to_ne_bytes()])),
            SQL_TYPE,
        )
    } else {
        (Box::new(Int64Array::from_value(number as i64, 1)), SQL_BIGINT)
    };
    let place = Place {
        c_type: if place.c_type == SQL_C_DEFAULT {
            SQL_C_BINARY
        } else {
            place.c_type
        },
        ..*place
    };
    match memory::write_cell(cells.as_ref(), 0, sql_type, &place, wide, progress) {
        Ok(Written::Complete) => Ok(Done::Success),
        Ok(Written::NoData) => Ok(Done::NoData),
        Ok(Written::WithWarning(warning)) => Err(Record::from(warning).at(1, 0)),
        Err(error) => Err(Record::from(&error).at(1, 0)),
    }
}
