//! The gold file: statements with the labels and ODBC types of their result columns (decision 16).

use okta_odbc::metadata::types;

use super::Org;

const GOLD: &str = include_str!("../../data/gold.txt");

/// The ODBC names of the concise types, without `SQL_`.
fn type_name(concise: i16) -> String {
    let name = match concise {
        -9 => "WVARCHAR",
        -10 => "WLONGVARCHAR",
        -6 => "TINYINT",
        -7 => "BIT",
        -5 => "BIGINT",
        4 => "INTEGER",
        5 => "SMALLINT",
        3 => "DECIMAL",
        7 => "REAL",
        8 => "DOUBLE",
        91 => "TYPE_DATE",
        92 => "TYPE_TIME",
        93 => "TYPE_TIMESTAMP",
        other => return other.to_string(),
    };
    name.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_have_the_labels_and_types_of_the_gold_file() {
    let org = Org::of(10, 2);
    org.sim.reset();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in GOLD.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        count += 1;
        let (sql, expected) = line.rsplit_once(" => ").expect("statement => columns");
        let found = match org.engine.prepare(sql) {
            Ok(prepared) => prepared.schema().map_or_else(
                || "no result set".to_owned(),
                |schema| {
                    let column = |field: &arrow::datatypes::FieldRef| {
                        format!("{} {}", field.name(), type_name(types::of_field(field).sql.concise))
                    };
                    schema.fields().iter().map(column).collect::<Vec<_>>().join(" | ")
                },
            ),
            Err(error) => format!("error: {error}"),
        };
        if found != expected {
            wrong.push(format!("{sql}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(count >= 100, "{count} statements");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(org.requests().is_empty(), "planning asked Okta");
}
