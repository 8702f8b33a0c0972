//! The device flow: two codes, a page, and the polls between.

use serde_json::json;

use super::app::{Temporary, start};
use super::refusal;
use crate::client::{Answer, post, send};
use okta_sim::{Options, PASSWORD, Sim};

fn server(interval: u32, lifetime: u32) -> (Sim, Temporary) {
    start(
        &json!([{ "client_id": "0oaNative", "redirect_uris": ["http://localhost"], "scopes": ["okta.users.read"] }]),
        Options {
            device_interval: interval,
            device_lifetime: lifetime,
            ..Options::default()
        },
    )
}

fn begin(sim: &Sim) -> serde_json::Value {
    let form = [("client_id", "0oaNative"), ("scope", "okta.users.read offline_access")];
    let answer = post(sim, "/oauth2/v1/device/authorize", "", &form);
    assert_eq!(answer.status, 200);
    answer.json()
}

fn poll(sim: &Sim, codes: &serde_json::Value) -> Answer {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "0oaNative"),
        ("device_code", codes["device_code"].as_str().unwrap()),
    ];
    post(sim, "/oauth2/v1/token", "", &form)
}

fn decide(sim: &Sim, user_code: &str, decision: &str) -> String {
    let users = sim.truth("users");
    let active = users.iter().find(|user| user["status"] == "ACTIVE").unwrap();
    let form = [
        ("user_code", user_code),
        ("username", active["profile"]["login"].as_str().unwrap()),
        ("password", PASSWORD),
        ("decision", decision),
    ];
    let page = post(sim, "/activate", "", &form);
    String::from_utf8_lossy(&page.bytes).into_owned()
}

#[test]
fn a_code_is_entered_on_the_page_and_the_device_gets_its_tokens() {
    let (sim, _file) = server(0, 600);
    let codes = begin(&sim);
    let user_code = codes["user_code"].as_str().unwrap();
    let complete = codes["verification_uri_complete"].as_str().unwrap();
    assert_eq!(complete, format!("{}/activate?user_code={user_code}", sim.url()));
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(600), &json!(0)));
    let page = send(sim.url(), "GET", complete.trim_start_matches(sim.url()), "").unwrap();
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    assert!(
        page.contains(&format!("name=\"user_code\" value=\"{user_code}\"")),
        "{page}"
    );
    assert_eq!(
        refusal(&poll(&sim, &codes)),
        (
            "authorization_pending".to_owned(),
            "The device authorization is pending. Please try again later.".to_owned()
        )
    );
    assert!(decide(&sim, "WRONGONE", "allow").contains("Invalid code. Try again."));
    // As people copy it.
    let typed = format!("{}-{}", &user_code[..4], &user_code[4..]).to_lowercase();
    assert!(decide(&sim, &typed, "allow").contains("Device activated"));
    let tokens = poll(&sim, &codes);
    assert_eq!(tokens.status, 200);
    assert!(tokens.json()["refresh_token"].is_string());
    assert_eq!(
        refusal(&poll(&sim, &codes)).1,
        "The device code is invalid or has expired."
    );
}

#[test]
fn a_denied_code_an_expired_code_and_a_hasty_poll_are_three_errors() {
    let (sim, _file) = server(0, 600);
    let codes = begin(&sim);
    decide(&sim, codes["user_code"].as_str().unwrap(), "deny");
    assert_eq!(refusal(&poll(&sim, &codes)).0, "access_denied");

    let (sim, _file) = server(5, 1);
    let codes = begin(&sim);
    assert_eq!(refusal(&poll(&sim, &codes)).0, "authorization_pending");
    assert_eq!(
        refusal(&poll(&sim, &codes)),
        (
            "slow_down".to_owned(),
            "Slow down the polling frequency. Please try again later.".to_owned()
        )
    );
    std::thread::sleep(std::time::Duration::from_millis(1010));
    assert_eq!(
        refusal(&poll(&sim, &codes)),
        ("expired_token".to_owned(), "The device code has expired.".to_owned())
    );
}
