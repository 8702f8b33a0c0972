//! Decoding, above all of JSON that is not what the catalog says.

use arrow::array::AsArray;
use arrow::datatypes::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow::util::display::array_value_to_string;

use super::*;
use crate::engine::provider::table_schema;
use crate::okta::Request;

const TABLE: &str = r#"
name = "Things"
description = "Things."
scope = "okta.things.read"
primary_key = ["Id"]
list = { path = "/api/v1/things" }

[[column]]
name = "Id"
path = "id"
kind = "id"
description = ""
[[column]]
name = "Name"
path = "profile.name"
kind = "text"
description = ""
[[column]]
name = "Profile"
path = "profile"
kind = "json"
description = ""
[[column]]
name = "Count"
path = "count"
kind = "integer"
description = ""
[[column]]
name = "Big"
path = "big"
kind = "bigint"
description = ""
[[column]]
name = "Ratio"
path = "ratio"
kind = "double"
description = ""
[[column]]
name = "Flag"
path = "flag"
kind = "boolean"
description = ""
[[column]]
name = "Created"
path = "created"
kind = "timestamp"
description = ""
[[column]]
name = "Born"
path = "born"
kind = "date"
description = ""
[[column]]
name = "Row"
path = ""
kind = "json"
description = ""
[[column]]
name = "GroupId"
kind = "id"
description = ""
"#;

fn decode_columns(columns: &[usize], body: &str) -> RecordBatch {
    let table: Table = toml::from_str(TABLE).unwrap();
    let schema = Arc::new(table_schema(&table, 4000).project(columns).unwrap());
    let request = Request {
        path: "/".into(),
        query: vec![],
        limit: None,
        content_type: None,
    };
    let call = Call {
        request,
        answer: Answer::List,
        keys: vec![(10, "00g\"1".into())],
    };
    Decoder::new(&table, columns, schema)
        .decode(body.as_bytes(), &call)
        .unwrap()
}

fn cell(batch: &RecordBatch, column: usize, row: usize) -> Option<String> {
    let array = batch.column(column);
    (!array.is_null(row)).then(|| array_value_to_string(array, row).unwrap())
}

#[test]
fn every_kind_reads_its_own_json() {
    let body = r#"[{"id":"a","profile":{"name":"Zo\u00eb","x":[1, 2]},"count":3,"big":9007199254740993,"ratio":1.5,
        "flag":true,"created":"2024-02-29T23:59:59.123Z","born":"1969-12-31"}]"#;
    let batch = decode_columns(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 10], body);
    assert_eq!(cell(&batch, 0, 0).as_deref(), Some("a"));
    assert_eq!(cell(&batch, 1, 0).as_deref(), Some("Zoë"));
    assert_eq!(cell(&batch, 2, 0).as_deref(), Some(r#"{"name":"Zo\u00eb","x":[1, 2]}"#));
    assert_eq!(batch.column(3).as_primitive::<Int32Type>().value(0), 3);
    assert_eq!(
        batch.column(4).as_primitive::<Int64Type>().value(0),
        9_007_199_254_740_993
    );
    assert_eq!(batch.column(5).as_primitive::<Float64Type>().value(0), 1.5);
    assert!(batch.column(6).as_boolean().value(0));
    assert_eq!(
        batch.column(7).as_primitive::<TimestampMillisecondType>().value(0),
        1_709_251_199_123
    );
    assert_eq!(batch.column(8).as_primitive::<Date32Type>().value(0), -1);
    assert_eq!(cell(&batch, 9, 0).as_deref(), Some("00g\"1"));
}

#[test]
fn mistyped_json_never_fails_a_row() {
    let body = r#"[
        {"id":17,"profile":{"name":{"first":"A"}},"count":"12","big":1e3,"ratio":"2.5","flag":"TRUE","created":5,"born":"x"},
        {"id":true,"profile":"text","count":99999999999,"big":1.5,"ratio":[],"flag":2,"created":"soon","born":null},
        {"id":null,"profile":[1],"count":{},"big":"","ratio":"NaN","flag":{},"created":"2024-13-01T00:00:00.000Z"},
        "no object", 5, null, [], {}]"#;
    let batch = decode_columns(&[0, 1, 3, 4, 5, 6, 7, 8], body);
    assert_eq!(batch.num_rows(), 8);
    let row = |row| (0..8).map(|column| cell(&batch, column, row)).collect::<Vec<_>>();
    let text = |values: [Option<&str>; 8]| values.map(|value| value.map(str::to_owned)).to_vec();
    assert_eq!(
        row(0),
        text([
            Some("17"),
            Some(r#"{"first":"A"}"#),
            Some("12"),
            Some("1000"),
            Some("2.5"),
            Some("true"),
            None,
            None
        ])
    );
    assert_eq!(row(1), text([Some("true"), None, None, None, None, None, None, None]));
    for empty in 2..8 {
        assert_eq!(row(empty), text([None; 8]), "row {empty}");
    }
}

#[test]
fn whole_rows_and_their_parts_are_read_together() {
    let batch = decode_columns(
        &[9, 1, 2],
        r#"[{"profile":{"name":"A"}},{"profile":{"name":"B","name":"C"}}]"#,
    );
    assert_eq!(cell(&batch, 0, 0).as_deref(), Some(r#"{"profile":{"name":"A"}}"#));
    assert_eq!(cell(&batch, 1, 0).as_deref(), Some("A"));
    assert_eq!(cell(&batch, 2, 0).as_deref(), Some(r#"{"name":"A"}"#));
    assert_eq!(
        cell(&batch, 1, 1).as_deref(),
        Some("B"),
        "the first of two members of one name counts"
    );
}

#[test]
fn a_broken_body_is_an_error_and_never_some_rows() {
    let table: Table = toml::from_str(TABLE).unwrap();
    let schema = Arc::new(table_schema(&table, 4000).project(&[0]).unwrap());
    let decoder = Decoder::new(&table, &[0], schema);
    let request = Request {
        path: "/".into(),
        query: vec![],
        limit: None,
        content_type: None,
    };
    let call = Call {
        request,
        answer: Answer::List,
        keys: vec![],
    };
    for body in [
        "",
        "[{\"id\":\"a\"}",
        "[{\"id\":\"a\"}]x",
        "{}",
        "<html>",
        "[{\"id\":\"\u{0}\"}]",
    ] {
        assert!(decoder.decode(body.as_bytes(), &call).is_err(), "{body}");
    }
    assert!(decoder.decode(b"[{\"id\":\"\xff\"}]", &call).is_err());
}

#[test]
fn instants_of_every_iso_form_become_utc_milliseconds() {
    for (text, expected) in [
        ("1970-01-01T00:00:00.000Z", Some(0)),
        ("1970-01-01T00:00:01Z", Some(1000)),
        ("1970-01-01T02:00:00.5+02:00", Some(500)),
        ("1970-01-01T02:00:00.5+0200", Some(500)),
        ("1970-01-01 00:00:00.250", Some(250)),
        ("1970-01-02", Some(86_400_000)),
        ("1969-12-31T23:59:59.999Z", Some(-1)),
        ("2000-02-29T00:00:00.000Z", Some(951_782_400_000)),
        ("1900-02-29T00:00:00.000Z", None),
        ("2024-01-01T24:00:00.000Z", None),
        ("", None),
        ("never", None),
    ] {
        assert_eq!(timestamp(text), expected, "{text}");
    }
}

#[test]
fn the_fast_parser_agrees_with_chrono_on_every_day_of_400_years() {
    let mut day = chrono::NaiveDate::from_ymd_opt(1800, 1, 1).unwrap();
    while day < chrono::NaiveDate::from_ymd_opt(2200, 1, 1).unwrap() {
        let text = format!("{day}T12:34:56.789Z");
        let expected = chrono::DateTime::parse_from_rfc3339(&text).unwrap().timestamp_millis();
        assert_eq!(okta_timestamp(text.as_bytes()), Some(expected), "{text}");
        day = day.succ_opt().unwrap();
    }
}
