//! Rows of the catalog functions and the driver's facts: SQLTables, SQLColumns, keys, type info, SQLGetInfo.

pub mod info;
mod shape;
pub mod types;

use arrow::array::RecordBatch;

use crate::catalog::Catalog;

/// A catalog function's result set: field names are the column labels of the ODBC reference (ODBC 3 names), Arrow
/// Utf8/Int16/Int32 with `catalog::field::SIZE` metadata on text.
pub type ResultSet = RecordBatch;

/// A string argument of a catalog function: None is a null pointer.
pub type Argument<'a> = Option<&'a str>;

/// Facts of the application that shape the rows.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// SQL_OV_ODBC2: date types are 9, 10, 11 in DATA_TYPE columns.
    pub odbc2: bool,
    /// SQL_ATTR_METADATA_ID: arguments are identifiers, not patterns.
    pub metadata_id: bool,
    /// `MaxVarcharSize`
    pub max_varchar_size: u32,
}

/// SQLTables, with its three enumeration forms; empty string is "no filter" otherwise.
pub fn tables(
    _catalog: &Catalog,
    _view: View,
    _cat: Argument,
    _schema: Argument,
    _table: Argument,
    _types: Argument,
) -> ResultSet {
    shape::empty(&shape::TABLES)
}

/// SQLColumns, ordered by table and ordinal position.
pub fn columns(
    _catalog: &Catalog,
    _view: View,
    _cat: Argument,
    _schema: Argument,
    _table: Argument,
    _column: Argument,
) -> ResultSet {
    shape::empty(&shape::COLUMNS)
}

/// SQLPrimaryKeys; a null `table` is the caller's HY009.
pub fn primary_keys(_catalog: &Catalog, _view: View, _cat: Argument, _schema: Argument, _table: Argument) -> ResultSet {
    shape::empty(&shape::PRIMARY_KEYS)
}

/// SQLForeignKeys: by the referenced table, by the referencing table, or both; both null is the caller's HY009.
#[allow(clippy::too_many_arguments)] // the argument list of SQLForeignKeys
pub fn foreign_keys(
    _catalog: &Catalog,
    _view: View,
    _pk_cat: Argument,
    _pk_schema: Argument,
    _pk_table: Argument,
    _fk_cat: Argument,
    _fk_schema: Argument,
    _fk_table: Argument,
) -> ResultSet {
    shape::empty(&shape::FOREIGN_KEYS)
}

/// SQLStatistics: the table's row and, with the primary key, its unique index. `unique` is SQL_INDEX_UNIQUE.
pub fn statistics(
    _catalog: &Catalog,
    _view: View,
    _cat: Argument,
    _schema: Argument,
    _table: Argument,
    _unique: bool,
) -> ResultSet {
    shape::empty(&shape::STATISTICS)
}

/// SQLSpecialColumns: `row_id` is SQL_BEST_ROWID (the primary key), otherwise SQL_ROWVER (no rows).
pub fn special_columns(
    _catalog: &Catalog,
    _view: View,
    _row_id: bool,
    _cat: Argument,
    _schema: Argument,
    _table: Argument,
) -> ResultSet {
    shape::empty(&shape::SPECIAL_COLUMNS)
}

/// SQLGetTypeInfo: SQL_ALL_TYPES (0) or one type, ODBC 2 or 3 code.
pub fn type_info(_view: View, _data_type: i16) -> ResultSet {
    shape::empty(&shape::TYPE_INFO)
}

/// SQLProcedures: Okta has none.
pub fn procedures() -> ResultSet {
    shape::empty(&shape::PROCEDURES)
}

/// SQLProcedureColumns: Okta has none.
pub fn procedure_columns() -> ResultSet {
    shape::empty(&shape::PROCEDURE_COLUMNS)
}

/// SQLTablePrivileges: Okta keeps permissions by role, not by table.
pub fn table_privileges() -> ResultSet {
    shape::empty(&shape::TABLE_PRIVILEGES)
}

/// SQLColumnPrivileges: Okta keeps permissions by role, not by column.
pub fn column_privileges() -> ResultSet {
    shape::empty(&shape::COLUMN_PRIVILEGES)
}
