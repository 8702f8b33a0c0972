//! Rows of the catalog functions and the driver's facts: SQLTables, SQLColumns, keys, type info, SQLGetInfo, the system catalog.

mod columns;
pub mod info;
mod keys;
mod pattern;
mod shape;
pub mod system;
mod tables;
mod type_info;
pub mod types;

use arrow::array::RecordBatch;

use crate::catalog::{Catalog, Custom};

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
    catalog: &Catalog,
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
    types: Argument,
) -> ResultSet {
    tables::tables(catalog.tables(), view, cat, schema, table, types)
}

/// SQLColumns, ordered by table and ordinal position.
pub fn columns(
    catalog: &Catalog,
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
    column: Argument,
) -> ResultSet {
    columns::columns(catalog.tables(), view, cat, schema, table, column)
}

/// Whether the arguments of SQLColumns name a table whose own attributes come from the schema of `custom`.
pub fn names(catalog: &Catalog, view: View, cat: Argument, schema: Argument, table: Argument, custom: Custom) -> bool {
    tables::matching(catalog.tables(), view, cat, schema, table).any(|table| table.custom == Some(custom))
}

/// SQLPrimaryKeys; a null `table` is the caller's HY009.
pub fn primary_keys(catalog: &Catalog, view: View, cat: Argument, schema: Argument, table: Argument) -> ResultSet {
    keys::primary_keys(catalog.tables(), view, cat, schema, table)
}

/// SQLForeignKeys: by the referenced table, by the referencing table, or both; both null is the caller's HY009.
#[allow(clippy::too_many_arguments)] // the argument list of SQLForeignKeys
pub fn foreign_keys(
    catalog: &Catalog,
    view: View,
    pk_cat: Argument,
    pk_schema: Argument,
    pk_table: Argument,
    fk_cat: Argument,
    fk_schema: Argument,
    fk_table: Argument,
) -> ResultSet {
    let pk = keys::End {
        cat: pk_cat,
        schema: pk_schema,
        table: pk_table,
    };
    let fk = keys::End {
        cat: fk_cat,
        schema: fk_schema,
        table: fk_table,
    };
    keys::foreign_keys(catalog.tables(), view, pk, fk)
}

/// SQLStatistics: the table's row and, with the primary key, its unique index. `unique` is SQL_INDEX_UNIQUE.
pub fn statistics(
    catalog: &Catalog,
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
    _unique: bool,
) -> ResultSet {
    keys::statistics(catalog.tables(), view, cat, schema, table)
}

/// SQLSpecialColumns: `row_id` is SQL_BEST_ROWID (the primary key), otherwise SQL_ROWVER (no rows).
pub fn special_columns(
    catalog: &Catalog,
    view: View,
    row_id: bool,
    cat: Argument,
    schema: Argument,
    table: Argument,
) -> ResultSet {
    columns::special_columns(catalog.tables(), view, row_id, cat, schema, table)
}

/// SQLGetTypeInfo: SQL_ALL_TYPES (0) or one type, ODBC 2 or 3 code.
pub fn type_info(view: View, data_type: i16) -> ResultSet {
    type_info::type_info(view, data_type)
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

#[cfg(test)]
mod tests;
