//! Okta's OAuth endpoints: one method per grant, with the app's authentication, DPoP and its nonce.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use oauth2::basic::{BasicClient, BasicTokenResponse, BasicTokenType};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl,
    DeviceCodeErrorResponseType, EndpointNotSet, EndpointSet, ErrorResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardDeviceAuthorizationResponse, TokenResponse, TokenUrl,
};
use serde_json::json;

use super::advice::advice;
use super::app::{App, Authentication};
use super::dpop::{Binding, ProofKey};
use super::exchange::{Exchange, Repeat};
use crate::log::Level;
use crate::okta::channel::Channel;
use crate::okta::{Error, Secret};

/// Where no answer says it: the org authorization server's fixed lifetime (oauth.md §2).
const LIFETIME: Duration = Duration::from_secs(3600);

/// The org authorization server as one app sees it.
pub struct Endpoint<'a> {
    pub channel: &'a Channel,
    pub app: &'a App,
    pub binding: Binding,
    /// The key of the tokens that exist already; made when the server first asks for one.
    pub key: Option<Arc<ProofKey>>,
}

/// What the token endpoint gave.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access_token: Secret,
    /// The key that they are bound to (`token_type` DPoP).
    pub key: Option<Arc<ProofKey>>,
    pub expires_in: Duration,
    /// Not in every answer: where it is absent, the old one stays valid.
    pub refresh_token: Option<Secret>,
    /// Empty where the server does not say.
    pub scopes: Vec<String>,
}

/// Where to send the person's browser, and what must be kept until it comes back.
#[derive(Debug, Clone)]
pub struct Authorization {
    pub url: String,
    /// `state`: what comes back must be equal.
    pub state: Secret,
    /// PKCE's verifier.
    pub verifier: Secret,
}

/// RFC 8628 §3.2.
#[derive(Debug, Clone)]
pub struct DeviceAuthorization {
    pub device_code: Secret,
    pub user_code: String,
    pub verification_uri: String,
    pub verification_uri_complete: Option<String>,
    pub expires_in: Duration,
    pub interval: Duration,
}

/// Authorize, device authorization and token endpoint are set, the others are not.
type OrgClient = BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// What is exchanged for tokens.
enum Grant<'a> {
    Code {
        code: &'a Secret,
        redirect_uri: RedirectUrl,
        verifier: &'a Secret,
    },
    Refresh(&'a Secret),
    Client(&'a [String]),
    Device(&'a Secret, Box<StandardDeviceAuthorizationResponse>),
}

impl Grant<'_> {
    /// As `grant_type` has it (RFC 6749 §4, RFC 8628 §3.4, without its prefix).
    fn name(&self) -> &'static str {
        match self {
            Grant::Code { .. } => "authorization_code",
            Grant::Refresh(_) => "refresh_token",
            Grant::Client(_) => "client_credentials",
            Grant::Device(..) => "device_code",
        }
    }
}

impl Endpoint<'_> {
    /// The authorize URL with PKCE (S256) and a new state. Sends nothing.
    pub fn authorization(&self, redirect_uri: &str, scopes: &[String]) -> Result<Authorization, Error> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(AuthType::RequestBody)?;
        let (url, state) = client
            .authorize_url(CsrfToken::new_random)
            .set_redirect_uri(Cow::Owned(redirect(redirect_uri)?))
            .add_scopes(scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        let authorization = Authorization {
            url: url.into(),
            state: Secret::new(state.into_secret()),
            verifier: Secret::new(verifier.into_secret()),
        };
        self.channel.redactor.add(&authorization.verifier);
        Ok(authorization)
    }

    pub async fn authorization_code(
        &self,
        code: &Secret,
        redirect_uri: &str,
        verifier: &Secret,
    ) -> Result<Tokens, Error> {
        let redirect_uri = redirect(redirect_uri)?;
        self.exchange(&Grant::Code {
            code,
            redirect_uri,
            verifier,
        })
        .await
    }

    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens, Error> {
        self.exchange(&Grant::Refresh(refresh_token)).await
    }

    pub async fn client_credentials(&self, scopes: &[String]) -> Result<Tokens, Error> {
        self.exchange(&Grant::Client(scopes)).await
    }

    pub async fn device_authorization(&self, scopes: &[String]) -> Result<DeviceAuthorization, Error> {
        for auth_type in self.ways() {
            let basic = matches!(auth_type, AuthType::BasicAuth);
            let client = self.client(auth_type)?;
            let exchange = self.begin(Binding::Never, Repeat::Always);
            let asked = client
                .exchange_device_code()
                .add_scopes(scopes.iter().cloned().map(Scope::new));
            let answer: Result<StandardDeviceAuthorizationResponse, _> = asked.request_async(&exchange).await;
            match answer {
                Ok(given) => {
                    let device_code = Secret::new(given.device_code().secret().clone());
                    self.channel.redactor.add(&device_code);
                    return Ok(DeviceAuthorization {
                        device_code,
                        user_code: given.user_code().secret().clone(),
                        verification_uri: given.verification_uri().to_string(),
                        verification_uri_complete: given
                            .verification_uri_complete()
                            .map(|address| address.secret().clone()),
                        expires_in: given.expires_in(),
                        interval: given.interval(),
                    });
                }
                Err(_) if self.may_post(&exchange, basic) => {}
                Err(error) => return Err(failed(&exchange, error)),
            }
        }
        Err(unreadable(None))
    }

    /// Polls until the person has decided.
    pub async fn device_token(&self, device: &DeviceAuthorization) -> Result<Tokens, Error> {
        let given = json!({
            "device_code": device.device_code.expose(),
            "user_code": device.user_code,
            "verification_uri": device.verification_uri,
            "expires_in": device.expires_in.as_secs(),
            "interval": device.interval.as_secs(),
        });
        let given = serde_json::from_value(given).map_err(|_| Error::Configuration {
            message: format!("{} is no address to confirm a login at", device.verification_uri),
        })?;
        self.exchange(&Grant::Device(&device.device_code, Box::new(given)))
            .await
    }

    async fn exchange(&self, grant: &Grant<'_>) -> Result<Tokens, Error> {
        for auth_type in self.ways() {
            let basic = matches!(auth_type, AuthType::BasicAuth);
            let client = self.client(auth_type)?;
            let exchange = match grant {
                Grant::Code { code, verifier, .. } => self
                    .begin(self.binding, Repeat::IfUntouched)
                    .hiding(code)
                    .hiding(verifier),
                Grant::Refresh(token) => self.begin(self.binding, Repeat::IfUntouched).hiding(token),
                Grant::Client(_) => self.begin(self.binding, Repeat::Always),
                Grant::Device(code, _) => self.begin(self.binding, Repeat::ByPolling).hiding(code),
            };
            match self.ask(&client, &exchange, grant).await {
                Ok(answer) => {
                    let tokens = self.tokens(&answer, &exchange)?;
                    self.tell(grant, &tokens);
                    return Ok(tokens);
                }
                // The app is looked at before the code or the token: neither is used up by now.
                Err(_) if self.may_post(&exchange, basic) => {}
                Err(error) => return Err(error),
            }
        }
        Err(unreadable(None))
    }

    async fn ask(
        &self,
        client: &OrgClient,
        exchange: &Exchange<'_>,
        grant: &Grant<'_>,
    ) -> Result<BasicTokenResponse, Error> {
        match grant {
            Grant::Code {
                code,
                redirect_uri,
                verifier,
            } => client
                .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
                .set_redirect_uri(Cow::Borrowed(redirect_uri))
                .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()))
                .request_async(exchange)
                .await
                .map_err(|error| failed(exchange, error)),
            Grant::Refresh(token) => client
                .exchange_refresh_token(&RefreshToken::new(token.expose().to_owned()))
                .request_async(exchange)
                .await
                .map_err(|error| failed(exchange, error)),
            Grant::Client(scopes) => client
                .exchange_client_credentials()
                .add_scopes(scopes.iter().cloned().map(Scope::new))
                .request_async(exchange)
                .await
                .map_err(|error| failed(exchange, error)),
            Grant::Device(_, given) => client
                .exchange_device_access_token(given)
                .request_async(exchange, tokio::time::sleep, None)
                .await
                .map_err(|error| match &error {
                    // oauth2 ends the wait by its own clock; the last answer was `authorization_pending`.
                    RequestTokenError::ServerResponse(said)
                        if *said.error() == DeviceCodeErrorResponseType::ExpiredToken =>
                    {
                        let code = "expired_token";
                        Error::Login {
                            code: code.into(),
                            message: format!("{} ({code})", advice(code, &self.app.authentication)),
                            request_id: exchange.request_id(),
                        }
                    }
                    _ => failed(exchange, error),
                }),
        }
    }

    fn tokens(&self, answer: &BasicTokenResponse, exchange: &Exchange<'_>) -> Result<Tokens, Error> {
        let bound = match answer.token_type() {
            BasicTokenType::Bearer => false,
            BasicTokenType::Extension(name) if name.eq_ignore_ascii_case("dpop") => true,
            other => {
                return Err(Error::Login {
                    code: String::new(),
                    message: format!(
                        "The token is of a kind that this driver does not know: {:?}",
                        other.as_ref()
                    ),
                    request_id: exchange.request_id(),
                });
            }
        };
        let key = exchange.key().filter(|_| bound);
        if bound && key.is_none() {
            return Err(Error::Login {
                code: String::new(),
                message: "The app's tokens are bound to a key (DPoP), which DPoP=false forbids: set DPoP=auto".into(),
                request_id: exchange.request_id(),
            });
        }
        let tokens = Tokens {
            access_token: Secret::new(answer.access_token().secret().clone()),
            key,
            expires_in: answer.expires_in().unwrap_or(LIFETIME),
            refresh_token: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
            scopes: answer
                .scopes()
                .map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect())
                .unwrap_or_default(),
        };
        self.channel.redactor.add(&tokens.access_token);
        if let Some(token) = &tokens.refresh_token {
            self.channel.redactor.add(token);
        }
        Ok(tokens)
    }

    fn tell(&self, grant: &Grant<'_>, tokens: &Tokens) {
        self.channel.log.write(Level::Connections, "token", |line| {
            line.put("grant", grant.name())
                .put("app", &self.app.client_id)
                .put("seconds", tokens.expires_in.as_secs())
                .put("dpop", tokens.key.is_some())
                .put("scopes", tokens.scopes.join(" "));
        });
    }

    fn begin(&self, binding: Binding, repeat: Repeat) -> Exchange<'_> {
        Exchange::new(self.channel, self.app, binding, self.key.clone(), repeat)
    }

    /// Okta lets an app choose between the two places for its secret; only the answer tells which it chose.
    fn ways(&self) -> impl Iterator<Item = AuthType> + use<> {
        let secret = matches!(self.app.authentication, Authentication::Secret(_));
        let basic = secret.then_some(AuthType::BasicAuth);
        basic.into_iter().chain([AuthType::RequestBody])
    }

    fn may_post(&self, exchange: &Exchange<'_>, basic: bool) -> bool {
        basic && exchange.was_refused_with("invalid_client")
    }

    fn client(&self, auth_type: AuthType) -> Result<OrgClient, Error> {
        let client = BasicClient::new(ClientId::new(self.app.client_id.clone()))
            .set_auth_type(auth_type)
            .set_auth_uri(AuthUrl::from_url(self.channel.origin.at("/oauth2/v1/authorize")?))
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(
                self.channel.origin.at("/oauth2/v1/device/authorize")?,
            ))
            .set_token_uri(TokenUrl::from_url(self.channel.origin.at("/oauth2/v1/token")?));
        Ok(match &self.app.authentication {
            Authentication::Secret(secret) => client.set_client_secret(ClientSecret::new(secret.expose().to_owned())),
            Authentication::None | Authentication::PrivateKey(_) => client,
        })
    }
}

fn redirect(uri: &str) -> Result<RedirectUrl, Error> {
    RedirectUrl::new(uri.to_owned()).map_err(|error| Error::Configuration {
        message: format!(
            "CallbackURL={uri} is no address ({error}): give it as registered in the app, e.g. http://localhost:33333"
        ),
    })
}

/// What oauth2's error means: the way's own, the server's as [`Exchange`] has read it, or an answer that is none.
fn failed<T: ErrorResponse + 'static>(exchange: &Exchange<'_>, error: RequestTokenError<Error, T>) -> Error {
    match error {
        RequestTokenError::Request(error) => error,
        _ => exchange.refusal().unwrap_or_else(|| unreadable(exchange.request_id())),
    }
}

/// oauth2's own text of it may show the answer, and with it a token.
fn unreadable(request_id: Option<String>) -> Error {
    Error::BadAnswer {
        message: "The answer of the token endpoint is not what OAuth 2.0 has: check Domain, and what stands between (a proxy, a \
                  captive portal)"
            .into(),
        request_id,
    }
}
