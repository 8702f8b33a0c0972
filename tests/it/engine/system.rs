//! The system catalog: its functions against what SQL Server documents, its relations through SQL, what they cost.

use std::collections::HashSet;

use okta_odbc::engine::Error;
use okta_odbc::metadata::system::functions::FUNCTIONS;

use super::Org;

/// Statements with their one value, as Microsoft's reference of each function has it, applied to this database: catalog
/// Okta, schema dbo, tables that are Okta's. `#` stands for a number that is not fixed.
const ANSWERS: &[(&str, &str)] = &[
    // metadata functions
    ("SELECT OBJECT_ID('Users')", "#"),
    ("SELECT OBJECT_ID(N'dbo.Users')", "#"),
    ("SELECT object_id('[dbo].[users]')", "#"),
    ("SELECT OBJECT_ID('Okta..Users', 'U')", "#"),
    ("SELECT OBJECT_ID('\"Okta\".\"dbo\".\"Users\"', 'u')", "#"),
    ("SELECT OBJECT_ID('dbo.PK_Users', 'PK')", "#"),
    ("SELECT OBJECT_ID('sys.columns')", "#"),
    ("SELECT OBJECT_ID('Users', 'V')", "NULL"),
    ("SELECT OBJECT_ID('sys.Users')", "NULL"),
    ("SELECT OBJECT_ID('master.dbo.Users')", "NULL"),
    ("SELECT OBJECT_ID('tempdb..[#x]')", "NULL"),
    ("SELECT OBJECT_ID('tempdb.dbo.[#x]', 'U')", "NULL"),
    ("SELECT OBJECT_ID(NULL)", "NULL"),
    ("SELECT OBJECT_NAME(OBJECT_ID('dbo.users'))", "Users"),
    ("SELECT OBJECT_NAME(OBJECT_ID('users'), DB_ID())", "Users"),
    ("SELECT OBJECT_NAME(OBJECT_ID('users'), 1)", "NULL"),
    ("SELECT OBJECT_NAME(1)", "NULL"),
    ("SELECT OBJECT_SCHEMA_NAME(OBJECT_ID('Users'))", "dbo"),
    (
        "SELECT OBJECT_SCHEMA_NAME(OBJECT_ID('information_schema.tables'))",
        "INFORMATION_SCHEMA",
    ),
    ("SELECT OBJECT_DEFINITION(OBJECT_ID('Users'))", "NULL"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'IsTable')", "1"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'isusertable')", "1"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'IsView')", "0"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('sys.tables'), 'IsMSShipped')", "1"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'TableHasPrimaryKey')", "1"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'TableHasForeignRef')", "1"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Groups'), 'TableHasForeignKey')", "0"),
    (
        "SELECT OBJECTPROPERTY(OBJECT_ID('GroupMembers'), 'TableHasForeignKey')",
        "1",
    ),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'TableHasIdentity')", "0"),
    (
        "SELECT OBJECTPROPERTY(OBJECT_ID('dbo.PK_Users'), 'CnstIsClustKey')",
        "0",
    ),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('dbo.PK_Users'), 'IsPrimaryKey')", "1"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'CnstIsClustKey')", "NULL"),
    ("SELECT OBJECTPROPERTY(OBJECT_ID('Users'), 'NoSuchProperty')", "NULL"),
    ("SELECT OBJECTPROPERTY(1, 'IsTable')", "NULL"),
    ("SELECT OBJECTPROPERTYEX(OBJECT_ID('Users'), 'BaseType')", "U"),
    ("SELECT OBJECTPROPERTYEX(OBJECT_ID('Users'), 'IsTable')", "1"),
    ("SELECT COLUMNPROPERTY(OBJECT_ID('Users'), 'Id', 'ColumnId')", "1"),
    ("SELECT COLUMNPROPERTY(OBJECT_ID('Users'), 'id', 'AllowsNull')", "0"),
    (
        "SELECT COLUMNPROPERTY(OBJECT_ID('Users'), 'ProfileLogin', 'PRECISION')",
        "100",
    ),
    ("SELECT COLUMNPROPERTY(OBJECT_ID('Users'), 'Created', 'Scale')", "3"),
    ("SELECT COLUMNPROPERTY(OBJECT_ID('Users'), 'Id', 'IsIdentity')", "0"),
    ("SELECT COLUMNPROPERTY(OBJECT_ID('Users'), 'Nope', 'ColumnId')", "NULL"),
    ("SELECT COL_NAME(OBJECT_ID('Users'), 1)", "Id"),
    ("SELECT COL_NAME(OBJECT_ID('Users'), 100000)", "NULL"),
    ("SELECT COL_LENGTH('Users', 'ProfileLogin')", "200"),
    ("SELECT COL_LENGTH('dbo.Users', 'Created')", "7"),
    ("SELECT COL_LENGTH('Users', 'Nope')", "NULL"),
    ("SELECT INDEX_COL('dbo.GroupMembers', 2, 1)", "GroupId"),
    ("SELECT INDEX_COL('dbo.GroupMembers', 2, 3)", "NULL"),
    ("SELECT TYPE_NAME(56)", "int"),
    ("SELECT TYPE_NAME(256)", "sysname"),
    ("SELECT TYPE_NAME(0)", "NULL"),
    ("SELECT TYPE_ID('datetime')", "61"),
    ("SELECT TYPE_ID('sys.NVARCHAR')", "231"),
    ("SELECT TYPE_ID('nothing')", "NULL"),
    ("SELECT SCHEMA_NAME()", "dbo"),
    ("SELECT SCHEMA_NAME(1)", "dbo"),
    ("SELECT SCHEMA_NAME(3)", "INFORMATION_SCHEMA"),
    ("SELECT SCHEMA_NAME(4)", "sys"),
    ("SELECT SCHEMA_NAME(99)", "NULL"),
    ("SELECT SCHEMA_ID()", "1"),
    ("SELECT SCHEMA_ID('sys')", "4"),
    ("SELECT SCHEMA_ID('other')", "NULL"),
    ("SELECT DB_NAME()", "Okta"),
    ("SELECT DB_NAME(DB_ID())", "Okta"),
    ("SELECT DB_NAME(99)", "NULL"),
    ("SELECT DB_ID()", "5"),
    ("SELECT DB_ID('okta')", "5"),
    ("SELECT DB_ID('other')", "NULL"),
    ("SELECT DATABASEPROPERTYEX('Okta', 'Status')", "ONLINE"),
    (
        "SELECT DATABASEPROPERTYEX(DB_NAME(), 'Collation')",
        "SQL_Latin1_General_CP1_CI_AS",
    ),
    ("SELECT DATABASEPROPERTYEX('Okta', 'IsAutoClose')", "0"),
    ("SELECT DATABASEPROPERTYEX('other', 'Status')", "NULL"),
    ("SELECT PARSENAME('Okta.dbo.Users', 1)", "Users"),
    ("SELECT PARSENAME('Okta.dbo.Users', 2)", "dbo"),
    ("SELECT PARSENAME('Okta.dbo.Users', 3)", "Okta"),
    ("SELECT PARSENAME('Okta.dbo.Users', 4)", "NULL"),
    ("SELECT IDENT_CURRENT('Users')", "NULL"),
    ("SELECT IDENT_SEED('Users')", "NULL"),
    ("SELECT IDENT_INCR('Users')", "NULL"),
    // security functions
    ("SELECT USER_NAME()", "dbo"),
    ("SELECT USER_NAME(1)", "dbo"),
    ("SELECT USER_NAME(77)", "NULL"),
    ("SELECT USER_ID()", "1"),
    ("SELECT USER_ID('dbo')", "1"),
    ("SELECT USER_ID('nobody')", "NULL"),
    ("SELECT DATABASE_PRINCIPAL_ID()", "1"),
    ("SELECT CURRENT_USER", "dbo"),
    ("SELECT SESSION_USER", "dbo"),
    ("SELECT SYSTEM_USER", "okta"),
    ("SELECT SUSER_SNAME()", "okta"),
    ("SELECT SUSER_NAME()", "okta"),
    ("SELECT SUSER_ID()", "1"),
    ("SELECT SUSER_ID('nobody')", "NULL"),
    ("SELECT ORIGINAL_LOGIN()", "okta"),
    ("SELECT HAS_DBACCESS('Okta')", "1"),
    ("SELECT HAS_DBACCESS('other')", "NULL"),
    ("SELECT HAS_PERMS_BY_NAME('dbo.Users', 'OBJECT', 'SELECT')", "1"),
    ("SELECT HAS_PERMS_BY_NAME('dbo.Users', 'OBJECT', 'ALTER')", "0"),
    ("SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'ANY')", "1"),
    ("SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE')", "0"),
    ("SELECT HAS_PERMS_BY_NAME('dbo.Nothing', 'OBJECT', 'SELECT')", "NULL"),
    // system functions
    ("SELECT SERVERPROPERTY('ProductVersion')", "16.0.1000.6"),
    (
        "SELECT CAST(SERVERPROPERTY('ProductVersion') AS VARCHAR)",
        "16.0.1000.6",
    ),
    ("SELECT SERVERPROPERTY('productlevel')", "RTM"),
    ("SELECT SERVERPROPERTY('EngineEdition')", "3"),
    ("SELECT SERVERPROPERTY('Edition')", "Developer Edition (64-bit)"),
    ("SELECT SERVERPROPERTY('Collation')", "SQL_Latin1_General_CP1_CI_AS"),
    ("SELECT SERVERPROPERTY('InstanceName')", "NULL"),
    ("SELECT SERVERPROPERTY('NoSuchProperty')", "NULL"),
    ("SELECT APP_NAME()", "Okta ODBC Driver"),
    ("SELECT HOST_NAME()", "NULL"),
    ("SELECT SCOPE_IDENTITY()", "NULL"),
    ("SELECT XACT_STATE()", "0"),
    ("SELECT GETANSINULL()", "1"),
];

/// Variables as their functions, with the values that a new session of SQL Server has.
const VARIABLES: &[(&str, &str)] = &[
    ("@@cursor_rows", "0"),
    ("@@datefirst", "7"),
    ("@@error", "0"),
    ("@@identity", "NULL"),
    ("@@langid", "0"),
    ("@@language", "us_english"),
    ("@@lock_timeout", "-1"),
    ("@@max_connections", "32767"),
    ("@@max_precision", "38"),
    ("@@microsoftversion", "268436456"),
    ("@@nestlevel", "0"),
    ("@@procid", "0"),
    ("@@rowcount", "0"),
    ("@@servername", "#"),
    ("@@servicename", "MSSQLSERVER"),
    ("@@spid", "51"),
    ("@@textsize", "2147483647"),
    ("@@trancount", "0"),
    ("@@version", "#"),
];

#[tokio::test(flavor = "multi_thread")]
async fn functions_and_variables_answer_as_sql_server_documents() {
    let org = Org::of(5, 2);
    let mut wrong = Vec::new();
    let variables = VARIABLES
        .iter()
        .map(|(name, value)| (format!("SELECT {}", name.to_uppercase()), *value));
    let answers = ANSWERS.iter().map(|(sql, value)| ((*sql).to_owned(), *value));
    for (sql, expected) in answers.chain(variables) {
        match org.try_ask(&sql, &[]).await {
            Ok(rows) if rows.len() == 1 && rows[0].len() == 1 => {
                let found = &rows[0][0];
                let good = if expected == "#" {
                    found != "NULL"
                } else {
                    found == expected
                };
                if !good {
                    wrong.push(format!("{sql}: {found}, not {expected}"));
                }
            }
            other => wrong.push(format!("{sql}: {other:?}")),
        }
        assert_eq!(org.cost(), 0, "{sql}");
    }
    let texts = ANSWERS.iter().map(|(sql, _)| sql.to_lowercase());
    let asked: String = texts
        .chain(VARIABLES.iter().map(|(name, _)| (*name).to_owned()))
        .collect();
    for function in FUNCTIONS {
        assert!(asked.contains(function.name), "{} is not tested", function.name);
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_and_the_server_are_what_clients_look_for() {
    let org = Org::of(5, 2);
    let version = &org.ask("SELECT @@VERSION").await[0][0];
    // SQLAlchemy: r"Microsoft .*? - (\d+)\.(\d+)\.(\d+)\.(\d+)"
    let (_, rest) = version.split_once("Microsoft ").unwrap();
    assert!(
        rest.split_once(" - ").unwrap().1.starts_with("16.0.1000.6"),
        "{version}"
    );
    let server = &org.ask("SELECT @@SERVERNAME").await[0][0];
    assert!(org.sim.url().ends_with(server.as_str()), "{server}");
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_take_columns_and_parameters() {
    let org = Org::of(5, 2);
    let tables = org
        .ask("SELECT OBJECT_NAME(object_id), SCHEMA_NAME(schema_id) FROM sys.tables ORDER BY name")
        .await;
    let expected = org
        .ask("SELECT TABLE_NAME, TABLE_SCHEMA FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_NAME")
        .await;
    assert!(tables.len() >= 10);
    assert_eq!(tables, expected);
    let users = org
        .ask_with("SELECT OBJECT_NAME(OBJECT_ID(?, 'U'))", &["[dbo].[users]"])
        .await;
    assert_eq!(users, [["Users"]]);
    let edition = org.ask_with("SELECT SERVERPROPERTY(?)", &["EngineEdition"]).await;
    assert_eq!(edition, [["3"]]);
    // SQL Server's default collation has no case: a name that a function answers compares as a column of names does.
    let found = org
        .ask("SELECT name FROM sys.tables WHERE OBJECT_NAME(object_id) = 'USERS'")
        .await;
    assert_eq!(found, [["Users"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_have_names_in_any_form_and_their_own_labels() {
    let org = Org::of(5, 2);
    for (sql, labels) in [
        ("SELECT * FROM sys.schemas", vec!["name", "schema_id", "principal_id"]),
        ("SELECT Table_Name FROM information_schema.tables", vec!["TABLE_NAME"]),
        (
            "SELECT [INFORMATION_SCHEMA].[TABLES].[TABLE_NAME] FROM [INFORMATION_SCHEMA].[TABLES]",
            vec!["TABLE_NAME"],
        ),
        ("SELECT SYS.Columns.NAME FROM sys.columns", vec!["name"]),
        ("SELECT okta.sys.columns.name FROM Okta.sys.columns", vec!["name"]),
        ("SELECT sys.columns.name FROM Okta.sys.columns", vec!["name"]),
        (
            "SELECT columns.name, t.name FROM sys.columns JOIN sys.types AS T ON T.user_type_id = columns.user_type_id",
            { vec!["name", "name"] },
        ),
        (
            "SELECT C.TABLE_NAME AS t FROM \"information_schema\".\"columns\" c",
            vec!["t"],
        ),
    ] {
        let prepared = org.engine.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let schema = prepared.schema().unwrap();
        let found: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(found, labels, "{sql}");
        assert!(!org.ask(sql).await.is_empty(), "{sql}");
    }
    assert_eq!(org.cost(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_compare_without_case_in_filters_and_joins() {
    let org = Org::of(5, 2);
    for sql in [
        "SELECT name FROM sys.tables WHERE name = 'USERS'",
        "SELECT name FROM sys.tables WHERE name IN ('users', 'nothing')",
        "SELECT name FROM sys.tables WHERE name LIKE 'users'",
        "SELECT t.name FROM sys.tables t JOIN INFORMATION_SCHEMA.TABLES i ON LOWER(i.TABLE_NAME) = t.name WHERE i.TABLE_NAME = 'uSERS'",
    ] {
        assert_eq!(org.ask(sql).await, [["Users"]], "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_tables_are_none() {
    let org = Org::of(5, 2);
    let sql = "select s.name, o.name from tempdb.sys.objects as o join tempdb.sys.schemas as s on s.schema_id = o.schema_id \
               where o.object_id = object_id(?, 'U')";
    assert!(org.ask_with(sql, &["tempdb..[#x]"]).await.is_empty());
    assert!(org.ask("SELECT name FROM tempdb.sys.objects").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptions_are_extended_properties() {
    let org = Org::of(5, 2);
    let of_table = "SELECT CAST(p.value AS VARCHAR) FROM sys.extended_properties p JOIN sys.objects o ON p.major_id = o.object_id \
                    WHERE p.class = 1 AND p.name = 'MS_Description' AND p.minor_id = 0 AND o.name = 'UserFactors'";
    let description = [["Sign-in factors that users have enrolled."]];
    assert_eq!(org.ask(of_table).await, description);
    let list =
        "SELECT value FROM fn_listextendedproperty('MS_Description', 'schema', ?, 'table', ?, NULL, NULL) AS com";
    assert_eq!(org.ask_with(list, &["dbo", "userfactors"]).await, description);
    assert!(org.ask_with(list, &["sys", "userfactors"]).await.is_empty());
    for (sql, expected) in [
        (
            "SELECT objtype, objname, name, value FROM sys.fn_listextendedproperty(NULL, 'SCHEMA', 'dbo', 'TABLE', \
             'UserFactors', 'COLUMN', 'Provider')",
            vec![vec![
                "COLUMN",
                "Provider",
                "MS_Description",
                "Provider of the factor, such as OKTA",
            ]],
        ),
        (
            "SELECT * FROM fn_listextendedproperty(default, 'schema', 'dbo', 'table', 'UserFactors', default, default)",
            vec![vec![
                "TABLE",
                "UserFactors",
                "MS_Description",
                "Sign-in factors that users have enrolled.",
            ]],
        ),
        (
            "SELECT 1 FROM fn_listextendedproperty(default, default, default, default, default, default, default)",
            vec![],
        ),
        (
            "SELECT 1 FROM fn_listextendedproperty('other', 'schema', 'dbo', 'table', 'Users', NULL, NULL)",
            vec![],
        ),
    ] {
        assert_eq!(org.ask(sql).await, expected, "{sql}");
    }
    let of = |sql: &'static str| async { org.ask(sql).await[0][0].clone() };
    assert_eq!(
        of("SELECT COUNT(*) FROM fn_listextendedproperty(NULL, 'schema', 'dbo', 'table', NULL, 'column', NULL)").await,
        of("SELECT COUNT(*) FROM sys.columns").await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_orgs_own_columns_are_listed_and_number_on() {
    let org = Org::of(5, 2).with_schemas().await;
    let columns = org
        .ask("SELECT COLUMN_NAME, ORDINAL_POSITION FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'users'")
        .await;
    assert!(columns.iter().any(|column| column[0] == "ProfileCostCentre"));
    let all = org.engine.prepare("SELECT * FROM Users").unwrap().schema().unwrap();
    let all: Vec<_> = all
        .fields()
        .iter()
        .zip(1..)
        .map(|(field, at)| vec![field.name().clone(), at.to_string()])
        .collect();
    assert_eq!(columns, all);
    let sql = "SELECT COL_NAME(object_id, column_id) FROM sys.columns WHERE object_id = OBJECT_ID('Users') ORDER BY column_id";
    let names: Vec<_> = all.into_iter().map(|mut column| vec![column.swap_remove(0)]).collect();
    assert_eq!(org.ask(sql).await, names);
    assert_eq!(org.cost(), 0);
}

/// Statements that clients send when they connect, or look for tables, must not wait for the schemas of the org.
#[test]
fn only_what_lists_columns_needs_all_schemas() {
    let org = Org::of(5, 2);
    for (lists, sql) in [
        (true, "SELECT name FROM sys.columns"),
        (true, "SELECT * FROM okta.SYS.Index_Columns"),
        (
            true,
            "WITH c AS (SELECT * FROM INFORMATION_SCHEMA.COLUMNS) SELECT COUNT(*) FROM c",
        ),
        (true, "SELECT COLUMNPROPERTY(OBJECT_ID('Users'), 'Id', 'ColumnId')"),
        (
            true,
            "SELECT * FROM fn_listextendedproperty(NULL, 'schema', 'dbo', 'table', 'Users', 'column', NULL)",
        ),
        (
            false,
            "SELECT name FROM sys.system_views WHERE name IN ('dm_exec_sessions')",
        ),
        (false, "SELECT session_id FROM sys.dm_exec_sessions"),
        (false, "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"),
        (
            false,
            "SELECT * FROM fn_listextendedproperty(default, default, default, default, default, default, default)",
        ),
        (
            false,
            "SELECT * FROM fn_listextendedproperty('x', 'schema', 'dbo', 'table', ?, NULL, NULL)",
        ),
        (false, "SELECT Id FROM Users WHERE ProfileLogin = 'sys.columns'"),
        (false, "SELECT schema_name()"),
        (false, "SELECT nonsense FROM"),
    ] {
        assert_eq!(org.engine.lists_columns(sql), lists, "{sql}");
    }
}

#[test]
fn an_unknown_relation_is_an_unknown_table_with_the_nearest_name() {
    let org = Org::of(5, 2);
    let unknown = |sql: &str| match org.engine.prepare(sql) {
        Err(Error::UnknownTable { name, hint }) => (name, hint),
        other => panic!("{sql}: {:?}", other.err()),
    };
    let (name, hint) = unknown("SELECT * FROM sys.Colums");
    assert_eq!(name, "sys.Colums");
    assert!(hint.contains("'sys.columns'"), "{hint}");
    let (_, hint) = unknown("SELECT * FROM INFORMATION_SCHEMA.TABEL");
    assert!(hint.contains("'INFORMATION_SCHEMA.TABLES'"), "{hint}");
    let (_, hint) = unknown("SELECT * FROM sys.nothing_like_it_at_all");
    assert!(hint.contains("schemas") && hint.contains("dm_exec_sessions"), "{hint}");
    for sql in [
        "SELECT * FROM master.sys.columns",
        "SELECT * FROM columns",
        "SELECT * FROM dbo.columns",
        "SELECT * FROM other.tables",
    ] {
        unknown(sql);
    }
    match org.engine.prepare("SELECT nam FROM sys.columns") {
        Err(Error::UnknownColumn { name, hint }) => assert!(name == "nam" && hint.contains("'name'"), "{name} {hint}"),
        other => panic!("{:?}", other.err()),
    }
    match org.engine.prepare("SELECT 1 FROM fn_listextendedproperty('x')") {
        Err(Error::Invalid(message)) => assert!(message.contains("seven"), "{message}"),
        other => panic!("{:?}", other.err()),
    }
}

/// Building relations costs nothing before they are read, and the second statement reads what the first one made.
#[tokio::test(flavor = "multi_thread")]
async fn every_relation_can_be_read() {
    let org = Org::of(5, 2);
    let mut names = HashSet::new();
    for relation in okta_odbc::metadata::system::relations() {
        let sql = format!("SELECT * FROM {}.{}", relation.schema, relation.name);
        let rows = org.ask(&sql).await;
        assert_eq!(rows, org.ask(&sql).await, "{sql}");
        assert_eq!(org.cost(), 0, "{sql}");
        names.insert(relation.name);
    }
    assert!(names.len() > 40);
}
