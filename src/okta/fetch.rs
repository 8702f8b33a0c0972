//! One page on its way: sends, retries, waits for limits, hands out the next page's request early and the body whole.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use tokio::time::timeout;

use super::auth::principal::AccessToken;
use super::client::{self, Client, SendError};
use super::error::{flatten, header};
use super::limit::{Shown, bucket};
use super::page::{self, Page};
use super::retry::{Cause, Failure, Terms, Tries, Verdict};
use super::trace::Try;
use super::transport::unreachable;
use super::{Error, Request};

/// Okta's error bodies are a few hundred bytes; what a proxy sends instead need not be read.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// One page on its way. Retries, waits for limits and halves `limit` inside.
pub struct Fetch {
    client: Arc<Client>,
    request: Request,
    answer: Option<Answer>,
    tries: Tries,
    /// What [`Fetch::next`] told, once it has.
    told: Option<Option<Request>>,
    proofs: Proofs,
}

/// What became of this page's proofs. None of it counts as a failed try: Okta has not looked at the request.
#[derive(Default)]
struct Proofs {
    /// The token that Okta answered 401 to, and what it said. A second one is final.
    refused: Option<(AccessToken, Error)>,
    nonces: u32,
    clock_corrected: bool,
}

/// Nonces in a row, before a server that asks for ever more is told so.
const MOST_NONCES: u32 = 3;

/// An answer whose headers are in.
struct Answer {
    response: reqwest::Response,
    next: Option<Request>,
    request_id: Option<String>,
}

/// What one try came to.
enum Outcome {
    Answered(Answer),
    Failed(Failure),
    /// The request itself was not looked at: it is to be sent again with another proof.
    ProveAgain,
}

impl Fetch {
    pub(super) fn new(client: Arc<Client>, request: Request) -> Fetch {
        Fetch {
            client,
            request,
            answer: None,
            tries: Tries::default(),
            told: None,
            proofs: Proofs::default(),
        }
    }

    /// Resolves when the headers are in: the request of the next page, if there is one (own host kept, same query
    /// re-applied, endless repetition refused with BadAnswer).
    pub async fn next(&mut self) -> Result<Option<Request>, Error> {
        let answer = self.answer().await;
        self.client.remember(answer.as_ref().err());
        let answer = answer?;
        let next = answer.next.clone();
        self.answer = Some(answer);
        self.told = Some(next.clone());
        Ok(next)
    }

    /// The whole body. Broken off bodies were fetched again: a page comes out whole or not at all.
    pub async fn page(self) -> Result<Page, Error> {
        let checked = |body: &Bytes| {
            if page::looks_whole(body) {
                Ok(())
            } else {
                Err("it is cut, or no JSON")
            }
        };
        self.page_parsed(checked).await.map(|(page, ())| page)
    }

    /// The whole body and what `parse` makes of it. A body that it refuses is fetched again once, then a BadAnswer:
    /// rows come out only when all of their page is parsed (decision 9).
    pub async fn page_parsed<T, E: Display>(
        self,
        parse: impl FnMut(&Bytes) -> Result<T, E>,
    ) -> Result<(Page, T), Error> {
        let client = self.client.clone();
        let page = self.whole(parse).await;
        client.remember(page.as_ref().err());
        page
    }

    async fn whole<T, E: Display>(mut self, mut parse: impl FnMut(&Bytes) -> Result<T, E>) -> Result<(Page, T), Error> {
        loop {
            let Answer {
                response,
                next,
                request_id,
            } = self.answer().await?;
            let content_type = header(response.headers(), CONTENT_TYPE.as_str());
            let failure = match timeout(self.client.config.timeout, response.bytes()).await {
                Ok(Ok(body)) => match parse(&body) {
                    Ok(parsed) => return Ok((Page { body, next, request_id }, parsed)),
                    Err(why) => self.not_json(&why, content_type, request_id),
                },
                Ok(Err(error)) => self.broken(error, request_id),
                Err(_) => self.timed_out("the answer did not end"),
            };
            self.recover(failure).await?;
        }
    }

    /// The answer that is there, or the next 2xx.
    async fn answer(&mut self) -> Result<Answer, Error> {
        if let Some(answer) = self.answer.take() {
            return Ok(answer);
        }
        let bucket = bucket(&self.request.path);
        loop {
            match self.attempt(&bucket).await? {
                Outcome::Answered(answer) => return Ok(answer),
                Outcome::Failed(failure) => self.recover(failure).await?,
                Outcome::ProveAgain => {}
            }
        }
    }

    /// One try. The outer error is one that no further try can mend.
    async fn attempt(&mut self, bucket: &str) -> Result<Outcome, Error> {
        let client = self.client.clone();
        let access = self.access_token().await?;
        let limiter = client.limiter()?;
        let permit = limiter.permit(bucket, client.config.rate_limit_share).await;
        let told = Try::begin(&client.config.log, bucket, &self.tries);
        let sent = timeout(
            client.config.timeout,
            client.send(&self.request, &self.tries, access.as_ref()),
        )
        .await;
        told.end(&self.request, &sent);
        let client::Answer {
            response,
            clock_was_wrong,
            new_nonce,
        } = match sent {
            Ok(Ok(answer)) => answer,
            Ok(Err(SendError::Refused(error))) => return Err(error),
            Ok(Err(SendError::Failed(error))) => return Ok(Outcome::Failed(self.broken(error, None))),
            Err(_) => return Ok(Outcome::Failed(self.timed_out("no answer came"))),
        };
        let shown = Shown::read(response.headers());
        if let Some(shown) = shown {
            limiter.learn(bucket, shown);
        }
        drop(permit);
        if !response.status().is_success() {
            let failure = self.refused(response, shown).await;
            return Ok(self.prove_again(failure, access, clock_was_wrong, new_nonce));
        }
        let next = page::next_link(response.headers())
            .map(|link| self.request.following(&link))
            .transpose()?;
        let request_id = header(response.headers(), "x-okta-request-id");
        if self.told.as_ref().is_some_and(|told| *told != next) {
            return Err(self.changed(request_id));
        }
        Ok(Outcome::Answered(Answer {
            response,
            next,
            request_id,
        }))
    }

    /// The token of the next try; another one than Okta has refused.
    async fn access_token(&mut self) -> Result<Option<AccessToken>, Error> {
        let client = self.client.clone();
        let refused = self.proofs.refused.as_ref();
        let given = client
            .config
            .credential
            .access_token(client.channel()?, refused.map(|(token, _)| token))
            .await;
        let error = match (given, refused) {
            // Nothing but the refused one can be had: what Okta said of it is the reason.
            (Ok(Some(token)), Some((refused, said))) if token.secret == refused.secret => said.clone(),
            (Ok(token), _) => return Ok(token),
            (Err(error @ Error::Login { .. }), Some((_, said))) => error.after(said),
            (Err(error), _) => error,
        };
        Err(self.without_secrets(error))
    }

    /// Whether a refusal was about the proof alone, so that the page may be asked for with another.
    fn prove_again(
        &mut self,
        mut failure: Failure,
        access: Option<AccessToken>,
        clock_was_wrong: bool,
        new_nonce: bool,
    ) -> Outcome {
        let Some(access) = access else {
            return Outcome::Failed(failure);
        };
        // The principal may have forgotten it by the time that the error is told.
        failure.error = failure.error.redacted(|text| access.secret.redact(text));
        let Cause::Status { status: 400 | 401, .. } = failure.cause else {
            return Outcome::Failed(failure);
        };
        let proofs = &mut self.proofs;
        if access.key.is_some() {
            let code = failure.error.code();
            if code == "use_dpop_nonce" && new_nonce && proofs.nonces < MOST_NONCES {
                proofs.nonces += 1;
                return Outcome::ProveAgain;
            }
            if code == "invalid_dpop_proof" && clock_was_wrong && !proofs.clock_corrected {
                proofs.clock_corrected = true;
                return Outcome::ProveAgain;
            }
        }
        if matches!(failure.error, Error::Unauthorized { .. }) && proofs.refused.is_none() {
            proofs.refused = Some((access, failure.error));
            return Outcome::ProveAgain;
        }
        Outcome::Failed(failure)
    }

    fn without_secrets(&self, error: Error) -> Error {
        let config = &self.client.config;
        error.redacted(|text| config.credential.redact(&config.redactor.redact(text)))
    }

    /// Waits for the next try, or gives up with the failure's error.
    async fn recover(&mut self, failure: Failure) -> Result<(), Error> {
        let config = &self.client.config;
        let terms = Terms {
            max_retries: config.max_retries,
            backoff: config.backoff,
            limit: self.request.limit,
            next_told: self.told.is_some(),
            answered: self.client.answered(),
        };
        match self.tries.judge(&failure, terms) {
            Verdict::GiveUp => Err(self.without_secrets(failure.error)),
            Verdict::Again { pause, limit } => {
                self.request.limit = limit;
                tokio::time::sleep(pause).await;
                Ok(())
            }
        }
    }

    /// The failure that an answer other than 2xx means.
    async fn refused(&self, mut response: reqwest::Response, shown: Option<Shown>) -> Failure {
        let status = response.status();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        let read = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > LONGEST_ERROR_BODY {
                    break;
                }
            }
        };
        // An error whose text does not come is told by its status alone.
        let _ = timeout(self.client.config.timeout, read).await;
        let api_token = self.client.config.credential.is_api_token();
        let error = Error::from_answer(&self.request.path, status, &headers, &body, api_token);
        Failure {
            cause: Cause::Status {
                status: status.as_u16(),
                shown,
            },
            error,
        }
    }

    fn broken(&self, error: reqwest::Error, request_id: Option<String>) -> Failure {
        // Its text would show the query, which holds what users searched for.
        let error = error.without_url();
        let host = self.client.authority();
        let told = flatten(&error);
        let path = &self.request.path;
        if error.is_timeout() {
            return self.timed_out("no connection could be made");
        }
        if error.is_connect() {
            let message = unreachable(&host, &self.client.config.proxy, &error);
            return Failure {
                cause: Cause::Connect,
                error: Error::Unreachable { message },
            };
        }
        let error = if error.is_decode() {
            Error::BadAnswer {
                message: format!("The answer of {host} to GET {path} cannot be read: {told}"),
                request_id,
            }
        } else {
            Error::Unreachable {
                message: format!("The connection to {host} broke during GET {path}: {told}"),
            }
        };
        Failure {
            cause: Cause::Broken,
            error,
        }
    }

    fn timed_out(&self, what: &str) -> Failure {
        let message = format!(
            "{}: {what} within {} s (Timeout) for GET {}",
            self.client.authority(),
            self.client.config.timeout.as_secs_f32(),
            self.request.path
        );
        Failure {
            cause: Cause::TimedOut,
            error: Error::TimedOut { message },
        }
    }

    /// The page was read again after its successor had been asked for, and now ends elsewhere: rows of the two would
    /// double or be missing.
    fn changed(&self, request_id: Option<String>) -> Error {
        let message = format!(
            "The connection broke during GET {}, and the list changed before the page could be read again: run the statement \
             again",
            self.request.path
        );
        Error::BadAnswer { message, request_id }
    }

    fn not_json(&self, why: &dyn Display, content_type: Option<String>, request_id: Option<String>) -> Failure {
        let content_type = content_type
            .map(|text| format!(" (Content-Type {text})"))
            .unwrap_or_default();
        let id = request_id
            .as_deref()
            .map(|id| format!(", request {id}"))
            .unwrap_or_default();
        let message = format!(
            "The answer of {} to GET {} is not what Okta's API gives{content_type}: {why}{id}",
            self.client.authority(),
            self.request.path
        );
        Failure {
            cause: Cause::NotJson,
            error: Error::BadAnswer { message, request_id },
        }
    }
}
