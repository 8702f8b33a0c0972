//! Walks every embedded table and shows that the validator names what is wrong.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::catalog::model::Custom;

/// Columns whose name is not their JSON path, first letters upper-cased, joined (decision 25), and why.
const NAMED_OTHERWISE: &[(&str, &str)] = &[
    // `id` is another table's key.
    ("GroupMembers", "UserId"),
    ("UserGroups", "GroupId"),
    ("ApplicationUsers", "UserId"),
    ("ApplicationGroups", "GroupId"),
    // expand=stats buries them.
    ("Groups", "UsersCount"),
    ("Groups", "AppsCount"),
    ("Groups", "GroupPushMappingsCount"),
    ("Groups", "HasAdminPrivilege"),
];

/// Words of a path segment start at its beginning and after `_`.
fn name_of(path: &str) -> String {
    let words = path
        .split('.')
        .flat_map(|segment| segment.split('_'))
        .filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn the_embedded_tables_are_valid() {
    let catalog = load(FILES).expect("every embedded table is valid");
    let names: Vec<&str> = catalog.tables().iter().map(|t| t.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "ApplicationGroups",
            "ApplicationUsers",
            "Apps",
            "GroupMembers",
            "Groups",
            "SystemLogs",
            "UserFactors",
            "UserGroups",
            "UserTypes",
            "Users"
        ]
    );
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/tables");
    let on_disk: BTreeSet<String> = folder
        .read_dir()
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    let embedded: BTreeSet<String> = FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(on_disk, embedded);
}

#[test]
fn every_column_is_named_by_the_rule_or_is_a_known_exception() {
    let mut exceptions = BTreeSet::new();
    for table in load(FILES).unwrap().tables() {
        for column in &table.columns {
            let Some(path) = &column.path else { continue };
            if name_of(path) != column.name {
                exceptions.insert((table.name.clone(), column.name.clone()));
            }
        }
    }
    let known = NAMED_OTHERWISE
        .iter()
        .map(|(t, c)| ((*t).to_owned(), (*c).to_owned()))
        .collect();
    assert_eq!(exceptions, known);
}

#[test]
fn descriptions_are_one_short_sentence() {
    for table in load(FILES).unwrap().tables() {
        assert!(table.description.ends_with('.'), "{}", table.name);
        for column in &table.columns {
            let text = &column.description;
            assert!(
                text.len() <= 80 && !text.ends_with('.'),
                "{}.{}: {text}",
                table.name,
                column.name
            );
            assert!(
                text.starts_with(char::is_uppercase) || text.starts_with("web"),
                "{}: {text}",
                column.name
            );
        }
    }
}

#[test]
fn tables_end_with_embedded_and_links() {
    for table in load(FILES).unwrap().tables() {
        let last: Vec<&str> = table.columns.iter().rev().take(2).map(|c| c.name.as_str()).collect();
        match table.name.as_str() {
            "SystemLogs" => assert!(table.column("Links").is_none()),
            "UserTypes" => assert_eq!(last[0], "Links"),
            _ => assert_eq!(last, ["Links", "Embedded"], "{}", table.name),
        }
    }
}

#[test]
fn users_and_members_have_all_standard_profile_attributes() {
    let catalog = load(FILES).unwrap();
    for name in ["Users", "GroupMembers"] {
        let table = catalog.table(name).unwrap();
        let standard = table.columns.iter().filter(|c| c.name.starts_with("Profile")).count();
        assert_eq!((standard, table.custom), (31, Some(Custom::User)), "{name}");
    }
}

const VALID: &str = r#"
name = "Things"
description = "Things."
scope = "okta.things.read"
primary_key = ["Id"]

[list]
path = "/api/v1/things"
expression = "search"
sort = true

[[column]]
name = "Id"
path = "id"
kind = "id"
size = 20
nullable = false
description = "Key"
operators = ["eq"]

[[column]]
name = "Created"
path = "created"
kind = "timestamp"
description = "Time"
sortable = true
"#;

#[test]
fn an_error_names_file_table_and_field() {
    load(&[("things.toml", VALID)]).expect("the pattern is valid");
    let cases = [
        (
            "primary_key = [\"Id\"]",
            "primary_key = [\"Key\"]",
            "primary_key: Things has no column Key",
        ),
        ("primary_key = [\"Id\"]", "primary_key = []", "primary_key: is empty"),
        ("name = \"Created\"", "name = \"ID\"", "column ID: stands there twice"),
        (
            "expression = \"search\"\nsort = true",
            "",
            "column Id: has operators, but list.expression is missing",
        ),
        (
            "expression = \"search\"",
            "expression = \"q\"",
            "list.expression: is neither search nor filter",
        ),
        ("expression = \"search\"", "", "list.sort: needs list.expression"),
        ("sort = true", "", "column Created: cannot be sorted by Okta"),
        (
            "/api/v1/things",
            "/api/v1/{Id}/things",
            "list.path: names a column that is not a parent's key",
        ),
        (
            "/api/v1/things",
            "/api/v1/{Other}/things",
            "list.path: Things has no column Other",
        ),
        ("/api/v1/things", "api/v1/things", "list.path: is not absolute"),
        ("path = \"id\"", "", "column Id: only a parent's key has no path"),
        ("size = 20", "", "column Id: text needs a size, nothing else has one"),
        ("nullable = false", "", "primary_key: holds a nullable or non-id column"),
        (
            "[list]",
            "[get]\npath = \"/api/v1/things\"\n[list]",
            "get.path: does not name exactly the primary key",
        ),
        (
            "[list]",
            "[parent]\ntable = \"Boxes\"\nkey = \"Id\"\ncolumn = \"Id\"\n[list]",
            "parent.column: is not the one key of list.path",
        ),
        (
            "[list]",
            "[[foreign_keys]]\ncolumn = \"Id\"\ntable = \"Boxes\"\nreferences = \"Id\"\n[list]",
            "foreign_keys: there is no table Boxes",
        ),
        (
            "description = \"Time\"",
            "description = \"Time\"\noperators = [\"sw\"]",
            "column Created: has an operator",
        ),
        (
            "sort = true",
            "sort = true\ntime_column = \"Id\"",
            "list.time_column: is no timestamp",
        ),
        (
            "sort = true",
            "sort = true\n[[list.when]]\ncolumns=[\"X\"]\nparameter=\"a\"\nvalue=\"b\"",
            "list.when: Things has",
        ),
    ];
    for (from, to, expected) in cases {
        let text = VALID.replacen(from, to, 1);
        assert_ne!(text, VALID, "{from}");
        let message = load(&[("things.toml", &text)]).expect_err(expected).to_string();
        assert!(
            message.starts_with(&format!("things.toml: table Things, {expected}")),
            "{message}"
        );
    }
}

#[test]
fn two_files_with_one_table_are_refused() {
    let message = load(&[("a.toml", VALID), ("b.toml", VALID)]).unwrap_err().to_string();
    assert_eq!(message, "a.toml: table Things, name: another file has this table too");
}

#[test]
fn an_unknown_field_is_refused_with_its_line() {
    let text = VALID.replacen("sort = true", "sorted = true", 1);
    let message = load(&[("things.toml", &text)]).unwrap_err().to_string();
    assert!(
        message.starts_with("things.toml: TOML parse error at line 10"),
        "{message}"
    );
}
