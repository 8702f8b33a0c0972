//! Authorization code with PKCE, as a browser and an app go through it, and refresh tokens afterwards.

use serde_json::{Value, json};

use super::app::{App, sha256, start};
use super::refusal;
use crate::client::{Answer, encode, post, send};
use okta_sim::{Options, PASSWORD, SignIn, Sim};

const CALLBACK: &str = "http://localhost:33333";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A public client whose refresh tokens are rotated.
fn native(leeway: u32) -> Value {
    json!([{
        "client_id": "0oaNative",
        "redirect_uris": [CALLBACK],
        "scopes": ["okta.users.read"],
        "rotation": "ROTATE",
        "leeway": leeway,
    }])
}

fn authorize(sim: &Sim, changed: &[(&str, &str)]) -> Answer {
    let challenge = sha256(VERIFIER);
    let mut parameters = vec![
        ("client_id", "0oaNative"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile offline_access okta.users.read"),
        ("state", "s-1_a.b"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changed {
        parameters.retain(|(known, _)| known != name);
        parameters.push((name, value));
    }
    let query: Vec<String> = parameters
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let target = format!("/oauth2/v1/authorize?{}", query.join("&"));
    send(sim.url(), "GET", &target, "").unwrap()
}

/// A parameter of the address that the browser is sent to.
fn sent(answer: &Answer, name: &str) -> String {
    assert_eq!(answer.status, 302, "{}", String::from_utf8_lossy(&answer.bytes));
    let location = answer.header("location");
    let query = location
        .strip_prefix(&format!("{CALLBACK}?"))
        .unwrap_or_else(|| panic!("{location}"));
    let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    percent_encoding::percent_decode_str(value.unwrap_or_default())
        .decode_utf8()
        .unwrap()
        .into_owned()
}

fn transaction(page: &Answer) -> String {
    let text = String::from_utf8_lossy(&page.bytes).into_owned();
    let (_, rest) = text
        .split_once("name=\"transaction\" value=\"")
        .unwrap_or_else(|| panic!("{text}"));
    rest.split('"').next().unwrap().to_owned()
}

fn login(sim: &Sim) -> String {
    let users = sim.truth("users");
    let active = users.iter().find(|user| user["status"] == "ACTIVE").unwrap();
    active["profile"]["login"].as_str().unwrap().to_owned()
}

fn exchange(sim: &Sim, code: &str, changed: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", "0oaNative"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changed {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    post(sim, "/oauth2/v1/token", "", &form)
}

fn refresh(sim: &Sim, token: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "0oaNative"),
        ("refresh_token", token),
    ];
    post(sim, "/oauth2/v1/token", "", &form)
}

fn text(answer: &Answer, member: &str) -> String {
    assert_eq!(answer.status, 200, "{}", super::shown(&answer.json()));
    answer.json()[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member}"))
        .to_owned()
}

fn automatic(leeway: u32) -> (Sim, super::app::Temporary) {
    start(
        &native(leeway),
        Options {
            sign_in: SignIn::Automatic,
            ..Options::default()
        },
    )
}

#[test]
fn a_person_signs_in_on_the_page_and_the_app_gets_its_tokens() {
    let (sim, _file) = start(&native(30), Options::default());
    let page = authorize(&sim, &[]);
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html;charset=utf-8")
    );
    let (transaction, login) = (transaction(&page), login(&sim));
    let fields = |password: &'static str| {
        [
            ("transaction", transaction.clone()),
            ("username", login.clone()),
            ("password", password.to_owned()),
            ("decision", "allow".to_owned()),
        ]
    };
    let submit = |password| {
        let fields = fields(password);
        let form: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        post(&sim, "/sign-in", "", &form)
    };
    let wrong = submit("wrong");
    assert_eq!(wrong.status, 401);
    assert!(String::from_utf8_lossy(&wrong.bytes).contains("Unable to sign in"));
    let answer = submit(PASSWORD);
    assert_eq!(sent(&answer, "state"), "s-1_a.b");
    let tokens = exchange(&sim, &sent(&answer, "code"), &[]);
    assert_eq!(text(&tokens, "scope"), "openid profile offline_access okta.users.read");
    let bearer = format!("Authorization: Bearer {}\r\n", text(&tokens, "access_token"));
    assert_eq!(
        send(sim.url(), "GET", "/api/v1/users?limit=1", &bearer).unwrap().status,
        200
    );
    let person = send(sim.url(), "GET", "/oauth2/v1/userinfo", &bearer).unwrap().json();
    assert_eq!(person["preferred_username"], login);
    assert!(person.get("email").is_none(), "it was not asked for");
    assert_eq!(submit(PASSWORD).status, 400, "a transaction ends with its decision");
}

#[test]
fn a_denied_consent_is_told_to_the_app() {
    let (sim, _file) = start(&native(30), Options::default());
    let transaction = transaction(&authorize(&sim, &[]));
    let answer = post(
        &sim,
        "/sign-in",
        "",
        &[("transaction", &transaction), ("decision", "deny")],
    );
    assert_eq!(
        (
            sent(&answer, "error"),
            sent(&answer, "error_description"),
            sent(&answer, "state")
        ),
        (
            "access_denied".to_owned(),
            "The resource owner or authorization server denied the request.".to_owned(),
            "s-1_a.b".to_owned()
        )
    );
}

#[test]
fn what_cannot_be_sent_back_is_shown_and_the_rest_is_sent_back() {
    let (sim, _file) = automatic(30);
    for (parameter, value, shown) in [
        ("client_id", "nobody", "Invalid value for 'client_id' parameter."),
        (
            "redirect_uri",
            "http://localhost:33334",
            "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
        ),
        (
            "redirect_uri",
            "http://localhost:33333/",
            "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
        ),
    ] {
        let answer = authorize(&sim, &[(parameter, value)]);
        assert_eq!((answer.status, answer.header("location")), (400, ""));
        assert!(String::from_utf8_lossy(&answer.bytes).contains(shown), "{value}");
    }
    for (parameter, value, error, description) in [
        (
            "response_type",
            "token",
            "unsupported_response_type",
            "The response type is not supported by the authorization server. Configured response types: [code].",
        ),
        (
            "state",
            "",
            "invalid_request",
            "The authentication request has an invalid 'state' parameter.",
        ),
        ("scope", "", "invalid_scope", "No scopes were requested."),
        (
            "scope",
            "profile okta.users.read",
            "invalid_scope",
            "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.",
        ),
        (
            "scope",
            "okta.logs.read",
            "consent_required",
            "You are not allowed any of the requested scopes.",
        ),
        (
            "code_challenge",
            "",
            "invalid_request",
            "PKCE code challenge is required by the application.",
        ),
        (
            "code_challenge_method",
            "plain",
            "invalid_request",
            "PKCE code challenge method is not supported. Valid values: [S256]",
        ),
        (
            "prompt",
            "none",
            "login_required",
            "The client specified not to prompt, but the user is not logged in.",
        ),
    ] {
        let answer = authorize(&sim, &[(parameter, value)]);
        assert_eq!(
            (sent(&answer, "error"), sent(&answer, "error_description")),
            (error.to_owned(), description.to_owned()),
            "{parameter}={value}"
        );
    }
}

#[test]
fn a_code_is_good_once_for_its_app_its_address_and_its_verifier() {
    let (sim, _file) = automatic(30);
    let code = sent(&authorize(&sim, &[]), "code");
    for (parameter, value, description) in [
        (
            "redirect_uri",
            "http://localhost",
            "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
        ),
        ("code_verifier", "wrong", "PKCE verification failed."),
        ("code", "nonsense", "The authorization code is invalid or has expired."),
    ] {
        let answer = exchange(&sim, &code, &[(parameter, value)]);
        assert_eq!(answer.status, 400);
        assert_eq!(refusal(&answer), ("invalid_grant".to_owned(), description.to_owned()));
    }
    let without = exchange(&sim, &code, &[("code_verifier", "")]);
    assert_eq!(
        refusal(&without).1,
        "PKCE code verifier is required by the application."
    );
    assert_eq!(exchange(&sim, &code, &[]).status, 200);
    let again = exchange(&sim, &code, &[]);
    assert_eq!(refusal(&again).1, "The authorization code is invalid or has expired.");
}

#[test]
fn rotated_tokens_work_through_their_leeway() {
    let (sim, _file) = automatic(30);
    let first = text(
        &exchange(&sim, &sent(&authorize(&sim, &[]), "code"), &[]),
        "refresh_token",
    );
    let second = text(&refresh(&sim, &first), "refresh_token");
    assert_ne!(first, second);
    let third = text(&refresh(&sim, &first), "refresh_token");
    assert_ne!(second, third);
    assert_eq!(refresh(&sim, &third).status, 200);
    let counts = sim.tokens();
    assert_eq!(
        (counts.refresh_uses, counts.refresh_uses_in_leeway, counts.reuses),
        (3, 1, 0)
    );
    assert_eq!((counts.families_issued, counts.families_live), (1, 1));
}

#[test]
fn a_rotated_token_that_comes_again_too_late_ends_the_newest_one_and_all_access() {
    let (sim, _file) = automatic(0);
    let first = text(
        &exchange(&sim, &sent(&authorize(&sim, &[]), "code"), &[]),
        "refresh_token",
    );
    let newest = refresh(&sim, &first);
    let bearer = format!("Authorization: Bearer {}\r\n", text(&newest, "access_token"));
    let users = || send(sim.url(), "GET", "/api/v1/users?limit=1", &bearer).unwrap().status;
    assert_eq!(users(), 200);
    std::thread::sleep(std::time::Duration::from_millis(5));
    for token in [first, text(&newest, "refresh_token")] {
        let answer = refresh(&sim, &token);
        assert_eq!(answer.status, 400);
        assert_eq!(
            refusal(&answer),
            (
                "invalid_grant".to_owned(),
                "The refresh token is invalid or expired.".to_owned()
            )
        );
    }
    assert_eq!(users(), 401);
    let counts = sim.tokens();
    assert_eq!(
        (counts.reuses, counts.families_live, counts.access_tokens_live),
        (1, 0, 0)
    );
}

#[test]
fn a_static_token_stays_the_same_and_its_scopes_can_only_shrink() {
    let mut clients = native(30);
    clients[0]["rotation"] = "STATIC".into();
    let (sim, _file) = start(
        &clients,
        Options {
            sign_in: SignIn::Automatic,
            ..Options::default()
        },
    );
    let token = text(
        &exchange(&sim, &sent(&authorize(&sim, &[]), "code"), &[]),
        "refresh_token",
    );
    assert_eq!(text(&refresh(&sim, &token), "refresh_token"), token);
    let narrowed = |scope| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "0oaNative"),
            ("refresh_token", &token),
            ("scope", scope),
        ];
        post(&sim, "/oauth2/v1/token", "", &form)
    };
    assert_eq!(text(&narrowed("okta.users.read"), "scope"), "okta.users.read");
    assert_eq!(
        refusal(&narrowed("okta.users.manage")).1,
        "Some of the scopes requested for the refresh request were not granted in the original authorize request. \
         Denied scopes: okta.users.manage."
    );
}

#[test]
fn a_bound_refresh_token_needs_a_proof_of_its_key() {
    let mut clients = native(30);
    clients[0]["dpop_bound_access_tokens"] = true.into();
    let (sim, _file) = start(
        &clients,
        Options {
            sign_in: SignIn::Automatic,
            ..Options::default()
        },
    );
    let (key, url) = (App::new("proof"), format!("{}/oauth2/v1/token", sim.url()));
    let send = |key: &App, form: &[(&str, &str)]| {
        let first = post(&sim, "/oauth2/v1/token", &key.proof("POST", &url, &json!({})), form);
        assert_eq!(refusal(&first).0, "use_dpop_nonce");
        let nonce = json!({ "nonce": first.header("dpop-nonce") });
        post(&sim, "/oauth2/v1/token", &key.proof("POST", &url, &nonce), form)
    };
    let code = sent(&authorize(&sim, &[]), "code");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "0oaNative"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let token = text(&send(&key, &form), "refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "0oaNative"),
        ("refresh_token", token.as_str()),
    ];
    let stolen = send(&App::new("thief"), &form);
    assert_eq!(
        refusal(&stolen),
        (
            "invalid_dpop_proof".to_owned(),
            "Invalid DPoP Public Key binding in refresh token".to_owned()
        )
    );
    assert_eq!(send(&key, &form).status, 200);
}

#[test]
fn signing_out_leads_back_to_a_registered_address_alone() {
    let mut clients = native(30);
    clients[0]["post_logout_redirect_uris"] = json!(["http://localhost:33333/out"]);
    let (sim, _file) = start(
        &clients,
        Options {
            sign_in: SignIn::Automatic,
            ..Options::default()
        },
    );
    let id_token = text(&exchange(&sim, &sent(&authorize(&sim, &[]), "code"), &[]), "id_token");
    let out = |hint: &str, uri: &str| {
        let form = [
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", uri),
            ("state", "s"),
        ];
        post(&sim, "/oauth2/v1/logout", "", &form)
    };
    let answer = out(&id_token, "http://localhost:33333/out");
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, "http://localhost:33333/out?state=s")
    );
    assert_eq!(out(&id_token, "http://localhost:33333/elsewhere").status, 400);
    assert_eq!(out("nonsense", "http://localhost:33333/out").status, 400);
    assert_eq!(out(&id_token, "").status, 200);
}

#[test]
fn every_secret_that_passed_is_shown_to_who_searches_for_it() {
    let (sim, _file) = start(&native(0), Options::default());
    let page = authorize(&sim, &[]);
    let allowed = [
        ("transaction", transaction(&page)),
        ("username", login(&sim)),
        ("password", PASSWORD.to_owned()),
        ("decision", "allow".to_owned()),
    ];
    let form: Vec<(&str, &str)> = allowed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let code = sent(&post(&sim, "/sign-in", "", &form), "code");
    let tokens = exchange(&sim, &code, &[]).json();
    let shown = send(sim.url(), "GET", "/sim/secrets", "").unwrap();
    let text = String::from_utf8(shown.bytes).unwrap();
    let secrets: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (name, secret) in [
        ("code", code.as_str()),
        ("state", "s-1_a.b"),
        ("code_verifier", VERIFIER),
        ("password", PASSWORD),
        ("access_token", tokens["access_token"].as_str().unwrap()),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("id_token", tokens["id_token"].as_str().unwrap()),
    ] {
        assert!(
            secrets.contains(&json!({ "name": name, "secret": secret })),
            "{name}: {secrets:?}"
        );
    }
}
