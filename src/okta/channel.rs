//! One process's way to one org: the HTTP client, the org's address, and how long an answer may take.

use std::time::Duration;

use super::transport::{Origin, Proxy};
use crate::log::Log;

/// Everything that a request needs besides itself and its proof. Cheap to clone; belongs to one process.
#[derive(Clone)]
pub struct Channel {
    pub(super) http: reqwest::Client,
    pub(super) origin: Origin,
    pub(super) timeout: Duration,
    /// For messages about a connection that did not come about ([`super::transport::unreachable`]).
    pub(super) proxy: Proxy,
    pub(super) log: Log,
}
