//! Perl's DBD::ODBC, narrow throughout: empty credentials at the end of every string, a ping, all columns as text.

use super::abi::*;
use super::client::*;
use super::table_names;

fn connected(sim: &okta_sim::Sim) -> Client {
    // Whatever was given, `UID=` and `PWD=` follow.
    Client::new(Form::Narrow, 3).connect(&format!("{};UID=;PWD=", connection_string(sim)))
}

#[test]
fn dbd_odbc_lists_and_describes() {
    let sim = org(6);
    let client = connected(&sim);
    for (id, wanted) in [(77, "03.80"), (17, "Okta"), (10003, "Y")] {
        assert_eq!(client.info_text(id), wanted);
    }
    for id in [6, 7, 18] {
        assert!(!client.info_text(id).is_empty());
    }
    assert_eq!((client.info_number(30), client.info_number(91) & 1), (128, 1));
    let statement = client.statement();
    sim.reset();
    // ping
    statement.tables([Some(""), Some(""), Some("NOXXTABLE")], Some(""));
    assert_eq!(statement.rows().len(), 0);
    statement.close();
    // table_info's three enumerations, and tables().
    statement.tables([Some("%"), Some(""), Some("")], Some(""));
    assert_eq!(statement.values(1), ["Okta"]);
    statement.close();
    statement.tables([Some(""), Some("%"), Some("")], Some(""));
    assert_eq!(statement.values(2), ["dbo"]);
    statement.close();
    statement.tables([Some(""), Some(""), Some("")], Some("%"));
    assert_eq!(statement.values(4), ["TABLE"]);
    statement.close();
    statement.tables([None; 3], None);
    assert_eq!(statement.values(3), table_names());
    statement.close();
    // foreign_key_info, statistics_info, type_info_all.
    statement.foreign_keys([None, None, Some("users")], [None; 3]);
    assert!(statement.rows().len() >= 4);
    statement.close();
    statement.statistics([None, None, Some("Users")], 0, 0);
    assert!(statement.rows().iter().any(|row| row[8].as_deref() == Some("Id")));
    statement.close();
    statement.type_info(0);
    assert!(statement.rows().len() > 20);
    statement.close();
    assert_eq!(sim.requests().len(), 0);
}

/// Catalog results are bound as text of the declared display size: a size of 2³¹ would be allocated.
#[test]
fn dbd_odbc_binds_catalog_results_as_text() {
    let sim = org(3);
    let client = connected(&sim);
    let statement = client.statement();
    type Call = fn(&Statement);
    let calls: [(&str, Call); 5] = [
        ("SQLTables", |statement| statement.tables([None; 3], None)),
        ("SQLColumns", |statement| {
            statement.columns([None, None, Some("Users")], None)
        }),
        ("SQLPrimaryKeys", |statement| {
            statement.primary_keys([None, None, Some("Users")])
        }),
        ("SQLStatistics", |statement| {
            statement.statistics([None, None, Some("Users")], 0, 0)
        }),
        ("SQLGetTypeInfo", |statement| statement.type_info(0)),
    ];
    for (name, call) in calls {
        call(&statement);
        let columns = statement.count();
        let mut memory: Vec<(Vec<u8>, isize)> = (1..=columns)
            .map(|number| {
                let size = statement.attribute_number(number, 6);
                assert!((1..=4000).contains(&size), "{name}, column {number}: {size}");
                (vec![0u8; size as usize + 1], 0)
            })
            .collect();
        for (number, (value, length)) in (1..).zip(&mut memory) {
            let capacity = value.len() as isize;
            statement.fine(unsafe {
                SQLBindCol(
                    statement.handle,
                    number,
                    C_CHAR,
                    value.as_mut_ptr().cast(),
                    capacity,
                    length,
                )
            });
        }
        let mut rows = 0;
        loop {
            match statement.fetch() {
                NO_DATA => break,
                // Nothing is cut off.
                code => assert_eq!(code, SUCCESS, "{name}: {:?}", statement.state()),
            }
            rows += 1;
            for (value, length) in &memory {
                assert!(*length == NULL_DATA || value[*length as usize] == 0, "{name}");
            }
        }
        assert!(rows > 0, "{name}");
        statement.close();
        statement.unbind();
    }
}

#[test]
fn dbd_odbc_executes_and_fails() {
    let sim = org(12);
    let client = connected(&sim);
    let statement = client.statement();
    statement.fine(statement.prepare("SELECT Id, ProfileLogin FROM Users WHERE ProfileLogin = ? OR ProfileEmail = ?"));
    // Every parameter is described, and bound as text.
    let login = truth(&sim, "users", "/profile/login")[3].clone();
    let (value, length) = (format!("{login}\0").into_bytes(), login.len() as isize);
    for number in 1..=statement.num_params() as u16 {
        let (kind, size, ..) = statement.describe_param(number);
        assert_eq!(kind, -9);
        statement.bind_parameter(number, (C_CHAR, kind), size, 0, &value, &length);
    }
    statement.fine(statement.execute());
    assert_eq!(statement.row_count(), -1);
    for (number, name) in [(1, "Id"), (2, "ProfileLogin")] {
        assert_eq!(statement.describe(number).name, name);
        // SQL_COLUMN_DISPLAY_SIZE and SQL_COLUMN_LENGTH size its buffers.
        assert!(statement.attribute_number(number, 6) > 0 && statement.attribute_number(number, 3) > 0);
    }
    assert_eq!(statement.values(2), [login]);
    assert_eq!(statement.more_results(), NO_DATA);
    statement.close();
    // Records 1, 2 … until there is none.
    let bad = client.statement();
    assert_eq!(bad.exec_direct("SELECT nothing FROM Users"), ERROR);
    assert_eq!(state(Form::Narrow, STMT, bad.handle, 1).as_deref(), Some("42S22"));
    assert_eq!(state(Form::Narrow, STMT, bad.handle, 2), None);
    // AutoCommit off, rollback; the manager asks 23 and 24; AutoCommit is read before the end.
    assert_eq!(client.set(102, 0), SUCCESS);
    assert_eq!(client.end_transaction(1), SUCCESS);
    assert_eq!((client.info_number(23), client.info_number(24)), (2, 2));
    assert_eq!(client.get(102, 4).number(), 0);
    assert_eq!(client.set(102, 1), SUCCESS);
    assert_eq!(client.get(102, 4).number(), 1);
}
