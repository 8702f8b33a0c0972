//! One GET as the engine asks for it: path, query, page size, and how the next page's is made from it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Error;

/// RFC 3986's unreserved characters stay; everything else is encoded, so that no value can end its place.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameter that names where a page starts.
const AFTER: &str = "after";
/// The system log's `since` excludes `after`: it is sent again only where Okta's own link still has it.
const SINCE: &str = "since";

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
    /// How far this request is from its list's first; `Trail::default()` for a first page.
    pub trail: Trail,
}

/// Which of a list's cursors are remembered, to notice one that comes again (Brent's cycle detection: one cursor is
/// kept, and replaced after 1, 2, 4 … pages). Requests are equal however they were reached.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    remembered: Option<String>,
    steps: u64,
    stride: u64,
}

impl PartialEq for Trail {
    fn eq(&self, _: &Trail) -> bool {
        true
    }
}

impl Eq for Trail {}

impl Request {
    /// A GET of `path` without parameters.
    pub fn new(path: impl Into<String>) -> Request {
        Request {
            path: path.into(),
            ..Request::default()
        }
    }

    /// `?name=value&…`, percent-encoded, with `limit` last; empty without parameters.
    pub fn query_string(&self) -> String {
        let limit = self.limit.map(|limit| ("limit".to_owned(), limit.to_string()));
        let mut text = String::new();
        for (name, value) in self.query.iter().chain(&limit) {
            text.push(if text.is_empty() { '?' } else { '&' });
            text.extend(utf8_percent_encode(name, ESCAPED));
            text.push('=');
            text.extend(utf8_percent_encode(value, ESCAPED));
        }
        text
    }

    /// Where this page starts; None on the first.
    pub fn after(&self) -> Option<&str> {
        self.query
            .iter()
            .find(|(name, _)| name == AFTER)
            .map(|(_, value)| value.as_str())
    }

    /// The request that a next link asks for: our own path and parameters with the link's cursor. Links lose and gain
    /// parameters, name other hosts and, for `associatedServers`, another resource (behaviour.md §2).
    pub fn following(&self, link: &str) -> Result<Request, Error> {
        let linked = link_query(link);
        let value_of = |wanted: &str| {
            linked
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.clone())
        };
        let Some(after) = value_of(AFTER) else {
            return Err(self.repeats());
        };
        if self.after() == Some(&after) || self.trail.remembered.as_ref() == Some(&after) {
            return Err(self.repeats());
        }
        let mut next = self.clone();
        next.query
            .retain(|(name, _)| name != AFTER && (name != SINCE || value_of(SINCE).is_some()));
        next.trail.step(&after);
        next.query.push((AFTER.to_owned(), after));
        Ok(next)
    }

    fn repeats(&self) -> Error {
        Error::BadAnswer {
            message: format!(
                "GET {}: the list repeats itself: Okta's next link leads back to a page already read. Try again, and tell \
                 Okta's support if it stays",
                self.path
            ),
            request_id: None,
        }
    }
}

impl Trail {
    fn step(&mut self, after: &str) {
        self.steps += 1;
        if self.steps >= self.stride {
            self.remembered = Some(after.to_owned());
            self.stride = (self.stride * 2).max(1);
            self.steps = 0;
        }
    }
}

/// The decoded parameters of a link.
fn link_query(link: &str) -> Vec<(String, String)> {
    let query = link.split_once('?').map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', "%20"))
            .decode_utf8_lossy()
            .into_owned()
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> Request {
        Request {
            query: vec![
                ("search".into(), "status eq \"ACTIVE\"".into()),
                ("sortBy".into(), "created".into()),
            ],
            limit: Some(200),
            ..Request::new("/api/v1/users")
        }
    }

    fn walk(cursors: &[&str]) -> Result<Request, Error> {
        cursors.iter().try_fold(users(), |request, after| {
            request.following(&format!("https://x/?after={after}"))
        })
    }

    #[test]
    fn keys_that_never_leave_the_driver() {
        for key in ["", " ", ".", "..", "me", "ME", " me\t", "..\n"] {
            assert_eq!(segment(key), None, "{key:?}");
        }
    }

    #[test]
    fn a_key_stays_one_segment() {
        for (key, encoded) in [
            ("00u1", "00u1"),
            ("a/b", "a%2Fb"),
            ("../x", "..%2Fx"),
            ("%2e%2e", "%252e%252e"),
            ("a b?c#d;e\\f", "a%20b%3Fc%23d%3Be%5Cf"),
            ("é😀\n", "%C3%A9%F0%9F%98%80%0A"),
            ("bob@x.com", "bob%40x.com"),
        ] {
            assert_eq!(segment(key).as_deref(), Some(encoded), "{key:?}");
        }
    }

    #[test]
    fn the_query_is_encoded_and_ends_with_limit() {
        assert_eq!(
            users().query_string(),
            "?search=status%20eq%20%22ACTIVE%22&sortBy=created&limit=200"
        );
        assert_eq!(Request::new("/api/v1/org").query_string(), "");
    }

    #[test]
    fn a_next_link_gives_its_cursor_only() {
        let next = users()
            .following("https://org-admin.okta.com/api/v1/other?search=id%20pr&limit=-1&after=a%2Bb%3D&x=y")
            .expect("a next request");
        assert_eq!(next.path, "/api/v1/users");
        assert_eq!(
            next.query_string(),
            "?search=status%20eq%20%22ACTIVE%22&sortBy=created&after=a%2Bb%3D&limit=200"
        );
        assert_eq!(next.after(), Some("a+b="));
    }

    #[test]
    fn since_is_sent_again_only_where_the_link_has_it() {
        let logs = Request {
            query: vec![
                ("since".into(), "2026-01-01T00:00:00Z".into()),
                ("until".into(), "2026-02-01T00:00:00Z".into()),
            ],
            ..Request::new("/api/v1/logs")
        };
        let without = logs
            .following("https://x/api/v1/logs?after=1_1")
            .expect("a next request");
        assert_eq!(without.query_string(), "?until=2026-02-01T00%3A00%3A00Z&after=1_1");
        let with = logs
            .following("https://x/api/v1/logs?since=2026&after=1_1")
            .expect("a next request");
        assert!(with.query_string().starts_with("?since=2026-01-01"));
    }

    #[test]
    fn a_repeated_cursor_is_noticed_at_once() {
        assert!(walk(&["a", "b", "c"]).is_ok());
        assert!(matches!(walk(&["a", "a"]), Err(Error::BadAnswer { .. })));
        assert!(matches!(
            users().following("https://x/api/v1/users?limit=200"),
            Err(Error::BadAnswer { .. })
        ));
    }

    #[test]
    fn every_cycle_is_noticed_sooner_or_later() {
        for lead in 0..6 {
            for length in 1..9 {
                let cursors: Vec<String> = (0..100)
                    .map(|step| {
                        if step < lead {
                            format!("lead{step}")
                        } else {
                            format!("c{}", (step - lead) % length)
                        }
                    })
                    .collect();
                let cursors: Vec<&str> = cursors.iter().map(String::as_str).collect();
                assert!(walk(&cursors).is_err(), "lead {lead}, length {length}");
            }
        }
    }

    #[test]
    fn ten_thousand_different_cursors_are_no_cycle() {
        let cursors: Vec<String> = (0..10_000).map(|step| format!("c{step}")).collect();
        assert!(walk(&cursors.iter().map(String::as_str).collect::<Vec<_>>()).is_ok());
    }
}
