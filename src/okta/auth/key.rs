//! A service app's private key: read from PEM, JWK or PFX, and the algorithm it signs with.

use crate::okta::{Error, Secret};

/// A private key that signs assertions, with its `kid`.
#[derive(Debug, Clone)]
pub struct SigningKey {}

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
        todo!()
    }

    /// RFC 7638 thumbprint of the public half: names the principal, is no secret.
    pub fn thumbprint(&self) -> String {
        todo!()
    }
}
