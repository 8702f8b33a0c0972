//! DPoP (RFC 9449): the key that tokens are bound to, and a new proof for every request.

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
pub struct ProofKey {}

impl ProofKey {
    pub fn generate() -> Result<ProofKey, Error> {
        todo!()
    }

    /// The private JWK, for the settings file.
    pub fn to_jwk(&self) -> Secret {
        todo!()
    }

    pub fn from_jwk(jwk: &str) -> Result<ProofKey, Error> {
        todo!()
    }
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey(***)")
    }
}
