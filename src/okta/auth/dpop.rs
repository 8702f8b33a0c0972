//! DPoP (RFC 9449): the key that tokens are bound to, and a new proof for every request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::Header;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::Decode;
use reqwest::Url;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sec1::EcPrivateKey;
use serde::Serialize;
use zeroize::Zeroizing;

use super::clock::Clock;
use super::jwt;
use super::key::{Curve, PrivateKey, jwk};
use crate::okta::process::PerProcess;
use crate::okta::{Error, Secret};

/// `DPoP=`: whether tokens are bound to a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Binding {
    /// When the token endpoint answers `invalid_dpop_proof`.
    #[default]
    Auto,
    Always,
    Never,
}

/// A key pair made for one principal (ES256); the refresh token is useless without it.
pub struct ProofKey {
    private: PrivateKey,
    /// The newest nonce of each server, by [`Target::server`]. A forked child begins with none: the lock may be held.
    nonces: PerProcess<Mutex<HashMap<String, String>>>,
}

/// What a proof is for.
pub(crate) struct Target<'a> {
    pub method: &'a str,
    pub url: &'a Url,
    /// The access token that goes with it; None at the token endpoint.
    pub token: Option<&'a Secret>,
}

#[derive(Serialize)]
struct Claims<'a> {
    jti: String,
    htm: &'a str,
    htu: String,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

impl Target<'_> {
    /// Authorization and resource servers give nonces of their own (RFC 9449 §9), also where one host is both.
    fn server(&self) -> String {
        let role = if self.token.is_some() { "resource" } else { "token" };
        format!("{role} {}", self.url.origin().ascii_serialization())
    }
}

impl ProofKey {
    pub fn generate() -> Result<ProofKey, Error> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| jwt::no_randomness())?;
        // ring hands out the pair as a document only; what is read here is what ring has just written.
        let parsed = PrivateKeyInfoRef::from_der(document.as_ref())
            .ok()
            .and_then(|info| EcPrivateKey::from_der(info.private_key.as_bytes()).ok())
            .and_then(|key| Some(PrivateKey::ec(Curve::P256, key.private_key, key.public_key?)));
        match parsed {
            Some(Ok(private)) => Ok(ProofKey::new(private)),
            _ => Err(Error::Configuration {
                message: "No DPoP key could be made".into(),
            }),
        }
    }

    fn new(private: PrivateKey) -> ProofKey {
        ProofKey {
            private,
            nonces: PerProcess::new(),
        }
    }

    /// The private JWK, for the settings file.
    pub fn to_jwk(&self) -> Secret {
        let number = self
            .private
            .with_number(|number| Zeroizing::new(URL_SAFE_NO_PAD.encode(number)))
            .unwrap_or_default();
        let mut public = self.private.public().to_jwk().to_string();
        public.truncate(public.len().saturating_sub(1));
        Secret::new(format!("{public},\"d\":\"{}\"}}", *number))
    }

    pub fn from_jwk(jwk: &str) -> Result<ProofKey, Error> {
        let refused = |why: String| Error::Configuration {
            message: format!("The DPoP key that was kept with the tokens cannot be used: {why}. Log in again"),
        };
        let (private, _) = jwk::read(jwk.as_bytes(), None).map_err(refused)?;
        Ok(ProofKey::new(private))
    }

    /// RFC 9449 §4.2. Every request needs a new one, also every page and every retry: a jti may be used once.
    pub(crate) fn proof(&self, target: &Target, clock: &Clock) -> Result<HeaderValue, Error> {
        let mut htu = target.url.clone();
        htu.set_query(None);
        htu.set_fragment(None);
        let hash = |token: &Secret| URL_SAFE_NO_PAD.encode(digest(&SHA256, token.expose().as_bytes()));
        let claims = Claims {
            jti: jwt::unique()?,
            htm: target.method,
            htu: htu.into(),
            iat: clock.seconds(),
            ath: target.token.map(hash),
            nonce: self.nonce(target),
        };
        let mut header = Header::new(self.private.algorithm());
        header.typ = Some("dpop+jwt".into());
        header.jwk = serde_json::from_value(self.private.public().to_jwk()).ok();
        let proof = self.private.sign(&header, &claims)?;
        let mut value = HeaderValue::from_str(&proof).map_err(|_| Error::Configuration {
            message: "The DPoP proof is no header".into(),
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Keeps the nonce of an answer; true where it is one that the last proof did not have.
    pub(crate) fn learn(&self, target: &Target, headers: &HeaderMap) -> bool {
        let nonce = headers.get("dpop-nonce").and_then(|value| value.to_str().ok());
        nonce.is_some_and(|nonce| {
            let before = self.nonces().insert(target.server(), nonce.to_owned());
            before.as_deref() != Some(nonce)
        })
    }

    fn nonce(&self, target: &Target) -> Option<String> {
        self.nonces().get(&target.server()).cloned()
    }

    fn nonces(&self) -> MutexGuard<'_, HashMap<String, String>> {
        let nonces = self.nonces.get_or_init(Mutex::default);
        nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// RFC 7638 thumbprint of the public half (`jkt`); no secret.
    pub fn thumbprint(&self) -> String {
        self.private.public().thumbprint()
    }
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey(***)")
    }
}
