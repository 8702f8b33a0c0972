//! What the log tells of each try of a request: one line, with what Okta's support asks for.

use std::error::Error as _;
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};

use super::Request;
use super::client::{Answer, SendError};
use super::error::{flatten, header};
use super::limit::Shown;
use super::retry::Tries;
use crate::log::{Level, Line, Log};

/// A try on its way.
pub(super) struct Try<'a> {
    log: &'a Log,
    bucket: &'a str,
    number: u32,
    begun: Instant,
}

const NOT_IN_TIME: &str = "no answer in time";

/// Why no answer came. reqwest's own text would show the query; its causes do not.
fn causes(error: &reqwest::Error) -> String {
    error.source().map_or_else(|| "no answer".into(), flatten)
}

/// What came of a request that is none of the API's: the answer's status and headers, or neither.
pub(super) fn tell_outcome<E>(
    line: &mut Line,
    asked: &Result<Result<(StatusCode, &HeaderMap), &reqwest::Error>, E>,
    took: Duration,
    number: u32,
) {
    if let Ok(Ok((status, _))) = asked {
        line.put("status", status.as_u16());
    }
    line.put("ms", took.as_millis());
    match asked {
        Ok(Ok((_, headers))) => line.put_some("request", header(headers, "x-okta-request-id")),
        Ok(Err(error)) => line.put("error", causes(error)),
        Err(_) => line.put("error", NOT_IN_TIME),
    };
    line.put("try", number);
}

type Sent<E> = Result<Result<Answer, SendError>, E>;

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
                Ok(Ok(Answer { response, .. })) => {
                    let headers = response.headers();
                    line.put("status", response.status().as_u16())
                        .put("ms", self.begun.elapsed().as_millis())
                        .put_some("remaining", Shown::read(headers).map(|shown| shown.remaining))
                        .put_some("request", header(headers, "x-okta-request-id"));
                }
                Ok(Err(SendError::Refused(error))) => drop(line.put("error", error)),
                Ok(Err(SendError::Failed(error))) => {
                    let told = causes(error);
                    line.put("ms", self.begun.elapsed().as_millis()).put("error", told);
                }
                Err(_) => drop(
                    line.put("ms", self.begun.elapsed().as_millis())
                        .put("error", NOT_IN_TIME),
                ),
            }
            line.put("try", self.number);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::log::Log;
    use crate::okta::scripted::{Act, Scripted, answer, error, ok};
    use crate::okta::{Client, Config, Credential, Redactor, Request, Secret};

    const TOKEN: &str = "00scripted-token";

    /// What is logged of one page of users, the columns of time, process and connection left out.
    async fn logged(script: Vec<Act>, verbosity: u8) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("okta.log");
        let server = Scripted::play(script).await;
        let token = Secret::new(TOKEN);
        let redactor = Redactor::default();
        redactor.add(&token);
        let mut config = Config::new(&server.url, Credential::ApiToken(token));
        config.backoff = Duration::ZERO;
        config.max_retries = 1;
        config.log = Log::open(&path, verbosity, 1 << 20, redactor).expect("a log");
        let mut request = Request::new("/api/v1/users");
        request.query = vec![("search".into(), format!("profile.login eq \"{TOKEN}\""))];
        let _ = Client::new(config).expect("a client").get(request).await;
        let text = std::fs::read_to_string(&path).expect("a log");
        assert!(!text.contains(TOKEN), "{text}");
        text.lines()
            .map(|line| line.splitn(4, ' ').nth(3).expect("columns").to_owned())
            .collect()
    }

    /// `ms` differs from run to run.
    fn without_ms(line: &str) -> String {
        line.split(' ')
            .filter(|field| !field.starts_with("ms="))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[tokio::test]
    async fn each_try_is_a_line_without_its_query() {
        let script = vec![
            error("503 Service Unavailable", "E0000009", &["X-Okta-Request-Id: r1"]),
            ok(
                &[
                    "X-Okta-Request-Id: r2",
                    "X-Rate-Limit-Limit: 600",
                    "X-Rate-Limit-Remaining: 599",
                    "X-Rate-Limit-Reset: 1",
                ],
                "[]",
            ),
        ];
        let lines = logged(script, 3).await;
        assert!(lines.iter().all(|line| line.contains(" ms=")), "{lines:?}");
        assert_eq!(
            lines.iter().map(|line| without_ms(line)).collect::<Vec<_>>(),
            [
                r#"3 request bucket="GET /api/v1/users" method=GET path=/api/v1/users status=503 request=r1 try=1"#,
                r#"3 request bucket="GET /api/v1/users" method=GET path=/api/v1/users status=200 remaining=599 request=r2 try=2"#,
            ]
        );
    }

    #[tokio::test]
    async fn the_query_comes_at_4_and_failures_say_why_without_it() {
        let lines = logged(vec![ok(&[], "[]")], 4).await;
        assert!(
            lines[0].contains(r#"query="?search=profile.login"#) && lines[0].contains("***"),
            "{lines:?}"
        );
        let lines = logged(vec![Act::Reset], 3).await;
        assert_eq!(lines.len(), 2);
        assert!(
            lines
                .iter()
                .all(|line| line.contains("error=") && !line.contains("search")),
            "{lines:?}"
        );
        assert!(logged(vec![answer("404 Not Found", &[], b"")], 2).await.is_empty());
    }
}
