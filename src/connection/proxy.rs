//! What the Proxy keywords mean together.

use percent_encoding::percent_decode_str;

use super::settings::{Error, Values, invalid};
use crate::okta::{Proxy, ProxyKind, ProxyServer, Secret};

/// The proxy that the keywords name. `ProxyServer` may be a URL with everything in it; other keywords come before its parts.
pub(super) fn of(values: &Values) -> Result<Proxy, Error> {
    let server = values.text("ProxyServer");
    let server = server.trim();
    let given = values.choice("ProxyType")?;
    if server.is_empty() {
        return Ok(if values.flag("ProxyAutoDetect")? {
            Proxy::System
        } else {
            Proxy::Direct
        });
    }
    let (scheme, rest) = match server.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, server),
    };
    let kind = kind(given, scheme)?;
    // A password may be in it, so what stands before the host is never shown.
    let (user_info, host) = match rest.rsplit_once('@') {
        Some((user_info, host)) => (Some(user_info), host),
        None => (None, rest),
    };
    let (host, port) = host_and_port(host)?;
    let port = match port {
        _ if values.has("ProxyPort") => u16::try_from(values.number("ProxyPort")?).unwrap_or(u16::MAX),
        Some(port) => port,
        None => kind.default_port(),
    };
    let user = user(values, user_info);
    if user.is_some() && !kind.has_authentication() {
        return Err(invalid(
            "ProxyUser",
            "ProxyUser has no meaning for a SOCKS 4 proxy, which asks for no password: use ProxyType=SOCKS5, or remove it".into(),
        ));
    }
    let exceptions = values.text("ProxyExceptions");
    Ok(Proxy::Server(ProxyServer {
        kind,
        host,
        port,
        user,
        exceptions: exceptions
            .split([';', ','])
            .map(|host| host.trim().to_owned())
            .filter(|host| !host.is_empty())
            .collect(),
    }))
}

fn kind(given: &str, scheme: Option<&str>) -> Result<ProxyKind, Error> {
    let of_url = scheme
        .map(|scheme| {
            ProxyKind::of(scheme).ok_or_else(|| {
                let message =
                    "ProxyServer's URL is of no kind that a proxy has: http, https, socks4, socks4a, socks5 or socks5h";
                invalid("ProxyServer", message.into())
            })
        })
        .transpose()?;
    match (ProxyKind::of(given), of_url) {
        (Some(kind), Some(other)) if kind != other => Err(invalid(
            "ProxyType",
            format!("ProxyType={given} is not what ProxyServer's URL says: remove one of them"),
        )),
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        (None, None) => Ok(ProxyKind::Http),
    }
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), Error> {
    let bad = || {
        let message =
            "ProxyServer is no address of a proxy: give its host, as in ProxyServer=proxy.example.com, and ProxyPort";
        invalid("ProxyServer", message.into())
    };
    let text = text.split(['/', '?', '#']).next().unwrap_or_default().trim();
    let after_host = text.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = match text[after_host..].find(':') {
        Some(at) => {
            let (host, port) = text.split_at(after_host + at);
            (host, Some(port[1..].parse().map_err(|_| bad())?))
        }
        None => (text, None),
    };
    let legal = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '.' | '_' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(legal) {
        return Err(bad());
    }
    Ok((host.to_owned(), port))
}

fn user(values: &Values, user_info: Option<&str>) -> Option<(String, Secret)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (name, password) = match user_info.map(|text| text.split_once(':').unwrap_or((text, ""))) {
        Some((name, password)) => (decoded(name), decoded(password)),
        None => Default::default(),
    };
    let or = |keyword, of_url: String| {
        Some(values.text(keyword))
            .filter(|text| !text.is_empty())
            .unwrap_or(of_url)
    };
    let name = or("ProxyUser", name);
    (!name.is_empty()).then(|| (name, Secret::new(or("ProxyPassword", password))))
}
