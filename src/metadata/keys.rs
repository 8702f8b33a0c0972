//! SQLPrimaryKeys, SQLForeignKeys and SQLStatistics: keys, and the unique index that a primary key is.

use std::sync::Arc;

use super::shape::{self, Value};
use super::tables::{matching, named};
use super::{Argument, ResultSet, View};
use crate::catalog::{CATALOG_NAME, ForeignKey, SCHEMA_NAME, Table};

const SQL_NO_ACTION: i16 = 3;
const SQL_NOT_DEFERRABLE: i16 = 7;
const SQL_TABLE_STAT: i16 = 0;
const SQL_INDEX_OTHER: i16 = 3;
const SQL_FALSE: i16 = 0;

pub(super) fn primary_key_name(table: &Table) -> String {
    #[cfg(feature = "scratch-tables")]
    if let Some(name) = table.primary_key_name() {
        return name.to_owned();
    }
    format!("PK_{}", table.name)
}

pub(super) fn foreign_key_name(table: &Table, key: &ForeignKey) -> String {
    #[cfg(feature = "scratch-tables")]
    if let Some(name) = table.foreign_key_name(key) {
        return name.to_owned();
    }
    format!("FK_{}_{}", table.name, key.column)
}

/// Okta's foreign keys have one column each.
fn key_sequence(_table: &Table, _key: &ForeignKey) -> i16 {
    #[cfg(feature = "scratch-tables")]
    return _table.foreign_key_sequence(_key);
    #[cfg(not(feature = "scratch-tables"))]
    1
}

pub(super) fn primary_keys(
    tables: &[Arc<Table>],
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
) -> ResultSet {
    let mut rows = Vec::new();
    if let Some(table) = named(tables, view, cat, schema, table) {
        for (column, sequence) in table.primary_key.iter().zip(1_i16..) {
            rows.push([
                CATALOG_NAME.into(),
                SCHEMA_NAME.into(),
                table.name.as_str().into(),
                column.as_str().into(),
                sequence.into(),
                primary_key_name(table).as_str().into(),
            ]);
        }
    }
    shape::result_set(&shape::PRIMARY_KEYS, &rows)
}

/// One end of a foreign key, as SQLForeignKeys names it.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub cat: Argument<'a>,
    pub schema: Argument<'a>,
    pub table: Argument<'a>,
}

impl End<'_> {
    /// Null and the empty string both leave this end open.
    fn is_open(&self) -> bool {
        matches!(self.table, None | Some(""))
    }

    fn tables<'t>(&self, tables: &'t [Arc<Table>], view: View) -> Vec<&'t Arc<Table>> {
        if self.is_open() {
            matching(tables, view, self.cat, self.schema, None).collect()
        } else {
            named(tables, view, self.cat, self.schema, self.table)
                .into_iter()
                .collect()
        }
    }
}

/// Ordered by the referenced table where only the referencing one is given, otherwise by the referencing one; each
/// foreign key has one column.
pub(super) fn foreign_keys(tables: &[Arc<Table>], view: View, pk: End, fk: End) -> ResultSet {
    let mut found = Vec::new();
    if !(pk.is_open() && fk.is_open()) {
        let referenced = pk.tables(tables, view);
        for referencing in fk.tables(tables, view) {
            for key in &referencing.foreign_keys {
                let target = referenced
                    .iter()
                    .find(|table| table.name.eq_ignore_ascii_case(&key.table));
                found.extend(target.map(|referenced| (*referenced, referencing, key)));
            }
        }
        if pk.is_open() {
            found.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        }
    }
    let rows: Vec<_> = found
        .into_iter()
        .map(|(referenced, referencing, key)| {
            [
                CATALOG_NAME.into(),
                SCHEMA_NAME.into(),
                referenced.name.as_str().into(),
                key.references.as_str().into(),
                CATALOG_NAME.into(),
                SCHEMA_NAME.into(),
                referencing.name.as_str().into(),
                key.column.as_str().into(),
                key_sequence(referencing, key).into(),
                SQL_NO_ACTION.into(),
                SQL_NO_ACTION.into(),
                foreign_key_name(referencing, key).as_str().into(),
                primary_key_name(referenced).as_str().into(),
                SQL_NOT_DEFERRABLE.into(),
            ]
        })
        .collect();
    shape::result_set(&shape::FOREIGN_KEYS, &rows)
}

/// The only index is unique, so SQL_INDEX_UNIQUE and SQL_INDEX_ALL give the same rows. Cardinality would cost a scan:
/// it is not known.
pub(super) fn statistics(
    tables: &[Arc<Table>],
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
) -> ResultSet {
    let mut rows = Vec::new();
    if let Some(table) = named(tables, view, cat, schema, table) {
        let row = |r#type: i16, index: Option<(i16, &String)>| {
            [
                CATALOG_NAME.into(),
                SCHEMA_NAME.into(),
                table.name.as_str().into(),
                index.map(|_| SQL_FALSE).into(),
                Value::Null,
                index.map(|_| primary_key_name(table)).as_deref().into(),
                r#type.into(),
                index.map(|(position, _)| position).into(),
                index.map(|(_, column)| column.as_str()).into(),
                index.map(|_| "A").into(),
                Value::Null,
                Value::Null,
                Value::Null,
            ]
        };
        rows.push(row(SQL_TABLE_STAT, None));
        rows.extend(
            (1_i16..)
                .zip(&table.primary_key)
                .map(|part| row(SQL_INDEX_OTHER, Some(part))),
        );
        #[cfg(feature = "scratch-tables")]
        rows.extend(declared_indexes(table, true));
        #[cfg(feature = "scratch-tables")]
        rows.extend(declared_indexes(table, false));
    }
    shape::result_set(&shape::STATISTICS, &rows)
}

/// The unique ones come first, each kind by name.
#[cfg(feature = "scratch-tables")]
fn declared_indexes(table: &Table, unique: bool) -> Vec<[Value; 13]> {
    let indexes = table.scratch.iter().flat_map(|scratch| &scratch.indexes);
    let mut indexes: Vec<_> = indexes.filter(|index| index.unique == unique).collect();
    indexes.sort_by(|a, b| a.name.cmp(&b.name));
    let columns = |index: &'_ crate::catalog::scratch::Index| {
        let row = |(position, column): (i16, &String)| {
            [
                CATALOG_NAME.into(),
                SCHEMA_NAME.into(),
                table.name.as_str().into(),
                i16::from(!unique).into(),
                Value::Null,
                index.name.as_str().into(),
                SQL_INDEX_OTHER.into(),
                position.into(),
                column.as_str().into(),
                "A".into(),
                Value::Null,
                Value::Null,
                Value::Null,
            ]
        };
        (1_i16..).zip(&index.columns).map(row).collect::<Vec<_>>()
    };
    indexes.into_iter().flat_map(columns).collect()
}
