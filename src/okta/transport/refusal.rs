//! Why a server's certificate was not believed, told so that it can be mended.

use std::fmt;

use chrono::{DateTime, SecondsFormat};
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use super::certificate::{Certificate, Fingerprint};

/// The certificate that `host` showed, and what is wrong with it.
#[derive(Debug)]
pub struct Refusal {
    pub host: String,
    pub certificate: Certificate,
    pub reason: Reason,
}

#[derive(Debug)]
pub enum Reason {
    /// By the platform's store and `SSLServerCert`'s certificates.
    Rejected(rustls::Error),
    /// This fingerprint is wanted.
    OtherFingerprint(Fingerprint),
    /// This machine trusts nobody.
    NoStore,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use CertificateError as Wrong;
        let Refusal {
            host,
            certificate,
            reason,
        } = self;
        let seen = certificate.fingerprint;
        let rejected = match reason {
            Reason::OtherFingerprint(wanted) => {
                return write!(
                    f,
                    "its certificate is not the one that SSLServerCert names: the SHA-256 fingerprint shown is {seen}, wanted is \
                     {wanted}. Servers get new certificates now and then; ask whoever runs {host} which one is right, and change \
                     SSLServerCert only then"
                );
            }
            Reason::NoStore => {
                return write!(
                    f,
                    "this machine has no trusted certificates, so nobody can vouch for {host}: install ca-certificates"
                );
            }
            Reason::Rejected(rustls::Error::InvalidCertificate(rejected)) => rejected,
            Reason::Rejected(error) => return write!(f, "its certificate cannot be verified: {error}"),
        };
        match rejected {
            // A bad signature is that of another authority by the same name.
            Wrong::UnknownIssuer | Wrong::BadSignature => {
                let issuer = Issuer(certificate);
                write!(
                    f,
                    "nobody whom this machine trusts vouches for its certificate, which is {issuer}. Where a proxy or an own \
                     certificate authority stands between, name its PEM file in SSLServerCert (the fingerprint shown: {seen})"
                )
            }
            Wrong::NotValidForNameContext { .. } | Wrong::NotValidForName => {
                let names = match &certificate.names[..] {
                    [] => "no host".to_owned(),
                    names => names.join(", "),
                };
                write!(
                    f,
                    "its certificate is for {names}, not for {host}: give Domain as the certificate has it; if that is no host of \
                     your org, something else answers there"
                )
            }
            Wrong::ExpiredContext { time, not_after } => write!(
                f,
                "its certificate ended at {}, and this machine's clock shows {}: set the clock if it is wrong; otherwise whoever \
                 runs {host} must renew the certificate",
                utc(*not_after),
                utc(*time)
            ),
            Wrong::NotValidYetContext { time, not_before } => write!(
                f,
                "its certificate begins at {} only, and this machine's clock shows {}: the clock is probably wrong, so set it",
                utc(*not_before),
                utc(*time)
            ),
            Wrong::Revoked => write!(f, "its certificate was revoked: ask whoever runs {host}"),
            // webpki's CaUsedAsEndEntity has no variant of its own.
            Wrong::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => write!(
                f,
                "its certificate is that of a certificate authority, not of a server: if you know it to be right, give its \
                 fingerprint as SSLServerCert={seen}"
            ),
            other => write!(f, "its certificate cannot be believed: {other}"),
        }
    }
}

/// Who vouches for a certificate, as a message says it.
struct Issuer<'a>(&'a Certificate);

impl fmt::Display for Issuer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Issuer(certificate) = self;
        if certificate.self_signed {
            f.write_str("signed by itself")
        } else if certificate.issuer.is_empty() {
            f.write_str("signed by someone whose name cannot be read")
        } else {
            write!(f, "signed by {:?}", certificate.issuer)
        }
    }
}

fn utc(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map_or_else(|| "?".into(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
