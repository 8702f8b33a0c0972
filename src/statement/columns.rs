//! Result columns as the IRD and SQLColAttribute show them.

use std::sync::Arc;

use arrow::datatypes::Schema;

use crate::catalog::{CATALOG_NAME, SCHEMA_NAME, field};
use crate::ffi::consts::*;
use crate::metadata::types::{self, ColumnType};

/// One record of an IRD.
#[derive(Debug, Clone)]
pub struct Column {
    pub label: String,
    /// Empty for computed columns.
    pub base_table: String,
    pub base_column: String,
    pub kind: ColumnType,
    pub nullable: bool,
}

/// The value of a descriptor field, of the width that SQLGetDescField gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Text(String),
    Small(i16),
    Integer(i32),
    /// SQLLEN, SQLULEN and pointers.
    Long(isize),
}

/// The columns of a result set.
pub fn of_schema(schema: &Schema) -> Arc<[Column]> {
    schema
        .fields()
        .iter()
        .map(|f| {
            let text = |key: &str| f.metadata().get(key).cloned().unwrap_or_default();
            Column {
                label: f.name().clone(),
                base_table: text(field::BASE_TABLE),
                base_column: text(field::BASE_COLUMN),
                kind: types::of_field(f),
                nullable: f.is_nullable() && !f.metadata().contains_key(field::REQUIRED),
            }
        })
        .collect()
}

fn is_text_or_binary(sql_type: i16) -> bool {
    matches!(
        sql_type,
        SQL_CHAR
            | SQL_VARCHAR
            | SQL_LONGVARCHAR
            | SQL_WCHAR
            | SQL_WVARCHAR
            | SQL_WLONGVARCHAR
            | SQL_BINARY
            | SQL_VARBINARY
            | SQL_LONGVARBINARY
    )
}

impl Column {
    pub fn sql_type(&self) -> i16 {
        self.kind.sql.concise
    }

    fn nullability(&self) -> i16 {
        if self.nullable { SQL_NULLABLE } else { SQL_NO_NULLS }
    }

    /// SQL_DESC_PRECISION: digits of numbers, digits of the seconds' fraction of datetimes.
    fn precision(&self) -> i16 {
        match self.kind.sql.verbose {
            SQL_DATETIME => self.kind.decimal_digits.unwrap_or(0),
            _ => i16::try_from(self.kind.size).unwrap_or(i16::MAX),
        }
    }

    /// A record field by its ODBC 3 or ODBC 2 id; None for ids that are no record field of an IRD.
    pub fn field(&self, id: i16) -> Option<Field> {
        let kind = &self.kind;
        let text = |text: &str| Some(Field::Text(text.to_owned()));
        let digits = kind.decimal_digits.unwrap_or(0);
        let based = |name: &'static str| if self.base_table.is_empty() { "" } else { name };
        match id {
            SQL_COLUMN_NAME | SQL_DESC_NAME | SQL_DESC_LABEL => text(&self.label),
            SQL_DESC_BASE_COLUMN_NAME => text(&self.base_column),
            SQL_DESC_BASE_TABLE_NAME | SQL_DESC_TABLE_NAME => text(&self.base_table),
            SQL_DESC_SCHEMA_NAME => text(based(SCHEMA_NAME)),
            SQL_DESC_CATALOG_NAME => text(based(CATALOG_NAME)),
            SQL_DESC_TYPE_NAME | SQL_DESC_LOCAL_TYPE_NAME => text(kind.sql.name),
            SQL_DESC_LITERAL_PREFIX => text(kind.literal_prefix),
            SQL_DESC_LITERAL_SUFFIX => text(kind.literal_suffix),
            SQL_DESC_CONCISE_TYPE => Some(Field::Small(kind.sql.concise)),
            SQL_DESC_TYPE => Some(Field::Small(kind.sql.verbose)),
            SQL_DESC_DATETIME_INTERVAL_CODE => Some(Field::Small(kind.sql.code)),
            SQL_DESC_DATETIME_INTERVAL_PRECISION => Some(Field::Integer(0)),
            SQL_DESC_LENGTH => Some(Field::Long(kind.size as isize)),
            SQL_COLUMN_LENGTH | SQL_DESC_OCTET_LENGTH => Some(Field::Long(kind.octet_length as isize)),
            SQL_COLUMN_PRECISION => Some(Field::Integer(kind.size.min(i32::MAX as u32) as i32)),
            SQL_DESC_PRECISION if is_text_or_binary(self.sql_type()) => {
                Some(Field::Small(i16::try_from(kind.size).unwrap_or(i16::MAX)))
            }
            SQL_DESC_PRECISION => Some(Field::Small(self.precision())),
            SQL_COLUMN_SCALE | SQL_DESC_SCALE => Some(Field::Small(digits)),
            SQL_DESC_DISPLAY_SIZE => Some(Field::Long(kind.display_size as isize)),
            SQL_COLUMN_NULLABLE | SQL_DESC_NULLABLE => Some(Field::Small(self.nullability())),
            SQL_DESC_NUM_PREC_RADIX => Some(Field::Integer(kind.radix.map_or(0, i32::from))),
            SQL_DESC_UNSIGNED => Some(Field::Small(i16::from(kind.unsigned || kind.radix.is_none()))),
            SQL_DESC_FIXED_PREC_SCALE | SQL_DESC_ROWVER => Some(Field::Small(0)),
            SQL_DESC_UPDATABLE => Some(Field::Small(0)),
            SQL_DESC_AUTO_UNIQUE_VALUE => Some(Field::Integer(0)),
            SQL_DESC_CASE_SENSITIVE => Some(Field::Integer(i32::from(kind.case_sensitive))),
            SQL_DESC_SEARCHABLE => Some(Field::Small(kind.searchable)),
            SQL_DESC_UNNAMED => Some(Field::Small(if self.label.is_empty() {
                SQL_UNNAMED
            } else {
                SQL_NAMED
            })),
            SQL_CA_SS_COLUMN_HIDDEN | SQL_CA_SS_COLUMN_KEY => Some(Field::Integer(0)),
            _ => None,
        }
    }
}
