//! DPoP: the dance for a nonce, and what Okta's list says of each bad proof.

use serde_json::{Value, json};

use super::app::{App, now, sha256, start};
use super::refusal;
use crate::client::{Answer, send};
use okta_sim::{DpopNonce, Options, Sim};

fn bound(app: &App) -> Value {
    let mut client = app.service("0oaService", &["okta.users.read"]);
    client["dpop_bound_access_tokens"] = true.into();
    json!([client])
}

fn ask(sim: &Sim, app: &App, headers: &str) -> Answer {
    app.client_credentials(sim, "0oaService", "okta.users.read", headers)
}

/// A bound token, by the whole dance.
fn token(sim: &Sim, app: &App, key: &App) -> String {
    let url = format!("{}/oauth2/v1/token", sim.url());
    let first = ask(sim, app, &key.proof("POST", &url, &json!({})));
    let nonce = first.header("dpop-nonce").to_owned();
    let answer = ask(sim, app, &key.proof("POST", &url, &json!({ "nonce": nonce })));
    assert_eq!(answer.status, 200, "{}", super::shown(&answer.json()));
    assert_eq!(answer.json()["token_type"], "DPoP");
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn users(sim: &Sim, authorization: &str, proof: &str) -> Answer {
    let headers = format!("Authorization: {authorization}\r\n{proof}");
    send(sim.url(), "GET", "/api/v1/users?limit=1", &headers).unwrap()
}

#[test]
fn each_bad_proof_at_the_token_endpoint_is_refused_in_oktas_words() {
    let (app, key) = (App::new("k1"), App::new("proof"));
    let (sim, _file) = start(&bound(&app), Options::default());
    let url = format!("{}/oauth2/v1/token", sim.url());
    let with = |claim: &str, value: Value| key.proof("POST", &url, &json!({ claim: value }));
    let headed = |member: &str, value: Value| {
        let mut header = key.proof_header();
        header[member] = value;
        format!("DPoP: {}\r\n", key.sign(&header, &App::proof_claims("POST", &url)))
    };
    let mut private = key.jwk();
    private["d"] = "AAAA".into();
    let used = with("jti", json!("once"));
    assert_eq!(refusal(&ask(&sim, &app, &used)).0, "use_dpop_nonce");
    let cases = [
        (String::new(), "The DPoP proof JWT header is missing."),
        (used, "The DPoP proof JWT has already been used."),
        (
            format!("{0}{0}", with("a", json!(1))),
            "Multiple DPoP proof JWT headers are not allowed.",
        ),
        ("DPoP: nonsense\r\n".to_owned(), "The DPoP proof JWT cannot be parsed."),
        (
            headed("typ", json!("jwt")),
            "'typ' must be 'dpop+jwt' in the DPoP proof JWT.",
        ),
        (
            headed("alg", json!("HS256")),
            "The DPoP proof JWT signature algorithm is invalid.",
        ),
        (
            headed("jwk", App::new("other").jwk()),
            "The DPoP proof JWT signature is invalid.",
        ),
        (headed("jwk", private), "The DPoP proof JWT is invalid."),
        (
            with("htm", json!("GET")),
            "'htm' claim in the DPoP proof JWT is invalid.",
        ),
        (
            with("htu", json!(format!("{url}?a=b"))),
            "'htu' claim in the DPoP proof JWT is invalid.",
        ),
        (
            with("iat", json!("now")),
            "'iat' claim in the DPoP proof JWT is invalid.",
        ),
        (
            with("iat", json!(now() + 60)),
            "The DPoP proof JWT is issued in the future.",
        ),
        (
            with("iat", json!(now() - 302)),
            "The DPoP proof JWT is issued more than five minutes in the past.",
        ),
        (with("jti", json!("")), "'jti' claim in the DPoP proof JWT is invalid."),
    ];
    for (proof, description) in cases {
        let answer = ask(&sim, &app, &proof);
        assert_eq!(answer.status, 400);
        assert_eq!(
            refusal(&answer),
            ("invalid_dpop_proof".to_owned(), description.to_owned())
        );
    }
}

#[test]
fn a_bound_token_needs_a_new_proof_of_its_own_key_for_every_call() {
    let (app, key) = (App::new("k1"), App::new("proof"));
    let (sim, _file) = start(&bound(&app), Options::default());
    let token = token(&sim, &app, &key);
    let url = format!("{}/api/v1/users", sim.url());
    let ath = json!({ "ath": sha256(&token) });
    let dpop = format!("DPoP {token}");
    for _ in 0..2 {
        assert_eq!(users(&sim, &dpop, &key.proof("GET", &url, &ath)).status, 200);
    }
    let once = key.proof("GET", &url, &ath);
    assert_eq!(users(&sim, &dpop, &once).status, 200);
    let bearer = format!("Bearer {token}");
    let proof = "invalid_dpop_proof";
    let cases = [
        (&dpop, once, proof, "The DPoP proof JWT has already been used."),
        (&dpop, String::new(), proof, "The DPoP proof JWT header is missing."),
        (
            &dpop,
            key.proof("GET", &url, &json!({ "ath": sha256("other") })),
            proof,
            "'ath' claim in the DPoP proof does not match the presented access_token.",
        ),
        (
            &dpop,
            App::new("other").proof("GET", &url, &ath),
            proof,
            "The access_token is not bound to the provided DPoP proof.",
        ),
        (
            &bearer,
            String::new(),
            "invalid_request",
            "The resource request requires a DPoP proof.",
        ),
        (
            &bearer,
            key.proof("GET", &url, &ath),
            "invalid_request",
            "The resource request must use the DPoP authentication scheme when using a DPoP bound token.",
        ),
    ];
    let host = sim.url().trim_start_matches("http://");
    for (authorization, proof, error, description) in cases {
        let answer = users(&sim, authorization, &proof);
        assert_eq!((answer.status, answer.bytes.len()), (400, 0), "{description}");
        let scheme = if authorization.starts_with("DPoP") {
            "DPoP algs=\"RS256 RS384 RS512 ES256 ES384\","
        } else {
            "Bearer"
        };
        assert_eq!(
            answer.header("www-authenticate"),
            format!(
                "{scheme} authorization_uri=\"http://{host}/oauth2/v1/authorize\", realm=\"http://{host}\", \
                 scope=\"okta.users.read\", error=\"{error}\", error_description=\"{description}\", \
                 resource=\"/api/v1/users\""
            )
        );
    }
}

#[test]
fn a_token_that_is_not_bound_is_no_dpop_token() {
    let app = App::new("k1");
    let (sim, _file) = start(
        &json!([app.service("0oaService", &["okta.users.read"])]),
        Options::default(),
    );
    let token = ask(&sim, &app, "").json()["access_token"].as_str().unwrap().to_owned();
    let url = format!("{}/api/v1/users", sim.url());
    let proof = app.proof("GET", &url, &json!({ "ath": sha256(&token) }));
    let answer = users(&sim, &format!("DPoP {token}"), &proof);
    assert_eq!(answer.status, 401);
    let shown = answer.header("www-authenticate");
    assert!(
        shown.contains("error=\"invalid_token\", error_description=\"The presented access_token is not DPoP bound.\""),
        "{shown}"
    );
}

#[test]
fn nonces_can_be_asked_for_on_every_call_or_on_none() {
    let (app, key) = (App::new("k1"), App::new("proof"));
    let (sim, _file) = start(
        &bound(&app),
        Options {
            dpop_nonce: DpopNonce::Never,
            ..Options::default()
        },
    );
    let url = format!("{}/oauth2/v1/token", sim.url());
    assert_eq!(ask(&sim, &app, &key.proof("POST", &url, &json!({}))).status, 200);

    let (sim, _file) = start(
        &bound(&app),
        Options {
            dpop_nonce: DpopNonce::Always,
            ..Options::default()
        },
    );
    let token = token(&sim, &app, &key);
    let (url, dpop) = (format!("{}/api/v1/users", sim.url()), format!("DPoP {token}"));
    let mut claims = json!({ "ath": sha256(&token) });
    let challenged = users(&sim, &dpop, &key.proof("GET", &url, &claims));
    assert_eq!((challenged.status, challenged.bytes.len()), (400, 0));
    assert!(
        challenged
            .header("www-authenticate")
            .contains("error=\"use_dpop_nonce\"")
    );
    claims["nonce"] = challenged.header("dpop-nonce").into();
    assert_eq!(users(&sim, &dpop, &key.proof("GET", &url, &claims)).status, 200);
}
