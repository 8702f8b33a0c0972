//! INFORMATION_SCHEMA: schemas, tables and columns, in the columns that SQL Server gives them.

use super::objects::SCHEMAS;
use super::relation::{Column, Relation, Row, instant, int, name, none, row, small, text, tiny};
use super::types::Described;
use super::{INFORMATION_SCHEMA, System};
use crate::catalog::{CATALOG_NAME, SCHEMA_NAME};

/// CHARACTER_SET_NAME of nvarchar.
const UNICODE: &str = "UNICODE";

pub const RELATIONS: &[Relation] = &[
    relation(
        "SCHEMATA",
        &[
            name("CATALOG_NAME"),
            name("SCHEMA_NAME"),
            name("SCHEMA_OWNER"),
            text("DEFAULT_CHARACTER_SET_CATALOG", 6).null(),
            text("DEFAULT_CHARACTER_SET_SCHEMA", 3).null(),
            name("DEFAULT_CHARACTER_SET_NAME"),
        ],
        schemata,
    ),
    relation(
        "TABLES",
        &[
            name("TABLE_CATALOG"),
            name("TABLE_SCHEMA"),
            name("TABLE_NAME"),
            text("TABLE_TYPE", 10),
        ],
        tables,
    ),
    Relation {
        lists_columns: true,
        ..relation(
            "COLUMNS",
            &[
                name("TABLE_CATALOG"),
                name("TABLE_SCHEMA"),
                name("TABLE_NAME"),
                name("COLUMN_NAME"),
                int("ORDINAL_POSITION"),
                text("COLUMN_DEFAULT", 4000).null(),
                text("IS_NULLABLE", 3),
                name("DATA_TYPE"),
                int("CHARACTER_MAXIMUM_LENGTH").null(),
                int("CHARACTER_OCTET_LENGTH").null(),
                tiny("NUMERIC_PRECISION").null(),
                small("NUMERIC_PRECISION_RADIX").null(),
                int("NUMERIC_SCALE").null(),
                small("DATETIME_PRECISION").null(),
                name("CHARACTER_SET_CATALOG").null(),
                name("CHARACTER_SET_SCHEMA").null(),
                name("CHARACTER_SET_NAME").null(),
                name("COLLATION_CATALOG").null(),
                name("COLLATION_SCHEMA").null(),
                name("COLLATION_NAME").null(),
                name("DOMAIN_CATALOG").null(),
                name("DOMAIN_SCHEMA").null(),
                name("DOMAIN_NAME").null(),
            ],
            columns,
        )
    },
    relation(
        "VIEWS",
        &[
            name("TABLE_CATALOG"),
            name("TABLE_SCHEMA"),
            name("TABLE_NAME"),
            text("VIEW_DEFINITION", 4000).null(),
            text("CHECK_OPTION", 7),
            text("IS_UPDATABLE", 2),
        ],
        none,
    ),
    relation("VIEW_TABLE_USAGE", VIEW_USAGE.split_at(6).0, none),
    relation("VIEW_COLUMN_USAGE", VIEW_USAGE, none),
    relation("TABLE_PRIVILEGES", TABLE_PRIVILEGES, none),
    relation(
        "COLUMN_PRIVILEGES",
        &[
            name("GRANTOR"),
            name("GRANTEE"),
            name("TABLE_CATALOG"),
            name("TABLE_SCHEMA"),
            name("TABLE_NAME"),
            name("COLUMN_NAME"),
            text("PRIVILEGE_TYPE", 10),
            text("IS_GRANTABLE", 3),
        ],
        none,
    ),
    relation(
        "SEQUENCES",
        &[
            name("SEQUENCE_CATALOG"),
            name("SEQUENCE_SCHEMA"),
            name("SEQUENCE_NAME"),
            name("DATA_TYPE"),
            tiny("NUMERIC_PRECISION").null(),
            small("NUMERIC_PRECISION_RADIX").null(),
            int("NUMERIC_SCALE").null(),
            int("START_VALUE"),
            int("MINIMUM_VALUE"),
            int("MAXIMUM_VALUE"),
            int("INCREMENT"),
            int("CYCLE_OPTION"),
            name("DECLARED_DATA_TYPE").null(),
            tiny("DECLARED_NUMERIC_PRECISION").null(),
            int("DECLARED_NUMERIC_SCALE").null(),
        ],
        none,
    ),
    relation(
        "ROUTINES",
        &[
            name("SPECIFIC_CATALOG"),
            name("SPECIFIC_SCHEMA"),
            name("SPECIFIC_NAME"),
            name("ROUTINE_CATALOG"),
            name("ROUTINE_SCHEMA"),
            name("ROUTINE_NAME"),
            text("ROUTINE_TYPE", 20),
            name("DATA_TYPE").null(),
            text("ROUTINE_BODY", 30),
            text("ROUTINE_DEFINITION", 4000).null(),
            instant("CREATED"),
            instant("LAST_ALTERED"),
        ],
        none,
    ),
    relation(
        "PARAMETERS",
        &[
            name("SPECIFIC_CATALOG"),
            name("SPECIFIC_SCHEMA"),
            name("SPECIFIC_NAME"),
            int("ORDINAL_POSITION"),
            text("PARAMETER_MODE", 10),
            text("IS_RESULT", 10),
            name("PARAMETER_NAME").null(),
            name("DATA_TYPE").null(),
            int("CHARACTER_MAXIMUM_LENGTH").null(),
        ],
        none,
    ),
];

const VIEW_USAGE: &[Column] = &[
    name("VIEW_CATALOG"),
    name("VIEW_SCHEMA"),
    name("VIEW_NAME"),
    name("TABLE_CATALOG"),
    name("TABLE_SCHEMA"),
    name("TABLE_NAME"),
    name("COLUMN_NAME"),
];

/// Okta keeps permissions by role, not by table: as SQLTablePrivileges has it.
const TABLE_PRIVILEGES: &[Column] = &[
    name("GRANTOR"),
    name("GRANTEE"),
    name("TABLE_CATALOG"),
    name("TABLE_SCHEMA"),
    name("TABLE_NAME"),
    text("PRIVILEGE_TYPE", 10),
    text("IS_GRANTABLE", 3),
];

/// One of its relations that lists no columns.
pub(super) const fn relation(
    name: &'static str,
    columns: &'static [Column],
    rows: fn(&System) -> Vec<Row>,
) -> Relation {
    Relation {
        schema: INFORMATION_SCHEMA,
        name,
        columns,
        rows,
        lists_columns: false,
    }
}

fn schemata(_: &System) -> Vec<Row> {
    // Each is its own owner's, as in a new SQL Server database.
    let of = |schema: &str| row![CATALOG_NAME, schema, schema, (), (), UNICODE];
    SCHEMAS.iter().map(|(schema, _)| of(schema)).collect()
}

fn tables(system: &System) -> Vec<Row> {
    let tables = system.catalog.tables().iter();
    tables
        .map(|table| row![CATALOG_NAME, SCHEMA_NAME, &table.name, "BASE TABLE"])
        .collect()
}

fn columns(system: &System) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in system.catalog.tables() {
        for (column, ordinal) in table.columns.iter().zip(1_i32..) {
            let described = system.described(column);
            let mut row = row![CATALOG_NAME, SCHEMA_NAME, &table.name, &column.name, ordinal, ()];
            row.push(if column.nullable { "YES" } else { "NO" }.into());
            row.extend(typed(&described));
            rows.push(row);
        }
    }
    rows
}

/// DATA_TYPE and everything after it.
fn typed(of: &Described) -> Row {
    let number = of.is_number();
    row![
        of.of.name,
        of.characters(),
        of.octets(),
        number.then_some(of.precision),
        number.then(|| of.radix()),
        (number && of.radix() == 10).then_some(of.scale),
        of.is_datetime().then_some(of.scale),
        (),
        (),
        of.of.is_text.then_some(UNICODE),
        (),
        (),
        of.collation,
        (),
        (),
        (),
    ]
}
