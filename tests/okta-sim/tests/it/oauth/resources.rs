//! Access tokens on the Management API: scope, role, expiry, revocation.

use serde_json::json;

use super::app::{App, start};
use crate::client::{Answer, post, send};
use okta_sim::{Options, Sim};

fn call(sim: &Sim, path: &str, token: &str) -> Answer {
    send(sim.url(), "GET", path, &format!("Authorization: Bearer {token}\r\n")).unwrap()
}

fn token(sim: &Sim, app: &App, scope: &str) -> String {
    let answer = app.client_credentials(sim, "0oaService", scope, "");
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn challenge(answer: &Answer) -> String {
    assert_eq!(answer.bytes, b"", "a challenge has no body");
    let header = answer.header("www-authenticate");
    let error = header.split_once("error=").unwrap().1;
    error.split_once(", resource").unwrap().0.to_owned()
}

/// The header of okta-sdk-golang issue 145, word for word but for the host.
#[test]
fn a_missing_scope_is_403_without_a_body_as_recorded() {
    let app = App::new("k1");
    let (sim, _file) = start(
        &json!([app.service("0oaService", &["okta.apps.manage"])]),
        Options::default(),
    );
    let token = token(&sim, &app, "okta.apps.manage");
    let answer = call(&sim, "/api/v1/groups/1234", &token);
    assert_eq!((answer.status, answer.bytes.len()), (403, 0));
    let host = sim.url().trim_start_matches("http://");
    assert_eq!(
        answer.header("www-authenticate"),
        format!(
            "Bearer authorization_uri=\"http://{host}/oauth2/v1/authorize\", realm=\"http://{host}\", \
             scope=\"okta.groups.read\", error=\"insufficient_scope\", \
             error_description=\"The access token provided does not contain the required scopes.\", \
             resource=\"/api/v1/groups/1234\""
        )
    );
    assert_eq!(call(&sim, "/api/v1/apps", &token).status, 200, "manage includes read");
}

#[test]
fn a_missing_admin_role_is_403_e0000006_although_the_scope_is_there() {
    let app = App::new("k1");
    let mut client = app.service("0oaService", &["okta.users.read", "okta.logs.read"]);
    client["without_role"] = json!(["okta.logs.read"]);
    let (sim, _file) = start(&json!([client]), Options::default());
    let token = token(&sim, &app, "okta.users.read okta.logs.read");
    assert_eq!(call(&sim, "/api/v1/users?limit=1", &token).status, 200);
    let answer = call(&sim, "/api/v1/logs", &token);
    assert_eq!((answer.status, answer.error_code().as_str()), (403, "E0000006"));
}

#[test]
fn tokens_end_by_time_by_fault_by_revocation_and_by_order() {
    let app = App::new("k1");
    let (sim, _file) = start(
        &json!([app.service("0oaService", &["okta.users.read"])]),
        Options {
            fault: vec!["/api/v1/users#2=token-expired".parse().unwrap()],
            token_lifetime: 2,
            ..Options::default()
        },
    );
    let expired = "\"invalid_token\", error_description=\"The token has expired.\"";
    let revoked = "\"invalid_token\", error_description=\"The access token has been revoked.\"";
    let users = "/api/v1/users?limit=1";
    let struck = token(&sim, &app, "okta.users.read");
    assert_eq!(call(&sim, users, &struck).status, 200);
    for _ in 0..2 {
        let answer = call(&sim, users, &struck);
        assert_eq!((answer.status, challenge(&answer).as_str()), (401, expired));
    }
    let other = token(&sim, &app, "okta.users.read");
    assert_eq!(call(&sim, users, &other).status, 200, "another token has not expired");
    sim.expire_tokens();
    assert_eq!(challenge(&call(&sim, users, &other)), expired);

    let timed = token(&sim, &app, "okta.users.read");
    assert_eq!(sim.tokens().access_tokens_live, 1);
    std::thread::sleep(std::time::Duration::from_millis(2010));
    assert_eq!(challenge(&call(&sim, users, &timed)), expired);
    assert_eq!(sim.tokens().access_tokens_live, 0);

    let revoked_one = token(&sim, &app, "okta.users.read");
    sim.revoke_tokens();
    assert_eq!(challenge(&call(&sim, users, &revoked_one)), revoked);
    assert_eq!(
        challenge(&call(&sim, users, "nonsense")),
        "\"invalid_token\", error_description=\"The access token is invalid.\""
    );
}

#[test]
fn revoke_and_introspect_know_an_apps_own_tokens_alone() {
    let app = App::new("k1");
    let web = json!({ "client_id": "0oaWeb", "client_secret": "s", "redirect_uris": ["http://localhost/cb"] });
    let (sim, _file) = start(
        &json!([app.service("0oaService", &["okta.users.read"]), web]),
        Options::default(),
    );
    let token = token(&sim, &app, "okta.users.read");
    let as_web = [
        ("client_id", "0oaWeb"),
        ("client_secret", "s"),
        ("token", token.as_str()),
    ];
    let introspected = post(&sim, "/oauth2/v1/introspect", "", &as_web);
    assert_eq!(introspected.json(), json!({ "active": false }));
    let answer = post(&sim, "/oauth2/v1/revoke", "", &as_web);
    assert_eq!((answer.status, answer.bytes.len()), (200, 0));
    assert_eq!(
        call(&sim, "/api/v1/users?limit=1", &token).status,
        200,
        "it is another's"
    );
    let missing = post(&sim, "/oauth2/v1/revoke", "", &as_web[..2]);
    assert_eq!(super::refusal(&missing).1, "The 'token' parameter is required.");
}
