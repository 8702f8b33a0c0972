//! A service app's private key: read from PEM, JWK or PFX, and the algorithm it signs with.

mod der;
pub(super) mod jwk;
mod pem;
mod pfx;
mod private;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;

use crate::okta::{Error, Secret};
pub(super) use private::{Curve, PrivateKey};

/// A private key that signs assertions, with its `kid`.
#[derive(Debug, Clone)]
pub struct SigningKey {
    private: Arc<PrivateKey>,
    kid: Option<String>,
}

/// `OAuthJWTCertType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Told by the content.
    Auto,
    Pem,
    Jwk,
    Pfx,
}

impl SigningKey {
    /// From the bytes of a file, or of the keyword's own text. `source` names it in messages (a file's path, or the keyword).
    pub fn read(
        bytes: &[u8],
        source: &str,
        form: Form,
        password: Option<&Secret>,
        kid: Option<String>,
    ) -> Result<SigningKey, Error> {
        let read = match form.told_by(bytes) {
            Form::Jwk => jwk::read(bytes, kid.as_deref()),
            Form::Pem => pem::read(bytes, password).map(|key| (key, None)),
            Form::Pfx => pfx::read(bytes, password).map(|key| (key, None)),
            Form::Auto => der::read(bytes, password).map(|key| (key, None)),
        };
        let (private, own_kid) = read.map_err(|why| Error::Configuration {
            message: format!("The private key in {source} cannot be used: {why}"),
        })?;
        Ok(SigningKey {
            private: Arc::new(private),
            kid: kid.or(own_kid),
        })
    }

    /// RFC 7638 thumbprint of the public half: names the principal, is no secret.
    pub fn thumbprint(&self) -> String {
        self.private.public().thumbprint()
    }

    pub(super) fn sign<T: Serialize>(&self, claims: &T) -> Result<String, Error> {
        let mut header = Header::new(self.private.algorithm());
        header.kid.clone_from(&self.kid);
        self.private.sign(&header, claims)
    }
}

impl Form {
    /// Where the content does not tell, `Auto` stays: a DER document of some kind.
    fn told_by(self, bytes: &[u8]) -> Form {
        let text = bytes.trim_ascii_start();
        match self {
            Form::Auto if text.starts_with(b"{") => Form::Jwk,
            Form::Auto if contains(text, b"-----BEGIN ") => Form::Pem,
            told => told,
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Why a key was not taken; becomes the second half of a message that names where it stands.
type Refused = String;

/// What this driver signs with; the rest is refused in words, since ring has none of it.
const SIGNS: &[(&str, Algorithm)] = &[
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
];

const OFFERED: &str = "this driver signs with RS256, RS384, RS512, ES256 (P-256) and ES384 (P-384)";
