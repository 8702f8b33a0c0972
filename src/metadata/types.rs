//! The SQL type table: which ODBC type an Arrow field is (decision 26), its name, sizes, radix, literals.
//! SQLGetTypeInfo, SQLColumns and the IRD all read it.

use arrow::datatypes::{DataType, Field, TimeUnit};

use crate::catalog::{Column, Kind, field};

pub const SQL_GUID: i16 = -11;
pub const SQL_WLONGVARCHAR: i16 = -10;
pub const SQL_WVARCHAR: i16 = -9;
pub const SQL_WCHAR: i16 = -8;
pub const SQL_BIT: i16 = -7;
pub const SQL_TINYINT: i16 = -6;
pub const SQL_BIGINT: i16 = -5;
pub const SQL_LONGVARBINARY: i16 = -4;
pub const SQL_VARBINARY: i16 = -3;
pub const SQL_BINARY: i16 = -2;
pub const SQL_LONGVARCHAR: i16 = -1;
pub const SQL_CHAR: i16 = 1;
pub const SQL_NUMERIC: i16 = 2;
pub const SQL_DECIMAL: i16 = 3;
pub const SQL_INTEGER: i16 = 4;
pub const SQL_SMALLINT: i16 = 5;
pub const SQL_FLOAT: i16 = 6;
pub const SQL_REAL: i16 = 7;
pub const SQL_DOUBLE: i16 = 8;
/// The verbose type of dates and times.
pub const SQL_DATETIME: i16 = 9;
pub const SQL_VARCHAR: i16 = 12;
pub const SQL_TYPE_DATE: i16 = 91;
pub const SQL_TYPE_TIME: i16 = 92;
pub const SQL_TYPE_TIMESTAMP: i16 = 93;

/// ODBC 2 codes of the date types.
const SQL_DATE: i16 = 9;
const SQL_TIME: i16 = 10;
const SQL_TIMESTAMP: i16 = 11;

pub const SQL_PRED_BASIC: i16 = 2;
pub const SQL_SEARCHABLE: i16 = 3;

/// Declared characters of text that declares none (computed text): `MaxVarcharSize`'s default, nvarchar's limit.
pub const TEXT_SIZE: u32 = 4000;
/// Declared characters of JSON columns. The longest object in recorded Okta answers has under 7,000; applications
/// that bind whole rows allocate this much for every row, so it is no larger than it must be.
pub const LONG_TEXT_SIZE: u32 = 16_384;
/// Declared bytes of binary values that declare none.
const BINARY_SIZE: u32 = 8000;
/// Largest declared size: its byte length as wide text still fits SQLINTEGER.
const MAX_TEXT_SIZE: u32 = 0x3FFF_FFFF;

/// One row: everything ODBC wants to know of a SQL type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlType {
    /// SQL_WVARCHAR, SQL_TYPE_TIMESTAMP …
    pub concise: i16,
    /// SQL_DESC_TYPE: SQL_DATETIME for datetimes.
    pub verbose: i16,
    /// SQL_DESC_DATETIME_INTERVAL_CODE, 0 otherwise.
    pub code: i16,
    /// `nvarchar`, `datetime2` …: bare, accepted in CAST.
    pub name: &'static str,
}

impl SqlType {
    /// The code of DATA_TYPE columns: what SQLGetTypeInfo, SQLColumns and the like show this application.
    pub fn data_type(&self, odbc2: bool) -> i16 {
        match self.concise {
            SQL_TYPE_DATE if odbc2 => SQL_DATE,
            SQL_TYPE_TIME if odbc2 => SQL_TIME,
            SQL_TYPE_TIMESTAMP if odbc2 => SQL_TIMESTAMP,
            concise => concise,
        }
    }
}

/// A result or table column as descriptors and SQLColumns show it; lengths as the ODBC reference's "Column Size,
/// Decimal Digits, Transfer Octet Length, and Display Size" appendix has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnType {
    pub sql: SqlType,
    /// COLUMN_SIZE
    pub size: u32,
    pub decimal_digits: Option<i16>,
    /// SQL_DESC_OCTET_LENGTH
    pub octet_length: u32,
    pub display_size: u32,
    /// 10 or 2 for numbers
    pub radix: Option<i16>,
    pub unsigned: bool,
    pub case_sensitive: bool,
    pub literal_prefix: &'static str,
    pub literal_suffix: &'static str,
    /// SQL_PRED_SEARCHABLE …
    pub searchable: i16,
}

/// Families of types that share their lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Char,
    WideChar,
    Binary,
    Guid,
    Bit,
    /// TINYINT, SMALLINT, INTEGER, BIGINT.
    Integer,
    /// DECIMAL, NUMERIC.
    Exact,
    /// REAL, FLOAT, DOUBLE.
    Approximate,
    Datetime,
}

/// One row of SQLGetTypeInfo, and the source of every [`ColumnType`] of that type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeRow {
    pub sql: SqlType,
    pub family: Family,
    /// COLUMN_SIZE: the largest.
    pub size: u32,
    pub literal_prefix: &'static str,
    pub literal_suffix: &'static str,
    pub create_params: Option<&'static str>,
    /// MINIMUM_SCALE and MAXIMUM_SCALE.
    pub scale: Option<(i16, i16)>,
    /// UNSIGNED_ATTRIBUTE.
    pub unsigned: Option<bool>,
    pub searchable: i16,
}

const fn row(concise: i16, name: &'static str, family: Family, size: u32) -> TypeRow {
    let (verbose, code) = match concise {
        SQL_TYPE_DATE => (SQL_DATETIME, 1),
        SQL_TYPE_TIME => (SQL_DATETIME, 2),
        SQL_TYPE_TIMESTAMP => (SQL_DATETIME, 3),
        other => (other, 0),
    };
    let (literal_prefix, literal_suffix) = match family {
        Family::WideChar => ("N'", "'"),
        Family::Char | Family::Guid | Family::Datetime => ("'", "'"),
        Family::Binary => ("0x", ""),
        Family::Bit | Family::Integer | Family::Exact | Family::Approximate => ("", ""),
    };
    TypeRow {
        sql: SqlType {
            concise,
            verbose,
            code,
            name,
        },
        family,
        size,
        literal_prefix,
        literal_suffix,
        create_params: None,
        scale: match family {
            Family::Integer => Some((0, 0)),
            _ => None,
        },
        unsigned: match family {
            Family::Integer | Family::Exact | Family::Approximate => Some(false),
            _ => None,
        },
        searchable: match family {
            Family::Char | Family::WideChar => SQL_SEARCHABLE,
            _ => SQL_PRED_BASIC,
        },
    }
}

impl TypeRow {
    const fn params(mut self, create_params: &'static str) -> TypeRow {
        self.create_params = Some(create_params);
        self
    }

    const fn scale(mut self, minimum: i16, maximum: i16) -> TypeRow {
        self.scale = Some((minimum, maximum));
        self
    }

    const fn unsigned(mut self) -> TypeRow {
        self.unsigned = Some(true);
        self
    }

    /// 10 for numbers.
    pub const fn radix(&self) -> Option<i16> {
        match self.family {
            Family::Integer | Family::Exact | Family::Approximate => Some(10),
            _ => None,
        }
    }
}

use Family::*;

/// Every SQL type, ordered by code. Names are T-SQL's, as SQLAlchemy's mssql dialect knows them and CAST takes them.
/// Sizes of text are large because pyodbc sends longer parameters in pieces of that size (ODBC clients ask these rows
/// for limits, SQLColumns for the truth).
pub const TYPES: &[TypeRow] = &[
    row(SQL_GUID, "uniqueidentifier", Guid, 36),
    row(SQL_WLONGVARCHAR, "ntext", WideChar, MAX_TEXT_SIZE),
    row(SQL_WVARCHAR, "nvarchar", WideChar, MAX_TEXT_SIZE).params("max length"),
    row(SQL_WCHAR, "nchar", WideChar, TEXT_SIZE).params("length"),
    row(SQL_BIT, "bit", Bit, 1),
    row(SQL_TINYINT, "tinyint", Integer, 3).unsigned(),
    row(SQL_BIGINT, "bigint", Integer, 19),
    row(SQL_LONGVARBINARY, "image", Binary, 0x7FFF_FFFF),
    row(SQL_VARBINARY, "varbinary", Binary, 0x7FFF_FFFF).params("max length"),
    row(SQL_BINARY, "binary", Binary, BINARY_SIZE).params("length"),
    row(SQL_LONGVARCHAR, "text", Char, 0x7FFF_FFFF),
    row(SQL_CHAR, "char", Char, 8000).params("length"),
    row(SQL_NUMERIC, "numeric", Exact, 38)
        .params("precision,scale")
        .scale(0, 38),
    row(SQL_DECIMAL, "decimal", Exact, 38)
        .params("precision,scale")
        .scale(0, 38),
    row(SQL_INTEGER, "int", Integer, 10),
    row(SQL_SMALLINT, "smallint", Integer, 5),
    row(SQL_FLOAT, "float", Approximate, 15),
    row(SQL_REAL, "real", Approximate, 7),
    row(SQL_DOUBLE, "float", Approximate, 15),
    row(SQL_VARCHAR, "varchar", Char, 0x7FFF_FFFF).params("max length"),
    row(SQL_TYPE_DATE, "date", Datetime, 10),
    row(SQL_TYPE_TIME, "time", Datetime, 18).params("scale").scale(0, 9),
    row(SQL_TYPE_TIMESTAMP, "datetime2", Datetime, 29)
        .params("scale")
        .scale(0, 9),
];

/// The row of a concise type, ODBC 3 or ODBC 2 code.
pub fn type_row(concise: i16) -> Option<&'static TypeRow> {
    let concise = match concise {
        SQL_DATE => SQL_TYPE_DATE,
        SQL_TIME => SQL_TYPE_TIME,
        SQL_TIMESTAMP => SQL_TYPE_TIMESTAMP,
        other => other,
    };
    TYPES.iter().find(|row| row.sql.concise == concise)
}

/// A column of type `concise` with that precision (characters, bytes, digits; ignored where the type fixes it) and
/// scale (fraction digits of decimals, times and timestamps). None for a type the driver does not have.
pub fn of_sql_type(concise: i16, precision: u32, scale: i16) -> Option<ColumnType> {
    type_row(concise).map(|row| column(row, precision, scale))
}

fn column(row: &TypeRow, precision: u32, scale: i16) -> ColumnType {
    let precision = precision.min(row.size);
    let size = match row.family {
        Char | WideChar | Binary | Exact => precision,
        Datetime => datetime_size(row.sql.concise, scale),
        _ => row.size,
    };
    let unsigned = row.unsigned == Some(true);
    let (octet_length, display_size) = match (row.family, row.sql.concise) {
        (Char, _) => (size, size),
        (WideChar, _) => (size * 2, size),
        (Binary, _) => (size, size.saturating_mul(2)),
        (Guid, _) => (16, 36),
        (Bit, _) => (1, 1),
        // Digits, sign and decimal point.
        (Exact, _) => (size + 2, size + 2),
        (Integer, SQL_TINYINT) => (1, size + u32::from(!unsigned)),
        (Integer, SQL_SMALLINT) => (2, size + u32::from(!unsigned)),
        (Integer, SQL_INTEGER) => (4, size + u32::from(!unsigned)),
        // BIGINT: twenty characters, as the reference lets it be returned as text by default.
        (Integer, _) => (20, 20),
        (Approximate, SQL_REAL) => (4, 14),
        (Approximate, _) => (8, 24),
        (Datetime, SQL_TYPE_TIMESTAMP) => (16, size),
        (Datetime, _) => (6, size),
    };
    ColumnType {
        sql: row.sql,
        size,
        decimal_digits: match (row.family, row.sql.concise) {
            (Exact, _) => Some(scale),
            (Integer, _) => Some(0),
            (Datetime, SQL_TYPE_TIME | SQL_TYPE_TIMESTAMP) => Some(scale),
            _ => None,
        },
        octet_length,
        display_size,
        radix: row.radix(),
        unsigned,
        case_sensitive: false,
        literal_prefix: row.literal_prefix,
        literal_suffix: row.literal_suffix,
        searchable: row.searchable,
    }
}

/// `yyyy-mm-dd`, `hh:mm:ss[.f…]`, `yyyy-mm-dd hh:mm:ss[.f…]`.
fn datetime_size(concise: i16, scale: i16) -> u32 {
    let fraction = if scale > 0 { scale.unsigned_abs() as u32 + 1 } else { 0 };
    match concise {
        SQL_TYPE_DATE => 10,
        SQL_TYPE_TIME => 8 + fraction,
        _ => 19 + fraction,
    }
}

impl ColumnType {
    /// An unsigned integer type: tinyint always is one, the others where Arrow's is.
    fn made_unsigned(mut self) -> ColumnType {
        self.unsigned = true;
        if self.sql.concise == SQL_BIGINT {
            self.size = 20;
        } else {
            self.display_size = self.size;
        }
        self
    }
}

fn of(concise: i16, precision: u32, scale: i16) -> ColumnType {
    of_sql_type(concise, precision, scale).expect("TYPES has every type this file names")
}

fn long_text(size: Option<u32>) -> ColumnType {
    ColumnType {
        case_sensitive: true,
        ..of(SQL_WLONGVARCHAR, size.unwrap_or(LONG_TEXT_SIZE), 0)
    }
}

fn text(size: u32) -> ColumnType {
    of(SQL_WVARCHAR, size, 0)
}

fn fraction(unit: &TimeUnit) -> i16 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

/// The type of an Arrow field. Its metadata gives declared sizes, which the engine keeps within `MaxVarcharSize`.
pub fn of_field(field: &Field) -> ColumnType {
    let declared = field
        .metadata()
        .get(field::SIZE)
        .and_then(|size| size.parse().ok())
        .filter(|size| *size > 0);
    let long = field.metadata().contains_key(field::KIND);
    of_data_type(field.data_type(), declared, long)
}

fn of_data_type(data_type: &DataType, declared: Option<u32>, long: bool) -> ColumnType {
    use DataType::*;
    match data_type {
        Boolean => of(SQL_BIT, 1, 0),
        Int8 => ColumnType {
            unsigned: false,
            display_size: 4,
            ..of(SQL_TINYINT, 3, 0)
        },
        UInt8 => of(SQL_TINYINT, 3, 0),
        Int16 => of(SQL_SMALLINT, 5, 0),
        UInt16 => of(SQL_SMALLINT, 5, 0).made_unsigned(),
        Int32 => of(SQL_INTEGER, 10, 0),
        UInt32 => of(SQL_INTEGER, 10, 0).made_unsigned(),
        Int64 => of(SQL_BIGINT, 19, 0),
        UInt64 => of(SQL_BIGINT, 19, 0).made_unsigned(),
        Float16 | Float32 => of(SQL_REAL, 7, 0),
        Float64 => of(SQL_DOUBLE, 15, 0),
        Decimal32(precision, scale)
        | Decimal64(precision, scale)
        | Decimal128(precision, scale)
        | Decimal256(precision, scale) => of(SQL_DECIMAL, u32::from(*precision), i16::from(*scale)),
        Timestamp(unit, _) => of(SQL_TYPE_TIMESTAMP, 0, fraction(unit)),
        Date32 | Date64 => of(SQL_TYPE_DATE, 0, 0),
        Time32(unit) | Time64(unit) => of(SQL_TYPE_TIME, 0, fraction(unit)),
        FixedSizeBinary(16) => of(SQL_GUID, 36, 0),
        FixedSizeBinary(size) => of(SQL_BINARY, size.unsigned_abs(), 0),
        Binary | LargeBinary | BinaryView => of(SQL_VARBINARY, declared.unwrap_or(BINARY_SIZE), 0),
        Dictionary(_, values) => of_data_type(values, declared, long),
        // A bare NULL; a size of 0 would read as "unknown".
        Null => text(1),
        _ if long || data_type.is_nested() => long_text(declared),
        _ => text(declared.unwrap_or(TEXT_SIZE)),
    }
}

/// The type of a catalog column; text is at most `max_varchar_size` characters. Agrees with [`of_field`] on the Arrow
/// field that the engine makes of the column.
pub fn of_kind(column: &Column, max_varchar_size: u32) -> ColumnType {
    let limit = max_varchar_size.max(1);
    let declared = column.size.unwrap_or(limit).clamp(1, limit);
    match column.kind {
        Kind::Text | Kind::Enum => text(declared),
        Kind::Id => ColumnType {
            case_sensitive: true,
            ..text(declared)
        },
        Kind::Integer => of(SQL_INTEGER, 10, 0),
        Kind::Bigint => of(SQL_BIGINT, 19, 0),
        Kind::Double => of(SQL_DOUBLE, 15, 0),
        Kind::Boolean => of(SQL_BIT, 1, 0),
        Kind::Timestamp => of(SQL_TYPE_TIMESTAMP, 0, 3),
        Kind::Date => of(SQL_TYPE_DATE, 0, 0),
        Kind::Json => long_text(column.size),
        #[cfg(feature = "scratch-tables")]
        Kind::Declared(code, precision, scale) => of(code, precision, scale),
    }
}

#[cfg(test)]
mod tests;
