//! Microsoft Access (Jet/ACE) links a table: an ODBC 2 program that trusts no driver that leaves a length unset.

use super::abi::*;
use super::client::*;

/// Ids that the reference gives as SQLUSMALLINT, and their sizes: an unset length is "Reserved error (-7701)".
const NUMBERS: &[(u16, i32)] = &[
    (23, 2),
    (24, 2),
    (81, 4),
    (9, 2),
    (46, 2),
    (8, 4),
    (22, 2),
    (28, 2),
    (30, 2),
    (115, 4),
];

fn linked(sim: &okta_sim::Sim) -> Client {
    let client = Client::new(Form::Narrow, 2);
    // Before connecting; no attribute of ODBC.
    assert_eq!(client.set(30002, 1), SUCCESS);
    let (code, out) = client.driver_connect(0, &connection_string(sim), 1024, 0);
    assert_eq!(code, SUCCESS);
    assert!(out.starts_with("Driver=") || out.contains("Domain="), "{out}");
    client
}

#[test]
fn access_checks_the_driver() {
    let sim = org(3);
    let client = linked(&sim);
    for (id, size) in NUMBERS {
        let info = client.info(*id, 4);
        assert_eq!((info.code, info.length), (SUCCESS, *size), "{id}");
    }
    // Level 1 at least, and SQL_CB_PRESERVE.
    assert!(client.info_number(9) >= 1);
    assert_eq!((client.info_number(23), client.info_number(24)), (2, 2));
    let statement = client.statement();
    // SQL_ATTR_MAX_LENGTH is read back: what it was set to, or what is used.
    assert!([SUCCESS, WITH_INFO].contains(&statement.set(3, 255)));
    assert!([0, 255].contains(&statement.get(3)));
    statement.fine(statement.set(0, 60));
    assert_eq!(statement.get(0), 60);
    // Its own settings table: that there is none is the answer; any other error refuses the connection.
    assert_eq!(statement.exec_direct("SELECT Config, nValue FROM MSysConf"), ERROR);
    // 42S02 by its name of ODBC 2.
    assert_eq!(statement.state().as_deref(), Some("S0002"));
    // Where it polls, it polls for that too.
    statement.fine(statement.set(4, 1));
    let code = loop {
        match statement.exec_direct("SELECT Config, nValue FROM MSysConf") {
            2 => std::thread::yield_now(),
            code => break code,
        }
    };
    assert_eq!((code, statement.state().as_deref()), (ERROR, Some("S0002")));
    statement.fine(statement.set(4, 0));
}

/// A long value of its own is handed over in pieces, as Jet does with memos.
#[test]
fn access_puts_a_parameter_in_pieces() {
    let sim = org(3);
    let client = linked(&sim);
    let statement = client.statement();
    // SQL_DATA_AT_EXEC; SQL_LONGVARCHAR
    let (place, length) = ([7u8], -2);
    statement.bind_parameter(1, (C_CHAR, -1), 4000, 0, &place, &length);
    assert_eq!(
        statement.exec_direct("SELECT {fn UCASE(?)} FROM \"dbo\".\"Users\""),
        NEED_DATA
    );
    let mut asked: Handle = std::ptr::null_mut();
    assert_eq!(unsafe { SQLParamData(statement.handle, &mut asked) }, NEED_DATA);
    assert_eq!(asked.cast_const().cast(), place.as_ptr());
    for piece in ["in ", "two pieces"] {
        let at = piece.as_ptr().cast_mut().cast();
        statement.fine(unsafe { SQLPutData(statement.handle, at, piece.len() as isize) });
    }
    statement.fine(unsafe { SQLParamData(statement.handle, &mut asked) });
    assert_eq!(statement.values(1), ["IN TWO PIECES"; 3]);
}

/// (column, bytes of SQL_C_DEFAULT): SMALLINT and INTEGER, never more.
const DEFAULTS: &[(u16, usize)] = &[
    (5, 2),
    (7, 4),
    (8, 4),
    (9, 2),
    (10, 2),
    (11, 2),
    (14, 2),
    (15, 2),
    (16, 4),
    (17, 4),
];

#[test]
fn access_reads_what_a_table_is() {
    let sim = org(3);
    let client = linked(&sim);
    let statement = client.statement();
    let users = [Some("Okta"), Some("dbo"), Some("Users")];
    statement.tables(
        [None, None, Some("%")],
        Some("'TABLE','VIEW','SYSTEM TABLE','ALIAS','SYNONYM'"),
    );
    assert!(statement.values(3).contains(&"Users".to_owned()));
    statement.close();
    // Both have to succeed; the unique index is the link's bookmark.
    statement.special_columns(1, users, 0, 1);
    assert_eq!(statement.values(2), ["Id"]);
    statement.close();
    statement.statistics(users, 1, 0);
    let rows = statement.rows();
    let unique: Vec<_> = rows.iter().filter(|row| row[3].as_deref() == Some("0")).collect();
    assert_eq!((unique.len(), unique[0][8].as_deref()), (1, Some("Id")));
    statement.close();
    statement.columns(users, None);
    let mut types = std::collections::BTreeMap::new();
    loop {
        match statement.fetch() {
            NO_DATA => break,
            code => statement.fine(code),
        }
        for (column, size) in DEFAULTS {
            let cell = statement.data(*column, C_DEFAULT, *size);
            statement.fine(cell.code);
            assert!(
                [*size as isize, NULL_DATA].contains(&cell.indicator),
                "column {column}: {cell:?}"
            );
        }
        // Column 5 once more is the end of its value: read the name, then the code of a new row's.
        types.insert(statement.text(4).unwrap(), statement.data(7, C_DEFAULT, 4));
    }
    assert!(types.len() > 20);
    statement.close();
    // The codes of ODBC 2 stand in result sets, where no manager changes them.
    statement.columns([Some("Okta"), Some("dbo"), Some("Users")], Some("Created"));
    assert_eq!(statement.values(5), ["11"]);
    statement.close();
    statement.type_info(0);
    let codes = statement.values(2);
    for code in ["9", "10", "11"] {
        assert!(codes.contains(&code.to_owned()), "{codes:?}");
    }
    assert!(
        !codes.iter().any(|code| ["91", "92", "93"].contains(&code.as_str())),
        "{codes:?}"
    );
}

/// The keys, then ten rows at a time by one prepared statement that is executed again and again.
#[test]
fn access_scrolls_a_linked_table() {
    let sim = org(25);
    let client = linked(&sim);
    let keys = client.statement();
    keys.fine(keys.exec_direct("SELECT \"dbo\".\"Users\".\"Id\" FROM \"dbo\".\"Users\" "));
    let ids = keys.values(1);
    assert_eq!(sorted(ids.clone()), sorted(truth(&sim, "users", "/id")));
    keys.close();
    let rows = client.statement();
    let condition = ["\"Id\" = ?"; 10].join(" OR ");
    rows.fine(rows.prepare(&format!(
        "SELECT \"Id\",\"ProfileLogin\",\"Created\" FROM \"dbo\".\"Users\" WHERE {condition}"
    )));
    assert_eq!(rows.num_params(), 10);
    let mut memory = vec![[0u8; 64]; 10];
    let length: isize = NTS.into();
    for (number, place) in (1..).zip(&memory) {
        rows.bind_parameter(number, (C_CHAR, 12), 32, 0, place, &length);
    }
    let login: std::collections::HashMap<String, String> = truth(&sim, "users", "/id")
        .into_iter()
        .zip(truth(&sim, "users", "/profile/login"))
        .collect();
    for part in ids.chunks(10) {
        for (number, place) in memory.iter_mut().enumerate() {
            // A last part that is short repeats its last key.
            let key = &part[number.min(part.len() - 1)];
            place[..key.len()].copy_from_slice(key.as_bytes());
            place[key.len()] = 0;
        }
        rows.fine(rows.execute());
        let found = rows.rows();
        assert_eq!(found.len(), part.len());
        for row in found {
            let id = row[0].clone().unwrap();
            assert!(part.contains(&id));
            assert_eq!(row[1].as_ref(), login.get(&id));
        }
        rows.close();
    }
}
