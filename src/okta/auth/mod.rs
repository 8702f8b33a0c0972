//! What proves to Okta who asks: an API token (`Authorization: SSWS …`), or a principal's access token.

mod advice;
pub mod app;
mod assertion;
pub mod callback;
pub(super) mod clock;
pub mod dpop;
pub mod endpoint;
mod exchange;
mod jwt;
pub mod key;
pub mod login;
pub mod person;
pub mod principal;
#[cfg(test)]
mod stand_in;
pub mod store;
#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use reqwest::Url;

use super::channel::Channel;
use super::{Error, Secret};
use dpop::Target;
use principal::{AccessToken, Principal};

/// A principal's proof. Equal credentials are the same principal.
#[derive(Debug, Clone)]
pub enum Credential {
    /// An API token; carries the rights of the admin who made it.
    ApiToken(Secret),
    /// OAuth 2.0: who asks, and how it comes by its tokens.
    OAuth(Arc<Principal>),
    #[cfg(test)]
    StandIn(Arc<stand_in::StandIn>),
}

impl Credential {
    /// The access token of the next try; None for an API token, which needs none. `refused` is not given again.
    pub(super) async fn access_token(
        &self,
        channel: &Channel,
        refused: Option<&AccessToken>,
    ) -> Result<Option<AccessToken>, Error> {
        match self {
            Credential::ApiToken(_) => Ok(None),
            Credential::OAuth(principal) => principal.access_token(channel, refused).await.map(Some),
            #[cfg(test)]
            Credential::StandIn(stand_in) => stand_in.access_token(refused).map(Some),
        }
    }

    /// The headers that prove a GET of `url`: a new DPoP proof each time.
    pub(super) fn prove(&self, access: Option<&AccessToken>, url: &Url, channel: &Channel) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let (scheme, secret) = match (self, access) {
            (Credential::ApiToken(token), _) => ("SSWS", token),
            (_, Some(access)) if access.key.is_some() => ("DPoP", &access.secret),
            (_, Some(access)) => ("Bearer", &access.secret),
            (_, None) => return Ok(headers),
        };
        headers.insert(AUTHORIZATION, authorization(scheme, secret)?);
        if let Some((access, key)) = access.and_then(|access| Some((access, access.key.as_ref()?))) {
            headers.insert("dpop", key.proof(&access.target(url), &channel.clock)?);
        }
        Ok(headers)
    }

    /// Refuses what no request could carry.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self {
            Credential::ApiToken(token) => authorization("SSWS", token).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Whether messages speak of an API token, or of an app and its scopes.
    pub(super) fn is_api_token(&self) -> bool {
        matches!(self, Credential::ApiToken(_))
    }

    /// `text` without any secret of the credential.
    pub fn redact(&self, text: &str) -> String {
        match self {
            Credential::ApiToken(token) => token.redact(text),
            Credential::OAuth(principal) => principal.redact(text),
            #[cfg(test)]
            Credential::StandIn(stand_in) => stand_in.redact(text),
        }
    }

    /// What the same principal has in common with itself, and with nobody else of its org.
    fn identity(&self) -> (&'static str, &str) {
        match self {
            Credential::ApiToken(token) => ("API token", token.expose()),
            Credential::OAuth(principal) => ("OAuth", principal.identity()),
            #[cfg(test)]
            Credential::StandIn(_) => ("stand-in", ""),
        }
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Credential) -> bool {
        match (self, other) {
            // In a time that tells nothing.
            (Credential::ApiToken(token), Credential::ApiToken(other)) => token == other,
            _ => self.identity() == other.identity(),
        }
    }
}

impl Eq for Credential {}

impl Hash for Credential {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl AccessToken {
    /// What a proof of possession of this token is for.
    pub(super) fn target<'a>(&'a self, url: &'a Url) -> Target<'a> {
        Target {
            method: "GET",
            url,
            token: Some(&self.secret),
        }
    }
}

/// The `Authorization` header, marked sensitive so that no dump of headers shows it.
fn authorization(scheme: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    let keyword = if scheme == "SSWS" {
        "APIToken"
    } else {
        "The access token"
    };
    let mut value =
        HeaderValue::from_str(&format!("{scheme} {}", secret.expose())).map_err(|_| Error::Configuration {
            message: format!("{keyword} holds a character that no token has (a line break?); copy the token again"),
        })?;
    value.set_sensitive(true);
    Ok(value)
}
