//! JSON Web Tokens as ring sees them: taken apart, verified by a JWK, signed by the org's own key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RsaParameters, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::{Map, Value, json};

/// Algorithms whose signatures can be verified. Okta's list has ES512 too, which ring does not know.
pub(super) const ALGORITHMS: [&str; 5] = ["RS256", "RS384", "RS512", "ES256", "ES384"];

pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unbase64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(super) fn sha256(text: &str) -> String {
    base64url(digest(&SHA256, text.as_bytes()))
}

/// A signed token, not yet verified.
pub(super) struct Jwt<'t> {
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Jwt<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| serde_json::from_slice::<Map<String, Value>>(&unbase64url(part)?).ok();
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: unbase64url(signature)?,
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    pub(super) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A time claim, seconds since 1970.
    pub(super) fn seconds(&self, name: &str) -> Option<i64> {
        self.claims.get(name)?.as_i64()
    }

    /// Whether the key made the signature, by the algorithm that the header names.
    pub(super) fn signed_by(&self, key: &PublicKey) -> Result<(), Unverified> {
        let algorithm = self.header("alg").unwrap_or_default();
        key.verify(algorithm, self.signed.as_bytes(), &self.signature)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unverified {
    /// No algorithm that this kind of key has.
    Algorithm,
    Signature,
}

/// The public half of a key, from a JWK (RFC 7517, 7518).
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    pub(super) kid: Option<String>,
    material: Material,
    thumbprint: String,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// The uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
}

impl PublicKey {
    pub(super) fn from_jwk(jwk: &Value) -> Option<Self> {
        let member = |name: &str| jwk.get(name)?.as_str();
        let bytes = |name: &str| unbase64url(member(name)?);
        // RFC 7638: the required members alone, in the order of their names.
        let (material, canonical) = match (member("kty")?, member("crv")) {
            ("RSA", _) => {
                let material = Material::Rsa {
                    n: bytes("n")?,
                    e: bytes("e")?,
                };
                (material, json!({ "e": member("e")?, "kty": "RSA", "n": member("n")? }))
            }
            ("EC", Some(curve @ ("P-256" | "P-384"))) => {
                let point = [vec![4], bytes("x")?, bytes("y")?].concat();
                let material = if curve == "P-256" {
                    Material::P256(point)
                } else {
                    Material::P384(point)
                };
                let canonical = json!({ "crv": curve, "kty": "EC", "x": member("x")?, "y": member("y")? });
                (material, canonical)
            }
            _ => return None,
        };
        Some(Self {
            kid: member("kid").map(str::to_owned),
            material,
            thumbprint: sha256(&canonical.to_string()),
        })
    }

    /// RFC 7638, with SHA-256: the `jkt` of what is bound to this key.
    pub(super) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    fn verify(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> Result<(), Unverified> {
        let verified = match (&self.material, algorithm) {
            (Material::Rsa { n, e }, "RS256") => rsa(n, e, &RSA_PKCS1_2048_8192_SHA256, message, signature),
            (Material::Rsa { n, e }, "RS384") => rsa(n, e, &RSA_PKCS1_2048_8192_SHA384, message, signature),
            (Material::Rsa { n, e }, "RS512") => rsa(n, e, &RSA_PKCS1_2048_8192_SHA512, message, signature),
            (Material::P256(point), "ES256") => ecdsa(point, &ECDSA_P256_SHA256_FIXED, message, signature),
            (Material::P384(point), "ES384") => ecdsa(point, &ECDSA_P384_SHA384_FIXED, message, signature),
            _ => return Err(Unverified::Algorithm),
        };
        if verified { Ok(()) } else { Err(Unverified::Signature) }
    }
}

fn rsa(n: &[u8], e: &[u8], parameters: &RsaParameters, message: &[u8], signature: &[u8]) -> bool {
    PublicKeyComponents { n, e }
        .verify(parameters, message, signature)
        .is_ok()
}

fn ecdsa(point: &[u8], algorithm: &'static dyn VerificationAlgorithm, message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(algorithm, point)
        .verify(message, signature)
        .is_ok()
}

/// The key that the org signs its own tokens with. It is no secret: this server guards nothing.
const SIGNING_KEY: &[u8] = include_bytes!("signing_key.p8");

/// Signs access and ID tokens (RS256, as Okta does).
pub(super) struct Signer {
    key: KeyPair,
    jwk: Value,
    public: PublicKey,
    random: SystemRandom,
}

impl Signer {
    pub(super) fn new() -> Option<Self> {
        let key = KeyPair::from_pkcs8(SIGNING_KEY).ok()?;
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(key.public());
        let mut jwk = json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "e": base64url(e), "n": base64url(n) });
        let kid = PublicKey::from_jwk(&jwk)?.thumbprint;
        jwk["kid"] = kid.into();
        Some(Self {
            key,
            public: PublicKey::from_jwk(&jwk)?,
            jwk,
            random: SystemRandom::new(),
        })
    }

    /// As `/oauth2/v1/keys` shows it.
    pub(super) fn jwk(&self) -> &Value {
        &self.jwk
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "kid": self.public.kid, "alg": "RS256" });
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        // It fails only if the buffer has another length than the modulus.
        let _ = self
            .key
            .sign(&RSA_PKCS1_SHA256, &self.random, signed.as_bytes(), &mut signature);
        format!("{signed}.{}", base64url(signature))
    }

    /// The claims of a token that this org signed.
    pub(super) fn claims(&self, token: &str) -> Option<Map<String, Value>> {
        let jwt = Jwt::parse(token)?;
        jwt.signed_by(&self.public).ok()?;
        Some(jwt.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638_section_3_1() {
        let jwk = json!({
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29"
        });
        let key = PublicKey::from_jwk(&jwk).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn the_signature_of_rfc_7515_appendix_a_3_is_verified_and_a_changed_one_is_not() {
        let jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        });
        let key = PublicKey::from_jwk(&jwk).unwrap();
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let jwt = Jwt::parse(token).unwrap();
        assert_eq!(
            (jwt.claim("iss"), jwt.seconds("exp")),
            (Some("joe"), Some(1_300_819_380))
        );
        assert_eq!(jwt.signed_by(&key), Ok(()));
        let changed = token.replace(".DtEh", ".EtEh");
        assert_eq!(
            Jwt::parse(&changed).unwrap().signed_by(&key),
            Err(Unverified::Signature)
        );
        let signer = Signer::new().unwrap();
        assert_eq!(jwt.signed_by(&signer.public), Err(Unverified::Algorithm));
    }
}
