//! Public facts of the server: its metadata (RFC 8414, OpenID Connect Discovery) and its keys.

use serde_json::{Value, json};

use super::AuthorizationServer;
use super::client::{AUTHORIZATION_CODE, CLIENT_CREDENTIALS, DEVICE_CODE, OPENID_SCOPES, REFRESH_TOKEN};
use super::jwt::ALGORITHMS;

pub(super) const GRANT_TYPES: [&str; 4] = [AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, DEVICE_CODE];

const AUTH_METHODS: [&str; 4] = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

const CLAIMS: [&str; 17] = [
    "iss",
    "ver",
    "sub",
    "aud",
    "iat",
    "exp",
    "jti",
    "auth_time",
    "amr",
    "idp",
    "nonce",
    "name",
    "preferred_username",
    "given_name",
    "family_name",
    "email",
    "email_verified",
];

/// The members that oauth.yaml shows for the org authorization server, with the values that this one lives up to.
pub(super) fn metadata(base: &str) -> Value {
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oauth2/v1/authorize"),
        "token_endpoint": format!("{base}/oauth2/v1/token"),
        "userinfo_endpoint": format!("{base}/oauth2/v1/userinfo"),
        "jwks_uri": format!("{base}/oauth2/v1/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANT_TYPES,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": OPENID_SCOPES,
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "claims_supported": CLAIMS,
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": format!("{base}/oauth2/v1/introspect"),
        "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint": format!("{base}/oauth2/v1/revoke"),
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "end_session_endpoint": format!("{base}/oauth2/v1/logout"),
        "request_parameter_supported": false,
        "device_authorization_endpoint": format!("{base}/oauth2/v1/device/authorize"),
        "dpop_signing_alg_values_supported": ALGORITHMS,
    })
}

pub(super) fn keys(server: &AuthorizationServer) -> Value {
    json!({ "keys": [server.signer.jwk()] })
}
