//! A parameter's C value as an Arrow array of one row, of the type that belongs to its SQL type.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array,
    StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, new_null_array,
};
use arrow::datatypes::{DataType, TimeUnit};

use super::codes::SqlType;
use super::datetime::{self, Literal, NANOS_PER_DAY, fraction_digits, today};
use super::input::{Input, read_input};
use super::number::{self, Number, digits, out_of_range};
use super::scratch::Scratch;
use super::{Error, Source, WideChar, guid, interval, matrix};

/// Arrow's and ODBC's largest precision of a decimal.
const MAX_PRECISION: usize = 38;

/// The Arrow type that a parameter of this SQL type becomes. A timestamp of finer digits than milliseconds, and a decimal
/// of unknown size, have the unit and the digits of their value instead. `None` for what is no SQL type of ours.
pub fn arrow_type_for(sql_type: i16, column_size: usize, decimal_digits: i16) -> Option<DataType> {
    use SqlType::*;
    Some(match SqlType::of(sql_type)? {
        Char | VarChar | LongVarChar | WChar | WVarChar | WLongVarChar | Guid => DataType::Utf8,
        Decimal | Numeric => {
            let (precision, scale) = declared(column_size, decimal_digits);
            DataType::Decimal128(precision, scale)
        }
        TinyInt | SmallInt | Integer => DataType::Int32,
        BigInt => DataType::Int64,
        Real | Float | Double => DataType::Float64,
        Bit => DataType::Boolean,
        Binary | VarBinary | LongVarBinary => DataType::Binary,
        Date => DataType::Date32,
        Time => DataType::Time64(TimeUnit::Microsecond),
        Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
    })
}

/// NULL of the parameter's type.
pub fn null_parameter(source: &Source) -> Result<ArrayRef, Error> {
    let data_type = arrow_type_for(source.sql_type, source.column_size, source.decimal_digits).ok_or_else(|| {
        Error::InvalidSqlType {
            message: format!("SQL type {} is not one that this driver has", source.sql_type),
        }
    })?;
    Ok(new_null_array(&data_type, 1))
}

/// A parameter whose bytes are at hand: all that SQLPutData sent, without a terminator. `source`'s pointers are not used.
pub fn parameter_from_bytes(source: &Source, bytes: &[u8], wide: WideChar) -> Result<ArrayRef, Error> {
    let (sql, c) = matrix::resolve_parameter(source.c_type, source.sql_type)?;
    let input = read_input(bytes, c, sql, source.scale, wide)?;
    use SqlType::*;
    match sql {
        Char | VarChar | LongVarChar | WChar | WVarChar | WLongVarChar => text(input, source.column_size),
        Decimal | Numeric => decimal(input, source),
        TinyInt => int32(input, i8::MIN.into(), u8::MAX.into()),
        SmallInt => int32(input, i16::MIN.into(), u16::MAX.into()),
        Integer => int32(input, i32::MIN.into(), i32::MAX.into()),
        BigInt => {
            let value = whole(input)?;
            let value = i64::try_from(value.0).map_err(|_| cut_digits(value.1))?;
            Ok(Arc::new(Int64Array::from(vec![value])))
        }
        Real => double(input, f64::from(f32::MAX)),
        Float | Double => double(input, f64::MAX),
        Bit => bit(input),
        Binary | VarBinary | LongVarBinary => binary(input, source.column_size),
        Date => date(input),
        Time => time(input, source),
        Timestamp => timestamp(input, source),
        Guid => canonical_guid(input),
    }
}

fn unconvertible() -> Error {
    Error::RestrictedType {
        message: "The parameter's C type cannot be sent as its SQL type".to_owned(),
    }
}

fn truncated(what: &str) -> Error {
    Error::RightTruncation {
        message: format!("{what} would be cut to fit the parameter's ColumnSize and DecimalDigits"),
    }
}

fn one_text(text: &str) -> ArrayRef {
    Arc::new(StringArray::from(vec![text]))
}

fn text(input: Input<'_>, column_size: usize) -> Result<ArrayRef, Error> {
    let mut rendered = Scratch::new();
    let text: Cow<'_, str> = match input {
        Input::Text(text) => text,
        other => {
            other.render(&mut rendered)?;
            Cow::Borrowed(rendered.as_str())
        }
    };
    // Both kinds of text are counted in characters: ColumnSize of SQL_VARCHAR is in bytes of a code page, ours is UTF-8.
    if column_size > 0 && text.len() > column_size && text.chars().count() > column_size {
        return Err(truncated("The text"));
    }
    Ok(one_text(&text))
}

/// Whether the value came as text decides between 22001 and 22003.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Text,
    Number,
}

fn cut_digits(origin: Origin) -> Error {
    match origin {
        Origin::Text => truncated("The number's digits"),
        Origin::Number => out_of_range("The parameter's number"),
    }
}

/// The number exactly. Text of more digits than any type has is a truncation (22001).
fn exact(input: Input<'_>) -> Result<(Number, Origin), Error> {
    let number = match input {
        Input::Text(text) => {
            let number = Number::parse(&text).map_err(|error| match error {
                Error::OutOfRange { .. } => cut_digits(Origin::Text),
                other => other,
            })?;
            return Ok((number, Origin::Text));
        }
        Input::Bit(bit) => Number::from_integer(bit.into()),
        Input::Exact(number) => number,
        Input::Float(float) => Number::from_float(float)?,
        Input::Double(double) => Number::from_double(double)?,
        Input::Interval(span, kind) => interval::to_number(span, kind).ok_or_else(unconvertible)?,
        _ => return Err(unconvertible()),
    };
    Ok((number, Origin::Number))
}

/// Digits of a fraction are cut silently from numbers (the reference's "n/a"), not from text (22001).
fn whole(input: Input<'_>) -> Result<(i128, Origin), Error> {
    let (number, origin) = exact(input)?;
    let (whole, cut) = number.integer().ok_or_else(|| cut_digits(origin))?;
    if cut && origin == Origin::Text {
        return Err(cut_digits(origin));
    }
    Ok((whole, origin))
}

/// SQL_TINYINT and SQL_SMALLINT parameters do not say whether they are signed: both ranges are taken.
fn int32(input: Input<'_>, least: i64, most: i64) -> Result<ArrayRef, Error> {
    let (value, origin) = whole(input)?;
    let value = i32::try_from(value).map_err(|_| cut_digits(origin))?;
    if i64::from(value) < least || i64::from(value) > most {
        return Err(cut_digits(origin));
    }
    Ok(Arc::new(Int32Array::from(vec![value])))
}

fn double(input: Input<'_>, most: f64) -> Result<ArrayRef, Error> {
    let value = match input {
        Input::Double(double) => double,
        Input::Float(float) => float.into(),
        Input::Text(text) => number::parse_double(&text)?,
        Input::Bit(bit) => bit.into(),
        Input::Exact(exact) => {
            let mut rendered = Scratch::new();
            exact.render(&mut rendered);
            number::parse_double(rendered.as_str())?
        }
        _ => return Err(unconvertible()),
    };
    if value.is_finite() && value.abs() > most {
        return Err(out_of_range(value));
    }
    Ok(Arc::new(Float64Array::from(vec![value])))
}

fn bit(input: Input<'_>) -> Result<ArrayRef, Error> {
    let (number, _) = match input {
        Input::Text(text) => (Number::parse(&text)?, Origin::Text),
        other => exact(other)?,
    };
    let (whole, cut) = number.whole();
    if whole > 1 || (number.negative && !number.is_zero()) {
        return Err(out_of_range("A SQL_BIT parameter that is neither 0 nor 1"));
    }
    if cut {
        return Err(truncated("The number's fraction"));
    }
    Ok(Arc::new(BooleanArray::from(vec![whole == 1])))
}

/// Precision and scale of Decimal128; 38 digits where the size is unknown.
fn declared(column_size: usize, decimal_digits: i16) -> (u8, i8) {
    let scale = usize::from(decimal_digits.max(0).unsigned_abs()).min(MAX_PRECISION);
    let precision = if column_size == 0 {
        MAX_PRECISION
    } else {
        column_size.min(MAX_PRECISION).max(scale)
    };
    (precision as u8, scale as i8)
}

fn decimal(input: Input<'_>, source: &Source) -> Result<ArrayRef, Error> {
    let (number, origin) = exact(input)?;
    let (precision, scale) = if source.column_size == 0 {
        let scale = number.scale.clamp(0, MAX_PRECISION as i32);
        (
            digits(number.coefficient).clamp(scale.max(1) as u32, MAX_PRECISION as u32) as u8,
            scale as i8,
        )
    } else {
        declared(source.column_size, source.decimal_digits)
    };
    let (coefficient, cut) = number
        .fit(precision.into(), scale.into())
        .ok_or_else(|| cut_digits(origin))?;
    if cut && origin == Origin::Text {
        return Err(cut_digits(origin));
    }
    // Below 10^38, which is below 2^127.
    let coefficient = coefficient as i128;
    let coefficient = if number.negative { -coefficient } else { coefficient };
    let array = Decimal128Array::from(vec![coefficient])
        .with_precision_and_scale(precision, scale)
        .map_err(|error| Error::OutOfRange {
            message: error.to_string(),
        })?;
    Ok(Arc::new(array))
}

fn binary(input: Input<'_>, column_size: usize) -> Result<ArrayRef, Error> {
    let bytes: Cow<'_, [u8]> = match input {
        Input::Binary(bytes) => Cow::Borrowed(bytes),
        Input::Text(text) => Cow::Owned(from_hex(&text)?),
        _ => return Err(unconvertible()),
    };
    if column_size > 0 && bytes.len() > column_size {
        return Err(truncated("The binary value"));
    }
    Ok(Arc::new(BinaryArray::from_vec(vec![&bytes])))
}

/// Two digits make a byte; an odd last one is not converted, says the reference.
fn from_hex(text: &str) -> Result<Vec<u8>, Error> {
    let digit = |byte: u8| {
        guid::hex_value(byte).ok_or_else(|| Error::InvalidCharacter {
            message: "Text for a binary parameter must be hexadecimal digits".to_owned(),
        })
    };
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    pairs
        .iter()
        .map(|[high, low]| Ok(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

fn datetime_overflow(what: &str) -> Error {
    Error::DatetimeOverflow {
        message: format!("{what} would be cut from the parameter"),
    }
}

fn literal(input: Input<'_>) -> Result<(Literal, Origin), Error> {
    match input {
        Input::Text(text) => Ok((datetime::parse(&text)?, Origin::Text)),
        Input::Datetime(literal) => Ok((literal, Origin::Number)),
        _ => Err(unconvertible()),
    }
}

fn wrong_literal(what: &str) -> Error {
    Error::InvalidCharacter {
        message: format!("The parameter's text is no {what}"),
    }
}

fn date(input: Input<'_>) -> Result<ArrayRef, Error> {
    let days = match literal(input)?.0 {
        Literal::Date { days } | Literal::Timestamp { days, nanos: 0 } => days,
        Literal::Timestamp { .. } => return Err(datetime_overflow("A time that is not midnight")),
        Literal::Time { .. } => return Err(wrong_literal("date")),
    };
    let days = i32::try_from(days).map_err(|_| datetime_overflow("The year"))?;
    Ok(Arc::new(Date32Array::from(vec![days])))
}

/// Digits of fraction that the binding has room for: DecimalDigits, or what ColumnSize leaves behind the point.
fn room_for_fraction(source: &Source, point_at: usize) -> u8 {
    let by_size = source.column_size.saturating_sub(point_at).min(9) as u8;
    by_size.max(source.decimal_digits.clamp(0, 9) as u8)
}

fn time(input: Input<'_>, source: &Source) -> Result<ArrayRef, Error> {
    let room = room_for_fraction(source, "hh:mm:ss.".len());
    let (nanos, room) = match literal(input)?.0 {
        // A size that is unknown does not cut a time; a timestamp's fraction has no place in a time unless it says so.
        Literal::Time { nanos } if source.column_size == 0 && room == 0 => (nanos, 6),
        Literal::Time { nanos } | Literal::Timestamp { nanos, .. } => (nanos, room.min(6)),
        Literal::Date { .. } => return Err(wrong_literal("time")),
    };
    if fraction_digits(nanos) > room {
        return Err(datetime_overflow("The fraction of a second"));
    }
    Ok(Arc::new(Time64MicrosecondArray::from(vec![(nanos / 1_000) as i64])))
}

fn timestamp(input: Input<'_>, source: &Source) -> Result<ArrayRef, Error> {
    let (days, nanos) = match literal(input)?.0 {
        Literal::Timestamp { days, nanos } => (days, nanos),
        Literal::Date { days } => (days, 0),
        Literal::Time { nanos } => (today(), nanos),
    };
    let room = room_for_fraction(source, "yyyy-mm-dd hh:mm:ss.".len());
    let is_unknown = source.column_size == 0 && room == 0;
    let digits = fraction_digits(nanos);
    if !is_unknown && digits > room {
        return Err(datetime_overflow("The fraction of a second"));
    }
    let total = i128::from(days) * i128::from(NANOS_PER_DAY) + i128::from(nanos);
    let count = |unit: i128| i64::try_from(total / unit).map_err(|_| datetime_overflow("The year"));
    Ok(match digits {
        0..=3 => Arc::new(TimestampMillisecondArray::from(vec![count(1_000_000)?])),
        4..=6 => Arc::new(TimestampMicrosecondArray::from(vec![count(1_000)?])),
        _ => Arc::new(TimestampNanosecondArray::from(vec![count(1)?])),
    })
}

/// Upper case, whatever case it came in.
fn canonical_guid(input: Input<'_>) -> Result<ArrayRef, Error> {
    let bytes = match input {
        Input::Text(text) => guid::parse(&text)?,
        Input::Guid(bytes) => bytes,
        _ => return Err(unconvertible()),
    };
    let mut rendered = Scratch::new();
    guid::render(bytes, &mut rendered);
    Ok(one_text(rendered.as_str()))
}
