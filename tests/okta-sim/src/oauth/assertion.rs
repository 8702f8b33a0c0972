//! `client_assertion` (private_key_jwt): which app signed it, and whether it is fit for this endpoint now.

use serde_json::Value;

use super::client::{Client, Clients, Method};
use super::jwt::{Jwt, PublicKey, Unverified};
use super::refusal::{
    CLIENT_ASSERTION_ALREADY_USED, CLIENT_ASSERTION_EXPIRATION_REQUIRED, CLIENT_ASSERTION_EXPIRED_TOKEN,
    CLIENT_ASSERTION_EXPIRES_TOO_FAR_IN_FUTURE, CLIENT_ASSERTION_INVALID_AUDIENCE, CLIENT_ASSERTION_INVALID_ISSUER,
    CLIENT_ASSERTION_INVALID_JWT, CLIENT_ASSERTION_INVALID_KID, CLIENT_ASSERTION_INVALID_SIGNATURE,
    CLIENT_ASSERTION_INVALID_SIGNATURE_ALGORITHM, CLIENT_ASSERTION_INVALID_SUBJECT,
    CLIENT_ASSERTION_ISSUED_AT_IN_FUTURE, CLIENT_ASSERTION_JWKS_NOT_CONFIGURED, INVALID_CLIENT, Refusal,
};
use super::replay::Replays;

/// `client_assertion_type` of RFC 7523.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Okta takes assertions that expire within the hour.
const FARTHEST: i64 = 3600;

/// The app that the assertion proves. `endpoint` is the URL that was called, `now` in milliseconds.
pub(super) fn check<'c>(
    clients: &'c Clients,
    replays: &Replays,
    assertion: &str,
    endpoint: &str,
    now: i64,
) -> Result<&'c Client, Refusal> {
    let jwt = Jwt::parse(assertion).ok_or(CLIENT_ASSERTION_INVALID_JWT)?;
    let issuer = jwt.claim("iss").unwrap_or_default();
    let client = clients.find(issuer).ok_or(CLIENT_ASSERTION_INVALID_ISSUER)?;
    if jwt.claim("sub") != Some(issuer) {
        return Err(CLIENT_ASSERTION_INVALID_SUBJECT);
    }
    if !client.takes(Method::PrivateKeyJwt) {
        return Err(INVALID_CLIENT);
    }
    jwt.signed_by(key(client, jwt.header("kid"))?)
        .map_err(|fault| match fault {
            Unverified::Algorithm => CLIENT_ASSERTION_INVALID_SIGNATURE_ALGORITHM,
            Unverified::Signature => CLIENT_ASSERTION_INVALID_SIGNATURE,
        })?;
    let for_us = match jwt.claims.get("aud") {
        Some(Value::String(one)) => one == endpoint,
        Some(Value::Array(several)) => several.iter().any(|one| one == endpoint),
        _ => false,
    };
    if !for_us {
        return Err(CLIENT_ASSERTION_INVALID_AUDIENCE);
    }
    let seconds = now.div_euclid(1000);
    let expires = jwt.seconds("exp").ok_or(CLIENT_ASSERTION_EXPIRATION_REQUIRED)?;
    if expires <= seconds {
        return Err(CLIENT_ASSERTION_EXPIRED_TOKEN);
    }
    if expires > seconds + FARTHEST {
        return Err(CLIENT_ASSERTION_EXPIRES_TOO_FAR_IN_FUTURE);
    }
    if jwt.seconds("iat").is_some_and(|issued| issued > seconds) {
        return Err(CLIENT_ASSERTION_ISSUED_AT_IN_FUTURE);
    }
    match jwt.claim("jti") {
        Some(id) if !replays.first(format!("{issuer} {id}"), expires * 1000, now) => Err(CLIENT_ASSERTION_ALREADY_USED),
        _ => Ok(client),
    }
}

/// The key that the `kid` names; without one the only key.
fn key<'c>(client: &'c Client, kid: Option<&str>) -> Result<&'c PublicKey, Refusal> {
    match (kid, client.keys.as_slice()) {
        (_, []) => Err(CLIENT_ASSERTION_JWKS_NOT_CONFIGURED),
        (None, [only]) => Ok(only),
        (None, _) => Err(CLIENT_ASSERTION_INVALID_KID),
        (Some(kid), keys) => keys
            .iter()
            .find(|key| key.kid.as_deref() == Some(kid))
            .ok_or(CLIENT_ASSERTION_INVALID_KID),
    }
}
