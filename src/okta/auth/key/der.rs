//! Private keys as DER documents: PKCS#8 (plain and encrypted), PKCS#1, SEC1.

use pkcs1::RsaPrivateKeyRef;
use pkcs8::der::Decode;
use pkcs8::pkcs5;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use sec1::EcPrivateKey;

use super::private::{Curve, PrivateKey};
use super::{OFFERED, Refused, pfx};
use crate::okta::Secret;

const CONVERT: &str = "convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY.pem -out NEW.pem";

/// RFC 3279 §2.3.5 `id-ecPublicKey`.
const EC: &str = "1.2.840.10045.2.1";
/// RFC 8017 Appendix C `id-RSASSA-PSS`.
const RSA_PSS: &str = "1.2.840.113549.1.1.10";

/// A document whose form nothing tells but its structure.
pub fn read(bytes: &[u8], password: Option<&Secret>) -> Result<PrivateKey, Refused> {
    if PrivateKeyInfoRef::from_der(bytes).is_ok() {
        pkcs8(bytes)
    } else if EncryptedPrivateKeyInfoRef::from_der(bytes).is_ok() {
        encrypted_pkcs8(bytes, password)
    } else if RsaPrivateKeyRef::from_der(bytes).is_ok() {
        pkcs1(bytes)
    } else if EcPrivateKey::from_der(bytes).is_ok() {
        sec1(bytes, None)
    } else {
        pfx::read(bytes, password)
    }
}

/// PKCS#8 `PrivateKeyInfo` (RFC 5958).
pub fn pkcs8(bytes: &[u8]) -> Result<PrivateKey, Refused> {
    let info = PrivateKeyInfoRef::from_der(bytes).map_err(|error| broken("PKCS#8", &error))?;
    let inner = info.private_key.as_bytes();
    if info.algorithm.oid == pkcs1::ALGORITHM_OID {
        return pkcs1(inner);
    }
    match info.algorithm.oid.to_string().as_str() {
        EC => {
            let curve = info.algorithm.parameters_oid().ok().map(Curve::of_oid).transpose()?;
            sec1(inner, curve)
        }
        RSA_PSS => Err(format!(
            "it is an RSA key for PSS only, which Okta does not take: {OFFERED}"
        )),
        other => Err(format!("it is a key of another kind (OID {other}): {OFFERED}")),
    }
}

/// PKCS#8 `EncryptedPrivateKeyInfo`.
pub fn encrypted_pkcs8(bytes: &[u8], password: Option<&Secret>) -> Result<PrivateKey, Refused> {
    // PKCS#12's ciphers (RFC 7292 Appendix C) are none that PKCS#5 has: the document does not even parse.
    let info = EncryptedPrivateKeyInfoRef::from_der(bytes).map_err(|error| {
        format!(
            "{}, or its encryption is not supported; {CONVERT}",
            broken("encrypted PKCS#8", &error)
        )
    })?;
    let password = password.filter(|password| !password.is_empty());
    let Some(password) = password else {
        return Err("it is encrypted: give its password in OAuthJWTCertPassword".into());
    };
    let wrong = || "OAuthJWTCertPassword is not its password".to_owned();
    let plain = match info.decrypt(password.expose()) {
        Ok(plain) => plain,
        // Padding that is wrong after decryption, or a document that is none: what a wrong key makes.
        Err(pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::DecryptFailed) | pkcs8::Error::Asn1(_)) => {
            return Err(wrong());
        }
        Err(error) => {
            return Err(format!("its encryption is not supported ({error}); {CONVERT}"));
        }
    };
    if PrivateKeyInfoRef::from_der(plain.as_bytes()).is_err() {
        return Err(wrong());
    }
    pkcs8(plain.as_bytes())
}

/// PKCS#1 `RSAPrivateKey` (RFC 8017 Appendix A.1.2).
pub fn pkcs1(bytes: &[u8]) -> Result<PrivateKey, Refused> {
    let key = RsaPrivateKeyRef::from_der(bytes).map_err(|error| broken("PKCS#1", &error))?;
    PrivateKey::rsa(&key, None)
}

/// SEC1 `ECPrivateKey` (RFC 5915); inside PKCS#8 the curve stands outside.
pub fn sec1(bytes: &[u8], curve: Option<Curve>) -> Result<PrivateKey, Refused> {
    let key = EcPrivateKey::from_der(bytes).map_err(|error| broken("SEC1", &error))?;
    let own = key.parameters.and_then(|parameters| parameters.named_curve());
    let curve = match (curve, own) {
        (Some(curve), _) => curve,
        (None, Some(oid)) => Curve::of_oid(oid)?,
        (None, None) => return Err("it does not name its elliptic curve".into()),
    };
    // ring does not compute the public half of a given key.
    let Some(point) = key.public_key else {
        return Err("it is an EC key without its public half; add it with: openssl ec -in KEY.pem -out NEW.pem".into());
    };
    PrivateKey::ec(curve, key.private_key, point)
}

fn broken(form: &str, error: &pkcs8::der::Error) -> Refused {
    format!("it is not a whole {form} document ({error})")
}
