//! One principal's access token: kept, renewed before it ends, asked for anew when it is refused.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tokio::time::Instant;

use super::callback;
use super::dpop::ProofKey;
use super::login::{Initiate, Login, PATIENCE, Waiting, Way};
use super::store::Location;
use crate::okta::channel::Channel;
use crate::okta::process::PerProcess;
use crate::okta::{Error, Redactor, Secret};

/// What a request carries.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub secret: Secret,
    /// The key to prove possession of; None for Bearer.
    pub key: Option<Arc<ProofKey>>,
    /// By the server's clock.
    pub expires: SystemTime,
}

/// Who asks by OAuth. Equal principals see the same org.
#[derive(Debug)]
pub struct Principal {
    inner: Arc<Inner>,
}

/// What outlives a caller who is interrupted while a token is being renewed.
pub(super) struct Inner {
    pub login: Login,
    pub location: Location,
    pub redactor: Redactor,
    /// Everything that decides which token it gets; of secrets, their digest.
    identity: String,
    /// A forked child finds its own: the lock may have been held, and a token may have been on its way.
    state: PerProcess<State>,
}

#[derive(Default)]
struct State {
    now: Mutex<Now>,
    /// Held by the one task that is getting a token; the others wait for what it gets.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Now {
    good: Option<Good>,
    /// Counts the answers, good or bad: who waited during one takes it for its own.
    answers: u64,
    failure: Option<Error>,
    /// `OAuthAccessToken` was refused, or replaced.
    given_is_spent: bool,
    waiting: Option<Waiting>,
    /// The key of the kept tokens and its JWK: it remembers nonces.
    proof: Option<(Secret, Arc<ProofKey>)>,
}

impl Now {
    /// The token that there is, if it can be used.
    fn serving(&self, login: &Login, channel: &Channel, refused: Option<&Secret>) -> Option<AccessToken> {
        let good = self.good.as_ref()?;
        good.serves(login, channel.now(), refused).then(|| {
            channel.redactor.add(&good.token.secret);
            good.token.clone()
        })
    }
}

/// A token, and from when on a new one is to be asked for.
#[derive(Debug, Clone)]
pub(super) struct Good {
    pub token: AccessToken,
    pub renew: SystemTime,
}

impl Good {
    /// Whether it can be used: not the one that was refused, and not at its end.
    pub fn serves(&self, login: &Login, now: SystemTime, refused: Option<&Secret>) -> bool {
        let until = if login.renews() { self.renew } else { self.token.expires };
        now < until && refused != Some(&self.token.secret)
    }
}

impl Principal {
    pub fn new(login: Login) -> Principal {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        // Without a settings file its tokens are kept where nobody else looks.
        let own = || Location::Memory(format!("\0{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        let location = login.location.clone().unwrap_or_else(own);
        let redactor = Redactor::default();
        login.secrets().for_each(|secret| redactor.add(secret));
        let inner = Inner {
            identity: login.identity(),
            login,
            location,
            redactor,
            state: PerProcess::new(),
        };
        Principal { inner: Arc::new(inner) }
    }

    /// The one of this process that is equal to `login`'s: connections that log in alike share their tokens, also one after the
    /// other, for programs connect again for every statement.
    pub fn shared(login: Login) -> Arc<Principal> {
        static KNOWN: PerProcess<Mutex<HashMap<String, Arc<Principal>>>> = PerProcess::new();
        let known = KNOWN.get_or_init(Mutex::default);
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(login.identity())
            .or_insert_with(|| Arc::new(Principal::new(login)))
            .clone()
    }

    /// A token that is valid now. `refused`: the one that Okta has just answered 401 to; it is not given again.
    ///
    /// However many ask at once, one of them gets the token and all have it. Who is interrupted while Okta is asked leaves nothing
    /// locked, and a refresh that is on its way ends by itself: its answer may hold the only valid refresh token.
    pub async fn access_token(&self, channel: &Channel, refused: Option<&AccessToken>) -> Result<AccessToken, Error> {
        let inner = &self.inner;
        inner.login.secrets().for_each(|secret| channel.redactor.add(secret));
        let refused = refused.map(|token| &token.secret);
        let before = {
            let mut now = inner.now();
            if refused.is_some() && refused == inner.login.access_token.as_ref() {
                now.given_is_spent = true;
            }
            if let Some(token) = now.serving(&inner.login, channel, refused) {
                return Ok(token);
            }
            now.answers
        };
        let until = Instant::now() + PATIENCE;
        let state = inner.state.get_or_init(State::default);
        let _turn = state.turn.lock().await;
        {
            let now = inner.now();
            if let Some(token) = now.serving(&inner.login, channel, refused) {
                return Ok(token);
            }
            if let Some(failure) = now.failure.as_ref().filter(|_| now.answers != before) {
                return Err(failure.clone());
            }
        }
        let got = inner.clone().get(channel, refused, until).await;
        let mut now = inner.now();
        now.answers += 1;
        match got {
            Ok(good) => {
                now.failure = None;
                now.good = Some(good.clone());
                inner.redactor.add(&good.token.secret);
                channel.redactor.add(&good.token.secret);
                Ok(good.token)
            }
            Err(error) => {
                now.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Asks the person again, whatever is kept: `okta-odbc login`.
    pub async fn sign_in(&self, channel: &Channel) -> Result<(), Error> {
        let good = self.inner.clone().sign_in(channel).await?;
        self.inner.now().good = Some(good);
        Ok(())
    }

    /// The address to sign in at elsewhere. What the exchange of the code needs is kept until [`Principal::finish`], or until a
    /// connection with `OAuthVerifier` comes.
    pub async fn begin(&self, channel: &Channel) -> Result<String, Error> {
        self.inner.begin(channel).await
    }

    /// Exchanges the code that [`Principal::begin`]'s address led to, or the whole address with it.
    pub async fn finish(&self, channel: &Channel, pasted: &Secret) -> Result<(), Error> {
        let good = self.inner.clone().finish(channel, pasted).await?;
        self.inner.now().good = Some(good);
        Ok(())
    }

    /// Removes the tokens that are kept; the app's name stays.
    pub async fn forget(&self) -> Result<(), Error> {
        self.inner.forget().await?;
        self.inner.now().good = None;
        Ok(())
    }

    /// What a login that was cut short was waiting for; None where nothing was.
    pub fn unfinished(&self) -> Option<Error> {
        self.inner.unfinished()
    }

    /// The scopes that the kept tokens have by Okta's answer; empty where nothing is kept, or not by this driver.
    pub fn scopes(&self) -> Vec<String> {
        let kept = self.inner.location.read_now().ok().flatten();
        kept.map(|kept| kept.scopes.clone()).unwrap_or_default()
    }

    /// Where its tokens are kept.
    pub fn location(&self) -> Option<&Location> {
        self.inner.login.location.as_ref()
    }

    pub fn way(&self) -> Way {
        self.inner.login.way
    }

    pub fn initiate(&self) -> Initiate {
        self.inner.login.initiate
    }

    /// `text` without any secret of this principal, past ones included.
    pub fn redact(&self, text: &str) -> String {
        self.inner.redactor.redact(text).into_owned()
    }

    /// Names the principal among others: org, app, way, key, settings file and terms. No secret.
    pub fn identity(&self) -> &str {
        &self.inner.identity
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Principal) -> bool {
        self.inner.identity == other.inner.identity
    }
}

impl Eq for Principal {}

impl Hash for Principal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.identity.hash(state);
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.identity)
    }
}

impl Inner {
    /// Never held while waiting.
    fn now(&self) -> MutexGuard<'_, Now> {
        let state = self.state.get_or_init(State::default);
        state.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn given(&self) -> Option<&Secret> {
        let spent = self.now().given_is_spent;
        self.login.access_token.as_ref().filter(|_| !spent)
    }

    /// A new token is there: the next who asks finds it, even if the one who asked for it is gone.
    pub fn learn(&self, good: &Good) {
        let mut now = self.now();
        now.given_is_spent = true;
        now.good = Some(good.clone());
    }

    pub fn unfinished(&self) -> Option<Error> {
        let waiting = self.now().waiting.clone()?;
        Some(if waiting.strange.load(Ordering::Relaxed) {
            callback::wrong_state()
        } else {
            waiting.error()
        })
    }

    pub fn wait_for(&self, waiting: Option<Waiting>) {
        self.now().waiting = waiting;
    }

    /// The key with this JWK: the same one each time, for it knows the server's nonces.
    pub fn proof_key(&self, jwk: Option<&Secret>) -> Result<Option<Arc<ProofKey>>, Error> {
        let Some(jwk) = jwk else { return Ok(None) };
        if let Some((_, key)) = self.now().proof.as_ref().filter(|(known, _)| known == jwk) {
            return Ok(Some(key.clone()));
        }
        let key = Arc::new(ProofKey::from_jwk(jwk.expose())?);
        self.now().proof = Some((jwk.clone(), key.clone()));
        Ok(Some(key))
    }

    pub fn remember_proof_key(&self, jwk: &Secret, key: &Arc<ProofKey>) {
        self.now().proof = Some((jwk.clone(), key.clone()));
    }
}

#[cfg(test)]
mod tests;
