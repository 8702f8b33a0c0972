//! SQLGetTypeInfo: the rows of the type table.

use super::shape::{self, Value};
use super::types::{TYPES, TypeRow, type_row};
use super::{ResultSet, View};

const SQL_ALL_TYPES: i16 = 0;
const SQL_NULLABLE: i16 = 1;
const SQL_FALSE: i16 = 0;

/// Ordered by DATA_TYPE, which ODBC 2's date codes put elsewhere.
pub(super) fn type_info(view: View, data_type: i16) -> ResultSet {
    let mut wanted: Vec<&TypeRow> = match data_type {
        SQL_ALL_TYPES => TYPES.iter().collect(),
        one => type_row(one).into_iter().collect(),
    };
    wanted.sort_by_key(|row| row.sql.data_type(view.odbc2));
    let rows: Vec<_> = wanted.into_iter().map(|row| type_info_row(row, view)).collect();
    shape::result_set(&shape::TYPE_INFO, &rows)
}

fn type_info_row(row: &TypeRow, view: View) -> [Value; 19] {
    let given = |text: &'static str| (!text.is_empty()).then_some(text);
    [
        row.sql.name.into(),
        row.sql.data_type(view.odbc2).into(),
        i32::try_from(row.size).unwrap_or(i32::MAX).into(),
        given(row.literal_prefix).into(),
        given(row.literal_suffix).into(),
        row.create_params.into(),
        SQL_NULLABLE.into(),
        SQL_FALSE.into(),
        row.searchable.into(),
        row.unsigned.map(i16::from).into(),
        SQL_FALSE.into(),
        row.unsigned.map(|_| SQL_FALSE).into(),
        row.sql.name.into(),
        row.scale.map(|scale| scale.0).into(),
        row.scale.map(|scale| scale.1).into(),
        row.sql.verbose.into(),
        (row.sql.code != 0).then_some(row.sql.code).into(),
        row.radix().map(i32::from).into(),
        Value::Null,
    ]
}
