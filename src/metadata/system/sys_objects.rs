//! sys: schemas, and the objects in them.

use super::objects::{Kind, Object, SCHEMAS};
use super::relation::{Column, Relation, Row, Value, big, bit, instant, int, name, none, row, text, tiny};
use super::{SYS, System};

/// The columns that every catalog view of objects starts with.
pub const OBJECT: [Column; 12] = [
    name("name"),
    int("object_id"),
    int("principal_id").null(),
    int("schema_id"),
    int("parent_object_id"),
    text("type", 2),
    text("type_desc", 60),
    instant("create_date").null(),
    instant("modify_date").null(),
    bit("is_ms_shipped"),
    bit("is_published"),
    bit("is_schema_published"),
];

/// The columns of an object, and `N - 12` of its own.
pub const fn object_and<const N: usize>(own: &[Column]) -> [Column; N] {
    let mut all = [OBJECT[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < OBJECT.len() {
            OBJECT[at]
        } else {
            own[at - OBJECT.len()]
        };
        at += 1;
    }
    all
}

/// A view of sys; `rows` follow `columns`.
pub const fn relation(name: &'static str, columns: &'static [Column], rows: fn(&System) -> Vec<Row>) -> Relation {
    Relation {
        schema: SYS,
        name,
        columns,
        rows,
        lists_columns: false,
    }
}

pub const RELATIONS: &[Relation] = &[
    relation(
        "schemas",
        &[name("name"), int("schema_id"), int("principal_id").null()],
        schemas,
    ),
    relation("objects", &OBJECT, objects),
    relation("all_objects", &OBJECT, all_objects),
    relation("system_objects", &OBJECT, system_objects),
    relation(
        "tables",
        &object_and::<26>(&[
            int("lob_data_space_id"),
            int("filestream_data_space_id").null(),
            int("max_column_id_used"),
            bit("lock_on_bulk_load"),
            bit("uses_ansi_nulls").null(),
            bit("is_filetable").null(),
            bit("is_memory_optimized").null(),
            tiny("durability").null(),
            text("durability_desc", 60).null(),
            tiny("temporal_type").null(),
            text("temporal_type_desc", 60).null(),
            int("history_table_id").null(),
            bit("is_external"),
            bit("is_node"),
        ]),
        tables,
    ),
    relation("views", &VIEW, none),
    relation("all_views", &VIEW, system_views),
    relation("system_views", &VIEW, system_views),
    relation("sql_modules", SQL_MODULE, none),
    relation("all_sql_modules", SQL_MODULE, none),
    relation("procedures", &OBJECT, none),
    relation(
        "triggers",
        &[
            name("name"),
            int("object_id"),
            tiny("parent_class"),
            text("parent_class_desc", 60).null(),
            int("parent_id"),
            text("type", 2),
            text("type_desc", 60).null(),
            bit("is_ms_shipped"),
            bit("is_disabled"),
            bit("is_instead_of_trigger"),
        ],
        none,
    ),
    relation(
        "synonyms",
        &object_and::<13>(&[text("base_object_name", 1035).null()]),
        none,
    ),
    relation(
        "sequences",
        &object_and::<18>(&[
            big("start_value"),
            big("increment"),
            big("minimum_value").null(),
            big("maximum_value").null(),
            bit("is_cycling").null(),
            big("current_value"),
        ]),
        none,
    ),
    relation(
        "parameters",
        &[
            int("object_id"),
            name("name").null(),
            int("parameter_id"),
            int("system_type_id"),
            int("user_type_id"),
            int("max_length"),
            bit("is_output"),
        ],
        none,
    ),
];

const VIEW: [Column; 17] = object_and(&[
    bit("is_replicated").null(),
    bit("has_replication_filter").null(),
    bit("has_opaque_metadata"),
    bit("with_check_option"),
    bit("is_date_correlation_view"),
]);

const SQL_MODULE: &[Column] = &[
    int("object_id"),
    text("definition", 4000).null(),
    bit("uses_ansi_nulls").null(),
    bit("uses_quoted_identifier").null(),
    bit("is_schema_bound").null(),
    bit("uses_database_collation").null(),
    bit("is_recompiled").null(),
    int("execute_as_principal_id").null(),
];

/// The values of [`OBJECT`]. Okta's tables were never created: there is no date to tell.
pub fn object(object: &Object) -> Row {
    let (code, description) = object.kind.codes();
    row![
        &object.name,
        object.id,
        (),
        object.schema_id(),
        object.parent,
        code,
        description,
        (),
        (),
        object.kind == Kind::SystemView,
        false,
        false,
    ]
}

/// The values of [`OBJECT`], and those of its own.
pub fn extended(of: &Object, own: Vec<Value>) -> Row {
    let mut row = object(of);
    row.extend(own);
    row
}

fn schemas(_: &System) -> Vec<Row> {
    SCHEMAS.iter().map(|(name, id)| row![*name, *id, *id]).collect()
}

fn objects(system: &System) -> Vec<Row> {
    system.objects().users().map(object).collect()
}

fn all_objects(system: &System) -> Vec<Row> {
    system.objects().iter().map(object).collect()
}

fn system_objects(system: &System) -> Vec<Row> {
    system.objects().views().map(object).collect()
}

fn tables(system: &System) -> Vec<Row> {
    let of = |table: &Object| {
        let last = i32::try_from(table.columns().len()).unwrap_or(i32::MAX);
        extended(
            table,
            row![
                0,
                (),
                last,
                false,
                true,
                false,
                false,
                0,
                "SCHEMA_AND_DATA",
                0,
                "NON_TEMPORAL_TABLE",
                (),
                false,
                false
            ],
        )
    };
    system.objects().tables().map(of).collect()
}

fn system_views(system: &System) -> Vec<Row> {
    let views = system.objects().views();
    views
        .map(|view| extended(view, row![false, false, false, false, false]))
        .collect()
}
