//! Sends requests: authentication, retries, limits, next links.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Error, Request};

/// What a connection's keywords mean for HTTP.
#[derive(Clone)]
pub struct Config {
    // fields by the owner of okta/: base url, Secret token, timeout, max retries, rate limit share, proxy, extra CA …
    pub timeout: Duration,
}

/// One org, one principal. Shared by all statements of a connection; its limiter is shared by org and process.
pub struct Client {}

impl Client {
    pub fn new(_config: Config) -> Result<Arc<Client>, Error> {
        Ok(Arc::new(Client {}))
    }

    /// Starts one GET. Nothing is sent until the first await.
    pub fn fetch(self: &Arc<Self>, request: Request) -> Fetch {
        Fetch { _request: request }
    }

    /// Convenience: the whole page.
    pub async fn get(self: &Arc<Self>, request: Request) -> Result<Page, Error> {
        self.fetch(request).page().await
    }
}

/// One page on its way. Retries, waits for limits and halves `limit` inside.
pub struct Fetch {
    _request: Request,
}

impl Fetch {
    /// Resolves when the headers are in: the request of the next page, if there is one (own host kept, same query
    /// re-applied, endless repetition refused with BadAnswer).
    pub async fn next(&mut self) -> Result<Option<Request>, Error> {
        Ok(None)
    }

    /// The whole body. Broken off bodies were fetched again: a page comes out whole or not at all.
    pub async fn page(self) -> Result<Page, Error> {
        Err(Error::Configuration { message: "stub".into() })
    }
}

/// One whole answer.
#[derive(Debug, Clone)]
pub struct Page {
    pub body: Bytes,
    pub next: Option<Request>,
    pub request_id: Option<String>,
}
