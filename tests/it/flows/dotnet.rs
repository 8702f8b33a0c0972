//! .NET's System.Data.Odbc (PowerShell, SSRS and script tasks too): vendor attributes, key columns, GetSchema.

use super::client::*;

fn connected(sim: &okta_sim::Sim) -> Client {
    let client = Client::new(Form::Wide, 3);
    assert_eq!(client.set(103, 15), SUCCESS);
    let (code, _) = client.driver_connect(0, &connection_string(sim), 1024, 0);
    assert_eq!(code, SUCCESS);
    client
}

#[test]
fn an_odbc_connection_opens_and_is_asked_whether_it_lives() {
    let sim = org(3);
    let client = connected(&sim);
    assert_eq!(
        (client.info_text(29).as_str(), client.info_text(77).as_str()),
        ("\"", "03.80")
    );
    assert!(!client.info_text(6).is_empty() && !client.info_text(18).is_empty());
    // ServerVersion, DataSource, Database: the last one is measured first.
    assert!(
        sim.url().contains(client.info_text(13).trim_start_matches("http://")),
        "{}",
        client.info_text(13)
    );
    let size = client.get(109, 0).length;
    assert_eq!(client.get(109, size as usize + 2).bytes.len(), size as usize);
    // SQL_ATTR_CONNECTION_DEAD
    let dead = client.get(1209, 4);
    assert_eq!((dead.code, dead.length, dead.number()), (SUCCESS, 4, 0));
    // BeginTransaction(ReadCommitted), Commit.
    assert_eq!(client.set(108, 2), SUCCESS);
    assert_eq!(client.set(102, 0), SUCCESS);
    assert_eq!(client.end_transaction(0), SUCCESS);
    assert_eq!(client.set(102, 1), SUCCESS);
}

#[test]
fn an_odbc_command_reads_its_schema_table() {
    let sim = org(7);
    let client = connected(&sim);
    let statement = client.statement();
    statement.fine(statement.set(0, 30));
    // SQL_SOPT_SS_NOBROWSETABLE and _HIDDEN_COLUMNS: any answer but a lost connection.
    for attribute in [1228, 1227] {
        let code = statement.set(attribute, 1);
        let refused = code == ERROR && statement.state().as_deref() == Some("HY092");
        assert!([SUCCESS, WITH_INFO].contains(&code) || refused, "{attribute}: {code}");
    }
    statement.fine(statement.exec_direct("SELECT Id, ProfileLogin, Created FROM Users"));
    assert_eq!(statement.row_count(), -1);
    assert_eq!(statement.count(), 3);
    for (number, name) in [(1, "Id"), (2, "ProfileLogin"), (3, "Created")] {
        // SQL_DESC_NAME, or SQL_COLUMN_NAME of ODBC 2; the base table's column, table, schema and catalog.
        for id in [1011, 1, 22] {
            assert_eq!(statement.attribute_text(number, id), name, "{id}");
        }
        for (id, wanted) in [(23, "Users"), (16, "dbo"), (17, "Okta")] {
            assert_eq!(statement.attribute_text(number, id), wanted, "{id}");
        }
        // SQL_CA_SS_COLUMN_HIDDEN and _KEY.
        for id in [1211, 1212] {
            assert_eq!(statement.attribute_number(number, id), 0, "{id}");
        }
        assert!([0, 1].contains(&statement.attribute_number(number, 1008)));
        assert!(statement.attribute_number(number, 2) != 0);
    }
    // Wide values in two pieces, as its buffer of 4096 would cut a longer one.
    let logins = truth(&sim, "users", "/profile/login");
    let mut found = Vec::new();
    while statement.fetch() == SUCCESS {
        let first = statement.data(2, C_WCHAR, 10);
        assert_eq!(first.code, WITH_INFO);
        assert_eq!(statement.state().as_deref(), Some("01004"));
        // The length is that of the whole, the piece ends with a terminator.
        assert_eq!(first.bytes[8..], [0, 0]);
        let rest = statement.data(2, C_WCHAR, 4096);
        statement.fine(rest.code);
        assert_eq!(rest.indicator, first.indicator - 8);
        let bytes = [&first.bytes[..8], &rest.bytes].concat();
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
            .collect();
        found.push(String::from_utf16(&units).unwrap());
        assert_eq!(statement.data(2, C_WCHAR, 4096).code, NO_DATA);
        // A date as its structure.
        let date = statement.data(3, C_TIMESTAMP, 16);
        assert_eq!((date.code, date.indicator), (SUCCESS, 16));
    }
    assert_eq!(sorted(found), sorted(logins));
    assert_eq!(statement.more_results(), NO_DATA);
    statement.close();
    // CommandBuilder looks for keys: SQL_ROWVER has none, the index is the primary key.
    let users = [Some("Okta"), Some("dbo"), Some("Users")];
    statement.special_columns(2, users, 0, 1);
    assert_eq!(statement.rows().len(), 0);
    statement.close();
    statement.primary_keys(users);
    assert_eq!(statement.values(4), ["Id"]);
    statement.close();
    statement.statistics(users, 0, 0);
    assert!(
        statement
            .rows()
            .iter()
            .any(|row| row[3].as_deref() == Some("0") && row[8].as_deref() == Some("Id"))
    );
}

/// GetSchema: Tables, Columns, Indexes and DataTypes are the catalog functions with null pointers for what is not restricted.
#[test]
fn get_schema_is_the_catalog_functions() {
    let sim = org(3);
    let client = connected(&sim);
    let statement = client.statement();
    statement.tables([None; 3], Some("TABLE,SYSTEM TABLE"));
    assert_eq!(statement.values(3), super::table_names());
    statement.close();
    statement.columns([None; 3], None);
    let tables = statement.values(3);
    let mut seen = tables.clone();
    seen.dedup();
    assert_eq!(seen, super::table_names());
    statement.close();
    statement.type_info(0);
    assert!(statement.values(1).contains(&"nvarchar".to_owned()));
}
