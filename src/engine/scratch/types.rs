//! Types of CREATE TABLE by name: what the catalog calls them, what a value is cast to, what Arrow holds.

use arrow::datatypes::{DataType, Field, TimeUnit};
use sqlparser::ast::{self, ExactNumberInfo, TimezoneInfo};

use super::super::Error;
use crate::catalog::{Kind, field};
use crate::metadata::types::{
    LONG_TEXT_SIZE, SQL_CHAR, SQL_DECIMAL, SQL_LONGVARCHAR, SQL_REAL, SQL_SMALLINT, SQL_TYPE_TIME, SQL_VARBINARY,
    SQL_VARCHAR, SQL_WCHAR,
};

/// Characters or bytes of what declares none.
const UNBOUNDED: u32 = 4000;
/// Digits of NUMERIC without a precision, and those of them behind the point: T-SQL's default has no fraction.
const NUMERIC: (u32, i16) = (18, 0);

type Make = fn(Option<u32>, Option<i16>) -> (Kind, Option<u32>);

const TEXT: Make = |length, _| (Kind::Id, Some(length.unwrap_or(UNBOUNDED)));
const VARCHAR: Make = |length, _| (Kind::Declared(SQL_VARCHAR, length.unwrap_or(UNBOUNDED), 0), None);
const CHAR: Make = |length, _| (Kind::Declared(SQL_CHAR, length.unwrap_or(1), 0), None);
const NCHAR: Make = |length, _| (Kind::Declared(SQL_WCHAR, length.unwrap_or(1), 0), None);
const LONG: Make = |_, _| (Kind::Declared(SQL_LONGVARCHAR, LONG_TEXT_SIZE, 0), Some(LONG_TEXT_SIZE));
const BINARY: Make = |length, _| (Kind::Declared(SQL_VARBINARY, length.unwrap_or(UNBOUNDED), 0), None);
const LONG_BINARY: Make = |_, _| (Kind::Declared(SQL_VARBINARY, LONG_TEXT_SIZE, 0), None);
const SMALLINT: Make = |_, _| (Kind::Declared(SQL_SMALLINT, 5, 0), None);
const INTEGER: Make = |_, _| (Kind::Integer, None);
const BIGINT: Make = |_, _| (Kind::Bigint, None);
const DOUBLE: Make = |_, _| (Kind::Double, None);
const EXACT: Make = |precision, scale| {
    let (digits, places) = match precision {
        Some(precision) => (precision.clamp(1, 38), scale.unwrap_or(0)),
        None => NUMERIC,
    };
    (Kind::Declared(SQL_DECIMAL, digits, places), None)
};
const BOOLEAN: Make = |_, _| (Kind::Boolean, None);
const TIMESTAMP: Make = |_, _| (Kind::Timestamp, None);

/// Names of standard SQL, of T-SQL and of ODBC's appendix D, without lengths.
pub(super) const TYPES: &[(&str, Make)] = &[
    ("CHAR", CHAR),
    ("CHARACTER", CHAR),
    ("CHARACTER VARYING", VARCHAR),
    ("CHAR VARYING", VARCHAR),
    ("NCHAR", NCHAR),
    ("NATIONAL CHARACTER", NCHAR),
    ("NATIONAL CHARACTER VARYING", TEXT),
    ("NVARCHAR", TEXT),
    ("VARCHAR", VARCHAR),
    ("STRING", VARCHAR),
    ("UNIQUEIDENTIFIER", |_, _| (Kind::Id, Some(36))),
    ("UUID", |_, _| (Kind::Id, Some(36))),
    ("TEXT", LONG),
    ("NTEXT", LONG),
    ("CLOB", LONG),
    ("LONG VARCHAR", LONG),
    ("JSON", |_, _| (Kind::Json, None)),
    ("BINARY", BINARY),
    ("VARBINARY", BINARY),
    ("BLOB", LONG_BINARY),
    ("BYTEA", LONG_BINARY),
    ("IMAGE", LONG_BINARY),
    ("BIT", BOOLEAN),
    ("BOOL", BOOLEAN),
    ("BOOLEAN", BOOLEAN),
    ("TINYINT", SMALLINT),
    ("SMALLINT", SMALLINT),
    ("INT", INTEGER),
    ("INTEGER", INTEGER),
    ("BIGINT", BIGINT),
    ("REAL", |_, _| (Kind::Declared(SQL_REAL, 7, 0), None)),
    // 53 bits unless fewer than 25 are asked for, as in T-SQL.
    ("FLOAT", |bits, _| match bits {
        Some(1..=24) => (Kind::Declared(SQL_REAL, 7, 0), None),
        _ => (Kind::Double, None),
    }),
    ("DOUBLE", DOUBLE),
    ("DOUBLE PRECISION", DOUBLE),
    ("DECIMAL", EXACT),
    ("DEC", EXACT),
    ("NUMERIC", EXACT),
    ("MONEY", |_, _| (Kind::Declared(SQL_DECIMAL, 19, 4), None)),
    ("SMALLMONEY", |_, _| (Kind::Declared(SQL_DECIMAL, 10, 4), None)),
    ("DATE", |_, _| (Kind::Date, None)),
    ("TIME", |_, _| (Kind::Declared(SQL_TYPE_TIME, 15, 6), None)),
    ("TIMESTAMP", TIMESTAMP),
    ("DATETIME", TIMESTAMP),
    ("DATETIME2", TIMESTAMP),
    ("SMALLDATETIME", TIMESTAMP),
];

/// The kind and the declared size of a column.
pub(super) fn kind(data_type: &ast::DataType) -> Result<(Kind, Option<u32>), Error> {
    let written = data_type.to_string().to_uppercase();
    let (name, arguments) = written.split_once('(').unwrap_or((&written, ""));
    let mut arguments = arguments.split(')').next().unwrap_or_default().split(',');
    let mut argument = || arguments.next().and_then(|text| text.trim().parse::<u32>().ok());
    let (first, second) = (argument(), argument());
    let name = name.trim().trim_end_matches(" WITHOUT TIME ZONE");
    let make = TYPES.iter().find(|(known, _)| *known == name).map(|(_, make)| make);
    let make = make.ok_or_else(|| Error::Unsupported(format!("CREATE TABLE knows no type {written}.")))?;
    Ok(make(first, second.and_then(|scale| i16::try_from(scale).ok())))
}

/// The type that a value for a column of this kind is cast to.
pub(super) fn cast(kind: Kind) -> ast::DataType {
    use ast::DataType as T;
    match kind {
        Kind::Text | Kind::Enum | Kind::Id | Kind::Json => T::Varchar(None),
        Kind::Integer => T::Integer(None),
        Kind::Bigint => T::BigInt(None),
        Kind::Double => T::DoublePrecision,
        Kind::Boolean => T::Boolean,
        Kind::Timestamp => T::Timestamp(Some(3), TimezoneInfo::None),
        Kind::Date => T::Date,
        Kind::Declared(SQL_SMALLINT, ..) => T::SmallInt(None),
        Kind::Declared(SQL_REAL, ..) => T::Real,
        Kind::Declared(SQL_DECIMAL, precision, scale) => {
            let info = ExactNumberInfo::PrecisionAndScale(u64::from(precision), i64::from(scale));
            T::Decimal(info)
        }
        Kind::Declared(SQL_TYPE_TIME, ..) => T::Time(None, TimezoneInfo::None),
        Kind::Declared(SQL_VARBINARY, ..) => T::Bytea,
        Kind::Declared(..) => T::Varchar(None),
    }
}

/// The Arrow type of [`Kind::Declared`].
pub fn data_type(code: i16, precision: u32, scale: i16) -> DataType {
    match code {
        SQL_SMALLINT => DataType::Int16,
        SQL_REAL => DataType::Float32,
        SQL_DECIMAL => DataType::Decimal128(precision.clamp(1, 38) as u8, scale.clamp(0, 38) as i8),
        SQL_TYPE_TIME => DataType::Time64(TimeUnit::Microsecond),
        SQL_VARBINARY => DataType::Binary,
        _ => DataType::Utf8,
    }
}

/// The kind and the size of a column that holds what a query gives.
pub(super) fn of_field(field: &Field) -> (Kind, Option<u32>) {
    let size = field.metadata().get(field::SIZE).and_then(|size| size.parse().ok());
    match field.data_type() {
        DataType::Boolean => (Kind::Boolean, None),
        DataType::Int16 => SMALLINT(None, None),
        DataType::Int32 => (Kind::Integer, None),
        DataType::Int64 => (Kind::Bigint, None),
        DataType::Float32 => (Kind::Declared(SQL_REAL, 7, 0), None),
        DataType::Float64 => (Kind::Double, None),
        DataType::Decimal128(precision, scale) => (
            Kind::Declared(SQL_DECIMAL, u32::from(*precision), i16::from(*scale)),
            None,
        ),
        DataType::Timestamp(..) => (Kind::Timestamp, None),
        DataType::Date32 => (Kind::Date, None),
        DataType::Time64(_) => (Kind::Declared(SQL_TYPE_TIME, 15, 6), None),
        DataType::Binary => BINARY(size, None),
        _ if field.metadata().get(field::KIND).is_some_and(|kind| kind == "json") => (Kind::Json, size),
        _ => TEXT(size, None),
    }
}
