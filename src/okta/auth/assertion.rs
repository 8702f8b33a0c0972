//! The client assertion of `private_key_jwt` (RFC 7523, OpenID Connect Core §9).

use serde::Serialize;

use super::clock::Clock;
use super::jwt;
use super::key::SigningKey;
use crate::okta::{Error, Secret};

/// RFC 7523 §2.2.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Okta takes up to an hour; a stolen one should not live so long.
const LIFETIME: u64 = 300;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
}

/// Says once that the bearer is `client_id`, to the endpoint `audience`. A second use is refused as a replay.
pub(super) fn make(key: &SigningKey, client_id: &str, audience: &str, clock: &Clock) -> Result<Secret, Error> {
    let iat = clock.seconds();
    let claims = Claims {
        iss: client_id,
        sub: client_id,
        aud: audience,
        iat,
        exp: iat + LIFETIME,
        jti: jwt::unique()?,
    };
    key.sign(&claims).map(Secret::new)
}
