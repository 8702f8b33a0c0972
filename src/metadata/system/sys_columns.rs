//! sys: columns, types, and the descriptions of tables and columns.

use super::objects::{Kind, Object, Source};
use super::relation::{self, Column, Relation, Row, Type, Value, bit, int, name, none, row, small, text, tiny};
use super::sys_objects::{object_and, relation};
use super::types::{Described, TYPES};
use super::{COLLATION, SYS, System};

/// The name of the extended property that tools show as a description.
const DESCRIPTION: &str = "MS_Description";
/// `class` of extended properties of objects and columns.
const OBJECT_OR_COLUMN: i32 = 1;
/// Declared characters of an extended property's value: sql_variant's.
const PROPERTY_SIZE: u32 = 3750;

const COLUMN: [Column; 25] = [
    int("object_id"),
    name("name").null(),
    int("column_id"),
    tiny("system_type_id"),
    int("user_type_id"),
    small("max_length"),
    tiny("precision"),
    tiny("scale"),
    name("collation_name").null(),
    bit("is_nullable").null(),
    bit("is_ansi_padded"),
    bit("is_rowguidcol"),
    bit("is_identity"),
    bit("is_computed"),
    bit("is_filestream"),
    bit("is_replicated").null(),
    bit("is_xml_document"),
    int("xml_collection_id"),
    int("default_object_id"),
    int("rule_object_id"),
    bit("is_sparse").null(),
    bit("is_column_set").null(),
    tiny("generated_always_type").null(),
    text("generated_always_type_desc", 60).null(),
    bit("is_hidden"),
];

/// The columns of a column, and `N - 25` of its own.
const fn column_and<const N: usize>(own: &[Column]) -> [Column; N] {
    let mut all = [COLUMN[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < COLUMN.len() {
            COLUMN[at]
        } else {
            own[at - COLUMN.len()]
        };
        at += 1;
    }
    all
}

pub const RELATIONS: &[Relation] = &[
    Relation {
        lists_columns: true,
        ..relation("columns", &COLUMN, columns)
    },
    Relation {
        lists_columns: true,
        ..relation("all_columns", &COLUMN, all_columns)
    },
    relation("system_columns", &COLUMN, system_columns),
    relation(
        "types",
        &[
            name("name"),
            tiny("system_type_id"),
            int("user_type_id"),
            int("schema_id"),
            int("principal_id").null(),
            small("max_length"),
            tiny("precision"),
            tiny("scale"),
            name("collation_name").null(),
            bit("is_nullable").null(),
            bit("is_user_defined"),
            bit("is_assembly_type"),
            int("default_object_id"),
            int("rule_object_id"),
            bit("is_table_type"),
        ],
        types,
    ),
    relation(
        "default_constraints",
        &object_and::<15>(&[
            int("parent_column_id"),
            text("definition", 4000).null(),
            bit("is_system_named"),
        ]),
        none,
    ),
    relation(
        "check_constraints",
        &object_and::<19>(&[
            bit("is_disabled"),
            bit("is_not_for_replication"),
            bit("is_not_trusted"),
            int("parent_column_id"),
            text("definition", 4000).null(),
            bit("uses_database_collation").null(),
            bit("is_system_named"),
        ]),
        none,
    ),
    relation(
        "computed_columns",
        &column_and::<28>(&[
            text("definition", 4000).null(),
            bit("uses_database_collation"),
            bit("is_persisted"),
        ]),
        none,
    ),
    relation(
        "identity_columns",
        &column_and::<29>(&[
            relation::big("seed_value").null(),
            relation::big("increment_value").null(),
            relation::big("last_value").null(),
            bit("is_not_for_replication").null(),
        ]),
        none,
    ),
    Relation {
        lists_columns: true,
        ..relation(
            "extended_properties",
            &[
                tiny("class"),
                text("class_desc", 60).null(),
                int("major_id"),
                int("minor_id"),
                name("name"),
                text("value", PROPERTY_SIZE).null(),
            ],
            extended_properties,
        )
    },
];

/// What fn_listextendedproperty chooses from: its arguments' levels beside its result columns.
pub const PROPERTY_LIST: Relation = Relation {
    schema: SYS,
    name: "fn_listextendedproperty",
    columns: &[
        name("level0type"),
        name("level0name"),
        name("level1type"),
        name("level1name"),
        name("level2type").null(),
        name("level2name").null(),
        name("objtype").null(),
        name("objname").null(),
        name("name"),
        text("value", PROPERTY_SIZE).null(),
    ],
    rows: property_list,
    lists_columns: true,
};

fn columns(system: &System) -> Vec<Row> {
    system
        .objects()
        .tables()
        .flat_map(|object| rows(system, object))
        .collect()
}

fn all_columns(system: &System) -> Vec<Row> {
    system
        .objects()
        .iter()
        .flat_map(|object| rows(system, object))
        .collect()
}

fn system_columns(system: &System) -> Vec<Row> {
    system
        .objects()
        .views()
        .flat_map(|object| rows(system, object))
        .collect()
}

/// The columns of a table or a view; none of a key.
fn rows(system: &System, object: &Object) -> Vec<Row> {
    match (&object.source, object.kind) {
        (Source::Table(table), Kind::Table) => {
            let of = |column: &crate::catalog::Column| (system.described(column), column.nullable);
            let columns = table.columns.iter().zip(1_i32..);
            columns
                .map(|(column, id)| values(object.id, &column.name, id, of(column)))
                .collect()
        }
        (Source::View(view), _) => {
            let columns = view.columns.iter().zip(1_i32..);
            columns
                .map(|(column, id)| values(object.id, column.name, id, (of_system(column), column.nullable)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn of_system(column: &Column) -> Described {
    let characters = match column.r#type {
        Type::Text(size) => Some(size),
        _ => None,
    };
    Described::system(column.r#type.name(), characters)
}

fn values(object_id: i32, name: &str, id: i32, (of, nullable): (Described, bool)) -> Row {
    row![
        object_id,
        name,
        id,
        of.of.system_type_id,
        of.of.user_type_id,
        of.max_length,
        of.precision,
        of.scale,
        of.collation,
        nullable,
        of.of.is_text,
        false,
        false,
        false,
        false,
        false,
        false,
        0,
        0,
        0,
        false,
        false,
        0,
        "NOT_APPLICABLE",
        false,
    ]
}

fn types(_: &System) -> Vec<Row> {
    let sys = super::objects::schema_id(SYS).unwrap_or_default();
    let row = |of: &super::types::ServerType| {
        // SQL Server's sysname and timestamp are NOT NULL.
        let nullable = !matches!(of.name, "sysname" | "timestamp");
        row![
            of.name,
            of.system_type_id,
            of.user_type_id,
            sys,
            (),
            of.max_length,
            of.precision,
            of.scale,
            of.is_text.then_some(COLLATION),
            nullable,
            false,
            false,
            0,
            0,
            false,
        ]
    };
    TYPES.iter().map(row).collect()
}

/// Every table with its description and every column with its own; column 0 is the table.
fn descriptions(system: &System) -> impl Iterator<Item = (&Object, i32, &str, &str)> {
    system
        .objects()
        .tables()
        .filter_map(|object| Some((object, object.table()?)))
        .flat_map(|(object, table)| {
            let columns = table.columns.iter().zip(1_i32..);
            let columns =
                columns.map(move |(column, id)| (object, id, column.name.as_str(), column.description.as_str()));
            std::iter::once((object, 0, "", table.description.as_str())).chain(columns)
        })
}

fn extended_properties(system: &System) -> Vec<Row> {
    let row = |(object, column, _, text): (&Object, i32, &str, &str)| {
        let value: Value = cut(text).into();
        row![
            OBJECT_OR_COLUMN,
            "OBJECT_OR_COLUMN",
            object.id,
            column,
            DESCRIPTION,
            value
        ]
    };
    descriptions(system).map(row).collect()
}

fn property_list(system: &System) -> Vec<Row> {
    let row = |(object, column, name, text): (&Object, i32, &str, &str)| {
        let of_column = column > 0;
        let (kind, named) = if of_column {
            ("COLUMN", name)
        } else {
            ("TABLE", object.name.as_str())
        };
        row![
            "SCHEMA",
            object.schema,
            "TABLE",
            &object.name,
            of_column.then_some("COLUMN"),
            of_column.then_some(name),
            kind,
            named,
            DESCRIPTION,
            cut(text),
        ]
    };
    descriptions(system).map(row).collect()
}

/// Within the declared size.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(PROPERTY_SIZE as usize) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
