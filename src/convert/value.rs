//! The reader half: one Arrow cell as a value that any C type can be written from.

use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, Decimal128Array, FixedSizeBinaryArray, LargeBinaryArray,
    LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};

use super::Error;
use super::codes::SqlType;
use super::datetime::NANOS_PER_DAY;
use super::guid;

/// A cell, borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Text(&'a str),
    Bit(bool),
    Int(i64),
    UInt(u64),
    Float(f32),
    Double(f64),
    Decimal {
        value: i128,
        precision: u8,
        scale: i8,
    },
    /// Days since 1970-01-01.
    Date(i64),
    /// Nanoseconds since midnight, and the digits of fraction that the column has.
    Time {
        nanos: u64,
        digits: u8,
    },
    Timestamp {
        days: i64,
        nanos: u64,
        digits: u8,
    },
    Binary(&'a [u8]),
    /// In the order of its text.
    Guid([u8; 16]),
}

/// Is it one of Arrow's unsigned integers? SQL_C_DEFAULT depends on it.
pub(super) fn is_unsigned(data_type: &DataType) -> bool {
    data_type.is_unsigned_integer()
}

/// Reads the cell. 07006 for an Arrow type that is no column of ours, 22018 for a GUID's text that is none.
pub(super) fn read<'a>(cells: &'a dyn Array, row: usize, sql_type: SqlType) -> Result<Value<'a>, Error> {
    if cells.is_null(row) {
        return Ok(Value::Null);
    }
    let value = match cells.data_type() {
        DataType::Null => Value::Null,
        DataType::Utf8 => Value::Text(array::<StringArray>(cells)?.value(row)),
        DataType::LargeUtf8 => Value::Text(array::<LargeStringArray>(cells)?.value(row)),
        DataType::Utf8View => Value::Text(array::<StringViewArray>(cells)?.value(row)),
        DataType::Boolean => Value::Bit(array::<BooleanArray>(cells)?.value(row)),
        DataType::Int8 => Value::Int(primitive::<Int8Type>(cells, row)?.into()),
        DataType::Int16 => Value::Int(primitive::<Int16Type>(cells, row)?.into()),
        DataType::Int32 => Value::Int(primitive::<Int32Type>(cells, row)?.into()),
        DataType::Int64 => Value::Int(primitive::<Int64Type>(cells, row)?),
        DataType::UInt8 => Value::UInt(primitive::<UInt8Type>(cells, row)?.into()),
        DataType::UInt16 => Value::UInt(primitive::<UInt16Type>(cells, row)?.into()),
        DataType::UInt32 => Value::UInt(primitive::<UInt32Type>(cells, row)?.into()),
        DataType::UInt64 => Value::UInt(primitive::<UInt64Type>(cells, row)?),
        DataType::Float32 => Value::Float(primitive::<Float32Type>(cells, row)?),
        DataType::Float64 => Value::Double(primitive::<Float64Type>(cells, row)?),
        DataType::Decimal128(precision, scale) => Value::Decimal {
            value: array::<Decimal128Array>(cells)?.value(row),
            precision: *precision,
            scale: *scale,
        },
        DataType::Date32 => Value::Date(primitive::<Date32Type>(cells, row)?.into()),
        DataType::Date64 => Value::Date(primitive::<Date64Type>(cells, row)?.div_euclid(86_400_000)),
        DataType::Time32(TimeUnit::Second) => time(primitive::<Time32SecondType>(cells, row)?.into(), 0),
        DataType::Time32(_) => time(primitive::<Time32MillisecondType>(cells, row)?.into(), 3),
        DataType::Time64(TimeUnit::Microsecond) => time(primitive::<Time64MicrosecondType>(cells, row)?, 6),
        DataType::Time64(_) => time(primitive::<Time64NanosecondType>(cells, row)?, 9),
        DataType::Timestamp(TimeUnit::Second, _) => timestamp(primitive::<TimestampSecondType>(cells, row)?, 0),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            timestamp(primitive::<TimestampMillisecondType>(cells, row)?, 3)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            timestamp(primitive::<TimestampMicrosecondType>(cells, row)?, 6)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => timestamp(primitive::<TimestampNanosecondType>(cells, row)?, 9),
        DataType::Binary => Value::Binary(array::<BinaryArray>(cells)?.value(row)),
        DataType::LargeBinary => Value::Binary(array::<LargeBinaryArray>(cells)?.value(row)),
        DataType::BinaryView => Value::Binary(cells.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => Value::Binary(array::<FixedSizeBinaryArray>(cells)?.value(row)),
        other => {
            return Err(Error::RestrictedType {
                message: format!("A column of Arrow type {other} has no ODBC type; cast it in the statement"),
            });
        }
    };
    match (sql_type, value) {
        (SqlType::Guid, Value::Binary(bytes)) => {
            let bytes = bytes
                .try_into()
                .map_err(|_| guid::invalid("the value does not have 16 bytes"))?;
            Ok(Value::Guid(bytes))
        }
        (SqlType::Guid, Value::Text(text)) => Ok(Value::Guid(guid::parse(text)?)),
        _ => Ok(value),
    }
}

fn array<T: Array + 'static>(cells: &dyn Array) -> Result<&T, Error> {
    cells.as_any().downcast_ref::<T>().ok_or_else(|| Error::RestrictedType {
        message: format!("The column says {} but holds something else", cells.data_type()),
    })
}

fn primitive<T: ArrowPrimitiveType>(cells: &dyn Array, row: usize) -> Result<T::Native, Error> {
    Ok(array::<PrimitiveArray<T>>(cells)?.value(row))
}

const fn nanos_per_unit(digits: u8) -> i64 {
    10i64.pow(9 - digits as u32)
}

fn time(count: i64, digits: u8) -> Value<'static> {
    let per_day = NANOS_PER_DAY as i64 / nanos_per_unit(digits);
    let nanos = count.rem_euclid(per_day) * nanos_per_unit(digits);
    Value::Time {
        nanos: nanos as u64,
        digits,
    }
}

fn timestamp(count: i64, digits: u8) -> Value<'static> {
    let per_day = NANOS_PER_DAY as i64 / nanos_per_unit(digits);
    let nanos = count.rem_euclid(per_day) * nanos_per_unit(digits);
    Value::Timestamp {
        days: count.div_euclid(per_day),
        nanos: nanos as u64,
        digits,
    }
}
