//! Private keys as PEM text (RFC 7468), also where a connection string has put it on one line.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::private::PrivateKey;
use super::{Refused, der};
use crate::okta::Secret;

/// The first private key in `bytes`; certificates and parameters around it are passed over.
pub fn read(bytes: &[u8], password: Option<&Secret>) -> Result<PrivateKey, Refused> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text, so it is no PEM".to_owned())?;
    let mut labels = Vec::new();
    let mut rest = text;
    while let Some((_, opened)) = rest.split_once("-----BEGIN ") {
        let (label, body) = opened
            .split_once("-----")
            .ok_or_else(|| "the line -----BEGIN is cut".to_owned())?;
        let (body, after) = body
            .split_once(&format!("-----END {label}-----"))
            .ok_or_else(|| format!("the line -----END {label}----- is missing"))?;
        rest = after;
        match label {
            "RSA PRIVATE KEY" => return der::pkcs1(&decode(body, label)?),
            "EC PRIVATE KEY" => return der::sec1(&decode(body, label)?, None),
            "PRIVATE KEY" => return der::pkcs8(&decode(body, label)?),
            "ENCRYPTED PRIVATE KEY" => return der::encrypted_pkcs8(&decode(body, label)?, password),
            other => labels.push(other),
        }
    }
    Err(match labels.as_slice() {
        [] => "there is no -----BEGIN … PRIVATE KEY----- in it".into(),
        ["OPENSSH PRIVATE KEY", ..] => {
            "it is in OpenSSH's own form; convert it with: ssh-keygen -p -m PKCS8 -f KEY".into()
        }
        labels => format!("it holds {} and no private key", labels.join(", ")),
    })
}

/// The document between the two lines. Line breaks may have become blanks or a written `\n`.
fn decode(body: &str, label: &str) -> Result<Zeroizing<Vec<u8>>, Refused> {
    if body.contains("Proc-Type:") || body.contains("DEK-Info:") {
        // RFC 1421's encryption is one round of MD5: not worth reading, and easily replaced.
        return Err(
            "it is encrypted in the old way (Proc-Type: 4,ENCRYPTED); convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc -in \
             KEY.pem -out NEW.pem"
                .into(),
        );
    }
    let body = Zeroizing::new(body.replace("\\r", "").replace("\\n", ""));
    let packed: Zeroizing<String> = Zeroizing::new(body.chars().filter(|letter| !letter.is_whitespace()).collect());
    STANDARD
        .decode(packed.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| format!("what stands between the lines of {label} is no base64"))
}
