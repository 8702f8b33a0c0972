//! The OAuth app that asks: its client id, and how it proves to be that client.

use super::key::SigningKey;
use crate::okta::Secret;

/// The app as it is registered in Okta.
#[derive(Debug, Clone)]
pub struct App {
    pub client_id: String,
    pub authentication: Authentication,
}

/// How the app proves itself at the token endpoint (oauth.yaml, `token_endpoint_auth_method`).
#[derive(Debug, Clone)]
pub enum Authentication {
    /// A public client: native app with PKCE, device flow.
    None,
    /// `client_secret_basic`; `client_secret_post` where the server refuses basic.
    Secret(Secret),
    /// `private_key_jwt`.
    PrivateKey(SigningKey),
}
