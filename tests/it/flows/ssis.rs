//! SQL Server Integration Services (ODBC Source): describe without executing, a preview, rowsets of a thousand.

use super::client::*;
use super::rowset::{By, Rowset};

const SQL: &str = "SELECT Id, ProfileLogin, Created FROM Users";

#[test]
fn ssis_describes_without_executing() {
    let sim = org(10);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    sim.reset();
    let statement = client.statement();
    statement.fine(statement.prepare(SQL));
    assert_eq!(statement.count(), 3);
    let id = statement.describe(1);
    assert_eq!((id.name.as_str(), id.kind, id.nullable), ("Id", -9, 0));
    // SQL_COLUMN_LENGTH is bytes, SQL_COLUMN_PRECISION characters; SQL_COLUMN_SCALE.
    let (length, precision) = (statement.attribute_number(1, 3), statement.attribute_number(1, 4));
    assert_eq!((length, precision), (2 * id.size as isize, id.size as isize));
    assert_eq!(statement.attribute_number(1, 5), 0);
    // Of a timestamp: SQL_TIMESTAMP_STRUCT, `yyyy-mm-dd hh:mm:ss.fff`, three digits.
    assert_eq!([3, 4, 5].map(|id| statement.attribute_number(3, id)), [16, 23, 3]);
    // Their successors: characters, octets, fraction digits.
    assert_eq!(
        [1003, 1013].map(|id| statement.attribute_number(1, id)),
        [precision, length]
    );
    assert_eq!([1005, 1006].map(|id| statement.attribute_number(3, id)), [3, 3]);
    statement.close();
    assert_eq!(sim.requests().len(), 0, "describing asks nothing");
}

#[test]
fn ssis_previews_and_cancels() {
    let sim = org(600);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let statement = client.statement();
    statement.fine(statement.set(0, 15));
    sim.reset();
    statement.fine(statement.exec_direct(SQL));
    for _ in 0..20 {
        assert_eq!(statement.fetch(), SUCCESS);
        assert!(statement.text(1).is_some() && statement.text(2).is_some());
    }
    assert_eq!(statement.cancel(), SUCCESS);
    statement.close();
    assert_eq!(sim.requests().len(), 1);
}

fn flows(by: By, rows: usize) {
    let sim = org(430);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let statement = client.statement();
    // Bound before the text is known, and still bound after preparing.
    let mut rowset = Rowset::bound(&statement, by, rows);
    statement.fine(statement.prepare(SQL));
    statement.fine(statement.execute());
    assert_eq!(sorted(rowset.read(&statement)), sorted(truth(&sim, "users", "/id")));
}

#[test]
fn ssis_flows_rowsets_of_a_thousand() {
    flows(By::Fetch, 1000);
    flows(By::Scroll, 1000);
    flows(By::Fetch, 7);
}

#[test]
fn ssis_flows_by_extended_fetch() {
    flows(By::Extended, 1000);
    flows(By::Extended, 100);
}
