//! Microsoft Query, Excel's classic way: a window for a dialog that is not needed, enumerations, its own SQL.

use super::client::*;
use super::table_names;

#[test]
fn microsoft_query_fills_its_boxes() {
    let sim = org(5);
    let client = Client::new(Form::Wide, 3);
    // SQL_DRIVER_COMPLETE_REQUIRED: a complete string opens no dialog. What comes back is stored in the workbook.
    let (code, out) = client.driver_connect(1, &connection_string(&sim), 1024, 3);
    assert_eq!(code, SUCCESS);
    assert!(out.contains(&format!("Domain={}", sim.url())), "{out}");
    for (id, wanted) in [
        (17, "Okta"),
        (29, "\""),
        (41, "."),
        (42, "catalog"),
        (39, "schema"),
        (87, "Y"),
        (38, "Y"),
        (90, "N"),
    ] {
        assert_eq!(client.info_text(id), wanted, "{id}");
    }
    // SQL_MAX_TABLES_IN_SELECT without a limit, SQL_CB_PRESERVE, forward-only and static cursors, catalog at the start.
    for (id, wanted) in [
        (91, 1),
        (92, 1),
        (114, 1),
        (106, 0),
        (23, 2),
        (24, 2),
        (44, 0x11),
        (30, 128),
        (35, 128),
    ] {
        assert_eq!(client.info_number(id), wanted, "{id}");
    }
    for id in [115, 49, 50, 51, 52, 8] {
        assert_ne!(client.info_number(id), 0, "{id}");
    }
    let statement = client.statement();
    for (names, types, column, wanted) in [
        ([Some("%"), Some(""), Some("")], Some(""), 1, "Okta"),
        ([Some(""), Some("%"), Some("")], Some(""), 2, "dbo"),
        ([Some(""), Some(""), Some("")], Some("%"), 4, "TABLE"),
    ] {
        statement.tables(names, types);
        let rows = statement.rows();
        assert_eq!(rows.len(), 1);
        // All columns but the one that is enumerated are NULL.
        for (at, cell) in (1..).zip(&rows[0]) {
            assert_eq!(cell.as_deref(), (at == column).then_some(wanted));
        }
        statement.close();
    }
    statement.tables([Some(""); 3], Some("'TABLE','VIEW','SYSTEM TABLE','SYNONYM'"));
    assert_eq!(statement.values(3), table_names());
    statement.close();
    let users = [Some("Okta"), Some("dbo"), Some("Users")];
    statement.columns(users, None);
    assert_eq!(statement.values(4)[0], "Id");
    statement.close();
    statement.statistics(users, 0, 0);
    assert!(!statement.rows().is_empty());
    statement.close();
    // SQL_BEST_ROWID
    statement.special_columns(1, users, 0, 1);
    assert_eq!(statement.values(2), ["Id"]);
    statement.close();
    statement.type_info(0);
    assert!(statement.rows().len() > 20);
}

/// SQL_DRIVER_PROMPT, _COMPLETE and _COMPLETE_REQUIRED: what is missing would be asked for, and is named.
#[test]
fn microsoft_query_learns_what_a_string_lacks() {
    let sim = org(1);
    let complete = connection_string(&sim);
    for (lacks, keyword) in [
        (format!("Domain={}", sim.url()), "APIToken"),
        ("Driver={Okta ODBC Driver};APIToken=x".to_owned(), "Domain"),
    ] {
        for completion in [1, 2, 3] {
            let client = Client::new(Form::Wide, 3);
            assert_eq!(client.driver_connect(1, &lacks, 1024, completion).0, ERROR);
            assert_eq!(client.state().as_deref(), Some("IM008"), "{keyword} {completion}");
        }
        // SQL_DRIVER_NOPROMPT: an error of its own kind.
        let client = Client::new(Form::Wide, 3);
        assert_eq!(client.driver_connect(0, &lacks, 1024, 0).0, ERROR);
        let state = client.state();
        assert!([Some("28000"), Some("HY000")].contains(&state.as_deref()), "{state:?}");
        // Nothing is missing on the second try.
        assert_eq!(client.driver_connect(1, &complete, 1024, 1).0, SUCCESS);
    }
}

#[test]
fn microsoft_query_writes_its_own_sql() {
    let sim = org(20);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let everyone = sorted(truth(&sim, "users", "/id"));
    let active = sim
        .truth("users")
        .iter()
        .filter(|user| user["status"] == "ACTIVE")
        .count();
    let statement = client.statement();
    for (sql, rows) in [
        ("SELECT Users_0.Id FROM Okta.dbo.Users Users_0", 20),
        (
            "SELECT Users.Id FROM Okta.dbo.Users Users WHERE (Users.Status='ACTIVE') AND (Users.Created>={ts '1990-01-01 00:00:00'})",
            active,
        ),
        (
            "SELECT Users.Id FROM Okta.dbo.Users Users WHERE (Users.Created<{ d '1990-01-01' })",
            0,
        ),
        (
            "SELECT Users.Id FROM Okta.dbo.Users Users WHERE ({ t '10:20:30' }<>{t '10:20:31'})",
            20,
        ),
        (
            "SELECT u.Id FROM {oj Okta.dbo.Users u LEFT OUTER JOIN Okta.dbo.UserGroups g ON u.Id = g.UserId AND 1=0}",
            20,
        ),
        (
            "SELECT u.Id FROM --(*vendor(Microsoft),product(ODBC) oj Okta.dbo.Users u LEFT OUTER JOIN Okta.dbo.UserTypes t \
          ON u.TypeId = t.Id *)--",
            20,
        ),
        (
            "SELECT u.Id FROM {  OJ Okta.dbo.Users u LEFT OUTER JOIN Okta.dbo.UserTypes t ON u.TypeId = t.Id  } ORDER BY u.Id",
            20,
        ),
        (
            "SELECT Users.Id, {FN UCASE(Users.Status)} FROM Okta.dbo.Users Users ORDER BY Users.Id",
            20,
        ),
        (
            "SELECT Users.Id, --(*vendor(Microsoft),product(ODBC) fn UCASE(Users.Status) *)-- FROM Okta.dbo.Users Users",
            20,
        ),
    ] {
        assert_eq!(statement.exec_direct(sql), SUCCESS, "{sql}: {:?}", statement.state());
        let found = statement.values(1);
        assert_eq!(found.len(), rows, "{sql}");
        if rows == 20 {
            assert_eq!(sorted(found), everyone, "{sql}");
        }
        statement.close();
    }
    // A prompt of its own: a marker that is described, then bound as text.
    statement.fine(statement.prepare("SELECT Users.Id FROM Okta.dbo.Users Users WHERE (Users.Status=?)"));
    assert_eq!(statement.num_params(), 1);
    assert_eq!(statement.describe_param(1).0, -9);
    let (value, length) = ("ACTIVE\0".encode_utf16().collect::<Vec<_>>(), NTS.into());
    statement.bind_parameter(1, (C_WCHAR, -9), 6, 0, &value, &length);
    statement.fine(statement.execute());
    assert_eq!(statement.rows().len(), active);
}
