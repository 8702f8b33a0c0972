//! The driver as an application sees it: odbc-api, libodbc, the registered driver, an okta-sim in this process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use odbc_api::buffers::{BufferDesc, ColumnarDynBuffer, TextRowSet};
use odbc_api::parameter::InputParameter;
use odbc_api::{
    Bit, Connection, ConnectionOptions, Cursor, DataType, Error, IntoParameter, Nullability, ResultSetMetadata,
    environment,
};
use okta_sim::{Options, Sim};

/// An org, and how to connect to it.
struct Org {
    sim: Sim,
}

impl Org {
    fn of(users: u64) -> Org {
        Org {
            sim: Sim::start(Options {
                users,
                groups: 6,
                apps: 3,
                ..Options::default()
            }),
        }
    }

    fn string(&self) -> String {
        format!("Driver={};Domain={};APIToken=sim-token", driver(), self.sim.url())
    }

    fn connect(&self) -> Connection<'static> {
        connect(&self.string()).expect("a connection")
    }

    /// Ids of users with their value of one profile attribute.
    fn profiles(&self, attribute: &str) -> BTreeMap<String, Option<String>> {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let users = self.sim.truth("users");
        users
            .iter()
            .map(|u| {
                (
                    u["id"].as_str().unwrap_or("").to_owned(),
                    text(u["profile"][attribute].as_str()),
                )
            })
            .collect()
    }
}

fn connect(string: &str) -> Result<Connection<'static>, Error> {
    environment()?.connect_with_connection_string(string, ConnectionOptions::default())
}

/// `cargo xtask test` registers the driver; without it, its file is named.
fn driver() -> String {
    if std::env::var_os("ODBCSYSINI").is_some() {
        return "{Okta ODBC Driver}".into();
    }
    let beside = || {
        let program = std::env::current_exe().expect("this program");
        program.ancestors().nth(2).map(|folder| folder.join("libokta_odbc.so"))
    };
    let file = std::env::var_os("OKTA_ODBC_DRIVER")
        .map(PathBuf::from)
        .or_else(beside)
        .unwrap_or_default();
    assert!(file.exists(), "build the driver first: {} is not there", file.display());
    file.display().to_string()
}

/// All rows of two text columns, the first not NULL.
fn pairs(connection: &Connection<'_>, statement: &str, parameter: Option<&str>) -> BTreeMap<String, Option<String>> {
    let cursor = match parameter {
        Some(text) => connection.execute(statement, &text.into_parameter(), None),
        None => connection.execute(statement, (), None),
    };
    let mut cursor = cursor.expect("executed").expect("a result set");
    let buffer = TextRowSet::for_cursor(7, &mut cursor, Some(4096)).expect("buffers");
    let mut blocks = cursor.bind_buffer(buffer).expect("bound");
    let mut rows = BTreeMap::new();
    while let Some(block) = blocks.fetch().expect("fetched") {
        for row in 0..block.num_rows() {
            let text = |column| block.at_as_str(column, row).expect("UTF-8").map(str::to_owned);
            let former = rows.insert(text(0).expect("a key"), text(1));
            assert!(former.is_none(), "a row came twice");
        }
    }
    rows
}

/// SQLSTATE and message of an error.
fn diagnostics(error: Error) -> (String, String) {
    match error {
        Error::Diagnostics { record, .. } => (record.state.as_str().to_owned(), record.to_string()),
        other => panic!("no diagnostics: {other}"),
    }
}

#[test]
fn libodbc_and_the_driver_are_mapped() {
    let org = Org::of(10);
    let _connection = org.connect();
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux's /proc");
    assert!(maps.contains("libodbc.so"), "this test does not go through unixODBC");
    assert!(maps.contains("libokta_odbc.so"));
}

/// A test binary with ODBC functions of its own would have the driver linked in, and would test nothing.
#[test]
fn this_program_has_no_odbc_functions_of_its_own() {
    let program = std::env::current_exe().expect("this program");
    let symbols = std::process::Command::new("nm")
        .args(["--defined-only"])
        .arg(&program)
        .output()
        .expect("nm");
    let table = String::from_utf8_lossy(&symbols.stdout).into_owned();
    assert!(table.contains(" T main"), "nm shows nothing of {}", program.display());
    let own: Vec<&str> = table.lines().filter(|line| line.contains(" T SQL")).collect();
    assert_eq!(own, Vec::<&str>::new());
}

#[test]
fn users_come_in_blocks_of_text() {
    let org = Org::of(30);
    let rows = pairs(&org.connect(), "SELECT Id, ProfileFirstName FROM Users", None);
    assert_eq!(rows, org.profiles("firstName"));
    assert_eq!(rows.len(), 30);
}

#[test]
fn a_custom_attribute_is_a_column() {
    let org = Org::of(30);
    let rows = pairs(&org.connect(), "SELECT Id, ProfileCostCentre FROM Users", None);
    assert_eq!(rows, org.profiles("costCentre"));
    assert!(rows.values().any(Option::is_some));
}

#[test]
fn one_column_one_parameter() {
    let org = Org::of(30);
    let logins = org.profiles("login");
    let (id, login) = logins.iter().next().expect("a user");
    let statement = "SELECT Id, ProfileLogin FROM Users WHERE ProfileLogin = ?";
    let rows = pairs(&org.connect(), statement, login.as_deref());
    assert_eq!(rows, BTreeMap::from([(id.clone(), login.clone())]));
    assert_eq!(
        pairs(&org.connect(), statement, Some("nobody' OR '1'='1")),
        BTreeMap::new()
    );
}

#[test]
fn a_prepared_statement_is_described_and_runs_again() {
    let org = Org::of(30);
    let connection = org.connect();
    let mut prepared = connection
        .prepare("SELECT Id, Created, ProfileSeatNumber FROM Users WHERE Id = ?")
        .expect("prepared");
    assert_eq!(prepared.num_params().expect("a count"), 1);
    prepared.describe_param(1).expect("a description");
    assert_eq!(prepared.num_result_cols().expect("a count"), 3);
    assert_eq!(
        org.sim
            .requests()
            .iter()
            .filter(|r| !r.path.contains("/meta/schemas/"))
            .count(),
        0
    );
    for id in org.profiles("login").keys().take(3) {
        let parameter: &dyn InputParameter = &id.as_str().into_parameter();
        let mut cursor = prepared.execute(parameter).expect("executed").expect("a result set");
        let mut row = cursor.next_row().expect("fetched").expect("a row");
        let mut text = Vec::new();
        assert!(row.get_text(1, &mut text).expect("a value"));
        assert_eq!(text, id.as_bytes());
        assert!(cursor.next_row().expect("fetched").is_none());
    }
}

#[test]
fn columns_describe_themselves() {
    let org = Org::of(10);
    let connection = org.connect();
    let mut prepared = connection
        .prepare("SELECT Id, Created, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive FROM Users")
        .expect("prepared");
    let names: Vec<String> = (1..=5)
        .map(|column| prepared.col_name(column).expect("a name"))
        .collect();
    assert_eq!(
        names,
        [
            "Id",
            "Created",
            "ProfileSeatNumber",
            "ProfileContractHours",
            "ProfileBadgeActive"
        ]
    );
    let types: Vec<DataType> = (1..=5)
        .map(|column| prepared.col_data_type(column).expect("a type"))
        .collect();
    assert!(matches!(types[0], DataType::WVarchar { length: Some(_) }), "{types:?}");
    assert_eq!(types[1], DataType::Timestamp { precision: 3 });
    assert!(matches!(types[2], DataType::Integer | DataType::BigInt), "{types:?}");
    assert_eq!(types[3], DataType::Double);
    assert_eq!(types[4], DataType::Bit);
    assert!(matches!(
        prepared.col_nullability(1).expect("known"),
        Nullability::NoNulls
    ));
}

#[test]
fn typed_buffers_hold_typed_values() {
    let org = Org::of(30);
    let connection = org.connect();
    let statement = "SELECT ProfileSeatNumber, ProfileBadgeActive FROM Users";
    let cursor = connection
        .execute(statement, (), None)
        .expect("executed")
        .expect("a result set");
    let wanted = [BufferDesc::I64 { nullable: true }, BufferDesc::Bit { nullable: true }];
    let mut blocks = cursor
        .bind_buffer(ColumnarDynBuffer::from_descs(11, wanted))
        .expect("bound");
    let (mut sum, mut active) = (0, 0);
    while let Some(block) = blocks.fetch().expect("fetched") {
        let numbers = block.column(0).as_nullable_slice::<i64>().expect("integers");
        sum += numbers.flatten().sum::<i64>();
        let bits = block.column(1).as_nullable_slice::<Bit>().expect("bits");
        active += bits.flatten().filter(|bit| bit.as_bool()).count();
    }
    let users = org.sim.truth("users");
    assert_eq!(
        sum,
        users
            .iter()
            .filter_map(|user| user["profile"]["seatNumber"].as_i64())
            .sum::<i64>()
    );
    assert_eq!(
        active,
        users
            .iter()
            .filter(|user| user["profile"]["badgeActive"] == true)
            .count()
    );
}

#[test]
fn catalog_functions_answer() {
    let org = Org::of(10);
    let connection = org.connect();
    let tables = connection.tables("", "", "", "TABLE").expect("tables");
    let names: Vec<String> = tables
        .map(|row| {
            row.expect("a row")
                .table
                .as_str()
                .expect("UTF-8")
                .expect("a name")
                .to_owned()
        })
        .collect();
    for name in [
        "Users",
        "Groups",
        "GroupMembers",
        "Apps",
        "ApplicationUsers",
        "SystemLogs",
        "UserTypes",
    ] {
        assert!(names.iter().any(|found| found == name), "{name} is not in {names:?}");
    }
    assert!(connection.columns("", "", "Users", "").expect("columns").count() > 20);
    assert_eq!(connection.database_management_system_name().expect("a name"), "Okta");
}

#[test]
fn errors_have_their_sqlstate_and_help() {
    let org = Org::of(10);
    let connection = org.connect();
    let failed = |statement: &str| match connection.execute(statement, (), None) {
        Ok(_) => panic!("{statement} worked"),
        Err(error) => diagnostics(error),
    };
    for (statement, state, hint) in [
        ("SELECT * FROM Usres", "42S02", "Users"),
        ("SELECT ProfileFristName FROM Users", "42S22", "ProfileFirstName"),
        ("SELEC 1", "42000", ""),
        ("DROP TABLE Users", "42000", ""),
    ] {
        let (found, message) = failed(statement);
        assert_eq!(found, state, "{message}");
        assert!(message.contains(hint), "{message}");
    }
}

#[test]
fn a_wrong_token_and_an_unreachable_host_have_their_sqlstates() {
    let org = Org::of(10);
    let wrong = connect(&org.string().replace("sim-token", "wrong"))
        .err()
        .map(diagnostics);
    assert_eq!(wrong.expect("refused").0, "28000");
    let nobody = connect(&format!(
        "Driver={};Domain=http://127.0.0.1:1;APIToken=x;Timeout=5",
        driver()
    ));
    assert_eq!(nobody.err().map(diagnostics).expect("refused").0, "08001");
}

#[test]
fn connections_are_used_from_several_threads() {
    let org = Org::of(20);
    let wanted = org.profiles("login");
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| pairs(&org.connect(), "SELECT Id, ProfileLogin FROM Users", None)))
            .collect();
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), wanted);
        }
    });
}

#[test]
fn the_driver_named_by_its_file_works_too() {
    let org = Org::of(10);
    let maps = {
        let _connection = org.connect();
        std::fs::read_to_string("/proc/self/maps").expect("Linux's /proc")
    };
    let file = maps
        .lines()
        .filter_map(|line| line.find('/').map(|at| &line[at..]))
        .find(|path| path.ends_with("libokta_odbc.so"));
    let file = file.map(Path::new).expect("the driver is mapped").display();
    let string = format!("Driver={file};Domain={};APIToken=sim-token", org.sim.url());
    let rows = pairs(
        &connect(&string).expect("a connection"),
        "SELECT Id, Status FROM Users",
        None,
    );
    assert_eq!(rows.len(), 10);
}
