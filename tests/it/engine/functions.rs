//! T-SQL's functions against the values of their reference, and docs/sql.md against their tables.

use std::fmt::Write;

use okta_odbc::metadata::system;
use okta_odbc::metadata::system::functions::Kind;
use okta_odbc::sql::functions::{FUNCTIONS, UNITS};
use okta_odbc::sql::tsql_functions::{Chapter, TSQL};
use okta_odbc::sql::{batch, constructs};

use super::Org;

const LINES: &str = include_str!("../../data/functions.txt");

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = LINES.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(|line| line.rsplit_once(" => ").expect("statement => value"))
}

/// Equal as text, or as numbers to five digits.
fn agree(found: &str, expected: &str) -> bool {
    if found == expected {
        return true;
    }
    match (found.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(found), Ok(expected)) => (found - expected).abs() <= expected.abs() * 1e-5 + 1e-12,
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_give_the_values_of_their_reference() {
    let org = Org::of(5, 2);
    let mut wrong = Vec::new();
    let mut count = 0;
    for (sql, expected) in lines() {
        count += 1;
        let found = match org.try_ask(sql, &[]).await {
            Ok(rows) => match rows.as_slice() {
                [row] if row.len() == 1 => row[0].clone(),
                rows => format!("{} rows", rows.len()),
            },
            Err(error) => format!("error: {error}"),
        };
        if !agree(&found, expected) {
            wrong.push(format!("{sql}\n  expected {expected}\n  found    {found}"));
        }
        assert_eq!(org.cost(), 0, "{sql}");
    }
    assert!(count > 200, "{count} statements");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_function_of_the_table_has_a_line() {
    let all: String = lines().map(|(sql, _)| sql.to_uppercase()).collect();
    let without: Vec<_> = TSQL
        .iter()
        .map(|row| row.name)
        .filter(|name| !all.contains(&format!("{name}(")))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

/// The relations and functions by which T-SQL asks a server about itself.
fn system_catalog() -> String {
    let mut text = String::from(
        "\n## The system catalog\n\nMade from the catalog; none of it costs a request but for the org's schemas.",
    );
    text.push_str(" Relations, with their columns:\n\n| relation | columns |\n|---|---|\n");
    for relation in system::relations() {
        let columns: Vec<_> = relation.columns.iter().map(|column| column.name).collect();
        let _ = writeln!(
            text,
            "| `{}.{}` | {} |",
            relation.schema,
            relation.name,
            columns.join(", ")
        );
    }
    text.push_str(
        "\nFunctions of the server; what stands in brackets may be left out:\n\n| function | gives |\n|---|---|\n",
    );
    let (variables, functions): (Vec<_>, Vec<_>) = system::functions::FUNCTIONS
        .iter()
        .partition(|function| function.name.starts_with("@@"));
    for function in functions {
        let mut usage = format!("{}(", function.name.to_uppercase());
        for (place, kind) in function.parameters.iter().enumerate() {
            usage.push_str(if place == function.required { "[" } else { "" });
            usage.push_str(if place > 0 { ", " } else { "" });
            usage.push_str(in_words(*kind));
        }
        usage.push_str(if function.required < function.parameters.len() {
            "])"
        } else {
            ")"
        });
        let _ = writeln!(text, "| `{usage}` | {} |", in_words(function.returns));
    }
    let variables: Vec<_> = variables
        .iter()
        .map(|variable| format!("`{}`", variable.name.to_uppercase()))
        .collect();
    let _ = writeln!(text, "\nVariables: {}.", variables.join(", "));
    text
}

fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Int | Kind::Numeric => "number",
        Kind::Variant => "text or number",
    }
}

/// docs/sql.md as the tables give it.
fn reference() -> String {
    let mut text = String::from(include_str!("../../data/sql.md"));
    for chapter in Chapter::ALL {
        let _ = write!(text, "\n## {}\n\n| function | gives |\n|---|---|\n", chapter.title());
        for row in TSQL
            .iter()
            .filter(|row| row.chapter == chapter && !row.usage.is_empty())
        {
            let _ = writeln!(text, "| `{}` | {} |", row.usage, row.about);
        }
    }
    text.push_str("\n## ODBC's scalar functions\n\nIn `{fn …}`, with the number of arguments that each takes: ");
    let names: Vec<_> = FUNCTIONS
        .iter()
        .map(|(name, count, _)| format!("{name} {count}"))
        .collect();
    let _ = writeln!(text, "{}.", names.join(", "));
    let units: Vec<_> = UNITS.iter().map(|(name, ..)| *name).collect();
    let _ = writeln!(
        text,
        "\nCONVERT(value, SQL_…), EXTRACT(part FROM date), TIMESTAMPADD and TIMESTAMPDIFF with {}.",
        units.join(", ")
    );
    text.push_str(&system_catalog());
    text.push_str("\n## What is refused\n\nWith SQLSTATE 42000, the construct's name, its line and its column:\n\n");
    text.push_str("| statement | why |\n|---|---|\n");
    for (beginning, reason) in batch::REFUSED {
        let _ = writeln!(text, "| {beginning} | {reason} |");
    }
    text.push_str("\n| in a query | why |\n|---|---|\n");
    for (construct, reason) in constructs::REFUSED {
        let _ = writeln!(text, "| {} | {reason} |", construct.trim_end_matches(" ("));
    }
    text
}

#[test]
fn the_reference_of_sql_is_what_the_tables_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sql.md");
    if std::env::var_os("OKTA_ODBC_WRITE_DOCS").is_some() {
        std::fs::write(path, reference()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == reference(),
        "docs/sql.md is not what the tables say: run this test with OKTA_ODBC_WRITE_DOCS=1"
    );
}
