//! The relations walked one by one, and their rows beside those of the catalog functions.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int16Type, Int32Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::objects::Objects;
use super::*;
use crate::catalog::Catalog;
use crate::metadata::{View, columns, foreign_keys, primary_keys};

const VIEW: View = View {
    odbc2: false,
    metadata_id: false,
    max_varchar_size: 4000,
};

fn system() -> System {
    System::new(
        Catalog::embedded(),
        "acme.okta.com".into(),
        VIEW.max_varchar_size,
        false,
    )
}

fn rows(schema: &str, name: &str) -> RecordBatch {
    let relation = relation(schema, name).unwrap_or_else(|| panic!("{schema}.{name}"));
    relation.batch(&system())
}

/// Rows as text, of these columns, `NULL` for NULL.
fn lines(batch: &RecordBatch, columns: &[&str]) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let cells = columns.iter().map(|name| {
        let column = batch.column_by_name(name).unwrap_or_else(|| panic!("{name}"));
        ArrayFormatter::try_new(column, &options).expect("text")
    });
    let cells: Vec<_> = cells.collect();
    let line = |row| {
        cells
            .iter()
            .map(|cell| cell.value(row).to_string())
            .collect::<Vec<_>>()
            .join("|")
    };
    (0..batch.num_rows()).map(line).collect()
}

/// Every value in its declared type and size, NULL only where it is declared.
#[test]
fn every_relation_keeps_to_its_columns() {
    let system = system();
    let mut names = HashSet::new();
    for relation in relations().chain([EXTENDED_PROPERTY_LIST]) {
        let name = format!("{}.{}", relation.schema, relation.name);
        assert!(names.insert(name.to_lowercase()), "{name} twice");
        let labels: HashSet<_> = relation
            .columns
            .iter()
            .map(|column| column.name.to_lowercase())
            .collect();
        assert_eq!(labels.len(), relation.columns.len(), "{name}: a column twice");
        for row in (relation.rows)(&system) {
            assert_eq!(row.len(), relation.columns.len(), "{name}: {row:?}");
            for (value, column) in row.iter().zip(relation.columns) {
                let at = format!("{name}.{}: {value:?}", column.name);
                let range = match column.r#type {
                    Type::Tiny => 0..=255,
                    Type::Small => i64::from(i16::MIN)..=i64::from(i16::MAX),
                    Type::Int => i64::from(i32::MIN)..=i64::from(i32::MAX),
                    _ => i64::MIN..=i64::MAX,
                };
                match (value, column.r#type) {
                    (Value::Null, _) => assert!(column.nullable, "{at}"),
                    (Value::Text(text), Type::Text(size)) => assert!(text.chars().count() <= size as usize, "{at}"),
                    (Value::Bit(_), Type::Bit) => {}
                    (Value::Number(number), Type::Tiny | Type::Small | Type::Int | Type::Big | Type::Instant) => {
                        assert!(range.contains(number), "{at}");
                    }
                    _ => panic!("{at} is no {:?}", column.r#type),
                }
            }
        }
        assert_eq!(relation.batch(&system).num_columns(), relation.columns.len());
    }
}

/// What SQLAlchemy's mssql dialects (2.0.58 and 2.1.9) name in their statements.
#[test]
fn what_sqlalchemy_reads_is_there() {
    for (schema, name, columns) in [
        ("INFORMATION_SCHEMA", "SCHEMATA", "SCHEMA_NAME"),
        ("INFORMATION_SCHEMA", "TABLES", "TABLE_SCHEMA TABLE_NAME TABLE_TYPE"),
        (
            "INFORMATION_SCHEMA",
            "TABLE_CONSTRAINTS",
            "TABLE_SCHEMA TABLE_NAME CONSTRAINT_NAME CONSTRAINT_TYPE",
        ),
        (
            "INFORMATION_SCHEMA",
            "KEY_COLUMN_USAGE",
            "TABLE_SCHEMA TABLE_NAME COLUMN_NAME CONSTRAINT_NAME CONSTRAINT_SCHEMA ORDINAL_POSITION",
        ),
        (
            "INFORMATION_SCHEMA",
            "REFERENTIAL_CONSTRAINTS",
            "CONSTRAINT_SCHEMA CONSTRAINT_NAME UNIQUE_CONSTRAINT_SCHEMA UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE \
             DELETE_RULE",
        ),
        ("INFORMATION_SCHEMA", "SEQUENCES", "SEQUENCE_NAME SEQUENCE_SCHEMA"),
        (
            "sys",
            "columns",
            "object_id name column_id default_object_id user_type_id is_nullable max_length precision scale collation_name",
        ),
        ("sys", "types", "name system_type_id user_type_id"),
        ("sys", "default_constraints", "object_id parent_column_id definition"),
        ("sys", "computed_columns", "object_id column_id definition is_persisted"),
        (
            "sys",
            "identity_columns",
            "object_id column_id is_identity seed_value increment_value",
        ),
        ("sys", "extended_properties", "class major_id minor_id name value"),
        ("sys", "schemas", "schema_id name"),
        ("sys", "objects", "object_id name schema_id type"),
        ("sys", "tables", "object_id name schema_id"),
        ("sys", "views", "object_id name schema_id"),
        ("sys", "sql_modules", "object_id definition"),
        (
            "sys",
            "key_constraints",
            "object_id name parent_object_id type unique_index_id",
        ),
        (
            "sys",
            "indexes",
            "object_id index_id name type is_unique is_primary_key filter_definition",
        ),
        (
            "sys",
            "index_columns",
            "object_id index_id column_id key_ordinal is_included_column",
        ),
        ("sys", "system_views", "name"),
        ("sys", "dm_exec_sessions", "session_id transaction_isolation_level"),
    ] {
        let relation = relation(schema, name).unwrap_or_else(|| panic!("{schema}.{name}"));
        for column in columns.split_whitespace() {
            assert!(
                relation.columns.iter().any(|of| of.name == column),
                "{schema}.{name}.{column}"
            );
        }
    }
}

#[test]
fn objects_have_numbers_of_their_own() {
    let catalog = Catalog::embedded();
    let objects = Objects::of(&catalog);
    let ids: HashSet<_> = objects.iter().map(|object| object.id).collect();
    assert_eq!(ids.len(), objects.iter().count());
    for object in objects.iter() {
        assert_eq!(object.id < 0, object.schema != "dbo", "{}", object.name);
        let found = objects.named(&format!("[{}].[{}]", object.schema, object.name));
        assert_eq!(found.map(|found| found.id), Some(object.id), "{}", object.name);
        assert_eq!(objects.by_id(object.id.into()).map(|found| found.id), Some(object.id));
    }
    // A number stays when the org's own attributes become columns.
    assert_eq!(
        Objects::of(&catalog.with_schema(crate::catalog::Custom::User, &Default::default()))
            .table("users")
            .map(|t| t.id),
        objects.table("Users").map(|table| table.id)
    );
}

/// Name, type, size and nullability of every column, once from SQLColumns, once from INFORMATION_SCHEMA and sys.
#[test]
fn columns_are_those_of_sqlcolumns() {
    let expected = columns(&Catalog::embedded(), VIEW, None, None, None, None);
    let names = [
        "TABLE_NAME",
        "COLUMN_NAME",
        "TYPE_NAME",
        "ORDINAL_POSITION",
        "IS_NULLABLE",
    ];
    let of_odbc = lines(&expected, &names);
    let found = rows("INFORMATION_SCHEMA", "COLUMNS");
    let names = [
        "TABLE_NAME",
        "COLUMN_NAME",
        "DATA_TYPE",
        "ORDINAL_POSITION",
        "IS_NULLABLE",
    ];
    assert_eq!(lines(&found, &names), of_odbc);

    let of_sys = rows("sys", "columns");
    assert_eq!(of_sys.num_rows(), of_odbc.len());
    let octets = expected
        .column_by_name("BUFFER_LENGTH")
        .expect("a column")
        .as_primitive::<Int32Type>();
    let types = expected
        .column_by_name("TYPE_NAME")
        .expect("a column")
        .as_string::<i32>();
    let lengths = of_sys
        .column_by_name("max_length")
        .expect("a column")
        .as_primitive::<Int16Type>();
    let characters = found
        .column_by_name("CHARACTER_MAXIMUM_LENGTH")
        .expect("a column")
        .as_primitive::<Int32Type>();
    for (row, line) in of_odbc.iter().enumerate() {
        if types.value(row) == "nvarchar" {
            assert_eq!(i32::from(lengths.value(row)), octets.value(row), "{line}");
            assert_eq!(characters.value(row) * 2, octets.value(row), "{line}");
        }
    }
}

/// (type, max_length, precision, scale; characters, octets, NUMERIC_PRECISION, radix, NUMERIC_SCALE, DATETIME_PRECISION) as
/// SQL Server documents them for columns of these types.
#[test]
fn lengths_are_sql_servers() {
    let sys = lines(
        &rows("sys", "columns"),
        &[
            "name",
            "system_type_id",
            "max_length",
            "precision",
            "scale",
            "collation_name",
        ],
    );
    let schema = lines(
        &rows("INFORMATION_SCHEMA", "COLUMNS"),
        &[
            "COLUMN_NAME",
            "DATA_TYPE",
            "CHARACTER_MAXIMUM_LENGTH",
            "CHARACTER_OCTET_LENGTH",
            "NUMERIC_PRECISION",
            "NUMERIC_PRECISION_RADIX",
            "NUMERIC_SCALE",
            "DATETIME_PRECISION",
            "COLLATION_NAME",
        ],
    );
    for (in_sys, in_schema) in [
        (
            "ProfileLogin|231|200|0|0|SQL_Latin1_General_CP1_CI_AS",
            "ProfileLogin|nvarchar|100|200|NULL|NULL|NULL|NULL|SQL_Latin1_General_CP1_CI_AS",
        ),
        (
            "UserId|231|64|0|0|Latin1_General_BIN2",
            "UserId|nvarchar|32|64|NULL|NULL|NULL|NULL|Latin1_General_BIN2",
        ),
        (
            "Created|42|7|23|3|NULL",
            "Created|datetime2|NULL|NULL|NULL|NULL|NULL|3|NULL",
        ),
        (
            "UsersCount|56|4|10|0|NULL",
            "UsersCount|int|NULL|NULL|10|10|0|NULL|NULL",
        ),
        (
            "HasAdminPrivilege|104|1|1|0|NULL",
            "HasAdminPrivilege|bit|NULL|NULL|NULL|NULL|NULL|NULL|NULL",
        ),
        (
            "Links|99|16|0|0|Latin1_General_BIN2",
            "Links|ntext|1073741823|2147483646|NULL|NULL|NULL|NULL|Latin1_General_BIN2",
        ),
    ] {
        assert!(sys.iter().any(|line| line == in_sys), "{in_sys}");
        assert!(schema.iter().any(|line| line == in_schema), "{in_schema}");
    }
}

#[test]
fn keys_are_those_of_sqlprimarykeys_and_sqlforeignkeys() {
    let catalog = Catalog::embedded();
    let mut expected = Vec::new();
    for table in catalog.tables() {
        let keys = primary_keys(&catalog, VIEW, None, None, Some(&table.name));
        expected.extend(lines(&keys, &["PK_NAME", "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ"]));
        let keys = foreign_keys(&catalog, VIEW, None, None, None, None, None, Some(&table.name));
        expected.extend(lines(&keys, &["FK_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ"]));
    }
    let usage = rows("INFORMATION_SCHEMA", "KEY_COLUMN_USAGE");
    let mut found = lines(
        &usage,
        &["CONSTRAINT_NAME", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION"],
    );
    expected.sort();
    found.sort();
    assert_eq!(found, expected);

    let pairs = |catalog: &Arc<Catalog>| {
        let of = |table: &Arc<crate::catalog::Table>| {
            let keys = foreign_keys(catalog, VIEW, None, None, None, None, None, Some(&table.name));
            lines(&keys, &["FK_NAME", "PK_NAME"])
        };
        catalog.tables().iter().flat_map(of).collect::<HashSet<_>>()
    };
    let references = rows("INFORMATION_SCHEMA", "REFERENTIAL_CONSTRAINTS");
    let found = lines(&references, &["CONSTRAINT_NAME", "UNIQUE_CONSTRAINT_NAME"]);
    assert_eq!(found.into_iter().collect::<HashSet<_>>(), pairs(&catalog));
    assert_eq!(rows("sys", "foreign_key_columns").num_rows(), references.num_rows());
    assert_eq!(rows("sys", "foreign_keys").num_rows(), references.num_rows());
}

/// Every number in a system relation that names an object or a column of one names one that is there.
#[test]
fn references_between_relations_hold() {
    let ids = |batch: &RecordBatch, column: &str| lines(batch, &[column]).into_iter().collect::<HashSet<_>>();
    let objects = ids(&rows("sys", "all_objects"), "object_id");
    let columns: HashSet<_> = lines(&rows("sys", "all_columns"), &["object_id", "column_id"])
        .into_iter()
        .collect();
    let types = ids(&rows("sys", "types"), "user_type_id");
    let schemas = ids(&rows("sys", "schemas"), "schema_id");
    for relation in relations() {
        let batch = relation.batch(&system());
        let name = relation.name;
        let has = |column: &str| relation.columns.iter().any(|of| of.name == column);
        for column in [
            "object_id",
            "constraint_object_id",
            "referenced_object_id",
            "parent_object_id",
            "major_id",
        ] {
            if has(column) {
                let found = ids(&batch, column);
                assert!(
                    found.iter().all(|id| id == "0" || objects.contains(id)),
                    "{name}.{column}"
                );
            }
        }
        if has("object_id") && has("column_id") {
            let found = lines(&batch, &["object_id", "column_id"]);
            assert!(found.iter().all(|id| columns.contains(id)), "{name}");
        }
        if has("user_type_id") {
            assert!(ids(&batch, "user_type_id").is_subset(&types), "{name}");
        }
        if has("schema_id") {
            assert!(ids(&batch, "schema_id").is_subset(&schemas), "{name}");
        }
    }
    for column in ["parent", "referenced"] {
        let of = [format!("{column}_object_id"), format!("{column}_column_id")];
        let keys = rows("sys", "foreign_key_columns");
        assert!(keys.num_rows() > 0);
        assert!(lines(&keys, &[&of[0], &of[1]]).iter().all(|id| columns.contains(id)));
    }
}

#[test]
fn a_case_sensitive_connection_says_so() {
    let exact = System::new(Catalog::embedded(), String::new(), 4000, true);
    let batch = relation("sys", "columns").expect("a relation").batch(&exact);
    let collations: HashSet<_> = lines(&batch, &["collation_name"]).into_iter().collect();
    assert_eq!(
        collations,
        HashSet::from(["NULL".to_owned(), EXACT_COLLATION.to_owned()])
    );
    assert!(batch.column_by_name("collation_name").expect("a column").null_count() > 0);
}
