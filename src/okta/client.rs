//! One org as one principal sees it: its HTTP client, credential and limiter.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_TYPE};

use super::auth::principal::AccessToken;
use super::channel::Channel;
use super::limit::Limiter;
use super::process::PerProcess;
use super::retry::Tries;
use super::transport::{Origin, Proxy};
use super::{Credential, Error, Fetch, Page, Redactor, Request};
use crate::log::Log;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What a connection's keywords mean for HTTP.
#[derive(Debug, Clone)]
pub struct Config {
    /// `https://host[:port]`; http is for loopback hosts.
    pub url: String,
    pub credential: Credential,
    /// Bounds the wait for an answer's headers, then for its body, in each try.
    pub timeout: Duration,
    pub max_retries: u32,
    /// Percent of each rate limit shown that this process uses; the rest is left to others.
    pub rate_limit_share: u8,
    /// The pause before the first retry; doubles from then on.
    pub backoff: Duration,
    pub proxy: Proxy,
    /// `SSLServerCert`: a PEM file or its text, trusted beside the system's store, or the server's fingerprint.
    pub server_cert: Option<String>,
    pub log: Log,
    /// What no message and no log may show: the keywords' secrets, and the tokens that they lead to.
    pub redactor: Redactor,
}

impl Config {
    /// The keywords' defaults.
    pub fn new(url: impl Into<String>, credential: Credential) -> Config {
        Config {
            url: url.into(),
            credential,
            timeout: Duration::from_secs(60),
            max_retries: 5,
            rate_limit_share: 80,
            backoff: Duration::from_millis(200),
            proxy: Proxy::System,
            server_cert: None,
            log: Log::off(),
            redactor: Redactor::default(),
        }
    }
}

/// One org, one principal. Shared by all statements of a connection; its limiter is shared by org and process.
pub struct Client {
    pub(super) config: Config,
    origin: Origin,
    /// Sockets and pools of a forked child's parent are not the child's: each process has its own client.
    http: PerProcess<Process>,
    answered: AtomicBool,
    lost: AtomicBool,
}

struct Process {
    channel: Channel,
    limiter: Arc<Limiter>,
}

impl Client {
    /// Checks the settings; sends nothing.
    pub fn new(config: Config) -> Result<Arc<Client>, Error> {
        let origin = Origin::parse(&config.url)?;
        config.credential.check()?;
        let client = Client {
            config,
            origin,
            http: PerProcess::new(),
            answered: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        };
        client.process()?;
        Ok(Arc::new(client))
    }

    /// Starts one GET. Nothing is sent until the first await.
    pub fn fetch(self: &Arc<Self>, request: Request) -> Fetch {
        Fetch::new(self.clone(), request)
    }

    /// Convenience: the whole page.
    pub async fn get(self: &Arc<Self>, request: Request) -> Result<Page, Error> {
        self.fetch(request).page().await
    }

    /// `host` or `host:port` of the org.
    pub fn authority(&self) -> String {
        self.origin.authority()
    }

    /// The rate limits that this org has shown, in words.
    pub fn limits(&self) -> Vec<String> {
        self.limiter().map(Limiter::shown).unwrap_or_default()
    }

    pub(super) fn limiter(&self) -> Result<&Limiter, Error> {
        Ok(&self.process()?.limiter)
    }

    /// This process's way to the org.
    pub(super) fn channel(&self) -> Result<&Channel, Error> {
        Ok(&self.process()?.channel)
    }

    /// Whether this org has answered anything to this client.
    pub(super) fn answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// Whether the last request came to nothing because the org is out of reach, or lets this credential in no more.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// How a request ended, its retries included.
    pub(super) fn remember(&self, failed: Option<&Error>) {
        let lost = matches!(
            failed,
            Some(Error::Unreachable { .. } | Error::TimedOut { .. } | Error::Unauthorized { .. } | Error::Login { .. })
        );
        self.lost.store(lost, Ordering::Relaxed);
    }

    /// Sends one try, with a proof of its own; resolves when the headers are in. No time limit of its own.
    pub(super) async fn send(
        &self,
        request: &Request,
        tries: &Tries,
        access: Option<&AccessToken>,
    ) -> Result<Answer, SendError> {
        let channel = self.channel().map_err(SendError::Refused)?;
        let url = self.origin.url(request).map_err(SendError::Refused)?;
        let proof = self.config.credential.prove(access, &url, channel);
        let content_type = match &request.content_type {
            Some(text) => HeaderValue::from_str(text).map_err(|_| {
                SendError::Refused(Error::Configuration {
                    message: format!("{text:?} is no Content-Type"),
                })
            })?,
            None => JSON,
        };
        let mut call = channel
            .http
            .get(url.clone())
            .headers(proof.map_err(SendError::Refused)?)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, content_type);
        if tries.failed > 0 {
            call = call.header("X-Okta-Retry-Count", tries.failed);
            if let Some(id) = &tries.first_request_id {
                call = call.header("X-Okta-Retry-For", id);
            }
        }
        let sent = SystemTime::now();
        let response = call.send().await.map_err(SendError::Failed)?;
        self.answered.store(true, Ordering::Relaxed);
        let clock_was_wrong = channel.clock.learn(response.headers(), sent);
        let new_nonce = access
            .and_then(|access| Some((access, access.key.as_ref()?)))
            .is_some_and(|(access, key)| key.learn(&access.target(&url), response.headers()));
        Ok(Answer {
            response,
            clock_was_wrong,
            new_nonce,
        })
    }

    fn process(&self) -> Result<&Process, Error> {
        self.http.get_or_try_init(|| {
            Ok(Process {
                channel: Channel::open(&self.config)?,
                limiter: Limiter::of(&self.origin.authority()),
            })
        })
    }
}

/// An answer whose headers are in, and what they taught about proofs.
pub(super) struct Answer {
    pub response: reqwest::Response,
    /// Proofs made before it had a wrong time.
    pub clock_was_wrong: bool,
    /// It brought a DPoP nonce that its request did not have.
    pub new_nonce: bool,
}

/// Why a try got no answer.
pub(super) enum SendError {
    /// It was never sent.
    Refused(Error),
    Failed(reqwest::Error),
}
