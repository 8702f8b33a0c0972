//! One GET as the engine asks for it: path, query, page size.

/// A GET. Values are not yet percent-encoded in `query`; `path` is, segment by segment ([`segment`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Absolute path, e.g. `/api/v1/groups/00g1/users`.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// `limit`, halved by the client when a page keeps failing with 500; None where the endpoint has none.
    pub limit: Option<u32>,
    /// Okta's response options travel in the request's Content-Type (`application/json; okta-response=omitCredentials`).
    pub content_type: Option<String>,
}

/// One percent-encoded path segment; None for what must never leave the driver: empty, `.`, `..`, `me` (decision 21).
pub fn segment(_key: &str) -> Option<String> {
    None
}
