//! The way to one org: which host, over which TLS and proxy. The token goes to that host only (decision 22).

mod certificate;
mod proxy;
mod reach;
mod refusal;
mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::redirect::Policy;

use super::client::Config;
use super::error::flatten;
use super::{Error, Request};
pub use certificate::Certificate;
pub use proxy::{Proxy, ProxyKind, ProxyServer};
pub(super) use reach::unreachable;
pub use tls::{Handshake, Seen};

/// Scheme, host and port of an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    base: Url,
    loopback: bool,
}

impl Origin {
    /// From `https://host[:port]`; http for loopback hosts only.
    pub fn parse(text: &str) -> Result<Origin, Error> {
        let bad = |why: &str| Error::Configuration {
            message: format!(
                "{text:?} is not the address of an Okta org ({why}): give Domain as in dev-123456.okta.com"
            ),
        };
        let base = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
        let host = base.host_str().ok_or_else(|| bad("no host"))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(bad("a user name or password before the host"));
        }
        if base.path() != "/" || base.query().is_some() || base.fragment().is_some() {
            return Err(bad("something after the host"));
        }
        let loopback = is_loopback(host);
        match base.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(Error::Configuration {
                    message: format!(
                        "http://{host} is refused: over http anyone on the way could read the API token, so http is allowed to \
                         127.0.0.0/8, ::1 and localhost only. Use https, or just the host name as Domain"
                    ),
                });
            }
            scheme => return Err(bad(&format!("the scheme {scheme}"))),
        }
        Ok(Origin { base, loopback })
    }

    /// `host` or `host:port`, as messages and caches name the org.
    pub fn authority(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Where `request` goes: always this scheme, host and port.
    pub fn url(&self, request: &Request) -> Result<Url, Error> {
        let text = format!(
            "{}{}{}",
            self.base.as_str().trim_end_matches('/'),
            request.path,
            request.query_string()
        );
        Url::parse(&text)
            .ok()
            .filter(|url| self.owns(url) && request.path.starts_with('/'))
            .ok_or_else(|| Error::Configuration {
                message: format!("{:?} is no path of Okta's API", request.path),
            })
    }

    /// `path`, which is one of ours, at this origin.
    pub(super) fn at(&self, path: &str) -> Result<Url, Error> {
        self.url(&Request::new(path))
    }

    fn owns(&self, url: &Url) -> bool {
        url.scheme() == self.base.scheme()
            && url.host() == self.base.host()
            && url.port() == self.base.port()
            && url.username().is_empty()
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A client for `origin`. Redirects are not followed: one to another host must never receive the token.
pub(super) fn connect(config: &Config, origin: &Origin) -> Result<reqwest::Client, Error> {
    observed(config, origin, None)
}

/// The same, which notes in `seen` what a TLS handshake shows.
pub(super) fn observed(config: &Config, origin: &Origin, seen: Option<Seen>) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("okta-odbc/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(config.timeout)
        .referer(false)
        .tcp_nodelay(true)
        .tls_backend_preconfigured(tls(config, origin, seen)?);
    if origin.loopback {
        builder = builder.no_proxy();
        if let Some(port) = origin.base.port_or_known_default() {
            // The name is allowed in http because it means this machine; a resolver may think otherwise.
            let here = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
            builder = builder.resolve_to_addrs("localhost", &here.map(|address| SocketAddr::new(address, port)));
        }
    } else {
        match &config.proxy {
            Proxy::System => {}
            Proxy::Direct => builder = builder.no_proxy(),
            Proxy::Server(server) => builder = builder.proxy(server.reqwest()?),
        }
    }
    builder.build().map_err(|error| Error::Configuration {
        message: flatten(&error),
    })
}

fn tls(config: &Config, origin: &Origin, seen: Option<Seen>) -> Result<rustls::ClientConfig, Error> {
    let mut tls = if origin.base.scheme() == "http" {
        tls::none()?
    } else {
        let host = origin.base.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        tls::client(host, config.server_cert.as_deref(), seen)?
    };
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_machine_only() {
        for allowed in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:80",
            "http://localhost:1",
            "https://x.okta.com",
        ] {
            assert!(Origin::parse(allowed).is_ok(), "{allowed}");
        }
        for refused in [
            "http://x.okta.com",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.com",
            "http://localhost.evil.com",
        ] {
            let message = Origin::parse(refused).expect_err(refused).to_string();
            assert!(
                message.contains("127.0.0.0/8") && message.contains("token"),
                "{message}"
            );
        }
    }

    #[test]
    fn only_an_origin_is_an_address() {
        for bad in [
            "",
            "x.okta.com",
            "ftp://x",
            "https://u@x.okta.com",
            "https://u:p@x",
            "https://x/y",
            "https://x?y",
            "https://",
        ] {
            assert!(matches!(Origin::parse(bad), Err(Error::Configuration { .. })), "{bad}");
        }
    }

    #[test]
    fn no_path_leads_to_another_host() {
        let origin = Origin::parse("https://x.okta.com").expect("an origin");
        for path in ["@evil.com/", ".evil.com/", ":81/", "evil", ""] {
            assert!(origin.url(&Request::new(path)).is_err(), "{path}");
        }
        let url = origin.url(&Request::new("//evil.com/api")).expect("a url");
        assert_eq!(url.host_str(), Some("x.okta.com"));
    }

    #[test]
    fn what_cannot_work_is_told_before_anything_is_sent() {
        let origin = Origin::parse("https://x.okta.com").expect("an origin");
        let mut config = Config::new(
            "https://x.okta.com",
            super::super::Credential::ApiToken(crate::okta::Secret::new("t")),
        );
        config.server_cert = Some("/nonexistent/ca.pem".into());
        assert!(
            connect(&config, &origin)
                .expect_err("no such file")
                .to_string()
                .contains("SSLServerCert")
        );
        config.server_cert = None;
        config.proxy = Proxy::Server(ProxyServer {
            kind: ProxyKind::Http,
            host: "not a host".into(),
            port: 80,
            user: None,
            exceptions: Vec::new(),
        });
        let message = connect(&config, &origin).expect_err("no host").to_string();
        assert!(message.contains("ProxyServer=not a host"), "{message}");
    }
}
