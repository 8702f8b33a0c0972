//! The SQL type table: which ODBC type an Arrow field is (decision 26), its name, sizes, radix, literals.
//! SQLGetTypeInfo, SQLColumns and the IRD all read it.

use arrow::datatypes::Field;

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

/// The type of an Arrow field (its metadata gives declared sizes).
pub fn of_field(_field: &Field) -> ColumnType {
    unreachable!("stub")
}

/// The type of a catalog column; text is at most `max_varchar_size` characters.
pub fn of_kind(_column: &crate::catalog::Column, _max_varchar_size: u32) -> ColumnType {
    unreachable!("stub")
}
