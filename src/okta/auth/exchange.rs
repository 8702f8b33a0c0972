//! One request to an OAuth endpoint, until it has an answer: proves the app and the key anew at each try, and repeats what is
//! safe to repeat.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::Url;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::advice::advice;
use super::app::{App, Authentication};
use super::assertion;
use super::dpop::{Binding, ProofKey, Target};
use crate::log::Level;
use crate::okta::channel::Channel;
use crate::okta::error::{flatten, header};
use crate::okta::limit::Shown;
use crate::okta::retry::backoff;
use crate::okta::trace::tell_outcome;
use crate::okta::transport::unreachable;
use crate::okta::{Error, Secret};

/// A token answer is a few kilobytes.
const LONGEST_ANSWER: usize = 256 * 1024;

/// What an assertion adds to a form, signed by a key of 4096 bits.
const LONGEST_ASSERTION: usize = 4096;

/// Nobody waits longer than this for a place under Okta's limits: its windows are a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(65);

/// What may have happened when no answer came, or one that says nothing (5xx).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Asking twice gives a second token or device code, which nobody uses: client_credentials, device authorization.
    Always,
    /// What is exchanged is gone if the request arrived: an authorization code ends with its first use, and with it, used
    /// twice, the tokens that it gave (RFC 6749 §4.1.2); a rotated refresh token used twice ends the whole login (Okta's reuse
    /// detection). So it is sent again only after an answer that says that it was not looked at: 429, or a refused proof.
    IfUntouched,
    /// oauth2's loop polls again by itself.
    ByPolling,
}

/// One grant on its way.
pub(super) struct Exchange<'a> {
    channel: &'a Channel,
    app: &'a App,
    binding: Binding,
    repeat: Repeat,
    /// The form's own secrets, which a server may echo.
    secrets: Vec<Secret>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    key: Option<Arc<ProofKey>>,
    /// Whether the last answer was to a request with a proof.
    proved: bool,
    /// What the last answer means, unless it was a success.
    refusal: Option<Error>,
    /// The last answer's OAuth error code.
    code: String,
    request_id: Option<String>,
}

/// RFC 6749 §5.2.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    error: String,
    error_description: String,
    #[serde(rename = "errorCode")]
    error_code: String,
    #[serde(rename = "errorSummary")]
    error_summary: String,
}

/// How often each reason may repeat a request.
#[derive(Default)]
struct Spent {
    retries: u32,
    nonces: u32,
    clock: bool,
}

/// With a future whose type has a name: that a task may run it could not be proved of a closure's.
impl<'c> AsyncHttpClient<'c> for Exchange<'_> {
    type Error = Error;
    type Future = BoxFuture<'c, Result<HttpResponse, Error>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send(request).boxed()
    }
}

impl<'a> Exchange<'a> {
    pub fn new(
        channel: &'a Channel,
        app: &'a App,
        binding: Binding,
        key: Option<Arc<ProofKey>>,
        repeat: Repeat,
    ) -> Exchange<'a> {
        Exchange {
            channel,
            app,
            binding,
            repeat,
            secrets: Vec::new(),
            state: Mutex::new(State {
                key: key.filter(|_| binding != Binding::Never),
                ..State::default()
            }),
        }
    }

    /// Never shows `secret` in an error.
    pub fn hiding(mut self, secret: &Secret) -> Exchange<'a> {
        self.secrets.push(secret.clone());
        self
    }

    /// The key that the last request was proved with.
    pub fn key(&self) -> Option<Arc<ProofKey>> {
        let state = self.state();
        state.key.clone().filter(|_| state.proved)
    }

    /// What the last answer means, unless it was a success.
    pub fn refusal(&self) -> Option<Error> {
        self.state().refusal.take()
    }

    pub fn was_refused_with(&self, code: &str) -> bool {
        self.state().code == code
    }

    pub fn request_id(&self) -> Option<String> {
        self.state().request_id.clone()
    }

    /// The answer, whatever its status: oauth2 reads it.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let request = Wiped(request);
        let url = Url::parse(&request.0.uri().to_string()).map_err(|error| Error::Configuration {
            message: format!("{} is no address of an OAuth endpoint: {error}", request.0.uri()),
        })?;
        if self.binding == Binding::Always {
            self.bind()?;
        }
        let mut spent = Spent::default();
        let mut number = 0;
        loop {
            number += 1;
            let (answer, again) = match self.attempt(&request.0, &url, number).await {
                Ok((answer, learnt)) => {
                    let again = self.judge(&answer, learnt, &mut spent)?;
                    (Ok(answer), again)
                }
                Err((error, arrived)) => {
                    let safe = self.repeat == Repeat::Always && arrived;
                    let again = safe.then(|| self.pause(&mut spent)).flatten();
                    (Err(self.without_secrets(error)), again)
                }
            };
            match again {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return self.for_polling(answer),
            }
        }
    }

    /// oauth2 polls on after an error of the way, and ends at an answer: one that says nothing about the login is no answer.
    fn for_polling(&self, answer: Result<HttpResponse, Error>) -> Result<HttpResponse, Error> {
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        match self.refusal_of_polling(status) {
            Some(error) => Err(error),
            None => answer,
        }
    }

    fn refusal_of_polling(&self, status: u16) -> Option<Error> {
        let passes = self.repeat == Repeat::ByPolling && matches!(status, 429 | 500 | 502 | 503 | 504);
        passes.then(|| self.refusal()).flatten()
    }

    /// One try, and what its answer taught: a new nonce, another time. The error's flag: whether a connection was made.
    async fn attempt(
        &self,
        request: &HttpRequest,
        url: &Url,
        number: u32,
    ) -> Result<(HttpResponse, Learnt), (Error, bool)> {
        let refused = |error| (error, false);
        let key = self.state().key.clone();
        let target = Target {
            method: "POST",
            url,
            token: None,
        };
        let mut headers = request.headers().clone();
        for secret in headers.values_mut() {
            secret.set_sensitive(true);
        }
        if let Some(key) = &key {
            let proof = key.proof(&target, &self.channel.clock).map_err(refused)?;
            headers.insert("dpop", proof);
        }
        let body = self.body(request, url).map_err(refused)?;
        let sent = SystemTime::now();
        self.state().proved = key.is_some();
        let call = self
            .channel
            .http
            .post(url.clone())
            .headers(headers)
            .body(Bytes::from_owner(body));
        let asked = tokio::time::timeout(self.channel.timeout, whole(call)).await;
        self.tell(url, &asked, sent, number);
        let answer = match asked {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.broken(url, error)),
            Err(_) => return Err((self.timed_out(url), true)),
        };
        let learnt = Learnt {
            clock: self.channel.clock.learn(answer.headers(), sent),
            nonce: key.is_some_and(|key| key.learn(&target, answer.headers())),
        };
        Ok((answer, learnt))
    }

    /// The form, with a client assertion of this try: each may be used once.
    fn body(&self, request: &HttpRequest, url: &Url) -> Result<Zeroizing<Vec<u8>>, Error> {
        // As long as it gets, for a vector that grows leaves copies behind.
        let mut body = Zeroizing::new(Vec::with_capacity(request.body().len() + LONGEST_ASSERTION));
        body.extend_from_slice(request.body());
        if let Authentication::PrivateKey(key) = &self.app.authentication {
            // "The audience claim for client_assertion must be the endpoint invoked for the request" (Okta's error codes).
            let assertion = assertion::make(key, &self.app.client_id, url.as_str(), &self.channel.clock)?;
            let more = [
                ("client_assertion_type", assertion::TYPE),
                ("client_assertion", assertion.expose()),
            ];
            for (name, value) in more {
                body.extend_from_slice(format!("&{name}=").as_bytes());
                body.extend(
                    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
                        .flat_map(str::bytes),
                );
            }
        }
        Ok(body)
    }

    /// Whether to ask again, and after which pause; the error is one that no answer mends.
    fn judge(&self, answer: &HttpResponse, learnt: Learnt, spent: &mut Spent) -> Result<Option<Duration>, Error> {
        let status = answer.status();
        if status == StatusCode::OK {
            let mut state = self.state();
            state.refusal = None;
            state.code.clear();
            state.request_id = header(answer.headers(), "x-okta-request-id");
            return Ok(None);
        }
        let said = serde_json::from_slice::<Said>(answer.body()).unwrap_or_default();
        let error = self.without_secrets(self.error(status, answer.headers(), &said));
        let proved = {
            let mut state = self.state();
            state.refusal = Some(error);
            state.code.clone_from(&said.error);
            state.request_id = header(answer.headers(), "x-okta-request-id");
            state.proved
        };
        match said.error.as_str() {
            "use_dpop_nonce" if proved && learnt.nonce && spent.nonces < 2 => {
                spent.nonces += 1;
                return Ok(Some(Duration::ZERO));
            }
            _ if !proved && self.binding == Binding::Auto && asks_for_proof(&said) => {
                self.bind()?;
                return Ok(Some(Duration::ZERO));
            }
            // An assertion or a proof of the wrong time. Okta's texts for it are many; that the clock was wrong is known.
            "invalid_client" | "invalid_dpop_proof" | "invalid_grant" | "invalid_request"
                if learnt.clock && !spent.clock && (proved || self.signs()) =>
            {
                spent.clock = true;
                return Ok(Some(Duration::ZERO));
            }
            _ => {}
        }
        Ok(match status.as_u16() {
            // Refused before it was looked at, so anything may be sent again.
            429 => {
                let shown = Shown::read(answer.headers()).filter(|shown| !shown.is_concurrency());
                let pause = self.pause(spent);
                pause.map(|pause| shown.map_or(pause, |shown| shown.wait).min(LONGEST_WAIT))
            }
            500 | 502 | 503 | 504 if self.repeat == Repeat::Always => self.pause(spent),
            _ => None,
        })
    }

    fn pause(&self, spent: &mut Spent) -> Option<Duration> {
        spent.retries += 1;
        (spent.retries <= self.channel.max_retries).then(|| backoff(self.channel.backoff, spent.retries))
    }

    fn signs(&self) -> bool {
        matches!(self.app.authentication, Authentication::PrivateKey(_))
    }

    fn bind(&self) -> Result<(), Error> {
        if self.state().key.is_none() {
            let key = Arc::new(ProofKey::generate()?);
            self.state().key.get_or_insert(key);
        }
        Ok(())
    }

    fn error(&self, status: StatusCode, headers: &HeaderMap, said: &Said) -> Error {
        let request_id = header(headers, "x-okta-request-id");
        let id = request_id
            .as_deref()
            .map(|id| format!(", request {id}"))
            .unwrap_or_default();
        let code = [&said.error, &said.error_code]
            .into_iter()
            .find(|code| !code.is_empty());
        let code = code.cloned().unwrap_or_default();
        let named = if code.is_empty() {
            String::new()
        } else {
            format!(", {code}")
        };
        let words = [&said.error_description, &said.error_summary];
        let words = words.into_iter().find(|words| !words.is_empty());
        let words = words.map_or("Okta said nothing more".to_owned(), |words| {
            format!("Okta: {}", words.trim())
        });
        let facts = format!("{words} (HTTP {}{named}{id})", status.as_u16());
        let host = self.channel.authority();
        match status.as_u16() {
            429 => Error::RateLimited {
                code,
                message: format!("Okta's rate limit for logging in stayed exceeded: try later. {facts}"),
                request_id,
            },
            status if status >= 500 => Error::Api {
                status,
                code,
                message: format!("{host} could not log anybody in at the moment: try again later. {facts}"),
                request_id,
            },
            300..=399 | 404 | 405 if said.error.is_empty() => Error::Login {
                message: format!(
                    "{host} has no token endpoint where Okta's org has it: set Domain to the org's own host, such as \
                     dev-123456.okta.com. {facts}"
                ),
                code,
                request_id,
            },
            _ => Error::Login {
                message: format!("{}. {facts}", advice(&code, &self.app.authentication)),
                code,
                request_id,
            },
        }
    }

    /// As [`crate::okta::trace`] has it for the API's requests.
    fn tell<E>(&self, url: &Url, asked: &Result<reqwest::Result<HttpResponse>, E>, sent: SystemTime, number: u32) {
        self.channel.log.write(Level::Statements, "request", |line| {
            line.put("bucket", "oauth2")
                .put("method", "POST")
                .put("path", url.path());
            let asked = asked
                .as_ref()
                .map(|sent| sent.as_ref().map(|answer| (answer.status(), answer.headers())));
            tell_outcome(line, &asked, sent.elapsed().unwrap_or_default(), number);
        });
    }

    fn broken(&self, url: &Url, error: reqwest::Error) -> (Error, bool) {
        let error = error.without_url();
        let host = self.channel.authority();
        if error.is_connect() {
            let message = unreachable(&host, &self.channel.proxy, &error);
            return (Error::Unreachable { message }, false);
        }
        let message = format!(
            "The connection to {host} broke during POST {}: {}",
            url.path(),
            flatten(&error)
        );
        (Error::Unreachable { message }, true)
    }

    fn timed_out(&self, url: &Url) -> Error {
        let message = format!(
            "{}: no answer came within {} s (Timeout) for POST {}",
            self.channel.authority(),
            self.channel.timeout.as_secs_f32(),
            url.path()
        );
        Error::TimedOut { message }
    }

    fn without_secrets(&self, error: Error) -> Error {
        error.redacted(|text| {
            let mut text = self.channel.redactor.redact(text).into_owned();
            if let Authentication::Secret(secret) = &self.app.authentication {
                text = secret.redact(&text);
            }
            for secret in &self.secrets {
                text = secret.redact(&text);
            }
            without_jwts(&text)
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request whose form is overwritten when it goes: it may hold a code, a refresh token, the app's secret.
struct Wiped(HttpRequest);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.body_mut().zeroize();
    }
}

struct Learnt {
    clock: bool,
    nonce: bool,
}

/// Whether an answer to a request without a proof asks for one. Okta says `invalid_dpop_proof` [recorded]; oidc-provider
/// says `invalid_grant` and names the proof in words.
fn asks_for_proof(said: &Said) -> bool {
    match said.error.as_str() {
        "invalid_dpop_proof" | "use_dpop_nonce" => true,
        "invalid_grant" | "invalid_request" => said.error_description.to_ascii_lowercase().contains("dpop proof"),
        _ => false,
    }
}

/// The answer with its body, of a bounded size.
async fn whole(call: reqwest::RequestBuilder) -> Result<HttpResponse, reqwest::Error> {
    let mut response = call.send().await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            break;
        }
    }
    let mut answer = HttpResponse::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    Ok(answer)
}

/// Every JWT begins with `{"` in base64. None belongs in a message, whoever made it.
fn without_jwts(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.=".contains(letter);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, jwt) = rest.split_at(start);
        let end = jwt.find(|letter| !is_part(letter)).unwrap_or(jwt.len());
        shown.push_str(before);
        shown.push_str(if jwt[..end].contains('.') { "***" } else { &jwt[..end] });
        rest = &jwt[end..];
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_jwt_stays_in_a_text() {
        // RFC 7515 Appendix A.1's header and payload begin so.
        let jwt =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0K.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            without_jwts(&format!("bad \"{jwt}\", or eyJust {jwt}")),
            "bad \"***\", or eyJust ***"
        );
    }
}
