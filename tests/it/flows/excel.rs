//! Excel's "From ODBC" (Power Query): the catalog asked for by attribute, listings with `%`, previews that are cut short.

use super::client::*;
use super::power_query;

/// The catalog is measured first, then read.
#[test]
fn excel_imports_a_table() {
    let sim = org(12);
    // With no credentials saved Excel adds empty ones; they must not take the place of others.
    let client = power_query::connects(&format!("{};UID=;PWD=", connection_string(&sim)));
    let size = client.get(109, 0);
    assert_eq!((size.code, size.length), (SUCCESS, 8));
    let catalog = client.get(109, size.length as usize + 2);
    assert_eq!(
        catalog.bytes,
        "Okta".encode_utf16().flat_map(u16::to_ne_bytes).collect::<Vec<_>>()
    );
    power_query::reads_capabilities(&client);
    power_query::lists_tables(&client);
    power_query::reads_a_table(&client);

    let statement = client.statement();
    let sql = "select \"Id\", \"Status\", \"Created\" from \"Okta\".\"dbo\".\"Users\"";
    power_query::runs(&client, &statement, || statement.exec_direct(sql));
    power_query::describes(
        &statement,
        &[
            ("Id", -9, "nvarchar"),
            ("Status", -9, "nvarchar"),
            ("Created", 93, "datetime2"),
        ],
    );
    let rows = statement.rows();
    let column = |at: usize| rows.iter().map(|row| row[at].clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(sorted(column(0)), sorted(truth(&sim, "users", "/id")));
    let created: Vec<String> = truth(&sim, "users", "/created")
        .iter()
        .map(|text| text.replace('T', " ").replace('Z', ""))
        .collect();
    assert_eq!(sorted(column(2)), sorted(created));
    assert_eq!(statement.more_results(), NO_DATA);
}

/// A preview is the whole statement, closed after its first rows: later pages are never asked for.
#[test]
fn excel_previews_without_reading_the_table() {
    let sim = org(1000);
    let client = power_query::connects(&connection_string(&sim));
    for end in [Statement::close, Statement::close_cursor] {
        let statement = client.statement();
        sim.reset();
        statement.fine(statement.exec_direct("select * from \"Okta\".\"dbo\".\"Users\""));
        for _ in 0..50 {
            assert_eq!(statement.fetch(), SUCCESS);
            assert!(statement.text(1).is_some());
        }
        end(&statement);
        assert_eq!(sim.requests().len(), 1, "{:?}", sim.requests());
    }
    // Freed while it is open.
    sim.reset();
    let statement = client.statement();
    statement.fine(statement.exec_direct("select * from \"Okta\".\"dbo\".\"Users\""));
    drop(statement);
    assert_eq!(sim.requests().len(), 1);
}

/// `Trusted_Connection` is what Excel adds for Windows credentials.
#[test]
fn excel_adds_keywords_of_its_own() {
    let sim = org(3);
    let client = power_query::connects(&format!("{};Trusted_Connection=Yes", connection_string(&sim)));
    let statement = client.statement();
    statement.fine(statement.exec_direct("SELECT COUNT(*) FROM Users"));
    assert_eq!(statement.values(1), ["3"]);
}
