//! One process's way to one org: the HTTP client, the org's address, and how long an answer may take.

use std::time::Duration;

use super::transport::Origin;

/// Everything that a request needs besides itself and its proof. Cheap to clone; belongs to one process.
#[derive(Clone)]
pub struct Channel {
    pub(super) http: reqwest::Client,
    pub(super) origin: Origin,
    pub(super) timeout: Duration,
}
