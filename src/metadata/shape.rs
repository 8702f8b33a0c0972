//! The shapes of the catalog functions' result sets: labels, types and nullability as the ODBC reference lists them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int16Array, Int32Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::ResultSet;
use crate::catalog::field;

/// Declared characters of catalog, schema, table, column, index and key names.
pub const NAME: u32 = 128;
/// Declared characters of REMARKS; longer descriptions are cut to it.
pub const REMARKS: u32 = 254;

/// The reference's Varchar, Smallint and Integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Declared size in characters.
    Varchar(u32),
    Smallint,
    Integer,
}

/// One column of a result set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    pub name: &'static str,
    pub r#type: Type,
    /// False where the reference says "not NULL".
    pub nullable: bool,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Text(String),
    Small(i16),
    Int(i32),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<i16> for Value {
    fn from(number: i16) -> Self {
        Value::Small(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Int(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

const fn label(name: &'static str, r#type: Type, nullable: bool) -> Label {
    Label { name, r#type, nullable }
}

use Type::{Integer, Smallint, Varchar};

const NULLABLE: bool = true;
const NOT_NULL: bool = false;

pub const TABLES: [Label; 5] = [
    label("TABLE_CAT", Varchar(NAME), NULLABLE),
    label("TABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("TABLE_NAME", Varchar(NAME), NULLABLE),
    label("TABLE_TYPE", Varchar(32), NULLABLE),
    label("REMARKS", Varchar(REMARKS), NULLABLE),
];

pub const COLUMNS: [Label; 18] = [
    label("TABLE_CAT", Varchar(NAME), NULLABLE),
    label("TABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("TABLE_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_NAME", Varchar(NAME), NOT_NULL),
    label("DATA_TYPE", Smallint, NOT_NULL),
    label("TYPE_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_SIZE", Integer, NULLABLE),
    label("BUFFER_LENGTH", Integer, NULLABLE),
    label("DECIMAL_DIGITS", Smallint, NULLABLE),
    label("NUM_PREC_RADIX", Smallint, NULLABLE),
    label("NULLABLE", Smallint, NOT_NULL),
    label("REMARKS", Varchar(REMARKS), NULLABLE),
    label("COLUMN_DEF", Varchar(REMARKS), NULLABLE),
    label("SQL_DATA_TYPE", Smallint, NOT_NULL),
    label("SQL_DATETIME_SUB", Smallint, NULLABLE),
    label("CHAR_OCTET_LENGTH", Integer, NULLABLE),
    label("ORDINAL_POSITION", Integer, NOT_NULL),
    label("IS_NULLABLE", Varchar(3), NULLABLE),
];

pub const PRIMARY_KEYS: [Label; 6] = [
    label("TABLE_CAT", Varchar(NAME), NULLABLE),
    label("TABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("TABLE_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_NAME", Varchar(NAME), NOT_NULL),
    label("KEY_SEQ", Smallint, NOT_NULL),
    label("PK_NAME", Varchar(NAME), NULLABLE),
];

pub const FOREIGN_KEYS: [Label; 14] = [
    label("PKTABLE_CAT", Varchar(NAME), NULLABLE),
    label("PKTABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("PKTABLE_NAME", Varchar(NAME), NOT_NULL),
    label("PKCOLUMN_NAME", Varchar(NAME), NOT_NULL),
    label("FKTABLE_CAT", Varchar(NAME), NULLABLE),
    label("FKTABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("FKTABLE_NAME", Varchar(NAME), NOT_NULL),
    label("FKCOLUMN_NAME", Varchar(NAME), NOT_NULL),
    label("KEY_SEQ", Smallint, NOT_NULL),
    label("UPDATE_RULE", Smallint, NULLABLE),
    label("DELETE_RULE", Smallint, NULLABLE),
    label("FK_NAME", Varchar(NAME), NULLABLE),
    label("PK_NAME", Varchar(NAME), NULLABLE),
    label("DEFERRABILITY", Smallint, NULLABLE),
];

pub const STATISTICS: [Label; 13] = [
    label("TABLE_CAT", Varchar(NAME), NULLABLE),
    label("TABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("TABLE_NAME", Varchar(NAME), NOT_NULL),
    label("NON_UNIQUE", Smallint, NULLABLE),
    label("INDEX_QUALIFIER", Varchar(NAME), NULLABLE),
    label("INDEX_NAME", Varchar(NAME), NULLABLE),
    label("TYPE", Smallint, NOT_NULL),
    label("ORDINAL_POSITION", Smallint, NULLABLE),
    label("COLUMN_NAME", Varchar(NAME), NULLABLE),
    label("ASC_OR_DESC", Varchar(1), NULLABLE),
    label("CARDINALITY", Integer, NULLABLE),
    label("PAGES", Integer, NULLABLE),
    label("FILTER_CONDITION", Varchar(NAME), NULLABLE),
];

pub const SPECIAL_COLUMNS: [Label; 8] = [
    label("SCOPE", Smallint, NULLABLE),
    label("COLUMN_NAME", Varchar(NAME), NOT_NULL),
    label("DATA_TYPE", Smallint, NOT_NULL),
    label("TYPE_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_SIZE", Integer, NULLABLE),
    label("BUFFER_LENGTH", Integer, NULLABLE),
    label("DECIMAL_DIGITS", Smallint, NULLABLE),
    label("PSEUDO_COLUMN", Smallint, NULLABLE),
];

pub const TYPE_INFO: [Label; 19] = [
    label("TYPE_NAME", Varchar(NAME), NOT_NULL),
    label("DATA_TYPE", Smallint, NOT_NULL),
    label("COLUMN_SIZE", Integer, NULLABLE),
    label("LITERAL_PREFIX", Varchar(32), NULLABLE),
    label("LITERAL_SUFFIX", Varchar(32), NULLABLE),
    label("CREATE_PARAMS", Varchar(32), NULLABLE),
    label("NULLABLE", Smallint, NOT_NULL),
    label("CASE_SENSITIVE", Smallint, NOT_NULL),
    label("SEARCHABLE", Smallint, NOT_NULL),
    label("UNSIGNED_ATTRIBUTE", Smallint, NULLABLE),
    label("FIXED_PREC_SCALE", Smallint, NOT_NULL),
    label("AUTO_UNIQUE_VALUE", Smallint, NULLABLE),
    label("LOCAL_TYPE_NAME", Varchar(NAME), NULLABLE),
    label("MINIMUM_SCALE", Smallint, NULLABLE),
    label("MAXIMUM_SCALE", Smallint, NULLABLE),
    label("SQL_DATA_TYPE", Smallint, NOT_NULL),
    label("SQL_DATETIME_SUB", Smallint, NULLABLE),
    label("NUM_PREC_RADIX", Integer, NULLABLE),
    label("INTERVAL_PRECISION", Smallint, NULLABLE),
];

pub const PROCEDURES: [Label; 8] = [
    label("PROCEDURE_CAT", Varchar(NAME), NULLABLE),
    label("PROCEDURE_SCHEM", Varchar(NAME), NULLABLE),
    label("PROCEDURE_NAME", Varchar(NAME), NOT_NULL),
    label("NUM_INPUT_PARAMS", Integer, NULLABLE),
    label("NUM_OUTPUT_PARAMS", Integer, NULLABLE),
    label("NUM_RESULT_SETS", Integer, NULLABLE),
    label("REMARKS", Varchar(REMARKS), NULLABLE),
    label("PROCEDURE_TYPE", Smallint, NULLABLE),
];

pub const PROCEDURE_COLUMNS: [Label; 19] = [
    label("PROCEDURE_CAT", Varchar(NAME), NULLABLE),
    label("PROCEDURE_SCHEM", Varchar(NAME), NULLABLE),
    label("PROCEDURE_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_TYPE", Smallint, NOT_NULL),
    label("DATA_TYPE", Smallint, NOT_NULL),
    label("TYPE_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_SIZE", Integer, NULLABLE),
    label("BUFFER_LENGTH", Integer, NULLABLE),
    label("DECIMAL_DIGITS", Smallint, NULLABLE),
    label("NUM_PREC_RADIX", Smallint, NULLABLE),
    label("NULLABLE", Smallint, NOT_NULL),
    label("REMARKS", Varchar(REMARKS), NULLABLE),
    label("COLUMN_DEF", Varchar(REMARKS), NULLABLE),
    label("SQL_DATA_TYPE", Smallint, NOT_NULL),
    label("SQL_DATETIME_SUB", Smallint, NULLABLE),
    label("CHAR_OCTET_LENGTH", Integer, NULLABLE),
    label("ORDINAL_POSITION", Integer, NOT_NULL),
    label("IS_NULLABLE", Varchar(3), NULLABLE),
];

pub const TABLE_PRIVILEGES: [Label; 7] = [
    label("TABLE_CAT", Varchar(NAME), NULLABLE),
    label("TABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("TABLE_NAME", Varchar(NAME), NOT_NULL),
    label("GRANTOR", Varchar(NAME), NULLABLE),
    label("GRANTEE", Varchar(NAME), NOT_NULL),
    label("PRIVILEGE", Varchar(NAME), NOT_NULL),
    label("IS_GRANTABLE", Varchar(3), NULLABLE),
];

pub const COLUMN_PRIVILEGES: [Label; 8] = [
    label("TABLE_CAT", Varchar(NAME), NULLABLE),
    label("TABLE_SCHEM", Varchar(NAME), NULLABLE),
    label("TABLE_NAME", Varchar(NAME), NOT_NULL),
    label("COLUMN_NAME", Varchar(NAME), NOT_NULL),
    label("GRANTOR", Varchar(NAME), NULLABLE),
    label("GRANTEE", Varchar(NAME), NOT_NULL),
    label("PRIVILEGE", Varchar(NAME), NOT_NULL),
    label("IS_GRANTABLE", Varchar(3), NULLABLE),
];

/// The rows under their labels.
pub fn result_set<const N: usize>(labels: &[Label; N], rows: &[[Value; N]]) -> ResultSet {
    let columns = labels
        .iter()
        .enumerate()
        .map(|(i, label)| array(label, rows.iter().map(|row| &row[i])))
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema(labels), columns, &options).expect("rows follow their labels")
}

/// The shape without rows.
pub fn empty<const N: usize>(labels: &[Label; N]) -> ResultSet {
    RecordBatch::new_empty(schema(labels))
}

fn schema(labels: &[Label]) -> SchemaRef {
    let fields = labels.iter().map(|label| match label.r#type {
        Varchar(size) => Field::new(label.name, DataType::Utf8, label.nullable)
            .with_metadata(HashMap::from([(field::SIZE.to_owned(), size.to_string())])),
        Smallint => Field::new(label.name, DataType::Int16, label.nullable),
        Integer => Field::new(label.name, DataType::Int32, label.nullable),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn array<'a>(label: &Label, values: impl Iterator<Item = &'a Value>) -> ArrayRef {
    match label.r#type {
        Varchar(size) => Arc::new(StringArray::from_iter(values.map(|value| match value {
            Value::Text(text) => Some(cut(text, size)),
            other => absent(label, other),
        }))),
        Smallint => Arc::new(Int16Array::from_iter(values.map(|value| match value {
            Value::Small(number) => Some(*number),
            other => absent(label, other),
        }))),
        Integer => Arc::new(Int32Array::from_iter(values.map(|value| match value {
            Value::Int(number) => Some(*number),
            other => absent(label, other),
        }))),
    }
}

fn absent<T>(label: &Label, value: &Value) -> Option<T> {
    debug_assert_eq!(*value, Value::Null, "{} is {:?}", label.name, label.r#type);
    None
}

/// The text within its declared size: applications bind buffers of that size.
fn cut(text: &str, size: u32) -> &str {
    match text.char_indices().nth(size as usize) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
