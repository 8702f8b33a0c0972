//! One process's way to one org: the HTTP client, the org's address, its clock, and how long an answer may take.

use std::time::{Duration, SystemTime};

use super::auth::clock::Clock;
use super::transport::{self, Origin, Proxy};
use super::{Config, Error, Redactor};
use crate::log::Log;

/// Everything that a request needs besides itself and its proof. Cheap to clone; belongs to one process.
#[derive(Clone)]
pub struct Channel {
    pub(super) http: reqwest::Client,
    pub(super) origin: Origin,
    pub(super) timeout: Duration,
    pub(super) max_retries: u32,
    pub(super) backoff: Duration,
    pub(super) clock: Clock,
    /// For messages about a connection that did not come about ([`super::transport::unreachable`]).
    pub(super) proxy: Proxy,
    pub(super) log: Log,
    pub(super) redactor: Redactor,
}

impl Channel {
    /// Checks the settings; sends nothing.
    pub fn open(config: &Config) -> Result<Channel, Error> {
        let origin = Origin::parse(&config.url)?;
        Ok(Channel {
            http: transport::connect(config, &origin)?,
            origin,
            timeout: config.timeout,
            max_retries: config.max_retries,
            backoff: config.backoff,
            clock: Clock::default(),
            proxy: config.proxy.clone(),
            log: config.log.clone(),
            redactor: config.redactor.clone(),
        })
    }

    /// The org's own time, as far as its answers have shown it.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// `host` or `host:port` of the org.
    pub fn authority(&self) -> String {
        self.origin.authority()
    }
}
