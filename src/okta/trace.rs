//! What the log tells of each try of a request: one line, with what Okta's support asks for.

use std::error::Error as _;
use std::time::Instant;

use super::Request;
use super::client::SendError;
use super::error::{flatten, header};
use super::limit::Shown;
use super::retry::Tries;
use crate::log::{Level, Log};

/// A try on its way.
pub(super) struct Try<'a> {
    log: &'a Log,
    bucket: &'a str,
    number: u32,
    begun: Instant,
}

type Sent<E> = Result<Result<reqwest::Response, SendError>, E>;

impl<'a> Try<'a> {
    pub fn begin(log: &'a Log, bucket: &'a str, tries: &Tries) -> Try<'a> {
        Try {
            log,
            bucket,
            number: tries.failed + 1,
            begun: Instant::now(),
        }
    }

    /// The answer's headers are in, or none came. Query strings hold what users searched for: a higher level shows them.
    pub fn end<E>(&self, request: &Request, sent: &Sent<E>) {
        self.log.write(Level::Statements, "request", |line| {
            line.put("bucket", self.bucket)
                .put("method", "GET")
                .put("path", &request.path);
            if self.log.writes(Level::Plans) {
                line.put("query", request.query_string());
            }
            match sent {
                Ok(Ok(response)) => {
                    let headers = response.headers();
                    line.put("status", response.status().as_u16())
                        .put("ms", self.begun.elapsed().as_millis())
                        .put_some("remaining", Shown::read(headers).map(|shown| shown.remaining))
                        .put_some("request", header(headers, "x-okta-request-id"));
                }
                Ok(Err(SendError::Refused(error))) => drop(line.put("error", error)),
                Ok(Err(SendError::Failed(error))) => {
                    // reqwest's own text would show the query; its causes do not.
                    let told = error.source().map_or_else(|| "no answer".into(), flatten);
                    line.put("ms", self.begun.elapsed().as_millis()).put("error", told);
                }
                Err(_) => drop(
                    line.put("ms", self.begun.elapsed().as_millis())
                        .put("error", "no answer in time"),
                ),
            }
            line.put("try", self.number);
        });
    }
}
