//! SQLColumns and SQLSpecialColumns: the columns of tables, and those that identify a row.

use std::sync::Arc;

use super::pattern::Matcher;
use super::shape::{self, Value};
use super::tables::{matching, named};
use super::types::{self, ColumnType, Family, type_row};
use super::{Argument, ResultSet, View};
use crate::catalog::{CATALOG_NAME, Column, SCHEMA_NAME, Table};

const SQL_NO_NULLS: i16 = 0;
const SQL_NULLABLE: i16 = 1;
/// Okta's ids never change: valid for the session, and longer.
const SQL_SCOPE_SESSION: i16 = 2;
const SQL_PC_NOT_PSEUDO: i16 = 1;

pub(super) fn columns(
    tables: &[Arc<Table>],
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
    column: Argument,
) -> ResultSet {
    let wanted = Matcher::pattern(column, view.metadata_id);
    let mut rows = Vec::new();
    for table in matching(tables, view, cat, schema, table) {
        for (column, ordinal) in table.columns.iter().zip(1..) {
            if wanted.matches(&column.name) {
                rows.push(row(table, column, ordinal, view));
            }
        }
    }
    shape::result_set(&shape::COLUMNS, &rows)
}

fn row(table: &Table, column: &Column, ordinal: i32, view: View) -> [Value; 18] {
    let r#type = types::of_kind(column, view.max_varchar_size);
    let octets = of_characters_or_bytes(&r#type).then(|| length(r#type.octet_length));
    [
        CATALOG_NAME.into(),
        SCHEMA_NAME.into(),
        table.name.as_str().into(),
        column.name.as_str().into(),
        r#type.sql.data_type(view.odbc2).into(),
        r#type.sql.name.into(),
        length(r#type.size).into(),
        length(r#type.octet_length).into(),
        r#type.decimal_digits.into(),
        r#type.radix.into(),
        if column.nullable { SQL_NULLABLE } else { SQL_NO_NULLS }.into(),
        column.description.as_str().into(),
        Value::Null,
        r#type.sql.verbose.into(),
        (r#type.sql.code != 0).then_some(r#type.sql.code).into(),
        octets.into(),
        ordinal.into(),
        if column.nullable { "YES" } else { "NO" }.into(),
    ]
}

/// CHAR_OCTET_LENGTH is for these only.
fn of_characters_or_bytes(column: &ColumnType) -> bool {
    type_row(column.sql.concise)
        .is_some_and(|row| matches!(row.family, Family::Char | Family::WideChar | Family::Binary))
}

fn length(length: u32) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// The primary key is what identifies a row best; no column changes with every update, so SQL_ROWVER has none.
pub(super) fn special_columns(
    tables: &[Arc<Table>],
    view: View,
    row_id: bool,
    cat: Argument,
    schema: Argument,
    table: Argument,
) -> ResultSet {
    let keys = named(tables, view, cat, schema, table)
        .filter(|_| row_id)
        .into_iter()
        .flat_map(|table| key(table));
    let rows: Vec<_> = keys
        .map(|column| {
            let r#type = types::of_kind(column, view.max_varchar_size);
            [
                SQL_SCOPE_SESSION.into(),
                column.name.as_str().into(),
                r#type.sql.data_type(view.odbc2).into(),
                r#type.sql.name.into(),
                length(r#type.size).into(),
                length(r#type.octet_length).into(),
                r#type.decimal_digits.into(),
                SQL_PC_NOT_PSEUDO.into(),
            ]
        })
        .collect();
    shape::result_set(&shape::SPECIAL_COLUMNS, &rows)
}

/// The primary key's columns in key order.
fn key(table: &Table) -> impl Iterator<Item = &Column> {
    table.primary_key.iter().filter_map(|name| {
        table
            .columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    })
}
