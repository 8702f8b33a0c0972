//! The apps that the org knows (`--oauth-clients`): how each proves itself, where it may be redirected, what it was granted.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::jwt::PublicKey;

pub(super) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(super) const REFRESH_TOKEN: &str = "refresh_token";
pub(super) const CLIENT_CREDENTIALS: &str = "client_credentials";
pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Scopes of OpenID Connect, which no app needs a grant for.
pub(super) const OPENID_SCOPES: [&str; 7] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "groups",
];

/// What `--oauth-clients` is without a file; the READMEs and tests of this repository use the same names.
const DEFAULT: &str = r#"[
  {
    "client_id": "0oaNative",
    "redirect_uris": ["http://localhost:33333"],
    "scopes": ["okta.users.read", "okta.groups.read", "okta.apps.read", "okta.logs.read", "okta.schemas.read", "okta.userTypes.read"],
    "rotation": "ROTATE",
    "leeway": 30
  },
  {
    "client_id": "0oaWeb",
    "client_secret": "sim-secret",
    "redirect_uris": ["http://localhost:33333"],
    "scopes": ["okta.users.read", "okta.groups.read", "okta.apps.read", "okta.logs.read", "okta.schemas.read", "okta.userTypes.read"]
  }
]"#;

/// One app. The members of the file have the names of Okta's API where it has any.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) client_id: String,
    pub(super) client_secret: Option<String>,
    jwks: Option<KeySet>,
    /// One method alone; without it a secret is taken both ways.
    token_endpoint_auth_method: Option<Method>,
    #[serde(default)]
    pub(super) redirect_uris: Vec<String>,
    #[serde(default)]
    pub(super) post_logout_redirect_uris: Vec<String>,
    #[serde(default)]
    pub(super) grant_types: Vec<String>,
    #[serde(default)]
    pub(super) dpop_bound_access_tokens: bool,
    /// Granted to the app by an admin.
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    #[serde(default)]
    pub(super) rotation: Rotation,
    /// Seconds that a rotated refresh token goes on working.
    #[serde(default = "thirty")]
    pub(super) leeway: u32,
    /// Scopes that the token carries although the admin role behind it does not allow the calls.
    #[serde(default)]
    pub(super) without_role: Vec<String>,
    #[serde(skip)]
    pub(super) keys: Vec<PublicKey>,
}

fn thirty() -> u32 {
    30
}

#[derive(Clone, Debug, Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Method {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
}

/// `refresh_token.rotation_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Rotation {
    Rotate,
    #[default]
    Static,
}

impl Client {
    fn complete(mut self) -> Result<Self, String> {
        for jwk in self.jwks.iter().flat_map(|set| &set.keys) {
            let key = PublicKey::from_jwk(jwk);
            self.keys.push(
                key.ok_or_else(|| format!("{}: a key that is neither RSA nor EC P-256 or P-384", self.client_id))?,
            );
        }
        if self.grant_types.is_empty() {
            let types: &[&str] = if self.jwks.is_some() && self.redirect_uris.is_empty() {
                &[CLIENT_CREDENTIALS]
            } else {
                &[AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE]
            };
            self.grant_types = types.iter().map(|name| (*name).to_owned()).collect();
        }
        Ok(self)
    }

    /// Whether the app may prove itself so.
    pub(super) fn takes(&self, method: Method) -> bool {
        match self.token_endpoint_auth_method {
            Some(only) => only == method,
            None if self.jwks.is_some() => method == Method::PrivateKeyJwt,
            None if self.client_secret.is_some() => {
                matches!(method, Method::ClientSecretBasic | Method::ClientSecretPost)
            }
            None => method == Method::None,
        }
    }

    pub(super) fn is_public(&self) -> bool {
        self.takes(Method::None)
    }

    /// An API services app, which no person signs in to.
    pub(super) fn is_service(&self) -> bool {
        self.grant_types.iter().all(|name| name == CLIENT_CREDENTIALS)
    }

    pub(super) fn allows(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|name| name == grant_type)
    }

    /// The requested scopes that were granted. Okta leaves the others out of the token without a word.
    pub(super) fn granted(&self, requested: &[String]) -> Vec<String> {
        let granted = |scope: &&String| OPENID_SCOPES.contains(&scope.as_str()) || self.scopes.contains(scope);
        requested.iter().filter(granted).cloned().collect()
    }
}

pub(super) struct Clients {
    all: Vec<Client>,
}

impl Clients {
    pub(super) fn read(file: Option<&Path>) -> Result<Self, String> {
        let text = match file {
            Some(file) => std::fs::read_to_string(file).map_err(|error| error.to_string())?,
            None => DEFAULT.to_owned(),
        };
        let read: Vec<Client> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let all: Vec<Client> = read.into_iter().map(Client::complete).collect::<Result<_, _>>()?;
        for (at, client) in all.iter().enumerate() {
            if all[..at].iter().any(|other| other.client_id == client.client_id) {
                return Err(format!("{} stands there twice", client.client_id));
            }
        }
        Ok(Self { all })
    }

    pub(super) fn find(&self, client_id: &str) -> Option<&Client> {
        self.all.iter().find(|client| client.client_id == client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_clients_are_a_native_and_a_web_app() {
        let clients = Clients::read(None).unwrap();
        let native = clients.find("0oaNative").unwrap();
        assert!(native.is_public() && !native.is_service());
        let web = clients.find("0oaWeb").unwrap();
        assert!(web.takes(Method::ClientSecretBasic) && web.takes(Method::ClientSecretPost));
        assert!(!web.takes(Method::None));
        assert_eq!((web.rotation, native.rotation), (Rotation::Static, Rotation::Rotate));
        let asked = ["openid", "okta.users.read", "okta.users.manage"].map(str::to_owned);
        assert_eq!(web.granted(&asked), ["openid", "okta.users.read"]);
    }
}
