//! Why an OAuth endpoint refuses, in Okta's own codes and words.
//!
//! Source: oauth2-error-codes.json of Okta's developer documentation, release 2026.08.1; the constants carry its internal names.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::json;

use crate::draft::Draft;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) description: Cow<'static, str>,
}

const fn refusal(status: StatusCode, error: &'static str, description: &'static str) -> Refusal {
    Refusal {
        status,
        error,
        description: Cow::Borrowed(description),
    }
}

const fn bad(error: &'static str, description: &'static str) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, error, description)
}

const fn client(description: &'static str) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, "invalid_client", description)
}

const fn proof(description: &'static str) -> Refusal {
    bad("invalid_dpop_proof", description)
}

const fn token(description: &'static str) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, "invalid_token", description)
}

fn naming(error: &'static str, description: String) -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        error,
        description: Cow::Owned(description),
    }
}

pub(super) const DUPLICATE_OAUTH_PARAMS: Refusal = bad(
    "invalid_request",
    "The request contained multiple parameters with the same name.",
);
pub(super) const CLIENT_CREDENTIALS_IN_QUERY: Refusal = bad(
    "invalid_request",
    "Client credentials cannot be supplied via query parameters.",
);
pub(super) const REQUEST_MISSING_TOKEN: Refusal = bad("invalid_request", "The 'token' parameter is required.");

pub(super) const INVALID_CLIENT: Refusal =
    client("Client authentication failed. Either the client or the client credentials are invalid.");
pub(super) const MISSING_CLIENT_CREDENTIALS: Refusal = client("No client credentials found.");
pub(super) const INVALID_BASIC_AUTH_CREDS: Refusal =
    client("Found Authentication header but was not valid client credentials.");
pub(super) const INVALID_CLIENT_ID: Refusal = client("Invalid value for 'client_id' parameter.");
pub(super) const INVALID_CLIENT_SECRET: Refusal =
    client("The client secret supplied for a confidential client is invalid.");
pub(super) const UNSUPPORTED_AUTH_METHOD_CLIENT_CREDS: Refusal = client(
    "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.",
);
pub(super) const MULTIPLE_CLIENT_CREDENTIALS: Refusal = refusal(
    StatusCode::UNAUTHORIZED,
    "invalid_request",
    "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, \
     credentials in the post body, or a client_assertion in the post body.",
);

pub(super) const CLIENT_ASSERTION_TYPE_INVALID: Refusal =
    bad("invalid_request", "The client_assertion_type is invalid.");
pub(super) const CLIENT_ASSERTION_INVALID_ISSUER: Refusal =
    client("The issuer claim for client_assertion is not a valid client_id.");
pub(super) const CLIENT_ASSERTION_INVALID_SUBJECT: Refusal =
    client("The subject claim for client_assertion is not a valid client_id.");
pub(super) const CLIENT_ASSERTION_INVALID_AUDIENCE: Refusal =
    client("The audience claim for client_assertion must be the endpoint invoked for the request.");
pub(super) const CLIENT_ASSERTION_EXPIRATION_REQUIRED: Refusal =
    client("The client_assertion must contain the 'exp' claim as seconds since epoch.");
pub(super) const CLIENT_ASSERTION_EXPIRED_TOKEN: Refusal = client("The client_assertion token is expired.");
pub(super) const CLIENT_ASSERTION_EXPIRES_TOO_FAR_IN_FUTURE: Refusal =
    client("The client_assertion token has an expiration too far into the future.");
pub(super) const CLIENT_ASSERTION_ISSUED_AT_IN_FUTURE: Refusal =
    client("The client_assertion token must be issued before the current time.");
pub(super) const CLIENT_ASSERTION_ALREADY_USED: Refusal = client("The client_assertion token has already been used.");
pub(super) const CLIENT_ASSERTION_INVALID_SIGNATURE: Refusal = client("The client_assertion signature is invalid.");
pub(super) const CLIENT_ASSERTION_INVALID_JWT: Refusal = client("The parsing of the client_assertion failed.");
pub(super) const CLIENT_ASSERTION_INVALID_KID: Refusal = client("The client_assertion JWT kid is invalid.");
pub(super) const CLIENT_ASSERTION_INVALID_SIGNATURE_ALGORITHM: Refusal =
    client("The client_assertion JWT signature algorithm is invalid.");
pub(super) const CLIENT_ASSERTION_JWKS_NOT_CONFIGURED: Refusal =
    client("The client does not have a JWKSet configured, but the client_assertion requires one.");

pub(super) const INVALID_STATE: Refusal = bad(
    "invalid_request",
    "The authentication request has an invalid 'state' parameter.",
);
pub(super) const ILLEGAL_REDIRECT_URI: Refusal = bad(
    "invalid_request",
    "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
);
pub(super) const ILLEGAL_POST_LOGOUT_REDIRECT_URI: Refusal = bad(
    "invalid_request",
    "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings.",
);
pub(super) const PKCE_MISSING_CHALLENGE: Refusal =
    bad("invalid_request", "PKCE code challenge is required by the application.");
pub(super) const PKCE_INVALID_CHALLENGE: Refusal =
    bad("invalid_request", "PKCE code challenge contains illegal characters.");
pub(super) const PKCE_UNSUPPORTED_METHOD: Refusal = bad(
    "invalid_request",
    "PKCE code challenge method is not supported. Valid values: [S256]",
);
pub(super) const PKCE_MISSING_VERIFIER: Refusal =
    bad("invalid_request", "PKCE code verifier is required by the application.");
pub(super) const PKCE_MISSING_CHALLENGE_VERIFIER_PRESENT: Refusal = bad(
    "invalid_request",
    "PKCE code challenge should be specified in the authorize request for code verification.",
);
pub(super) const PKCE_VERIFICATION_FAILED: Refusal = bad("invalid_grant", "PKCE verification failed.");
pub(super) const UNSUPPORTED_RESPONSE_TYPE: Refusal = bad(
    "unsupported_response_type",
    "The response type is not supported by the authorization server. Configured response types: [code].",
);
pub(super) const UNSUPPORTED_RESPONSE_MODE: Refusal = bad(
    "unsupported_response_mode",
    "The response mode is not supported by the authorization server. Valid response modes: [query].",
);
pub(super) const LOGIN_REQUIRED: Refusal = bad(
    "login_required",
    "The client specified not to prompt, but the user is not logged in.",
);

pub(super) const MISSING_SCOPES: Refusal = bad("invalid_scope", "No scopes were requested.");
pub(super) const NO_MATCHING_SCOPE: Refusal = bad(
    "invalid_scope",
    "One or more scopes are not configured for the authorization server resource.",
);
pub(super) const OPENID_SCOPE_REQUIRED: Refusal = bad(
    "invalid_scope",
    "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.",
);
pub(super) const OPENID_NOT_ALLOWED_CLIENT_CREDS: Refusal = bad(
    "invalid_scope",
    "Cannot request 'openid' scopes using client credentials.",
);
pub(super) const NO_ORG_SCOPES_GRANTED: Refusal =
    bad("consent_required", "You are not allowed any of the requested scopes.");

pub(super) const INVALID_AUTHORIZATION_CODE: Refusal =
    bad("invalid_grant", "The authorization code is invalid or has expired.");
pub(super) const MISMATCHED_CLIENT: Refusal = bad(
    "invalid_grant",
    "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the authorize request.",
);
pub(super) const MISMATCHED_REDIRECT_URI: Refusal = bad(
    "invalid_grant",
    "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
);
pub(super) const INVALID_REFRESH_TOKEN: Refusal = bad("invalid_grant", "The refresh token is invalid or expired.");
pub(super) const INVALID_DEVICE_CODE: Refusal = bad("invalid_grant", "The device code is invalid or has expired.");
pub(super) const EXPIRED_TOKEN: Refusal = bad("expired_token", "The device code has expired.");
pub(super) const AUTHORIZATION_PENDING: Refusal = bad(
    "authorization_pending",
    "The device authorization is pending. Please try again later.",
);
pub(super) const SLOW_DOWN: Refusal = bad("slow_down", "Slow down the polling frequency. Please try again later.");
/// 400 where RFC 8628 §3.5 has it answered by the token endpoint; Okta's list says 403.
pub(super) const ACCESS_DENIED: Refusal = bad(
    "access_denied",
    "The resource owner or authorization server denied the request.",
);

pub(super) const USE_DPOP_NONCE: Refusal = bad("use_dpop_nonce", "Authorization server requires nonce in DPoP proof.");
pub(super) const INVALID_DPOP_PROOF: Refusal = proof("The DPoP proof JWT is invalid.");
pub(super) const DPOP_MISSING_HEADER: Refusal = proof("The DPoP proof JWT header is missing.");
pub(super) const DPOP_MULTIPLE_HEADERS: Refusal = proof("Multiple DPoP proof JWT headers are not allowed.");
pub(super) const DPOP_INVALID_TYPE: Refusal = proof("'typ' must be 'dpop+jwt' in the DPoP proof JWT.");
pub(super) const DPOP_INVALID_SIGNATURE_ALGORITHM: Refusal =
    proof("The DPoP proof JWT signature algorithm is invalid.");
pub(super) const DPOP_INVALID_JWT: Refusal = proof("The DPoP proof JWT cannot be parsed.");
pub(super) const DPOP_INVALID_SIGNATURE: Refusal = proof("The DPoP proof JWT signature is invalid.");
pub(super) const DPOP_INVALID_HTM: Refusal = proof("'htm' claim in the DPoP proof JWT is invalid.");
pub(super) const DPOP_INVALID_HTU: Refusal = proof("'htu' claim in the DPoP proof JWT is invalid.");
pub(super) const DPOP_INVALID_IAT: Refusal = proof("'iat' claim in the DPoP proof JWT is invalid.");
pub(super) const DPOP_INVALID_JTI: Refusal = proof("'jti' claim in the DPoP proof JWT is invalid.");
pub(super) const DPOP_ISSUED_IN_FUTURE: Refusal = proof("The DPoP proof JWT is issued in the future.");
pub(super) const DPOP_TOO_OLD: Refusal = proof("The DPoP proof JWT is issued more than five minutes in the past.");
pub(super) const DPOP_ALREADY_USED: Refusal = proof("The DPoP proof JWT has already been used.");
pub(super) const DPOP_INVALID_ATH: Refusal =
    proof("'ath' claim in the DPoP proof does not match the presented access_token.");
pub(super) const DPOP_INVALID_BINDING: Refusal = proof("The access_token is not bound to the provided DPoP proof.");
pub(super) const DPOP_INVALID_REFRESH_BINDING: Refusal = proof("Invalid DPoP Public Key binding in refresh token");
pub(super) const DPOP_PROOF_REQUIRED_FOR_TOKEN: Refusal =
    bad("invalid_request", "The resource request requires a DPoP proof.");
pub(super) const DPOP_AUTHENTICATION_SCHEME_REQUIRED: Refusal = bad(
    "invalid_request",
    "The resource request must use the DPoP authentication scheme when using a DPoP bound token.",
);

pub(super) const ACCESS_TOKEN_INVALID: Refusal = token("The access token is invalid.");
pub(super) const ID_TOKEN_INVALID: Refusal = token("The id token is invalid.");
pub(super) const TOKEN_EXPIRED: Refusal = token("The token has expired.");
pub(super) const ACCESS_TOKEN_REVOKED: Refusal = token("The access token has been revoked.");
pub(super) const ACCESS_TOKEN_NOT_DPOP_BOUND: Refusal = token("The presented access_token is not DPoP bound.");
pub(super) const ACCESS_TOKEN_INSUFFICIENT_SCOPES: Refusal = refusal(
    StatusCode::FORBIDDEN,
    "insufficient_scope",
    "The access token provided does not contain the required scopes.",
);

pub(super) fn missing_parameter(name: &str) -> Refusal {
    naming(
        "invalid_request",
        format!("The required parameter '{name}' is missing."),
    )
}

pub(super) fn missing_grant_type(valid: &[String]) -> Refusal {
    let description = format!(
        "The token request must specify a 'grant_type'. Valid values: [{}]",
        valid.join(", ")
    );
    naming("invalid_request", description)
}

pub(super) fn unauthorized_client(configured: &[String]) -> Refusal {
    let description = format!(
        "The client is not authorized to use the provided grant type. Configured grant types: [{}].",
        configured.join(", ")
    );
    naming("unauthorized_client", description)
}

pub(super) fn unsupported_grant_type(configured: &[String]) -> Refusal {
    let description = format!(
        "The authorization grant type is not supported by the authorization server. Configured grant types: [{}].",
        configured.join(", ")
    );
    naming("unsupported_grant_type", description)
}

pub(super) fn illegal_scope(scope: &str) -> Refusal {
    naming(
        "invalid_scope",
        format!("The following scopes are not allowed for this request: [{scope}]."),
    )
}

pub(super) fn refresh_scopes_denied(denied: &str) -> Refusal {
    let description = format!(
        "Some of the scopes requested for the refresh request were not granted in the original authorize request. \
         Denied scopes: {denied}."
    );
    naming("access_denied", description)
}

pub(super) fn service_not_allowed(endpoint: &str) -> Refusal {
    let description =
        format!("Clients with 'application_type' of 'service' are not allowed to access the '{endpoint}' endpoint.");
    naming("invalid_request", description)
}

impl Refusal {
    /// As the token endpoint and its neighbours answer it.
    pub(super) fn draft(&self) -> Draft {
        let body = json!({ "error": self.error, "error_description": self.description });
        Draft::json(self.status, body.to_string().into_bytes())
    }
}
