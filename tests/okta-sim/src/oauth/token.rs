//! `POST /oauth2/v1/token`: one function a grant type.

use serde_json::{Value, json};

use super::authentication::authenticate;
use super::client::{
    AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Client, DEVICE_CODE, Method, OPENID_SCOPES, REFRESH_TOKEN,
};
use super::form::Form;
use super::jwt::sha256;
use super::ledger::{Decision, Grant};
use super::metadata::GRANT_TYPES;
use super::refusal::{
    self, ACCESS_DENIED, AUTHORIZATION_PENDING, DPOP_MISSING_HEADER, EXPIRED_TOKEN, INVALID_AUTHORIZATION_CODE,
    INVALID_DEVICE_CODE, MISMATCHED_CLIENT, MISMATCHED_REDIRECT_URI, MISSING_SCOPES, NO_MATCHING_SCOPE,
    NO_ORG_SCOPES_GRANTED, OPENID_NOT_ALLOWED_CLIENT_CREDS, PKCE_MISSING_CHALLENGE_VERIFIER_PRESENT,
    PKCE_MISSING_VERIFIER, PKCE_VERIFICATION_FAILED, Refusal, SLOW_DOWN, UNSUPPORTED_AUTH_METHOD_CLIENT_CREDS,
};
use super::{AuthorizationServer, Call, proof};
use crate::draft::Draft;
use crate::options::DpopNonce;
use crate::org::Org;
use http::StatusCode;

/// Milliseconds that RFC 8628 §3.5 adds to the interval of a client that polls too often.
const SLOWER: i64 = 5000;

/// The answer of the endpoint, with a nonce for whoever came with a proof.
pub(super) fn answer(server: &AuthorizationServer, org: &Org, call: &Call) -> Draft {
    let mut draft = match exchange(server, org, call) {
        Ok(tokens) => Draft::json(StatusCode::OK, tokens.to_string().into_bytes()),
        Err(refusal) => {
            let mut ledger = server.ledger();
            *ledger.counts.refused.entry(refusal.error.to_owned()).or_default() += 1;
            refusal.draft()
        }
    };
    if call.headers.contains_key(proof::HEADER) {
        server.offer_nonce(&mut draft, call.now);
    }
    draft
}

/// The order follows the recorded traffic: a nonce is asked for after the client is known, which is why its assertion is used up.
fn exchange(server: &AuthorizationServer, org: &Org, call: &Call) -> Result<Value, Refusal> {
    let form = call.form()?;
    let client = authenticate(server, call, &form)?;
    let grant_type = form
        .get("grant_type")
        .ok_or_else(|| refusal::missing_grant_type(&client.grant_types))?;
    if !GRANT_TYPES.contains(&grant_type) {
        return Err(refusal::unsupported_grant_type(&client.grant_types));
    }
    if grant_type == CLIENT_CREDENTIALS && !client.takes(Method::PrivateKeyJwt) {
        return Err(UNSUPPORTED_AUTH_METHOD_CLIENT_CREDS);
    }
    if !client.allows(grant_type) {
        return Err(refusal::unauthorized_client(&client.grant_types));
    }
    let nonce_required = server.settings.dpop_nonce != DpopNonce::Never;
    let jkt = proof::check(server, call, None, nonce_required)?;
    if client.dpop_bound_access_tokens && jkt.is_none() {
        return Err(DPOP_MISSING_HEADER);
    }
    match grant_type {
        AUTHORIZATION_CODE => authorization_code(server, org, call, &form, client, jkt),
        REFRESH_TOKEN => refresh_token(server, org, call, &form, client, jkt),
        CLIENT_CREDENTIALS => client_credentials(server, org, call, &form, client, jkt),
        _ => device_code(server, org, call, &form, client, jkt),
    }
}

fn authorization_code(
    server: &AuthorizationServer,
    org: &Org,
    call: &Call,
    form: &Form,
    client: &Client,
    jkt: Option<String>,
) -> Result<Value, Refusal> {
    let code = form.get("code").ok_or_else(|| refusal::missing_parameter("code"))?;
    let mut ledger = server.ledger();
    let known = ledger.codes.get(code).ok_or(INVALID_AUTHORIZATION_CODE)?;
    if call.now >= known.expires {
        return Err(INVALID_AUTHORIZATION_CODE);
    }
    if known.grant.client_id != client.client_id {
        return Err(MISMATCHED_CLIENT);
    }
    if form.get("redirect_uri") != Some(&known.redirect_uri) {
        return Err(MISMATCHED_REDIRECT_URI);
    }
    match (&known.challenge, form.get("code_verifier")) {
        (Some(challenge), Some(verifier)) if sha256(verifier) == *challenge => {}
        (Some(_), Some(_)) => return Err(PKCE_VERIFICATION_FAILED),
        (Some(_), None) => return Err(PKCE_MISSING_VERIFIER),
        (None, Some(_)) => return Err(PKCE_MISSING_CHALLENGE_VERIFIER_PRESENT),
        (None, None) => {}
    }
    let mut grant = ledger.codes.remove(code).ok_or(INVALID_AUTHORIZATION_CODE)?.grant;
    drop(ledger);
    grant.jkt = jkt;
    Ok(server.first_tokens(org, call, client, grant, AUTHORIZATION_CODE))
}

fn refresh_token(
    server: &AuthorizationServer,
    org: &Org,
    call: &Call,
    form: &Form,
    client: &Client,
    jkt: Option<String>,
) -> Result<Value, Refusal> {
    let token = form
        .get("refresh_token")
        .ok_or_else(|| refusal::missing_parameter("refresh_token"))?;
    let asked = form.words("scope");
    let next = server.random_text();
    let redeemed = {
        let mut ledger = server.ledger();
        if let Some((grant, _)) = ledger.refresh_token(token, call.now) {
            let denied: Vec<&str> = asked
                .iter()
                .map(String::as_str)
                .filter(|scope| !grant.has(scope))
                .collect();
            if !denied.is_empty() {
                return Err(refusal::refresh_scopes_denied(&denied.join(", ")));
            }
        }
        ledger.redeem(token, client, jkt.as_deref(), &next, call.now)?
    };
    let mut grant = redeemed.grant;
    grant.jkt = jkt;
    if !asked.is_empty() {
        grant.scopes = asked;
    }
    let mut tokens = server.access_token(org, call, grant, Some(redeemed.family), REFRESH_TOKEN);
    tokens["refresh_token"] = redeemed.refresh_token.into();
    Ok(tokens)
}

fn client_credentials(
    server: &AuthorizationServer,
    org: &Org,
    call: &Call,
    form: &Form,
    client: &Client,
    jkt: Option<String>,
) -> Result<Value, Refusal> {
    let asked = form.words("scope");
    if asked.is_empty() {
        return Err(MISSING_SCOPES);
    }
    if asked.iter().any(|scope| OPENID_SCOPES.contains(&scope.as_str())) {
        return Err(OPENID_NOT_ALLOWED_CLIENT_CREDS);
    }
    if let Some(own) = asked.iter().find(|scope| scope.ends_with(".self")) {
        return Err(refusal::illegal_scope(own));
    }
    let grant = Grant {
        client_id: client.client_id.clone(),
        scopes: granted(client, &asked)?,
        user: None,
        jkt,
        nonce: None,
    };
    Ok(server.access_token(org, call, grant, None, CLIENT_CREDENTIALS))
}

fn device_code(
    server: &AuthorizationServer,
    org: &Org,
    call: &Call,
    form: &Form,
    client: &Client,
    jkt: Option<String>,
) -> Result<Value, Refusal> {
    let code = form
        .get("device_code")
        .ok_or_else(|| refusal::missing_parameter("device_code"))?;
    let mut ledger = server.ledger();
    let device = ledger.devices.get_mut(code).ok_or(INVALID_DEVICE_CODE)?;
    if device.client_id != client.client_id {
        return Err(INVALID_DEVICE_CODE);
    }
    if call.now >= device.expires {
        return Err(EXPIRED_TOKEN);
    }
    let too_soon = device.polled.is_some_and(|last| call.now - last < device.interval);
    device.polled = Some(call.now);
    if too_soon {
        device.interval += SLOWER;
        return Err(SLOW_DOWN);
    }
    let user = match device.decision {
        Decision::Pending => return Err(AUTHORIZATION_PENDING),
        Decision::Denied => return Err(ACCESS_DENIED),
        Decision::Allowed(user) => user,
    };
    let device = ledger.devices.remove(code).ok_or(INVALID_DEVICE_CODE)?;
    drop(ledger);
    let grant = Grant {
        client_id: device.client_id,
        scopes: device.scopes,
        user: Some(user),
        jkt,
        nonce: None,
    };
    Ok(server.first_tokens(org, call, client, grant, DEVICE_CODE))
}

/// The scopes of a request that the app was granted; refused if there is none, or one that Okta does not know.
pub(super) fn granted(client: &Client, asked: &[String]) -> Result<Vec<String>, Refusal> {
    let known = |scope: &String| OPENID_SCOPES.contains(&scope.as_str()) || scope.starts_with("okta.");
    if !asked.iter().all(known) {
        return Err(NO_MATCHING_SCOPE);
    }
    let granted = client.granted(asked);
    if granted.is_empty() {
        return Err(NO_ORG_SCOPES_GRANTED);
    }
    Ok(granted)
}

impl AuthorizationServer {
    /// The tokens of a person who has just signed in.
    fn first_tokens(&self, org: &Org, call: &Call, client: &Client, grant: Grant, grant_type: &str) -> Value {
        if !grant.has("offline_access") || !client.allows(REFRESH_TOKEN) {
            return self.access_token(org, call, grant, None, grant_type);
        }
        let refresh_token = self.random_text();
        let family = self.ledger().begin_family(grant.clone(), &refresh_token, call.now);
        let mut tokens = self.access_token(org, call, grant, Some(family), grant_type);
        tokens["refresh_token"] = refresh_token.into();
        tokens
    }

    /// An access token, with an ID token beside it for who asked for `openid`.
    fn access_token(&self, org: &Org, call: &Call, grant: Grant, family: Option<usize>, grant_type: &str) -> Value {
        let lifetime = i64::from(self.settings.token_lifetime);
        let token = self.mint_access_token(org, call, &grant, lifetime);
        let mut answer = json!({
            "token_type": if grant.jkt.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": lifetime,
            "access_token": token,
            "scope": grant.scopes.join(" "),
        });
        if let Some(user) = grant.user.filter(|_| grant.has("openid")) {
            answer["id_token"] = self.mint_id_token(org, call, &grant, user, &token).into();
        }
        let mut ledger = self.ledger();
        *ledger.counts.by_grant.entry(grant_type.to_owned()).or_default() += 1;
        ledger.keep(&token, grant, family, call.now, call.now + lifetime * 1000);
        answer
    }
}
