//! What passed through the authorization server and must stand in no log of a client: `/sim/secrets` shows it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, LOCATION};

use super::Call;
use super::form::decoded;
use crate::draft::Draft;

/// Parameters of requests, of redirects and members of answers. A user code is none: it is there to be shown.
const NAMES: [&str; 13] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "id_token",
    "id_token_hint",
    "password",
    "refresh_token",
    "state",
    "token",
    "transaction",
];

/// What a secret was called, and the secret.
pub(super) type Secrets = BTreeSet<(String, String)>;

/// Adds what `call` brought and `draft` gives.
pub(super) fn note(secrets: &mut Secrets, call: &Call, draft: &Draft) {
    pairs(secrets, call.query);
    pairs(secrets, call.body);
    let header = call.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((scheme, value)) = header.and_then(|text| text.split_once(' ')) {
        keep(secrets, scheme, value);
        let basic = STANDARD.decode(value).ok().filter(|_| scheme == "Basic");
        let pair = basic.and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((_, secret)) = pair.as_deref().and_then(|pair| pair.split_once(':')) {
            keep(secrets, "client_secret", &decoded(secret));
        }
    }
    let proof = call.headers.get("dpop").and_then(|value| value.to_str().ok());
    keep(secrets, "dpop", proof.unwrap_or_default());
    let location = draft.headers.get(LOCATION).and_then(|value| value.to_str().ok());
    if let Some((_, query)) = location.and_then(|location| location.split_once('?')) {
        pairs(secrets, query);
    }
    if let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(&draft.body) {
        for (name, value) in &members {
            if NAMES.contains(&name.as_str()) {
                keep(secrets, name, value.as_str().unwrap_or_default());
            }
        }
    }
}

fn pairs(secrets: &mut Secrets, text: &str) {
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        if NAMES.contains(&name) {
            keep(secrets, name, &decoded(value));
        }
    }
}

fn keep(secrets: &mut Secrets, name: &str, value: &str) {
    if !value.is_empty() {
        secrets.insert((name.to_owned(), value.to_owned()));
    }
}
