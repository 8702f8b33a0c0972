//! Why no connection came about: the server's certificate, the proxy, or the way itself, told so that it can be mended.

use std::error::Error as StdError;

use rustls::CertificateError;

use super::proxy::Proxy;
use super::refusal::Refusal;
use crate::okta::error::flatten;

/// What `error` of a request to `authority` (`host` or `host:port`) means; for errors of connecting only.
pub fn unreachable(authority: &str, proxy: &Proxy, error: &reqwest::Error) -> String {
    if let Some(refusal) = find::<rustls::Error>(error).and_then(refusal) {
        let host = authority.split(':').next().unwrap_or(authority);
        let through = if refusal.host.eq_ignore_ascii_case(host) || authority.starts_with('[') {
            String::new()
        } else {
            format!(" through the proxy {}", refusal.host)
        };
        return format!("{authority} cannot be reached safely{through}: {refusal}");
    }
    let told = flatten(error);
    if let Some(message) = by_proxy(authority, proxy, &told) {
        return message;
    }
    let hint = match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(CertificateError::BadSignature)) => {
            "whoever answers there shows a certificate without having its key, so it is not the server"
        }
        Some(_) => "this driver speaks TLS 1.2 and 1.3",
        None => "check Domain, the network and the Proxy keywords",
    };
    format!("{authority} cannot be reached: {told}; {hint}")
}

/// What hyper-util's proxy connectors say when the fault is the proxy's. Their errors are of private types: the texts are
/// all there is, and the tests of proxies (tests/it/proxy.rs) fail when they change.
fn by_proxy(authority: &str, proxy: &Proxy, told: &str) -> Option<String> {
    if let Some((_, why)) = told.split_once("error resolving for socks proxy") {
        let why = why.trim_start_matches(": ");
        return Some(format!(
            "{authority} cannot be looked up here ({why}): with ProxyType=SOCKS5H (or SOCKS4A) the proxy does that; or check Domain"
        ));
    }
    let (_, said) = told
        .split_once("tunnel error: ")
        .or_else(|| told.split_once("SOCKS error: "))?;
    let (name, credentials, keyword, given) = match proxy {
        Proxy::Server(server) => (
            format!("The proxy {}", server.authority()),
            "ProxyUser and ProxyPassword",
            "ProxyServer, ProxyPort and ProxyType",
            server.user.is_some(),
        ),
        Proxy::System | Proxy::Direct => (
            "The system's proxy (HTTPS_PROXY, ALL_PROXY)".to_owned(),
            "the name and password in it, or ProxyServer, ProxyUser and ProxyPassword",
            "it, or give ProxyServer or ProxyAutoDetect=false",
            false,
        ),
    };
    if said.starts_with("failed to create underlying connection") {
        let why = said
            .trim_start_matches("failed to create underlying connection")
            .trim_start_matches(": ");
        return Some(format!("{name} cannot be reached: {why}; check {keyword}"));
    }
    let asks = [
        "proxy authorization required",
        "user/pass authentication",
        "authentication incorrectly",
        "credentials",
    ];
    if asks.iter().any(|part| said.contains(part)) {
        let refused = if given { "does not accept" } else { "asks for" };
        return Some(format!(
            "{name} {refused} a name and a password ({said}): give {credentials} as it knows them"
        ));
    }
    Some(format!(
        "{name} opened no way to {authority} ({said}): it may not allow that host or port, or not reach it; check {keyword}"
    ))
}

fn refusal(error: &rustls::Error) -> Option<&Refusal> {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => other.0.downcast_ref(),
        _ => None,
    }
}

/// The cause of that type. An `io::Error` keeps what it wraps out of `source`.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner
        .and_then(|inner| find(inner))
        .or_else(|| error.source().and_then(|cause| find(cause)))
}
