//! Answers of okta-sim have the fields and types of recorded answers of real orgs for the same endpoints.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::client::{get, rows};
use okta_sim::{Options, Sim};
use serde_json::Value;

/// File of recordings, what of okta-sim answers the same, and its fields that recordings do not happen to show.
const ENDPOINTS: &[(&str, &str, &[&str])] = &[
    ("users.jsonl", "/api/v1/users?search=status+pr", &[]),
    ("users_id.jsonl", "/api/v1/users/{user}", &[]),
    ("users_id_groups.jsonl", "/api/v1/users/{user}/groups", &["source"]),
    ("users_userId_factors.jsonl", "/api/v1/users/{user}/factors", &[]),
    (
        "users_userId_factors_factorId.jsonl",
        "/api/v1/users/{user}/factors",
        &[],
    ),
    ("groups.jsonl", "/api/v1/groups", &["source"]),
    ("groups_groupId.jsonl", "/api/v1/groups", &["source"]),
    (
        "groups_groupId_users.jsonl",
        "/api/v1/groups/{group}/users",
        &["realmId"],
    ),
    ("apps.jsonl", "/api/v1/apps", &[]),
    ("apps_appId.jsonl", "/api/v1/apps", &[]),
    ("apps_appId_users.jsonl", "/api/v1/apps/{app}/users", &["lastSync"]),
    (
        "apps_appId_users_userId.jsonl",
        "/api/v1/apps/{app}/users",
        &["lastSync"],
    ),
    ("apps_appId_groups.jsonl", "/api/v1/apps/{app}/groups", &[]),
    ("apps_appId_groups_groupId.jsonl", "/api/v1/apps/{app}/groups", &[]),
    ("meta_types_user.jsonl", "/api/v1/meta/types/user", &[]),
    ("meta_types_user_typeId.jsonl", "/api/v1/meta/types/user", &[]),
    (
        "meta_schemas_user_schemaId.jsonl",
        "/api/v1/meta/schemas/user/default",
        &[],
    ),
];

pub fn recordings(test: &str) -> Option<PathBuf> {
    // Asked while running: a binary that another checkout compiled would look beside that one.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let root = PathBuf::from(package).join("../..");
    let folder = std::env::var_os("OKTA_RECORDINGS").map_or_else(|| "../shared/okta/recorded".into(), PathBuf::from);
    let folder = root.join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED {test}: no folder {}", folder.display());
    None
}

fn objects(body: &Value) -> Vec<Value> {
    match body {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

fn recorded_rows(folder: &std::path::Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records
        .filter(|record| record["status"] == 200)
        .flat_map(|record| objects(&record["body"]))
        .collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

type Shape = BTreeMap<String, BTreeSet<&'static str>>;

/// The types at every path; elements of an array share one path.
fn shape(value: &Value, path: &str, into: &mut Shape) {
    into.entry(path.to_owned()).or_default().insert(kind(value));
    match value {
        Value::Array(items) => items.iter().for_each(|item| shape(item, &format!("{path}[]"), into)),
        Value::Object(object) => object
            .iter()
            .for_each(|(name, inner)| shape(inner, &format!("{path}/{name}"), into)),
        _ => {}
    }
}

fn names(row: &Value) -> BTreeSet<String> {
    row.as_object()
        .map(|row| row.keys().cloned().collect())
        .unwrap_or_default()
}

/// Every object that the endpoint answers, for as many parents as it takes to see its variety.
fn simulated_rows(sim: &Sim, path: &str) -> Vec<Value> {
    let parents = [("{user}", "users"), ("{group}", "groups"), ("{app}", "apps")];
    let Some((place, resource)) = parents.into_iter().find(|(place, _)| path.contains(place)) else {
        return if path.contains("schemas") {
            objects(&get(sim, path).json())
        } else {
            rows(sim, path).0
        };
    };
    let ids = sim
        .truth(resource)
        .into_iter()
        .filter_map(|row| Some(row["id"].as_str()?.to_owned()));
    ids.flat_map(|id| {
        let path = path.replace(place, &id);
        if path.ends_with(&id) {
            objects(&get(sim, &path).json())
        } else {
            rows(sim, &path).0
        }
    })
    .collect()
}

#[test]
fn answers_have_the_fields_and_types_of_recorded_ones() {
    let Some(folder) = recordings("answers_have_the_fields_and_types_of_recorded_ones") else {
        return;
    };
    let sim = Sim::start(Options::default());
    let mut faults = Vec::new();
    for (file, path, unrecorded) in ENDPOINTS {
        let (recorded, simulated) = (recorded_rows(&folder, file), simulated_rows(&sim, path));
        assert!(
            !recorded.is_empty() && !simulated.is_empty(),
            "{file}: {} and {} rows",
            recorded.len(),
            simulated.len()
        );
        let ever: BTreeSet<String> = recorded.iter().flat_map(names).collect();
        let always = ever
            .iter()
            .filter(|name| recorded.iter().all(|row| row.get(name.as_str()).is_some()));
        let ours: BTreeSet<String> = simulated.iter().flat_map(names).collect();
        for name in always.filter(|name| simulated.iter().any(|row| row.get(name.as_str()).is_none())) {
            faults.push(format!(
                "{path}: `{name}` is in every recorded row of {file} but not in ours"
            ));
        }
        for name in ours
            .iter()
            .filter(|name| !ever.contains(*name) && !unrecorded.contains(&name.as_str()))
        {
            faults.push(format!("{path}: `{name}` is in no recorded row of {file}"));
        }
        let (mut theirs, mut own) = (Shape::new(), Shape::new());
        recorded.iter().for_each(|row| shape(row, "", &mut theirs));
        simulated.iter().for_each(|row| shape(row, "", &mut own));
        for (at, kinds) in &own {
            let Some(known) = theirs.get(at) else { continue };
            let strange = kinds.iter().filter(|kind| **kind != "null" && !known.contains(*kind));
            let only_null = known.len() == 1 && known.contains("null");
            faults.extend(
                strange
                    .filter(|_| !only_null)
                    .map(|kind| format!("{path}: {at} is {kind}, recorded as {known:?}")),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
