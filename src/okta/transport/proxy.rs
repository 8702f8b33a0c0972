//! Proxies: which one a connection goes through, and what reqwest is told of it.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::NoProxy;
use zeroize::Zeroizing;

use crate::okta::error::flatten;
use crate::okta::{Error, Secret};

/// How connections leave this machine. Loopback hosts are always reached directly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// What the system says: HTTPS_PROXY, ALL_PROXY and NO_PROXY (lower case too), the settings of Windows and macOS. reqwest
    /// reads them itself, as curl does; they are the system's, not this driver's, and hold nothing that a keyword names.
    #[default]
    System,
    Direct,
    Server(ProxyServer),
}

/// `ProxyServer` and the keywords about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyServer {
    pub kind: ProxyKind,
    pub host: String,
    pub port: u16,
    pub user: Option<(String, Secret)>,
    /// Hosts and domains with all below them, addresses and networks (`10.0.0.0/8`) that are reached directly; `*`: all.
    pub exceptions: Vec<String>,
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    /// CONNECT over TCP.
    Http,
    /// CONNECT over TLS.
    Https,
    Socks4,
    /// The proxy looks the host's name up, as with `Socks5h`.
    Socks4a,
    Socks5,
    Socks5h,
}

/// Kinds, their names in `ProxyType`, in URLs, and the ports they are usually found at.
const KINDS: &[(ProxyKind, &str, &str, u16)] = &[
    (ProxyKind::Http, "HTTP", "http", 80),
    (ProxyKind::Https, "HTTPS", "https", 443),
    (ProxyKind::Socks4, "SOCKS4", "socks4", 1080),
    (ProxyKind::Socks4a, "SOCKS4A", "socks4a", 1080),
    (ProxyKind::Socks5, "SOCKS5", "socks5", 1080),
    (ProxyKind::Socks5h, "SOCKS5H", "socks5h", 1080),
];

impl ProxyKind {
    /// Of `ProxyType`'s value or a URL's scheme.
    pub fn of(name: &str) -> Option<ProxyKind> {
        let found = KINDS.iter().find(|(_, known, _, _)| known.eq_ignore_ascii_case(name));
        found.map(|(kind, ..)| *kind)
    }

    pub fn default_port(self) -> u16 {
        self.row().3
    }

    /// Whether its protocol has a password: SOCKS 4 has only a name, which nobody checks.
    pub fn has_authentication(self) -> bool {
        !matches!(self, ProxyKind::Socks4 | ProxyKind::Socks4a)
    }

    fn scheme(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (ProxyKind, &'static str, &'static str, u16) {
        KINDS.iter().find(|(kind, ..)| *kind == self).unwrap_or(&KINDS[0])
    }
}

/// Its address as a URL, without a name or password.
impl fmt::Display for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.kind.scheme(), self.authority())
    }
}

impl ProxyServer {
    /// `host:port`, as messages name it.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub(super) fn reqwest(&self) -> Result<reqwest::Proxy, Error> {
        let mut proxy = reqwest::Proxy::all(self.to_string()).map_err(|error| Error::Configuration {
            message: format!(
                "ProxyServer={}, ProxyPort={}: {}",
                self.host,
                self.port,
                flatten(&error)
            ),
        })?;
        if let Some((name, password)) = &self.user {
            // reqwest keeps both in the proxy's URL, encodes all but `%` for it, and decodes all.
            let [name, password] = [name, password.expose()].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
            let password = Zeroizing::new(password.to_string());
            proxy = proxy.basic_auth(&name.to_string(), &password);
        }
        // reqwest has `.example.com` for what is usually written `*.example.com`.
        let exceptions: Vec<_> = self
            .exceptions
            .iter()
            .map(|host| host.strip_prefix('*').filter(|rest| !rest.is_empty()).unwrap_or(host))
            .collect();
        Ok(proxy.no_proxy(NoProxy::from_string(&exceptions.join(","))))
    }
}
