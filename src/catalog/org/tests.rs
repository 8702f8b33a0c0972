//! Schema documents as Okta sends them, and the columns that come out.

use super::*;

fn document(custom: &str) -> SchemaDocument {
    let text = format!(
        r##"{{"$schema": "http://json-schema.org/draft-04/schema#", "id": "https://example.okta.com/meta/schemas/user/default",
        "definitions": {{
          "base": {{"id": "#base", "type": "object", "required": ["login"], "properties": {{
            "login": {{"title": "Username", "type": "string", "maxLength": 120, "scope": "NONE",
                      "permissions": [{{"principal": "SELF", "action": "READ_ONLY"}}]}}}}}},
          "custom": {{"id": "#custom", "type": "object", "properties": {custom}}}}}}}"##
    );
    serde_json::from_str(&text).unwrap()
}

const EVERY_TYPE: &str = r#"{
  "costCentre": {"title": "Cost centre", "type": "string", "maxLength": 40, "union": "DISABLE"},
  "level": {"title": "Level", "type": "integer", "enum": [1, 2], "oneOf": [{"const": 1, "title": "one"}]},
  "ratio": {"title": "Ratio", "type": "number"},
  "remote": {"title": "Remote", "description": "Works elsewhere", "type": "boolean"},
  "skills": {"title": "Skills", "type": "array", "items": {"type": "string"}},
  "hired": {"title": "Hired", "type": "string", "format": "date"},
  "seen": {"title": "Seen", "type": "string", "format": "date-time"},
  "size": {"title": "Size", "type": "string", "enum": ["S", "M"], "maxLength": null},
  "secret": {"title": "Secret", "type": "string", "format": "hashed"},
  "future": {"title": "Future", "type": ["string", "null"]}
}"#;

#[test]
fn each_type_of_attribute_becomes_a_typed_column() {
    let catalog = Catalog::embedded().with_schema(Custom::User, &document(EVERY_TYPE));
    use Operator::*;
    let cases: &[(&str, Kind, Option<u32>, &[Operator])] = &[
        ("ProfileCostCentre", Kind::Text, Some(40), &[Eq, Sw, Gt, Ge, Lt, Le, Pr]),
        ("ProfileLevel", Kind::Bigint, None, &[Eq, Gt, Ge, Lt, Le, Pr]),
        ("ProfileRatio", Kind::Double, None, &[Eq, Gt, Ge, Lt, Le, Pr]),
        ("ProfileRemote", Kind::Boolean, None, &[Eq, Pr]),
        ("ProfileSkills", Kind::Json, None, &[]),
        ("ProfileHired", Kind::Date, None, &[Pr]),
        ("ProfileSeen", Kind::Timestamp, None, &[Pr]),
        ("ProfileSize", Kind::Text, Some(255), &[Eq, Sw, Gt, Ge, Lt, Le, Pr]),
        ("ProfileSecret", Kind::Text, Some(255), &[]),
    ];
    let users = catalog.table("Users").unwrap();
    let members = catalog.table("GroupMembers").unwrap();
    for (name, kind, size, operators) in cases {
        let column = users.column(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(
            (column.kind, column.size, &column.operators[..]),
            (*kind, *size, *operators),
            "{name}"
        );
        let member = members.column(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!((member.kind, &member.operators[..]), (*kind, &[][..]), "{name}");
    }
    assert!(users.column("ProfileFuture").is_none());
    assert_eq!(users.column("ProfileRemote").unwrap().description, "Works elsewhere");
    assert_eq!(users.column("ProfileLogin").unwrap().size, Some(120));
    assert_eq!(users.columns.last().unwrap().name, "Links");
    assert!(catalog.table("Groups").unwrap().column("ProfileLevel").is_none());
}

#[test]
fn group_attributes_have_no_pr() {
    let attributes = r#"{"groupContact": {"title": "Group administrative contact", "type": "string"}}"#;
    let catalog = Catalog::embedded().with_schema(Custom::Group, &document(attributes));
    let column = catalog.table("Groups").unwrap().column("profilegroupcontact").unwrap();
    assert!(column.operators.contains(&Operator::Eq) && !column.operators.contains(&Operator::Pr));
    assert!(
        catalog
            .table("UserGroups")
            .unwrap()
            .column("ProfileGroupContact")
            .unwrap()
            .operators
            .is_empty()
    );
    assert!(catalog.table("Users").unwrap().column("ProfileGroupContact").is_none());
}

#[test]
fn names_that_differ_in_case_only_are_numbered_in_sorted_order() {
    let attributes = r#"{"level": {"type": "string"}, "Level": {"type": "integer"}, "LOGIN": {"type": "string"},
                         "no.path": {"type": "string"}, "": {"type": "string"}}"#;
    let catalog = Catalog::embedded().with_schema(Custom::User, &document(attributes));
    let users = catalog.table("Users").unwrap();
    let path = |name: &str| users.column(name).and_then(|c| c.path.clone());
    assert_eq!(path("ProfileLevel").as_deref(), Some("profile.Level"));
    assert_eq!(path("ProfileLevel_2").as_deref(), Some("profile.level"));
    assert_eq!(path("ProfileLOGIN_2").as_deref(), Some("profile.LOGIN"));
    assert!(
        users
            .columns
            .iter()
            .all(|c| c.path.as_deref() != Some("profile.no.path"))
    );
}

#[test]
fn the_same_document_twice_changes_nothing_and_another_type_merges() {
    let once = Catalog::embedded().with_schema(Custom::User, &document(EVERY_TYPE));
    let twice = once.with_schema(Custom::User, &document(EVERY_TYPE));
    assert_eq!(once.table("Users"), twice.table("Users"));
    let other =
        document(r#"{"level": {"type": "string", "maxLength": 9}, "costCentre": {"type": "string", "maxLength": 90}}"#);
    let merged = once.with_schema(Custom::User, &other);
    let users = merged.table("Users").unwrap();
    let level = users.column("ProfileLevel").unwrap();
    assert_eq!(
        (level.kind, level.size, level.operators.len()),
        (Kind::Text, Some(255), 0)
    );
    assert_eq!(users.column("ProfileCostCentre").unwrap().size, Some(90));
}

#[test]
fn an_empty_document_adds_nothing() {
    let document: SchemaDocument = serde_json::from_str("{}").unwrap();
    let catalog = Catalog::embedded().with_schema(Custom::User, &document);
    assert_eq!(catalog.table("Users"), Catalog::embedded().table("Users"));
}
