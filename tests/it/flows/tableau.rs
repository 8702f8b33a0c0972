//! Tableau's "Other Databases (ODBC)": catalogs, a second connection to the one chosen, ways to describe, trials of SQL.

use super::client::*;
use super::table_names;

#[test]
fn tableau_reconnects_to_the_catalog_it_chose() {
    let sim = org(8);
    let first = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let statement = first.statement();
    statement.tables([Some("%"), Some(""), Some("")], Some(""));
    let catalogs = statement.values(1);
    assert_eq!(catalogs, ["Okta"]);
    drop(statement);
    drop(first);
    // DATABASE=<catalog> is what it adds.
    let client = Client::new(Form::Wide, 3).connect(&format!("{};DATABASE={}", connection_string(&sim), catalogs[0]));
    let statement = client.statement();
    statement.tables([Some(""), Some("%"), Some("")], Some(""));
    assert_eq!(statement.values(2), ["dbo"]);
    statement.close();
    statement.tables([Some("Okta"), Some("dbo"), Some("%")], Some("'TABLE','VIEW'"));
    assert_eq!(statement.values(3), table_names());
    statement.close();
    for (id, wanted) in [
        (118, 8),
        (92, 1),
        (91, 1),
        (169, 0x7F),
        (165, 0xF),
        (109, 0x1FF),
        (110, 0x1FF),
    ] {
        assert_eq!(client.info_number(id), wanted, "{id}");
    }
    for id in [49, 50, 51, 52, 160, 161, 164] {
        assert_ne!(client.info_number(id), 0, "{id}");
    }
}

/// In its order of preference: not executed, WHERE 1=0, TOP 0, LIMIT 0, SQLColumns. None costs a request.
#[test]
fn tableau_describes_a_table_in_every_way_for_nothing() {
    let sim = org(8);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let describe =
        |statement: &Statement| -> Vec<Described> { (1..=statement.count()).map(|n| statement.describe(n)).collect() };
    sim.reset();
    let statement = client.statement();
    statement.fine(statement.prepare("select * from \"dbo\".\"Users\" \"Users\""));
    let columns = describe(&statement);
    assert!(columns.len() > 20);
    for sql in [
        "SELECT * FROM \"dbo\".\"Users\" \"Users\" WHERE 1=0",
        "SELECT TOP 0 * FROM \"dbo\".\"Users\" \"Users\"",
        "SELECT * FROM \"dbo\".\"Users\" \"Users\" LIMIT 0",
    ] {
        let statement = client.statement();
        statement.fine(statement.exec_direct(sql));
        assert_eq!(describe(&statement), columns, "{sql}");
        assert_eq!(statement.fetch(), NO_DATA, "{sql}");
    }
    assert_eq!(sim.requests().len(), 0, "{:?}", sim.requests());
    // The last resort reads the table, and is closed at once.
    let whole = client.statement();
    whole.fine(whole.exec_direct("SELECT * FROM \"dbo\".\"Users\" \"Users\""));
    assert_eq!(describe(&whole), columns);
    whole.close();
    assert_eq!(sim.requests().len(), 1, "{:?}", sim.requests());
    let statement = client.statement();
    statement.columns([Some("Okta"), Some("dbo"), Some("Users")], None);
    // The same in the same order; SQLColumns knows the attributes of the org's other user types too.
    let listed = statement.values(4);
    let mut left = listed.iter();
    for column in columns {
        assert!(left.any(|name| *name == column.name), "{column:?} is not in {listed:?}");
    }
}

/// What it cannot do fails as what it is, and the connection goes on.
#[test]
fn tableau_tries_what_the_data_source_can_do() {
    let sim = org(8);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    for sql in [
        "CREATE LOCAL TEMPORARY TABLE \"#Tableau_1_Connect\" (\"COL\" INTEGER) ON COMMIT PRESERVE ROWS",
        "CREATE TABLE \"XTableau_B_Connect\" (\"COL\" INTEGER)",
        "SELECT * INTO \"#Tableau_1_Connect\" FROM (SELECT 1 AS COL) AS CHECKTEMP",
        "DROP TABLE \"XTableau_B_Connect\"",
        "INSERT INTO \"XTableau_B_Connect\" (\"COL\") VALUES (1)",
    ] {
        let statement = client.statement();
        assert_eq!(statement.exec_direct(sql), ERROR, "{sql}");
        let state = statement.state().unwrap();
        // Neither a lost connection nor an internal error.
        assert!(
            ["42000", "42S02", "0A000", "HYC00"].contains(&state.as_str()),
            "{sql}: {state}"
        );
    }
    for (sql, wanted) in [
        (
            "SELECT \"SUBQUERY\".\"COL\" AS \"COL\" FROM (SELECT 1 AS \"COL\") \"SUBQUERY\"",
            vec!["1"],
        ),
        (
            "SELECT TOP 1 \"Users\".\"Status\" AS \"Status\" FROM \"dbo\".\"Users\" \"Users\" WHERE \"Users\".\"Status\" IS NULL",
            vec![],
        ),
    ] {
        let statement = client.statement();
        statement.fine(statement.exec_direct(sql));
        assert_eq!(statement.values(1), wanted, "{sql}");
    }
}

#[test]
fn tableau_generates_its_sql() {
    let sim = org(30);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let users = sim.truth("users");
    let statement = client.statement();
    statement.fine(statement.exec_direct(
        "SELECT COUNT(1) AS \"sum:Number of Records:ok\" FROM \"dbo\".\"Users\" \"Users\" HAVING (COUNT(1) > 0)",
    ));
    assert_eq!(statement.attribute_text(1, 1011), "sum:Number of Records:ok");
    assert_eq!(statement.values(1), ["30"]);
    statement.close();
    statement.fine(statement.exec_direct(
        "SELECT SUM({fn LENGTH(\"Users\".\"Id\")}) AS \"sum:Calculation:ok\" FROM \"dbo\".\"Users\" \"Users\" HAVING (COUNT(1) > 0)",
    ));
    let lengths: usize = users.iter().map(|user| user["id"].as_str().unwrap().len()).sum();
    assert_eq!(statement.values(1), [lengths.to_string()]);
    statement.close();
    statement.fine(statement.exec_direct(
        "SELECT \"Users\".\"Status\" AS \"Status\", COUNT(DISTINCT \"Users\".\"Id\") AS \"ctd:Id:ok\" FROM \"dbo\".\"Users\" \
         \"Users\" WHERE (\"Users\".\"Created\" >= {ts '1990-01-01 00:00:00'}) AND (\"Users\".\"Created\" < {d '2100-01-01'}) \
         GROUP BY 1 ORDER BY 1 ASC",
    ));
    let mut wanted = std::collections::BTreeMap::<String, usize>::new();
    for user in &users {
        *wanted.entry(user["status"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let found = statement
        .rows()
        .into_iter()
        .map(|row| (row[0].clone().unwrap(), row[1].as_ref().unwrap().parse().unwrap()));
    assert!(found.eq(wanted));
    statement.close();
    // Truncated dates, by escapes.
    statement.fine(statement.exec_direct(
        "SELECT {fn YEAR(\"Users\".\"Created\")} AS \"yr:Created:ok\", COUNT(*) FROM \"dbo\".\"Users\" \"Users\" GROUP BY {fn \
         YEAR(\"Users\".\"Created\")} ORDER BY 1",
    ));
    let mut years = std::collections::BTreeMap::<String, usize>::new();
    for user in &users {
        *years
            .entry(user["created"].as_str().unwrap()[..4].to_owned())
            .or_default() += 1;
    }
    let found = statement
        .rows()
        .into_iter()
        .map(|row| (row[0].clone().unwrap(), row[1].as_ref().unwrap().parse().unwrap()));
    assert!(found.eq(years));
}
