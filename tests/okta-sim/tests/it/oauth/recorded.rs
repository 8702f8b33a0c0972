//! Each kind of recorded token request, sent again: status, headers and members of the answer are the recorded ones.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::app::{App, start};
use crate::recordings::recordings;
use okta_sim::Options;

fn names(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .map(|object| object.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[test]
fn recorded_token_requests_are_answered_as_recorded() {
    let Some(folder) = recordings("recorded_token_requests_are_answered_as_recorded") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("writes/oauth2_v1_token.jsonl")).unwrap();
    let scopes = ["okta.users.read", "okta.apps.read", "okta.groups.read"];
    let (app, key) = (App::new("k1"), App::new("proof"));
    let mut client = app.service("0oaService", &scopes);
    client["dpop_bound_access_tokens"] = true.into();
    let (sim, _file) = start(&json!([client]), Options::default());
    let url = format!("{}/oauth2/v1/token", sim.url());
    let mut nonce = String::new();
    let mut replayed = 0;
    for record in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        // The recording left the proofs out: a missing one, one without and one with a nonce, by what was answered.
        let headers = match (record["body"]["error"].as_str(), record["status"].as_u64()) {
            (Some("invalid_dpop_proof"), _) => String::new(),
            (Some("use_dpop_nonce"), _) => key.proof("POST", &url, &json!({})),
            (None, Some(200)) => key.proof("POST", &url, &json!({ "nonce": nonce })),
            other => panic!("a kind of answer that this test does not know: {other:?}"),
        };
        let scope = record["request_body"]["scope"].as_str().unwrap();
        let answer = app.client_credentials(&sim, "0oaService", scope, &headers);
        let (ours, theirs) = (answer.json(), &record["body"]);
        assert_eq!(Some(u64::from(answer.status)), record["status"].as_u64());
        assert_eq!(names(&ours), names(theirs));
        for member in ["error", "error_description", "expires_in", "scope", "token_type"] {
            assert_eq!(ours.get(member), theirs.get(member), "{member}");
        }
        for (name, value) in record["headers"].as_object().unwrap() {
            let ours = answer.header(name);
            assert!(!ours.is_empty(), "{name} is missing");
            if matches!(name.as_str(), "cache-control" | "content-type") {
                assert_eq!(json!([ours]), *value, "{name}");
            }
        }
        if record["headers"].get("dpop-nonce").is_none() {
            assert_eq!(answer.header("dpop-nonce"), "");
        }
        nonce = answer.header("dpop-nonce").to_owned();
        replayed += 1;
    }
    assert_eq!(replayed, 3);
}
