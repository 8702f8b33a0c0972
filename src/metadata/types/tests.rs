//! Walks the type table and compares columns with the lengths of the ODBC reference's appendix D.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::*;

/// SQL type, column size, decimal digits, transfer octet length, display size, unsigned.
type Shown = (i16, u32, Option<i16>, u32, u32, bool);

fn shown(column: &ColumnType) -> Shown {
    let ColumnType {
        sql,
        size,
        decimal_digits,
        octet_length,
        display_size,
        unsigned,
        ..
    } = column;
    (
        sql.concise,
        *size,
        *decimal_digits,
        *octet_length,
        *display_size,
        *unsigned,
    )
}

fn sized(data_type: DataType, metadata: &[(&str, &str)]) -> ColumnType {
    let metadata: HashMap<_, _> = metadata.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    of_field(&Field::new("x", data_type, true).with_metadata(metadata))
}

#[test]
fn lengths_are_the_references() {
    use DataType::*;
    let cases: Vec<(DataType, Shown)> = vec![
        (Boolean, (-7, 1, None, 1, 1, false)),
        (Int8, (-6, 3, Some(0), 1, 4, false)),
        (UInt8, (-6, 3, Some(0), 1, 3, true)),
        (Int16, (5, 5, Some(0), 2, 6, false)),
        (UInt16, (5, 5, Some(0), 2, 5, true)),
        (Int32, (4, 10, Some(0), 4, 11, false)),
        (UInt32, (4, 10, Some(0), 4, 10, true)),
        (Int64, (-5, 19, Some(0), 20, 20, false)),
        (UInt64, (-5, 20, Some(0), 20, 20, true)),
        (Float32, (7, 7, None, 4, 14, false)),
        (Float64, (8, 15, None, 8, 24, false)),
        (Decimal128(10, 3), (3, 10, Some(3), 12, 12, false)),
        (Timestamp(TimeUnit::Second, None), (93, 19, Some(0), 16, 19, false)),
        (Timestamp(TimeUnit::Millisecond, None), (93, 23, Some(3), 16, 23, false)),
        (
            Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            (93, 23, Some(3), 16, 23, false),
        ),
        (Timestamp(TimeUnit::Microsecond, None), (93, 26, Some(6), 16, 26, false)),
        (Timestamp(TimeUnit::Nanosecond, None), (93, 29, Some(9), 16, 29, false)),
        (Date32, (91, 10, None, 6, 10, false)),
        (Time32(TimeUnit::Second), (92, 8, Some(0), 6, 8, false)),
        (Time32(TimeUnit::Millisecond), (92, 12, Some(3), 6, 12, false)),
        (Time64(TimeUnit::Nanosecond), (92, 18, Some(9), 6, 18, false)),
        (Binary, (-3, 8000, None, 8000, 16_000, false)),
        (FixedSizeBinary(16), (-11, 36, None, 16, 36, false)),
        (FixedSizeBinary(4), (-2, 4, None, 4, 8, false)),
        (Utf8, (-9, 4000, None, 8000, 4000, false)),
        (Utf8View, (-9, 4000, None, 8000, 4000, false)),
        (LargeUtf8, (-9, 4000, None, 8000, 4000, false)),
        (
            Dictionary(Box::new(Int32), Box::new(Utf8)),
            (-9, 4000, None, 8000, 4000, false),
        ),
        (Null, (-9, 1, None, 2, 1, false)),
        (
            List(Arc::new(Field::new("item", Utf8, true))),
            (-10, 16_384, None, 32_768, 16_384, false),
        ),
    ];
    for (data_type, expected) in cases {
        assert_eq!(shown(&sized(data_type.clone(), &[])), expected, "{data_type}");
    }
}

#[test]
fn declared_sizes_come_from_field_metadata() {
    assert_eq!(
        shown(&sized(DataType::Utf8, &[(field::SIZE, "100")])),
        (-9, 100, None, 200, 100, false)
    );
    assert_eq!(sized(DataType::Utf8, &[(field::SIZE, "8000")]).size, 8000);
    assert_eq!(sized(DataType::Utf8, &[(field::SIZE, "0")]).size, 4000);
    assert_eq!(sized(DataType::Utf8, &[(field::SIZE, "many")]).size, 4000);
    let json = sized(DataType::Utf8, &[(field::KIND, "json")]);
    assert_eq!(
        shown(&json),
        (-10, LONG_TEXT_SIZE, None, 2 * LONG_TEXT_SIZE, LONG_TEXT_SIZE, false)
    );
    assert_eq!(
        sized(DataType::Utf8, &[(field::KIND, "json"), (field::SIZE, "50000")]).size,
        50_000
    );
    assert_eq!(
        sized(DataType::Utf8, &[(field::KIND, "json"), (field::SIZE, "4294967295")]).octet_length,
        0x7FFF_FFFE
    );
}

#[test]
fn catalog_columns_and_their_arrow_fields_agree() {
    let fields = [
        (Kind::Text, DataType::Utf8, None),
        (Kind::Text, DataType::Utf8, Some(70)),
        (Kind::Text, DataType::Utf8, Some(9000)),
        (Kind::Enum, DataType::Utf8, Some(20)),
        (Kind::Integer, DataType::Int32, None),
        (Kind::Bigint, DataType::Int64, None),
        (Kind::Double, DataType::Float64, None),
        (Kind::Boolean, DataType::Boolean, None),
        (Kind::Timestamp, DataType::Timestamp(TimeUnit::Millisecond, None), None),
        (Kind::Date, DataType::Date32, None),
        (Kind::Json, DataType::Utf8, None),
        (Kind::Json, DataType::Utf8, Some(400)),
    ];
    let limit = 500;
    for (kind, data_type, size) in fields {
        let size_line = size.map(|size| format!("size = {size}")).unwrap_or_default();
        let kind_name = format!("{kind:?}").to_lowercase();
        let text = format!(
            "name = 'X'
kind = '{kind_name}'
description = ''
{size_line}"
        );
        let column: Column = toml::from_str(&text).expect("a column");
        let mut metadata = HashMap::new();
        if let Some(size) = size {
            metadata.insert(field::SIZE.to_owned(), size.min(limit).to_string());
        } else if kind == Kind::Text {
            metadata.insert(field::SIZE.to_owned(), limit.to_string());
        }
        if kind == Kind::Json {
            metadata.insert(field::KIND.to_owned(), "json".to_owned());
        }
        let field = Field::new("X", data_type, true).with_metadata(metadata);
        assert_eq!(of_kind(&column, limit), of_field(&field), "{kind:?}");
    }
}

#[test]
fn the_table_is_ordered_and_complete() {
    assert!(TYPES.windows(2).all(|pair| pair[0].sql.concise < pair[1].sql.concise));
    let mut names = HashSet::new();
    for row in TYPES {
        let SqlType {
            concise,
            verbose,
            code,
            name,
        } = row.sql;
        assert!(
            name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
            "{name} is not bare"
        );
        assert!(names.insert(name) || name == "float", "{name} twice");
        assert_eq!(code != 0, verbose == SQL_DATETIME, "{name}");
        assert_eq!(concise, if code == 0 { verbose } else { 90 + code }, "{name}");
        assert!(row.size > 0, "{name}");
        let text = matches!(row.family, Char | WideChar);
        assert_eq!(
            row.searchable,
            if text { SQL_SEARCHABLE } else { SQL_PRED_BASIC },
            "{name}"
        );
        let column = of_sql_type(concise, row.size, row.scale.map_or(0, |scale| scale.1)).expect(name);
        assert_eq!(
            column.size, row.size,
            "{name}: its largest column is as large as SQLGetTypeInfo says"
        );
        assert!(i32::try_from(column.octet_length).is_ok(), "{name}");
        assert_eq!(column.unsigned, row.unsigned == Some(true), "{name}");
    }
}

/// SQLAlchemy's mssql dialect warns and reads NullType for names it does not know.
#[test]
fn sqlalchemy_knows_every_name() {
    const KNOWN: &[&str] = &[
        "int",
        "bigint",
        "smallint",
        "tinyint",
        "varchar",
        "nvarchar",
        "char",
        "nchar",
        "text",
        "ntext",
        "decimal",
        "numeric",
        "float",
        "datetime",
        "datetime2",
        "datetimeoffset",
        "date",
        "time",
        "smalldatetime",
        "binary",
        "varbinary",
        "bit",
        "real",
        "image",
        "xml",
        "timestamp",
        "money",
        "smallmoney",
        "uniqueidentifier",
        "sql_variant",
    ];
    for row in TYPES {
        assert!(KNOWN.contains(&row.sql.name), "{}", row.sql.name);
    }
}

#[test]
fn odbc_2_has_its_own_date_codes() {
    for (odbc3, odbc2) in [(91, 9), (92, 10), (93, 11), (-9, -9), (4, 4)] {
        let row = type_row(odbc3).expect("a type");
        assert_eq!(row.sql.data_type(true), odbc2);
        assert_eq!(row.sql.data_type(false), odbc3);
        assert_eq!(type_row(odbc2), Some(row));
    }
    assert_eq!(type_row(101), None);
}

/// Power Query casts to the names of SQLGetTypeInfo.
#[test]
fn every_name_parses_in_cast() {
    for row in TYPES {
        let text = format!("SELECT CAST(Id AS {}) FROM Users", row.sql.name);
        assert!(crate::sql::parse(&text).is_ok(), "{text}");
    }
}
