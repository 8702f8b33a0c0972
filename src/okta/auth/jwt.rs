//! JSON Web Tokens signed by ring: the cryptography that the crate jsonwebtoken is given, and what is common to its uses here.

use std::sync::Once;

use ::signature::Signer;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result, new_error};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pkcs8::der::Decode;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{self, EcdsaKeyPair, RsaEncoding, RsaKeyPair};
use sec1::EcPrivateKey;
use serde::Serialize;

use crate::okta::Error;

/// Signs only: this driver verifies no token. Keys are PKCS#1 (RSA) and SEC1 (EC) documents.
static ON_RING: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: |_, _| Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Signs `claims` under `header`.
pub(super) fn sign<T: Serialize>(header: &Header, claims: &T, key: &EncodingKey) -> Result<String> {
    static INSTALLED: Once = Once::new();
    // Another one in this process could only be this library's own: a shared library's statics are its own.
    INSTALLED.call_once(|| {
        let _ = ON_RING.install_default();
    });
    jsonwebtoken::encode(header, claims, key)
}

/// A fresh `jti`, state or the like: 128 random bits.
pub(super) fn unique() -> std::result::Result<String, Error> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| no_randomness())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn no_randomness() -> Error {
    Error::Configuration {
        message: "this machine gives no random numbers, without which nothing can be signed".into(),
    }
}

struct OnRing {
    algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    let rsa = |padding: &'static dyn RsaEncoding| {
        let pair = RsaKeyPair::from_der(key.as_bytes())
            .map_err(|error| new_error(ErrorKind::InvalidRsaKey(error.to_string())))?;
        Ok(Pair::Rsa(pair, padding))
    };
    let ec = |curve| {
        let broken = || new_error(ErrorKind::InvalidEcdsaKey);
        let sec1 = EcPrivateKey::from_der(key.as_bytes()).map_err(|_| broken())?;
        let public = sec1.public_key.ok_or_else(broken)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(curve, sec1.private_key, public, &SystemRandom::new());
        pair.map(Pair::Ec).map_err(|_| broken())
    };
    let pair = match algorithm {
        Algorithm::RS256 => rsa(&signature::RSA_PKCS1_SHA256),
        Algorithm::RS384 => rsa(&signature::RSA_PKCS1_SHA384),
        Algorithm::RS512 => rsa(&signature::RSA_PKCS1_SHA512),
        Algorithm::ES256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    }?;
    Ok(Box::new(OnRing {
        algorithm: *algorithm,
        pair,
    }))
}

impl Signer<Vec<u8>> for OnRing {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, ::signature::Error> {
        let random = SystemRandom::new();
        let failed = |_| ::signature::Error::new();
        match &self.pair {
            Pair::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*padding, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::Ec(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
        }
    }
}

impl JwtSigner for OnRing {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
