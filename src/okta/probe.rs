//! What an org's address shows before anything is asked in anyone's name: that there is a way to it, its TLS, its clock.

use std::time::{Instant, SystemTime};

use super::client::Config;
use super::error::header;
use super::trace::tell_outcome;
use super::transport::{self, Handshake, Origin, Seen};
use super::{Error, Request};
use crate::log::Level;

/// Answered without any proof (Okta's "Well-known configurations"); what the answer is does not matter here.
const PUBLIC: &str = "/.well-known/okta-organization";

/// The first answer.
#[derive(Debug)]
pub struct Reached {
    /// None over http, which is for this machine.
    pub handshake: Option<Handshake>,
    pub http: http::Version,
    /// Seconds that this machine's clock is ahead of the org's; None without a Date.
    pub ahead: Option<i64>,
}

/// Asks for what is public, once.
pub async fn reach(config: &Config) -> Result<Reached, Error> {
    let origin = Origin::parse(&config.url)?;
    let seen = Seen::default();
    let client = transport::observed(config, &origin, Some(seen.clone()))?;
    let url = origin.url(&Request::new(PUBLIC))?;
    let sent = Instant::now();
    let asked = tokio::time::timeout(config.timeout, client.get(url).send()).await;
    config.log.write(Level::Statements, "request", |line| {
        line.put("bucket", format!("GET {PUBLIC}"))
            .put("method", "GET")
            .put("path", PUBLIC);
        let asked = asked
            .as_ref()
            .map(|sent| sent.as_ref().map(|answer| (answer.status(), answer.headers())));
        tell_outcome(line, &asked, sent.elapsed(), 1);
    });
    let authority = origin.authority();
    let answer = asked
        .map_err(|_| Error::TimedOut {
            message: format!(
                "{authority}: no answer came within {} s (Timeout)",
                config.timeout.as_secs_f32()
            ),
        })?
        .map_err(|error| Error::Unreachable {
            message: transport::unreachable(&authority, &config.proxy, &error.without_url()),
        })?;
    let ahead = header(answer.headers(), "date")
        .and_then(|date| chrono::DateTime::parse_from_rfc2822(&date).ok())
        .and_then(|date| {
            let here = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
            Some(i64::try_from(here.as_secs()).ok()? - date.timestamp())
        });
    let handshake = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
    Ok(Reached {
        handshake,
        http: answer.version(),
        ahead,
    })
}
