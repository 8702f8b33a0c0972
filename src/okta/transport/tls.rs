//! TLS: which certificates are believed. The platform's trust store decides, with what `SSLServerCert` adds to it; or, where
//! that names a fingerprint, nothing but the fingerprint.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, ProtocolVersion, SignatureScheme};

use super::certificate::{Certificate, Fingerprint, ServerCert};
use super::refusal::{Reason, Refusal};
use crate::okta::Error;

/// What was seen of the last handshake that did not resume an earlier one.
#[derive(Debug, Clone)]
pub struct Handshake {
    pub version: ProtocolVersion,
    pub certificate: Certificate,
}

impl Handshake {
    pub fn tls(&self) -> &'static str {
        match self.version {
            ProtocolVersion::TLSv1_3 => "TLS 1.3",
            _ => "TLS 1.2",
        }
    }
}

/// Where a verifier notes it.
pub type Seen = Arc<Mutex<Option<Handshake>>>;

/// rustls with ring, given explicitly: without a provider reqwest panics (decision 29). For `host`'s own connections;
/// `server_cert` is the keyword's value.
pub fn client(host: &str, server_cert: Option<&str>, seen: Option<Seen>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server_cert = server_cert.map(ServerCert::parse).transpose()?;
    let (extra, pinned) = match server_cert {
        None => (Vec::new(), None),
        Some(ServerCert::Trusted(certificates)) => (certificates, None),
        Some(ServerCert::Pinned(fingerprint)) => (Vec::new(), Some(fingerprint)),
    };
    let verifier = Verifier {
        platform: platform(extra, provider.clone(), pinned.is_some())?,
        pinned: pinned.map(|fingerprint| Pinned {
            host: host.to_owned(),
            fingerprint,
        }),
        provider: provider.clone(),
        seen,
    };
    Ok(builder(provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// For http to this machine, where no TLS is spoken: reqwest wants one all the same.
pub fn none() -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(builder(provider)?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

/// TLS 1.2 and 1.3, whatever defaults a later rustls has.
fn builder(provider: Arc<CryptoProvider>) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(failed)
}

fn failed(error: rustls::Error) -> Error {
    Error::Configuration {
        message: format!("TLS cannot be set up: {error}"),
    }
}

/// A machine without any trusted certificate can still reach a server that is pinned.
fn platform(
    extra: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    pinned: bool,
) -> Result<Option<rustls_platform_verifier::Verifier>, Error> {
    match rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider) {
        Ok(verifier) => Ok(Some(verifier)),
        Err(_) if pinned => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

#[derive(Debug)]
struct Verifier {
    platform: Option<rustls_platform_verifier::Verifier>,
    pinned: Option<Pinned>,
    provider: Arc<CryptoProvider>,
    seen: Option<Seen>,
}

/// The one certificate that `host` may show. An HTTPS proxy on the way to it is judged by the platform's store.
#[derive(Debug)]
struct Pinned {
    host: String,
    fingerprint: Fingerprint,
}

impl Verifier {
    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Reason> {
        let pinned = self.pinned.as_ref();
        if let Some(pinned) = pinned.filter(|pinned| pinned.host.eq_ignore_ascii_case(&server_name.to_str())) {
            // The certificate's key signs the handshake, which the two methods below verify: whoever shows this certificate
            // holds its key. Name, chain and dates say nothing that the fingerprint does not.
            return if Fingerprint::of(end_entity) == pinned.fingerprint {
                Ok(ServerCertVerified::assertion())
            } else {
                Err(Reason::OtherFingerprint(pinned.fingerprint))
            };
        }
        let Some(platform) = &self.platform else {
            return Err(Reason::NoStore);
        };
        platform
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(Reason::Rejected)
    }

    fn note(&self, version: ProtocolVersion, certificate: &CertificateDer<'_>) {
        if let Some(seen) = &self.seen {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Handshake {
                version,
                certificate: Certificate::read(certificate),
            });
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.judge(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|reason| {
                let refusal = Refusal {
                    host: server_name.to_str().into_owned(),
                    certificate: Certificate::read(end_entity),
                    reason,
                };
                rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refusal))))
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.note(ProtocolVersion::TLSv1_2, certificate);
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.note(ProtocolVersion::TLSv1_3, certificate);
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
