//! How a principal comes to a token: what is kept, what can be renewed, what a person must do.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::time::Instant;

use super::app::{App, Authentication};
use super::callback::{self, Callback};
use super::dpop::Binding;
use super::endpoint::{Endpoint, Tokens};
use super::person::{Errand, Person};
use super::principal::{AccessToken, Good, Inner};
use super::store::{Kept, Location, Lock, Pending};
use crate::okta::channel::Channel;
use crate::okta::{Error, Secret};

/// How long a login may take, where no login timeout is shorter: the wait for another program's and the person's together.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);
/// A token is renewed this long before its end, or a tenth of its life before, where that is shorter.
const AHEAD: Duration = Duration::from_secs(300);
/// A token from elsewhere does not say when it ends: Okta does.
const UNKNOWN: Duration = Duration::from_secs(365 * 24 * 3600);

/// `AuthScheme`, without the API token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// `OAuth`: authorization code with PKCE.
    Browser,
    /// `DeviceCode`.
    Device,
    /// `OAuthJWT`: client credentials.
    Service,
    /// `AccessToken`.
    Given,
}

/// `InitiateOAuth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Initiate {
    /// Uses what is given or kept.
    Off,
    /// Renews it too.
    Refresh,
    /// Asks the person where there is nothing to renew.
    GetAndRefresh,
}

/// What the keywords say about logging in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The org, `https://host[:port]`.
    pub url: String,
    pub way: Way,
    /// Its client id is empty where a token is given and no app is known.
    pub app: App,
    pub scopes: Vec<String>,
    pub binding: Binding,
    pub location: Option<Location>,
    pub initiate: Initiate,
    /// `CallbackURL`, to the letter: Okta compares it.
    pub callback: String,
    /// `OAuthAccessToken`.
    pub access_token: Option<Secret>,
    /// `OAuthRefreshToken`.
    pub refresh_token: Option<Secret>,
    /// `OAuthVerifier`: the code, or the address that it came in.
    pub verifier: Option<Secret>,
    pub person: Arc<dyn Person>,
}

impl Login {
    pub(super) fn renews(&self) -> bool {
        self.way == Way::Service || self.initiate != Initiate::Off
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let of_app = match &self.app.authentication {
            Authentication::Secret(secret) => Some(secret),
            Authentication::None | Authentication::PrivateKey(_) => None,
        };
        let given = [&self.access_token, &self.refresh_token, &self.verifier];
        of_app.into_iter().chain(given.into_iter().flatten())
    }

    pub(super) fn identity(&self) -> String {
        let key = match &self.app.authentication {
            Authentication::PrivateKey(key) => format!(" key {}", key.thumbprint()),
            Authentication::None | Authentication::Secret(_) => String::new(),
        };
        let location = self.location.as_ref().map(|location| format!(" kept in {location}"));
        let mut secrets = ring::digest::Context::new(&ring::digest::SHA256);
        for secret in self.secrets() {
            secrets.update(secret.expose().as_bytes());
            secrets.update(&[0]);
        }
        let secrets = URL_SAFE_NO_PAD.encode(secrets.finish());
        format!(
            "{:?} {} of {}{key}{}, {:?}, DPoP {:?}, {}, {}, {secrets}",
            self.way,
            self.app.client_id,
            self.url,
            location.unwrap_or_default(),
            self.initiate,
            self.binding,
            self.callback,
            self.scopes.join(" ")
        )
    }

    /// What is missing, when nobody may be asked.
    fn nothing(&self, why: &str) -> Error {
        let kept = match &self.location {
            Some(location) => format!("{location} holds no token that can be used"),
            None => "there is no token that can be used".into(),
        };
        let first = if why.is_empty() {
            String::new()
        } else {
            format!("{why} ")
        };
        failed(format!(
            "{first}Nobody is logged in to {}: {kept}. Run `okta-odbc login` with the same Domain, OAuthClientId and \
             OAuthSettingsLocation, or set InitiateOAuth=GETANDREFRESH where a browser may open",
            self.url
        ))
    }
}

/// Whom a login that is not finished waits for.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    text: String,
    /// Somebody came back with a wrong state.
    pub strange: Arc<AtomicBool>,
}

impl Waiting {
    pub fn error(&self) -> Error {
        failed(self.text.clone())
    }
}

fn failed(message: String) -> Error {
    Error::Login {
        code: String::new(),
        message,
        request_id: None,
    }
}

fn is_invalid_grant(error: &Error) -> bool {
    matches!(error, Error::Login { code, .. } if code == "invalid_grant")
}

/// How the exchange of a refresh token ended.
enum Refreshed {
    Good(Good),
    /// `invalid_grant`: there is still the lock to go on with.
    Refused(Lock, Error),
}

impl Inner {
    /// A token that is not `refused`, or nobody signed in `until` then. Not called by two tasks at once.
    pub async fn get(
        self: Arc<Self>,
        channel: &Channel,
        refused: Option<&Secret>,
        until: Instant,
    ) -> Result<Good, Error> {
        let login = &self.login;
        self.wait_for(None);
        if let Some(given) = self.given().filter(|given| refused != Some(*given)) {
            return Ok(self.as_given(given, channel));
        }
        if login.way == Way::Given && (login.refresh_token.is_none() || login.initiate == Initiate::Off) {
            return Err(failed(
                "Okta does not accept OAuthAccessToken: it has expired (they live an hour), was revoked, or belongs to another org. Give a \
                 new one, or OAuthRefreshToken with OAuthClientId and InitiateOAuth=REFRESH"
                    .into(),
            ));
        }
        // Without the lock first: another process may have renewed it, and who may only read can still connect.
        if let Some(kept) = self.location.read().await?
            && let Some(good) = self.usable(&kept, channel, refused)?
        {
            return Ok(good);
        }
        let lock = self.location.lock_until(until).await?;
        let kept = self.kept(&lock).await?;
        if let Some(good) = self.usable(&kept, channel, refused)? {
            return Ok(good);
        }
        if let (Some(verifier), Some(pending)) = (&login.verifier, &kept.pending) {
            let code = Callback::pasted(verifier.expose(), &pending.state)?;
            return self.exchange(channel, lock, kept, code).await;
        }
        match login.way {
            Way::Service => {
                let tokens = self.endpoint(channel, &kept)?.client_credentials(&login.scopes).await?;
                self.keep(channel, lock, kept, tokens, None).await
            }
            Way::Browser | Way::Device | Way::Given => self.renew(channel, lock, kept, refused, until).await,
        }
    }

    fn as_given(&self, token: &Secret, channel: &Channel) -> Good {
        let expires = channel.now() + UNKNOWN;
        let token = AccessToken {
            secret: token.clone(),
            key: None,
            expires,
        };
        Good { token, renew: expires }
    }

    /// By what can be renewed, else by the person.
    async fn renew(
        self: Arc<Self>,
        channel: &Channel,
        mut lock: Lock,
        mut kept: Kept,
        refused: Option<&Secret>,
        until: Instant,
    ) -> Result<Good, Error> {
        let mut tried: Vec<Secret> = Vec::new();
        let mut why = String::new();
        while self.login.renews() {
            let candidates = [&kept.refresh_token, &self.login.refresh_token];
            let Some(token) = candidates
                .into_iter()
                .flatten()
                .find(|token| !tried.contains(token))
                .cloned()
            else {
                break;
            };
            tried.push(token.clone());
            match self.clone().refresh(channel, lock, kept.clone(), token).await? {
                Refreshed::Good(good) => return Ok(good),
                Refreshed::Refused(still, error) => {
                    lock = still;
                    why = error.to_string();
                    // Somebody may have rotated it who does not see our lock: on another machine, on a share without locks.
                    kept = self.kept(&lock).await?;
                    if let Some(good) = self.usable(&kept, channel, refused)? {
                        return Ok(good);
                    }
                }
            }
        }
        if kept.refresh_token.as_ref().is_some_and(|token| tried.contains(token)) {
            (kept.refresh_token, kept.access_token, kept.dpop_key) = (None, None, None);
            lock = lock.write(kept.clone()).await?;
        }
        if self.login.verifier.is_some() {
            return Err(failed(format!(
                "OAuthVerifier cannot be exchanged: {} does not hold the login that it belongs to. Run `okta-odbc login --print-url` with the \
                 same OAuthSettingsLocation, sign in at the address it prints, and give the code of that page",
                self.location
            )));
        }
        if self.login.initiate != Initiate::GetAndRefresh || self.login.way == Way::Given {
            return Err(self.login.nothing(&why));
        }
        self.ask(channel, lock, kept, until).await
    }

    /// In a task of its own: the answer may hold the only refresh token that is valid from now on, so whoever waits for it may go,
    /// but the answer is written down. `Timeout` bounds it.
    async fn refresh(
        self: Arc<Self>,
        channel: &Channel,
        lock: Lock,
        kept: Kept,
        token: Secret,
    ) -> Result<Refreshed, Error> {
        let channel = channel.clone();
        let on_its_way = tokio::spawn(async move {
            channel.redactor.add(&token);
            self.redactor.add(&token);
            let refreshed = self.endpoint(&channel, &kept)?.refresh(&token).await;
            match refreshed {
                Ok(tokens) => self
                    .keep(&channel, lock, kept, tokens, Some(token))
                    .await
                    .map(Refreshed::Good),
                Err(error) if is_invalid_grant(&error) => Ok(Refreshed::Refused(lock, error)),
                Err(error) => Err(error),
            }
        });
        on_its_way
            .await
            .unwrap_or_else(|_| Err(failed("The driver is being shut down".into())))
    }

    /// As [`Inner::refresh`]: a code can be exchanged once.
    async fn exchange(self: Arc<Self>, channel: &Channel, lock: Lock, kept: Kept, code: Secret) -> Result<Good, Error> {
        let Some(pending) = kept.pending.clone() else {
            return Err(failed(
                "There is no login that this code belongs to: begin again with `okta-odbc login`".into(),
            ));
        };
        let channel = channel.clone();
        let on_its_way = tokio::spawn(async move {
            channel.redactor.add(&code);
            let endpoint = self.endpoint(&channel, &Kept::of(&self.login.url, &self.login.app.client_id))?;
            let tokens = endpoint
                .authorization_code(&code, &pending.redirect_uri, &pending.verifier)
                .await?;
            self.keep(&channel, lock, kept, tokens, None).await
        });
        on_its_way
            .await
            .unwrap_or_else(|_| Err(failed("The driver is being shut down".into())))
    }

    /// The person signs in. The settings file stays locked meanwhile: a second program waits, and finds the token.
    async fn ask(self: Arc<Self>, channel: &Channel, lock: Lock, kept: Kept, until: Instant) -> Result<Good, Error> {
        let asked = match self.login.way {
            Way::Device => tokio::time::timeout_at(until, self.clone().by_device(channel, lock, kept)).await,
            _ => tokio::time::timeout_at(until, self.clone().by_browser(channel, lock, kept)).await,
        };
        match asked {
            Ok(got) => {
                self.wait_for(None);
                got
            }
            Err(_) => Err(self
                .unfinished()
                .unwrap_or_else(|| failed("The login took too long".into()))),
        }
    }

    async fn by_browser(self: Arc<Self>, channel: &Channel, lock: Lock, mut kept: Kept) -> Result<Good, Error> {
        let callback = &self.login.callback;
        let listener = Callback::parse(callback)?.listen().await?;
        let empty = Kept::of(&self.login.url, &self.login.app.client_id);
        let authorization = self
            .endpoint(channel, &empty)?
            .authorization(callback, &self.login.scopes)?;
        for secret in [&authorization.state, &authorization.verifier] {
            channel.redactor.add(secret);
            self.redactor.add(secret);
        }
        self.wait_for(Some(Waiting {
            text: format!(
                "Nobody has come back from the sign-in in the browser in time. If the browser shows that the redirect URI is not \
                 among the app's, add {callback} to the app's Sign-in redirect URIs in Okta, or give the registered one as CallbackURL; if it does \
                 not know the client id, check OAuthClientId and Domain. The address that was opened is {}/oauth2/v1/authorize. Or sign \
                 in with `okta-odbc login` first",
                self.login.url
            ),
            strange: listener.strange(),
        }));
        self.reach(authorization.url.clone(), None).await?;
        let code = listener.code(&authorization.state).await?;
        kept.pending = Some(Pending {
            state: authorization.state,
            verifier: authorization.verifier,
            redirect_uri: callback.clone(),
        });
        self.exchange(channel, lock, kept, code).await
    }

    async fn by_device(self: Arc<Self>, channel: &Channel, lock: Lock, kept: Kept) -> Result<Good, Error> {
        let empty = Kept::of(&self.login.url, &self.login.app.client_id);
        let endpoint = self.endpoint(channel, &empty)?;
        let device = endpoint.device_authorization(&self.login.scopes).await?;
        channel.redactor.add(&device.device_code);
        self.wait_for(Some(Waiting {
            text: format!(
                "Nobody has confirmed the code {} at {} in time. Try again, or log in with `okta-odbc login --device` first",
                device.user_code, device.verification_uri
            ),
            strange: Arc::default(),
        }));
        let complete = device.verification_uri_complete.clone();
        self.reach(
            device.verification_uri.clone(),
            Some((complete, device.user_code.clone())),
        )
        .await?;
        let tokens = endpoint.device_token(&device).await?;
        drop(endpoint);
        self.keep(channel, lock, kept, tokens, None).await
    }

    /// Opening a browser may take its time: not on a thread that others wait for.
    async fn reach(&self, url: String, device: Option<(Option<String>, String)>) -> Result<(), Error> {
        let person = self.login.person.clone();
        let asked = tokio::task::spawn_blocking(move || match &device {
            None => person.ask(Errand::SignIn { url: &url }),
            Some((complete, code)) => person.ask(Errand::Confirm {
                url: &url,
                complete: complete.as_deref(),
                code,
            }),
        });
        asked
            .await
            .unwrap_or_else(|_| Err(failed("No browser could be opened: its thread ended".into())))
    }

    pub async fn sign_in(self: Arc<Self>, channel: &Channel) -> Result<Good, Error> {
        let until = Instant::now() + PATIENCE;
        let lock = self.location.lock_until(until).await?;
        let kept = self.kept(&lock).await?;
        self.ask(channel, lock, kept, until).await
    }

    pub async fn begin(&self, channel: &Channel) -> Result<String, Error> {
        Callback::parse(&self.login.callback)?;
        let lock = self.location.lock().await?;
        let mut kept = self.kept(&lock).await?;
        let empty = Kept::of(&self.login.url, &self.login.app.client_id);
        let authorization = self
            .endpoint(channel, &empty)?
            .authorization(&self.login.callback, &self.login.scopes)?;
        kept.client_secret = self.client_secret();
        kept.callback_url.clone_from(&self.login.callback);
        kept.pending = Some(Pending {
            state: authorization.state,
            verifier: authorization.verifier,
            redirect_uri: self.login.callback.clone(),
        });
        lock.write(kept).await?;
        Ok(authorization.url)
    }

    pub async fn finish(self: Arc<Self>, channel: &Channel, pasted: &Secret) -> Result<Good, Error> {
        let lock = self.location.lock().await?;
        let kept = self.kept(&lock).await?;
        let state = kept.pending.as_ref().map(|pending| pending.state.clone());
        let code = Callback::pasted(pasted.expose(), &state.ok_or_else(callback::wrong_state)?)?;
        self.exchange(channel, lock, kept, code).await
    }

    pub async fn forget(&self) -> Result<(), Error> {
        let lock = self.location.lock().await?;
        if let Some(mut kept) = lock.read().await? {
            self.check(&kept)?;
            (kept.access_token, kept.refresh_token, kept.dpop_key, kept.pending) = (None, None, None, None);
            lock.write(kept).await?;
        }
        Ok(())
    }

    async fn kept(&self, lock: &Lock) -> Result<Kept, Error> {
        match lock.read().await? {
            Some(kept) => {
                self.check(&kept)?;
                Ok(kept)
            }
            None => Ok(Kept::of(&self.login.url, &self.login.app.client_id)),
        }
    }

    /// One file, one org, one app: the token of another org's app must not go to this one.
    fn check(&self, kept: &Kept) -> Result<(), Error> {
        let login = &self.login;
        kept.secrets().for_each(|secret| self.redactor.add(secret));
        if kept.domain != login.url {
            return Err(failed(format!(
                "The settings file {} belongs to the org {}, and Domain is {}: name another file as OAuthSettingsLocation, one for \
                 each org, then run `okta-odbc login`",
                self.location, kept.domain, login.url
            )));
        }
        if kept.client_id != login.app.client_id {
            return Err(failed(format!(
                "The settings file {} belongs to the app {}, and OAuthClientId is {}: name another file as OAuthSettingsLocation, one \
                 for each app, then run `okta-odbc login`",
                self.location, kept.client_id, login.app.client_id
            )));
        }
        Ok(())
    }

    /// The kept access token, unless it is refused, at its end, or about to be replaced by a login that was begun.
    fn usable(&self, kept: &Kept, channel: &Channel, refused: Option<&Secret>) -> Result<Option<Good>, Error> {
        self.check(kept)?;
        kept.secrets().for_each(|secret| channel.redactor.add(secret));
        if self.login.verifier.is_some() && kept.pending.is_some() {
            return Ok(None);
        }
        let Some(secret) = kept.access_token.clone() else {
            return Ok(None);
        };
        let token = AccessToken {
            secret,
            key: self.proof_key(kept.dpop_key.as_ref())?,
            expires: kept.expires(),
        };
        let good = Good {
            token,
            renew: kept.renew(),
        };
        Ok(Some(good).filter(|good| good.serves(&self.login, channel.now(), refused)))
    }

    fn endpoint<'a>(&'a self, channel: &'a Channel, kept: &Kept) -> Result<Endpoint<'a>, Error> {
        Ok(Endpoint {
            channel,
            app: &self.login.app,
            binding: self.login.binding,
            key: self.proof_key(kept.dpop_key.as_ref())?,
        })
    }

    fn client_secret(&self) -> Option<Secret> {
        match &self.login.app.authentication {
            Authentication::Secret(secret) => Some(secret.clone()),
            Authentication::None | Authentication::PrivateKey(_) => None,
        }
    }

    /// Writes down what Okta gave. `used`: the refresh token that led to it, which stays where no new one came.
    async fn keep(
        &self,
        channel: &Channel,
        lock: Lock,
        mut kept: Kept,
        tokens: Tokens,
        used: Option<Secret>,
    ) -> Result<Good, Error> {
        let now = channel.now();
        let expires = now + tokens.expires_in.min(UNKNOWN);
        let renew = expires - AHEAD.min(tokens.expires_in.min(UNKNOWN) / 10);
        let jwk = tokens.key.as_ref().map(|key| {
            let jwk = key.to_jwk();
            self.remember_proof_key(&jwk, key);
            jwk
        });
        kept.set_times(renew, expires);
        kept.client_secret = self.client_secret();
        kept.access_token = Some(tokens.access_token.clone());
        kept.refresh_token = tokens.refresh_token.or(used);
        kept.scopes = if tokens.scopes.is_empty() {
            self.login.scopes.clone()
        } else {
            tokens.scopes
        };
        kept.dpop_key = jwk;
        if self.login.way == Way::Browser {
            kept.callback_url.clone_from(&self.login.callback);
        }
        kept.pending = None;
        for secret in kept.secrets() {
            self.redactor.add(secret);
            channel.redactor.add(secret);
        }
        let good = Good {
            token: AccessToken {
                secret: tokens.access_token,
                key: tokens.key,
                expires,
            },
            renew,
        };
        // Before the file: were that not to be written, this process could still go on.
        self.learn(&good);
        lock.write(kept).await?;
        Ok(good)
    }
}
