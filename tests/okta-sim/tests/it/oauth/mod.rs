//! The authorization server from outside: every flow, and every refusal in Okta's words (oauth2-error-codes.json 2026.08.1).

mod app;
mod assertions;
mod browser;
mod device;
mod proofs;
mod recorded;
mod resources;

use app::{App, start};
use serde_json::Value;

use crate::client::{Answer, get, post, send};
use okta_sim::{Options, Sim};

/// `error` and `error_description` of an answer.
fn refusal(answer: &Answer) -> (String, String) {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (text("error"), text("error_description"))
}

/// Members that oauth.yaml 2026.06.3 shows for the org authorization server and that this one serves.
const METADATA: [&str; 21] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "scopes_supported",
    "token_endpoint_auth_methods_supported",
    "claims_supported",
    "code_challenge_methods_supported",
    "introspection_endpoint",
    "introspection_endpoint_auth_methods_supported",
    "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "end_session_endpoint",
    "request_parameter_supported",
    "device_authorization_endpoint",
];

#[test]
fn the_metadata_has_oktas_members_and_this_servers_addresses() {
    let sim = Sim::start(Options::default());
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let answer = send(sim.url(), "GET", path, "").unwrap();
        assert_eq!(answer.status, 200);
        let body = answer.json();
        for member in METADATA {
            assert!(body.get(member).is_some(), "{path}: {member}");
        }
        assert_eq!(body["issuer"], sim.url());
        assert_eq!(body["token_endpoint"], format!("{}/oauth2/v1/token", sim.url()));
    }
}

/// Header lines, parameters, and the refusal.
type Case<'c> = (String, &'c [(&'c str, &'c str)], (&'c str, &'c str));

/// RFC 6749 §2.3, and the wording of Okta's list.
#[test]
fn clients_prove_themselves_by_their_own_method_alone() {
    let app = App::new("k1");
    let clients = serde_json::json!([
        { "client_id": "native", "redirect_uris": ["http://localhost/cb"] },
        { "client_id": "web", "client_secret": "a secret:é", "redirect_uris": ["http://localhost/cb"] },
        { "client_id": "post", "client_secret": "s", "token_endpoint_auth_method": "client_secret_post" },
        app.service("service", &["okta.users.read"]),
    ]);
    let (sim, _file) = start(&clients, Options::default());
    let basic = |joined: &str| {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(joined);
        format!("Authorization: Basic {text}\r\n")
    };
    let authenticated = ("invalid_request", "The required parameter 'code' is missing.");
    let failed = (
        "invalid_client",
        "Client authentication failed. Either the client or the client credentials are invalid.",
    );
    let wrong_secret = (
        "invalid_client",
        "The client secret supplied for a confidential client is invalid.",
    );
    let unknown = ("invalid_client", "Invalid value for 'client_id' parameter.");
    let cases: [Case; 10] = [
        (String::new(), &[], ("invalid_client", "No client credentials found.")),
        (String::new(), &[("client_id", "nobody")], unknown),
        (String::new(), &[("client_id", "native")], authenticated),
        (String::new(), &[("client_id", "web")], failed),
        (basic("web:a+secret%3A%C3%A9"), &[], authenticated),
        (basic("web:wrong"), &[], wrong_secret),
        (
            String::new(),
            &[("client_id", "web"), ("client_secret", "a secret:é")],
            authenticated,
        ),
        (basic("post:s"), &[], failed),
        (
            "Authorization: Basic %%%\r\n".to_owned(),
            &[],
            (
                "invalid_client",
                "Found Authentication header but was not valid client credentials.",
            ),
        ),
        (
            basic("web:x"),
            &[("client_secret", "x"), ("client_id", "web")],
            (
                "invalid_request",
                "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization \
                 header, credentials in the post body, or a client_assertion in the post body.",
            ),
        ),
    ];
    for (headers, form, (error, description)) in cases {
        let form = [form, &[("grant_type", "authorization_code")]].concat();
        let answer = post(&sim, "/oauth2/v1/token", &headers, &form);
        assert_eq!(
            refusal(&answer),
            (error.to_owned(), description.to_owned()),
            "{headers}{form:?}"
        );
        let status = if error == "invalid_client" || description.starts_with("Cannot") {
            401
        } else {
            400
        };
        assert_eq!(answer.status, status, "{description}");
        assert_eq!(answer.header("cache-control"), "no-cache, no-store");
    }
}

#[test]
fn clients_that_cannot_be_used_stop_the_server_from_starting() {
    for (text, reason) in [
        ("", "EOF"),
        ("{}", "expected a sequence"),
        (r#"[{"client_id": "a", "secret": "b"}]"#, "unknown field `secret`"),
        (r#"[{"client_id": "a"}, {"client_id": "a"}]"#, "a stands there twice"),
        (
            r#"[{"client_id": "a", "jwks": {"keys": [{"kty": "oct"}]}}]"#,
            "neither RSA nor EC",
        ),
    ] {
        let file = app::temporary(text);
        let options = Options {
            oauth_clients: Some(file.0.clone()),
            ..Options::default()
        };
        let error = Sim::try_start(options).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn the_servers_clock_may_be_set_and_its_date_says_so() {
    let sim = Sim::start(Options {
        clock_offset: -600,
        ..Options::default()
    });
    let date = get(&sim, "/api/v1/users?limit=1").header("date").to_owned();
    let date = chrono::DateTime::parse_from_rfc2822(&date).unwrap();
    let behind = (chrono::Utc::now() - date.to_utc()).num_seconds();
    assert!((599..=602).contains(&behind), "{behind}");
}

/// A JSON answer as text, for messages.
fn shown(value: &Value) -> String {
    value.to_string()
}
