//! Power BI's import (Odbc.DataSource): folded statements with parameters bound before SQLExecDirect.

use std::collections::{BTreeMap, BTreeSet};

use super::client::*;
use super::power_query;
use super::rowset::{By, Rowset};

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

#[test]
fn power_bi_imports_with_folded_filters() {
    let sim = org(40);
    let client = power_query::connects(&connection_string(&sim));
    power_query::reads_capabilities(&client);
    power_query::lists_tables(&client);
    power_query::reads_a_table(&client);
    let statement = client.statement();
    let (status, length) = (wide("ACTIVE"), NTS.into());
    statement.bind_parameter(1, (C_WCHAR, -9), 6, 0, &status, &length);
    let sql = "select \"Id\",\r\n\t\"ProfileLogin\", case when \"ProfileCity\" is null then 1 else 0 end as \"C1\"\r\nfrom \
               \"Okta\".\"dbo\".\"Users\" as \"_\"\r\nwhere \"_\".\"Status\" = ?";
    power_query::runs(&client, &statement, || statement.exec_direct(sql));
    power_query::describes(
        &statement,
        &[
            ("Id", -9, "nvarchar"),
            ("ProfileLogin", -9, "nvarchar"),
            ("C1", -5, "bigint"),
        ],
    );
    let found = statement.values(1);
    let active = sim.truth("users").into_iter().filter(|user| user["status"] == "ACTIVE");
    let active: Vec<String> = active.map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    assert!(!active.is_empty());
    assert_eq!(sorted(found), sorted(active));
    assert_eq!(statement.more_results(), NO_DATA);
    // The filter was Okta's to apply.
    let asked = sim.requests();
    assert!(
        asked.iter().any(|request| request.query.contains("status")),
        "{asked:?}"
    );
}

/// Options of a connector: PrepareStatements, columns that are bound; a type that it does not know is read as bytes.
#[test]
fn power_bi_prepares_binds_and_reads_bytes_where_a_connector_says_so() {
    let sim = org(12);
    let client = power_query::connects(&connection_string(&sim));
    let ids = sorted(truth(&sim, "users", "/id"));
    let sql = "select \"Id\" from \"Okta\".\"dbo\".\"Users\" where \"Id\" <> ?";
    let (nobody, length) = (wide("nobody"), NTS.into());
    let prepared = client.statement();
    prepared.fine(prepared.prepare(sql));
    prepared.bind_parameter(1, (C_WCHAR, -9), 6, 0, &nobody, &length);
    power_query::runs(&client, &prepared, || prepared.execute());
    assert_eq!(sorted(prepared.values(1)), ids);
    let bound = client.statement();
    bound.bind_parameter(1, (C_WCHAR, -9), 6, 0, &nobody, &length);
    power_query::runs(&client, &bound, || bound.exec_direct(sql));
    let mut rowset = Rowset::bound(&bound, By::Fetch, 1);
    assert_eq!(sorted(rowset.read(&bound)), ids);
    let bytes = client.statement();
    power_query::runs(&client, &bytes, || {
        bytes.exec_direct("select cast('ab' as nvarchar(2)), 0x0102")
    });
    assert_eq!(bytes.fetch(), SUCCESS);
    assert_eq!(bytes.data(1, C_BINARY, 100).bytes, [b'a', 0, b'b', 0]);
    assert_eq!(bytes.data(2, C_BINARY, 100).bytes, [1, 2]);
}

/// The shape of a folded group-by in a trace: parameters in the branches of CASE, casts, LIMIT of its own.
#[test]
fn power_bi_folds_a_group_by() {
    let sim = org(60);
    let client = power_query::connects(&connection_string(&sim));
    let statement = client.statement();
    let (one, zero, length) = ([1i32], [0i32], 0);
    statement.bind_parameter(1, (C_LONG, 4), 10, 0, &one, &length);
    statement.bind_parameter(2, (C_LONG, 4), 10, 0, &zero, &length);
    statement.fine(statement.exec_direct(
        "select \"Status\",\r\n    cast(count(distinct(\"ProfileCity\")) as DOUBLE) + cast(max(\"C1\") as DOUBLE) as \"C1\"\r\nfrom \
         \r\n(\r\n    select \"Status\",\r\n        \"ProfileCity\",\r\n        case\r\n            when \"ProfileCity\" is null\r\n\
         \x20           then ?\r\n            else ?\r\n        end as \"C1\"\r\n    from \"Okta\".\"dbo\".\"Users\"\r\n) as \
         \"ITBL\"\r\ngroup by \"Status\"\r\norder by \"C1\" desc,\r\n        \"Status\"\r\nlimit 1001",
    ));
    power_query::describes(&statement, &[("Status", -9, "nvarchar"), ("C1", 8, "float")]);
    let mut wanted: BTreeMap<String, (BTreeSet<String>, bool)> = BTreeMap::new();
    for user in sim.truth("users") {
        let of = wanted.entry(user["status"].as_str().unwrap().to_owned()).or_default();
        match user["profile"]["city"].as_str() {
            Some(city) => drop(of.0.insert(city.to_owned())),
            None => of.1 = true,
        }
    }
    let mut wanted: Vec<(String, f64)> = wanted
        .into_iter()
        .map(|(status, (cities, missing))| (status, cities.len() as f64 + f64::from(u8::from(missing))))
        .collect();
    wanted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let found: Vec<(String, f64)> = statement
        .rows()
        .into_iter()
        .map(|row| (row[0].clone().unwrap(), row[1].as_ref().unwrap().parse().unwrap()))
        .collect();
    assert_eq!(found, wanted);
}

/// A date as SQL_C_TYPE_TIMESTAMP, a number as SQL_C_DOUBLE, a conversion of either kind.
#[test]
fn power_bi_folds_dates_numbers_and_conversions() {
    let sim = org(30);
    let client = power_query::connects(&connection_string(&sim));
    let statement = client.statement();
    // SQL_TIMESTAMP_STRUCT: 2000-01-01.
    let (date, number, length) = ([2000i16, 1, 1, 0, 0, 0, 0, 0], [0.5f64], 16);
    statement.bind_parameter(1, (C_TIMESTAMP, 93), 27, 7, &date, &length);
    statement.bind_parameter(2, (8, 8), 15, 0, &number, &length);
    statement.fine(statement.exec_direct(
        "select {fn CONVERT(\"Created\", SQL_WVARCHAR)} as \"A\", cast(\"Created\" as nvarchar) as \"B\", {fn CONVERT({fn \
         YEAR(\"Created\")}, SQL_DOUBLE)} as \"C\" from \"Okta\".\"dbo\".\"Users\" where \"Created\" >= ? and ? < 1",
    ));
    let created: Vec<String> = truth(&sim, "users", "/created")
        .iter()
        .map(|text| text.replace('T', " ").replace('Z', ""))
        .collect();
    let rows = statement.rows();
    let column = |at: usize| rows.iter().map(|row| row[at].clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(sorted(column(0)), sorted(created.clone()));
    assert_eq!(column(0), column(1));
    for row in &rows {
        let year: f64 = row[2].as_ref().unwrap().parse().unwrap();
        assert_eq!(year, row[0].as_ref().unwrap()[..4].parse::<f64>().unwrap());
    }
}
