//! Okta's OAuth endpoints: one method per grant, with the app's authentication, DPoP and its nonce.

use std::sync::Arc;
use std::time::Duration;

use super::app::App;
use super::dpop::{Binding, ProofKey};
use crate::okta::channel::Channel;
use crate::okta::{Error, Secret};

/// The org authorization server as one app sees it.
pub struct Endpoint<'a> {
    pub channel: &'a Channel,
    pub app: &'a App,
    pub binding: Binding,
    /// The key of the tokens that exist already; made when the server first asks for one.
    pub key: Option<Arc<ProofKey>>,
}

/// What the token endpoint gave.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access_token: Secret,
    /// The key that they are bound to (`token_type` DPoP).
    pub key: Option<Arc<ProofKey>>,
    pub expires_in: Duration,
    /// Not in every answer: where it is absent, the old one stays valid.
    pub refresh_token: Option<Secret>,
    /// Empty where the server does not say.
    pub scopes: Vec<String>,
}

/// Where to send the person's browser, and what must be kept until it comes back.
#[derive(Debug, Clone)]
pub struct Authorization {
    pub url: String,
    /// `state`: what comes back must be equal.
    pub state: Secret,
    /// PKCE's verifier.
    pub verifier: Secret,
}

/// RFC 8628 §3.2.
#[derive(Debug, Clone)]
pub struct DeviceAuthorization {
    pub device_code: Secret,
    pub user_code: String,
    pub verification_uri: String,
    pub verification_uri_complete: Option<String>,
    pub expires_in: Duration,
    pub interval: Duration,
}

impl Endpoint<'_> {
    /// The authorize URL with PKCE (S256) and a new state. Sends nothing.
    pub fn authorization(&self, redirect_uri: &str, scopes: &[String]) -> Result<Authorization, Error> {
        todo!()
    }

    pub async fn authorization_code(
        &self,
        code: &Secret,
        redirect_uri: &str,
        verifier: &Secret,
    ) -> Result<Tokens, Error> {
        todo!()
    }

    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens, Error> {
        todo!()
    }

    pub async fn client_credentials(&self, scopes: &[String]) -> Result<Tokens, Error> {
        todo!()
    }

    pub async fn device_authorization(&self, scopes: &[String]) -> Result<DeviceAuthorization, Error> {
        todo!()
    }

    /// Polls until the person has decided.
    pub async fn device_token(&self, device: &DeviceAuthorization) -> Result<Tokens, Error> {
        todo!()
    }
}
