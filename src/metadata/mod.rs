//! Rows of the catalog functions and the driver's facts: SQLTables, SQLColumns, keys, type info, SQLGetInfo.

pub mod info;
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
    unreachable!("stub")
}
// likewise: columns(catalog, view, cat, schema, table, column), primary_keys(catalog, view, cat, schema, table),
// foreign_keys(catalog, view, pk_cat, pk_schema, pk_table, fk_cat, fk_schema, fk_table),
// statistics(catalog, view, cat, schema, table, unique: bool), special_columns(catalog, view, row_id: bool, cat, schema, table),
// type_info(view, data_type: i16), procedures(), procedure_columns(), table_privileges(), column_privileges()
