//! sys: primary and foreign keys, and the unique index that a primary key is.

use super::System;
use super::objects::{HEAP, Kind, Object, PRIMARY_KEY_INDEX};
use super::relation::{Relation, Row, bit, int, name, row, text, tiny};
use super::sys_objects::{extended, object_and, relation};
use crate::catalog::Table;

pub const RELATIONS: &[Relation] = &[
    relation(
        "key_constraints",
        &object_and::<15>(&[int("unique_index_id"), bit("is_system_named"), bit("is_enforced")]),
        key_constraints,
    ),
    relation(
        "foreign_keys",
        &object_and::<22>(&[
            int("referenced_object_id").null(),
            int("key_index_id").null(),
            bit("is_disabled"),
            bit("is_not_for_replication"),
            bit("is_not_trusted"),
            tiny("delete_referential_action").null(),
            text("delete_referential_action_desc", 60).null(),
            tiny("update_referential_action").null(),
            text("update_referential_action_desc", 60).null(),
            bit("is_system_named"),
        ]),
        foreign_keys,
    ),
    Relation {
        lists_columns: true,
        ..relation(
            "foreign_key_columns",
            &[
                int("constraint_object_id"),
                int("constraint_column_id"),
                int("parent_object_id"),
                int("parent_column_id"),
                int("referenced_object_id"),
                int("referenced_column_id"),
            ],
            foreign_key_columns,
        )
    },
    relation(
        "indexes",
        &[
            int("object_id"),
            name("name").null(),
            int("index_id"),
            tiny("type"),
            text("type_desc", 60).null(),
            bit("is_unique").null(),
            int("data_space_id"),
            bit("ignore_dup_key").null(),
            bit("is_primary_key").null(),
            bit("is_unique_constraint").null(),
            tiny("fill_factor"),
            bit("is_padded").null(),
            bit("is_disabled").null(),
            bit("is_hypothetical").null(),
            bit("allow_row_locks").null(),
            bit("allow_page_locks").null(),
            bit("has_filter").null(),
            text("filter_definition", 4000).null(),
        ],
        indexes,
    ),
    Relation {
        lists_columns: true,
        ..relation(
            "index_columns",
            &[
                int("object_id"),
                int("index_id"),
                int("index_column_id"),
                int("column_id"),
                tiny("key_ordinal"),
                tiny("partition_ordinal"),
                bit("is_descending_key").null(),
                bit("is_included_column").null(),
            ],
            index_columns,
        )
    },
];

/// The number of a column in its table.
pub fn column_id(table: &Table, column: &str) -> Option<i32> {
    table
        .column_index(column)
        .and_then(|index| i32::try_from(index + 1).ok())
}

fn of_kind(system: &System, wanted: fn(Kind) -> bool) -> impl Iterator<Item = &Object> {
    system.objects().users().filter(move |object| wanted(object.kind))
}

fn primary_keys(system: &System) -> impl Iterator<Item = &Object> {
    of_kind(system, |kind| kind == Kind::PrimaryKey)
}

fn key_constraints(system: &System) -> Vec<Row> {
    primary_keys(system)
        .map(|key| extended(key, row![PRIMARY_KEY_INDEX, false, true]))
        .collect()
}

/// A foreign key with the table that it is on and the one that it refers to.
struct Reference<'a> {
    key: &'a Object,
    column: i32,
    referenced: &'a Object,
    referenced_column: i32,
}

fn references(system: &System) -> impl Iterator<Item = Reference<'_>> {
    of_kind(system, |kind| matches!(kind, Kind::ForeignKey(_))).filter_map(|key| {
        let (Kind::ForeignKey(position), table) = (key.kind, key.table()?) else {
            return None;
        };
        let foreign = &table.foreign_keys[position];
        let referenced = system.objects().table(&foreign.table)?;
        Some(Reference {
            key,
            column: column_id(table, &foreign.column)?,
            referenced,
            referenced_column: column_id(referenced.table()?, &foreign.references)?,
        })
    })
}

fn foreign_keys(system: &System) -> Vec<Row> {
    let of = |reference: Reference| {
        extended(
            reference.key,
            row![
                reference.referenced.id,
                PRIMARY_KEY_INDEX,
                false,
                false,
                false,
                0,
                "NO_ACTION",
                0,
                "NO_ACTION",
                false
            ],
        )
    };
    references(system).map(of).collect()
}

fn foreign_key_columns(system: &System) -> Vec<Row> {
    let of = |reference: Reference| {
        row![
            reference.key.id,
            1,
            reference.key.parent,
            reference.column,
            reference.referenced.id,
            reference.referenced_column
        ]
    };
    references(system).map(of).collect()
}

/// As SQLStatistics: a unique index that is not clustered for each primary key, over a table that is a heap.
fn indexes(system: &System) -> Vec<Row> {
    let index = |object_id: i32, name: Option<&String>, id: i32, kind: i32, description: &str, key: bool| {
        row![
            object_id,
            name,
            id,
            kind,
            description,
            key,
            1,
            false,
            key,
            false,
            0,
            false,
            false,
            false,
            true,
            true,
            false,
            ()
        ]
    };
    let heaps = system.objects().tables();
    let heaps = heaps.map(|table| index(table.id, None, HEAP, 0, "HEAP", false));
    let keys =
        primary_keys(system).map(|key| index(key.parent, Some(&key.name), PRIMARY_KEY_INDEX, 2, "NONCLUSTERED", true));
    heaps.chain(keys).collect()
}

fn index_columns(system: &System) -> Vec<Row> {
    let mut rows = Vec::new();
    for key in primary_keys(system) {
        let Some(table) = key.table() else { continue };
        for (column, ordinal) in table.primary_key.iter().zip(1_i32..) {
            if let Some(id) = column_id(table, column) {
                rows.push(row![
                    key.parent,
                    PRIMARY_KEY_INDEX,
                    ordinal,
                    id,
                    ordinal,
                    0,
                    false,
                    false
                ]);
            }
        }
    }
    rows
}
