//! The factors that a user has enrolled.

use serde_json::{Value, json};

use super::DAY;
use super::user::User;
use crate::json::timestamp_text;

/// Prefix of ids, factor type, provider, vendor.
const KINDS: [(&str, &str, &str, &str); 6] = [
    ("opf", "push", "OKTA", "OKTA"),
    ("ost", "token:software:totp", "OKTA", "OKTA"),
    ("mbl", "sms", "OKTA", "OKTA"),
    ("ufs", "question", "OKTA", "OKTA"),
    ("fwf", "webauthn", "FIDO", "FIDO"),
    ("emf", "email", "OKTA", "OKTA"),
];

/// The factors of a user in the order of `KINDS`; people who never logged in have none.
pub(crate) fn factors(user: &User, base: &str) -> Vec<Value> {
    if matches!(user.status(), "STAGED" | "PROVISIONED" | "DEPROVISIONED") {
        return Vec::new();
    }
    let chosen = user.noise(70);
    let kinds = (0..KINDS.len()).filter(|at| (chosen >> (at * 5)).is_multiple_of(3));
    kinds.map(|at| factor(user, base, at)).collect()
}

fn factor(user: &User, base: &str, at: usize) -> Value {
    let (prefix, kind, provider, vendor) = KINDS[at];
    let id = user.org.id(prefix, user.k);
    let user_href = format!("{base}/api/v1/users/{}", user.id());
    let enrolled = user.created() + DAY * i64::try_from(1 + user.noise(71 + at as u64) % 30).unwrap_or(1);
    let pending = kind == "sms" && user.one_in(6, 80);
    let profile = match kind {
        "push" => json!({
            "credentialId": user.login(), "deviceType": "SmartPhone_IPhone", "keys": [{ "kty": "EC", "use": "sig", "kid": "default" }],
            "name": "Telefon", "platform": "IOS", "version": "17.5",
        }),
        "sms" => json!({ "phoneNumber": format!("+1555{:07}", user.noise(81) % 10_000_000) }),
        "question" => {
            json!({ "question": "disliked_food", "questionText": "What is the food you least liked as a child?" })
        }
        "webauthn" => {
            json!({ "credentialId": format!("{:032x}", u128::from(user.noise(82))), "authenticatorName": "Passkey" })
        }
        "email" => json!({ "email": user.login() }),
        _ => json!({ "credentialId": user.login() }),
    };
    json!({
        "id": id,
        "factorType": kind,
        "provider": provider,
        "vendorName": vendor,
        "status": if pending { "PENDING_ACTIVATION" } else { "ACTIVE" },
        "created": timestamp_text(enrolled),
        "lastUpdated": timestamp_text(enrolled + 1000),
        "profile": profile,
        "_links": {
            "self": { "href": format!("{user_href}/factors/{id}"), "hints": { "allow": ["GET", "DELETE"] } },
            "user": { "href": user_href, "hints": { "allow": ["GET"] } },
        },
    })
}
