//! DPoP proofs (RFC 9449 §4.3) as Okta checks them.

use super::jwt::{ALGORITHMS, Jwt, PublicKey, Unverified, sha256};
use super::refusal::{
    DPOP_ALREADY_USED, DPOP_INVALID_ATH, DPOP_INVALID_HTM, DPOP_INVALID_HTU, DPOP_INVALID_IAT, DPOP_INVALID_JTI,
    DPOP_INVALID_JWT, DPOP_INVALID_SIGNATURE, DPOP_INVALID_SIGNATURE_ALGORITHM, DPOP_INVALID_TYPE,
    DPOP_ISSUED_IN_FUTURE, DPOP_MULTIPLE_HEADERS, DPOP_TOO_OLD, INVALID_DPOP_PROOF, Refusal, USE_DPOP_NONCE,
};
use super::{AuthorizationServer, Call};

pub(super) const HEADER: &str = "dpop";
pub(super) const NONCE_HEADER: &str = "dpop-nonce";

/// Seconds that a proof stays usable.
const OLDEST: i64 = 300;

/// Members of a JWK that make it a private or a secret one.
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// The thumbprint of the key that the request proves to hold; none without a proof. `token` is the access token that comes with it.
pub(super) fn check(
    server: &AuthorizationServer,
    call: &Call,
    token: Option<&str>,
    nonce_required: bool,
) -> Result<Option<String>, Refusal> {
    let mut headers = call.headers.get_all(HEADER).iter();
    let Some(proof) = headers.next() else {
        return Ok(None);
    };
    if headers.next().is_some() {
        return Err(DPOP_MULTIPLE_HEADERS);
    }
    let jwt = proof.to_str().ok().and_then(Jwt::parse).ok_or(DPOP_INVALID_JWT)?;
    if jwt.header("typ") != Some("dpop+jwt") {
        return Err(DPOP_INVALID_TYPE);
    }
    if !ALGORITHMS.contains(&jwt.header("alg").unwrap_or_default()) {
        return Err(DPOP_INVALID_SIGNATURE_ALGORITHM);
    }
    let jwk = jwt.header.get("jwk").ok_or(INVALID_DPOP_PROOF)?;
    if PRIVATE.iter().any(|member| jwk.get(member).is_some()) {
        return Err(INVALID_DPOP_PROOF);
    }
    let key = PublicKey::from_jwk(jwk).ok_or(INVALID_DPOP_PROOF)?;
    jwt.signed_by(&key).map_err(|fault| match fault {
        Unverified::Algorithm => DPOP_INVALID_SIGNATURE_ALGORITHM,
        Unverified::Signature => DPOP_INVALID_SIGNATURE,
    })?;
    if jwt.claim("htm") != Some(call.method.as_str()) {
        return Err(DPOP_INVALID_HTM);
    }
    // Scheme, host and path; a query or a fragment in it is refused.
    if jwt.claim("htu") != Some(&call.url()) {
        return Err(DPOP_INVALID_HTU);
    }
    let (seconds, issued) = (call.now.div_euclid(1000), jwt.seconds("iat").ok_or(DPOP_INVALID_IAT)?);
    if issued > seconds {
        return Err(DPOP_ISSUED_IN_FUTURE);
    }
    if issued < seconds - OLDEST {
        return Err(DPOP_TOO_OLD);
    }
    let id = jwt.claim("jti").filter(|id| !id.is_empty()).ok_or(DPOP_INVALID_JTI)?;
    let until = (issued + OLDEST) * 1000;
    if !server
        .replays
        .first(format!("dpop {} {id}", key.thumbprint()), until, call.now)
    {
        return Err(DPOP_ALREADY_USED);
    }
    let nonce = jwt.claim("nonce");
    if nonce_required && !nonce.is_some_and(|nonce| server.nonces.accepts(nonce, call.now)) {
        return Err(USE_DPOP_NONCE);
    }
    if let Some(token) = token
        && jwt.claim("ath") != Some(&sha256(token))
    {
        return Err(DPOP_INVALID_ATH);
    }
    server.ledger().counts.proofs += 1;
    Ok(Some(key.thumbprint().to_owned()))
}
