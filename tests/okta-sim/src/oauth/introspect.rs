//! `POST /oauth2/v1/introspect`: what a token of the asking app is worth.

use http::StatusCode;
use serde_json::{Value, json};

use super::authentication::authenticate;
use super::ledger::Grant;
use super::refusal::{REQUEST_MISSING_TOKEN, Refusal};
use super::{AuthorizationServer, Call};
use crate::draft::Draft;
use crate::org::Org;
use crate::org::user::User;

pub(super) fn answer(server: &AuthorizationServer, org: &Org, call: &Call) -> Result<Draft, Refusal> {
    let form = call.form()?;
    let client = authenticate(server, call, &form)?;
    let token = form.get("token").ok_or(REQUEST_MISSING_TOKEN)?;
    let ledger = server.ledger();
    let access = ledger
        .access_token(token)
        .filter(|access| !access.revoked && call.now < access.expires && access.grant.client_id == client.client_id);
    let refresh = ledger
        .refresh_token(token, call.now)
        .filter(|(grant, _)| grant.client_id == client.client_id);
    let body = match (access, refresh) {
        (Some(access), _) => {
            let mut body = facts(org, &access.grant, access.expires);
            body["iat"] = access.issued.div_euclid(1000).into();
            body["aud"] = call.base.into();
            body["iss"] = call.base.into();
            if let Some(claims) = server.signer.claims(token) {
                body["jti"] = claims["jti"].clone();
            }
            if let Some(k) = access.grant.user {
                body["uid"] = User::new(org, k).id().into();
            }
            body
        }
        (None, Some((grant, expires))) => facts(org, grant, expires),
        (None, None) => json!({ "active": false }),
    };
    Ok(Draft::json(StatusCode::OK, body.to_string().into_bytes()))
}

fn facts(org: &Org, grant: &Grant, expires: i64) -> Value {
    let mut body = json!({
        "active": true,
        "token_type": if grant.jkt.is_some() { "DPoP" } else { "Bearer" },
        "scope": grant.scopes.join(" "),
        "client_id": grant.client_id,
        "exp": expires.div_euclid(1000),
        "sub": grant.client_id,
    });
    if let Some(k) = grant.user {
        let login = User::new(org, k).login();
        body["username"] = login.as_str().into();
        body["sub"] = login.into();
    }
    body
}
