//! A linked server of SQL Server (MSDASQL): metadata before execution, cursors of any kind asked for, no string over 8000.

use super::abi::*;
use super::client::*;
use super::rowset::{By, Rowset};
use super::table_names;

/// OPENQUERY prepares, and describes what it has not executed.
#[test]
fn a_linked_server_describes_before_it_executes() {
    let sim = org(4);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    // Without the bits of SQL_CATALOG_USAGE and SQL_SCHEMA_USAGE: errors 7312 and 7313.
    assert_eq!((client.info_number(92) & 1, client.info_number(91) & 1), (1, 1));
    assert_eq!(client.info_text(25), "Y");
    // SSMS reads the connection's attributes: SQL_ATTR_CURRENT_CATALOG, _TXN_ISOLATION, _CONNECTION_DEAD.
    assert_eq!(utf16(&client.get(109, 100).bytes), "Okta");
    assert_eq!(client.get(108, 4).number(), 2);
    assert_eq!(client.get(1209, 4).number(), 0, "SQL_CD_FALSE");
    sim.reset();
    for table in table_names() {
        let statement = client.statement();
        statement.fine(statement.prepare(&format!("SELECT * FROM \"Okta\".\"dbo\".\"{table}\"")));
        let count = statement.count();
        assert!(count > 2, "{table}");
        for number in 1..=count {
            let column = statement.describe(number);
            assert!(!column.name.is_empty() && column.size > 0, "{table}: {column:?}");
            // A string that is declared longer cannot be read; ntext is read as a long value.
            let most = if column.kind == -9 { 4000 } else { 1 << 20 };
            assert!(column.size <= most, "{table}: {column:?}");
        }
    }
    // Nothing but the groups' own attributes, which a statement that names groups waits for.
    let asked: Vec<_> = sim.requests().into_iter().map(|request| request.path).collect();
    assert!(asked.iter().all(|path| path.contains("/meta/schemas/")), "{asked:?}");
}

/// CURSOR_TYPE, CONCURRENCY: what cannot be had is replaced, and says so.
#[test]
fn a_linked_server_gets_a_static_cursor() {
    let sim = org(9);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    // SQL_CURSOR_KEYSET_DRIVEN and _DYNAMIC become static, the others are what they are.
    for (asked, got) in [(0, 0), (1, 3), (2, 3), (3, 3)] {
        let statement = client.statement();
        let code = statement.set(6, asked);
        let state = statement.state();
        if asked == got {
            assert_eq!(code, SUCCESS);
        } else {
            assert_eq!((code, state.as_deref()), (WITH_INFO, Some("01S02")));
        }
        assert_eq!(statement.get(6), got);
        // SQL_CONCUR_ROWVER
        assert_eq!(statement.set(7, 3), WITH_INFO);
        assert_eq!(statement.state().as_deref(), Some("01S02"));
        assert_eq!(statement.get(7), 1);
        statement.fine(statement.exec_direct("SELECT Id FROM \"Okta\".\"dbo\".\"Users\""));
        let ids = statement.values(1);
        assert_eq!(sorted(ids.clone()), sorted(truth(&sim, "users", "/id")));
        if got == 3 {
            // SQL_FETCH_FIRST, LAST, ABSOLUTE 4, PRIOR.
            for (orientation, offset, row) in [(2, 0, 0), (3, 0, 8), (5, 4, 3), (4, 0, 2)] {
                statement.fine(unsafe { SQLFetchScroll(statement.handle, orientation, offset) });
                assert_eq!(statement.text(1).as_ref(), Some(&ids[row]));
            }
        }
    }
}

/// SELECT * FROM LINKED.Okta.dbo.Users: the listing, the columns, then a rowset of SQL_C_WCHAR.
#[test]
fn a_linked_server_reads_by_four_part_name() {
    let sim = org(15);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let statement = client.statement();
    statement.tables([Some("Okta"), Some("dbo"), Some("Users")], None);
    assert_eq!(statement.values(3), ["Users"]);
    statement.close();
    statement.columns([Some("Okta"), Some("dbo"), Some("Users")], None);
    let listed: Vec<(String, String)> = statement
        .rows()
        .into_iter()
        .map(|row| (row[3].clone().unwrap(), row[4].clone().unwrap()))
        .collect();
    statement.close();
    statement.fine(statement.prepare("SELECT * FROM \"Okta\".\"dbo\".\"Users\""));
    let described: Vec<(String, String)> = (1..=statement.count())
        .map(|number| statement.describe(number))
        .map(|column| (column.name, column.kind.to_string()))
        .collect();
    // Metadata that differ from those at execution: error 7353 or 7356.
    assert_eq!(described, listed);
    let ids = sorted(truth(&sim, "users", "/id"));
    statement.fine(statement.execute());
    assert_eq!(sorted(statement.values(1)), ids);
    // MSDASQL asks for a static cursor, and reads it by either function.
    for (by, rows) in [(By::Extended, 4), (By::Extended, 100), (By::Scroll, 4)] {
        let statement = client.statement();
        statement.fine(statement.set(6, 3));
        let mut rowset = Rowset::bound(&statement, by, rows);
        statement.fine(statement.exec_direct("SELECT \"Id\" FROM \"Okta\".\"dbo\".\"Users\""));
        assert_eq!(sorted(rowset.read(&statement)), ids, "{by:?} {rows}");
    }
}
