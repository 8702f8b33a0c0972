//! INFORMATION_SCHEMA's constraints: primary and foreign keys, and the columns that they are on.

use super::System;
use super::information_schema::relation;
use super::objects::{Kind, Object};
use super::relation::{Relation, Row, int, name, none, row, text};
use crate::catalog::{CATALOG_NAME, SCHEMA_NAME};
use crate::metadata::keys::primary_key_name;

pub const RELATIONS: &[Relation] = &[
    relation(
        "TABLE_CONSTRAINTS",
        &[
            name("CONSTRAINT_CATALOG"),
            name("CONSTRAINT_SCHEMA"),
            name("CONSTRAINT_NAME"),
            name("TABLE_CATALOG"),
            name("TABLE_SCHEMA"),
            name("TABLE_NAME"),
            text("CONSTRAINT_TYPE", 11),
            text("IS_DEFERRABLE", 2),
            text("INITIALLY_DEFERRED", 2),
        ],
        table_constraints,
    ),
    relation(
        "KEY_COLUMN_USAGE",
        &[
            name("CONSTRAINT_CATALOG"),
            name("CONSTRAINT_SCHEMA"),
            name("CONSTRAINT_NAME"),
            name("TABLE_CATALOG"),
            name("TABLE_SCHEMA"),
            name("TABLE_NAME"),
            name("COLUMN_NAME"),
            int("ORDINAL_POSITION"),
        ],
        key_column_usage,
    ),
    relation(
        "REFERENTIAL_CONSTRAINTS",
        &[
            name("CONSTRAINT_CATALOG"),
            name("CONSTRAINT_SCHEMA"),
            name("CONSTRAINT_NAME"),
            name("UNIQUE_CONSTRAINT_CATALOG"),
            name("UNIQUE_CONSTRAINT_SCHEMA"),
            name("UNIQUE_CONSTRAINT_NAME"),
            text("MATCH_OPTION", 7),
            text("UPDATE_RULE", 11),
            text("DELETE_RULE", 11),
        ],
        referential_constraints,
    ),
    relation(
        "CONSTRAINT_COLUMN_USAGE",
        &[
            name("TABLE_CATALOG"),
            name("TABLE_SCHEMA"),
            name("TABLE_NAME"),
            name("COLUMN_NAME"),
            name("CONSTRAINT_CATALOG"),
            name("CONSTRAINT_SCHEMA"),
            name("CONSTRAINT_NAME"),
        ],
        constraint_column_usage,
    ),
    relation(
        "CONSTRAINT_TABLE_USAGE",
        &[
            name("TABLE_CATALOG"),
            name("TABLE_SCHEMA"),
            name("TABLE_NAME"),
            name("CONSTRAINT_CATALOG"),
            name("CONSTRAINT_SCHEMA"),
            name("CONSTRAINT_NAME"),
        ],
        constraint_table_usage,
    ),
    relation(
        "CHECK_CONSTRAINTS",
        &[
            name("CONSTRAINT_CATALOG"),
            name("CONSTRAINT_SCHEMA"),
            name("CONSTRAINT_NAME"),
            text("CHECK_CLAUSE", 4000),
        ],
        none,
    ),
];

/// Keys with the name of their table.
fn keys(system: &System) -> impl Iterator<Item = (&Object, &str)> {
    let keys = system.objects().users().filter(|object| object.kind != Kind::Table);
    keys.filter_map(|key| Some((key, key.table()?.name.as_str())))
}

/// The columns of a key on its own table, in key order.
fn columns(key: &Object) -> Vec<&str> {
    let Some(table) = key.table() else {
        return Vec::new();
    };
    match key.kind {
        Kind::PrimaryKey => table.primary_key.iter().map(String::as_str).collect(),
        Kind::ForeignKey(position) => vec![table.foreign_keys[position].column.as_str()],
        _ => Vec::new(),
    }
}

fn table_constraints(system: &System) -> Vec<Row> {
    keys(system)
        .map(|(key, table)| {
            let kind = match key.kind {
                Kind::PrimaryKey => "PRIMARY KEY",
                _ => "FOREIGN KEY",
            };
            row![
                CATALOG_NAME,
                SCHEMA_NAME,
                &key.name,
                CATALOG_NAME,
                SCHEMA_NAME,
                table,
                kind,
                "NO",
                "NO"
            ]
        })
        .collect()
}

fn key_column_usage(system: &System) -> Vec<Row> {
    let of = |(key, table)| {
        columns(key).into_iter().zip(1_i32..).map(move |(column, ordinal)| {
            row![
                CATALOG_NAME,
                SCHEMA_NAME,
                &key.name,
                CATALOG_NAME,
                SCHEMA_NAME,
                table,
                column,
                ordinal
            ]
        })
    };
    keys(system).flat_map(of).collect()
}

/// A foreign key is to the primary key of the other table.
fn referential_constraints(system: &System) -> Vec<Row> {
    let mut rows = Vec::new();
    for (key, _) in keys(system) {
        let (Kind::ForeignKey(position), Some(table)) = (key.kind, key.table()) else {
            continue;
        };
        if let Some(referenced) = system.catalog.table(&table.foreign_keys[position].table) {
            rows.push(row![
                CATALOG_NAME,
                SCHEMA_NAME,
                &key.name,
                CATALOG_NAME,
                SCHEMA_NAME,
                primary_key_name(referenced),
                "SIMPLE",
                "NO ACTION",
                "NO ACTION"
            ]);
        }
    }
    rows
}

/// SQL Server lists the columns that a constraint is on; the standard would list those that a foreign key refers to.
fn constraint_column_usage(system: &System) -> Vec<Row> {
    let of = |(key, table)| {
        columns(key).into_iter().map(move |column| {
            row![
                CATALOG_NAME,
                SCHEMA_NAME,
                table,
                column,
                CATALOG_NAME,
                SCHEMA_NAME,
                &key.name
            ]
        })
    };
    keys(system).flat_map(of).collect()
}

fn constraint_table_usage(system: &System) -> Vec<Row> {
    let of =
        |(key, table): (&Object, &str)| row![CATALOG_NAME, SCHEMA_NAME, table, CATALOG_NAME, SCHEMA_NAME, &key.name];
    keys(system).map(of).collect()
}
