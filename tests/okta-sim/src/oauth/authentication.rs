//! Client authentication: client_secret_basic, client_secret_post, private_key_jwt, and public clients that only give their name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap};

use super::client::{Client, Method};
use super::form::{Form, decoded};
use super::refusal::{
    CLIENT_ASSERTION_TYPE_INVALID, CLIENT_CREDENTIALS_IN_QUERY, INVALID_BASIC_AUTH_CREDS, INVALID_CLIENT,
    INVALID_CLIENT_ID, INVALID_CLIENT_SECRET, MISSING_CLIENT_CREDENTIALS, MULTIPLE_CLIENT_CREDENTIALS, Refusal,
};
use super::{AuthorizationServer, Call, assertion};

/// The app that asks.
pub(super) fn authenticate<'s>(
    server: &'s AuthorizationServer,
    call: &Call,
    form: &Form,
) -> Result<&'s Client, Refusal> {
    if ["client_secret", "client_assertion"]
        .iter()
        .any(|name| call.query.split('&').any(|pair| pair.split('=').next() == Some(name)))
    {
        return Err(CLIENT_CREDENTIALS_IN_QUERY);
    }
    let basic = basic(call.headers)?;
    let given = [
        basic.is_some(),
        form.get("client_secret").is_some(),
        form.get("client_assertion").is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() > 1 {
        return Err(MULTIPLE_CLIENT_CREDENTIALS);
    }
    if let Some((client_id, secret)) = basic {
        return by_secret(server, &client_id, &secret, Method::ClientSecretBasic);
    }
    if let Some(assertion) = form.get("client_assertion") {
        if form.get("client_assertion_type") != Some(assertion::TYPE) {
            return Err(CLIENT_ASSERTION_TYPE_INVALID);
        }
        let client = assertion::check(&server.clients, &server.replays, assertion, &call.url(), call.now)?;
        return match form.get("client_id") {
            Some(other) if other != client.client_id => Err(INVALID_CLIENT_ID),
            _ => Ok(client),
        };
    }
    let client_id = form.get("client_id").ok_or(MISSING_CLIENT_CREDENTIALS)?;
    match form.get("client_secret") {
        Some(secret) => by_secret(server, client_id, secret, Method::ClientSecretPost),
        None => {
            let client = server.clients.find(client_id).ok_or(INVALID_CLIENT_ID)?;
            if client.is_public() {
                Ok(client)
            } else {
                Err(INVALID_CLIENT)
            }
        }
    }
}

fn by_secret<'s>(
    server: &'s AuthorizationServer,
    client_id: &str,
    secret: &str,
    method: Method,
) -> Result<&'s Client, Refusal> {
    let client = server.clients.find(client_id).ok_or(INVALID_CLIENT_ID)?;
    if !client.takes(method) {
        return Err(INVALID_CLIENT);
    }
    match client.client_secret.as_deref() {
        Some(known) if known == secret => Ok(client),
        _ => Err(INVALID_CLIENT_SECRET),
    }
}

/// Name and secret of `Authorization: Basic`, both form-encoded before they were joined (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let joined = value
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(INVALID_BASIC_AUTH_CREDS)?;
    let (client_id, secret) = joined.split_once(':').ok_or(INVALID_BASIC_AUTH_CREDS)?;
    Ok(Some((decoded(client_id), decoded(secret))))
}
