//! Private keys in PKCS#12 archives (`.pfx`, `.p12`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use zeroize::Zeroizing;

use super::private::PrivateKey;
use super::{Refused, der};
use crate::okta::Secret;

/// The one private key of the archive; a keyword's text is base64 of it.
pub fn read(bytes: &[u8], password: Option<&Secret>) -> Result<PrivateKey, Refused> {
    let decoded = in_base64(bytes);
    let bytes = decoded.as_ref().map_or(bytes, |decoded| decoded.as_slice());
    let password = password.map_or("", Secret::expose);
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| refusal(&error, password))?;
    match archive.keys.as_slice() {
        [only] => der::pkcs8(only.key.as_der()),
        [] => Err("the PFX archive holds no private key; export the certificate with its private key".into()),
        several => Err(format!(
            "the PFX archive holds {} private keys; export one alone",
            several.len()
        )),
    }
}

/// An ASN.1 document begins with 0x30, base64 of it with `M`.
fn in_base64(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if bytes.first() == Some(&0x30) {
        return None;
    }
    let packed: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    STANDARD
        .decode(Zeroizing::new(packed).as_slice())
        .ok()
        .map(Zeroizing::new)
}

/// The archive's MAC is over all of it: where it is wrong, the password is (or someone changed the file).
fn refusal(error: &Error, password: &str) -> Refused {
    match error {
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError if password.is_empty() => {
            "the PFX archive has a password: give it in OAuthJWTCertPassword".into()
        }
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError => {
            "OAuthJWTCertPassword is not the PFX archive's password".into()
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm | Error::InvalidParameters => format!(
            "the PFX archive is encrypted in a way that is not supported ({error}); convert it with: openssl pkcs12 -legacy -in \
             OLD.pfx -nodes -nocerts -out KEY.pem"
        ),
        error => format!("it is no whole PFX archive, nor a key in PEM, JWK or DER ({error})"),
    }
}
