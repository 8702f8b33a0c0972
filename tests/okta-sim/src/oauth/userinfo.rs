//! `/oauth2/v1/userinfo`: the person behind an access token, as far as its scopes tell.

use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::json;

use super::refusal::{ACCESS_TOKEN_INSUFFICIENT_SCOPES, ACCESS_TOKEN_INVALID};
use super::resource::Scheme;
use super::{AuthorizationServer, Call};
use crate::draft::Draft;
use crate::org::Org;
use crate::org::user::User;

pub(super) fn answer(server: &AuthorizationServer, org: &Org, call: &Call) -> Draft {
    let header = call.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, token)) = header.and_then(Scheme::of) else {
        return server.challenge(call, Scheme::Bearer, "openid", &ACCESS_TOKEN_INVALID);
    };
    let grant = match server.presented(call, scheme, token) {
        Ok(grant) => grant,
        Err(refusal) => return server.challenge(call, scheme, "openid", &refusal),
    };
    let Some(k) = grant.user.filter(|_| grant.has("openid")) else {
        return server.challenge(call, scheme, "openid", &ACCESS_TOKEN_INSUFFICIENT_SCOPES);
    };
    let user = User::new(org, k);
    let mut body = json!({ "sub": user.id() });
    if grant.has("profile") {
        body["name"] = format!("{} {}", user.first_name().0, user.last_name().0).into();
        body["given_name"] = user.first_name().0.into();
        body["family_name"] = user.last_name().0.into();
        body["preferred_username"] = user.login().into();
        body["updated_at"] = user.last_updated().div_euclid(1000).into();
    }
    if grant.has("email") {
        body["email"] = user.login().into();
        body["email_verified"] = true.into();
    }
    Draft::json(StatusCode::OK, body.to_string().into_bytes())
}
