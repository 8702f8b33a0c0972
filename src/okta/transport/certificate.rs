//! Certificates: `SSLServerCert`'s value, a certificate's SHA-256 fingerprint, and what one says about itself.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::extensions::GeneralName;

use crate::okta::Error;

/// What `SSLServerCert` means.
#[derive(Debug, PartialEq, Eq)]
pub enum ServerCert {
    /// Certificates to trust beside the platform's.
    Trusted(Vec<CertificateDer<'static>>),
    /// The certificate that the server must show.
    Pinned(Fingerprint),
}

/// What other drivers take for "do not verify".
const ANY: &[&str] = &["*", "any", "all", "none", "ignore", "insecure", "false", "true"];

impl ServerCert {
    /// A PEM file, its text, or a SHA-256 fingerprint: hex digits with or without colons, or base64.
    pub fn parse(given: &str) -> Result<ServerCert, Error> {
        let given = given.trim();
        if ANY.iter().any(|word| word.eq_ignore_ascii_case(given)) {
            return Err(bad(&format!(
                "={given} is refused, because certificates are always verified"
            )));
        }
        if given.contains("-----BEGIN") {
            return Ok(ServerCert::Trusted(certificates(given.as_bytes())?));
        }
        match Fingerprint::parse(given) {
            Some(Ok(fingerprint)) => return Ok(ServerCert::Pinned(fingerprint)),
            Some(Err(length)) => {
                return Err(bad(&format!(
                    " is a fingerprint of {length} bytes (SHA-1 has 20, MD5 16), which can be forged: a SHA-256 one has 32"
                )));
            }
            None => {}
        }
        let pem = std::fs::read(given).map_err(|error| bad(&format!("={given:?} cannot be read ({error})")))?;
        Ok(ServerCert::Trusted(certificates(&pem)?))
    }
}

fn bad(why: &str) -> Error {
    Error::Configuration {
        message: format!(
            "SSLServerCert{why}: give a PEM file (or its text) with the certificates to trust beside the system's, or the SHA-256 \
             fingerprint of the server's own certificate"
        ),
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad(&format!(" is not well-formed PEM ({error})")))?;
    if found.is_empty() {
        Err(bad(" holds no certificate"))
    } else {
        Ok(found)
    }
}

/// SHA-256 of a certificate's DER, as `openssl x509 -fingerprint -sha256` shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub fn of(certificate: &CertificateDer<'_>) -> Fingerprint {
        let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Fingerprint(bytes)
    }

    /// None for what is no fingerprint; how many bytes it has for one of another kind.
    fn parse(text: &str) -> Option<Result<Fingerprint, usize>> {
        let text = ["SHA256 Fingerprint=", "SHA256:", "SHA-256:"]
            .iter()
            .find_map(|prefix| {
                let head = text.get(..prefix.len())?;
                head.eq_ignore_ascii_case(prefix).then(|| text[prefix.len()..].trim())
            })
            .unwrap_or(text);
        let bytes = hex(text).or_else(|| {
            // Padded only: 43 characters without `=` may be a file's name.
            let padded = text.len() == 44 && text.ends_with('=');
            padded.then(|| STANDARD.decode(text).ok())?
        })?;
        let length = bytes.len();
        match length {
            32 => Some(bytes.try_into().map(Fingerprint).map_err(|_| length)),
            16 | 20 => Some(Err(length)),
            _ => None,
        }
    }
}

/// Pairs of hex digits, with `:` or a space between them or nothing.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.chars().filter(|letter| !matches!(letter, ':' | ' ')).collect();
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| {
            let pair = &digits[at..at + 2];
            let sign = pair.starts_with(['+', '-']);
            (!sign).then(|| u8::from_str_radix(pair, 16).ok())?
        })
        .collect()
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a certificate says about itself.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub fingerprint: Fingerprint,
    /// Who is said to have signed it, as X.509 names them; empty where it cannot be read.
    pub issuer: String,
    /// The last second of its life, since the epoch.
    pub not_after: Option<i64>,
    /// Its issuer is its own subject.
    pub self_signed: bool,
    /// The hosts that it is for (RFC 6125 §6.4: subjectAltName alone counts).
    pub names: Vec<String>,
}

impl Certificate {
    pub fn read(der: &CertificateDer<'_>) -> Certificate {
        let mut certificate = Certificate {
            fingerprint: Fingerprint::of(der),
            issuer: String::new(),
            not_after: None,
            self_signed: false,
            names: Vec::new(),
        };
        if let Ok((_, read)) = x509_parser::parse_x509_certificate(der) {
            certificate.issuer = read.issuer().to_string();
            certificate.not_after = Some(read.validity().not_after.timestamp());
            certificate.self_signed = read.issuer() == read.subject();
            if let Ok(Some(names)) = read.subject_alternative_name() {
                certificate.names = names.value.general_names.iter().filter_map(host).collect();
            }
        }
        certificate
    }
}

fn host(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '' | openssl dgst -sha256`, and `-binary | base64` of it.
    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const BASE64: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const COLONS: &str =
        "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55";

    #[test]
    fn a_fingerprint_in_every_form() {
        let empty = Fingerprint::of(&CertificateDer::from(Vec::new()));
        for text in [
            HEX.to_owned(),
            HEX.to_uppercase(),
            COLONS.to_owned(),
            COLONS.to_lowercase().replace(':', " "),
            BASE64.to_owned(),
            format!("SHA256 Fingerprint={COLONS}"),
            format!("sha256 fingerprint={COLONS}"),
            format!(" SHA256:{BASE64} "),
        ] {
            assert_eq!(ServerCert::parse(&text), Ok(ServerCert::Pinned(empty)), "{text}");
        }
        assert_eq!(empty.to_string(), COLONS);
    }

    #[test]
    fn what_is_none_of_the_three_is_refused_with_what_to_give() {
        let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        for (given, part) in [
            ("*", "always verified"),
            (" ANY ", "always verified"),
            ("none", "always verified"),
            (sha1, "20 bytes"),
            ("d41d8cd98f00b204e9800998ecf8427e", "16 bytes"),
            ("/nonexistent/ca.pem", "cannot be read"),
            (&HEX[1..], "cannot be read"),
            ("-----BEGIN NOTHING-----\n-----END NOTHING-----\n", "no certificate"),
            ("-----BEGIN CERTIFICATE-----\n?", "well-formed"),
        ] {
            let error = ServerCert::parse(given).expect_err(given);
            let Error::Configuration { message } = &error else {
                panic!("{error:?}")
            };
            for part in ["SSLServerCert", part, "SHA-256 fingerprint"] {
                assert!(message.contains(part), "{given}: {message}");
            }
        }
    }
}
