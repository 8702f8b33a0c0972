//! Okta's org authorization server: one file an endpoint or concern, and the routes to them.

mod assertion;
mod authentication;
mod authorize;
mod client;
mod device;
mod form;
mod introspect;
mod jwt;
mod ledger;
mod logout;
mod metadata;
mod mint;
mod nonce;
mod page;
mod person;
mod proof;
mod refusal;
mod replay;
mod resource;
mod revoke;
mod scope;
mod secrets;
mod token;
mod userinfo;

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::header::{HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use ring::rand::{SecureRandom, SystemRandom};

pub use ledger::TokenCounts;
pub(crate) use resource::{Denied, Scheme};

use crate::draft::Draft;
use crate::error::OktaError;
use crate::options::{DpopNonce, Options, SignIn};
use crate::org::Org;
use client::Clients;
use form::Form;
use jwt::Signer;
use ledger::Ledger;
use nonce::Nonces;
use refusal::Refusal;
use replay::Replays;

pub(crate) struct AuthorizationServer {
    clients: Clients,
    signer: Signer,
    nonces: Nonces,
    replays: Replays,
    ledger: Mutex<Ledger>,
    secrets: Mutex<secrets::Secrets>,
    random: SystemRandom,
    settings: Settings,
}

struct Settings {
    /// Seconds.
    token_lifetime: u32,
    device_interval: u32,
    device_lifetime: u32,
    dpop_nonce: DpopNonce,
    sign_in: SignIn,
}

/// One request, as far as the authorization server looks at it.
pub(crate) struct Call<'c> {
    pub(crate) method: &'c Method,
    pub(crate) path: &'c str,
    pub(crate) query: &'c str,
    pub(crate) headers: &'c HeaderMap,
    pub(crate) body: &'c str,
    /// Scheme and host.
    pub(crate) base: &'c str,
    /// Epoch milliseconds by the server's clock.
    pub(crate) now: i64,
}

impl Call<'_> {
    /// The address that was called, without a query.
    fn url(&self) -> String {
        format!("{}{}", self.base, self.path)
    }

    fn form(&self) -> Result<Form, Refusal> {
        Form::parse(self.body)
    }

    /// The form of a POST, else the query.
    fn parameters(&self) -> &str {
        if self.method == Method::POST {
            self.body
        } else {
            self.query
        }
    }
}

/// Whether a path belongs to the authorization server and the pages of its sign-in.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/oauth2/v1/") || path.starts_with("/.well-known/") || path == "/activate" || path == "/sign-in"
}

impl AuthorizationServer {
    /// Fails for a file of clients that cannot be used; says why.
    pub(crate) fn new(options: &Options) -> Result<Self, String> {
        let random = SystemRandom::new();
        let nonces = Nonces::new(&random, options.dpop_nonce_lifetime).ok_or("the system has no random numbers")?;
        Ok(Self {
            clients: Clients::read(options.oauth_clients.as_deref())?,
            signer: Signer::new().ok_or("the signing key cannot be read")?,
            nonces,
            replays: Replays::default(),
            ledger: Mutex::default(),
            secrets: Mutex::default(),
            random,
            settings: Settings {
                token_lifetime: options.token_lifetime,
                device_interval: options.device_interval,
                device_lifetime: options.device_lifetime,
                dpop_nonce: options.dpop_nonce,
                sign_in: options.sign_in,
            },
        })
    }

    /// Answers a call of an endpoint that [`owns`] names.
    pub(crate) fn answer(&self, org: &Org, call: &Call) -> Result<Draft, OktaError> {
        let draft = self.answered(org, call)?;
        secrets::note(&mut self.secrets(), call, &draft);
        Ok(draft)
    }

    fn answered(&self, org: &Org, call: &Call) -> Result<Draft, OktaError> {
        let said = |answer: Result<Draft, Refusal>| answer.unwrap_or_else(|refusal| refusal.draft());
        let fact = |value: serde_json::Value| Draft::json(StatusCode::OK, value.to_string().into_bytes());
        Ok(match (call.method.as_str(), call.path) {
            ("GET", "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server") => {
                fact(metadata::metadata(call.base))
            }
            ("GET", "/oauth2/v1/keys") => fact(metadata::keys(self)),
            ("GET" | "POST", "/oauth2/v1/authorize") => authorize::answer(self, org, call),
            ("POST", "/sign-in") => authorize::sign_in(self, org, call),
            ("POST", "/oauth2/v1/token") => token::answer(self, org, call),
            ("POST", "/oauth2/v1/device/authorize") => said(device::authorize(self, org, call)),
            ("GET", "/activate") => device::show(call),
            ("POST", "/activate") => device::activate(self, org, call),
            ("POST", "/oauth2/v1/revoke") => said(revoke::answer(self, call)),
            ("POST", "/oauth2/v1/introspect") => said(introspect::answer(self, org, call)),
            ("GET" | "POST", "/oauth2/v1/userinfo") => userinfo::answer(self, org, call),
            ("GET" | "POST", "/oauth2/v1/logout") => logout::answer(self, call),
            ("GET" | "POST", _) => return Err(OktaError::not_found(call.path, "Endpoint")),
            _ => return Err(OktaError::method_not_allowed()),
        })
    }

    /// What has been given out so far.
    pub(crate) fn counts(&self, now: i64) -> TokenCounts {
        self.ledger().counts(now)
    }

    /// What passed through here that no client may log: what it was called, and the secret.
    pub(crate) fn secrets(&self) -> MutexGuard<'_, secrets::Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every access token has expired.
    pub(crate) fn expire_all(&self, now: i64) {
        self.ledger().expire_all(now);
    }

    /// No token of any kind works any more, as after an admin has cleared them.
    pub(crate) fn revoke_all(&self) {
        self.ledger().revoke_all();
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // The system had random numbers when the server started.
        let _ = self.random.fill(&mut bytes);
        bytes
    }

    /// 43 letters, as Okta's codes and refresh tokens have.
    fn random_text(&self) -> String {
        jwt::base64url(self.random::<32>())
    }

    fn offer_nonce(&self, draft: &mut Draft, now: i64) {
        if let Ok(nonce) = HeaderValue::from_str(&self.nonces.current(now)) {
            draft.headers.insert(proof::NONCE_HEADER, nonce);
        }
    }
}
