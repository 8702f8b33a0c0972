//! A private key made ready for signing, with its public half as JWKs write it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};
use pkcs8::der::{Decode, Encode};
use ring::digest::{SHA256, digest};
use sec1::EcPrivateKey;
use serde::Serialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{OFFERED, Refused};
use crate::okta::Error;
use crate::okta::auth::jwt;

/// Its bytes are overwritten when it goes, and never printed ([`EncodingKey`]).
#[derive(Debug)]
pub struct PrivateKey {
    algorithm: Algorithm,
    encoding: EncodingKey,
    public: Public,
}

/// The public half; each member in base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Public {
    Rsa { n: String, e: String },
    Ec { curve: Curve, x: String, y: String },
}

/// The curves that ring signs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    P256,
    P384,
}

/// Name in a JWK, OID (SEC 2), bytes of a coordinate, algorithm (RFC 7518 §3.4).
const CURVES: &[(Curve, &str, &str, usize, Algorithm)] = &[
    (Curve::P256, "P-256", "1.2.840.10045.3.1.7", 32, Algorithm::ES256),
    (Curve::P384, "P-384", "1.3.132.0.34", 48, Algorithm::ES384),
];

impl Curve {
    fn row(self) -> &'static (Curve, &'static str, &'static str, usize, Algorithm) {
        // Every variant has its row; the first stands in for none.
        CURVES.iter().find(|row| row.0 == self).unwrap_or(&CURVES[0])
    }

    pub fn named(name: &str) -> Option<Curve> {
        CURVES.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    pub fn of_oid(oid: pkcs8::ObjectIdentifier) -> Result<Curve, Refused> {
        let oid = oid.to_string();
        let row = CURVES.iter().find(|row| row.2 == oid);
        row.map(|row| row.0)
            .ok_or_else(|| format!("its elliptic curve (OID {oid}) is none that can be used here: {OFFERED}"))
    }

    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Bytes of a coordinate and of the private number.
    pub fn size(self) -> usize {
        self.row().3
    }

    pub fn algorithm(self) -> Algorithm {
        self.row().4
    }

    fn oid(self) -> Result<pkcs8::ObjectIdentifier, Refused> {
        pkcs8::ObjectIdentifier::new(self.row().2).map_err(|error| error.to_string())
    }
}

impl PrivateKey {
    /// From its numbers; RS256 where `algorithm` does not say otherwise.
    pub fn rsa(key: &RsaPrivateKeyRef<'_>, algorithm: Option<Algorithm>) -> Result<PrivateKey, Refused> {
        let modulus = key.modulus.as_bytes();
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        if bits < 2048 {
            return Err(format!(
                "it is an RSA key of {bits} bits; Okta and this driver take 2048 bits and more"
            ));
        }
        if bits > 4096 {
            return Err(format!(
                "it is an RSA key of {bits} bits; this driver takes up to 4096 bits"
            ));
        }
        if key.other_prime_infos.is_some() {
            return Err("it is an RSA key of more than two primes; give one of two".into());
        }
        let document = key.to_pkcs1_der().map_err(|error| error.to_string())?;
        PrivateKey {
            algorithm: algorithm.unwrap_or(Algorithm::RS256),
            encoding: EncodingKey::from_rsa_der(document.as_bytes()),
            public: Public::Rsa {
                n: URL_SAFE_NO_PAD.encode(modulus),
                e: URL_SAFE_NO_PAD.encode(key.public_exponent.as_bytes()),
            },
        }
        .tried()
    }

    /// From the private number and the uncompressed public point (`04 x y`).
    pub fn ec(curve: Curve, private: &[u8], point: &[u8]) -> Result<PrivateKey, Refused> {
        let size = curve.size();
        if point.len() != 1 + 2 * size || point.first() != Some(&4) || private.len() != size {
            return Err(format!(
                "its numbers have not the length of {}, or its public point is compressed",
                curve.name()
            ));
        }
        let sec1 = EcPrivateKey {
            private_key: private,
            parameters: Some(curve.oid()?.into()),
            public_key: Some(point),
        };
        let document = Zeroizing::new(sec1.to_der().map_err(|error| error.to_string())?);
        let (x, y) = point[1..].split_at(size);
        PrivateKey {
            algorithm: curve.algorithm(),
            encoding: EncodingKey::from_ec_der(&document),
            public: Public::Ec {
                curve,
                x: URL_SAFE_NO_PAD.encode(x),
                y: URL_SAFE_NO_PAD.encode(y),
            },
        }
        .tried()
    }

    /// ring checks whether the numbers belong together when it signs.
    fn tried(self) -> Result<PrivateKey, Refused> {
        let signed = jwt::sign(&Header::new(self.algorithm), &json!({}), &self.encoding);
        signed.map(|_| ()).map_err(|error| match error.kind() {
            ErrorKind::InvalidRsaKey(why) => format!("its numbers do not make an RSA key ({why})"),
            _ => "its numbers do not belong together".to_owned(),
        })?;
        Ok(self)
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub fn public(&self) -> &Public {
        &self.public
    }

    pub fn sign<T: Serialize>(&self, header: &Header, claims: &T) -> Result<String, Error> {
        jwt::sign(header, claims, &self.encoding).map_err(|_| Error::Configuration {
            message: "The private key did not sign".into(),
        })
    }

    /// The private number of an EC key.
    pub fn with_number<T>(&self, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let sec1 = EcPrivateKey::from_der(self.encoding.as_bytes()).ok()?;
        Some(read(sec1.private_key))
    }
}

impl Public {
    /// The public JWK.
    pub fn to_jwk(&self) -> Value {
        match self {
            Public::Rsa { n, e } => json!({ "kty": "RSA", "n": n, "e": e }),
            Public::Ec { curve, x, y } => json!({ "kty": "EC", "crv": curve.name(), "x": x, "y": y }),
        }
    }

    /// RFC 7638 §3: the required members in the order of their names, nothing else.
    pub fn thumbprint(&self) -> String {
        let members = match self {
            Public::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Public::Ec { curve, x, y } => {
                format!(r#"{{"crv":"{}","kty":"EC","x":"{x}","y":"{y}"}}"#, curve.name())
            }
        };
        URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes()))
    }
}
