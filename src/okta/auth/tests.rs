//! Logging in and asking with tokens, against a scripted server.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};

use super::app::{App, Authentication};
use super::dpop::{Binding, ProofKey};
use super::endpoint::{Endpoint, Tokens};
use super::key::{Form, SigningKey};
use super::stand_in::StandIn;
use super::*;
use crate::log::Log;
use crate::okta::scripted::{Act, Scripted, answer, error, ok};
use crate::okta::{Client, Config, Redactor, Request};

const SECRET: &str = "client+secret/of the tests";
const JSON: &str = "Content-Type: application/json";
const ID: &str = "X-Okta-Request-Id: req1";
/// RFC 7517 Appendix A.2.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;

fn service() -> App {
    let key = SigningKey::read(KEY.as_bytes(), "the test", Form::Auto, None, None).expect("a key");
    app(Authentication::PrivateKey(key))
}

fn app(authentication: Authentication) -> App {
    App {
        client_id: "0oaService".into(),
        authentication,
    }
}

fn given(token_type: &str, more: &str) -> Act {
    let body = format!(r#"{{"access_token":"at-1","token_type":"{token_type}","expires_in":3600{more}}}"#);
    ok(&[JSON, ID], &body)
}

fn refused(status: &str, code: &str, description: &str, headers: &[&str]) -> Act {
    let body = json!({ "error": code, "error_description": description }).to_string();
    let headers: Vec<&str> = [JSON, ID].iter().chain(headers).copied().collect();
    answer(status, &headers, body.as_bytes())
}

fn channel(server: &Scripted) -> Channel {
    let mut config = Config::new(&server.url, Credential::ApiToken(Secret::new("unused")));
    config.backoff = Duration::from_millis(4);
    config.timeout = Duration::from_secs(5);
    Channel::open(&config).expect("a channel")
}

fn endpoint<'a>(channel: &'a Channel, app: &'a App, binding: Binding) -> Endpoint<'a> {
    Endpoint {
        channel,
        app,
        binding,
        key: None,
    }
}

fn scopes() -> Vec<String> {
    vec!["okta.users.read".into(), "okta.groups.read".into()]
}

/// What the server is asked for with client_credentials, and what comes of it.
async fn play(script: Vec<Act>, app: &App, binding: Binding) -> (Scripted, Result<Tokens, Error>) {
    let server = Scripted::play(script).await;
    let channel = channel(&server);
    let tokens = endpoint(&channel, app, binding).client_credentials(&scopes()).await;
    (server, tokens)
}

fn form(body: &str) -> HashMap<String, String> {
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .expect("UTF-8")
            .into_owned()
    };
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn part(jwt: &str, at: usize) -> Value {
    let part = jwt.split('.').nth(at).unwrap_or_else(|| panic!("{jwt} is no JWT"));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// The claims of a proof whose signature ring accepts under the key in its header.
fn proof(jwt: &str) -> Value {
    let header = part(jwt, 0);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    let members: Vec<&String> = header["jwk"].as_object().expect("a JWK").keys().collect();
    assert!(!members.contains(&&"d".to_owned()), "{header}");
    let mut point = vec![4];
    for member in ["x", "y"] {
        point.extend(
            URL_SAFE_NO_PAD
                .decode(header["jwk"][member].as_str().expect("text"))
                .expect("base64url"),
        );
    }
    let (message, signature) = jwt.rsplit_once('.').expect("three parts");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(
            message.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).expect("base64url"),
        )
        .expect("a proof that verifies");
    part(jwt, 1)
}

fn now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs()
}

#[tokio::test]
async fn a_service_app_asserts_itself() {
    let (server, tokens) = play(
        vec![given("Bearer", r#","scope":"okta.users.read""#)],
        &service(),
        Binding::Auto,
    )
    .await;
    let tokens = tokens.expect("tokens");
    assert_eq!(
        (tokens.access_token.expose(), tokens.scopes),
        ("at-1", vec!["okta.users.read".to_owned()])
    );
    assert_eq!(
        (tokens.expires_in, tokens.key.is_none()),
        (Duration::from_secs(3600), true)
    );
    assert_eq!(server.targets(), ["/oauth2/v1/token"]);
    let form = form(&server.bodies()[0]);
    let value = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    assert_eq!(value("grant_type"), "client_credentials");
    assert_eq!(value("scope"), "okta.users.read okta.groups.read");
    assert_eq!(
        value("client_assertion_type"),
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let claims = part(value("client_assertion"), 1);
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("0oaService"), &json!("0oaService"))
    );
    assert_eq!(claims["aud"], format!("{}/oauth2/v1/token", server.url));
    let exp = claims["exp"].as_u64().expect("a number");
    assert!(exp.abs_diff(now() + 300) < 5, "{claims}");
    assert_eq!(part(value("client_assertion"), 0)["kid"], "1");
    assert_eq!(server.headers("dpop"), [""]);
}

/// The three answers as they were recorded of Okta (recorded/writes/oauth2_v1_token.jsonl).
#[tokio::test]
async fn dpop_switches_on_and_takes_the_nonce() {
    let script = vec![
        refused(
            "400 Bad Request",
            "invalid_dpop_proof",
            "The DPoP proof JWT header is missing.",
            &[],
        ),
        refused(
            "400 Bad Request",
            "use_dpop_nonce",
            "Authorization server requires nonce in DPoP proof.",
            &["dpop-nonce: n1"],
        ),
        given("DPoP", ""),
    ];
    let (server, tokens) = play(script, &service(), Binding::Auto).await;
    let key = tokens.expect("tokens").key.expect("a key");
    let proofs = server.headers("dpop");
    assert_eq!(proofs[0], "");
    let (first, second) = (proof(&proofs[1]), proof(&proofs[2]));
    assert_eq!((&first["htm"], &first["nonce"]), (&json!("POST"), &Value::Null));
    assert_eq!(first["htu"], format!("{}/oauth2/v1/token", server.url));
    assert_eq!((&second["nonce"], &second["ath"]), (&json!("n1"), &Value::Null));
    assert_ne!(first["jti"], second["jti"]);
    assert!(first["iat"].as_u64().expect("a number").abs_diff(now()) < 5);
    let assertions: Vec<Value> = server
        .bodies()
        .iter()
        .map(|body| part(&form(body)["client_assertion"], 1)["jti"].clone())
        .collect();
    assert!(
        assertions[0] != assertions[1] && assertions[1] != assertions[2],
        "{assertions:?}"
    );
    let kept = ProofKey::from_jwk(key.to_jwk().expose()).expect("a key");
    assert_eq!(kept.thumbprint(), key.thumbprint());
}

#[tokio::test]
async fn dpop_as_oidc_provider_asks_for_it_and_as_it_is_set() {
    let asks = || refused("400 Bad Request", "invalid_grant", "DPoP proof JWT not provided", &[]);
    let (server, tokens) = play(vec![asks(), given("DPoP", "")], &service(), Binding::Auto).await;
    assert!(tokens.expect("tokens").key.is_some() && server.asked().len() == 2);
    let (server, tokens) = play(vec![given("DPoP", "")], &service(), Binding::Always).await;
    assert!(tokens.expect("tokens").key.is_some() && server.asked().len() == 1);
    let (server, tokens) = play(vec![asks()], &service(), Binding::Never).await;
    assert!(matches!(tokens, Err(Error::Login { code, .. }) if code == "invalid_grant"));
    assert_eq!(server.headers("dpop"), [""]);
}

#[tokio::test]
async fn a_server_that_asks_for_ever_more_nonces_is_left() {
    let script = (1..9)
        .map(|number| {
            refused(
                "400 Bad Request",
                "use_dpop_nonce",
                "again",
                &[&format!("DPoP-Nonce: n{number}")],
            )
        })
        .collect();
    let (server, tokens) = play(script, &service(), Binding::Always).await;
    assert!(matches!(tokens, Err(Error::Login { code, .. }) if code == "use_dpop_nonce"));
    assert!(server.asked().len() < 5);
}

/// RFC 9110 §5.6.7's example of a Date is decades from now: 784111777 seconds after the epoch.
#[tokio::test]
async fn a_wrong_clock_is_set_by_the_first_refusal() {
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT";
    let late = || {
        refused(
            "401 Unauthorized",
            "invalid_client",
            "The client_assertion token is expired.",
            &[date],
        )
    };
    let (server, tokens) = play(vec![late(), given("Bearer", "")], &service(), Binding::Auto).await;
    tokens.expect("tokens");
    let iat = part(&form(&server.bodies()[1])["client_assertion"], 1)["iat"].as_u64();
    assert!(iat.expect("a number").abs_diff(784_111_777) <= 2, "{iat:?}");
    let (server, tokens) = play(vec![late()], &service(), Binding::Auto).await;
    assert!(matches!(tokens, Err(Error::Login { .. })));
    assert_eq!(server.asked().len(), 2, "once more, not for ever");
}

#[tokio::test]
async fn a_secret_goes_in_the_header_or_where_the_app_wants_it() {
    let app = app(Authentication::Secret(Secret::new(SECRET)));
    let no = || {
        refused(
            "401 Unauthorized",
            "invalid_client",
            "Client authentication failed",
            &[],
        )
    };
    let (server, tokens) = play(vec![given("Bearer", "")], &app, Binding::Auto).await;
    tokens.expect("tokens");
    // RFC 6749 §2.3.1: form-encoded, then Basic.
    let basic = base64::engine::general_purpose::STANDARD.encode("0oaService:client%2Bsecret%2Fof+the+tests");
    assert_eq!(server.headers("authorization"), [format!("Basic {basic}")]);
    assert!(!form(&server.bodies()[0]).contains_key("client_secret"));
    let (server, tokens) = play(vec![no(), given("Bearer", "")], &app, Binding::Auto).await;
    tokens.expect("tokens");
    let posted = form(&server.bodies()[1]);
    assert_eq!(
        (posted["client_id"].as_str(), posted["client_secret"].as_str()),
        ("0oaService", SECRET)
    );
    assert_eq!(server.headers("authorization")[1], "");
    let (_, tokens) = play(vec![no()], &app, Binding::Auto).await;
    let message = tokens.expect_err("refused").to_string();
    assert!(
        message.contains("OAuthClientSecret") && message.contains("req1"),
        "{message}"
    );
}

#[tokio::test]
async fn what_may_be_repeated_and_what_may_not() {
    let busy = || answer("503 Service Unavailable", &[], b"<html>");
    let limited = || error("429 Too Many Requests", "E0000047", &[]);
    let (server, tokens) = play(
        vec![busy(), Act::Reset, limited(), given("Bearer", "")],
        &service(),
        Binding::Auto,
    )
    .await;
    tokens.expect("tokens");
    assert_eq!(server.asked().len(), 4);
    for trouble in [busy(), Act::Reset] {
        let server = Scripted::play(vec![trouble, given("Bearer", "")]).await;
        let (channel, app) = (channel(&server), app(Authentication::None));
        let endpoint = endpoint(&channel, &app, Binding::Auto);
        let gone = endpoint.refresh(&Secret::new("rt-1")).await.expect_err("not repeated");
        assert!(
            matches!(gone, Error::Api { status: 503, .. } | Error::Unreachable { .. }),
            "{gone:?}"
        );
        assert_eq!(server.asked().len(), 1);
    }
    let server = Scripted::play(vec![limited(), given("Bearer", r#","refresh_token":"rt-2""#)]).await;
    let (channel, app) = (channel(&server), app(Authentication::None));
    let tokens = endpoint(&channel, &app, Binding::Auto)
        .refresh(&Secret::new("rt-1"))
        .await;
    assert_eq!(tokens.expect("tokens").refresh_token.expect("a token").expose(), "rt-2");
    let (server, tokens) = play(vec![limited()], &service(), Binding::Auto).await;
    assert!(matches!(tokens, Err(Error::RateLimited { .. })));
    assert_eq!(server.asked().len(), 6);
}

/// What is logged at Verbosity=3 of asking for a token; times left out.
async fn logged(script: Vec<Act>) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.log");
    let server = Scripted::play(script).await;
    let mut config = Config::new(&server.url, Credential::ApiToken(Secret::new("unused")));
    config.backoff = Duration::ZERO;
    config.timeout = Duration::from_millis(300);
    config.max_retries = 1;
    config.log = Log::open(&path, 3, 1 << 20, Redactor::default()).expect("a log");
    let channel = Channel::open(&config).expect("a channel");
    let app = service();
    let _ = endpoint(&channel, &app, Binding::Auto)
        .client_credentials(&scopes())
        .await;
    let text = std::fs::read_to_string(&path).expect("a log");
    assert!(!text.contains("client_assertion") && !text.contains("eyJ"), "{text}");
    let lines = text.lines().filter(|line| line.contains(" request "));
    lines
        .map(|line| {
            let fields = line.split(' ').skip(3).filter(|field| !field.starts_with("ms="));
            fields.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[tokio::test]
async fn each_try_for_a_token_is_a_line_also_where_no_answer_comes() {
    let request = "3 request bucket=oauth2 method=POST path=/oauth2/v1/token";
    let proof = refused(
        "400 Bad Request",
        "invalid_dpop_proof",
        "The DPoP proof JWT header is missing.",
        &[],
    );
    let lines = logged(vec![proof, given("DPoP", "")]).await;
    let expected = [
        format!("{request} status=400 request=req1 try=1"),
        format!("{request} status=200 request=req1 try=2"),
    ];
    assert_eq!(lines, expected);
    for (act, told) in [(Act::Reset, "error="), (Act::Hang, "error=\"no answer in time\"")] {
        let lines = logged(vec![act, given("Bearer", "")]).await;
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0].starts_with(&format!("{request} {told}")) && lines[0].ends_with(" try=1"),
            "{lines:?}"
        );
        assert_eq!(lines[1], format!("{request} status=200 request=req1 try=2"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.log");
    let server = Scripted::play(vec![ok(&[ID], "{}"), Act::Reset]).await;
    let mut config = Config::new(&server.url, Credential::ApiToken(Secret::new("unused")));
    config.log = Log::open(&path, 3, 1 << 20, Redactor::default()).expect("a log");
    let _ = [
        crate::okta::probe::reach(&config).await.is_ok(),
        crate::okta::probe::reach(&config).await.is_ok(),
    ];
    let text = std::fs::read_to_string(&path).expect("a log");
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines.len() == 2
            && lines[0].contains("path=/.well-known/okta-organization status=200")
            && lines[1].contains("path=/.well-known/okta-organization ms=")
            && lines[1].contains(" error="),
        "{text}"
    );
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier() {
    let server = Scripted::play(vec![given("Bearer", r#","refresh_token":"rt-1""#)]).await;
    let (channel, app) = (channel(&server), app(Authentication::None));
    let endpoint = endpoint(&channel, &app, Binding::Auto);
    let begun = endpoint
        .authorization("http://localhost:33333", &scopes())
        .expect("a URL");
    let query = form(begun.url.split_once('?').expect("a query").1);
    assert!(begun.url.starts_with(&format!("{}/oauth2/v1/authorize?", server.url)));
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, begun.verifier.expose().as_bytes()));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "0oaService"),
        ("redirect_uri", "http://localhost:33333"),
        ("scope", "okta.users.read okta.groups.read"),
        ("state", begun.state.expose()),
        ("code_challenge_method", "S256"),
        ("code_challenge", &challenge),
    ] {
        assert_eq!(query[name], value, "{name}");
    }
    let again = endpoint.authorization("http://localhost:33333", &[]).expect("a URL");
    assert!(again.state != begun.state && again.verifier != begun.verifier);
    let code = Secret::new("code-1");
    let tokens = endpoint
        .authorization_code(&code, "http://localhost:33333", &begun.verifier)
        .await;
    assert!(tokens.expect("tokens").refresh_token.is_some());
    let form = form(&server.bodies()[0]);
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "code-1"),
        ("redirect_uri", "http://localhost:33333"),
        ("client_id", "0oaService"),
        ("code_verifier", begun.verifier.expose()),
    ] {
        assert_eq!(form[name], value, "{name}");
    }
    let bad = endpoint
        .authorization("no address", &[])
        .expect_err("no URL")
        .to_string();
    assert!(bad.contains("CallbackURL"), "{bad}");
}

#[tokio::test]
async fn an_assertion_is_for_the_endpoint_that_it_is_sent_to() {
    let asked =
        r#"{"device_code":"dc-1","user_code":"AB","verification_uri":"https://x.okta.com/activate","expires_in":600}"#;
    let server = Scripted::play(vec![ok(&[JSON], asked)]).await;
    let (channel, app) = (channel(&server), service());
    let asked = endpoint(&channel, &app, Binding::Auto)
        .device_authorization(&scopes())
        .await;
    assert_eq!(asked.expect("a code").user_code, "AB");
    let claims = part(&form(&server.bodies()[0])["client_assertion"], 1);
    assert_eq!(claims["aud"], format!("{}/oauth2/v1/device/authorize", server.url));
}

#[tokio::test]
async fn a_device_is_polled_for() {
    let asked = r#"{"device_code":"dc-1","user_code":"ABCD-EFGH","verification_uri":"https://x.okta.com/activate",
        "verification_uri_complete":"https://x.okta.com/activate?user_code=ABCDEFGH","expires_in":600,"interval":1}"#;
    let no = |code: &str| refused("400 Bad Request", code, "words", &[]);
    let server = Scripted::play(vec![
        ok(&[JSON], asked),
        no("authorization_pending"),
        answer("503 Service Unavailable", &[], b"<html>"),
        no("slow_down"),
        given("Bearer", ""),
        no("access_denied"),
        no("expired_token"),
    ])
    .await;
    let (channel, app) = (channel(&server), app(Authentication::None));
    let endpoint = endpoint(&channel, &app, Binding::Auto);
    let device = endpoint.device_authorization(&scopes()).await.expect("a code");
    assert_eq!(
        (device.user_code.as_str(), device.interval),
        ("ABCD-EFGH", Duration::from_secs(1))
    );
    assert!(
        device
            .verification_uri_complete
            .as_ref()
            .is_some_and(|uri| uri.ends_with("ABCDEFGH"))
    );
    let begun = Instant::now();
    endpoint.device_token(&device).await.expect("tokens");
    // RFC 8628 §3.5: slow_down adds five seconds.
    assert!(
        begun.elapsed() >= Duration::from_secs(1 + 2 + 5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(server.targets()[0], "/oauth2/v1/device/authorize");
    let polled = form(&server.bodies()[1]);
    assert_eq!(polled["grant_type"], "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!(
        (polled["device_code"].as_str(), polled["client_id"].as_str()),
        ("dc-1", "0oaService")
    );
    for code in ["access_denied", "expired_token"] {
        let refusal = endpoint.device_token(&device).await.expect_err(code);
        assert!(
            matches!(&refusal, Error::Login { code: told, .. } if told == code),
            "{refusal:?}"
        );
    }
}

#[tokio::test]
async fn answers_that_are_none() {
    for (answered, part) in [
        (ok(&[], "<html>"), "not what OAuth 2.0 has"),
        (ok(&[JSON], r#"{"access_token":"at-1"}"#), "not what OAuth 2.0 has"),
        (given("N_A", ""), "does not know"),
        (given("DPoP", ""), "DPoP"),
        (answer("302 Found", &["Location: https://elsewhere"], b""), "Domain"),
        (answer("404 Not Found", &[], b"<html>"), "Domain"),
        (answer("401 Unauthorized", &[], b""), "OAuthClientId"),
        (
            refused("400 Bad Request", "invalid_scope", "One or more scopes", &[]),
            "Okta API Scopes",
        ),
    ] {
        let (_, tokens) = play(vec![answered], &service(), Binding::Never).await;
        let message = tokens.expect_err(part).to_string();
        assert!(message.contains(part), "{part}: {message}");
        assert!(!message.contains("at-1"), "{message}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let config = Config::new(format!("http://{closed}"), Credential::ApiToken(Secret::new("unused")));
    let (channel, app) = (Channel::open(&config).expect("a channel"), service());
    let gone = endpoint(&channel, &app, Binding::Auto).client_credentials(&[]).await;
    assert!(matches!(gone, Err(Error::Unreachable { .. })), "{gone:?}");
}

fn client(server: &Scripted, tokens: &[&str], key: Option<Arc<ProofKey>>) -> Arc<Client> {
    let mut config = Config::new(&server.url, Credential::StandIn(StandIn::new(tokens, key)));
    config.backoff = Duration::from_millis(4);
    Client::new(config).expect("a client")
}

fn users() -> Request {
    Request {
        query: vec![("search".into(), "status pr".into())],
        limit: Some(200),
        ..Request::new("/api/v1/users")
    }
}

#[tokio::test]
async fn every_try_and_page_has_a_proof_of_its_own() {
    let next = "Link: <https://elsewhere.okta.com/api/v1/users?after=c1&limit=200>; rel=\"next\"";
    let server = Scripted::play(vec![
        answer("503 Service Unavailable", &[], b""),
        refused("401 Unauthorized", "use_dpop_nonce", "", &["dpop-nonce: n1"]),
        ok(&[next, "dpop-nonce: n2"], "[1]"),
        ok(&[], "[2]"),
    ])
    .await;
    let key = Arc::new(ProofKey::generate().expect("a key"));
    let client = client(&server, &["at-1"], Some(key));
    let first = client.get(users()).await.expect("a page");
    let second = client.get(first.next.expect("a next page")).await.expect("a page");
    assert_eq!((&first.body[..], &second.body[..]), (&b"[1]"[..], &b"[2]"[..]));
    assert_eq!(server.headers("authorization"), ["DPoP at-1"; 4]);
    let proofs: Vec<Value> = server.headers("dpop").iter().map(|jwt| proof(jwt)).collect();
    let ath = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"at-1"));
    for claims in &proofs {
        assert_eq!((&claims["htm"], &claims["ath"]), (&json!("GET"), &json!(ath)));
        assert_eq!(claims["htu"], format!("{}/api/v1/users", server.url));
    }
    let nonces: Vec<&Value> = proofs.iter().map(|claims| &claims["nonce"]).collect();
    assert_eq!(nonces, [&Value::Null, &Value::Null, &json!("n1"), &json!("n2")]);
    let mut ids: Vec<&str> = proofs.iter().filter_map(|claims| claims["jti"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    // The nonce's refusal is no failed try: the third request is the first's only retry.
    assert_eq!(server.headers("x-okta-retry-count"), ["", "1", "1", ""]);
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_page_asked_again() {
    let challenge = r#"WWW-Authenticate: Bearer error="invalid_token", error_description="The token has expired.""#;
    let no = || answer("401 Unauthorized", &[challenge], b"");
    let server = Scripted::play(vec![no(), ok(&[], "[1]")]).await;
    let page = client(&server, &["at-1", "at-2"], None)
        .get(users())
        .await
        .expect("a page");
    assert_eq!(&page.body[..], b"[1]");
    assert_eq!(server.headers("authorization"), ["Bearer at-1", "Bearer at-2"]);
    assert_eq!(server.targets()[0], server.targets()[1]);

    let server = Scripted::play(vec![no()]).await;
    let refusal = client(&server, &["at-1", "at-2", "at-3"], None).get(users()).await;
    let refusal = refusal.expect_err("refused twice");
    assert!(matches!(&refusal, Error::Unauthorized { .. }), "{refusal:?}");
    assert!(refusal.to_string().contains("The token has expired."), "{refusal}");
    assert_eq!(server.asked().len(), 2);

    let server = Scripted::play(vec![no()]).await;
    let refusal = client(&server, &["at-1"], None)
        .get(users())
        .await
        .expect_err("no other");
    assert!(matches!(&refusal, Error::Login { .. }), "{refusal:?}");
    assert!(refusal.to_string().contains("The token has expired."), "{refusal}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn three_reasons_for_a_refusal_are_three_messages() {
    let scope = r#"WWW-Authenticate: Bearer realm="x", scope="okta.users.read", error="insufficient_scope""#;
    let mut messages = Vec::new();
    for (answered, part) in [
        (
            answer("403 Forbidden", &[scope], b""),
            "lacks the scope okta.users.read",
        ),
        (error("403 Forbidden", "E0000006", &[]), "admin role"),
        (error("401 Unauthorized", "E0000015", &[]), "does not have the feature"),
    ] {
        let server = Scripted::play(vec![answered]).await;
        let refusal = client(&server, &["at-1", "at-2"], None)
            .get(users())
            .await
            .expect_err(part);
        let message = refusal.of_table("Users", "okta.users.read").to_string();
        assert_eq!(server.asked().len(), 1, "no new token helps");
        for wanted in [part, "Users", "okta.users.read"] {
            assert!(message.contains(wanted), "{wanted}: {message}");
        }
        messages.push(message);
    }
    assert!(messages[0] != messages[1] && messages[1] != messages[2]);
}

#[tokio::test]
async fn a_proof_of_the_wrong_time_is_made_again_by_the_servers() {
    let late = refused(
        "400 Bad Request",
        "invalid_dpop_proof",
        "iat",
        &["Date: Sun, 06 Nov 1994 08:49:37 GMT"],
    );
    let server = Scripted::play(vec![late, ok(&["Date: Sun, 06 Nov 1994 08:49:37 GMT"], "[1]")]).await;
    let key = Arc::new(ProofKey::generate().expect("a key"));
    client(&server, &["at-1"], Some(key))
        .get(users())
        .await
        .expect("a page");
    let iat = proof(&server.headers("dpop")[1])["iat"].as_u64().expect("a number");
    assert!(iat.abs_diff(784_111_777) <= 2, "{iat}");
}

#[test]
fn headers_are_sensitive_and_do_not_print() {
    let server = Config::new("https://x.okta.com", Credential::ApiToken(Secret::new("00abc")));
    let channel = Channel::open(&server).expect("a channel");
    let url = Url::parse("https://x.okta.com/api/v1/users").expect("a url");
    let headers = server.credential.prove(None, &url, &channel).expect("headers");
    let value = &headers[AUTHORIZATION];
    assert_eq!(value.to_str().expect("ascii"), "SSWS 00abc");
    assert!(value.is_sensitive() && !format!("{headers:?}").contains("00abc"));
}

#[test]
fn a_token_with_a_line_break_is_a_configuration_error() {
    let error = Credential::ApiToken(Secret::new("00a\nbc"))
        .check()
        .expect_err("no header");
    assert!(matches!(error, Error::Configuration { .. }));
    assert!(!error.to_string().contains("00a"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A server that echoes all that it was sent, whatever it answers: no message and no Debug shows a secret.
    #[test]
    fn no_error_shows_a_secret(
        status in prop_oneof![Just(400u16), Just(401), Just(403), Just(404), Just(429), Just(500)],
        code in prop_oneof![Just("invalid_client"), Just("invalid_grant"), Just("use_dpop_nonce"), Just("x")],
        secret in "[A-Za-z0-9_-]{12,40}",
        token in "[A-Za-z0-9_-]{12,40}",
        binding in prop_oneof![Just(Binding::Always), Just(Binding::Never)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (shown, sent) = runtime.block_on(async {
            let description = format!("You sent client_secret={secret} and refresh_token={token}, assertion eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
            let server = Scripted::play(vec![refused(&format!("{status} Words"), code, &description, &[])]).await;
            let mut config = Config::new(&server.url, Credential::StandIn(StandIn::new(&[&token], None)));
            config.max_retries = 0;
            let channel = Channel::open(&config).expect("a channel");
            let app = app(Authentication::Secret(Secret::new(secret.as_str())));
            let endpoint = endpoint(&channel, &app, binding);
            let error = endpoint.refresh(&Secret::new(token.as_str())).await.expect_err("refused");
            let page = Client::new(config).expect("a client").get(users()).await.expect_err("refused");
            let shown = format!("{error}\n{error:?}\n{page}\n{:?}\n{app:?}", page);
            (shown, server.bodies())
        });
        prop_assert!(!sent.is_empty());
        // The page's request knows the token only: the client secret is not its own.
        let of_login = shown.lines().take(2).collect::<String>();
        prop_assert!(!of_login.contains(&secret), "{shown}");
        prop_assert!(!shown.contains(&token), "{shown}");
        prop_assert!(!of_login.contains("eyJ"), "{shown}");
    }
}
