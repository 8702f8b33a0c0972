//! One GET as the engine asks for it: path, query, page size.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986's unreserved characters stay; everything else is encoded, so that no value can end its place.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A GET. Values are not yet percent-encoded in `query`; `path` is, segment by segment ([`segment`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Absolute path, e.g. `/api/v1/groups/00g1/users`.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// `limit`, halved by the client when a page keeps failing with 500; None where the endpoint has none.
    pub limit: Option<u32>,
    /// Okta's response options travel in the request's Content-Type (`application/json; okta-response=omitCredentials`).
    pub content_type: Option<String>,
}

impl Request {
    pub fn new(path: impl Into<String>) -> Request {
        Request {
            path: path.into(),
            ..Request::default()
        }
    }
}

/// One percent-encoded path segment; None for what must never leave the driver: empty, `.`, `..`, `me` (decision 21),
/// also with blanks around them, which a server may trim.
pub fn segment(key: &str) -> Option<String> {
    let bare = key.trim();
    if bare.is_empty() || bare == "." || bare == ".." || bare.eq_ignore_ascii_case("me") {
        return None;
    }
    Some(utf8_percent_encode(key, ESCAPED).to_string())
}
