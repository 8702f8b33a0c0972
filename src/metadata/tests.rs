//! Rows of the catalog functions against golden expectations, in the call forms of traced clients.

use std::sync::Arc;

use arrow::array::Array;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::keys::End;
use super::*;
use crate::catalog::{Table, field};

const ODBC3: View = View {
    odbc2: false,
    metadata_id: false,
    max_varchar_size: 4000,
};
const ODBC2: View = View { odbc2: true, ..ODBC3 };
const IDENTIFIERS: View = View {
    metadata_id: true,
    ..ODBC3
};

const NAMES: &[&str] = &["GroupMembers", "Groups", "SystemLogs", "Users"];

/// Four tables that have each kind of column and key; deliberately not in order.
fn catalog() -> Vec<Arc<Table>> {
    [USERS, SYSTEM_LOGS, GROUPS, GROUP_MEMBERS]
        .iter()
        .map(|text| Arc::new(toml::from_str(text).expect("a table")))
        .collect()
}

const USERS: &str = r#"
name = "Users"
description = "People"
scope = "okta.users.read"
primary_key = ["Id"]
list = { path = "/api/v1/users" }
[[column]]
name = "Id"
path = "id"
kind = "id"
size = 20
nullable = false
description = "Okta's key of the user"
[[column]]
name = "Status"
path = "status"
kind = "enum"
size = 32
description = "ACTIVE, STAGED …"
[[column]]
name = "Created"
path = "created"
kind = "timestamp"
nullable = false
description = "When the user was created"
[[column]]
name = "ProfileBirthday"
path = "profile.birthday"
kind = "date"
description = "Date of birth"
[[column]]
name = "ProfileAge"
path = "profile.age"
kind = "integer"
description = "Age"
[[column]]
name = "ProfileSalary"
path = "profile.salary"
kind = "double"
description = "Salary"
[[column]]
name = "ProfileBadge"
path = "profile.badge"
kind = "bigint"
description = "Badge"
[[column]]
name = "ProfileRemote"
path = "profile.remote"
kind = "boolean"
description = "Works remotely"
[[column]]
name = "Profile_Note"
path = "profile.note"
kind = "text"
description = "A note without a declared size"
[[column]]
name = "Credentials"
path = "credentials"
kind = "json"
description = "Password and provider"
"#;

const GROUPS: &str = r#"
name = "Groups"
description = "Groups of users"
scope = "okta.groups.read"
primary_key = ["Id"]
list = { path = "/api/v1/groups" }
[[column]]
name = "Id"
path = "id"
kind = "id"
size = 20
nullable = false
description = "Okta's key of the group"
"#;

const GROUP_MEMBERS: &str = r#"
name = "GroupMembers"
description = "Users in groups"
scope = "okta.groups.read"
primary_key = ["GroupId", "UserId"]
list = { path = "/api/v1/groups/{GroupId}/users" }
foreign_keys = [
    { column = "GroupId", table = "Groups", references = "Id" },
    { column = "UserId", table = "Users", references = "Id" },
    { column = "OwnerId", table = "NotShown", references = "Id" },
]
[[column]]
name = "GroupId"
kind = "id"
size = 20
nullable = false
description = "The group"
[[column]]
name = "UserId"
path = "id"
kind = "id"
size = 20
nullable = false
description = "The user"
"#;

const SYSTEM_LOGS: &str = r#"
name = "SystemLogs"
description = "Events"
scope = "okta.logs.read"
primary_key = ["Uuid"]
list = { path = "/api/v1/logs" }
foreign_keys = [{ column = "ActorId", table = "Users", references = "Id" }]
[[column]]
name = "Uuid"
path = "uuid"
kind = "id"
size = 36
nullable = false
description = "Key of the event"
[[column]]
name = "ActorId"
path = "actor.id"
kind = "id"
size = 20
description = "Who did it"
"#;

/// One line per row, `|` between values.
fn lines(rows: &ResultSet) -> Vec<String> {
    let options = FormatOptions::new().with_null("NULL");
    let formatters: Vec<_> = rows
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).expect("a formatter"))
        .collect();
    (0..rows.num_rows())
        .map(|row| {
            formatters
                .iter()
                .map(|f| f.value(row).to_string())
                .collect::<Vec<_>>()
                .join("|")
        })
        .collect()
}

/// The values of one column.
fn values(rows: &ResultSet, label: &str) -> Vec<String> {
    let at = rows.schema().index_of(label).expect(label);
    lines(&rows.project(&[at]).expect("a column"))
}

fn listed(view: View, cat: Argument, schema: Argument, table: Argument, types: Argument) -> Vec<String> {
    values(
        &tables::tables(&catalog(), view, cat, schema, table, types),
        "TABLE_NAME",
    )
}

#[test]
fn tables_are_listed_in_order_with_their_descriptions() {
    let rows = tables::tables(&catalog(), ODBC3, None, None, None, None);
    assert_eq!(
        lines(&rows),
        [
            "Okta|dbo|GroupMembers|TABLE|Users in groups",
            "Okta|dbo|Groups|TABLE|Groups of users",
            "Okta|dbo|SystemLogs|TABLE|Events",
            "Okta|dbo|Users|TABLE|People",
        ]
    );
}

#[test]
fn tables_enumerates_catalogs_schemas_and_types() {
    let enumerated = |cat, schema, table, types| {
        lines(&tables::tables(
            &catalog(),
            ODBC3,
            Some(cat),
            Some(schema),
            Some(table),
            types,
        ))
    };
    for none in [None, Some("")] {
        assert_eq!(
            enumerated("%", "", "", none),
            ["Okta|NULL|NULL|NULL|NULL"],
            "DBD::ODBC, Tableau"
        );
        assert_eq!(enumerated("", "%", "", none), ["NULL|dbo|NULL|NULL|NULL"]);
    }
    assert_eq!(enumerated("", "", "", Some("%")), ["NULL|NULL|NULL|TABLE|NULL"]);
}

/// (client, catalog, schema, table, types)
#[test]
fn clients_see_every_table() {
    let calls: &[(&str, Argument, Argument, Argument, Argument)] = &[
        ("isql help, DBD::ODBC tables()", None, None, None, None),
        ("pyodbc tables(tableType='TABLE')", None, None, None, Some("TABLE")),
        ("Power BI", None, None, None, Some("TABLE,VIEW")),
        ("Excel", Some("%"), Some(""), Some(""), Some("TABLE,VIEW")),
        ("Excel", Some(""), Some(""), Some(""), Some("TABLE,VIEW")),
        ("Excel", Some("%"), Some("%"), Some("%"), Some("TABLE,VIEW")),
        ("Excel", Some("Okta"), Some("dbo"), Some("%"), Some("'TABLE','VIEW'")),
        ("Excel without types", Some(""), Some(""), Some(""), Some("")),
        (
            "Access",
            None,
            None,
            Some("%"),
            Some("'TABLE','VIEW','SYSTEM TABLE','ALIAS','SYNONYM'"),
        ),
        ("MS Query", Some("Okta"), None, None, Some("'TABLE', 'VIEW', 'SYNONYM'")),
        ("LibreOffice", None, Some("%"), Some("%"), Some("VIEW,TABLE,%,")),
        ("LibreOffice", Some("Okta"), Some("dbo"), Some("%"), Some("TABLE,VIEW,")),
        ("LibreOffice table types", None, None, None, Some("%")),
        ("Tableau", Some("Okta"), Some("dbo"), Some("%"), Some("'TABLE','VIEW'")),
        ("lower case", Some("okta"), Some("DBO"), None, Some("table")),
    ];
    for (client, cat, schema, table, types) in calls {
        assert_eq!(listed(ODBC3, *cat, *schema, *table, *types), NAMES, "{client}");
    }
}

#[test]
fn calls_that_match_nothing_have_no_rows() {
    let calls: &[(&str, Argument, Argument, Argument, Argument)] = &[
        ("DBD::ODBC ping", Some(""), Some(""), Some("NOXXTABLE"), Some("")),
        ("views only", None, None, None, Some("VIEW")),
        ("quoted views", None, None, None, Some("'VIEW','SYSTEM TABLE'")),
        ("another catalog", Some("master"), None, None, None),
        ("another schema", None, Some("sys"), None, Some("TABLE")),
    ];
    for (client, cat, schema, table, types) in calls {
        let rows = tables::tables(&catalog(), ODBC3, *cat, *schema, *table, *types);
        assert_eq!((rows.num_rows(), rows.num_columns()), (0, 5), "{client}");
    }
}

#[test]
fn table_names_are_patterns_unless_they_are_identifiers() {
    assert_eq!(
        listed(ODBC3, None, None, Some("Group%"), None),
        ["GroupMembers", "Groups"]
    );
    assert_eq!(listed(ODBC3, None, None, Some("user_"), None), ["Users"]);
    assert_eq!(listed(ODBC3, None, None, Some("user\\_"), None), Vec::<String>::new());
    assert_eq!(
        listed(IDENTIFIERS, Some("OKTA"), Some("\"dbo\""), Some("users "), None),
        ["Users"]
    );
    assert_eq!(
        listed(IDENTIFIERS, None, None, Some("Group%"), None),
        Vec::<String>::new()
    );
}

#[test]
fn columns_of_every_kind() {
    let rows = columns::columns(&catalog(), ODBC3, Some("Okta"), Some("dbo"), Some("Users"), Some("%"));
    assert_eq!(
        lines(&rows),
        [
            "Okta|dbo|Users|Id|-9|nvarchar|20|40|NULL|NULL|0|Okta's key of the user|NULL|-9|NULL|40|1|NO",
            "Okta|dbo|Users|Status|-9|nvarchar|32|64|NULL|NULL|1|ACTIVE, STAGED …|NULL|-9|NULL|64|2|YES",
            "Okta|dbo|Users|Created|93|datetime2|23|16|3|NULL|0|When the user was created|NULL|9|3|NULL|3|NO",
            "Okta|dbo|Users|ProfileBirthday|91|date|10|6|NULL|NULL|1|Date of birth|NULL|9|1|NULL|4|YES",
            "Okta|dbo|Users|ProfileAge|4|int|10|4|0|10|1|Age|NULL|4|NULL|NULL|5|YES",
            "Okta|dbo|Users|ProfileSalary|8|float|15|8|NULL|10|1|Salary|NULL|8|NULL|NULL|6|YES",
            "Okta|dbo|Users|ProfileBadge|-5|bigint|19|20|0|10|1|Badge|NULL|-5|NULL|NULL|7|YES",
            "Okta|dbo|Users|ProfileRemote|-7|bit|1|1|NULL|NULL|1|Works remotely|NULL|-7|NULL|NULL|8|YES",
            "Okta|dbo|Users|Profile_Note|-9|nvarchar|4000|8000|NULL|NULL|1|A note without a declared size|NULL|-9|NULL\
             |8000|9|YES",
            "Okta|dbo|Users|Credentials|-10|ntext|16384|32768|NULL|NULL|1|Password and provider|NULL|-10|NULL|32768|10\
             |YES",
        ]
    );
}

#[test]
fn odbc_2_applications_see_odbc_2_date_codes() {
    let codes = |view, column| {
        let rows = columns::columns(&catalog(), view, None, None, Some("Users"), Some(column));
        lines(&rows.project(&[4, 13, 14]).expect("three columns"))
    };
    assert_eq!(codes(ODBC3, "Created"), ["93|9|3"]);
    assert_eq!(codes(ODBC2, "Created"), ["11|9|3"]);
    assert_eq!(codes(ODBC3, "ProfileBirthday"), ["91|9|1"]);
    assert_eq!(codes(ODBC2, "ProfileBirthday"), ["9|9|1"]);
    assert_eq!(codes(ODBC2, "ProfileAge"), ["4|4|NULL"]);
}

#[test]
fn columns_are_ordered_by_table_and_position_and_filtered_by_pattern() {
    let found = |view, table, column| {
        let rows = columns::columns(&catalog(), view, None, None, table, column);
        let names = rows.project(&[2, 3, 16]).expect("three columns");
        lines(&names)
    };
    let ids = [
        "GroupMembers|GroupId|1",
        "GroupMembers|UserId|2",
        "Groups|Id|1",
        "SystemLogs|Uuid|1",
        "SystemLogs|ActorId|2",
        "Users|Id|1",
    ];
    for table in [None, Some("%"), Some("")] {
        assert_eq!(found(ODBC3, table, Some("%id")), ids);
    }
    assert_eq!(
        found(ODBC3, Some("Users"), Some("Profile\\_%")),
        ["Users|Profile_Note|9"],
        "Excel escapes"
    );
    assert_eq!(
        found(ODBC3, Some("Users"), Some("Profile_Note")),
        ["Users|Profile_Note|9"]
    );
    assert_eq!(found(IDENTIFIERS, Some("[users]"), Some("id")), ["Users|Id|1"]);
    assert_eq!(found(IDENTIFIERS, Some("Users"), Some("%")), Vec::<String>::new());
    assert_eq!(found(ODBC3, Some("Nowhere"), None), Vec::<String>::new());
    assert_eq!(found(ODBC3, Some("Users"), None).len(), 10);
}

#[test]
fn text_is_no_longer_than_max_varchar_size() {
    let narrow = View {
        max_varchar_size: 16,
        ..ODBC3
    };
    let rows = columns::columns(&catalog(), narrow, None, None, Some("Users"), None);
    let sizes = values(&rows, "COLUMN_SIZE");
    assert_eq!([&sizes[0], &sizes[8], &sizes[9]], ["16", "16", "16384"]);
}

#[test]
fn primary_keys_in_key_order() {
    let keys = |view, table| lines(&keys::primary_keys(&catalog(), view, None, None, table));
    let both = [
        "Okta|dbo|GroupMembers|GroupId|1|PK_GroupMembers",
        "Okta|dbo|GroupMembers|UserId|2|PK_GroupMembers",
    ];
    assert_eq!(keys(ODBC3, Some("GroupMembers")), both);
    assert_eq!(keys(ODBC3, Some("groupmembers")), both);
    assert_eq!(keys(IDENTIFIERS, Some("\"GroupMembers\"")), both);
    for none in [None, Some(""), Some("%"), Some("Group%")] {
        assert_eq!(
            keys(ODBC3, none),
            Vec::<String>::new(),
            "the table is no pattern: {none:?}"
        );
    }
}

#[test]
fn foreign_keys_from_either_end() {
    let keys = |pk, fk| {
        let end = |table| End {
            cat: None,
            schema: None,
            table,
        };
        lines(&keys::foreign_keys(&catalog(), ODBC3, end(pk), end(fk)))
    };
    let row = |pk: &str, fk: &str, column: &str| {
        format!("Okta|dbo|{pk}|Id|Okta|dbo|{fk}|{column}|1|3|3|FK_{fk}_{column}|PK_{pk}|7")
    };
    let of_groups = row("Groups", "GroupMembers", "GroupId");
    let of_users = row("Users", "GroupMembers", "UserId");
    let of_logs = row("Users", "SystemLogs", "ActorId");
    assert_eq!(
        keys(Some("users"), None),
        [of_users.clone(), of_logs.clone()],
        "DBD::ODBC"
    );
    assert_eq!(keys(Some("Users"), Some("")), [of_users.clone(), of_logs.clone()]);
    assert_eq!(keys(None, Some("GroupMembers")), [of_groups.clone(), of_users.clone()]);
    assert_eq!(keys(Some("Users"), Some("GroupMembers")), [of_users]);
    assert_eq!(keys(Some("Groups"), Some("SystemLogs")), Vec::<String>::new());
    assert_eq!(keys(None, Some("Users")), Vec::<String>::new());
    assert_eq!(keys(None, None), Vec::<String>::new());
    assert_eq!(keys(Some("Nowhere"), None), Vec::<String>::new());
}

#[test]
fn statistics_are_the_table_and_its_unique_index() {
    let rows = |table| lines(&keys::statistics(&catalog(), ODBC3, Some("Okta"), Some("dbo"), table));
    assert_eq!(
        rows(Some("GroupMembers")),
        [
            "Okta|dbo|GroupMembers|NULL|NULL|NULL|0|NULL|NULL|NULL|NULL|NULL|NULL",
            "Okta|dbo|GroupMembers|0|NULL|PK_GroupMembers|3|1|GroupId|A|NULL|NULL|NULL",
            "Okta|dbo|GroupMembers|0|NULL|PK_GroupMembers|3|2|UserId|A|NULL|NULL|NULL",
        ]
    );
    assert_eq!(rows(Some("MSysConf")), Vec::<String>::new(), "Access");
}

#[test]
fn special_columns_are_the_primary_key() {
    let rows = |row_id, table| lines(&columns::special_columns(&catalog(), ODBC3, row_id, None, None, table));
    assert_eq!(
        rows(true, Some("GroupMembers")),
        [
            "2|GroupId|-9|nvarchar|20|40|NULL|1",
            "2|UserId|-9|nvarchar|20|40|NULL|1"
        ]
    );
    assert_eq!(
        rows(false, Some("GroupMembers")),
        Vec::<String>::new(),
        ".NET asks SQL_ROWVER"
    );
    assert_eq!(rows(true, None), Vec::<String>::new());
}

#[test]
fn type_info_is_the_golden_file() {
    let golden: Vec<_> = include_str!("../../tests/data/typeinfo.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .collect();
    assert_eq!(lines(&type_info(ODBC3, 0)), golden);
}

/// pyodbc asks these four when it connects, and reads COLUMN_SIZE.
#[test]
fn pyodbc_finds_large_sizes() {
    for (concise, at_least) in [(12, 1 << 20), (-9, 1 << 20), (-3, 1 << 20), (93, 26)] {
        let rows = type_info(ODBC3, concise);
        assert_eq!(values(&rows, "DATA_TYPE"), [concise.to_string()]);
        assert!(
            values(&rows, "COLUMN_SIZE")[0].parse::<i32>().expect("a number") >= at_least,
            "{concise}"
        );
    }
}

#[test]
fn type_info_takes_and_shows_odbc_2_codes() {
    for (odbc3, odbc2) in [("91", "9"), ("92", "10"), ("93", "11")] {
        for asked in [odbc3, odbc2] {
            let asked = asked.parse().expect("a code");
            assert_eq!(values(&type_info(ODBC3, asked), "DATA_TYPE"), [odbc3]);
            assert_eq!(values(&type_info(ODBC2, asked), "DATA_TYPE"), [odbc2]);
        }
    }
    let codes: Vec<i16> = values(&type_info(ODBC2, 0), "DATA_TYPE")
        .iter()
        .map(|c| c.parse().expect("a code"))
        .collect();
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
    assert_eq!(type_info(ODBC3, 101).num_rows(), 0, "no intervals");
}

/// Power Query: every type that SQLColumns reports has its row, with the same name.
#[test]
fn type_info_covers_sql_columns() {
    for view in [ODBC3, ODBC2] {
        let types = type_info(view, 0).project(&[1, 0]).expect("two columns");
        let columns = columns::columns(&catalog(), view, None, None, None, None)
            .project(&[4, 5])
            .expect("two columns");
        let known = lines(&types);
        for pair in lines(&columns) {
            assert!(known.contains(&pair), "{pair}");
        }
    }
}

#[test]
fn shapes_are_the_references() {
    let catalog = catalog();
    let end = End {
        cat: None,
        schema: None,
        table: None,
    };
    let (v, s, i) = ("varchar", "smallint", "integer");
    let shapes: Vec<(ResultSet, Vec<&str>)> = vec![
        (tables::tables(&catalog, ODBC3, None, None, None, None), vec![v; 5]),
        (
            columns::columns(&catalog, ODBC3, None, None, None, None),
            vec![v, v, v, v, s, v, i, i, s, s, s, v, v, s, s, i, i, v],
        ),
        (
            keys::primary_keys(&catalog, ODBC3, None, None, None),
            vec![v, v, v, v, s, v],
        ),
        (
            keys::foreign_keys(&catalog, ODBC3, end, end),
            vec![v, v, v, v, v, v, v, v, s, s, s, v, v, s],
        ),
        (
            keys::statistics(&catalog, ODBC3, None, None, None),
            vec![v, v, v, s, v, v, s, s, v, v, i, i, v],
        ),
        (
            columns::special_columns(&catalog, ODBC3, true, None, None, None),
            vec![s, v, s, v, i, i, s, s],
        ),
        (
            type_info(ODBC3, 0),
            vec![v, s, i, v, v, v, s, s, s, s, s, s, v, s, s, s, s, i, s],
        ),
        (procedures(), vec![v, v, v, i, i, i, v, s]),
        (
            procedure_columns(),
            vec![v, v, v, v, s, s, v, i, i, s, s, s, v, v, s, s, i, i, v],
        ),
        (table_privileges(), vec![v; 7]),
        (column_privileges(), vec![v; 8]),
    ];
    for (rows, expected) in shapes {
        let schema = rows.schema();
        let shape: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| match field.data_type() {
                DataType::Utf8 => v,
                DataType::Int16 => s,
                DataType::Int32 => i,
                other => panic!("{} is {other}", field.name()),
            })
            .collect();
        assert_eq!(shape, expected, "{schema}");
        for label in schema
            .fields()
            .iter()
            .filter(|label| label.data_type() == &DataType::Utf8)
        {
            let size: u32 = label.metadata()[field::SIZE].parse().expect("a size");
            assert!((1..=254).contains(&size), "{}", label.name());
        }
    }
}

/// Applications bind buffers of the declared size.
#[test]
fn no_value_is_longer_than_declared() {
    let long = USERS.replace("People", &"ü".repeat(300));
    let users: Arc<Table> = Arc::new(toml::from_str(&long).expect("a table"));
    let rows = tables::tables(&[users], ODBC3, None, None, None, None);
    assert_eq!(values(&rows, "REMARKS"), ["ü".repeat(254)]);
    assert_eq!(rows.column(4).len(), 1);
}

/// The embedded tables keep the promises that result sets make: names fit, keys exist and are not null.
#[test]
fn embedded_tables_fit_the_result_sets() {
    let catalog = Catalog::embedded();
    assert!(!catalog.tables().is_empty());
    let columns = columns(&catalog, ODBC3, None, None, None, None);
    assert_eq!(
        columns.num_rows(),
        catalog.tables().iter().map(|table| table.columns.len()).sum::<usize>()
    );
    for table in catalog.tables() {
        let name = Some(table.name.as_str());
        let keys = primary_keys(&catalog, ODBC3, None, None, name);
        assert_eq!(keys.num_rows(), table.primary_key.len(), "{}", table.name);
        let best = special_columns(&catalog, ODBC3, true, None, None, name);
        assert_eq!(
            best.num_rows(),
            table.primary_key.len(),
            "{}: a key column is missing",
            table.name
        );
        let index = statistics(&catalog, ODBC3, None, None, name, true);
        assert_eq!(index.num_rows(), 1 + table.primary_key.len(), "{}", table.name);
        for key in &table.primary_key {
            let column = table
                .columns
                .iter()
                .find(|column| column.name == *key)
                .expect("a key column");
            assert!(!column.nullable, "{}.{key} may be NULL and is a key", table.name);
            assert!(
                types::of_kind(column, 4000).size <= 255,
                "{}.{key}: Access shows #Deleted",
                table.name
            );
        }
        for column in &table.columns {
            assert!(
                column.name.len() <= 128 && table.name.len() <= 128,
                "{}.{}",
                table.name,
                column.name
            );
        }
    }
}
